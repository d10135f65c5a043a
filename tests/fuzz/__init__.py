"""Fuzz targets: each takes any bytes, makes an input of them, and says what must hold for every one."""
