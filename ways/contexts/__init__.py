"""Places, resolved."""
