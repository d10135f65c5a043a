"""Where sheets come from, and what was loaded."""
