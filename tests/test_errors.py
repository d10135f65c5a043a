"""The family of errors: what each one is, carries and says."""

from __future__ import annotations

import inspect
import pickle
import re
import sys
from pathlib import Path

import pytest

from ways import errors
from ways.errors import WaysError, caret, did_you_mean, nearest
from ways.usercode import function_of
from ways.pattern.pattern import Pattern
from ways.pattern.template import Template

#: Error, the built-in that Ways 0.1 raised for the same mistake, and how one is made.
FAMILY = [
    (errors.SettingsError, ValueError, ("WAYS_PLATFORM", "amiga", "a platform")),
    (errors.PlatformError, OSError, ("amiga", ["linux"])),
    (errors.LimitError, ValueError, ("text", 10, 11, "expected at most 10 characters")),
    (errors.HierarchyError, ValueError, ("a/b!", 3)),
    (errors.SheetError, WaysError, ("a.yml", "is wrong")),
    (errors.SheetReadError, OSError, ("a.yml", "is gone")),
    (errors.SheetSchemaError, ValueError, ("a.yml", "is no text")),
    (errors.SheetLimitError, ValueError, ("a.yml", "depth", 10, 11, "expected at most 10 blocks")),
    (errors.SheetErrors, ValueError, ([errors.SheetError("a.yml", "is wrong")],)),
    (errors.PluginError, WaysError, ("they contradict each other",)),
    (errors.DuplicatePluginError, RuntimeError, ("one", "two", "they have one uuid")),
    (errors.DuplicateUsesError, ValueError, ("a.yml:3:7", "job")),
    (errors.RelativeCycleError, ValueError, (["a", "b", "a"],)),
    (errors.RelativeCycleError, RuntimeError, (["a", "b", "a"],)),
    (errors.PatternError, ValueError, ("a brace is open", "{A", (0, 1))),
    (errors.TokenCycleError, ValueError, (["A", "B", "A"],)),
    (errors.MappingLimitError, RuntimeError, ("tokens", 10, 11, "expected at most 10 tokens")),
    (errors.UnknownTokenError, KeyError, ("SHOOT", ["SHOT"])),
    (errors.UnknownEngineError, NotImplementedError, ("regexp", ["regex"])),
    (errors.ParseError, ValueError, ("/a/x", "/a/{A}/b", 4)),
    (errors.AmbiguousReadingError, ValueError, ("a_b", "{A}[_{B}]", [{"A": "a_b"}, {"A": "a", "B": "b"}])),
    (errors.MatchTimeoutError, TimeoutError, ("aaa", "(a+)+", 0.1)),
    (errors.FormatError, ValueError, ("no",)),
    (errors.MissingTokensError, ValueError, (["SHOT"],)),
    (errors.TokenValueError, ValueError, ("SHOT", "x", r"\d+")),
    (errors.ContextError, WaysError, ("no",)),
    (errors.ContextNotFoundError, ValueError, ("job/shoot", ["job/shot"])),
    (errors.AmbiguousContextError, ValueError, ("/a", [])),
    (errors.UnresolvedMappingError, RuntimeError, ("a", [], "a has no mapping")),
    (errors.UnknownFieldError, ValueError, ("maping", ["mapping", "data"], "job")),
    (errors.UnknownLineError, LookupError, ("shots.yml", 3, "there is no plugin")),
    (errors.AliasError, ValueError, ("a", ["a"], "a is an alias already")),
    (errors.MissingExtraError, ImportError, ("fileseq", "sequences", "frame ranges")),
    (errors.RefusedCallError, ValueError, ("eval is never called",)),
    (errors.ImJoyError, ValueError, ("uri", "'a/b:' names no plugin", "Write a name behind the colon.")),
    (errors.UntrustedError, PermissionError, ("steps.py", "it runs only if you trust it")),
    (errors.SnapshotError, TypeError, (["the action render: it is local"],)),
    (errors.ActionNotFoundError, AttributeError, ("rendr", ["render"])),
]
NAMES = [f"{error.__name__}-{builtin.__name__}" for error, builtin, _ in FAMILY]


@pytest.mark.parametrize("error, builtin, parts", FAMILY, ids=NAMES)
def test_an_error_is_of_the_family_and_of_the_class_that_0_1_raised(error, builtin, parts):
    made = error(*parts)
    assert isinstance(made, WaysError) and isinstance(made, builtin)


@pytest.mark.parametrize("error, builtin, parts", FAMILY, ids=NAMES)
def test_an_error_says_something_in_one_text(error, builtin, parts):
    assert str(error(*parts)) == error(*parts).args[0] or str(error(*parts)).startswith(error(*parts).args[0])


@pytest.mark.parametrize("error, builtin, parts", FAMILY, ids=NAMES)
def test_an_error_comes_whole_through_a_pickle(error, builtin, parts):
    made = error(*parts)
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is error and str(again) == str(made) and again.__dict__.keys() == made.__dict__.keys()


def test_every_error_of_the_module_stands_in_the_table():
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, WaysError)}
    assert classes - {WaysError} == {error for error, _, _ in FAMILY}


@pytest.mark.parametrize(
    "name, known, expected",
    [
        ("hierachy", ["hierarchy", "mapping"], "hierarchy"),
        ("DATA", ["data"], "data"),
        ("show", ["show/x", "Show"], "Show"),
        ("zzz", ["data"], ""),
        ("", ["data"], ""),
        ("data", [], ""),
        ("3", [3, 4], "3"),
    ],
    ids=["misspelt", "other-case", "other-case-first", "nothing-near", "empty", "nothing-known", "numbers"],
)
def test_nearest_is_the_closest_known_name(name, known, expected):
    assert nearest(name, known) == expected


def test_did_you_mean_asks_only_when_something_is_near():
    assert did_you_mean("maping", ["mapping"]) == " Did you mean 'mapping'?"
    assert did_you_mean("zzz", ["mapping"]) == ""


def test_a_caret_points_at_the_span():
    assert caret("/a/{B", (3, 5)) == "/a/{B\n   ^^"


@pytest.mark.parametrize("start", [0, 150, 5_000, 9_990])
def test_of_a_long_text_a_caret_shows_what_stands_around(start):
    text = "x" * start + "{AB}" + "y" * (9_996 - start)
    shown, marks = caret(text, (start, start + 4)).split("\n")
    assert len(shown) < 500 and shown[len(marks) - 4 : len(marks)] == "{AB}" and marks.strip() == "^^^^"
    assert (shown.startswith("...{"), shown.startswith("...")) == (False, start > 200) and shown.endswith("...") == (start < 9_000)


def test_a_caret_has_at_least_one_mark():
    assert caret("ab", (2, 2)) == "ab\n  ^"


def test_a_hierarchy_error_names_the_character_and_where_it_is():
    text = str(errors.HierarchyError("job/sh.ot", 6))
    assert "'.'" in text and "position 6" in text and "'job/sh.ot'" in text


def test_a_sheet_error_begins_with_its_source():
    assert str(errors.SheetError("a.yml:3:7", "is wrong")) == "a.yml:3:7: is wrong"


def test_several_sheet_errors_are_told_one_a_line():
    both = errors.SheetErrors([errors.SheetError("a.yml", "is wrong"), errors.SheetError("b.yml", "is gone")])
    assert str(both) == "a.yml: is wrong\nb.yml: is gone"
    assert len(both.errors) == 2


def test_a_platform_error_lists_what_is_known():
    error = errors.PlatformError("amiga", {"windows", "linux"})
    assert error.known == ("linux", "windows") and "linux, windows" in str(error)


def test_a_cycle_shows_its_chain():
    assert "a -> b -> a" in str(errors.RelativeCycleError(["a", "b", "a"]))


def test_an_unknown_token_is_told_in_words_and_not_as_a_repr():
    assert str(errors.UnknownTokenError("SHOOT", ["SHOT"])).endswith("the tokens are SHOT. Did you mean 'SHOT'?")


def test_missing_tokens_say_how_to_give_them():
    assert "no value for SHOT, JOB; give them as SHOT=" in str(errors.MissingTokensError(["SHOT", "JOB"]))


def test_a_token_value_error_says_who_set_the_expression():
    error = errors.TokenValueError("SHOT", "x", r"\d+", "film.yml:3:5")
    assert str(error).endswith(r"(\d+), set by film.yml:3:5.")


def test_a_context_that_is_not_found_names_the_nearest():
    assert str(errors.ContextNotFoundError("job/shoot", ["job/shot"])).endswith("Did you mean 'job/shot'?")


def test_a_hint_is_made_only_when_the_error_is_shown(monkeypatch):
    monkeypatch.setattr(errors, "did_you_mean", lambda name, known: pytest.fail("the hint is not wanted yet"))
    errors.ContextNotFoundError("job/shoot", ["job/shot"])
    errors.UnknownTokenError("SHOOT", ["SHOT"])
    errors.ActionNotFoundError("rendr", ["render"])


def test_a_parse_error_points_at_where_the_text_stopped_to_fit():
    assert str(errors.ParseError("/a/x", "/a/{A}/b", 4)).splitlines()[1:] == ["/a/x", "    ^"]


def test_an_action_that_is_not_found_is_no_attribute():
    error = errors.ActionNotFoundError("rendr", ["render"])
    assert error.name == "rendr" and "'render'" in str(error)


def test_the_errors_import_nothing_heavy():
    source = inspect.getsource(sys.modules["ways.errors"])
    assert "\nimport difflib" not in source and "\nfrom difflib" not in source


def test_a_name_with_an_empty_part_is_no_function():
    with pytest.raises(errors.RefusedCallError, match="'os..path' can't be imported: it is no dotted name"):
        function_of("os..path")


def test_a_pattern_has_no_other_attributes():
    pattern = Pattern(Template.of("/{A}", {}))
    assert not hasattr(pattern, "nonsense") and not hasattr(pattern, "__wrapped__")


def test_every_error_is_on_its_page():
    page = (Path(__file__).parent.parent / "docs" / "reference" / "errors.rst").read_text(encoding="utf-8")
    builtins = dict(re.findall(r"^   \* - ``(\w+Errors?)``\n     -(.*)$", page, re.MULTILINE))
    assert builtins.keys() == {"WaysError", *(kind.__name__ for kind, _, _ in FAMILY)}
    for kind, builtin, _ in FAMILY:
        assert builtin is WaysError or f"``{builtin.__name__}``" in builtins[kind.__name__]


def test_an_action_that_is_not_found_keeps_its_name_in_a_pickle():
    assert pickle.loads(pickle.dumps(errors.ActionNotFoundError("rendr", ["render"]))).name == "rendr"
