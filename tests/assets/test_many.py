"""Many texts at once: each answer is that of the text alone, and mappings of one skeleton are compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from ways.api import STRICT_TIERS, TIERS, Asset, Session, WaysError

DETAILS: dict[str, Any] = {
    "JOB": {"parse": {"regex": "[a-z]+"}},
    "SHOT": {"mapping": "{PREFIX}_{NUMBER}"},
    "PREFIX": {"parse": {"regex": "[a-z]+"}},
    "NUMBER": {"format": "03d"},
    "STATUS": {"choices": {"work": "wip", "publish": "pub"}},
    "NOTE": {"parse": {"regex": "[a-z]+"}},
    "FRAME": {"format": "04d", "sequence": True},
    "STEM": {"mapping": "{NAME}_{STATUS}", "parse": {"regex": "(?:plate|hero).*"}},
    "PATH": {"segments": True},
}
PLUGINS: dict[str, Any] = {
    "job": {"hierarchy": "job", "mapping": "/jobs/{JOB}", "path": True},
    "plain": {"hierarchy": "job/plain", "mapping": "/jobs/{JOB}/plain/{SHOT}"},
    "typed": {"hierarchy": "job/typed", "mapping": "/jobs/{JOB}/typed/{NUMBER}_{NUMBER}"},
    "part": {"hierarchy": "job/part", "mapping": "/jobs/{JOB}/part/{NAME}[-{NOTE}]"},
    "loose": {"hierarchy": "job/loose", "mapping": "/jobs/{JOB}/loose/{NAME}[-{REST}]"},
    "frames": {"hierarchy": "job/frames", "mapping": "/jobs/{JOB}/frames/{NAME}.{FRAME}.exr"},
    "stem": {"hierarchy": "job/stem", "mapping": "/jobs/{JOB}/stem/{STEM}"},
    "cutting": {"hierarchy": "job/cutting", "mapping": "/jobs/{JOB}[/x/{NOTE}]/cutting/{NAME}"},
    "segments": {"hierarchy": "job/segments", "mapping": "/lib/{PATH}/end"},
    "one": {"hierarchy": "job/one", "mapping": "/jobs/{JOB}/same/{NAME}"},
    "other": {"hierarchy": "job/other", "mapping": "/jobs/{JOB}/same/{NOTE}"},
    "equal": {"hierarchy": "job/equal", "mapping": "/jobs/{JOB}/equal/{NAME}"},
    "even": {"hierarchy": "job/even", "mapping": "/jobs/{JOB}/equal/{WORD}"},
    "named": {"hierarchy": "job/named", "mapping": "/jobs/{JOB}/named/{NAME}", "search": False},
    "status": {"hierarchy": "job/status", "mapping": "/jobs/{JOB}/status/{STATUS}"},
    "published": {"hierarchy": "job/status", "mapping": "/jobs/{JOB}/status/out/{STATUS}", "when": {"STATUS": "publish"}},
    "layer": {"hierarchy": "job/layer", "mapping": "/jobs/{JOB}/layer/{NAME}", "assignment": "moon"},
}
TEXTS = [
    "/jobs/dune", "/jobs/dune/", "/jobs/dune/plain/sh_001", "/jobs/dune/plain/sh_1", "/jobs/dune/typed/001_001",
    "/jobs/dune/typed/001_002", "/jobs/dune/part/a", "/jobs/dune/part/a-b", "/jobs/dune/part/a-b-c", "/jobs/dune/loose/a-b-c",
    "/jobs/dune/loose/a", "/jobs/dune/frames/a.0001.exr", "/jobs/dune/frames/a.%04d.exr", "/jobs/dune/frames/a.####.exr",
    "/jobs/dune/stem/plate_a_wip", "/jobs/dune/stem/other_wip", "/jobs/dune/cutting/a", "/jobs/dune/x/y/cutting/a",
    "/lib/a/b/end", "/lib/a/../end", "/jobs/dune/same/a", "/jobs/dune/same/A", "/jobs/dune/equal/a", "/jobs/dune/named/a",
    "/jobs/dune/status/wip", "/jobs/dune/status/pub", "/jobs/dune/status/out/pub", "/jobs/dune/status/out/wip",
    "/jobs/dune/layer/a", "/jobs/dune/plain/sh_001/", "nothing", "", "/", "/jobs//plain/sh_001", "/jobs/d\udcff/plain/sh_001",
    "/jobs/dune/equal/a\nb", "/jobs/dune/" + "a" * 40_000, "C:\\jobs\\dune", "/jobs/dune/plain\0/sh_001",
]  # fmt: skip


@pytest.fixture(params=[1, 2], ids=["the first syntax", "the second syntax"])
def session(request: Any) -> Session:
    session = Session()
    common = {"mapping_details": DETAILS, "syntax": request.param}
    plugins = {
        name: {**plugin, **(common if plugin["hierarchy"] == "job" else {"syntax": request.param})} for name, plugin in PLUGINS.items()
    }
    if request.param == 1:
        plugins = {name: plugin for name, plugin in plugins.items() if "[" not in plugin["mapping"]}
    session.add_plugins(**plugins)
    return session


def shown(answer: Any) -> Any:
    """Return what is compared of an answer."""
    if isinstance(answer, WaysError):
        return type(answer), answer.at_once()
    if isinstance(answer, Asset):
        return answer.get_hierarchy(), answer.context.assignment, list(answer.info.items()), answer.get_str(required=False)
    return answer.context, list(answer.values.items()), answer.tier, answer.rank, answer.view


def alone(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what a function returns, or its error."""
    try:
        return function(*args, **kwargs)
    except WaysError as error:
        return error


@pytest.mark.parametrize("tiers", [STRICT_TIERS, TIERS], ids=["strict", "lenient"])
def test_each_of_many_is_read_as_it_is_alone(session: Session, tiers: Any) -> None:
    read = dict(session.read_many(TEXTS * 3, tiers=tiers))
    for text in TEXTS:
        assert shown(read[text]) == shown(alone(session.read, text, tiers=tiers)), text


def test_each_of_many_assets_is_the_one_of_its_text_alone(session: Session) -> None:
    for text, asset in zip(TEXTS, session.get_assets(TEXTS, strict=True)):
        assert shown(asset) == shown(alone(session.get_asset, text, strict=True)), text


def test_columns_have_what_each_text_is(session: Session) -> None:
    columns = session.get_assets(TEXTS, strict=True, as_columns=True)
    rows = {row: (place, number) for place, table in columns.items() for number, row in enumerate(table["row"])}
    assert sorted(rows) == list(range(len(TEXTS)))
    for row, text in enumerate(TEXTS):
        place, number = rows[row]
        answer = alone(session.read, text)
        values = {name: column[number] for name, column in columns[place].items() if column[number] is not None}
        if isinstance(answer, WaysError):
            assert (place, values) == ("", {"row": row, "text": text, "error": str(answer)})
        else:
            assert (place, values) == (answer.hierarchy, {"row": row, "text": text, **answer.values})


def test_mappings_of_one_skeleton_are_compiled_once() -> None:
    session = Session()
    kinds = {f"kind{number}": number for number in range(100)}
    session.add_plugins(
        **{
            kind: {"hierarchy": kind, "mapping": f"/jobs/{{JOB}}/{kind}/{{NUMBER}}", "mapping_details": DETAILS, "syntax": 2}
            for kind in kinds
        }
    )
    with mock.patch.object(re, "compile", wraps=re.compile) as compiled:
        answers = [answer for _, answer in session.read_many(f"/jobs/dune/{kind}/001" for kind in kinds)]
    assert [answer.hierarchy for answer in answers if not isinstance(answer, WaysError)] == [*kinds]
    written = [call.args[0] for call in compiled.call_args_list if "JOB" in str(call.args[0])]
    assert len(written) <= 2


def test_the_world_may_change_between_two_of_many() -> None:
    session = Session()
    session.add_plugins(one={"hierarchy": "one", "mapping": "/a/{A}", "syntax": 2})
    answers = session.read_many(["/a/x", "/b/x", "/b/x"])
    assert not isinstance(next(answers)[1], WaysError)
    assert isinstance(next(answers)[1], WaysError)
    session.add_plugins(two={"hierarchy": "two", "mapping": "/b/{A}", "syntax": 2})
    assert not isinstance(next(answers)[1], WaysError)


def test_a_text_is_answered_before_the_next_is_asked_for(session: Session) -> None:
    asked = []

    def texts() -> Iterator[str]:
        for text in ("/jobs/dune", "/jobs/owl"):
            asked.append(text)
            yield text

    next(iter(session.read_many(texts())))
    assert asked == ["/jobs/dune"]


def test_texts_that_are_read_leniently_alone_are_read_as_each_by_itself(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {"parse": {"regex": "[a-z]+"}}}})
    texts = ["/jobs/abc", "/jobs/ABC", "/jobs/a/b", "nothing"]
    for tiers in (("b",), ("b", "c"), ("c", "a")):
        found = dict(session.read_many(texts, tiers=tiers))
        for text in texts:
            try:
                assert session.read(text, tiers=tiers).values == found[text].values
            except WaysError as error:
                assert type(found[text]) is type(error)
