# A sheet can be a Python module that defines `plugins` and, if you like, `globals`. Ways runs the module to load it,
# so load such a sheet only from a place that you trust. If `plugins` is a plain dict, as it is here, messages about
# problems name the line.

globals = {"syntax": 2}

plugins = {
    "planet": {
        "hierarchy": "planet",
        "mapping": "/planets/{STAR}/{PLANET}",
        "mapping_details": {
            "STAR": {"parse": {"regex": r"[a-z]+"}},
            "PLANET": {"parse": {"regex": r"[a-z]+-\d"}},
        },
    },
    "moon": {
        "hierarchy": "planet/moon",
        "mapping": "/planets/{STAR}/{PLANET}/moons/{MOON}",
        "mapping_details": {"MOON": {"parse": {"regex": r"[ivx]+"}}},
    },
}
