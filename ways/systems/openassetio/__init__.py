"""OpenAssetIO: hosts such as Nuke and Katana ask Ways for files, versions and places to publish to."""
