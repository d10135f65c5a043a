"""What ``setup.cfg`` can't say: the description and the links for a package index, and the files of a source distribution."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from configparser import RawConfigParser
from functools import partial

from setuptools import setup
from setuptools.command.sdist import sdist

#: What a source distribution needs beside the package, so that its tests pass and its documentation builds.
SOURCES = (".ci", "docs", "plugin_sheets", "tests")
#: What tools leave behind in these folders.
LEFTOVERS = ("__pycache__", "_build", ".hypothesis", ".mypy_cache", ".pytest_cache")

#: Text that stays as it is: a block below ``::`` or ``code-block::``, as far as it is indented like its first line; inline code.
LITERAL = re.compile(
    r"^(?: *\.\. code(?:-block)?::.*\n(?: +:.*\n)*|(?! *\.\. ).*::\n)(?P<block>\n+(?P<indent> +)\S.*\n(?:(?P=indent).*\n|\n)*)"
    r"|(?P<inline>``[\s\S]+?``)",
    re.MULTILINE,
)
#: A picture with its options and its caption, which are indented.
PICTURE = re.compile(r"^(?P<indent> *)\.\. (?:image|figure):: *(?P<path>\S+)\n(?:\n*(?P=indent) +\S.*\n)*", re.MULTILINE)
#: The link of a picture.
PICTURE_LINK = re.compile(r"^ +:target: *(?P<path>\S+)\n", re.MULTILINE)
#: A link in a text, with a name or without: ```tutorial <docs/tutorial.rst>`_`` or ``...>`__``.
LINK = re.compile(r"`(?P<text>[^`<]+?)\s+<(?P<path>[^`<>]+)>`__?")


def description(readme: str, url: str) -> str:
    """Return the README as a package index can show it.

    There are no files beside it there. With the address of the project, a relative path becomes one below it; without one,
    a link becomes its text, and a picture is left out.
    """
    parts, position = [], 0
    for literal in LITERAL.finditer(readme):
        start, end = literal.span("block" if literal["block"] else "inline")
        parts += [with_links(readme[position:start], url), readme[start:end]]
        position = end
    return "".join([*parts, with_links(readme[position:], url)])


def with_links(text: str, url: str) -> str:
    """Return a text without code, with pictures and links as in :func:`description`."""
    for pattern, view in ((PICTURE, "raw"), (PICTURE_LINK, "blob"), (LINK, "blob")):
        text = pattern.sub(partial(moved, f"{url}/{view}/main/" if url else ""), text)
    return text


def moved(base: str, found: re.Match[str]) -> str:
    """Return a picture or a link with its path below *base*; without a base, what is left of it."""
    if not is_relative(found["path"]):
        return found[0]
    if not base:
        return found.groupdict().get("text", "")
    start, end = (position - found.start() for position in found.span("path"))
    return f"{found[0][:start]}{base}{found[0][start:end]}{found[0][end:]}"


def is_relative(path: str) -> bool:
    """Return whether a link leads to a file of the project: it has no scheme and is no mail address, section or name."""
    return not re.match(r"[a-z][a-z0-9+.-]*:|//|#|[^/]*@|.*_$", path, re.IGNORECASE)


def project_urls(url: str) -> dict[str, str]:
    """Return the links of the project that an index shows beside the description."""
    if not url:
        return {}
    pages = {"Documentation": "docs/index.rst", "Changelog": "docs/changelog.rst"}
    return {"Source": url, "Issues": f"{url}/issues", **{name: f"{url}/blob/main/{page}" for name, page in pages.items()}}


def source_files() -> Iterator[str]:
    """Yield the files of the folders that a source distribution has beside the package."""
    for top in SOURCES:
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(set(folders) - set(LEFTOVERS))
            yield from (os.path.join(folder, name) for name in sorted(names) if not name.endswith(".pyc"))


class SourceDistribution(sdist):
    """One that also has the tests, the documentation and the sheets that they use."""

    def make_distribution(self) -> None:
        self.filelist.extend(source_files())
        super().make_distribution()


def main() -> None:
    """Carry out what the command line says."""
    settings = RawConfigParser()
    settings.read("setup.cfg", encoding="utf-8")
    url = settings.get("metadata", "url", fallback="").rstrip("/")
    with open("README.rst", encoding="utf-8") as file:
        readme = file.read()
    setup(long_description=description(readme, url), project_urls=project_urls(url), cmdclass={"sdist": SourceDistribution})


if __name__ == "__main__":
    main()
