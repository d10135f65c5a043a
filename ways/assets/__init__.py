"""Things at places: made of texts or values, found by texts, and on disk."""
