"""ImJoy's plugin files and manifests as sheets."""
