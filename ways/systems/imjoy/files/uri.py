"""URIs of ImJoy plugins, read and written back. Nothing is fetched."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from ways.errors import ImJoyError

#: Expressions of the parts of a repository's URI.
OWNER, REPOSITORY, COMMIT, NAME = r"[\w-]+", r"[\w.-]+", r"[\w./-]+", r"[^@:/]+"
ENDING = ".imjoy.html"
MAX_URI = 4096

_REPOSITORY = re.compile(rf"({OWNER}/{REPOSITORY})\s*(?:@\s*({COMMIT}))?")
_NAMED = re.compile(rf"({NAME})(?:@({NAME}))?")
_TAGGED = re.compile(r"(.*?)(?:@([^@/?]*))?", re.DOTALL)
_PAGE = re.compile(r"/([^/]+)/([^/]+)/blob/(.+)")
_LOCAL = re.compile(r"\.{0,2}[/\\]|~|file:|[A-Za-z]:[\\/]", re.IGNORECASE)
_SHORT_FORM = "Write OWNER/REPOSITORY:NAME, or OWNER/REPOSITORY@COMMIT:NAME@TAG."


class PluginURI(NamedTuple):
    """The place of a plugin, and one of its tags."""

    #: ``repository``, ``url``, ``gist`` (a page, whose file only its host knows), or ``bare``: a name alone.
    kind: str
    #: ``owner/name``.
    repository: str = ""
    commit: str = ""
    name: str = ""
    tag: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        """The URI in its normal spelling, from which :func:`parse_uri` makes the same object."""
        tag = f"@{self.tag}" if self.tag else ""
        commit = f"@{self.commit}" if self.commit else ""
        if self.kind == "repository":
            return f"{self.repository}{commit}:{self.name}{tag}"
        return f"{self.url or self.name}{tag}"


def parse_uri(text: str) -> PluginURI:
    """Return the parts of a URI. Blanks around them don't matter.

    >>> parse_uri("oeway/DRFNS-Lite@4063b24: DRFNS-Lite @GPU").text
    'oeway/DRFNS-Lite@4063b24:DRFNS-Lite@GPU'

    :raises ImJoyError: the text is no URI; the error's code is ``uri``, or ``uri-external`` for a web page.
    """
    plain = text.strip()
    if not plain or len(plain) > MAX_URI:
        raise ImJoyError("uri", f"expected a plugin URI of at most {MAX_URI} characters, found {len(plain)}", _SHORT_FORM)
    if re.match(r"https?://", plain, re.IGNORECASE):
        return _of_url(plain)
    if _LOCAL.match(plain):
        raise ImJoyError("uri", f"{plain!r} is a path, and no plugin URI", "Add it as a search path.")
    if "/" in plain and ":" in plain:
        return _of_repository(plain)
    if bare := _NAMED.fullmatch(plain):
        return PluginURI("bare", name=bare[1].strip(), tag=_tag(bare[2], plain))
    raise ImJoyError("uri", f"{plain!r} is no plugin URI", _SHORT_FORM)


def _of_repository(text: str) -> PluginURI:
    before, *after = text.split(":")
    if len(after) != 1:
        raise ImJoyError("uri", f"{text!r} has {len(after)} colons, where one is expected", _SHORT_FORM)
    where, what = _REPOSITORY.fullmatch(before.strip()), _NAMED.fullmatch(after[0].strip())
    if where is None:
        raise ImJoyError("uri", f"{before.strip()!r} in {text!r} is no OWNER/REPOSITORY", _SHORT_FORM)
    if what is None:
        raise ImJoyError("uri", f"{text!r} names no plugin", _SHORT_FORM)
    name, tag = what[1].strip(), _tag(what[2], text)
    return PluginURI("repository", where[1], where[2] or "", name, tag)


def _tag(part: str | None, text: str) -> str:
    if part is not None and not part.strip():
        raise ImJoyError("uri", f"{text!r} has nothing behind its last '@'", "Write a tag, or leave the '@' out.")
    return (part or "").strip()


def _of_url(text: str) -> PluginURI:
    tagged = _TAGGED.fullmatch(text)
    url, tag = (tagged[1], tagged[2]) if tagged else (text, None)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise ImJoyError("uri", f"{text!r} is no URL: {error}", f"The URL of a plugin ends with {ENDING}.") from None
    if not host:
        raise ImJoyError("uri", f"{text!r} names no host", f"Write https://HOST/PATH{ENDING}.")
    if host == "gist.github.com":
        return PluginURI("gist", url=urlunsplit(("https", host, parts.path.rstrip("/"), "", "")), tag=_tag(tag, text))
    if not parts.path.endswith(ENDING):
        help = f"Only a web browser can use it; the URL of a plugin ends with {ENDING}."
        raise ImJoyError("uri-external", f"{text!r} is a web page, and no plugin file", help)
    if host in ("github.com", "www.github.com"):
        page = _PAGE.fullmatch(parts.path)
        if page is None:
            help = "Write the link of the file itself: https://github.com/OWNER/REPOSITORY/blob/BRANCH/FILE.imjoy.html."
            raise ImJoyError("uri", f"{text!r} is a page of GitHub that shows no file", help)
        url = f"https://raw.githubusercontent.com/{page[1]}/{page[2]}/{page[3]}"
    elif host in ("dropbox.com", "www.dropbox.com"):
        query = urlencode({**dict(parse_qsl(parts.query)), "dl": "1"})
        url = urlunsplit(("https", "dl.dropboxusercontent.com", parts.path, query, ""))
    else:
        url = urlunsplit(parts)
    return PluginURI("url", url=url, tag=_tag(tag, text))


def repository_of(text: str) -> tuple[str, str]:
    """Return ``owner/name`` of a repository on GitHub, and its branch or commit; ``("", "")`` if the text names none.

    >>> repository_of("https://github.com/o/n.git"), repository_of("git@github.com:o/n.git"), repository_of("o/n@dev")
    (('o/n', ''), ('o/n', ''), ('o/n', 'dev'))
    """
    if short := _REPOSITORY.fullmatch(text.strip()):
        return short[1], short[2] or ""
    address = re.fullmatch(
        r"(?:https?://|ssh://|git://)?(?:[^@/\s]+@)?(?:www\.)?github\.com[/:]([\w-]+/[\w.-]+?)(?:\.git)?/?(?:(?:tree|blob)/([^?#]+))?",
        text.strip(),
        re.IGNORECASE,
    )
    return (address[1], (address[2] or "").rstrip("/")) if address else ("", "")


class AppRequest(NamedTuple):
    """The request that a link to the ImJoy app makes."""

    #: The plugin to install; ``None`` if the link has no URI of one.
    plugin: PluginURI | None = None
    #: The text to search for, instead of a URI.
    search: str = ""
    upgrade: bool = False
    workspace: str = ""
    repository: str = ""
    engine: str = ""
    token: str = ""
    start: str = ""
    load: str = ""
    fullscreen: bool = False
    standalone: bool = False
    expose: bool = False
    workflow: str = ""
    flags: tuple[str, ...] = ()
    #: All parameters of the link by name, as a started plugin gets them.
    data: dict[str, str] = {}


#: Parameter to its short form.
_SHORT = {"plugin": "p", "workspace": "w", "repo": "r", "engine": "e", "token": "t", "start": "s", "load": "l"}


def parse_app_url(text: str) -> AppRequest:
    """Return the request that a link such as ``https://imjoy.io/#/app?plugin=URI`` makes.

    :raises ImJoyError: the text is no such link.
    """
    link = re.fullmatch(r"https?://[^?#]+/?(?:#/app|lite/?)\?(.*)", text.strip(), re.DOTALL)
    if link is None or len(text) > MAX_URI * 16:
        raise ImJoyError("app-url", f"{text!r:.80} is no link to the ImJoy app", "Write https://imjoy.io/#/app?plugin=URI.")
    data = {unquote(name): unquote(value) for name, _, value in (part.partition("=") for part in link[1].split("&")) if name}
    named = {name: data.get(name) or data.get(short, "") for name, short in _SHORT.items()}
    wanted = named["plugin"]
    is_uri = wanted.startswith(("http://", "https://")) or ("/" in wanted and ":" in wanted)
    return AppRequest(
        parse_uri(wanted) if is_uri else None,
        "" if is_uri else wanted,
        bool(data.get("upgrade")),
        named["workspace"],
        named["repo"],
        named["engine"],
        named["token"],
        named["start"],
        named["load"],
        bool(data.get("fullscreen")),
        bool(data.get("standalone")),
        bool(data.get("expose")),
        data.get("workflow", ""),
        tuple(flag.strip() for flag in data.get("flags", "").split(",") if flag.strip()),
        data,
    )
