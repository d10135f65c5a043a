"""Ways: a hierarchical, explainable configuration resolver with path templates.

Importing this package loads nothing; everything for users is in :mod:`ways.api`.
"""

__version__ = "1.0.0.dev0"
#: What ``pip install`` calls this package. The name ``ways`` belongs to another library, which is no longer maintained.
__distribution__ = "ways-resolver"
