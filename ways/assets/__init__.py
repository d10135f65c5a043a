"""Assets: things at places, made of texts or values, and found among all Contexts or on disk."""
