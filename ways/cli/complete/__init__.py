"""What a shell is told when a word is to be completed."""
