"""Compiled sheets on disk."""
