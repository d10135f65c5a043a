"""URIs of ImJoy plugins, links to its app, and its forms."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.api import Source
from ways.errors import ImJoyError
from ways.systems.imjoy.files.form import WIDGETS, parameters
from ways.systems.shared import Problems
from ways.systems.imjoy.files.uri import PluginURI, parse_app_url, parse_uri, repository_of

pytestmark = pytest.mark.portability

RAW = "https://raw.githubusercontent.com/o/r/feature/x/y.imjoy.html"
DROPBOX = "https://dl.dropboxusercontent.com/s/x/F.imjoy.html?dl=1"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("oeway/DRFNS-Lite:DRFNS-Lite", PluginURI("repository", "oeway/DRFNS-Lite", "", "DRFNS-Lite")),
        ("oeway/DRFNS-Lite:DRFNS-Lite@GPU", PluginURI("repository", "oeway/DRFNS-Lite", "", "DRFNS-Lite", "GPU")),
        ("oeway/DRFNS-Lite@4063b24:DRFNS-Lite@GPU", PluginURI("repository", "oeway/DRFNS-Lite", "4063b24", "DRFNS-Lite", "GPU")),
        (" a/b.c : Untitled Plugin @Linux CPU ", PluginURI("repository", "a/b.c", "", "Untitled Plugin", "Linux CPU")),
        ("Name", PluginURI("bare", name="Name")),
        ("Name @ GPU", PluginURI("bare", name="Name", tag="GPU")),
        ("https://github.com/o/r/blob/feature/x/y.imjoy.html", PluginURI("url", url=RAW)),
        ("http://github.com/o/r/blob/feature/x/y.imjoy.html@GPU", PluginURI("url", url=RAW, tag="GPU")),
        ("https://gist.github.com/u/1234@GPU", PluginURI("gist", url="https://gist.github.com/u/1234", tag="GPU")),
        (f"{RAW}@Linux CPU", PluginURI("url", url=RAW, tag="Linux CPU")),
        ("https://h/p.imjoy.html?dl=1@GPU", PluginURI("url", url="https://h/p.imjoy.html?dl=1", tag="GPU")),
        ("https://user@h/p.imjoy.html", PluginURI("url", url="https://user@h/p.imjoy.html")),
        ("https://www.dropbox.com/s/x/F.imjoy.html?dl=0", PluginURI("url", url=DROPBOX)),
        ("https://www.dropbox.com/s/x/F.imjoy.html@T", PluginURI("url", url=DROPBOX, tag="T")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_uri_says_where_a_plugin_is(text: str, expected: PluginURI) -> None:
    assert parse_uri(text) == expected


@pytest.mark.parametrize(
    "text, code",
    [
        ("", "uri"), ("a/b:", "uri"), ("a/b: @x", "uri"), ("a/b:x:y", "uri"), ("a/b:x/y", "uri"), ("a/b/c:x", "uri"), ("a/b", "uri"),
        ("a/b:x@", "uri"), ("x@", "uri"), ("x@y@z", "uri"), ("./p.imjoy.html", "uri"), ("/p.imjoy.html", "uri"),
        ("C:\\p.imjoy.html", "uri"),
        ("file:///p.imjoy.html", "uri"), ("https://github.com/o/r/tree/master/y.imjoy.html", "uri"), ("https://[x/p.imjoy.html", "uri"),
        ("https://h/p.imjoy.html@", "uri"),
        ("https://kaibu.org/#/app", "uri-external"), ("https://h/p.html", "uri-external"), ("a" * 5000, "uri"),
        ("https:////h/p.imjoy.html", "uri"), ("https:///p.imjoy.html", "uri"),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_uri_is_refused(text: str, code: str) -> None:
    with pytest.raises(ImJoyError) as error:
        parse_uri(text)
    assert error.value.code == code and error.value.help


PART = st.text(alphabet="abcXYZ019._-", min_size=1, max_size=8)
NAME = st.text(alphabet="ab XY().#%+é&?=", min_size=1, max_size=10).map(str.strip).filter(bool)
TAG = st.one_of(st.just(""), NAME)
COMMIT = st.one_of(st.just(""), PART, st.builds("{}/{}".format, PART, PART))
OWNER = st.from_regex(r"[\w-]{1,6}", fullmatch=True)
URL = st.builds("https://h.org/{}.imjoy.html{}".format, PART, st.sampled_from(["", "?dl=1", "?a=b&c=d"]))
NONE = st.just("")
URIS = st.one_of(
    st.tuples(st.just("repository"), st.builds("{}/{}".format, OWNER, PART), COMMIT, NAME, TAG),
    st.tuples(st.just("bare"), NONE, NONE, NAME, TAG),
    st.tuples(st.just("url"), NONE, NONE, NONE, TAG.filter(lambda tag: "?" not in tag), URL),
).map(lambda parts: PluginURI(*parts))


@given(URIS)
def test_a_uri_that_is_written_is_read_back(uri: PluginURI) -> None:
    assert parse_uri(uri.text) == uri


@given(st.text(max_size=40) | st.text(alphabet="ab/:@ .", max_size=20))
def test_any_text_is_a_uri_with_one_spelling_or_is_refused(text: str) -> None:
    try:
        uri = parse_uri(text)
    except ImJoyError:
        return
    assert parse_uri(uri.text) == uri


@pytest.mark.parametrize(
    "text, expected",
    [
        ("o/n", ("o/n", "")),
        ("o/n.x@dev", ("o/n.x", "dev")),
        ("https://github.com/o/n", ("o/n", "")),
        ("https://github.com/o/n/tree/feature/x", ("o/n", "feature/x")),
        ("git@github.com:o/n.git", ("o/n", "")),
        ("https://gitlab.com/o/n", ("", "")),
        ("n", ("", "")),
    ],
)
def test_a_repository_is_named_in_many_ways(text: str, expected: tuple[str, str]) -> None:
    assert repository_of(text) == expected


def test_a_link_to_the_app_says_what_it_asks_for() -> None:
    asked = parse_app_url("https://imjoy.io/#/app?p=imjoy-team/imjoy-demo-plugins:alert&upgrade=1&w=examples&x=12%203&start=alert")
    assert asked.plugin == PluginURI("repository", "imjoy-team/imjoy-demo-plugins", "", "alert")
    assert (asked.upgrade, asked.workspace, asked.start) == (True, "examples", "alert")
    assert asked.data == {"p": "imjoy-team/imjoy-demo-plugins:alert", "upgrade": "1", "w": "examples", "x": "12 3", "start": "alert"}


@pytest.mark.parametrize(
    "query, field, value",
    [
        ("plugin=a/b:c&p=d/e:f", "plugin", PluginURI("repository", "a/b", "", "c")),
        ("p=image", "search", "image"),
        ("r=o/n", "repository", "o/n"),
        ("t=1&token=2", "token", "2"),
        ("expose=0", "expose", True),
        ("flags=quiet, x", "flags", ("quiet", "x")),
        ("", "data", {}),
    ],
)
def test_a_parameter_of_a_link_has_a_long_and_a_short_name(query: str, field: str, value: object) -> None:
    assert getattr(parse_app_url(f"http://imjoy.io/#/app?{query}"), field) == value


@pytest.mark.parametrize("text", ["https://imjoy.io", "x", "", "https://imjoy.io/?p=a/b:c"])
def test_another_link_is_refused(text: str) -> None:
    with pytest.raises(ImJoyError, match="no link to the ImJoy app"):
        parse_app_url(text)


# --- forms


def form(ui: Any) -> tuple[list[dict[str, Any]], list[str]]:
    problems = Problems(Source("a"))
    return parameters(ui, ("ui",), problems), [fault.code for fault in problems.faults]


def test_a_form_is_a_list_of_parameters_with_their_defaults() -> None:
    ui = "threshold {id: 'thr', type: 'number', min: 0, placeholder: 0.5} on {id: 'ch', type: 'choose', placeholder: 'b'}"
    fields, codes = form(ui)
    assert [(one["label"], one["key"], one["type"], one["default"]) for one in fields] == [
        ("threshold", "thr", "number", 0.5), ("on", "ch", "choose", "b")
    ]
    assert codes == [] and fields[0]["min"] == 0


@pytest.mark.parametrize(
    "widget, default",
    [
        ("type: 'number'", 3),
        ("type: 'string'", "???"),
        ("type: 'choose', options: [1]", None),
        ("type: 'color'", None),
        ("type: 'number', placeholder: 0,", 0),
        ("type: 'number', placeholder: .1", 0.1),
        ("type: 'string', placeholder: 'it\\'s {10:30} https://x'", "it's {10:30} https://x"),
        ("type: 'string', placeholder: \"it's }\"", "it's }"),
        ("type: 'string', placeholder: '<b>'", "<b>"),
        ('"type": "number", "placeholder": -2e1', -20.0),
    ],
)
def test_a_widget_begins_with_its_own_value_or_that_of_its_type(widget: str, default: object) -> None:
    fields, codes = form(f"x {{id: 'a', {widget}}}")
    assert codes == [] and [one.get("default") for one in fields] == [default]


def test_a_form_may_be_a_list_of_texts_and_objects() -> None:
    fields, codes = form(["a {id: 'a', type: 'number'}", {"b": {"id": "b", "type": "string"}, "c": "{id: 'c', type: 'number'}"}, 3])
    assert codes == [] and [(one["label"], one["key"]) for one in fields] == [("a", "a"), ("b:", "b"), ("c:", "c")]


@pytest.mark.parametrize(
    "ui, code",
    [
        ("x {id:'a',type:'number'", "ui-braces"),
        ("} {id:'a',type:'number'}", "ui-braces"),
        ("{id:'a',type:'number}", "ui-braces"),
        ("{hello}", "ui-syntax"),
        ("{my-id: 3}", "ui-syntax"),
        ("{id: nothing}", "ui-syntax"),
        ("{a: " + "[" * 50, "ui-syntax"),
        ("{}", "ui-widget"),
        ("{id:'a',type:'slider'}", "ui-widget"),
        ("{id:'a',type:3}", "ui-widget"),
        ("{id:'a',type:'number'} {id:'a',type:'number'}", "ui-id"),
        ({"id": "a"}, "ui-type"),
        ("x" * 200_000, "ui-type"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_form_that_is_wrong_is_reported(ui: Any, code: str) -> None:
    assert form(ui)[1] == [code]


@pytest.mark.parametrize("kind", [*WIDGETS, "Other plugin/its op"])
def test_widgets_of_imjoy_and_operations_of_plugins_are_known(kind: str) -> None:
    assert form(f"{{id: 'a', type: '{kind}'}}")[1] == []


@given(st.text(alphabet="{}[]:,'\"ab1. \\", max_size=30))
def test_any_text_is_a_form_or_is_reported(ui: str) -> None:
    fields, codes = form(ui)
    assert codes or len(fields) <= ui.count("{")
