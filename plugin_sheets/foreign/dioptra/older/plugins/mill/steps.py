"""Steps of a mill."""

import dioptra.pyplugs as tasks


@tasks.register()
def grind(grain):
    return 100.0 if grain == "rye" else 80.0
