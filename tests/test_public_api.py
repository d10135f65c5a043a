"""The public face: every name that docs/reference/api.rst promises, with its signature; and what importing it costs."""

from __future__ import annotations

import ast
import inspect
import json
import os
import pickle
import pydoc
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ways
from ways import api

#: Name to the arguments it was promised with. What we add has a default, and is given by keyword.
SIGNATURES = {
    "get_context": "hierarchy, assignment='', follow_alias=False, force=False, *args, **kwargs",
    "Context": "hierarchy, assignment='', connection=None",
    "register_context_alias": "alias_hierarchy, old_hierarchy",
    "resolve_alias": "hierarchy",
    "clear_aliases": "",
    "clear_contexts": "",
    "get_asset": "info, context=Ellipsis, *args, **kwargs",
    "Asset": "info, context, parse_type='regex'",
    "AssetFinder": "finder, asset",
    "get_asset_class": "hierarchy",
    "get_asset_info": "hierarchy",
    "register_asset_class": "class_type, context, init=None, children=False",
    "reset_asset_classes": "hierarchies=()",
    "Action": "",
    "add_action": "action, name='', context='', assignment='master'",
    "add_action_default": "name, value, hierarchy=None",
    "Find": "context",
    "ContextParser": "context",
    "Plugin": "",
    # Upstream's last one has no default.
    "DataPlugin": "name, sources, info, assignment='master'",
    "FileDescriptor": "items",
    "FolderDescriptor": "items",
    "GitLocalDescriptor": "path, items, branch='master'",
    "GitRemoteDescriptor": "url, items, path='', branch='master'",
    "add_descriptor": "description, update=True",
    "add_search_path": "description, update=True",
    "add_plugin": "path",
    "get_all_plugins": "",
    "init_plugins": "",
    "encode": "obj",
    "decode": "obj",
    "trace_context": "obj",
    "trace_hierarchy": "obj",
    "trace_assignment": "obj",
    "trace_actions": "obj, assignment='master', duplicates=False",
    "trace_action_names": "obj, assignment='master'",
    "trace_actions_table": "obj, assignment='master'",
    "trace_method_resolution": "method, plugins=False",
    "trace_all_load_results": "",
    "get_all_hierarchies": "",
    "get_child_hierarchies": "obj",
    "get_all_hierarchy_trees": "full=False",
    "get_child_hierarchy_tree": "obj, full=False",
    "get_action_hierarchies": "action",
    "get_all_action_hierarchies": "",
    "get_all_assignments": "",
    "trace_all_descriptor_results": "",
    "trace_all_plugin_results": "",
    "trace_all_descriptor_results_info": "",
    "trace_all_plugin_results_info": "",
    "clear": "",
    "get_action": "name, hierarchy, assignment='master'",
    "get_actions": "hierarchy, assignment='master', duplicates=False",
    "get_actions_iter": "hierarchy, assignment='master', duplicates=False",
    "get_action_names": "hierarchy, assignment='master'",
    "get_actions_info": "hierarchy, assignment='master'",
    "get_plugins": "hierarchy, assignment='master'",
    "get_priority": "",
    "get_parse_order": "",
    "get_known_platforms": "",
    "expand_string": "pattern, text",
    "resolve_descriptor": "description",
    "split_hierarchy": "place",
    "import_object": "name",
    "register_plugin": "plugin, assignment='master'",
}
CONSTANTS = {
    "DESCRIPTORS_ENV_VAR": "WAYS_DESCRIPTORS",
    "PLUGINS_ENV_VAR": "WAYS_PLUGINS",
    "PLATFORM_ENV_VAR": "WAYS_PLATFORM",
    "PLATFORMS_ENV_VAR": "WAYS_PLATFORMS",
    "PRIORITY_ENV_VAR": "WAYS_PRIORITY",
    "DEFAULT_ASSIGNMENT": "master",
    "PLUGIN_INFO_FILE_NAME": ".ways_plugin_info",
    "ENVIRONMENT_FAILURE_KEY": "environment_failure",
    "IMPORT_FAILURE_KEY": "import_failure",
    "LOAD_FAILURE_KEY": "load_failure",
    "NOT_CALLABLE_KEY": "not_callable",
    "RESOLUTION_FAILURE_KEY": "resolution_failure",
}
#: Methods by class, with the arguments that were promised.
METHODS = {
    "Context": {
        "get_hierarchy": "", "get_assignment": "", "get_mapping": "", "get_mapping_details": "", "get_platforms": "",
        "get_mapping_tokens": "mapping=''", "get_all_tokens": "", "get_groups": "", "get_max_folder": "", "is_path": "",
        "get_parser": "", "get_str": "*args, **kwargs", "get_action": "name", "checkout": "assignment='master'",
        "revert": "", "as_dict": "changes=True", "get_all_plugins": "hierarchy='', assignment=''", "validate_plugin": "plugin",
    },
    "Asset": {
        "get_value": "name, real=False", "set_value": "key, value, force=False", "get_str": "required=True, *args, **kwargs",
        "get_missing_required_tokens": "", "get_unfilled_tokens": "required_only=False", "get_hierarchy": "",
        "get_token_parse": "name, parse_type=''",
    },
    "ContextParser": {
        "get_str": "resolve_with='', depth=-1, holdout=None, groups=None, display_tokens=False",
        "get_tokens": "required_only=False", "get_required_tokens": "", "get_child_tokens": "token",
        "get_token_parse": "name, parse_type", "is_valid": "token, value, resolve_with='regex'",
        "get_mapping_details": "", "get_all_mapping_details": "",
        "resolve_with_tokens": "mapping, tokens, details, options, groups, display_tokens=False",
    },
    "Find": {"add_to_defaults": "name, value, hierarchy=None", "clear": ""},
    "FileDescriptor": {
        "get_plugins": "items=None", "get_supported_extensions": "", "filter_plugin_files": "items", "get_plugin_info": "path",
    },
    "DataPlugin": {
        f"get_{name}": "" for name in ("assignment", "hierarchy", "mapping", "mapping_details", "groups", "max_folder", "platforms",
                                       "uses", "uuid")
    },
}  # fmt: skip


def arguments(function: Any) -> str:
    """Return the arguments of a callable as a text, without types and without those that only a keyword gives."""
    texts = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self" or parameter.kind is parameter.KEYWORD_ONLY:
            continue
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        texts.append(f"{stars}{name}{default}")
    return ", ".join(texts)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_name_has_its_promised_arguments(name: str) -> None:
    assert arguments(getattr(api, name)) == SIGNATURES[name]


@pytest.mark.parametrize("name", SIGNATURES)
def test_an_argument_that_only_a_keyword_gives_has_a_default(name: str) -> None:
    parameters = inspect.signature(getattr(api, name)).parameters.values()
    assert all(given.default is not given.empty for given in parameters if given.kind is given.KEYWORD_ONLY)


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_has_its_promised_value(name: str) -> None:
    assert getattr(api, name) == CONSTANTS[name]


@pytest.mark.parametrize("owner, name", [(owner, name) for owner, methods in METHODS.items() for name in methods])
def test_a_method_has_its_promised_arguments(owner: str, name: str) -> None:
    assert arguments(getattr(getattr(api, owner), name)) == METHODS[owner][name]


@pytest.mark.parametrize("name", ["plugins", "data", "actions", "hierarchy", "assignment"])
def test_a_context_has_its_promised_attributes(name: str) -> None:
    assert isinstance(getattr(api.Context, name), property)


def test_defaults_are_a_member_of_find() -> None:
    assert isinstance(api.Find.defaults, dict)


def test_every_promised_name_is_in_all() -> None:
    assert {*SIGNATURES, *CONSTANTS} <= set(api.__all__)


def names_for_type_checkers() -> set[tuple[str, str]]:
    """Return home and name of each name in the block under ``TYPE_CHECKING``; the home of an alias is ``""``."""
    block = next(node for node in ast.parse(inspect.getsource(api)).body if isinstance(node, ast.If))
    names = set()
    for node in block.body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ways"):
            # Without "as", a type checker takes the name for private.
            names |= {(str(node.module), str(alias.asname)) for alias in node.names}
        elif isinstance(node, ast.Assign):
            is_method = isinstance(node.value, ast.Attribute) and node.value.attr == ast.unparse(node.targets[0])
            names.add(("ways.session.Session" if is_method else "", ast.unparse(node.targets[0])))
    return names


def test_the_list_of_names_is_what_type_checkers_see() -> None:
    written = {("ways.api", node.name) for node in ast.parse(inspect.getsource(api)).body if isinstance(node, ast.FunctionDef)}
    listed = {(home, name) for home, names in api._HOMES.items() for name in names.split()}
    others = {("", name) for name in api._FORMER_NAMES} | {("ways", "__version__")}
    checked = names_for_type_checkers() | written | {("ways", "__version__")}
    assert listed | others == {(home, name) for home, name in checked if name == "__version__" or not name.startswith("_")}


@pytest.mark.parametrize("former, present", api._FORMER_NAMES.items())
def test_a_former_name_is_the_present_one(former: str, present: str) -> None:
    assert getattr(api, former) is getattr(api, present)


def test_no_former_name_is_lost() -> None:
    assert {"add_descriptor", "LineTold", "TextTold", "World"} <= set(api._FORMER_NAMES)


METHODS_AS_FUNCTIONS = api._HOMES["ways.session.Session"].split()


@pytest.mark.parametrize("name", METHODS_AS_FUNCTIONS)
def test_a_function_has_the_docstring_and_the_arguments_of_its_method(name: str) -> None:
    function, method = getattr(api, name), getattr(api.Session, name)
    assert function.__doc__ == method.__doc__ != ""
    assert (function.__module__, function.__qualname__) == ("ways.api", name)
    if name != "get_context":
        given = list(inspect.signature(method).parameters.values())[1:]
        assert list(inspect.signature(function).parameters.values()) == given
        assert function.__annotations__ == method.__annotations__


def test_a_function_calls_the_current_session_each_time() -> None:
    first, second = api.Session(), api.Session()
    function = api.get_all_plugins
    first.add_plugins(shot={"hierarchy": "shot"})
    with first.active():
        assert [plugin.hierarchy for plugin in function()] == [("shot",)]
    with second.active():
        assert function() == []


def test_help_shows_signature_and_docstring() -> None:
    text = pydoc.render_doc(api.get_asset, renderer=pydoc.plaintext)
    # Newer Pythons show annotations without quotes.
    assert "get_asset(info: Any, context: Any = Ellipsis, *args: Any, strict: bool | None = None, **kwargs: Any)" in text.replace("'", "")
    assert ":raises ContextNotFoundError:" in text


def test_a_function_can_be_pickled_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(api.get_asset)) is api.get_asset


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_can_be_had_and_is_listed(name: str) -> None:
    assert getattr(api, name) is not None
    assert name in dir(api)


@pytest.mark.parametrize("name", [name for name in api.__all__ if callable(getattr(api, name))])
def test_every_function_and_class_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(api, name))


def test_all_names_nothing_twice() -> None:
    assert len(api.__all__) == len(set(api.__all__))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        api.no_such_name


def test_the_package_itself_offers_its_version_and_name_and_nothing_else() -> None:
    """The rule is in docs/howto/come-from-ways-0.1.rst."""
    names = [node.targets[0].id for node in ast.parse(inspect.getsource(ways)).body[1:]]  # type: ignore[attr-defined]
    assert names == ["__version__", "__distribution__"]
    # A room of the house may be called like the function that opens it.
    own = {name for name, value in vars(ways).items() if not isinstance(value, ModuleType)}
    assert not {*api.__all__, "PLUGIN_CACHE", "ACTION_CACHE", "DESCRIPTORS"} & own - {"__version__"}


SCRIPT = """
from collections.abc import Iterator, Mapping
from typing import Any
from ways import api
from ways.api import Context, Session, add_descriptor, find_assets, get_asset, get_context

session = Session(overrides={"WAYS_PLATFORM": "linux"})
with session.active():
    add_descriptor("/sheets", trust=True)
    shot: Context | None = get_context("job/shot", follow_alias=True)
    texts: list[str] = [asset.get_str() for asset in find_assets("job/shot", latest="VERSION")]
    places: set[tuple[str, ...]] = api.get_all_hierarchies()
    lines: api.LineTold = api.explain_line("/sheets/shot.yml", 3)
    version: str = api.__version__
"""
MISTAKES = {
    "api.get_aset('x')": '"get_asset"',
    "api.explain_line('shot.yml', '3')": 'Argument 2 has incompatible type "str"',
    "api.get_assets(['/x'], strct=True)": 'did you mean "strict"?',
    "api.trace_context()": 'Missing positional argument "obj"',
}


def test_mypy_knows_every_name_and_sees_mistakes(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    script = tmp_path / "script.py"
    names = "".join(f"api.{name}\n" for name in api.__all__)
    script.write_text(SCRIPT + names + "".join(f"{mistake}\n" for mistake in MISTAKES), encoding="utf-8")
    settings = ["--config-file", os.devnull, "--strict", "--cache-dir", str(tmp_path / "cache"), "--hide-error-context"]
    # Beside a copy of the package, so that mypy finds it however it is installed.
    shutil.copytree(Path(ways.__file__).parent, tmp_path / "ways", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "mypy", *settings, str(script)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
    errors = [line for line in done.stdout.splitlines() if line.startswith(script.name) and ": error: " in line]
    first = (SCRIPT + names).count("\n") + 1
    assert [f"{script.name}:{first + number}" in line for number, line in enumerate(errors)] == [True] * len(MISTAKES)
    assert [message for line, message in zip(errors, MISTAKES.values()) if message not in line] == []


@pytest.mark.parametrize("name", [name for name in api.__all__ if inspect.isfunction(getattr(api, name))])
def test_an_editor_shows_signature_and_docstring(name: str) -> None:
    jedi = pytest.importorskip("jedi")
    project = jedi.Project(Path(ways.__file__).parent.parent)
    (signature,) = jedi.Script(f"from ways import api\napi.{name}(", project=project).get_signatures()
    assert signature.docstring(raw=True) == inspect.getdoc(getattr(api, name))
    owner = api.Session if name in METHODS_AS_FUNCTIONS else api
    assert [parameter.name for parameter in signature.params] == [
        parameter for parameter in inspect.signature(getattr(owner, name)).parameters if parameter != "self"
    ]


def test_an_editor_completes_every_name() -> None:
    jedi = pytest.importorskip("jedi")
    project = jedi.Project(Path(ways.__file__).parent.parent)
    completions = jedi.Script("from ways import api\napi.", project=project).complete()
    assert set(api.__all__) <= {completion.name for completion in completions}


def loaded_by(statement: str, tmp_path: Path) -> set[str]:
    """Return the modules that a fresh interpreter loads for *statement*."""
    code = f"import sys; before = set(sys.modules); {statement}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    environ = {**os.environ, "WAYS_DESCRIPTORS": str(tmp_path / "nowhere"), "WAYS_PLUGINS": str(tmp_path / "nowhere.py")}
    done = subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    return set(json.loads(done.stdout))


HEAVY = {"yaml", "regex", "parse", "platformdirs", "click", "rich", "logging", "pathlib", "urllib", "platform", "dataclasses"}


def test_importing_the_api_loads_nothing_heavy_and_reads_nothing(tmp_path: Path) -> None:
    """The rule is in docs/decisions/0003. An editable install loads pathlib first, so only what is added counts."""
    added = loaded_by("import ways.api; assert 'json' not in sys.modules", tmp_path)
    assert not added & HEAVY
    assert {name for name in added if name.startswith("ways")} == {"ways", "ways.api"}


def test_importing_the_api_loads_no_other_module(tmp_path: Path) -> None:
    """Without site, so that nothing of an installation is loaded before."""
    code = "import sys; before = set(sys.modules); import ways.api; print(*sorted(set(sys.modules) - before))"
    environ = {"PYTHONPATH": str(Path(ways.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environ, check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.split() == ["__future__", "ways", "ways.api"]


def test_importing_the_package_loads_only_itself(tmp_path: Path) -> None:
    added = loaded_by("import ways", tmp_path)
    assert {name for name in added if name.startswith("ways")} == {"ways"}


@pytest.mark.parametrize("question", ["Context('job').get_hierarchy()", "Asset({}, 'job').get_hierarchy()", "Find.defaults"])
def test_a_class_can_be_the_first_name_that_is_asked_for(question: str, tmp_path: Path) -> None:
    (tmp_path / "job.yml").write_text("plugins: {job: {hierarchy: job}}", encoding="utf-8")
    environ = {**os.environ, "WAYS_DESCRIPTORS": str(tmp_path), "WAYS_CACHE": "0"}
    code = f"from ways import api; print(api.{question})"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("{}\n" if question == "Find.defaults" else "('job',)\n", "")


def test_touching_a_name_loads_its_own_room_and_no_session(tmp_path: Path) -> None:
    added = loaded_by("import ways.api; ways.api.split_hierarchy('a/b')", tmp_path)
    assert "ways.hierarchy" in added
    assert "ways.session" not in added
