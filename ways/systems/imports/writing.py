"""Writes neutral records as a sheet that a person could have written: relative plugins, shared details, an origin at each plugin."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from ways.sheets.document import Source
from ways.systems.imports.records import Code, Imported, Key, Remark, Root, Template
from ways.systems.imports.two_readings import OtherReadings, other_readings

#: The kinds of remarks that the writer makes.
WRITER_CODES: Mapping[str, Code] = {
    "ambiguous": Code(
        "note",
        "A text may be read with other optional parts, too; the plugin has `ambiguous: allow`.",
        "Give its tokens expressions, and remove the key.",
    ),
    "divided": Code(
        "note",
        "Texts of different values may be the same, and are read as one of them; the plugin has `ambiguous: allow`.",
        "Give its tokens expressions, and remove the key.",
    ),
    "refused": Code(
        "error", "A template or a token is in the sheet, but Ways refuses it.", "Change what the message names, in the source."
    ),
    "difference": Code("error", "The sheet writes or reads a text in another way than the system.", "Correct the sheet."),
}
#: Characters of a line of a comment, and of a plugin on one line.
WIDTH, LONGEST = 120, 180
#: What a variable in the path of a file begins with, and a home folder.
VARIABLE_SIGNS = ("$", "%", "~")
_REFERENCE = re.compile(r"\{@([^{}]+)\}")
_TOKEN = re.compile(r"\{([^{}@:][^{}:]*)(?::[^{}]*)?\}")
_NOT_IN_A_PART = re.compile(r"[^A-Za-z0-9_ -]+")
_ALL_PLATFORMS = ("linux", "darwin", "windows")
#: Texts that YAML reads as themselves, without quotes.
_PLAIN = re.compile(r"[A-Za-z_.][A-Za-z0-9_./-]*(?<![.])|0[1-9][0-9]?d")
_WORDS_OF_YAML = frozenset("y n yes no on off true false null .nan .inf".split())


class Sheet(NamedTuple):
    """A sheet that was written."""

    text: str
    #: Name of each root and template -> the place that it became.
    places: Mapping[str, str]
    #: What the writer has to say beside the remarks of the reader.
    remarks: tuple[Remark, ...]


class _Whole(NamedTuple):
    """A template with all that it continues and refers to."""

    mapping: str
    keys: Mapping[str, Key]


def sheet_of(imported: Imported) -> Sheet:
    """Return the sheet of what was read. The same records give the same bytes."""
    return _Writer(imported).sheet()


def unused_keys(imported: Imported) -> list[Key]:
    """Return the keys that no template uses."""
    used = {(key.name, key.source) for template in imported.templates for key in template.keys.values()}
    return [key for key in imported.keys if (key.name, key.source) not in used]


class _Writer:
    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        self.roots = {root.name: root for root in imported.roots}
        self.templates = {template.name: template for template in imported.templates}
        self._wholes: dict[str, _Whole] = {}
        groups = self._merged()
        self.places = _places(imported, groups)
        # Where a place was taken, one of them has another name.
        self.groups = [part for group in groups for part in (_alone(group) if self._differ(group) else [group])]
        self.readings = {template.name: self._other_readings(template) for template in imported.templates}
        #: Token and its details, as they are written -> the keys that give it these.
        self.alike: dict[tuple[str, str], dict[tuple[str, Source], Key]] = {}
        #: The details that the places below each top place share; and the top places that are roots, or templates themselves.
        self.tops: dict[str, dict[str, Key]] = {}
        self.own_tops = {place for place in self.places.values() if "/" not in place}
        #: Details by place, as far as they are written there.
        self.details: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.all_are_paths = all(template.is_path for template in imported.templates)
        #: The platforms of all roots, if they have the same ones and not all.
        platforms = {_platforms(root) for root in imported.roots}
        self.platforms = min(platforms) if len(platforms) == 1 else ()
        self.told: set[tuple[str, Source]] = set()
        self.names: dict[str, int] = {}

    def whole(self, name: str) -> _Whole:
        """Return the mapping of a root or template, with all that it continues and refers to, and the keys of all of its tokens."""
        if name in self.roots:
            paths = self.roots[name].paths
            return _Whole(paths[0].mapping if paths else "", {})
        if name not in self._wholes:
            template = self.templates[name]
            keys: dict[str, Key] = {}
            mapping = _written_out(template.mapping, template.keys)
            for other in dict.fromkeys(_REFERENCE.findall(mapping)):
                referred = self.whole(other)
                keys |= referred.keys
                mapping = mapping.replace(f"{{@{other}}}", referred.mapping)
            if template.base:
                below = self.whole(template.base)
                keys = {**below.keys, **keys}
                mapping = f"{below.mapping}{template.joint}{mapping}" if mapping else below.mapping
            self._wholes[name] = _Whole(mapping, {**keys, **template.keys})
        return self._wholes[name]

    def _merged(self) -> list[list[Template]]:
        """Return the templates in order; those that differ in what they continue alone stand together."""
        groups: dict[tuple[object, ...], list[Template]] = {}
        taken: set[tuple[tuple[object, ...], str]] = set()
        for template in self.imported.templates:
            parts: tuple[object, ...] = (template.name,)
            if template.base in self.templates and _leaf(template):
                keys = tuple(sorted((token, _flow(key.details)) for token, key in self._own_keys(template).items()))
                parts = (_leaf(template), template.mapping, template.joint, keys, template.is_path, template.search)
                if (parts, template.base) in taken:
                    parts = (template.name,)
                taken.add((parts, template.base))
            groups.setdefault(parts, []).append(template)
        return list(groups.values())

    def _own_keys(self, template: Template) -> dict[str, Key]:
        """Return the keys of the tokens in what a template adds to what it continues."""
        mapping = _written_out(template.mapping, template.keys)
        tokens = {*_TOKEN.findall(mapping), *_REFERENCE.findall(template.mapping)}
        for other in _REFERENCE.findall(mapping):
            tokens.update(_TOKEN.findall(self.whole(other).mapping))
        return {token: key for token, key in template.keys.items() if token in tokens}

    def _differ(self, group: Sequence[Template]) -> bool:
        return len({self.places[member.name].rpartition("/")[2] for member in group}) > 1

    def _other_readings(self, template: Template) -> OtherReadings:
        whole = self.whole(template.name)
        return other_readings(whole.mapping, {token: key.details for token, key in whole.keys.items()})

    def sheet(self) -> Sheet:
        lines = [*self._head(), "plugins:"]
        tops = self.tops = self._tops()
        for root in self.imported.roots:
            lines += self._root(root)
        lines += self._shared_by_roots(tops)
        written: set[str] = set()
        for members in self.groups:
            top = self.places[members[0].name].partition("/")[0]
            if top not in written and top not in self.own_tops:
                lines += self._top(top, tops[top])
            written.add(top)
            lines += self._plugin(members)
        if lines[-1] == "plugins:":
            lines[-1] = "plugins: {}"
        return Sheet("\n".join([*lines, ""]), self.places, tuple(self._remarks()))

    def _remarks(self) -> Iterator[Remark]:
        for name, readings in self.readings.items():
            source = self.templates[name].source
            if readings.by_parts:
                yield Remark("ambiguous", f"a text of {name!r} may be read with other optional parts, too", source, "note")
            if readings.by_division:
                message = f"different values of {name!r} may have the same text, which is read as one of them"
                yield Remark("divided", message, source, "note")

    def _head(self) -> list[str]:
        files = ", ".join(self._relative(path) for path in self.imported.files)
        shared = ["  path: true"] if self.all_are_paths else []
        shared += [f"  platforms: {_flow(self.platforms)}"] if self.platforms else []
        return [f"# Imported from {self.imported.system}: {_in_comment(files)}.", "globals:", "  syntax: 2", *shared, ""]

    def _root(self, root: Root) -> list[str]:
        lines = [f"  # {self._origin(root.name, root.source)}"]
        for path in root.paths:
            name = "_".join(filter(None, (root.name, path.platform, path.layer)))
            values: dict[str, Any] = {"hierarchy": self.places[root.name], "mapping": path.mapping}
            if not self.all_are_paths:
                values["path"] = True
            if path.platform and (path.platform,) != self.platforms:
                values["platforms"] = [path.platform]
            if path.layer:
                values["assignment"] = path.layer
            lines.append(f"  {self._unique(name)}: {_flow(values)}")
        return lines

    def _tops(self) -> dict[str, dict[str, Key]]:
        """Return the details that the places below each top place share: of each token, those that most of them have."""
        counts: dict[str, dict[str, Counter[str]]] = {}
        first: dict[tuple[str, str], Key] = {}
        for template in self.imported.templates:
            for token, key in template.keys.items():
                written = _flow(key.details)
                top = self.places[template.name].partition("/")[0]
                counts.setdefault(top, {}).setdefault(token, Counter())[written] += 1
                first.setdefault((token, written), key)
                self.alike.setdefault((token, written), {}).setdefault((key.name, key.source), key)
        shared = {}
        for top, tokens in counts.items():
            shared[top] = {token: first[token, counter.most_common(1)[0][0]] for token, counter in tokens.items()}
            self.details[top] = {token: key.details for token, key in shared[top].items() if key.details}
        for template in self.imported.templates:
            shared.setdefault(self.places[template.name].partition("/")[0], {})
        for root in self.imported.roots:
            own = {token: Key(token, details, root.source) for token, details in root.details.items()}
            place = self.places[root.name]
            shared[place] = {**own, **shared.get(place, {})}
        return shared

    def _shared_by_roots(self, tops: Mapping[str, Mapping[str, Key]]) -> list[str]:
        """Return the plugins with the details below the roots: one for what all roots have, and one for each root's own."""
        bases = {self.places[template.name].partition("/")[0] for template in self.imported.templates}
        places = [self.places[root.name] for root in self.imported.roots]
        # Below a root without templates there is nothing to share.
        used = [place for place in places if tops.get(place) and place in bases]
        common = {
            token: key for token, key in tops[used[0]].items()
            if all(token in tops[place] and tops[place][token].details == key.details for place in used)
        } if used else {}  # fmt: skip
        lines = self._details_plugin("keys", used, common)
        for place in places:
            own = {token: key for token, key in tops.get(place, {}).items() if place not in used or token not in common}
            lines += self._details_plugin(f"keys_of_{place}", [place], own)
        return lines

    def _details_plugin(self, name: str, places: Sequence[str], shared: Mapping[str, Key]) -> list[str]:
        """Return a plugin that only has the details of tokens; those without any are told in a comment."""
        if not shared or not places:
            return []
        plain = [key for key in self._keys_alike(shared) if not key.details]
        free = [self._origin(key.name, key.source) for key in plain if self._tell(key)]
        lines = _comment("Any text:", free) if free else []
        if any(key.details for key in shared.values()):
            head = {"hierarchy": places[0]} if len(places) == 1 else {"hierarchy": "{root}", "uses": list(places)}
            lines += [f"  {self._unique(name)}:", *(f"    {key}: {_flow(value)}" for key, value in head.items()), "    mapping_details:"]
            for token, key in sorted(shared.items()):
                if key.details:
                    origins = [self._origin(other.name, other.source) for other in self._keys_alike({token: key}) if self._tell(other)]
                    lines.append(f"      {_scalar(token)}: {_flow(key.details)}{'  # ' if origins else ''}{', '.join(origins)}")
        return lines

    def _keys_alike(self, shared: Mapping[str, Key]) -> list[Key]:
        """Return all keys that give a token the details that are shared, in the order of their tokens and templates."""
        keys = [key for token, key in shared.items() for key in self.alike.get((token, _flow(key.details)), {}).values()]
        return list({(key.name, key.source): key for key in keys}.values())

    def _top(self, top: str, shared: Mapping[str, Key]) -> list[str]:
        """Return the plugin of a top place that is no root, for the details that the places below share."""
        return self._details_plugin(top, [top], shared)

    def _plugin(self, members: Sequence[Template]) -> list[str]:
        """Return the plugin of templates that differ in what they continue alone."""
        first = members[0]
        place = self.places[first.name]
        leaf = place
        values: dict[str, Any] = {}
        mapping = _REFERENCE.sub(lambda match: match[0] if match[1] in first.keys else f"{{@{self.places[match[1]]}}}", first.mapping)
        if first.base:
            leaf = place.removeprefix(f"{self.places[first.base]}/")
            values = {"hierarchy": leaf, "uses": [self.places[member.base] for member in members]}
            mapping = f"{{root}}{first.joint}{mapping}" if mapping else "{root}"
        else:
            values = {"hierarchy": place}
        values["mapping"] = mapping
        if first.is_path and not first.base and not self.all_are_paths:
            values["path"] = True
        platforms = {platform for member in members for platform in self._platforms_of(member)}
        if platforms and not self.platforms:
            values["platforms"] = sorted(platforms)
        if not first.search:
            values["search"] = False
        if any(any(self.readings[member.name]) for member in members):
            values["ambiguous"] = "allow"
        own, keys = self._own_details(members)
        if own:
            values["mapping_details"] = own
        origins = [self._origin(member.origin or member.name, member.source) for member in members]
        origins += [self._origin(key.name, key.source) for key in keys if self._tell(key)]
        return [f"  # {', '.join(dict.fromkeys(origins))}", *_entry(self._unique(self._plugin_name(place, leaf)), values)]

    def _plugin_name(self, place: str, leaf: str) -> str:
        """Return the last part of a place, with as many of those before it as make it a new name."""
        parts = place.split("/")
        names = ["_".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
        return next((name for name in names if name not in self.names), leaf.rpartition("/")[2])

    def _platforms_of(self, template: Template) -> tuple[str, ...]:
        """Return the platforms of the root of a template, if it hasn't all."""
        while template.base in self.templates:
            template = self.templates[template.base]
        return _platforms(self.roots[template.base]) if template.base else ()

    def _own_details(self, members: Sequence[Template]) -> tuple[dict[str, Mapping[str, Any]], list[Key]]:
        """Return the details that the places don't inherit, and their keys."""
        place = self.places[members[0].name]
        if "/" not in place:
            # A place at the top, below which others may be: it has the details that they share.
            shared = {**self.tops[place], **members[0].keys}
            self.details[place] = {token: key.details for token, key in shared.items() if key.details}
            return dict(self.details[place]), self._keys_alike(shared)
        own: dict[str, Mapping[str, Any]] = {}
        keys: list[Key] = []
        for member in members:
            inherited = self._inherited(self.places[member.name])
            for token, key in self._own_keys(member).items():
                if key.details != inherited.get(token, {}):
                    own[token] = key.details
                    keys.append(key)
        for member in members:
            self.details.setdefault(self.places[member.name], {}).update(own)
        return own, keys

    def _inherited(self, place: str) -> dict[str, Mapping[str, Any]]:
        parts = place.split("/")
        details: dict[str, Mapping[str, Any]] = {}
        for end in range(1, len(parts)):
            details |= self.details.get("/".join(parts[:end]), {})
        return details

    def _tell(self, key: Key) -> bool:
        """Return whether a key has no comment yet; from now on it has. One without a name stands in its template, and needs none."""
        if not key.name:
            return False
        mark = (key.name, key.source)
        is_new = mark not in self.told
        self.told.add(mark)
        return is_new

    def _origin(self, name: str, source: Source) -> str:
        return _in_comment(f"{self._relative(source.path)}:{source.line} {name}")

    def _relative(self, path: str) -> str:
        relative = os.path.relpath(path, self.imported.folder) if self.imported.folder and path[:1] not in VARIABLE_SIGNS else path
        return relative.replace(os.sep, "/")

    def _unique(self, name: str) -> str:
        """Return the name of a plugin, which no other has."""
        return _scalar(_free(name, self.names))


def _platforms(root: Root) -> tuple[str, ...]:
    """Return the platforms on which a root has a path, if it hasn't on all."""
    platforms = {path.platform for path in root.paths}
    return () if "" in platforms or len(platforms) == len(_ALL_PLATFORMS) else tuple(sorted(platforms))


def _written_out(mapping: str, keys: Mapping[str, Key]) -> str:
    """Return a mapping with that of each token that it refers to in its place."""
    return _REFERENCE.sub(lambda match: str(keys[match[1]].details["mapping"]) if match[1] in keys else match[0], mapping)


def _alone(group: Sequence[Template]) -> list[list[Template]]:
    return [[member] for member in group]


def _leaf(template: Template) -> str:
    """Return the name of a template without what it shares with that of what it continues: shot_work of shot_root, a/b of a."""
    if template.name.startswith(f"{template.base}/"):
        return _own_name(template)
    words = set(re.split(r"[_\W]+", template.base))
    return "_".join(word for word in template.name.split("_") if word not in words)


def _own_name(template: Template) -> str:
    return template.name.removeprefix(f"{template.base}/")


def _places(imported: Imported, groups: Sequence[Sequence[Template]]) -> dict[str, str]:
    """Return the place of each root and template: what it continues, and its name."""
    places: dict[str, str] = {}
    taken: dict[str, int] = {}
    for root in imported.roots:
        places[root.name] = _free(_part(root.name), taken)
    leaves = {
        member.name: _part(_leaf(members[0])) if len(members) > 1 and _leaf(members[0]) else _part(_own_name(member))
        for members in groups
        for member in members
    }
    by_name = {template.name: template for template in imported.templates}
    for template in imported.templates:
        # A template may come before the one that it continues.
        chain = [template]
        while chain[-1].base and chain[-1].base not in places:
            chain.append(by_name[chain[-1].base])
        for one in reversed(chain):
            if one.name not in places:
                places[one.name] = _free(f"{places[one.base]}/{leaves[one.name]}" if one.base else leaves[one.name], taken)
    return places


def _part(name: str) -> str:
    """Return *name* as a hierarchy: without the characters that no part of it may have."""
    return "/".join(_NOT_IN_A_PART.sub("_", re.sub(r"[\[\]{}]", "", part)).strip() or "_" for part in name.split("/"))


def _free(name: str, taken: dict[str, int]) -> str:
    """Return *name*, with a number if it is taken; *taken* has the last number of each."""
    found = name
    while found in taken:
        taken[name] += 1
        found = f"{name}_{taken[name]}"
    taken[found] = 1
    return found


def _in_comment(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _comment(head: str, origins: Sequence[str]) -> list[str]:
    """Return a comment of several lines, none of which ends within an origin."""
    # No origin has a tab, for that isn't printable.
    text = f"{head} {', '.join(origin.replace(' ', chr(9)) for origin in origins)}"
    lines = wrap(text, WIDTH, initial_indent="  # ", subsequent_indent="  #   ", expand_tabs=False, replace_whitespace=False,
                 break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return [line.replace("\t", " ") for line in lines]


def _entry(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return a plugin on one line; if that is long, with a line for each of its keys and details."""
    line = f"  {name}: {_flow(values)}"
    details = values.get("mapping_details", {})
    if len(line) <= LONGEST or len(details) < 2:
        return [line]
    lines = [f"    {key}: {_flow(value)}" for key, value in values.items() if key != "mapping_details"]
    return [f"  {name}:", *lines, "    mapping_details:", *(f"      {_scalar(token)}: {_flow(own)}" for token, own in details.items())]


def _flow(value: Any) -> str:
    """Return plain data as YAML on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_scalar(key)}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)
