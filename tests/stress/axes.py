"""Worlds that grow along one axis each: twice the number is twice as much of one thing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Plugins = dict[str, dict[str, Any]]


class Grown(NamedTuple):
    """One world of a size: its sheets, and what is asked of it."""

    #: Sheets by the name of their file.
    sheets: Mapping[str, str]
    place: str = ""
    text: str = ""
    values: Mapping[str, str] = {}
    #: Settings of the session.
    overrides: Mapping[str, str] = {}
    #: Names of places that stand for another.
    aliases: Mapping[str, str] = {}
    #: Files on disk, relative to the folder that mappings begin with.
    files: tuple[str, ...] = ()
    #: Texts that are asked together.
    texts: tuple[str, ...] = ()


class Axis(NamedTuple):
    """What grows, how far it may, and the questions whose answers depend on it."""

    #: Makes the world of a size whose mappings begin with a folder.
    made: Callable[[int, str], Grown]
    #: The largest size that is tried: the limit, where one bounds the axis.
    most: int
    #: The limit, as ``docs/reference/limits.rst`` calls it; nothing where *most* is only what is tried.
    limit: str = ""
    #: Questions; all that sheets are asked, if empty.
    questions: tuple[str, ...] = ()


def _regex(text: str) -> dict[str, Any]:
    return {"parse": {"regex": text}}


WORD = _regex("[a-z]+")
#: What tells a text of a world from that of another: a letter for each digit.
_LETTERS = str.maketrans("0123456789", "abcdefghij")


def _word(number: int) -> str:
    return "w" + str(number).translate(_LETTERS)


def _sheet(plugins: Plugins, **more: Any) -> dict[str, str]:
    return {"sheet.json": json.dumps({"globals": {"syntax": 2, "path": True}, "plugins": plugins, **more}, indent=1)}


def _one(mapping: str, details: Mapping[str, Any], **more: Any) -> dict[str, str]:
    return _sheet({"p": {"hierarchy": "p", "mapping": mapping, "mapping_details": details, **more}})


def plugins(count: int, base: str) -> Grown:
    """Products below a job, each relative to it."""
    made: Plugins = {"job": {"hierarchy": "job", "mapping": f"{base}/{{JOB}}", "mapping_details": {"JOB": WORD}}}
    for number in range(count):
        details = {"NAME": WORD, "VERSION": _regex(r"v\d{3}")}
        mapping = f"{{root}}/kind{number}/{{NAME}}_{{VERSION}}.exr"
        made[f"p{number}"] = {
            "hierarchy": f"kind{number}", "uses": ["job"], "mapping": mapping, "mapping_details": details, "data": {"label": number},
        }  # fmt: skip
    last = f"kind{count - 1}"
    text = f"{base}/dune/{last}/plate_v003.exr"
    return Grown(_sheet(made), f"job/{last}", text, {"JOB": "dune", "NAME": "plate", "VERSION": "v003"})


def places(count: int, base: str) -> Grown:
    """Places with mappings of their own, of different depths."""
    made: Plugins = {}
    for number in range(count):
        mapping = f"{base}/place{number}" + "".join(f"/{{T{index}}}" for index in range(number % 5 + 1))
        made[f"p{number}"] = {"hierarchy": f"place{number}", "mapping": mapping, "mapping_details": {"T0": WORD}}
    depth = (count - 1) % 5 + 1
    text = f"{base}/place{count - 1}" + "/abc" * depth
    return Grown(_sheet(made), f"place{count - 1}", text, {f"T{index}": "abc" for index in range(depth)})


def equal_mappings(count: int, base: str) -> Grown:
    """Places whose mappings are equal."""
    one = {"mapping": f"{base}/{{A}}/x", "mapping_details": {"A": WORD}}
    return Grown(_sheet({f"p{number}": {"hierarchy": f"p{number}", **one} for number in range(count)}), "p0", f"{base}/abc/x", {"A": "abc"})


def crossing_mappings(count: int, base: str) -> Grown:
    """Places at one path, whose expressions have some texts in common."""
    made: Plugins = {}
    for number in range(count):
        details = {"A": _regex(f"[a-z]*{_word(number)}[a-z]*")}
        made[f"p{number}"] = {"hierarchy": f"p{number}", "mapping": f"{base}/{{A}}", "mapping_details": details}
    return Grown(_sheet(made), "p0", f"{base}/abc{_word(0)}abc", {"A": f"abc{_word(0)}abc"})


def apart_mappings(count: int, base: str) -> Grown:
    """Places at one path, whose expressions have no text in common."""
    made = {
        f"p{number}": {"hierarchy": f"p{number}", "mapping": f"{base}/{{A}}/x", "mapping_details": {"A": _regex(f"kind{number}_[a-z]+")}}
        for number in range(count)
    }
    return Grown(_sheet(made), "p0", f"{base}/kind0_main/x", {"A": "kind0_main"})


def nested_places(count: int, base: str) -> Grown:
    """A place below a place below a place, each relative to the one above."""
    made: Plugins = {"n0": {"hierarchy": "n0", "mapping": f"{base}/{{A}}", "mapping_details": {"A": WORD}}}
    parent = "n0"
    for number in range(1, count):
        made[f"n{number}"] = {"hierarchy": f"n{number}", "uses": [parent], "mapping": f"{{root}}/n{number}"}
        parent += f"/n{number}"
    text = f"{base}/abc" + "".join(f"/n{number}" for number in range(1, count))
    return Grown(_sheet(made), parent, text, {"A": "abc"})


def nested_references(count: int, base: str) -> Grown:
    """A mapping that takes in another's, which takes in another's."""
    made: Plugins = {"r0": {"hierarchy": "r0", "mapping": f"{base}/{{A}}", "mapping_details": {"A": WORD}}}
    for number in range(1, count):
        made[f"r{number}"] = {"hierarchy": f"r{number}", "mapping": f"{{@r{number - 1}}}/r{number}"}
    text = f"{base}/abc" + "".join(f"/r{number}" for number in range(1, count))
    return Grown(_sheet(made), f"r{count - 1}", text, {"A": "abc"})


def one_place(count: int, base: str) -> Grown:
    """Plugins at one place, each with a key of data, and a mapping that the next replaces."""
    made = {
        f"p{number}": {"hierarchy": "a/b", "mapping": f"{base}/{{A}}", "data": {f"k{number}": number}, "mapping_details": {"A": WORD}}
        for number in range(count)
    }
    return Grown(_sheet(made), "a/b", f"{base}/abc", {"A": "abc"})


def appended(count: int, base: str) -> Grown:
    """Relative plugins at one place, each of which lengthens the mapping."""
    made: Plugins = {"p": {"hierarchy": "a", "mapping": f"{base}/{{A}}", "mapping_details": {"A": WORD}}}
    for number in range(count):
        made[f"p{number}"] = {"hierarchy": "{root}/b", "mapping": "{root}/x", "uses": ["a"]}
    return Grown(_sheet(made), "a/b", f"{base}/abc/x", {"A": "abc"})


def layers(count: int, base: str) -> Grown:
    """Layers at one place, none of which has priority."""
    one = {"hierarchy": "a", "mapping": f"{base}/{{A}}"}
    made = {f"p{number}": {**one, "assignment": f"layer{number}" if number else "master", "data": {"x": number}} for number in range(count)}
    return Grown(_sheet(made), "a", f"{base}/abc", {"A": "abc"})


def priorities(count: int, base: str) -> Grown:
    """Layers at one place, all of which have priority."""
    grown = layers(count, base)
    return grown._replace(overrides={"WAYS_PRIORITY": ":".join(["master", *(f"layer{number}" for number in range(1, count))])})


def layered_places(count: int, base: str) -> Grown:
    """Places, each with a layer of its own that has no priority and changes it."""
    made: Plugins = {}
    for number in range(count):
        one = {"hierarchy": f"place{number}", "mapping_details": {"A": WORD}}
        made[f"p{number}"] = {**one, "mapping": f"{base}/place{number}/{{A}}"}
        made[f"q{number}"] = {**one, "mapping": f"{base}/place{number + 1}/{{A}}", "assignment": f"layer{number}"}
    return Grown(_sheet(made), "place0", f"{base}/place0/abc", {"A": "abc"})


def parents(count: int, base: str) -> Grown:
    """A plugin that uses many places."""
    made: Plugins = {f"b{n}": {"hierarchy": f"b{n}", "mapping": f"{base}/b{n}/{{A}}", "mapping_details": {"A": WORD}} for n in range(count)}
    made["u"] = {"hierarchy": "u", "mapping": "{root}/u", "uses": [f"b{number}" for number in range(count)]}
    return Grown(_sheet(made), f"b{count - 1}/u", f"{base}/b{count - 1}/abc/u", {"A": "abc"})


def wildcards(count: int, base: str) -> Grown:
    """A plugin that uses all places of a pattern."""
    grown = parents(count, base)
    made = json.loads(grown.sheets["sheet.json"])["plugins"]
    made = {name: {**entry, "hierarchy": f"all/{entry['hierarchy']}/here"} for name, entry in made.items() if name != "u"}
    made["u"] = {"hierarchy": "u", "mapping": "{root}/u", "uses": ["all/*/here"]}
    return grown._replace(sheets=_sheet(made), place=f"all/b{count - 1}/here/u")


def aliases(count: int, base: str) -> Grown:
    """Other names of one place, each of the one before."""
    names = {f"alias{number}": f"alias{number - 1}" if number else "p" for number in range(count)}
    return Grown(_one(f"{base}/{{A}}", {"A": WORD}), f"alias{count - 1}", f"{base}/abc", {"A": "abc"}, aliases=names)


def variants(count: int, base: str) -> Grown:
    """Plugins that say ``when``, each for another value."""
    details = {"A": {"choices": [_word(number) for number in range(min(count, 4_096))]}}
    made: Plugins = {"p": {"hierarchy": "p", "mapping": f"{base}/{{A}}/{{B}}", "mapping_details": details}}
    for number in range(count):
        made[f"w{number}"] = {"hierarchy": "p", "when": {"A": [_word(number)]}, "data": {"x": number}, "mapping": f"{base}/{{A}}/{{B}}"}
    return Grown(_sheet(made), "p", f"{base}/{_word(0)}/abc", {"A": _word(0), "B": "abc"})


def conditions(count: int, base: str) -> Grown:
    """Conditions of one plugin with many values."""
    names = [_word(number) for number in range(count)]
    made: Plugins = {
        "p": {"hierarchy": "p", "mapping": f"{base}/{{A}}", "mapping_details": {"A": WORD}},
        "w": {"hierarchy": "p", "when": {"A": names}, "data": {"x": 1}},
    }
    return Grown(_sheet(made), "p", f"{base}/{names[-1]}", {"A": names[-1]})


def optional_parts(count: int, base: str) -> Grown:
    """Optional parts side by side."""
    mapping = f"{base}/{{A}}" + "".join(f"[_{_word(n)}-{{T{n}}}]" for n in range(count))
    details = {"A": WORD, **{f"T{n}": WORD for n in range(count)}}
    text = f"{base}/abc" + "".join(f"_{_word(n)}-abc" for n in range(count))
    return Grown(_one(mapping, details), "p", text, {name: "abc" for name in details})


def vague_optional_parts(count: int, base: str) -> Grown:
    """Optional parts side by side that begin alike, and a text of half as many."""
    mapping = f"{base}/{{A}}" + "".join(f"[_{{T{number}}}]" for number in range(count))
    details = {"A": WORD, **{f"T{number}": WORD for number in range(count)}}
    return Grown(_one(mapping, details), "p", f"{base}/abc" + "_abc" * (count // 2), {name: "abc" for name in details})


def nested_optional_parts(count: int, base: str) -> Grown:
    """Optional parts in each other."""
    mapping = f"{base}/{{A}}" + "".join(f"[_{{T{number}}}" for number in range(count)) + "]" * count
    details = {"A": WORD, **{f"T{number}": WORD for number in range(count)}}
    return Grown(_one(mapping, details), "p", f"{base}/abc" + "_abc" * count, {name: "abc" for name in details})


def mapping_characters(count: int, base: str) -> Grown:
    """A mapping of one long segment."""
    long = "x" * (count - len(base) - 20)
    return Grown(_one(f"{base}/{{A}}/{long}", {"A": WORD}), "p", f"{base}/abc/{long}", {"A": "abc"})


def mapping_segments(count: int, base: str) -> Grown:
    """A mapping of many short segments, given in characters."""
    long = "/ab" * ((count - len(base) - 20) // 3)
    return Grown(_one(f"{base}/{{A}}{long}", {"A": WORD}), "p", f"{base}/abc{long}", {"A": "abc"})


def tokens(count: int, base: str) -> Grown:
    """Tokens, each in a segment."""
    names = [f"T{number}" for number in range(count)]
    mapping = base + "".join(f"/{{{name}}}" for name in names)
    return Grown(_one(mapping, dict.fromkeys(names, WORD)), "p", base + "/abc" * count, dict.fromkeys(names, "abc"))


def tokens_in_a_segment(count: int, base: str) -> Grown:
    """Tokens in one segment, that can hold the same characters."""
    names = [f"T{number}" for number in range(count)]
    mapping = f"{base}/" + "_".join(f"{{{name}}}" for name in names)
    details, values = dict.fromkeys(names, _regex(r"\w+")), dict.fromkeys(names, "abc")
    return Grown(_one(mapping, details), "p", f"{base}/" + "_".join(["abc"] * count), values)


def free_tokens(count: int, base: str) -> Grown:
    """Tokens in one segment, without expressions."""
    grown = tokens_in_a_segment(count, base)
    return grown._replace(sheets=_one(f"{base}/" + "_".join(f"{{T{number}}}" for number in range(count)), {}))


def repeated_token(count: int, base: str) -> Grown:
    """One token that stands in a mapping many times."""
    return Grown(_one(base + "/{A}" * count, {"A": WORD}), "p", base + "/abc" * count, {"A": "abc"})


def split_token(count: int, base: str) -> Grown:
    """A token that splits into many."""
    names = [f"T{number}" for number in range(count)]
    details = {"A": {"mapping": "_".join(f"{{{name}}}" for name in names)}, **dict.fromkeys(names, WORD)}
    return Grown(_one(f"{base}/{{A}}", details), "p", f"{base}/" + "_".join(["abc"] * count), dict.fromkeys(names, "abc"))


def nested_tokens(count: int, base: str) -> Grown:
    """A token in a token in a token."""
    details: dict[str, Any] = {f"T{number}": {"mapping": f"{{T{number + 1}}}_{{S{number}}}"} for number in range(count)}
    details |= {f"T{count}": WORD, **{f"S{number}": WORD for number in range(count)}}
    values = {f"T{count}": "abc", **{f"S{number}": "abc" for number in range(count)}}
    return Grown(_one(f"{base}/{{T0}}", details), "p", f"{base}/" + "_".join(["abc"] * (count + 1)), values)


def words_of_an_expression(count: int, base: str) -> Grown:
    """An expression of many words, given in characters."""
    words = [_word(number) for number in range(max(1, (count - 10) // 6))]
    expression = "|".join(words)[: count - 10].rstrip("|")
    return Grown(_one(f"{base}/{{A}}/x", {"A": _regex(f"(?:{expression})")}), "p", f"{base}/{words[0]}/x", {"A": words[0]})


def letters_of_an_expression(count: int, base: str) -> Grown:
    """An expression of one long word."""
    word = "x" * (count - 10)
    return Grown(_one(f"{base}/{{A}}/x", {"A": _regex(word)}), "p", f"{base}/{word}/x", {"A": word})


def parts_of_an_expression(count: int, base: str) -> Grown:
    """An expression of many parts that may lack, given in characters."""
    expression = "".join(f"(?:{_word(number)})?" for number in range(1, count // 6))[: count - 10]
    expression = expression[: expression.rfind(")?") + 2] + "y"
    return Grown(_one(f"{base}/{{A}}/x", {"A": _regex(expression)}), "p", f"{base}/y/x", {"A": "y"})


def long_choice(count: int, base: str) -> Grown:
    """A choice of many characters."""
    long = "x" * max(1, count - 10)
    return Grown(_one(f"{base}/{{A}}/x", {"A": {"choices": [long, "b"]}}), "p", f"{base}/b/x", {"A": "b"})


def choices(count: int, base: str) -> Grown:
    """Many choices of a token, given in characters."""
    names = [_word(number) for number in range(max(1, count // 7))]
    return Grown(_one(f"{base}/{{A}}/x", {"A": {"choices": names}}), "p", f"{base}/{names[-1]}/x", {"A": names[-1]})


def labelled_choices(count: int, base: str) -> Grown:
    """Many choices with other texts and labels, given in characters of the texts."""
    names = {f"v{number}": {"text": _word(number), "label": f"Number {number}"} for number in range(max(1, count // 7))}
    return Grown(_one(f"{base}/{{A}}/x", {"A": {"choices": names}}), "p", f"{base}/{_word(0)}/x", {"A": _word(0)})


def fitting_text(count: int, base: str) -> Grown:
    """A text of many characters that fits."""
    long = "a" * (count - len(base) - 1)
    return Grown(_one(f"{base}/{{A}}", {"A": WORD}), "p", f"{base}/{long}", {"A": long})


def unfit_text(count: int, base: str) -> Grown:
    """A text of many characters that fits until its end."""
    long = "a" * (count - len(base) - 2) + "!"
    return Grown(_one(f"{base}/{{A}}_{{B}}", {"A": _regex(r"\w+"), "B": _regex(r"\w+")}), "p", f"{base}/{long}", {"A": long, "B": "b"})


def deep_text(count: int, base: str) -> Grown:
    """A text of many segments."""
    long = "/a" * ((count - len(base)) // 2)
    details = {"A": {**_regex("[a-z/]+"), "segments": True}}
    return Grown(_one(f"{base}/{{A}}", details), "p", base + long, {"A": long[1:]})


def lost_text(count: int, base: str) -> Grown:
    """A text of many segments that fits nowhere."""
    return fitting_text(100, base)._replace(text=base + "x" + "/a_" * ((count - len(base)) // 3))


def values_of_a_sheet(count: int, base: str) -> Grown:
    """Data of one plugin: lists of small tables."""
    data = {"rows": [{"name": f"n{number}", "size": number} for number in range(count // 3)]}
    return Grown(_one(f"{base}/{{A}}", {"A": WORD}, data=data), "p", f"{base}/abc", {"A": "abc"})


def keys_of_data(count: int, base: str) -> Grown:
    """Data of one plugin: many keys, and a second plugin that replaces them."""
    made: Plugins = {
        "p": {"hierarchy": "p", "mapping": f"{base}/{{A}}", "data": {f"k{number}": number for number in range(count)}},
        "q": {"hierarchy": "p", "data": {f"k{number}": -number for number in range(count)}},
    }
    return Grown(_sheet(made), "p", f"{base}/abc", {"A": "abc"})


def depth_of_data(count: int, base: str) -> Grown:
    """Data of one plugin: a table in a table in a table."""
    data: Any = 1
    for number in range(count):
        data = {f"k{number}": data}
    return Grown(_one(f"{base}/{{A}}", {"A": WORD}, data={"x": data}), "p", f"{base}/abc", {"A": "abc"})


def long_value(count: int, base: str) -> Grown:
    """A sheet with one long text."""
    return Grown(_one(f"{base}/{{A}}", {"A": WORD}, data={"x": "y" * count}), "p", f"{base}/abc", {"A": "abc"})


def yaml_lines(count: int, base: str) -> Grown:
    """A sheet in YAML of many lines."""
    made = json.loads(places(max(1, count // 6), base).sheets["sheet.json"])["plugins"]
    lines = ["globals: {syntax: 2}", "plugins:", *itertools.chain.from_iterable(_as_yaml(name, made[name]) for name in made)]
    return places(max(1, count // 6), base)._replace(sheets={"sheet.yml": "\n".join([*lines, ""])})


def _as_yaml(name: str, plugin: dict[str, Any]) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    hierarchy: {plugin['hierarchy']}"
    yield f"    mapping: '{plugin['mapping']}'"
    yield "    mapping_details:"
    yield f"      # {name}"
    yield f"      T0: {json.dumps(plugin['mapping_details']['T0'])}"


def toml_lines(count: int, base: str) -> Grown:
    """A sheet in TOML of many lines."""
    grown = places(max(1, count // 5), base)
    lines = ["globals.syntax = 2"]
    for name, plugin in json.loads(grown.sheets["sheet.json"])["plugins"].items():
        lines += [f"[plugins.{name}]", f"hierarchy = '{plugin['hierarchy']}'", f"mapping = '{plugin['mapping']}'"]
        lines += [f"[plugins.{name}.mapping_details.T0.parse]", 'regex = "[a-z]+"']
    return grown._replace(sheets={"sheet.toml": "\n".join([*lines, ""])})


def yaml_aliases(count: int, base: str) -> Grown:
    """A sheet in YAML that says one thing once, and names it many times."""
    lines = ["globals: {syntax: 2}", "plugins:", f"  p0: &p {{hierarchy: p0, mapping: '{base}/{{A}}', data: {{x: [1, 2, 3]}}}}"]
    for number in range(1, max(2, count // 8)):
        lines.append(f"  p{number}: {{<<: *p, hierarchy: p{number}, mapping: '{base}/p{number}/{{A}}'}}")
    return Grown({"sheet.yml": "\n".join([*lines, ""])}, "p0", f"{base}/abc", {"A": "abc"})


def comments(count: int, base: str) -> Grown:
    """A sheet in YAML of many characters that say nothing."""
    sheet = f"globals: {{syntax: 2}}\nplugins: {{p: {{hierarchy: p, mapping: '{base}/{{A}}'}}}}\n"
    return Grown({"sheet.yml": sheet + "# nothing\n" * (count // 10)}, "p", f"{base}/abc", {"A": "abc"})


def faults(count: int, base: str) -> Grown:
    """Plugins that are wrong, each in its own way."""
    wrong: tuple[dict[str, Any], ...] = (
        {}, {"hierarchy": 5}, {"hierarchy": "a", "mapping": "/{"}, {"hierarchy": "a", "mappnig": "/x"},
        {"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": _regex("[")}}, {"hierarchy": "a b/ c", "uses": 3},
        {"hierarchy": "x", "uses": ["nowhere"], "mapping": "{root}/a"}, {"hierarchy": "a", "when": 1},
    )  # fmt: skip
    made = {f"p{number}": wrong[number % len(wrong)] for number in range(count)}
    made["p"] = {"hierarchy": "p", "mapping": f"{base}/{{A}}"}
    return Grown(_sheet(made), "p", f"{base}/abc", {"A": "abc"})


def files(count: int, base: str) -> Grown:
    """Sheets of one plugin each."""
    made = json.loads(places(count, base).sheets["sheet.json"])["plugins"]
    sheets = {f"{name}.json": json.dumps({"globals": {"syntax": 2}, "plugins": {name: plugin}}) for name, plugin in made.items()}
    return places(count, base)._replace(sheets=sheets)


def found_files(count: int, base: str) -> Grown:
    """Files on disk that are looked for."""
    names = tuple(f"dune/v{number:06d}/plate_{number}.exr" for number in range(count))
    details = {"JOB": WORD, "VERSION": _regex(r"v\d{6}"), "NAME": _regex(r"[a-z]+_\d+")}
    values = {"JOB": "dune", "VERSION": "v000000", "NAME": "plate_0"}
    return Grown(_one(f"{base}/{{JOB}}/{{VERSION}}/{{NAME}}.exr", details), "p", f"{base}/{names[0]}", values, files=names)


def other_files(count: int, base: str) -> Grown:
    """Files on disk that are not looked for, in one folder."""
    grown = found_files(1, base)
    return grown._replace(files=(*grown.files, *(f"dune/v000000/plate_{number}.tmp" for number in range(count))))


def frames(count: int, base: str) -> Grown:
    """Frames on disk of one sequence."""
    names = tuple(f"plate.{number:06d}.exr" for number in range(count))
    details = {"NAME": WORD, "FRAME": {**_regex(r"\d{6}"), "sequence": True}}
    values = {"NAME": "plate", "FRAME": "000000"}
    return Grown(_one(f"{base}/{{NAME}}.{{FRAME}}.exr", details), "p", f"{base}/{names[0]}", values, files=names)


def many_texts(count: int, base: str) -> Grown:
    """Texts that are asked together; one in ten fits nowhere."""
    grown = plugins(100, base)
    texts = tuple(
        f"{base}/dune/kind{number % 100}/plate_v{number % 1000:03d}.{'tmp' if number % 10 == 9 else 'exr'}" for number in range(count)
    )
    return grown._replace(texts=texts)


def line(count: int, base: str) -> Grown:
    """One line on standard input, given in bytes, far beyond what a text may be."""
    return plugins(1, base)._replace(texts=("x" * count,))


_TEXT = ("read", "format", "explain", "find")
_DISK = ("find",)

#: Each axis by its name.
AXES: Mapping[str, Axis] = {
    "plugins": Axis(plugins, 16_384),
    "places": Axis(places, 16_384),
    "places of equal mappings": Axis(equal_mappings, 16_384),
    "places of crossing mappings": Axis(crossing_mappings, 4_096),
    "places of mappings apart": Axis(apart_mappings, 4_096),
    "nested places": Axis(nested_places, 200, "hierarchy"),
    "nested references": Axis(nested_references, 100, "expansion"),
    "plugins at one place": Axis(one_place, 16_384),
    "plugins that append": Axis(appended, 4_096, "mapping"),
    "layers": Axis(layers, 4_096),
    "layers with priority": Axis(priorities, 4_096),
    "places with layers": Axis(layered_places, 4_096),
    "parents of a plugin": Axis(parents, 8_192),
    "parents by a wildcard": Axis(wildcards, 8_192),
    "aliases": Axis(aliases, 8_192),
    "plugins with when": Axis(variants, 4_096),
    "values of a when": Axis(conditions, 16_384),
    "optional parts": Axis(optional_parts, 249, "tokens"),
    "optional parts that are alike": Axis(vague_optional_parts, 249, "tokens"),
    "nested optional parts": Axis(nested_optional_parts, 20, "optional parts in each other"),
    "length of a mapping": Axis(mapping_characters, 16_384, "mapping"),
    "segments of a mapping": Axis(mapping_segments, 16_384, "mapping"),
    "tokens": Axis(tokens, 250, "tokens"),
    "tokens of a segment": Axis(tokens_in_a_segment, 250, "tokens"),
    "tokens without expressions": Axis(free_tokens, 250, "tokens"),
    "repeats of a token": Axis(repeated_token, 250, "tokens"),
    "tokens of a token": Axis(split_token, 249, "tokens"),
    "nested tokens": Axis(nested_tokens, 100, "expansion"),
    "words of an expression": Axis(words_of_an_expression, 32_768, "expression"),
    "letters of an expression": Axis(letters_of_an_expression, 32_768, "expression"),
    "parts of an expression": Axis(parts_of_an_expression, 32_768, "expression"),
    "length of a choice": Axis(long_choice, 32_768, "expression"),
    "choices": Axis(choices, 32_768, "expression"),
    "choices with labels": Axis(labelled_choices, 32_768, "expression"),
    "length of a text": Axis(fitting_text, 32_768, "text", _TEXT),
    "length of a text that doesn't fit": Axis(unfit_text, 32_768, "text", _TEXT),
    "segments of a text": Axis(deep_text, 32_768, "text", _TEXT),
    "segments of a text that doesn't fit": Axis(lost_text, 32_768, "text", _TEXT),
    "values of a sheet": Axis(values_of_a_sheet, 262_144, "values"),
    "keys of data": Axis(keys_of_data, 131_072),
    "depth of data": Axis(depth_of_data, 96, "depth"),
    "length of a value": Axis(long_value, 15 << 20, "sheet"),
    "lines of a sheet in YAML": Axis(yaml_lines, 131_072, "", ("load", "stored")),
    "lines of a sheet in TOML": Axis(toml_lines, 131_072, "", ("load", "stored")),
    "merges of a sheet in YAML": Axis(yaml_aliases, 131_072, "", ("load", "stored")),
    "comments of a sheet": Axis(comments, 15 << 20, "sheet", ("load", "stored", "check")),
    "faults of a sheet": Axis(faults, 16_384),
    "sheets": Axis(files, 8_192, "sheets"),
    "files that are found": Axis(found_files, 32_768, "", _DISK),
    "files that are not": Axis(other_files, 131_072, "", _DISK),
    "frames that are found": Axis(frames, 131_072, "", ("find", "sequences")),
    "texts": Axis(many_texts, 65_536, "", ("read many", "lines")),
    "length of a line": Axis(line, 64 << 20, "", ("lines",)),
    "refreshes": Axis(plugins, 1_024, "", ("refresh",)),
    "sessions": Axis(plugins, 1_024, "", ("sessions",)),
}
