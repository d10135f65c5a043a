"""The report: one page that shows what there is and why, made of what :mod:`ways.api` answers."""
