"""Where the behaviour of other systems lives; their files are read by ``ways.sheets.formats``."""
