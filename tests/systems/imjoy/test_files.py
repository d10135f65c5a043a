"""ImJoy files: blocks, configurations, tags as layers, and the problems of files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.api import Draft, Session, Source
from ways.sheets import schema
from ways.systems.imjoy.files import blocks as imjoy_blocks, config as imjoy_config, requirements as imjoy_requirements
from ways.systems.imjoy.files.format import IMJOY_FORMATS
from ways.systems.imjoy.files.blocks import content_of, scan

HERE = Source("here/a.imjoy.html", "imjoy")
GOOD = {"name": "Spot", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8"}
SCRIPT = '<script lang="python">\nfrom imjoy import api\n</script>\n'
TAGGED = {
    **GOOD,
    "tags": ["cpu", "gpu"],
    "requirements": {"cpu": ["numpy"], "gpu": ["numpy", "conda:cudatoolkit"]},
    "flags": "single-instance",
}


def file_of(config: object, blocks: str = SCRIPT, lang: str = ' lang="json"') -> str:
    text = config if isinstance(config, str) else json.dumps(config, indent=2)
    return f"<config{lang}>\n{text}\n</config>\n{blocks}"


def read(text: str) -> Draft:
    return IMJOY_FORMATS[0].read(text.encode(), HERE)


def plugins(text: str) -> dict[str, Any]:
    draft = read(text)
    assert not draft.is_lost, draft.problems
    return draft.data["plugins"]  # type: ignore[index]


def problems_of(text: str) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.level, problem.source.line) for problem in read(text).problems]


# --- blocks


@pytest.mark.parametrize(
    "text, names",
    [
        ("<html><body><config>{}</config></body></html>", ["html"]),
        ('<CONFIG lang="json">{}</CONFIG>', ["CONFIG"]),
        ("<docs>see <config>{}</config></docs><config>{}</config>", ["docs", "config"]),
        ("<docs>a <script> here</docs><config>{}</config>", ["docs"]),
        ("<link rel=x href=y><config>{}</config>", ["link"]),
        ("<link rel=x href=y/><link /><config>{}</config>", ["link"]),
        ("<!-- <config>{}</config> --><docs/>", ["docs"]),
        ("<docs><https://h/x> and <b></docs><config>{}</config>", ["docs", "config"]),
        ("text <window><script>a</b></script></window>", ["window"]),
    ],
    ids=["html", "upper", "sample", "script in docs", "open link", "slash in a value", "comment", "autolink", "window"],
)
def test_only_elements_at_the_top_are_blocks(text: str, names: list[str]) -> None:
    assert [block.name for block in scan(text)] == names


@pytest.mark.parametrize("inside", ['"<b>x</b>"', '"<br>"', '"a < b"', '"x<y and z>w"'])
def test_markup_in_a_text_of_the_configuration_stays_what_it_is(inside: str) -> None:
    made = plugins(file_of('{"name": "A", "type": "window", "api_version": "1", "x": %s}' % inside))
    assert made["A"]["data"]["x"] == json.loads(inside)


def test_attributes_are_decoded_and_an_empty_one_is_just_there() -> None:
    (block,) = scan("""<script lang = python tag="a&lt;b" src='' async x=1 x=2>""")
    assert block.attributes == {"lang": "python", "tag": "a<b", "src": True, "async": True, "x": "2"}


@pytest.mark.parametrize(
    "text, content",
    [
        ("<docs>\n  a\n    b\n\n  c\n</docs>", "\na\n  b\n\nc\n"),
        ("<docs>\r\n\ta\r\n\tb\r\n</docs>", "\na\nb\n"),
        ("<docs>\r\na\r\n b</docs>", "\r\na\r\n b"),
        ("<docs>\n  a\n\tb\n</docs>", "\n  a\n\tb\n"),
        ("<docs> \n  </docs>", "\n"),
        ("<docs></docs>", ""),
    ],
    ids=["blanks", "tabs", "not indented", "mixed", "blank", "empty"],
)
def test_content_loses_the_indentation_that_its_lines_share(text: str, content: str) -> None:
    assert content_of(text, scan(text)[0]).text == content


@pytest.mark.parametrize("piece", ["<a>", "</a", "<a ", "<!--", "<!DOCTYPE ", "<script></script", "<![", "<a b='", '<a b="', "<a></b>"])
def test_a_great_file_is_scanned_in_time(piece: str) -> None:
    scan(piece * (400_000 // len(piece)))


def test_there_are_no_more_blocks_than_the_limit_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.systems.imjoy.files.blocks.MAX_BLOCKS", 3)
    assert [code for code, _, _ in problems_of(file_of(GOOD, SCRIPT * 9))] == ["too-large"]
    assert imjoy_blocks.MAX_BLOCKS == 3


# --- the configuration


def test_each_key_is_reported_with_its_line_in_the_file() -> None:
    draft = read("<!-- one -->\n<docs>x</docs>\n" + file_of(GOOD))
    assert draft.positions["plugins", "Spot"] == (3, 1)
    assert draft.positions["plugins", "Spot", "hierarchy"] == (5, 3)
    assert draft.positions["plugins", "Spot", "data", "api_version"] == (8, 3)


def test_the_keys_of_a_tag_have_the_lines_of_that_tag() -> None:
    draft = read(file_of(TAGGED))
    assert draft.positions["plugins", "Spot", "data", "requirements", 0] == (13, 7)
    assert draft.positions["plugins", "Spot@gpu", "data", "requirements"] == (15, 5)
    assert draft.positions["plugins", "Spot@gpu", "data", "requirements", 1] == (17, 7)


YAML = """  name: Spot
  type: native-python
  version: 1.10
  api_version: 0.1
  on: yes
  when: 2020-01-01
  inputs: {type: object}
  tags: [a, b]
  requirements:
    a: numpy
    b: [x, 'pip: y']
"""


def test_yaml_knows_true_and_false_alone_and_keeps_versions_as_texts() -> None:
    data = plugins(file_of(YAML, lang=" lang=yaml"))["Spot"]["data"]
    assert (data["version"], data["api_version"], data["on"], data["when"]) == ("1.10", "0.1", "yes", "2020-01-01")
    assert data["requirements"] == ["numpy"] and data["inputs"] == {"type": "object"}


def test_yaml_has_positions_in_the_file_though_its_lines_lose_their_indentation() -> None:
    draft = read("\n\n" + file_of(YAML, lang=" lang=yaml"))
    assert draft.positions["plugins", "Spot", "hierarchy"] == (4, 3)
    assert draft.positions["plugins", "Spot@b", "data", "requirements", 1] == (14, 12)


def test_a_tag_of_yaml_builds_nothing() -> None:
    draft = read(file_of("name: !!python/object/apply:os.system [x]", lang=" lang=yaml"))
    assert draft.is_lost and [problem.code for problem in draft.problems] == ["config-syntax"]


@pytest.mark.parametrize("lang, api", [("", "0.1.5"), (' lang="xml"', "0.1.2"), (' lang="JSON"', "0.1")])
def test_an_old_configuration_needs_no_language(lang: str, api: str) -> None:
    assert "Spot" in plugins(file_of({**GOOD, "api_version": api}, lang=lang))


@pytest.mark.parametrize(
    "version, other, expected", [("0.1.10", "0.1.9", 1), ("0.1", "0.1.0", 0), ("1.0a", "1.0", 0), ("1", "1.0.1", -1)]
)
def test_versions_are_compared_by_their_numbers(version: str, other: str, expected: int) -> None:
    one, two = imjoy_config.version_key(version), imjoy_config.version_key(other)
    assert (one > two) - (one < two) == expected


@pytest.mark.parametrize("old, new", [("pyworker", "native-python"), ("webworker", "web-worker"), ("webpython", "web-python")])
def test_the_types_of_an_old_version_have_their_new_names(old: str, new: str) -> None:
    config = {"name": "Spot", "mode": old, "api_version": "0.1.1"}
    data = plugins(file_of(config))["Spot"]["data"]
    assert data["type"] == new and "mode" not in data


# --- tags


def test_each_tag_is_a_layer_that_is_whole() -> None:
    made = plugins(file_of(TAGGED))
    assert [(name, plugin.get("assignment"), plugin["data"]["requirements"]) for name, plugin in made.items()] == [
        ("Spot", None, ["numpy"]),
        ("Spot@cpu", "cpu", ["numpy"]),
        ("Spot@gpu", "gpu", ["numpy", "conda:cudatoolkit"]),
    ]
    assert {plugin["data"]["name"] for plugin in made.values()} == {"Spot"}
    assert {tuple(plugin["data"]["flags"]) for plugin in made.values()} == {("single-instance",)}


def session_of(tmp_path: Path, **files: str) -> Session:
    for name, text in files.items():
        (tmp_path / f"{name}.imjoy.html").write_text(text, encoding="utf-8")
    session = Session()
    session.add_search_path(str(tmp_path))
    return session


def test_a_context_answers_for_its_tag_or_for_the_first(tmp_path: Path) -> None:
    session = session_of(tmp_path, a=file_of(TAGGED))
    assert session.problems == []
    assert session.get_context("imjoy/local/Spot").data["requirements"] == ["numpy"]
    assert session.get_context("imjoy/local/Spot", assignment="gpu").data["requirements"] == ["numpy", "conda:cudatoolkit"]
    assert session.get_context("imjoy/local/Spot", assignment="tpu") is None


@pytest.mark.parametrize("priority, tag", [("master", "cpu"), ("master:gpu", "gpu"), ("gpu", "gpu"), ("master:cpu:gpu", "gpu")])
def test_two_tags_are_never_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, priority: str, tag: str) -> None:
    config = {**TAGGED, "env": {"cpu": "conda create -n c"}, "labels": {"gpu": ["x"]}}
    alone = session_of(tmp_path, a=file_of(config)).get_context("imjoy/local/Spot", assignment=tag).data
    monkeypatch.setenv("WAYS_PRIORITY", priority)
    assert session_of(tmp_path).get_context("imjoy/local/Spot").data == alone


def test_a_tag_that_is_called_as_the_usual_layer_is_that_layer(tmp_path: Path) -> None:
    session = session_of(tmp_path, a=file_of({**GOOD, "tags": ["a", "master"], "requirements": {"a": ["x"], "master": ["y"]}}))
    assert session.get_context("imjoy/local/Spot").data["requirements"] == ["y"]
    assert session.get_context("imjoy/local/Spot", assignment="a").data["requirements"] == ["x"]


def test_the_type_of_a_tag_says_where_it_runs() -> None:
    made = plugins(file_of({**GOOD, "tags": ["n", "w"], "type": {"n": "native-python", "w": "web-python"}}))
    assert [(name, plugin["data"]["_imjoy"]["runs_in"]) for name, plugin in made.items()] == [
        ("Spot", "engine"), ("Spot@n", "engine"), ("Spot@w", "browser")
    ]


SCRIPTS = '<script tag="cpu">1</script><script>2</script><script tag="gpu">3</script><script tag="">4</script><script>5</script>'


@pytest.mark.parametrize("name, texts", [("Spot", "125"), ("Spot@cpu", "125"), ("Spot@gpu", "235")])
def test_a_tag_has_its_own_scripts_and_those_of_all(name: str, texts: str) -> None:
    own = plugins(file_of(TAGGED, SCRIPTS))[name]["data"]["_imjoy"]
    assert "".join(script["text"] for script in own["scripts"]) == texts


def test_every_block_is_kept_as_text() -> None:
    blocks = """<docs lang="markdown">read *me*</docs><docs>no</docs><window><b>w</b></window><style>s</style>
<link rel="stylesheet" href="h"/><attachment name="a">1</attachment><attachment name="a">2</attachment><script>import os</script>"""
    data = plugins(file_of({**GOOD, "docs": "x"}, blocks))["Spot"]["data"]
    own = data["_imjoy"]
    assert data["docs"] == own["docs"]["text"] == "read *me*"
    assert (own["attachments"], own["windows"][0]["text"], own["styles"][0]["text"]) == ({"a": "1"}, "<b>w</b>", "s")
    assert own["links"] == [{"rel": "stylesheet", "href": "h", "text": "", "line": 11}]
    assert own["scripts"][0]["text"] == "import os" and own["scripts"][0]["line"] == 11


def test_any_key_is_kept_and_one_that_imjoy_does_not_know_is_information() -> None:
    draft = read(file_of({**GOOD, "color": [1, {"a": None}]}))
    data = draft.data["plugins"]["Spot"]["data"]  # type: ignore[index]
    assert data["color"] == [1, {"a": None}] and draft.problems == ()
    assert [diagnostic["code"] for diagnostic in data["_imjoy"]["diagnostics"]] == ["unknown-key"]


@pytest.mark.parametrize("name", ["Localization File (csv)", "three.js", "a%2Eb", "plein é", "[x] {y}"])
def test_a_name_may_hold_nearly_anything(tmp_path: Path, name: str) -> None:
    session = session_of(tmp_path, a=file_of({**GOOD, "name": name}))
    context = session.get_context(("imjoy", "local", name))
    assert context is not None and context.data["name"] == name
    assert session.get_asset(name, strict=True).context.hierarchy == context.hierarchy


def test_a_uri_of_the_plugin_is_an_asset(tmp_path: Path) -> None:
    session = session_of(tmp_path, a=file_of(TAGGED))
    assert session.read("Spot@gpu").values == {"PLUGIN": "Spot", "TAG": "gpu"}
    assert session.get_asset("Spot@gpu").context.hierarchy == ("imjoy", "local", "Spot")


# --- files that are wrong: see test_malformed, too

@pytest.mark.parametrize(
    "config, word",
    [({"nam": "A"}, "'nam'"), ({"name": 12}, "12"), ({"name": " "}, "' '"), ({"name": None}, "None"), ({"name": "a/b"}, "without '/'")],
    ids=["none", "number", "blank", "null", "slash"],
)
def test_a_plugin_without_a_name_is_no_plugin(config: dict[str, Any], word: str) -> None:
    draft = read(file_of({"api_version": "0.1.8", "type": "window", **config}))
    (problem,) = draft.problems
    assert problem.code == "name" and word in str(problem) and draft.data == {"plugins": {}}


def test_a_tag_without_a_value_has_the_default_and_a_hint() -> None:
    config = {**GOOD, "tags": ["CPU", "Window-GPU"], "requirements": {"CPU": ["a"], "Windows-GPU": ["b"]}}
    draft = read(file_of(config))
    assert draft.data["plugins"]["Spot@Window-GPU"]["data"]["requirements"] == []  # type: ignore[index]
    assert [(problem.code, problem.help) for problem in draft.problems] == [("tag-missing", "Did you mean 'Windows-GPU'?")]


def test_a_value_that_a_tag_lacks_is_no_object_of_another_plugin() -> None:
    config = {**GOOD, "tags": ["a"], "flags": {"b": ["x"]}}
    lists = [plugins(file_of({**config, "name": name}))[name]["data"]["flags"] for name in ("A", "B")]
    assert lists == [[], []] and lists[0] is not lists[1]


def test_a_second_configuration_is_reported_and_the_first_is_used() -> None:
    text = file_of(GOOD) + file_of({**GOOD, "name": "B"})
    assert list(plugins(text)) == ["Spot"]
    assert problems_of(text) == [("duplicate-config", "warning", 12)]


def test_a_script_that_never_ends_is_reported_and_is_empty() -> None:
    text = file_of(GOOD, "<script>\nx = 1\n")
    assert problems_of(text) == [("unclosed-block", "warning", 9)]
    assert plugins(text)["Spot"]["data"]["_imjoy"]["scripts"][0]["text"] == ""


def test_a_comma_too_many_is_reported_and_read_all_the_same() -> None:
    text = file_of('{"name": "A", "type": "window", "api_version": "1",}')
    assert problems_of(text) == [("config-syntax", "error", 2)] and list(plugins(text)) == ["A"]


def test_a_key_that_stands_twice_is_reported_and_the_last_is_used() -> None:
    text = file_of('{"name": "A", "type": "window", "api_version": "1",\n"cover": "a", "cover": "b"}')
    assert problems_of(text) == [("duplicate-key", "error", 3)] and plugins(text)["A"]["data"]["cover"] == "b"


def test_a_plugin_without_a_script_is_reported() -> None:
    assert problems_of(file_of(GOOD, "")) == [("no-script", "warning", 1)]
    assert problems_of(file_of({**GOOD, "type": "collection"}, "")) == []


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", "é".encode("latin-1"), b"\0", b"<config>\xff"], ids=repr)
def test_any_bytes_are_read_or_reported(data: bytes) -> None:
    draft = IMJOY_FORMATS[0].read(data, HERE)
    assert draft.problems and draft.is_lost


def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm() -> None:
    draft = IMJOY_FORMATS[0].read(b"\xef\xbb\xbf" + file_of(GOOD).replace("\n", "\r\n").encode(), HERE)
    assert draft.problems == () and draft.positions["plugins", "Spot", "hierarchy"] == (3, 3)


# --- limits


def bomb() -> str:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text, lang",
    [
        ('{"name": "A", "x": ' + "[" * 200 + "]" * 200 + "}", "json"),
        ('{"name": "A", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "json"),
        ('{"name": "A", "x": [' + "1," * 200_000 + "1]}", "json"),
        (bomb(), "yaml"),
        ("x: &x " + "a" * 1_000_000 + "\ny: [" + ", ".join(["*x"] * 100) + "]", "yaml"),
    ],
    ids=["deep", "deepest", "many", "bomb", "long"],
)
def test_a_configuration_that_is_too_great_is_refused(text: str, lang: str) -> None:
    draft = read(file_of(text, lang=f' lang="{lang}"'))
    assert draft.is_lost and [problem.code for problem in draft.problems] in (["too-large"], ["config-syntax"])


@pytest.mark.parametrize(
    "config",
    [
        {"tags": [f"t{n}" for n in range(imjoy_config.MAX_TAGS + 1)]},
        {"requirements": ["a"] * (imjoy_requirements.MAX_ENTRIES + 1)},
        {"requirements": ["a" * (imjoy_requirements.MAX_ENTRY + 1)]},
        {"requirements": ["a" * 1000] * 60},
        {"env": ["x"] * 1001},
        {"env": ["x" * 1000] * 60},
        {"env": "x" * 10_001},
        {"cmd": "x" * 10_001},
    ],
    ids=["tags", "requirements", "a requirement", "all requirements", "env", "all of env", "a command", "cmd"],
)
def test_a_list_that_is_too_long_is_cut_and_reported(config: dict[str, Any]) -> None:
    draft = read(file_of({**GOOD, **config}))
    assert [problem.code for problem in draft.problems] == ["too-large"] and draft.data["plugins"]  # type: ignore[index]


def test_a_file_that_no_longer_reads_keeps_what_it_said_last(tmp_path: Path) -> None:
    session = session_of(tmp_path, a=file_of(GOOD))
    (tmp_path / "a.imjoy.html").write_text("<html></html>", encoding="utf-8")
    session.refresh()
    assert session.get_context("imjoy/local/Spot").data["version"] == "0.1.0"
    assert [problem.code for problem in session.problems] == ["no-config"] and not session.sheets[0].is_readable


# --- any configuration at all

LETTERS = st.characters(max_codepoint=0xD7FF, exclude_categories=["Cc"])
WORDS = st.sampled_from(["a", "b", "window", "native-python", "{id:'a'}", "pip:", "conda create", "o/r:x"])
TEXTS = st.text(LETTERS, max_size=6) | WORDS
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
BRANCHES = st.sampled_from(["a", "b", "type", "options"])
VALUES = st.recursive(LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(BRANCHES, below, max_size=3), max_leaves=8)
KEYS = ("type", "tags", "cmd", "gui", "inputs", "api_version", "version", "mode", "docs", "disabled", "uri", *imjoy_config.PER_TAG)
CONFIGS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)


@settings(deadline=None)
@given(CONFIGS, st.sampled_from(["json", "yaml"]), VALUES)
def test_any_configuration_with_a_name_is_a_plugin(config: dict[str, Any], lang: str, root: object) -> None:
    named = {**config, "name": "A"}
    one = read(file_of(named, lang=f' lang="{lang}"'))
    manifest = json.dumps({"plugins": [{**named, "disabled": 0, "uri": "https://h/a"}], "uri_root": "", "repository": root})
    two = IMJOY_FORMATS[1].read(manifest.encode(), Source("manifest.imjoy.json"))
    for draft, count in ((one, 1), (two, 2)):
        records, problems = schema.check(draft, HERE)
        assert len(records) >= count and problems == draft.problems
