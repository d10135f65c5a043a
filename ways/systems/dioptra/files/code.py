"""The Python files of a Dioptra plugin, and the functions and classes at their top. They are parsed, and never run."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.files import path_in
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.artifact_rules import written_rules
from ways.systems.shared import BadCode, Fault, FaultLevel, Problems, parse_python

#: Bytes of one Python file that is parsed.
MAX_CODE = 1 << 20
#: Names that are looked at in one plugin, how deep below it, and bytes of Python in it.
MAX_NAMES, MAX_DEPTH, MAX_BYTES = 10_000, 16, 16 << 20
_REGISTER = "dioptra.pyplugs.register"
_INTERFACE = "dioptra.sdk.api.artifact.ArtifactTaskInterface"
#: The methods of every artifact task.
METHODS = ("serialize", "deserialize", "validation")
_FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FILE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.py")


class Parameter(NamedTuple):
    """One parameter of a function."""

    name: str
    is_required: bool


class Function(NamedTuple):
    """A function at the top of a file."""

    name: str
    line: int
    parameters: tuple[Parameter, ...]
    #: Whether it takes any further keyword.
    takes_more: bool
    #: Whether it is registered as a task; ``None`` if its decorators don't show it.
    is_task: bool | None


class Class(NamedTuple):
    """A class at the top of a file."""

    name: str
    line: int
    methods: frozenset[str]
    #: Whether Dioptra's interface of artifact tasks is its only base.
    is_artifact: bool
    #: The rules for the arguments of an artifact, if the file writes them out.
    rules: Mapping[str, Any]


class Module(NamedTuple):
    """The functions and classes at the top of a Python file."""

    functions: Mapping[str, Function]
    classes: Mapping[str, Class]


def read_module(data: bytes) -> Module:
    """Return the functions and classes at the top of a Python file.

    :raises BadCode: it is no UTF-8, no Python, or more than 1 MiB.
    """
    functions: dict[str, Function] = {}
    classes: dict[str, Class] = {}
    names: dict[str, str] = {}
    for node in _top(parse_python(decode(data)).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(imported(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            registers = [is_register(decorator, names) for decorator in node.decorator_list]
            is_task = True if True in registers else None if None in registers else False
            parameters = tuple(Parameter(name, is_required) for name, _, is_required in parameters_of(node.args))
            functions[node.name] = Function(node.name, node.lineno, parameters, node.args.kwarg is not None, is_task)
        elif isinstance(node, ast.ClassDef):
            methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
            is_artifact = bool(node.bases) and all(_dotted(base, names) == _INTERFACE for base in node.bases)
            classes[node.name] = Class(node.name, node.lineno, frozenset(methods), is_artifact, written_rules(node))
    return Module(functions, classes)


def decode(data: bytes) -> str:
    """Return the text of a Python file.

    :raises BadCode: it is no UTF-8, or more than 1 MiB.
    """
    if len(data) > MAX_CODE:
        raise BadCode(f"more than {MAX_CODE >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCode(f"the byte 0x{data[error.start]:02x}, which is no UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def _top(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those under ``if``, ``try`` and ``with`` at its top among them."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        inner: list[ast.stmt] = []
        if isinstance(node, ast.If | ast.Try):
            inner = [*node.body, *node.orelse]
        elif isinstance(node, ast.With):
            inner = node.body
        waiting += reversed(inner)


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, and the dotted name that each stands for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.partition(".")[0]
            yield top, top


def parameters_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Yield name, annotation and whether it is required of each parameter but ``*args`` and ``**kwargs``."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    for index, parameter in enumerate(positional):
        yield parameter.arg, parameter.annotation, index < first_default
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield parameter.arg, parameter.annotation, default is None


def is_register(decorator: ast.expr, names: Mapping[str, str]) -> bool | None:
    """Return whether a decorator registers a task; ``None`` if no import shows what the decorator is."""
    name = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator, names)
    return None if name is None else name == _REGISTER


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return the full dotted name that an expression stands for, by the imports before it; ``None`` if none shows it."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


class PluginFiles(NamedTuple):
    """The Python files of a plugin."""

    #: By path below the plugin's folder; ``None`` for a file that can't be read as Python.
    modules: Mapping[str, Module | None]
    #: The SHA-256 of the names and contents of all of them.
    digest: str


def read_files(files: Files, folder: str, pointer: Pointer, problems: Problems) -> PluginFiles | None:
    """Return the Python files of a plugin's folder; ``None``, and a problem, if there is no such folder.

    :param pointer: where the resource file names the folder.
    """
    try:
        paths = sorted(_python_files(files, folder, pointer, problems))
    except OSError:
        problems.add_lax("missing-file", "a folder with the plugin's Python files", f"no folder {folder or '.'!r}", pointer)
        return None
    modules: dict[str, Module | None] = {}
    digest = hashlib.sha256()
    total = 0
    for path in paths:
        place = f"{folder}/{path}"
        try:
            data = files.read(place)
        except OSError as error:
            problems.add_mismatch("unreadable-file", "a readable file", f"{place!r}: {error.strerror or error}", pointer)
            continue
        total += len(data)
        if total > MAX_BYTES:
            problems.add_mismatch("too-much", f"at most {MAX_BYTES >> 20} MiB of Python in a plugin", "more", pointer)
            break
        _add_to(digest, path, data)
        try:
            modules[path] = read_module(data)
        except BadCode as error:
            modules[path] = None
            at = problems.source._replace(
                path=path_in(files, place),
                pointer=(),
                line=error.line,
                column=error.column,
                chain=(*problems.source.chain, problems.source.path),
            )
            message = f"the file can't be read as Python, and is not looked into: {error}"
            level: FaultLevel = "error" if problems.is_strict or len(data) > MAX_CODE else "warning"
            problems.add_all([Fault("bad-code", message, at, level=level, expected="Python", found=str(error))])
    return PluginFiles(modules, digest.hexdigest())


def digest_of(content: Mapping[str, bytes]) -> str:
    """Return the digest that :class:`PluginFiles` with these contents, by path, has."""
    digest = hashlib.sha256()
    for path in sorted(content):
        _add_to(digest, path, content[path])
    return digest.hexdigest()


def _add_to(digest: hashlib._Hash, path: str, data: bytes) -> None:
    digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogatepass") + data)


def _python_files(files: Files, folder: str, pointer: Pointer, problems: Problems) -> Iterator[str]:
    """Yield the paths of the Python files below a folder, but for those in hidden folders, caches and links to folders.

    :raises OSError: the folder itself can't be listed.
    """
    waiting: list[tuple[str, list[str]]] = [("", files.list(folder))]
    count = 0
    while waiting:
        below, names = waiting.pop()
        for name in names:
            count += 1
            if count > MAX_NAMES:
                return problems.add_mismatch("too-much", f"at most {MAX_NAMES} names in a plugin's folder", "more", pointer)
            path = f"{below}{name}"
            if name.endswith("/"):
                inner = f"{folder}/{path.rstrip('/')}"
                is_searched = not name.startswith(".") and name != "__pycache__/" and path.count("/") <= MAX_DEPTH
                if is_searched and not files.is_link(inner):
                    with contextlib.suppress(OSError):
                        waiting.append((path, files.list(inner)))
            elif name.endswith(".py") and not name.startswith(".") and _is_well_named(path, pointer, problems):
                yield path


def _is_well_named(path: str, pointer: Pointer, problems: Problems) -> bool:
    """Return whether a file can be imported by the name that its path makes; if not, report it."""
    *folders, name = path.split("/")
    is_good = bool(_FILE.fullmatch(name)) and all(map(_FOLDER.fullmatch, folders)) and not (folders and name.startswith("_"))
    if not is_good:
        expected = "file and folder names of letters, digits and underscores, which below the top don't start with one"
        problems.add_mismatch("bad-name", expected, f"{path!r}: the file is left out", pointer)
    return is_good
