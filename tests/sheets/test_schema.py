"""The keys of a sheet (docs/reference/sheet-keys.rst): what each may hold, and what becomes of it."""

from __future__ import annotations

import pytest

from ways.errors import SheetSchemaError
from ways.sheets import schema
from ways.sheets.document import Draft, Source

HERE = Source("a.yml", "yaml")


def checked(data):
    """Return the plugins, by name, and the problems of a sheet."""
    plugins, problems = schema.check(Draft(data), HERE)
    return {plugin.name: plugin.values for plugin in plugins}, list(problems)


def value_of(key, value):
    plugins, problems = checked({"plugins": {"a": {"hierarchy": "job", key: value}}})
    assert problems == []
    return plugins["a"].get(key)


def problem_of(data):
    _, problems = checked(data)
    (problem,) = problems
    return problem


# --- the sheet


@pytest.mark.parametrize("data", [None, {}], ids=["no text", "no key"])
def test_an_empty_sheet_is_no_problem(data):
    assert checked(data) == ({}, [])


@pytest.mark.parametrize("data", [[], "text", 3], ids=["list", "text", "number"])
def test_a_sheet_must_be_a_mapping(data):
    assert "expected a block of keys with 'plugins' in it" in problem_of(data).message


def test_plugins_are_required():
    problem = problem_of({"globals": {}})
    assert problem.code == "missing-key" and problem.message == "expected the key 'plugins', found none"


def test_a_misspelt_key_of_the_sheet_names_the_nearest():
    _, (unknown, missing) = checked({"plugin": {}})
    assert (unknown.level, unknown.help) == ("warning", "Did you mean 'plugins'?") and missing.code == "missing-key"


@pytest.mark.parametrize("plugins", [None, [], "text", 3], ids=["null", "list", "text", "number"])
def test_plugins_must_be_a_mapping(plugins):
    assert "expected a block of plugins, each with its name" in problem_of({"plugins": plugins}).message


@pytest.mark.parametrize("name", [3, True, None, ("a", "b"), 1.5], ids=repr)
def test_a_plugin_may_be_named_by_anything_that_can_be_a_key(name):
    plugins, problems = checked({"plugins": {name: {"hierarchy": "job"}}})
    assert list(plugins) == [name] and problems == []


def test_plugins_keep_the_order_in_which_they_are_written():
    plugins, _ = checked({"plugins": {name: {"hierarchy": name} for name in "cab"}})
    assert list(plugins) == ["c", "a", "b"]


# --- globals


def test_each_key_of_globals_goes_into_each_plugin():
    shared = {"path": True, "data": {"fps": 24}, "mapping": "/x", "platforms": "linux", "groups": "g", "assignment": "client"}
    plugins, _ = checked({"globals": shared, "plugins": {"a": {"hierarchy": "a"}, "b": {"hierarchy": "b"}}})
    normal = {**shared, "platforms": ("linux",), "groups": ("g",)}
    assert plugins == {"a": {**normal, "hierarchy": "a"}, "b": {**normal, "hierarchy": "b"}}


def test_a_plugins_own_key_replaces_the_global_one_whole():
    data = {"globals": {"data": {"fps": 24, "ui": 1}}, "plugins": {"a": {"hierarchy": "a", "data": {"fps": 25}}}}
    assert checked(data)[0]["a"]["data"] == {"fps": 25}


@pytest.mark.parametrize("own", [None, ""], ids=["null", "empty"])
def test_an_assignment_of_nothing_is_that_of_globals(own):
    data = {"globals": {"assignment": "client"}, "plugins": {"a": {"hierarchy": "a", "assignment": own}}}
    assert checked(data)[0]["a"]["assignment"] == "client"


@pytest.mark.parametrize("shared", [None, {}], ids=["null", "empty"])
def test_globals_may_be_empty(shared):
    assert checked({"globals": shared, "plugins": {}}) == ({}, [])


def test_globals_of_the_wrong_kind_are_left_out():
    plugins, (problem,) = checked({"globals": [1], "plugins": {"a": {"hierarchy": "a"}}})
    assert list(plugins) == ["a"] and "found a list" in problem.message


def test_a_wrong_key_of_globals_is_left_out():
    plugins, (problem,) = checked({"globals": {"path": [], "groups": "g"}, "plugins": {"a": {"hierarchy": "a"}}})
    assert plugins == {"a": {"hierarchy": "a", "groups": ("g",)}} and problem.source.pointer == ("globals", "path")


# --- keys that can be used


@pytest.mark.parametrize("hierarchy, expected", [("job/shot", "job/shot"), (["a", "b"], "a/b"), (("a/b",), "a/b"), ("", "")])
def test_a_hierarchy_is_a_text_or_a_list_of_parts(hierarchy, expected):
    assert checked({"plugins": {"a": {"hierarchy": hierarchy}}})[0]["a"]["hierarchy"] == expected


@pytest.mark.parametrize("hierarchy", ["a.b!", "{zz}/x"])
def test_the_characters_of_a_hierarchy_are_not_checked_yet(hierarchy):
    assert checked({"plugins": {"a": {"hierarchy": hierarchy}}})[1] == []


@pytest.mark.parametrize(
    "platforms, expected",
    [
        ("linux", ("linux",)),
        ("Linux, windows", ("linux", "windows")),
        (["Linux", "WINDOWS"], ("linux", "windows")),
        ("*", ("*",)),
        ("", ("*",)),
        ([], ("*",)),
    ],
    ids=repr,
)
def test_platforms_are_names_in_lower_case(platforms, expected):
    assert value_of("platforms", platforms) == expected


@pytest.mark.parametrize(
    "groups, expected",
    [("a", ("a",)), (["a", "b"], ("a", "b")), (("a", "b"), ("a", "b")), ("", ("*",)), (" ", ("*",)), ([], ("*",))],
    ids=repr,
)
def test_groups_are_a_tuple_and_a_text_is_one_group(groups, expected):
    assert value_of("groups", groups) == expected


@pytest.mark.parametrize(
    "uses, expected",
    [("a/b", ("a/b",)), (["a", "b"], ("a", "b")), ([], ()), ("", ()), (" ", ())],
    ids=repr,
)
def test_uses_are_hierarchies_and_a_text_is_one_of_them(uses, expected):
    assert value_of("uses", uses) == expected


@pytest.mark.parametrize("key", sorted(set(schema.PLUGIN_KEYS) - {"hierarchy"}))
def test_a_key_that_holds_nothing_is_absent(key):
    assert value_of(key, None) is None


@pytest.mark.parametrize("path", [True, False, "no", 0, 1, ""], ids=repr)
def test_path_is_kept_as_it_is_written(path):
    assert value_of("path", path) == path


@pytest.mark.parametrize("uuid, expected", [("one", "one"), (12, "12"), ("", "")], ids=repr)
def test_a_uuid_is_a_text(uuid, expected):
    assert value_of("uuid", uuid) == expected


@pytest.mark.parametrize("syntax", [1, 2])
def test_the_token_language_is_one_or_two(syntax):
    assert value_of("syntax", syntax) == syntax


def test_an_id_is_a_key_of_the_authors_own():
    assert checked({"plugins": {"a": {"hierarchy": "a", "id": {"any": "thing"}}}})[1] == []


def test_a_token_may_stand_without_details():
    assert value_of("mapping_details", {"SHOT": None}) == {"SHOT": {}}


def test_the_details_of_a_token_are_normalized_and_free_keys_kept():
    details = {"required": 0, "mapping": "{A}", "parse": {"regex": ".", "glob": None}, "before_return": "f", "casing": "up"}
    assert value_of("mapping_details", {"SHOT": details}) == {
        "SHOT": {"required": False, "mapping": "{A}", "parse": {"regex": "."}, "before_return": ("f",), "casing": "up"}
    }


@pytest.mark.parametrize("key", ["mapping", "parse", "required", "before_return"])
def test_a_detail_that_holds_nothing_is_absent(key):
    assert value_of("mapping_details", {"SHOT": {key: None}}) == {"SHOT": {}}


def test_a_token_may_be_named_by_a_number():
    assert value_of("mapping_details", {3: {}}) == {"3": {}}


# --- keys that can't be used


@pytest.mark.parametrize(
    "key, value, words",
    [
        ("hierarchy", 3, "expected a text such as 'job/shot', found the number 3"),
        ("hierarchy", {"a": 1}, "found a block of keys"),
        ("hierarchy", ["a", 3], "expected a text, found the number 3"),
        ("mapping", 3, "expected a text such as '/jobs/{JOB}', found the number 3"),
        ("mapping", ["/a"], "found a list"),
        ("mapping_details", ["SHOT"], "expected a block of tokens with their details, found a list"),
        ("mapping_details", {"SHOT": "x"}, "expected a block of the token's details, found the text 'x'"),
        ("mapping_details", {"SHOT": {"mapping": 3}}, "expected a text such as '{NAME}_{NUMBER}', found the number 3"),
        ("mapping_details", {"SHOT": {"parse": "x"}}, "expected a block of engines with their expressions"),
        ("mapping_details", {"SHOT": {"parse": {"regex": ["x"]}}}, "expected an expression as a text, found a list"),
        ("mapping_details", {"SHOT": {"before_return": 3}}, "expected a function's name or a list of them"),
        ("mapping_details", {"SHOT": {"before_return": ["f", 3]}}, "expected a text, found the number 3"),
        ("uses", 3, "expected a hierarchy or a list of hierarchies"),
        ("uses", ["a", None], "expected a text, found nothing"),
        ("platforms", {"linux": True}, "expected a platform or a list of platforms, found a block of keys"),
        ("platforms", [1], "expected a text, found the number 1"),
        ("assignment", 3, "expected a text, found the number 3"),
        ("data", ["a"], "expected a block of keys, found a list"),
        ("data", "a", "found the text 'a'"),
        ("path", ["a"], "expected true or false, found a list"),
        ("uuid", True, "expected a text, found the truth value True"),
        ("groups", {"a": 1}, "expected a text or a list of texts, found a block of keys"),
        ("max_folder", 3, "expected a text, found the number 3"),
        ("syntax", 3, "expected 1 or 2, found the number 3"),
        ("syntax", True, "found the truth value True"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_key_of_the_wrong_type_costs_its_plugin_and_no_other(key, value, words):
    plugins, (problem,) = checked({"plugins": {"a": {"hierarchy": "a", key: value}, "b": {"hierarchy": "b"}}})
    assert list(plugins) == ["b"] and words in problem.message
    assert (problem.level, problem.code, problem.source.pointer[:3]) == ("error", "type", ("plugins", "a", key))


def test_a_long_value_is_told_in_short():
    assert len(problem_of({"plugins": {"a": {"hierarchy": "a", "data": "x" * 500}}}).message) < 120


@pytest.mark.parametrize("plugin", [{}, {"hierarchy": None}, {"mapping": "/a"}], ids=["empty", "null", "other keys"])
def test_a_plugin_without_a_hierarchy_is_told(plugin):
    problem = problem_of({"plugins": {"a": plugin}})
    assert (problem.code, problem.source.pointer) == ("missing-key", ("plugins", "a"))


@pytest.mark.parametrize("plugin", [None, [], "x", 3], ids=repr)
def test_a_plugin_must_be_a_mapping(plugin):
    assert "expected a block of keys with 'hierarchy' in it" in problem_of({"plugins": {"a": plugin}}).message


def test_a_misspelt_hierarchy_is_told_with_its_nearest():
    _, (unknown, missing) = checked({"plugins": {"a": {"hierachy": "a"}}})
    assert unknown.help == "Did you mean 'hierarchy'?" and missing.help == "Did you mean it by 'hierachy'?"


@pytest.mark.parametrize("key, help", [("maping", "Did you mean 'mapping'?"), ("zzz", "")])
def test_an_unknown_key_is_a_warning_and_the_plugin_loads(key, help):
    plugins, (problem,) = checked({"plugins": {"a": {"hierarchy": "a", key: 1}}})
    assert list(plugins) == ["a"]
    assert (problem.level, problem.code, problem.help) == ("warning", "unknown-key", help)


def test_a_free_key_of_a_token_is_told_only_if_it_looks_like_a_known_one():
    details = {"SHOT": {"casing": 1, "requird": True}}
    problem = problem_of({"plugins": {"a": {"hierarchy": "a", "mapping_details": details}}})
    assert problem.source.pointer[-1] == "requird" and problem.help == "Did you mean 'required'?"


@pytest.mark.parametrize(
    "key, known",
    [("template", "mapping"), ("path_template", "mapping"), ("parent", "uses"), ("os", "platforms"), ("Layer", "assignment")],
)
def test_a_key_by_the_name_that_other_tools_use_is_told_with_ours(key, known):
    assert problem_of({"plugins": {"a": {"hierarchy": "a", key: "x"}}}).help == f"Did you mean {known!r}?"


@pytest.mark.parametrize(
    "key, known",
    [
        ("type", "format"), ("padding", "format"), ("pattern", "parse"), ("values", "choices"), ("enum", "choices"),
        ("optional", "required"), ("one-of", "choices"),
    ],
)  # fmt: skip
def test_a_key_of_a_token_by_the_name_that_other_tools_use_is_told_with_ours(key, known):
    problem = problem_of({"plugins": {"a": {"hierarchy": "a", "mapping_details": {"SHOT": {key: 1}}}}})
    assert (problem.level, problem.code) == ("warning", "unknown-key")
    assert problem.help.startswith(f"Did you mean {known!r}?")


def test_synonyms_name_keys_that_exist_and_are_none_themselves():
    for synonyms, keys in ((schema.PLUGIN_SYNONYMS, schema.PLUGIN_KEYS), (schema.TOKEN_SYNONYMS, schema.TOKEN_KEYS)):
        assert not synonyms.keys() & keys.keys()
        assert all(help.split("'")[1] in keys for help in synonyms.values())


# --- plugins made in Python


def test_a_plugin_made_in_python_is_normalized_alike():
    assert schema.normalized({"hierarchy": "a", "platforms": "Linux", "id": 3}, HERE)["platforms"] == ("linux",)


@pytest.mark.parametrize(
    "values, pointer",
    [({}, "hierarchy"), ({"hierarchy": "a", "mapping": 3}, "mapping"), ({"hierarchy": "a", "uses": ["b", 3]}, "uses[1]")],
    ids=["missing", "wrong", "wrong inside"],
)
def test_a_plugin_made_in_python_raises_what_is_wrong(values, pointer):
    with pytest.raises(SheetSchemaError) as caught:
        schema.normalized(values, HERE)
    assert caught.value.pointer == pointer and isinstance(caught.value, ValueError)


@pytest.mark.parametrize("table", [schema.PLUGIN_KEYS, schema.TOKEN_KEYS], ids=["plugin", "token"])
def test_each_key_says_what_it_may_hold_and_what_it_is_for(table):
    assert all(key.expected and key.purpose and key.name == name for name, key in table.items())


@pytest.mark.parametrize("value", ["null", "[[x]]", "{x: 1}"])
def test_a_condition_is_a_value_or_a_list_of_values(load, value):
    (problem,) = load(f"plugins: {{job: {{hierarchy: job, when: {{TOKEN: {value}}}}}}}").problems
    assert "a value or a list of values" in problem.message and problem.source.pointer[:4] == ("plugins", "job", "when", "TOKEN")


def test_problems_of_a_token_come_in_the_order_in_which_its_keys_are_written():
    details = {"sequence": [1], "format": 3, "choices": True, "default": [1], "fromat": "x"}
    _, problems = checked({"plugins": {"a": {"hierarchy": "job", "mapping_details": {"JOB": details}}}})
    assert [problem.source.pointer[-1] for problem in problems] == list(details)


@pytest.mark.parametrize("key", [key for key in schema.PLUGIN_KEYS if key != "id"])
def test_a_key_of_nothing_is_that_of_globals(key):
    values = {
        "hierarchy": "g", "mapping": "/g", "mapping_details": {"A": {}}, "uses": ["x"], "platforms": ["linux"], "assignment": "g",
        "data": {"a": 1}, "path": True, "uuid": "g", "groups": ["g"], "max_folder": "/g", "folder": True, "when": {"A": "b"}, "syntax": 2,
        "ambiguous": "allow", "openassetio": {"publish": True},
    }  # fmt: skip
    shared = {key: values.get(key, True)}
    own = {"hierarchy": "a", key: None}
    assert checked({"globals": shared, "plugins": {"a": own}}) == checked({"globals": shared, "plugins": {"a": {**own, **shared}}})


def test_a_key_of_nothing_is_written_where_that_of_globals_is(load):
    session = load("globals:\n  path: true\n  mapping: /a\nplugins:\n  a: {hierarchy: a, path: null, mapping: }\n")
    [plugin] = session.get_context("a").records
    assert (plugin.path, plugin.mapping) == (True, "/a")
    assert [plugin.source_of(key).line for key in ("path", "mapping", "hierarchy")] == [2, 3, 5]
    assert session.get_context("a").view.provenance.source_of_mapping().line == 3


@pytest.mark.parametrize("written", [{}, {"text": "a", "lable": "A"}, {"text": ["a"]}, {"label": ""}, {"text": True}], ids=repr)
def test_a_choice_holds_text_and_label_alone(written: object) -> None:
    data = {"plugins": {"a": {"hierarchy": "a", "mapping_details": {"A": {"choices": {"x": written}}}}}}
    (record,), (problem,) = schema.check(Draft(data), Source("a.yml"))
    assert problem.level == "warning" and "choices" not in record.values["mapping_details"]["A"]


# --- syntax 2: a slip must not cost a rule

SLIPS = {
    "format: 3": ("mapping_details", {"V": {"format": 3}}),
    "choices with on": ("mapping_details", {"V": {"choices": ["a", True, "b"]}}),
    "choices of truth values": ("mapping_details", {"V": {"choices": [True, False]}}),
    "no choices": ("mapping_details", {"V": {"choices": []}}),
    "default: off": ("mapping_details", {"V": {"default": False}}),
    "sequence: 'yes'": ("mapping_details", {"V": {"sequence": "yes"}}),
    "segments: 1": ("mapping_details", {"V": {"segments": 1}}),
    "required: 'no'": ("mapping_details", {"V": {"required": "no"}}),
    "regex: 8": ("mapping_details", {"V": {"parse": {"regex": 8}}}),
    "when: text": ("when", "SHOW=owl"),
    "when: empty": ("when", {"SHOW": None}),
    "when: yes": ("when", {"SHOW": True}),
    "when: a list with no": ("when", {"SHOW": ["a", False]}),
    "when: no values": ("when", {"SHOW": []}),
    "folder: 'false'": ("folder", "false"),
    "path: 'no'": ("path", "no"),
    "search: 'false'": ("search", "false"),
    "ambiguous: yes": ("ambiguous", True),
    "openassetio: yes": ("openassetio", True),
    "openassetio with publish: 'no'": ("openassetio", {"publish": "no"}),
    "openassetio with a key of nothing known": ("openassetio", {"trait": ["a"]}),
    "openassetio with a trait that is a number": ("openassetio", {"traits": ["a", 1]}),
    "platforms: 1": ("platforms", 1),
}


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("is_global", [False, True], ids=["own syntax", "syntax of globals"])
def test_a_key_of_a_wrong_type_costs_its_plugin_in_syntax_2(slip, is_global):
    key, value = SLIPS[slip]
    own, shared = ({}, {"syntax": 2}) if is_global else ({"syntax": 2}, {})
    plugins, (problem,) = checked({"globals": shared, "plugins": {"a": {**own, "hierarchy": "a", key: value}, "b": {"hierarchy": "b"}}})
    assert list(plugins) == ["b"] and "ignored" not in problem.message
    assert (problem.level, problem.code, problem.source.pointer[:3]) == ("error", "type", ("plugins", "a", key))


@pytest.mark.parametrize("slip", SLIPS)
def test_a_wrong_key_of_globals_costs_each_plugin_of_syntax_2_that_takes_it_over(slip):
    key, value = SLIPS[slip]
    own = {"mapping_details": {}, "when": {"A": "b"}, "ambiguous": "allow", "openassetio": {}, "platforms": "linux"}.get(key, True)
    entries = {"a": {"hierarchy": "a"}, "b": {"hierarchy": "b", key: own}}
    plugins, (problem,) = checked({"globals": {"syntax": 2, key: value}, "plugins": entries})
    assert list(plugins) == ["b"] and problem.level == "error" and problem.source.pointer[:2] == ("globals", key)


@pytest.mark.parametrize("slip", [slip for slip, (key, _) in SLIPS.items() if key != "platforms"])
def test_in_syntax_1_a_key_that_was_free_costs_no_plugin(slip):
    key, value = SLIPS[slip]
    plugins, problems = checked({"plugins": {"a": {"hierarchy": "a", key: value}}})
    assert list(plugins) == ["a"] and all(problem.level == "warning" for problem in problems)


def test_in_a_sheet_of_both_languages_globals_are_told_once_and_cost_the_plugins_of_syntax_2():
    entries = {"old": {"hierarchy": "old"}, "new": {"hierarchy": "new", "syntax": 2}}
    plugins, (problem,) = checked({"globals": {"path": "no"}, "plugins": entries})
    assert plugins == {"old": {"hierarchy": "old", "path": "no"}} and problem.level == "error"


def test_an_unknown_key_stays_a_warning_in_syntax_2():
    plugins, (problem,) = checked({"plugins": {"a": {"hierarchy": "a", "syntax": 2, "maping": 1}}})
    assert list(plugins) == ["a"] and problem.level == "warning"


def test_a_plugin_of_syntax_2_made_in_python_raises_for_a_key_that_was_free(session):
    with pytest.raises(SheetSchemaError, match="when"):
        session.add_plugins(owl={"hierarchy": "owl", "syntax": 2, "when": "S=owl"})
    with pytest.raises(SheetSchemaError, match="format"):
        schema.normalized({"hierarchy": "a", "syntax": 2, "mapping_details": {"V": {"format": 3}}}, HERE)


@pytest.mark.parametrize(
    "written, help",
    [
        ("mapping_details: {V: {format: 03}}", "Write 03d for a number of 3 digits."),
        ("mapping_details: {V: {choices: [a, on]}}", "Write it in quotes: 'on'."),
        ("when: SHOW=owl", "Write: {SHOW: owl}"),
        ("when: {SHOW: no}", "Write it in quotes: 'no'."),
        ("folder: 'false'", "Write it without quotes: false."),
    ],
)
def test_a_wrong_value_of_a_rule_is_told_with_what_to_write(load, written, help):
    (problem,) = load(f"globals: {{syntax: 2}}\nplugins:\n  a: {{hierarchy: a, {written}}}\n").problems
    assert problem.help == help and problem.excerpt
