"""Engines, which carry out pieces of work that need each other's results: here one after another, or on other machines."""
