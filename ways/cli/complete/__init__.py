"""Completion: the answer to a shell that completes a word."""
