"""Answers as people read them: trees, tables, colours."""
