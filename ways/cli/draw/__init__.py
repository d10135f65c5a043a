"""Answers as people read them: trees, tables, colors."""
