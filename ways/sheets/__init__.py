"""Files in, frozen records out; it knows no plugin and no token."""
