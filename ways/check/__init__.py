"""Checking sheets: what is wrong with them, and which Contexts can't be told apart."""
