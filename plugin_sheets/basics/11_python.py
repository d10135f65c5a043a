# A sheet may be a Python module: its `plugins` is what other sheets have under that key, its `globals` likewise.
# Such a sheet runs when it is loaded, so it is only taken from a place that you trust. Where a plain dict will do,
# as it does here, problems can be told with the line they are in.

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
