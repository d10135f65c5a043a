"""Settings: the WAYS_* variables, which answer live.

Other modules ask here for variables. Only the engine ``env`` of the parser, the programs that Ways starts, and the command
line use the environment itself.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from ways.errors import SettingsError, did_you_mean
from ways.limits import LIMITS_ENV_VAR, Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple, Protocol
else:
    from ways.lightweight import NamedTuple

    Protocol = object

DESCRIPTORS_ENV_VAR = "WAYS_DESCRIPTORS"
PLUGINS_ENV_VAR = "WAYS_PLUGINS"
SNAPSHOT_ENV_VAR = "WAYS_SNAPSHOT"
PLATFORM_ENV_VAR = "WAYS_PLATFORM"
PLATFORMS_ENV_VAR = "WAYS_PLATFORMS"
PRIORITY_ENV_VAR = "WAYS_PRIORITY"
PARSERS_ENV_VAR = "WAYS_PARSERS"
EXPAND_ORDER_ENV_VAR = "WAYS_EXPAND_CHOICE_ORDER"
CACHE_ENV_VAR = "WAYS_CACHE"
STRICT_ENV_VAR = "WAYS_STRICT"
OWNERS_ENV_VAR = "WAYS_OWNERS"
ENV_ALLOW_ENV_VAR = "WAYS_ENV_ALLOW"
#: What WAYS_CACHE may say: no store, the store, and the store with each sheet read all the same.
CACHE_MODES = ("0", "1", "strict")
#: What WAYS_STRICT may say: no place is strict, or every place is.
STRICT_MODES = ("0", "1")
DEFAULT_ASSIGNMENT = "master"
DEFAULT_PLATFORMS = ("darwin", "java", "linux", "windows")
#: What a plugin may write for "every platform".
WILDCARDS = frozenset({"*", "all", "everything"})

#: The variables that change what a Context answers, in the order of :func:`raw_environ`.
_LIVE = (PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, STRICT_ENV_VAR)

Raw = tuple[str | bytes | None, ...]
_UNSET: Raw = (None,) * len(_LIVE)


class Settings(NamedTuple):
    """The platform, the known platforms, the priority of assignments and how strict answers are, at one moment."""

    platform: str
    platforms: frozenset[str]
    priority: tuple[str, ...]
    #: Whether every place is strict, or none; ``None`` where the language of its sheet decides.
    strict: bool | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings that *environ* asks for; what it doesn't name has its default."""
        layers = split_paths(environ.get(PRIORITY_ENV_VAR), (DEFAULT_ASSIGNMENT,))
        return cls(
            platform=environ.get(PLATFORM_ENV_VAR) or default_platform(),
            platforms=frozenset(split_paths(environ.get(PLATFORMS_ENV_VAR), DEFAULT_PLATFORMS)),
            # The later one wins, so a name that is repeated counts where it stands last.
            priority=tuple(reversed(dict.fromkeys(reversed(layers)))),
            strict=strictness(environ),
        )

    @property
    def knows_platform(self) -> bool:
        """Whether the current platform is among the known ones; if not, no plugin takes part."""
        return self.platform in self.platforms


class Environ:
    """The variables of this process at each call, and the values that a session has in their place.

    Making a copy of the environment would raise an error if another thread removed a variable meanwhile.
    """

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        self._overrides = overrides or {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a variable, or *default* if it isn't set."""
        return self._overrides[name] if name in self._overrides else os.environ.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._overrides or name in os.environ


class ReadableEnviron(Mapping[str, str]):
    """The variables of this process that a sheet may read which isn't trusted: those that WAYS_ENV_ALLOW names.

    :param names: variables that may be read besides, as a trusted sheet names them too.
    :param overrides: the values that a session has in the place of variables.
    """

    def __init__(self, names: Collection[str], overrides: Mapping[str, str]) -> None:
        self._names = names
        self._settings = Environ(overrides)

    def __getitem__(self, name: str) -> str:
        if name not in self._names and not self._is_allowed(name):
            raise KeyError(name)
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in os.environ if name in self._names or self._is_allowed(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _is_allowed(self, name: str) -> bool:
        return is_env_allowed(name, self._settings)


def is_env_allowed(name: str, environ: Mapping[str, str] | Environ) -> bool:
    """Whether WAYS_ENV_ALLOW, such as ``JOB:STUDIO_*``, names a variable, or what its name begins with."""
    allowed = environ.get(ENV_ALLOW_ENV_VAR, "")
    if sys.platform == "win32":
        # Names of variables have no letter case there.
        name, allowed = name.upper(), allowed.upper()
    items = map(str.strip, allowed.split(":"))
    return any(item == name or (item.endswith("*") and name.startswith(item[:-1])) for item in items if item)


def checked(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of the values that a session gets in the place of variables.

    A wrong value in the environment must not stop a program, and counts as absent; a wrong value of a caller is an error.

    :raises SettingsError: there is no such variable, or it doesn't take that value.
    """
    known = {value for name, value in globals().items() if name.endswith("_ENV_VAR")}
    for name, value in overrides.items():
        if name.startswith("WAYS_") and name not in known:
            raise SettingsError(name, value, f"one of {', '.join(sorted(known))}", did_you_mean(name, known))
        if not isinstance(value, str):
            raise SettingsError(name, value, "a text, as the environment holds it")
        if name == CACHE_ENV_VAR and value not in CACHE_MODES:
            raise SettingsError(name, value, f"one of {', '.join(CACHE_MODES)}")
        if name == STRICT_ENV_VAR and value not in STRICT_MODES:
            raise SettingsError(name, value, f"one of {', '.join(STRICT_MODES)}")
        if name == LIMITS_ENV_VAR:
            Limits.of_text(value)
    return dict(overrides)


def default_platform() -> str:
    """Return the name of this machine's platform, as ``platform.system().lower()`` gives it."""
    # Importing platform costs 2 ms; uname is the call that it makes.
    return "windows" if sys.platform == "win32" else os.uname().sysname.lower()


def split_paths(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items of *text*, split at the path separator; *default* if it is ``None``.

    A variable that is set but empty gives one empty item: no platform is known, or no assignment has priority.
    """
    return default if text is None else tuple(text.split(os.pathsep))


def layers_in(name: str, known: Collection[str]) -> list[str]:
    """Return the layers that one name of WAYS_PRIORITY was most likely meant to name: itself, if nothing better is known.

    A name that no plugin has may be several with a wrong separator between them, have spaces around it, or another case.
    """
    if not name or name in known:
        return [name] if name else []
    pieces = [piece.strip() for piece in name.translate(dict.fromkeys(map(ord, ",;:|"), "\n")).split("\n")]
    words = [word for piece in pieces for word in ([piece] if piece in known else piece.split())]
    folded = {layer.casefold(): layer for layer in known}
    names = [word if word in known else folded.get(word.casefold(), word) for word in words]
    return names if not folded.keys().isdisjoint(layer.casefold() for layer in names) else [name]


def order_of_layers(names: Iterable[str], known: Collection[str]) -> str:
    """Return the value of WAYS_PRIORITY that *names* were most likely meant as; each layer once, where it counts."""
    layers = [layer for name in names for layer in layers_in(name, known)]
    return os.pathsep.join(reversed(dict.fromkeys(reversed(layers))))


def parse_order(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return WAYS_PARSERS: the engines that validate values of tied Contexts."""
    return split_paths((os.environ if environ is None else environ).get(PARSERS_ENV_VAR), ("regex",))


def expand_order(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return WAYS_EXPAND_CHOICE_ORDER: the ways to split a text when nothing fits it whole."""
    value = (os.environ if environ is None else environ).get(EXPAND_ORDER_ENV_VAR)
    return split_paths(value, ("default", "regex"))


def strictness(environ: Mapping[str, str] | Environ) -> bool | None:
    """Return WAYS_STRICT: whether every place is strict, or none; ``None`` if it isn't set, or says neither."""
    value = environ.get(STRICT_ENV_VAR, "")
    return value == "1" if value in STRICT_MODES else None


def owners(environ: Mapping[str, str] | Environ) -> frozenset[str]:
    """Return WAYS_OWNERS: the users, by name or number, whose info files and configuration are believed; ``*`` for all."""
    return frozenset(filter(None, map(str.strip, split_paths(environ.get(OWNERS_ENV_VAR), ()))))


def cache_mode(environ: Mapping[str, str] | Environ) -> str:
    """Return WAYS_CACHE: ``0`` for no store of compiled sheets, ``strict`` to read each sheet all the same, else ``1``."""
    value = environ.get(CACHE_ENV_VAR, "")
    return value if value in CACHE_MODES else "1"


def cache_folder(environ: Mapping[str, str] | Environ) -> str:
    """Return the folder for caches. It is the one that platformdirs names, whose import takes 21 ms."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local"), "ways", "Cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/ways")
    given = environ.get("XDG_CACHE_HOME", "").strip()
    return os.path.join(given or os.path.expanduser("~/.cache"), "ways")


def state_folder(environ: Mapping[str, str] | Environ) -> str:
    """Return the folder for what is no copy of anything, and not to be shared. It is the one that platformdirs names."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local"), "ways")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/ways")
    given = environ.get("XDG_STATE_HOME", "").strip()
    return os.path.join(given or os.path.expanduser("~/.local/state"), "ways")


def raw_environ() -> Callable[[], Raw]:
    """Return a function that gives the live variables' raw values, as cheaply as they can be read.

    ``os.environ.get`` encodes and decodes at each call: three of them cost 1.8 us, more than parsing a path. The
    table behind it answers in a tenth of that, and is used where a write through ``os.environ`` is seen in it.
    """
    environ = os.environ
    table = _table_behind(environ)
    if table is None:
        return _portable_raw
    first, second, third, fourth = (environ.encodekey(name) for name in _LIVE)
    get = table.get

    def raw() -> Raw:
        # A test may put another mapping in the place of os.environ.
        if os.environ is not environ:
            return _portable_raw()
        return get(first), get(second), get(third), get(fourth)

    return raw


class Holder(Protocol):
    """An object whose attribute ``now`` is replaced with each change, as :class:`ways.registry.Registry` does."""

    now: Any


Table = dict[str | bytes, str | bytes]


def environ_lacks(names: Collection[str]) -> Callable[[], bool]:
    """Return a function that returns, at each call, whether none of the variables *names* is set."""
    environ = os.environ
    table = _table_behind(environ)
    if table is None:
        return lambda: not any(name in os.environ for name in names)
    keys = dict.fromkeys(environ.encodekey(name) for name in names).keys()
    names_set = table.keys()
    return lambda: names_set.isdisjoint(keys) if os.environ is environ else not any(name in os.environ for name in names)


def _portable_raw() -> Raw:
    return tuple(os.environ.get(name) for name in _LIVE)


#: The environment whose table was asked for last, and that table.
_last_table: tuple[object, Table | None] = (None, None)


def _table_behind(environ: os._Environ[str]) -> Table | None:
    """Return the dict that *environ* writes to, if it is one and a write is seen in it.

    The table that was returned last is kept, because finding it out writes a variable.
    """
    global _last_table
    last_environ, table = _last_table
    if last_environ is environ:
        return table
    table = getattr(environ, "_data", None)
    encode = getattr(environ, "encodekey", None)
    if type(table) is not dict or encode is None:
        table = None
    else:
        # Each thread has its own name: two threads would remove one variable under each other.
        probe = f"WAYS_PROBE_OF_THE_ENVIRONMENT_{get_ident()}"
        environ[probe] = "1"
        is_seen = encode(probe) in table
        del environ[probe]
        if not is_seen or encode(probe) in table:
            table = None
    _last_table = (environ, table)
    return table


class LiveSettings:
    """The current :class:`Settings`, made again only when a variable has another value.

    :param overrides: values in the place of variables, whatever the environment says.
    """

    __slots__ = ("raw", "_environ", "_table", "_current", "_overrides")

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        #: Returns the raw values of the live variables.
        self.raw = raw_environ()
        self._environ = os.environ
        self._table = _table_behind(os.environ)
        self._overrides = dict(overrides or {})
        # Both in one attribute, so that no reader sees the values of one moment and the settings of another.
        self._current: tuple[Raw, Settings] | None = None

    @property
    def overrides(self) -> Mapping[str, str]:
        """The values in the place of variables."""
        return self._overrides

    def now(self) -> Settings:
        """Return the settings of this moment; the same object as long as nothing changed."""
        return self.now_with_key()[1]

    def liveness_check(self, raw: Raw, holder: Holder, held: Sequence[object]) -> Callable[[], bool]:
        """Return a function that returns whether ``raw()`` still gives *raw*, and *holder* still holds the first of *held*."""
        environ, table, read = self._environ, self._table, self.raw
        if raw != _UNSET or table is None or os.environ is not environ:
            return lambda: holder.now is held[0] and read() == raw
        first, second, third, fourth = (environ.encodekey(name) for name in _LIVE)

        def is_live() -> bool:
            # Takes 0.1 us. A test may put another mapping in the place of os.environ.
            return (
                holder.now is held[0]
                and os.environ is environ
                and not (first in table or second in table or third in table or fourth in table)
            )

        return is_live

    def now_with_key(self) -> tuple[Raw, Settings]:
        """Return the raw values of the live variables, and the settings that they ask for."""
        raw = self.raw()
        current = self._current
        if current is not None and current[0] == raw:
            return current
        # From these very values: the environment may have changed meanwhile.
        texts = (os.fsdecode(value) if isinstance(value, bytes) else value for value in raw)
        given = {name: text for name, text in zip(_LIVE, texts) if text is not None}
        current = self._current = (raw, Settings.from_environ({**given, **self._overrides}))
        return current
