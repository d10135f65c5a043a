"""Steps of a bakery. Ways reads this file as text, and imports it only for a run that you trust."""

from dioptra import pyplugs


@pyplugs.register
def knead(flour, water=300.0):
    return {"flour": flour, "water": water}, flour + water


@pyplugs.register
def bake(dough, marks=()):
    return {"kind": "wheat", "marks": list(marks)}
