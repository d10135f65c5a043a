"""Reads the file system configuration of Autodesk's Flow Production Tracking (ShotGrid) Toolkit: ``templates.yml`` and ``roots.yml``.

Written from its public manual: the *File System Configuration Reference*.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Source, position_of
from ways.systems.imports.collecting import LONGEST, Remarks, Unusable, first_line, literal, place_in
from ways.systems.imports.expressions import fits, for_whole
from ways.systems.imports.records import Code, Imported, Key, Root, RootPath, Template, UnreadableError
from ways.systems.imports.source_files import MAX_FILES, problem, read_yaml
from ways.systems.imports.writing import VARIABLE_SIGNS, unused_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

#: The folder of the project below a root.
PROJECT_TOKEN = "tank_name"
_PROJECT = {PROJECT_TOKEN: {"parse": {"regex": r"[^/\\]+"}}}
_SECTIONS = ("keys", "paths", "strings")
_INCLUDES = ("include", "includes")
_PLATFORMS = {"linux_path": "linux", "mac_path": "darwin", "windows_path": "windows"}
_ROOT_KEYS = frozenset({*_PLATFORMS, "default", "description", "shotgun_storage_id"})
_KEY_NAME = re.compile(r"[a-zA-Z_ 0-9.]+")
_ITEM = re.compile(r"\{(?P<key>[^{}]*)\}|@(?P<reference>[a-zA-Z0-9_]+)|(?P<sign>[\[\]{}])|(?P<text>[^\[\]{}@]+|@)")
#: References that lead from one definition to another.
_DEEPEST = 50
#: Numbers below this one can be a default or a choice.
_GREATEST = 10**19
_FREE = r"[^/\\]"
#: What ``filter_by`` may say in a word -> one character of such a value. There it is a letter of any language.
_FILTERS = {"alphanumeric": r"[^\W_]", "alpha": r"[^\W_0-9]", None: _FREE}

CODES: Mapping[str, Code] = {
    "shotgun-field": Code("error", "A key takes its value from the database.", "Give the value, or fetch it in your tool."),
    "option": Code("error", "An option of a key has no counterpart.", "See whether your tools need it."),
    "subset": Code("error", "A key writes a part of its value.", "Give the part itself as the value."),
    "default-now": Code("error", "A timestamp has the current time as its default.", "Give the time."),
    "default": Code("error", "A default isn't among the values that the key allows.", "Correct it, or leave it out."),
    "choice": Code("error", "A choice can't be a value.", "Correct it, or leave it out."),
    "padding": Code("error", "A number is padded with spaces, or in another way that has no counterpart.", "Pad it with zeros."),
    "lax-number": Code("error", "A number is read with any padding there, and here as it is written.", "Rename the files that differ."),
    "expression": Code("error", "An expression has no counterpart; the key takes any text.", "Write an expression for the token."),
    "key": Code("error", "A key can't be read.", "Correct it in the source."),
    "definition": Code("error", "A template can't be read.", "Correct it in the source."),
    "undefined-key": Code("error", "A template uses a key that isn't defined.", "Define the key, or correct its name."),
    "undefined-reference": Code("error", "A template refers to one that isn't defined.", "Correct the name behind the @."),
    "reference-circle": Code("error", "Templates refer to each other in a circle.", "Correct the names behind the @."),
    "same-alias": Code("error", "A template uses two keys that have one name by their aliases.", "Use one of them."),
    "optional-repeated": Code(
        "error",
        "An optional part holds a token that stands elsewhere, too; a text without the part is only read there.",
        "Write two templates.",
    ),
    "optional-default": Code(
        "error", "An optional part is left out here if no value is given, though its keys have defaults.", "Give the values."
    ),
    "unknown-key": Code("error", "Nothing is known of a key of the file.", "See whether your tools need it."),
    "duplicate-key": Code("error", "A name occurs twice in a file; the last one counts.", "Rename or remove one."),
    "missing-include": Code("error", "An included file can't be read.", "Name it by a path that exists here."),
    "include-circle": Code("error", "Files include each other in a circle.", "Leave one of the includes out."),
    "no-path": Code("error", "A root has no path on any platform.", "Write its path into the sheet."),
    "braces": Code("error", "The path or name of a root has braces, which a path of a sheet can't have.", "Write the path into the sheet."),
    "environment": Code("error", "The path of a root has an environment variable, which is written as it is.", "Write the path itself."),
    "unknown-root": Code("error", "A template names a root that isn't defined.", "Define it in roots.yml."),
    "overridden": Code("note", "A file that includes another defines a name anew; the included one doesn't count.", "Nothing."),
    "unused-key": Code("note", "No template uses a key; it isn't in the sheet.", "Nothing."),
}  # fmt: skip


class _Item(NamedTuple):
    """An entry of a section: a key, a path or a string."""

    name: str
    value: Any
    source: Source
    draft: Draft
    pointer: Pointer

    def at(self, *keys: object) -> Source:
        """Return where a key of the entry is written."""
        line, column = position_of((*self.pointer, *keys), self.draft.positions)
        return self.source._replace(line=line, column=column)


def read(path: str) -> Imported:
    """Return what a configuration says.

    :param path: the folder of the configuration, its folder ``core``, or ``templates.yml``.
    :raises UnreadableError: there is no such file, or it isn't one of Toolkit.
    """
    return _Reader(path).imported()


def _templates_file(path: str) -> str:
    if not os.path.isdir(path):
        return path
    found = [os.path.join(path, *parts, "templates.yml") for parts in ((), ("core",), ("config", "core"))]
    for file in found:
        if os.path.isfile(file):
            return file
    raise UnreadableError((problem(path, "expected core/templates.yml in this folder, found none"),))


class _Reader:
    def __init__(self, path: str) -> None:
        self.file = _templates_file(path)
        core = os.path.dirname(self.file)
        self.folder = os.path.dirname(core) if os.path.basename(core) == "core" else core
        self.files: list[str] = []
        self.remarks = Remarks(CODES)
        self.items: dict[str, dict[str, _Item]] = {section: {} for section in _SECTIONS}
        self.keys: dict[str, Key] = {}
        self.with_default: set[str] = set()
        #: Files that were read; one that is included twice counts twice.
        self._reads = 0
        #: Definitions by section and name, with all that they refer to.
        self._full: dict[tuple[str, str], str] = {}

    def imported(self) -> Imported:
        self._load(self.file, self.file, (), None)
        if not any(self.items.values()):
            raise UnreadableError((problem(self.file, "expected keys, paths or strings of Toolkit, found none"),))
        for item in self.items["keys"].values():
            if (key := self._key(item)) is not None:
                self.keys[item.name] = key
        roots = self._roots()
        templates = [*self._templates(roots, "paths"), *self._templates(roots, "strings")]
        imported = Imported(
            "Toolkit", tuple(self.files), tuple(roots.values()), tuple(self.keys.values()), tuple(templates), (), self.folder
        )
        for key in unused_keys(imported):
            self.remarks.add("unused-key", f"no template uses the key {key.name!r}", key.source, left_out=("key", key.name))
        return imported._replace(remarks=tuple(self.remarks.all))

    # Files.

    def _load(self, path: str, name: str, above: tuple[str, ...], included_at: Source | None) -> None:
        """Read a file and, before it, those that it includes; what comes later counts.

        :param name: what the file is called in all that is told: what a variable in its path stands for may be secret.
        """
        real = os.path.realpath(path)
        if included_at is not None and (real in above or self._reads >= MAX_FILES):
            found = "in a circle" if real in above else f"as one of more than {MAX_FILES} files"
            self.remarks.add("include-circle", f"{name} is included {found}", included_at)
            return
        self._reads += 1
        try:
            draft = read_yaml(path, name)
        except UnreadableError as error:
            if included_at is None:
                raise
            self.remarks.add("missing-include", str(error.problems[0]), included_at)
            return
        source = Source(name, "yaml")
        data = draft.data if isinstance(draft.data, Mapping) else {}
        if not isinstance(draft.data, Mapping) and included_at is None:
            raise UnreadableError((problem(path, "expected keys, paths and strings of Toolkit"),))
        self._duplicates(draft)
        for key in data:
            if key in _INCLUDES:
                self._include(key, data[key], path, (*above, real), source, draft)
        if name not in self.files:
            self.files.append(name)
        for key, value in data.items():
            if key in _SECTIONS:
                self._section(key, value, source, draft)
            elif key not in _INCLUDES:
                self.remarks.add("unknown-key", f"the section {key!r} has no counterpart", source.at((key,), draft.positions))

    def _include(self, key: str, value: Any, path: str, above: tuple[str, ...], source: Source, draft: Draft) -> None:
        for index, written in enumerate(value if isinstance(value, list) else [value]):
            pointer = (key, index) if isinstance(value, list) else (key,)
            at = place_in(draft, source, pointer)
            if written is None:
                continue
            if not isinstance(written, str):
                self.remarks.add("missing-include", "expected the path of a file", at)
                continue
            file = re.sub(r"%(\w+)%", lambda match: os.environ.get(match[1], match[0]), os.path.expanduser(os.path.expandvars(written)))
            name = os.path.join(os.path.dirname(source.path), written)
            if file == written:
                name = os.path.normpath(name)
            elif written[:1] in VARIABLE_SIGNS:
                name = written
            self._load(os.path.normpath(os.path.join(os.path.dirname(path), file)), name, above, at)

    def _duplicates(self, draft: Draft) -> None:
        for found in draft.problems:
            kind = {"keys": "key", "paths": "template", "strings": "template"}.get(str(found.source.pointer[0]))
            at = found.source._replace(pointer=(), line=first_line(found))
            name = str(found.source.pointer[-1])
            left_out = (kind, name) if kind and len(found.source.pointer) == 2 else None
            message = f"{name!r} is defined again on line {found.source.line}, which counts"
            self.remarks.add("duplicate-key", message, at, left_out=left_out, related=((found.source._replace(pointer=()), "again"),))

    def _section(self, name: str, value: Any, source: Source, draft: Draft) -> None:
        if value is None:
            return
        at = place_in(draft, source, (name,))
        if not isinstance(value, Mapping):
            self.remarks.add("key" if name == "keys" else "definition", f"expected a block of {name}, found something else", at)
            return
        kind = "key" if name == "keys" else "template"
        for key, entry in value.items():
            pointer = (name, key)
            item = _Item(str(key), entry, place_in(draft, source, pointer), draft, pointer)
            before = self.items[name].pop(item.name, None)
            # What a file that is included twice says is the same each time.
            if before is not None and before.source != item.source:
                message, related = f"{before.name!r} is defined anew", ((item.source, "counts instead"),)
                self.remarks.add("overridden", message, before.source, left_out=(kind, before.name), related=related)
            self.items[name][item.name] = item

    # Roots.

    def _roots(self) -> dict[str, Root]:
        """Return the roots by name, the default one first; those that templates name and nothing defines, too."""
        path = os.path.join(os.path.dirname(self.file), "roots.yml")
        roots: dict[str, Root] = {}
        default = ""
        if os.path.exists(path):
            draft = read_yaml(path)
            self.files.append(path)
            self._duplicates(draft)
            for name, value in (draft.data if isinstance(draft.data, Mapping) else {}).items():
                source = place_in(draft, Source(path, "yaml"), (name,))
                item = _Item(str(name), value or {}, source, draft, (name,))
                roots[item.name] = self._root(item)
                if isinstance(value, Mapping) and value.get("default") is True:
                    default = default or item.name
        default = default or ("primary" if "primary" in roots or not roots else next(iter(roots)))
        #: Name of each root that is wanted -> where it is first.
        wanted: dict[str, Source] = {}
        for item in self.items["paths"].values():
            name = item.value.get("root_name") if isinstance(item.value, Mapping) else None
            wanted.setdefault(name if isinstance(name, str) else default, item.source if name is None else item.at("root_name"))
        for name, source in wanted.items():
            if name not in roots:
                self.remarks.add("unknown-root", f"no root is called {name!r}; the sheet has a path of this name", source)
                roots[name] = Root(name, (RootPath(self._below(f"/{name}", source)),), source, _PROJECT)
        roots = {default: roots.pop(default), **roots} if default in roots else roots
        for name in roots.keys() & self.items["paths"].keys():
            # What a template continues is named by one name, of a root or of another template.
            own = name
            while own in roots or own in self.items["paths"]:
                own += "_root"
            roots[name] = roots[name]._replace(name=own)
        return roots

    def _root(self, item: _Item) -> Root:
        paths = []
        value = item.value if isinstance(item.value, Mapping) else {}
        for key, platform in _PLATFORMS.items():
            written = value.get(key)
            if not isinstance(written, str) or not written.strip():
                continue
            if re.search(r"\$\w|\$\{|%\w+%", written):
                self.remarks.add("environment", f"the path {written!r} has an environment variable", item.at(key))
            separator = "\\" if platform == "windows" and "\\" in written else "/"
            paths.append(RootPath(self._below(written.rstrip("/\\"), item.at(key), separator), platform))
        for key in value:
            if key not in _ROOT_KEYS:
                self.remarks.add("unknown-key", f"{key!r} of the root {item.name!r} has no counterpart", item.at(key))
        if not paths:
            message = f"the root {item.name!r} has no path on any platform; the sheet has a path of this name"
            self.remarks.add("no-path", message, item.source, help="Write the paths of your storage into the sheet.")
            paths = [RootPath(self._below(f"/{item.name}", item.source))]
        if len({path.mapping for path in paths}) == 1 and len(paths) == len(_PLATFORMS):
            paths = [paths[0]._replace(platform="")]
        return Root(item.name, tuple(paths), item.source, _PROJECT)

    def _below(self, folder: str, source: Source, separator: str = "/") -> str:
        """Return the mapping of the projects in a folder."""
        kept = re.sub(r"[{}]", "", folder)
        if kept != folder:
            message = f"{folder!r} has braces, which a path of a sheet can't have; the sheet has {kept!r}"
            self.remarks.add("braces", message, source)
        return f"{literal(kept)}{separator}{{{PROJECT_TOKEN}}}"

    # Keys.

    def _key(self, item: _Item) -> Key | None:
        """Return a key, or ``None`` if it can't be used."""
        value = item.value
        if not isinstance(value, Mapping) or not _KEY_NAME.fullmatch(item.name):
            self.remarks.add("key", f"the key {item.name!r} can't be read", item.source, left_out=("key", item.name))
            return None
        kind = value.get("type")
        reads = {"str": self._text, "int": self._number, "sequence": self._sequence, "timestamp": self._time}
        read = reads.get(kind) if isinstance(kind, str) else None
        if read is None:
            message = f"the key {item.name!r} has the type {kind!r}, which isn't known"
            help = "The types are str, int, sequence and timestamp."
            self.remarks.add("key", message, item.at("type"), help=help, left_out=("key", item.name))
            return None
        alias = value.get("alias")
        if alias is not None and not (isinstance(alias, str) and _KEY_NAME.fullmatch(alias)):
            self.remarks.add("key", f"the alias of the key {item.name!r} is no name", item.at("alias"))
        self._without_counterpart(item)
        if value.get("default") is not None or kind == "sequence":
            self.with_default.add(item.name)
        return Key(item.name, read(item), item.source)

    def _without_counterpart(self, item: _Item) -> None:
        value = item.value
        if "shotgun_entity_type" in value or "shotgun_field_name" in value:
            field = ".".join(str(value.get(name)) for name in ("shotgun_entity_type", "shotgun_field_name") if value.get(name))
            at = item.at("shotgun_entity_type" if "shotgun_entity_type" in value else "shotgun_field_name")
            self.remarks.add("shotgun-field", f"{item.name!r} takes its value from {field} of the database", at)
        if "subset" in value or "subset_format" in value:
            at = item.at("subset" if "subset" in value else "subset_format")
            self.remarks.add("subset", f"{item.name!r} writes a part of its value", at)
        told = {"type", "alias", "default", "shotgun_entity_type", "shotgun_field_name", "subset", "subset_format"}
        for name in value:
            if name not in told | _OPTIONS.get(str(value.get("type")), frozenset()):
                self.remarks.add("option", f"the option {name!r} of {item.name!r} has no counterpart", item.at(name))

    def _text(self, item: _Item) -> dict[str, Any]:
        value = item.value
        character, whole = _FREE, ""
        filter_by = value.get("filter_by")
        if isinstance(filter_by, str) and filter_by in _FILTERS:
            character = _FILTERS[filter_by]
            whole = f"{character}+"
        elif filter_by is not None:
            whole = for_whole(filter_by, f"{_FREE}*")
            if not whole:
                self.remarks.add("expression", f"the expression {filter_by!r} of {item.name!r} has no counterpart", item.at("filter_by"))
        length = value.get("length")
        if isinstance(length, int) and not isinstance(length, bool) and 0 < length < 256:
            is_plain = not whole or whole == f"{character}+"
            whole = f"{character}{{{length}}}" if is_plain else f"(?={_FREE}{{{length}}}$)(?:{whole})"
        excluded = [str(text) for text in _list(value.get("exclusions"))]
        choices = value.get("choices")
        if choices is not None:
            return self._with_default(item, self._choices(item, whole, excluded))
        if excluded:
            names = "|".join(map(re.escape, excluded))
            names = f"(?:{names})" if len(excluded) > 1 else names
            whole = f"(?!{names}$)" + (f"(?:{whole})" if "|" in whole else whole or f"{_FREE}+")
        return self._with_default(item, {"parse": {"regex": whole}} if whole else {})

    def _choices(self, item: _Item, expression: str, excluded: list[str]) -> dict[str, Any]:
        """Return the choices of a key, with labels if there are any; those that it would refuse itself are left out."""
        choices = item.value["choices"]
        if not isinstance(choices, (list, Mapping)):
            self.remarks.add("choice", f"the choices of {item.name!r} are no list", item.at("choices"))
            return {}
        kept: dict[str, Any] = {}
        for index, choice in enumerate(choices):
            text = "" if isinstance(choice, (list, Mapping, bool)) or choice is None else str(choice)
            if not text or text in excluded or (expression and not fits(expression, text)):
                at = item.at("choices", choice if isinstance(choices, Mapping) else index)
                self.remarks.add("choice", f"the choice {choice!r} of {item.name!r} can't be a value", at)
                continue
            label = choices[choice] if isinstance(choices, Mapping) else None
            kept[text] = {"text": text, "label": str(label)} if isinstance(label, str) and label and label != text else text
        if not kept:
            return {}
        return {"choices": kept if any(isinstance(entry, dict) for entry in kept.values()) else list(kept)}

    def _number(self, item: _Item) -> dict[str, Any]:
        form = self._format(item)
        if item.value.get("strict_matching") is False and form != "d":
            message = f"{item.name!r} also reads numbers that aren't padded; here only those that it writes"
            self.remarks.add("lax-number", message, item.at("strict_matching"))
        details: dict[str, Any] = {"format": form}
        if item.value.get("choices") is not None:
            details |= self._numbers_to_choose(item, form)
        return self._with_default(item, details)

    def _numbers_to_choose(self, item: _Item, form: str) -> dict[str, Any]:
        """Return the choices of a number, with labels if there are any."""
        choices = item.value["choices"]
        kept: dict[int, Any] = {}
        for index, choice in enumerate(_list(choices)):
            if not isinstance(choice, int) or isinstance(choice, bool) or not 0 <= choice < _GREATEST:
                at = item.at("choices", choice if isinstance(choices, Mapping) else index)
                self.remarks.add("choice", f"the choice {choice!r} of {item.name!r} can't be a value", at)
                continue
            label = choices[choice] if isinstance(choices, Mapping) else None
            kept[choice] = {"text": format(choice, form), "label": label} if isinstance(label, str) and label else choice
        if not kept:
            return {}
        return {"choices": kept if any(isinstance(entry, dict) for entry in kept.values()) else list(kept)}

    def _sequence(self, item: _Item) -> dict[str, Any]:
        form = self._format(item)
        default = item.value.get("default")
        pad = f"%{form}"
        return {"format": form, "sequence": True, "default": default if isinstance(default, str) and default else pad}

    def _format(self, item: _Item) -> str:
        """Return the format of a number."""
        spec = item.value.get("format_spec")
        if spec is None or spec == "":
            return "d"
        match = re.fullmatch(r"0?([1-9][0-9]?)", str(spec)) if isinstance(spec, (str, int)) and not isinstance(spec, bool) else None
        # YAML reads 04 without quotes as the number 4: it can only be meant as zeros.
        if match and (str(spec).startswith("0") or isinstance(spec, int)):
            return f"0{match[1]}d"
        if str(spec) != "1" and str(spec) != "01":
            self.remarks.add("padding", f"the format_spec {spec!r} of {item.name!r} has no counterpart", item.at("format_spec"))
        return "d"

    def _time(self, item: _Item) -> dict[str, Any]:
        form = item.value.get("format_spec")
        form = form if isinstance(form, str) and "%" in form else "%Y-%m-%d-%H-%M-%S"
        default = item.value.get("default")
        if default in ("now", "utc_now"):
            self.remarks.add("default-now", f"{item.name!r} has the current time as its default", item.at("default"))
            return {"format": form}
        return {"format": form, "default": default} if isinstance(default, str) and default else {"format": form}

    def _with_default(self, item: _Item, details: dict[str, Any]) -> dict[str, Any]:
        """Return the details with the default, if it is one of the values."""
        default = item.value.get("default")
        if default is None or default == "":
            return details
        expression = details.get("parse", {}).get("regex")
        choices = details.get("choices")
        is_value = str(default) in choices if choices else not expression or fits(expression, str(default))
        if isinstance(default, (list, Mapping, bool)):
            is_value = False
        elif "format" in details:
            is_value = str(default).isdecimal() and int(default) < _GREATEST and (not choices or int(default) in choices)
            default = int(default) if is_value else default
        if not is_value:
            self.remarks.add("default", f"the default {default!r} of {item.name!r} isn't among its values", item.at("default"))
            return details
        return {**details, "default": default if isinstance(default, int) else str(default)}

    # Templates.

    def _templates(self, roots: Mapping[str, Root], section: str) -> Iterator[Template]:
        for item in self.items[section].values():
            try:
                yield self._template(item, roots, section)
            except Unusable as fault:
                name = item.name if section == "paths" else f"strings/{item.name}"
                self.remarks.add(fault.code, f"{item.name!r}: {fault}", item.source, help=fault.help, left_out=("template", name))

    def _template(self, item: _Item, roots: Mapping[str, Root], section: str) -> Template:
        full = self._full_definition(item.name, section, ())
        keys = self._checked(full, item)
        if isinstance(item.value, Mapping):
            for name in item.value:
                if name not in ("definition", "root_name"):
                    self.remarks.add("unknown-key", f"{name!r} of {item.name!r} has no counterpart", item.at(name))
        definition = self._definition(item)
        if section == "strings":
            mapping = self._mapping(definition, section, keys)
            return Template(f"strings/{item.name}", mapping, item.source, keys=keys, is_path=False, search=False)
        root = self._root_of(item, roots)
        reference = re.match(r"@([a-zA-Z0-9_]+)", definition)
        base, joint = roots[root].name, "/"
        if reference and self._is_below(reference[1], root, roots):
            base = reference[1]
            definition = definition[reference.end() :]
            joint = "/" if definition.startswith("/") else ""
            definition = definition.removeprefix("/")
        return Template(item.name, self._mapping(definition, section, keys), item.source, base, joint, keys)

    def _root_of(self, item: _Item, roots: Mapping[str, Root]) -> str:
        name = item.value.get("root_name") if isinstance(item.value, Mapping) else None
        return name if isinstance(name, str) and name in roots else next(iter(roots))

    def _is_below(self, name: str, root: str, roots: Mapping[str, Root]) -> bool:
        """Whether a template can be continued below *root*."""
        item = self.items["paths"].get(name)
        return item is not None and self._root_of(item, roots) == root

    def _definition(self, item: _Item) -> str:
        written = item.value.get("definition") if isinstance(item.value, Mapping) else item.value
        if not isinstance(written, str) or not written.strip():
            raise Unusable("definition", "expected a definition as a text")
        if item.pointer[0] == "strings":
            return written
        return re.sub(r"^(?:\./+)+|^/+|/+$", "", written.strip().replace("\\", "/"))

    def _referred(self, name: str, section: str) -> str:
        """Return the section in which a name behind an @ is defined."""
        order = ("paths", "strings") if section == "paths" else ("strings", "paths")
        for other in order:
            if name in self.items[other]:
                return other
        raise Unusable("undefined-reference", f"it refers to @{name}, which isn't defined")

    def _full_definition(self, name: str, section: str, above: tuple[tuple[str, str], ...]) -> str:
        """Return a definition with those that it refers to in their places."""
        mark = (section, name)
        if mark in above:
            raise Unusable("reference-circle", f"it refers to itself by @{name}")
        if len(above) > _DEEPEST:
            raise Unusable("definition", f"it refers to more than {_DEEPEST} others, one by the other")
        if mark not in self._full:
            text = ""
            for match in _ITEM.finditer(self._definition(self.items[section][name])):
                if match["reference"]:
                    text += self._full_definition(match["reference"], self._referred(match["reference"], section), (*above, mark))
                else:
                    text += match[0]
                if len(text) > LONGEST:
                    raise Unusable("definition", f"it has more than {LONGEST} characters")
            self._full[mark] = text
        return self._full[mark]

    def _checked(self, definition: str, item: _Item) -> dict[str, Key]:
        """Return the key of each token in a whole definition, whose parts are checked."""
        keys: dict[str, Key] = {}
        parts: list[list[str]] = []
        outside: list[str] = []
        here = outside
        for match in _ITEM.finditer(definition):
            if match["key"] is not None:
                token = self._token(match["key"], keys)
                here.append(token)
            elif match["sign"] == "[" and here is outside:
                here = []
                parts.append(here)
            elif match["sign"] == "]" and here is not outside:
                if not here:
                    raise Unusable("definition", "an optional part has no key")
                here = outside
            elif match["sign"]:
                raise Unusable("definition", f"the {match['sign']!r} has no partner, or stands within another part")
        if here is not outside:
            raise Unusable("definition", "the '[' has no partner")
        told: set[tuple[str, ...]] = set()
        for number, part in enumerate(parts):
            others = [*outside, *(token for other in parts[:number] + parts[number + 1 :] for token in other)]
            shared = tuple(sorted(set(part) & set(others)))
            if shared and shared not in told:
                told.add(shared)
                message = f"the optional part of {item.name!r} with {', '.join(shared)} repeats what stands elsewhere"
                self.remarks.add("optional-repeated", message, item.source)
            if all(keys[token].name in self.with_default for token in part):
                message = f"the optional part of {item.name!r} with {', '.join(part)} is left out if no value is given"
                self.remarks.add("optional-default", message, item.source)
        return keys

    def _token(self, name: str, keys: dict[str, Key]) -> str:
        """Return the token of a key, and add the key to those of the template."""
        key = self.keys.get(name)
        if key is None:
            raise Unusable("undefined-key", f"the key {name!r} isn't defined")
        token = self._token_name(key)
        if token == "root":
            raise Unusable("key", f"the key {name!r} can't be called 'root': {{root}} is what stands above", "Give the key an alias.")
        if keys.setdefault(token, key) != key:
            raise Unusable("same-alias", f"the keys {keys[token].name!r} and {name!r} are both called {token!r}")
        return token

    def _token_name(self, key: Key) -> str:
        alias = self.items["keys"][key.name].value.get("alias")
        return alias if isinstance(alias, str) and _KEY_NAME.fullmatch(alias) else key.name

    def _mapping(self, definition: str, section: str, keys: dict[str, Key]) -> str:
        """Return a definition as a mapping. A string that it refers to is a place of its own, a path is a token, which joins the keys."""
        text = ""
        for match in _ITEM.finditer(definition):
            if match["key"] is not None:
                text += f"{{{self._token_name(self.keys[match['key']])}}}"
            elif match["reference"]:
                other = self._referred(match["reference"], section)
                if other == "strings":
                    text += f"{{@strings/{match['reference']}}}"
                else:
                    text += f"{{@{self._path_token(match['reference'], keys)}}}"
            else:
                text += match[0]
        return text

    def _path_token(self, name: str, keys: dict[str, Key]) -> str:
        """Return the token whose mapping is the definition of a path, and add it to the keys of the template that refers to it."""
        token, item = name, self.items["paths"][name]
        others = {PROJECT_TOKEN, *map(self._token_name, self.keys.values())}
        while token in others or (token != name and token in self.items["paths"]):
            token += "_path"
        if token not in keys:
            keys[token] = Key("", {"mapping": self._mapping(self._full_definition(name, "paths", ()), "paths", keys)}, item.source)
        return token


#: Options of each type of key that have a counterpart.
_OPTIONS = {
    "str": frozenset({"choices", "exclusions", "length", "filter_by"}),
    "int": frozenset({"choices", "format_spec", "strict_matching"}),
    "sequence": frozenset({"format_spec", "abstract"}),
    "timestamp": frozenset({"format_spec"}),
}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, Mapping)) else [] if value is None else [value]


def oracle(path: str) -> Oracle:
    """Return what writes and reads as Toolkit does.

    :raises UnreadableError: see :func:`read`.
    """
    from ways.systems.imports.toolkit_oracle import ToolkitOracle

    return ToolkitOracle(_templates_file(path))
