"""The token engine: text and frozen values only; it knows no plugin and no file."""
