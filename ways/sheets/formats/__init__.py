"""One module a file format; :mod:`ways.sheets.formats.table` picks."""
