"""Why is this value this: winners, losers and reasons; why a text is of this place; what a line of a sheet reaches."""
