"""The door to foreign code: what comes through it is a value or a failure."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from ways.errors import RefusedCallError
from ways.usercode import REFUSED_BUILTINS, Failed, call, call_without_exit, function_of
from ways.session import Session
from ways.sheets.document import Draft, Source
from ways.sheets.formats.table import FormatTable

pytestmark = pytest.mark.portability


def test_what_a_function_gives_comes_through() -> None:
    assert call(int, "ff", base=16) == 255
    assert call(dict) == {}


def test_what_it_raises_is_held() -> None:
    failed = call(int, "x")
    assert isinstance(failed, Failed) and isinstance(failed.error, ValueError)
    assert str(failed) == "ValueError: invalid literal for int() with base 10: 'x'"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_to_end_the_program_does(kind: type[BaseException]) -> None:
    def end() -> None:
        raise kind

    with pytest.raises(kind):
        call(end)


def test_a_function_that_must_stay_does() -> None:
    failed = call(call_without_exit, sys.exit, 3)
    assert str(failed) == "RuntimeError: it would have ended the program: SystemExit(3)"
    assert call_without_exit(len, "abc") == 3


def test_only_ctrl_c_passes_a_function_that_must_stay() -> None:
    class Stop(BaseException):
        """It is no Exception."""

    for kind in (Stop, GeneratorExit):
        failed = call(call_without_exit, ended, kind)
        assert str(failed) == f"RuntimeError: it would have ended the program: {kind.__name__}()"
    with pytest.raises(KeyboardInterrupt):
        call(call_without_exit, ended, KeyboardInterrupt)


def ended(kind: type[BaseException]) -> None:
    raise kind


def test_a_python_sheet_ends_no_program(load: Callable[..., Session]) -> None:
    (problem,) = load("import sys\nplugins = {}\nsys.exit(3)\n", "sheet.py").problems
    assert problem.code == "python" and problem.source.line == 3
    assert "would have ended the program" in problem.message


class Odd:
    """A format of another's that breaks its promises."""

    name = "odd"
    suffixes = (".odd", ".yml")

    def __init__(self, given: object = None) -> None:
        self.given = given

    def looks_like(self, name: str, head: bytes) -> bool:
        return name.endswith(".odd")

    def read(self, data: bytes, source: Source, files: object = None) -> Draft:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given  # type: ignore[return-value]


class Lost(Odd):
    """One that can't even tell which files are its own."""

    def looks_like(self, name: str, head: bytes) -> bool:
        raise LookupError(name)


@pytest.mark.parametrize(
    "given, told",
    [(None, "it gives NoneType, where a Draft is expected"), ({}, "it gives dict,"), (KeyError("x"), "KeyError: 'x'")],
    ids=["none", "dict", "error"],
)
def test_a_format_that_gives_no_draft_costs_its_file(tmp_path: Path, given: object, told: str) -> None:
    (tmp_path / "a.odd").write_text("", encoding="utf-8")
    (tmp_path / "b.yml").write_text("plugins: {job: {hierarchy: job}}", encoding="utf-8")
    session = Session(FormatTable().with_formats(Odd(given)))
    session.add_search_path(str(tmp_path))
    (problem,) = session.problems
    assert problem.code == "format" and told in problem.message and "a.odd" in str(problem)
    assert session.get_context("job")


def test_a_format_that_can_not_tell_its_files_is_told_of_once(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yml").write_text(f"plugins: {{{name}: {{hierarchy: {name}}}}}", encoding="utf-8")
    session = Session(FormatTable().with_formats(Lost()))
    session.add_search_path(str(tmp_path))
    (problem,) = session.problems
    assert "'odd' can't tell which files are its own: LookupError" in problem.message
    assert session.get_context("a") and session.get_context("b")


OTHER_NAMES = """
    import functools, io

    class Reader:
        static = staticmethod(eval)
        of_class = classmethod(exec)

    class Calling:
        __call__ = staticmethod(eval)

    alias, calling, partly, kept = eval, Calling(), functools.partial(functools.partial(open), "x"), functools.lru_cache(compile)
    method, bound = eval.__call__.__call__, Calling().__call__
    subclass = type("Partial", (functools.partial,), {})(input)
"""
SAME = ("alias", "Reader.static", "Reader.of_class", "calling", "partly", "kept", "method", "bound", "subclass")


@pytest.mark.parametrize("name", sorted(REFUSED_BUILTINS))
@pytest.mark.parametrize("form", ["{}", "builtins.{}", "builtins:{}", "builtins:{}.__call__", "codecs:builtins.{}"])
def test_a_refused_builtin_is_refused_by_each_of_its_names(name: str, form: str) -> None:
    with pytest.raises(RefusedCallError, match="is never called from a sheet"):
        function_of(form.format(name))


@pytest.mark.parametrize("name", ["io.open", "_io.open", "io:open", "builtins:open.__call__"])
def test_a_refused_builtin_is_refused_in_another_module(name: str) -> None:
    with pytest.raises(RefusedCallError, match="which is 'open', is never called"):
        function_of(name)


@pytest.mark.parametrize("name", SAME)
def test_what_passes_on_to_a_refused_builtin_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other_names.py").write_text(textwrap.dedent(OTHER_NAMES), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for text in (f"other_names.{name}", f"other_names:{name}"):
        with pytest.raises(RefusedCallError, match="is never called from a sheet"):
            function_of(text)


def test_an_object_of_the_kind_of_exit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_exit.py").write_text("import site\nleave = type(exit)('leave', 'eof')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RefusedCallError):
        function_of("own_exit.leave")


def test_a_builtin_is_refused_though_another_object_stands_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.open", lambda path: path)
    for name in ("open", "io.open"):
        with pytest.raises(RefusedCallError):
            function_of(name)


@pytest.mark.parametrize("name", ["int", "builtins:len", "os.path.basename", "operator:neg", "json:JSONDecoder.decode", "re.compile"])
def test_other_functions_are_given(name: str) -> None:
    assert callable(function_of(name))
