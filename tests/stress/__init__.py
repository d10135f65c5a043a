"""Faults at length: what the test-suite tries for two seconds, for as long as one likes."""
