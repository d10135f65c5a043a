"""What Dioptra suggests for the tasks of a Python file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.systems.dioptra import signatures
from ways.systems.dioptra.task_signatures import NewType, type_name
from ways.systems.shared import BadCode

HEAD = "from dioptra import pyplugs\n@pyplugs.register\n"


def types_of(parameters: str, returns: str = "") -> tuple[list[str], list[str], list[tuple[str, str]]]:
    [signature] = signatures(f"{HEAD}def task({parameters}){f' -> {returns}' if returns else ''}: ...")
    new = [(item.name, item.description) for item in signature.new_types]
    return [item.type for item in signature.inputs], [item.type for item in signature.outputs], new


@pytest.mark.parametrize(
    "annotation, name",
    [
        ("List[str]", "list_str"), ("Tuple[int, int, int]", "tuple_int_int_int"), ("Optional[float]", "optional_float"),
        ("int | None", "int_none"), ("np.ndarray", "np_ndarray"), ("pd.DataFrame", "pd_dataframe"), ("Any", "any"),
        ("typing.Any", "typing_any"), ("Union[str, Path]", "union_str_path"), ("Literal['x','y']", "literal_x_y"), ("foo(2)", "type1"),
        ("'3d'", "type1"), ("'_x'", "x"), ("Integer", "integer"), ("Number", "number"), ("Bool", "boolean"), ("INT", "integer"),
        ("None", "null"), ("'None'", "none"), ("...", "type1"), ("3", "type1"), ("'int'", "integer"),
        ("Dict[str, Dict[str, Any]]", "dict_str_dict_str_any"), ("a + b", "type1"), ("List[\n  str]", "list_str"), ("'é'", "type1"),
    ],
)  # fmt: skip
def test_an_annotation_names_a_type(annotation: str, name: str) -> None:
    assert types_of(f"a: {annotation}")[0] == [name]


def test_what_has_no_name_gets_one_that_is_free() -> None:
    assert types_of("a, b: foo(2), c: foo(2), d: 'type1', e") == (
        ["type2", "type3", "type3", "type1", "type4"], [], [("type3", "foo(2)"), ("type1", "type1")],
    )  # fmt: skip


def test_outputs_are_one_or_none() -> None:
    assert types_of("", "Tuple[int, str]")[1:] == (["tuple_int_str"], [("tuple_int_str", "Tuple[int, str]")])
    assert types_of("", "None")[1] == types_of("")[1] == []
    assert types_of("", "'None'")[1] == ["none"]


def test_inputs_are_in_their_order_and_know_whether_they_are_required() -> None:
    [signature] = signatures(f"{HEAD}def task(a, /, b=1, *more, c, d=2, **others): ...")
    assert [(item.name, item.required) for item in signature.inputs] == [("a", True), ("b", False), ("c", True), ("d", False)]


@pytest.mark.parametrize(
    "code, names",
    [
        ("import dioptra.pyplugs\n@dioptra.pyplugs.register()\ndef a(): ...", ["a"]),
        ("from dioptra import pyplugs as q\n@q.register(sort_value=2)\ndef a(): ...", ["a"]),
        ("import dioptra.pyplugs as q\n@q.register\ndef a(): ...", ["a"]),
        ("from dioptra.pyplugs import register as r\n@other\n@r\ndef a(): ...", ["a"]),
        (HEAD + "def a(): ...\nfrom x import pyplugs\n@pyplugs.register\ndef b(): ...", ["a"]),
        ("@pyplugs.register\ndef a(): ...\nfrom dioptra import pyplugs", []),
        ("from dioptra.pyplugs import *\n@register\ndef a(): ...", []),
        ("from . import pyplugs\n@pyplugs.register\ndef a(): ...", []),
        (HEAD + "async def a(): ...", []),
        (HEAD + "class A: ...", []),
        ("from dioptra import pyplugs\nif 1:\n  @pyplugs.register\n  def a(): ...", []),
        ("from dioptra import pyplugs\nclass A:\n  @pyplugs.register\n  def a(self): ...", []),
    ],
)
def test_tasks_are_what_the_decorator_says(code: str, names: list[str]) -> None:
    assert [signature.name for signature in signatures(code)] == names


def test_an_annotation_is_reported_as_it_is_written() -> None:
    code = f"{HEAD}def task(é: 'x', b: Dict[str,  é.Ü] = 1): ...".replace("\n", "\r\n").encode()
    [signature] = signatures(b"\xef\xbb\xbf" + code)
    assert signature.new_types == (NewType("x", "x"), NewType("dict_str", "Dict[str,  é.Ü]"))


BAD = {"syntax": "def (", "bytes": b"\xff", "deep": "-" * 100_000 + "1", "nought": "\0", "much": "x" * (1 << 21)}


@pytest.mark.parametrize("code", BAD.values(), ids=BAD)
def test_what_is_no_python_is_reported(code: str | bytes) -> None:
    with pytest.raises(BadCode):
        signatures(code)


@given(st.text())
def test_a_name_of_a_type_can_be_written_in_a_resource_file(annotation: str) -> None:
    name = type_name(annotation)
    assert name == "" or (name.isascii() and name[0].isalpha() and name == type_name(name))


def test_a_long_file_takes_no_longer_for_each_task() -> None:
    assert len(signatures(HEAD.partition("\n")[0] + "\n" + "@pyplugs.register\ndef a(b: List[int]) -> c: ...\n" * 4_000)) == 4_000
