"""What changes between two worlds: for each Context, and for a list of paths."""
