"""Exit codes that have a name. Where the command begins, nothing else may be imported."""

#: Ctrl-C ended the command; as shells have it, 128 and the number of the signal.
INTERRUPTED = 130
