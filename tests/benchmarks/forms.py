"""Rows of the language's forms: each against the plain form, a place of the same length whose tokens have expressions alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ways.errors import WaysError
from ways.pattern.segment_reader import USES
from ways.session import Session

from .native import film_session, film_spots, native_studio
from .runner import Contest, Row, Sizes, Timer, each
from .worlds import plugins_of, studio

_WORLD = "a place of each form, six tokens each, in syntax 2; and the film sheets"
_WORD = {"parse": {"regex": "[a-z]+"}}
#: How many different texts are asked in turn: an answer that is remembered for one text helps nobody.
_TEXTS = 40


class Form(NamedTuple):
    """One form of the language: a place that has it, and a text of the place as a form to fill."""

    label: str
    #: What stands where the plain form has ``{STEP}`` and ``{EXT}``, and after the version.
    mapping: str
    details: dict[str, Any]
    text: str
    #: The values that ``get_value`` of the token is asked for, and that ``set_value`` gives in turn.
    token: str = "NAME"
    more: dict[str, dict[str, Any]] = {}

    @property
    def place(self) -> str:
        """The hierarchy, which is also the folder that no other form has."""
        return self.label.replace(" ", "_").replace("`", "").replace(",", "").replace(":", "")

    def plugins(self) -> dict[str, dict[str, Any]]:
        """Return the plugins of the place by name."""
        details = {"JOB": _WORD, "SHOT": {"parse": {"regex": r"sh\d{3}"}}, "NAME": _WORD, "EXT": _WORD, **self.details}
        plugin = {"hierarchy": self.place, "syntax": 2, "mapping": f"/{self.place}{self.mapping}", "mapping_details": details}
        more = {name: {"syntax": 2, "hierarchy": self.place, **entry} for name, entry in self.more.items()}
        return {self.place: plugin, **more}

    def texts(self) -> list[str]:
        """Return texts of the place, each with another name and version."""
        found = []
        for number in range(_TEXTS):
            name = f"hero{'abcdefgh'[number % 8]}{'abcdefgh'[number // 8]}"
            found.append(f"/{self.place}" + self.text.format(job="dune", name=name, version=f"{number + 1:03d}"))
        return found


_VERSION = {"VERSION": {"parse": {"regex": r"\d{3}"}}}
PLAIN = Form(
    "plain",
    "/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION}.{EXT}",
    {**_VERSION, "STEP": _WORD},
    "/{job}/sh010/anim/{name}_v{version}.exr",
)
FORMS = (
    Form("typed", "/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION:03d}.{EXT}", {"STEP": _WORD}, PLAIN.text, "VERSION"),
    Form("format", PLAIN.mapping, {"VERSION": {"format": "03d"}, "STEP": _WORD}, PLAIN.text, "VERSION"),
    Form("choices", PLAIN.mapping, {**_VERSION, "STEP": {"choices": ["anim", "comp", "light"]}}, PLAIN.text, "STEP"),
    Form(
        "choice map",
        PLAIN.mapping,
        {**_VERSION, "STEP": {"choices": {"animation": "anm", "lighting": "lgt"}}},
        "/{job}/sh010/anm/{name}_v{version}.exr",
        "STEP",
    ),
    Form(
        "labels",
        PLAIN.mapping,
        {**_VERSION, "STEP": {"choices": {"animation": {"text": "anm", "label": "Animation"}, "lighting": "lgt"}}},
        "/{job}/sh010/anm/{name}_v{version}.exr",
        "STEP",
    ),
    Form(
        "repeated",
        "/{JOB}/{SHOT}/{STEP}/{SHOT}_v{VERSION}_{NAME}.{EXT}",
        {**_VERSION, "STEP": _WORD},
        "/{job}/sh010/anim/sh010_v{version}_{name}.exr",
    ),
    Form(
        "parent",
        "/{JOB}/{SHOT}/{STEP}/{STEM}.{EXT}",
        {**_VERSION, "STEP": _WORD, "STEM": {"mapping": "{NAME}_v{VERSION}"}},
        PLAIN.text,
        "STEM",
    ),
    Form(
        "parent with an expression",
        "/{JOB}/{SHOT}/{STEP}/{STEM}.{EXT}",
        {**_VERSION, "STEP": _WORD, "STEM": {"mapping": "{NAME}_v{VERSION}", "parse": {"regex": r"[a-z]+_v\d+"}}},
        PLAIN.text,
        "STEM",
    ),
    Form(
        "optional, there",
        "/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION}[-{NOTE}].{EXT}",
        {**_VERSION, "STEP": _WORD, "NOTE": _WORD},
        "/{job}/sh010/anim/{name}_v{version}-fix.exr",
        "NOTE",
    ),
    Form(
        "optional, absent",
        "/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION}[-{NOTE}].{EXT}",
        {**_VERSION, "STEP": _WORD, "NOTE": _WORD},
        PLAIN.text,
    ),
    Form(
        "sequence",
        "/{JOB}/{SHOT}/{STEP}/{NAME}.{VERSION:03d}.{EXT}",
        {"STEP": _WORD, "VERSION": {"sequence": True}},
        "/{job}/sh010/anim/{name}.{version}.exr",
        "VERSION",
    ),
    Form(
        "`when`, data",
        PLAIN.mapping,
        {**_VERSION, "STEP": _WORD},
        PLAIN.text,
        more={"override_data": {"when": {"STEP": "comp"}, "data": {"fps": 48}}},
    ),
    Form(
        "`when`, mapping",
        PLAIN.mapping,
        {**_VERSION, "STEP": _WORD},
        PLAIN.text,
        more={"override_mapping": {"when": {"STEP": "comp"}, "mapping": "/fast/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION}.{EXT}"}},
    ),
    Form(
        "segments",
        "/{JOB}/{SHOT}/{STEP}/{NAME}_v{VERSION}.{EXT}",
        {**_VERSION, "STEP": {"segments": True, "parse": {"regex": "[a-z/]+"}}},
        "/{job}/sh010/anim/main/{name}_v{version}.exr",
        "STEP",
    ),
)


def _session(*forms: Form) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
    session.add_plugins(**{name: plugin for form in forms for name, plugin in form.plugins().items()})
    return session


def _beside_unsearched() -> tuple[Session, list[str]]:
    """Return a world in which five more places read the plain texts, but are not looked for; and the texts."""
    session = _session(PLAIN)
    plugin = PLAIN.plugins()[PLAIN.place]
    hidden = {f"hidden{number}": {**plugin, "hierarchy": f"hidden{number}", "search": False} for number in range(5)}
    session.add_plugins(**hidden)
    return session, PLAIN.texts()


def _spread(function: Callable[[Any], Any], items: Sequence[Any], burst: float) -> Timer:
    """Return a timer of *function* for one item, which goes through *items* as often as fills *burst* seconds.

    Each mapping's first texts are slower: they are over before.
    """
    for _ in range(3):
        timer = each(function, items)
    return each(function, list(items) * max(1, int(burst / max(timer() * len(items), 1e-8))))


def _reading(session: Session, texts: Sequence[str], place: str | None, burst: float) -> Timer:
    asset = session.get_asset(texts[0], place) if place else session.get_asset(texts[0])
    assert asset is not None
    if place is None:
        return _spread(session.get_asset, texts, burst)
    context = session.need_context(place)
    return _spread(lambda text: session.get_asset(text, context), texts, burst)


def _j1(sizes: Sizes) -> Iterator[Contest]:
    burst = sizes.burst
    alone = _session(PLAIN)
    film = film_session()
    (frame,) = [spot for spot in film_spots(film) if spot.hierarchy == "job/render/sequence/shot/layer/pass/frame"]
    frames = [frame.text.replace("1001", f"{1001 + number}") for number in range(_TEXTS)]
    for named, how in ((True, "named"), (False, "found")):
        limit = _reading(alone, PLAIN.texts(), PLAIN.place if named else None, burst)
        for form in FORMS:
            ours = _reading(_session(form, PLAIN), form.texts(), form.place if named else None, burst)
            yield Contest(f"get_asset, {how}: {form.label}", ours, limit, 2.0)
        ours = _reading(film, frames, frame.hierarchy if named else None, burst)
        yield Contest(f"get_asset, {how}: a render frame of the film sheets", ours, limit, 4.0)
    crowd = _reading(_session(PLAIN, *FORMS), PLAIN.texts(), None, burst)
    yield Contest("get_asset, found: plain, beside all other forms", crowd, limit, 2.0)
    beside, texts = _beside_unsearched()
    yield Contest("get_asset, found: plain, beside `search: false`", _reading(beside, texts, None, burst), limit, 2.0)


def _values(session: Session, form: Form) -> list[dict[str, str]]:
    return [session.read(text, form.place).values for text in form.texts()]


def _filled(session: Session, burst: float) -> Timer:
    """Return a timer of ``str.format_map`` of the plain form."""
    written = f"/{PLAIN.place}{PLAIN.mapping}"
    assert written.format_map(_values(session, PLAIN)[0]) == PLAIN.texts()[0]
    return _spread(written.format_map, _values(session, PLAIN), burst)


def _read_and_written(session: Session, form: Form, burst: float) -> Timer:
    context = session.need_context(form.place)
    assert session.get_asset(form.texts()[0], context).get_str() == form.texts()[0]
    return _spread(lambda text: session.get_asset(text, context).get_str(), form.texts(), burst)


def _made_and_written(session: Session, form: Form, burst: float) -> Timer:
    context = session.need_context(form.place)
    values = _values(session, form)
    assert session.get_asset(values[0], context).get_str() == form.texts()[0]
    return _spread(lambda given: session.get_asset(given, context).get_str(), values, burst)


def _set_and_written(session: Session, form: Form, burst: float) -> Timer:
    asset = session.get_asset(form.texts()[0], form.place)

    def change(value: str) -> str:
        asset.set_value("VERSION", value)
        return asset.get_str()  # type: ignore[no-any-return]

    assert change("002") == form.texts()[0].replace("001", "002")
    return _spread(change, [f"{number:03d}" for number in range(1, _TEXTS + 1)], burst)


_WRITERS: tuple[tuple[str, Callable[[Session, Form, float], Timer], float], ...] = (
    ("get_asset(text) and get_str", _read_and_written, 5.0),
    ("get_asset(values) and get_str", _made_and_written, 12.0),
    ("set_value and get_str", _set_and_written, 5.0),
)


def _j2(sizes: Sizes) -> Iterator[Contest]:
    yield from _by_form(_WRITERS, {label: 1.5 for label, _, _ in _WRITERS}, _filled, "str.format_map", sizes.burst)


def _by_form(
    ways_of: Sequence[tuple[str, Callable[[Session, Form, float], Timer], float]],
    by_plain: dict[str, float],
    limit: Callable[[Session, float], Timer],
    named: str,
    burst: float,
) -> Iterator[Contest]:
    """Yield the plain form against a limit, and each other form against the plain one."""
    session = _session(PLAIN, *FORMS)
    for label, made, target in ways_of:
        plain = made(session, PLAIN, burst)
        yield Contest(f"{label}: plain, against {named}", plain, limit(session, burst), target)
        for form in FORMS:
            yield Contest(f"{label}: {form.label}", made(session, form, burst), plain, by_plain[label])


def _matched(session: Session, burst: float) -> Timer:
    """Return a timer of ``fullmatch`` and ``groupdict`` for the plain form."""
    expressions = {"JOB": "[a-z]+", "SHOT": r"sh\d{3}", "STEP": "[a-z]+", "NAME": "[a-z]+", "VERSION": r"\d{3}", "EXT": "[a-z]+"}
    pieces = {name: f"(?P<{name}>{expression})" for name, expression in expressions.items()}
    fullmatch = re.compile(f"/{PLAIN.place}{PLAIN.mapping.replace('.', chr(92) + '.')}".format_map(pieces)).fullmatch
    assert fullmatch(PLAIN.texts()[0]).groupdict() == _values(session, PLAIN)[0]  # type: ignore[union-attr]
    return _spread(lambda text: fullmatch(text).groupdict(), PLAIN.texts(), burst)  # type: ignore[union-attr]


def _read(session: Session, form: Form, burst: float) -> Timer:
    return _spread(session.read, form.texts(), burst)


def _format(session: Session, form: Form, burst: float) -> Timer:
    values = _values(session, form)
    assert session.format(form.place, values[0]) == form.texts()[0]
    return _spread(lambda given: session.format(form.place, given), values, burst)


def _value(session: Session, form: Form, burst: float) -> Timer:
    # The first texts of a mapping are read without a match.
    for _ in range(USES // _TEXTS + 2):
        assets = [session.get_asset(text, form.place) for text in form.texts()]
    assert assets[0].get_value(form.token)
    return _spread(lambda asset: asset.get_value(form.token), assets, burst)


def _j3(sizes: Sizes) -> Iterator[Contest]:
    burst = sizes.burst
    yield from _by_form((("session.read", _read, 6.0),), {"session.read": 2.5}, _matched, "fullmatch and groupdict", burst)
    yield from _by_form((("session.format", _format, 10.0),), {"session.format": 1.5}, _filled, "str.format_map", burst)
    session = _session(PLAIN, *FORMS)
    plain = _value(session, PLAIN, burst)
    for form in FORMS:
        if form.token != "NAME":
            yield Contest(f"get_value of {form.token}: {form.label}", _value(session, form, burst), plain, 1.5)


def _refused(session: Session, text: str, strict: bool | None = True) -> None:
    try:
        asset = session.get_asset(text, strict=strict)
    except WaysError:
        return
    # Where looser texts count, some near misses are of a place after all.
    assert asset is None or strict is not True, text


def _j4(sizes: Sizes) -> Iterator[Contest]:
    for count in sizes.places:
        world = native_studio(count, 1)
        session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
        session.add_plugins(**world.plugins())
        yield _missing(session, world.spots, f"{len(world.spots):,} places of syntax 2", sizes.burst)
    film = film_session()
    yield _missing(film, film_spots(film), "the film sheets", sizes.burst)
    few, many = (_lenient(count, sizes.burst) for count in (sizes.worlds[1], sizes.worlds[-1]))
    strict = _lenient(sizes.worlds[-1], sizes.burst, strict=True)
    large = f"{sizes.worlds[-1]:,}"
    yield Contest(f"nothing, loosely, among {large} of syntax 1, against {sizes.worlds[1]:,}", many, few, 1.5)
    yield Contest(f"nothing, loosely, among {large} of syntax 1, against strictly", many, strict, None)


def _missing(session: Session, spots: Sequence[Any], label: str, burst: float) -> Contest:
    asked = list(spots)[:: max(1, len(spots) // _TEXTS)][:_TEXTS]
    hits = _spread(session.get_asset, [spot.text for spot in asked], burst)
    misses = _spread(lambda text: _refused(session, text), [miss for spot in asked for miss in spot.misses], burst)
    return Contest(f"nothing, strictly, among {label}, against a hit", misses, hits, 3.0)


def _lenient(count: int, burst: float, strict: bool | None = None) -> Timer:
    places = studio(count)
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
    session.add_plugins(**plugins_of(places))
    return each(lambda text: _refused(session, text, strict), [f"/srv{place.text}" for place in places[-2:]])


ROWS = (
    Row("J1", "an Asset of a text in each form of the language, against the plain form", _WORLD, _j1),
    Row("J2", "made and written in each form, against str.format_map and the plain form", _WORLD, _j2),
    Row("J3", "session.read, session.format and get_value in each form, against the same", _WORLD, _j3),
    Row("J4", "texts that are nothing, against a hit", "the studio of syntax 2, the film sheets, and the studio of syntax 1", _j4),
)
