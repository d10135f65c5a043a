"""Records made absolute, and merged."""
