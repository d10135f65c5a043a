"""OpenUSD's plugInfo files as sheets."""
