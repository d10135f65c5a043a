"""One thing at a place."""
