"""The page in a real browser: clicks and keys, a phone, and whether its expressions mean what Python's mean.

It is tried where the extra ``browser`` and a Chromium are installed; elsewhere these tests say what is missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS

from ways.report.page import data, page
from ways.session import Session

playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
if CHROMIUM is None:
    pytest.skip(f"none of {', '.join(NAMES)} is installed", allow_module_level=True)

HOSTILE = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">'\""
SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', path: true, mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}
  shot:
    hierarchy: job/shot
    mapping: '/jobs/{JOB}/{SHOT}[_{NOTE}]'
    path: true
    mapping_details: {JOB: {parse: {regex: '[a-z]+'}}, SHOT: {parse: {regex: '(?i)s[h]\\d{2}'}}, NOTE: {parse: {regex: '\\w+'}}}
  client: {hierarchy: job/shot, data: {fps: 25}}
  later: {hierarchy: job/shot, data: {fps: 24}}
  left: {hierarchy: left, mapping: 'both/{A}'}
  right: {hierarchy: right, mapping: 'both/{B}'}
  odd: {hierarchy: odd, mapping: 'odd/{X}', mapping_details: {X: {parse: {regex: '(?>a+)b'}}}}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        # Inside a container there is no sandbox to be had.
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.name == "posix" and os.getuid() == 0 else [])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return what opens the page of a session; an error in it fails the test."""
    errors: list[str] = []
    pages = []

    def show(session: Session, width: int = 1200, scheme: str = "light", change: Callable[[dict], None] = lambda content: None) -> Any:
        content = data(session)
        change(content)
        (tmp_path / "page.html").write_text(page(content), encoding="utf-8")
        pages.append(browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme))
        pages[-1].on("pageerror", lambda error: errors.append(str(error)))
        pages[-1].on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
        pages[-1].goto((tmp_path / "page.html").as_uri())
        pages[-1].wait_for_function("document.getElementById('summary').textContent !== 'Loading…'")
        return pages[-1]

    yield show
    for one in pages:
        one.close()
    assert errors == []


@pytest.fixture
def world(load) -> Session:
    return load(SHEET)


def answer(shown: Any, text: str) -> str:
    shown.fill("#text", text)
    shown.click("button[type=submit]")
    return shown.inner_text("#answer")


@pytest.mark.parametrize(
    "text, words",
    [
        ("/jobs/dune", ["job", "JOB", "dune"]),
        ("/jobs/dune/", ["job", "JOB", "dune"]),
        ("/jobs/dune/SH10", ["job/shot", "JOB", "dune", "SHOT", "SH10"]),
        ("/jobs/dune/sh٤٤_ß", ["job/shot", "JOB", "dune", "SHOT", "sh٤٤", "NOTE", "ß"]),
        ("both/x", ["2 places fit equally well:", "left", "A", "x", "right", "B", "x"]),
        ("nothing", ["No place here fits this text."]),
    ],
)
def test_a_pasted_path_is_resolved_by_a_click(opened, world: Session, text: str, words: list[str]) -> None:
    assert [line for line in answer(opened(world), text).split("\n") if line] == words


def test_a_place_that_cannot_be_tried_is_named_and_not_guessed(opened, world: Session) -> None:
    text = answer(opened(world), "odd/aab")
    assert text.startswith("No place here fits this text, as far as this page can tell.")
    assert "Not tried here: odd (the token X: JavaScript has no atomic group)" in text
    assert "So this answer is not certain: run “ways resolve”." in text


def test_an_expression_that_differs_on_a_sample_is_not_used(opened, world: Session) -> None:
    def spoil(content: dict) -> None:
        entry = next(entry for entry in content["entries"] if entry["name"] == "job")
        entry["samples"] = [["/jobs/dune", None]]

    assert "otherwise than Python" in answer(opened(world, change=spoil), "/jobs/dune")


def test_a_click_on_a_place_tells_who_says_what(opened, world: Session) -> None:
    shown = opened(world)
    shown.click("#tree >> text=job")
    shown.click("#tree >> text=shot")
    assert shown.inner_text("#place-title") == "job/shot"
    detail = shown.inner_text("#detail")
    assert "sheet.yml:11:" in detail and "wins" in detail and "it lost to later at job/shot" in detail


def test_an_answer_leads_to_its_place(opened, world: Session) -> None:
    shown = opened(world)
    answer(shown, "/jobs/dune/sh10")
    shown.click("#answer button")
    assert shown.inner_text("#place-title") == "job/shot"
    assert shown.inner_text("#tree [aria-selected=true] > .label") == "shot"


def test_a_hit_is_chosen_in_the_tree_with_its_values(opened, world: Session) -> None:
    shown = opened(world)
    shown.fill("#filter", "left")
    answer(shown, "/jobs/dune/sh10_a")
    assert shown.inner_text("#tree [aria-selected=true] > .label") == "shot"
    assert shown.inner_text("#place-title") == "job/shot"
    assert shown.inner_text("#detail .reading").split() == [*"Values of this text /jobs/dune/sh10_a JOB dune SHOT sh10 NOTE a".split()]
    assert shown.evaluate("document.activeElement.textContent") == "Resolve"


@pytest.mark.parametrize(
    "text, position, message",
    [
        ("/jobs/dune/x10_a", 11, "SHOT can't be \"x10_a\": regex (?i)s[h]\\d{2}"),
        ("/jobs/dune/sh10_a!", 17, "NOTE can't be \"a!\": regex \\w+"),
        ("/jobs/dune/sh10_", 16, "expected a value of NOTE here"),
        ("/jobs/42", 6, "JOB can't be \"42\": regex [a-z]+"),
        ("/jobz", 4, "expected \"s/\" here"),
        ("both/x/y", 6, "expected the end here, found \"/y\""),
    ],
)
def test_a_miss_shows_how_far_a_near_place_fits(opened, text: str, position: int, message: str, world: Session) -> None:
    shown = opened(world)
    answer(shown, text)
    assert shown.inner_text(".caret >> nth=0") == f"{text}\n{' ' * position}^"
    assert shown.inner_text(".misses p >> nth=0") == message


def test_a_text_of_another_variant_says_which_condition_it_misses(opened, session: Session) -> None:
    session.add_plugins(
        slow={"hierarchy": "a", "mapping": "/slow/{A}"}, fast={"hierarchy": "a", "mapping": "/fast/{A}", "when": {"A": ["owl", "elk"]}}
    )
    shown = opened(session)
    assert "but its values don't meet the condition of fast (A: elk or owl)" in answer(shown, "/fast/hen")
    assert "but its values meet the condition of fast (A: elk or owl), so another mapping applies" in answer(shown, "/slow/owl")
    answer(shown, "/fast/owl")
    assert "/fast/{A} by fast (A: elk or owl)" in shown.inner_text("#detail .reading")


PLATFORMS = {
    "linux": {"hierarchy": "job", "mapping": "/mnt/{JOB}", "platforms": ["linux"], "path": True},
    "windows": {"hierarchy": "job", "mapping": "P:/{JOB}", "platforms": ["windows"], "path": True},
    "shot": {"hierarchy": "{root}/shot", "mapping": "{root}/{SHOT}", "uses": ["job"]},
    "moon": {"hierarchy": "job", "mapping": "/moon/{JOB}", "assignment": "moon", "platforms": ["linux"]},
}


def test_platform_and_layers_can_be_switched(opened, session: Session) -> None:
    session.add_plugins(**PLATFORMS)
    shown = opened(session)
    assert [line for line in answer(shown, "p:/dune/sh10").split("\n") if line][:2] == [
        "No place here fits this text.", "On windows with the layers master it is job/shot: show windows with the layers master",
    ]  # fmt: skip
    shown.click("#answer button >> nth=0")
    assert shown.input_value("#platform") == "windows"
    assert answer(shown, "p:/dune/sh10").split("\n")[0] == "job/shot"
    assert "P:\\{JOB}\\{SHOT}" in shown.inner_text("#detail") and "P:\\{JOB}" in shown.inner_text("#tree")
    shown.select_option("#platform", "linux")
    shown.select_option("#layers", "master, moon")
    assert "/moon/{JOB}" in shown.inner_text("#tree") and "layers master, moon" in shown.inner_text("#summary")
    assert answer(shown, "/moon/dune/sh10").split("\n")[0] == "job/shot"


def test_a_place_that_is_left_out_of_the_search_is_not_found(opened, session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "mapping": "/a/{A}", "search": False}, b={"hierarchy": "b", "mapping": "/b/{B}"})
    assert answer(opened(session), "/a/x").startswith("No place here fits this text.")


def test_the_tree_is_read_by_keyboard(opened, world: Session) -> None:
    shown = opened(world)
    shown.focus("#filter")
    shown.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        shown.keyboard.press(key)
    assert shown.inner_text("#place-title") == "job/shot"
    shown.keyboard.press("ArrowLeft")
    assert shown.evaluate("document.activeElement.firstElementChild.textContent") == "job"
    shown.keyboard.press("End")
    shown.keyboard.press("Enter")
    assert shown.inner_text("#place-title") == "odd"
    shown.keyboard.press("l")
    assert shown.evaluate("document.activeElement.firstElementChild.textContent") == "left"


def test_the_focus_goes_from_top_to_bottom(opened, world: Session) -> None:
    shown = opened(world)
    order = []
    for _ in range(6):
        shown.keyboard.press("Tab")
        order.append(shown.evaluate("(one => one.id || one.getAttribute('role') || one.className)(document.activeElement)"))
    assert order == ["skip", "platform", "text", order[3], "filter", "treeitem"]
    shown.fill("#text", "/jobs/dune")
    shown.keyboard.press("Enter")
    assert "dune" in shown.inner_text("#answer")


def test_the_tree_has_its_roles(opened, world: Session) -> None:
    shown = opened(world)
    items = shown.locator("#tree[role=tree] > [role=treeitem]")
    assert items.evaluate_all("all => all.map(one => [one.getAttribute('aria-level'), one.getAttribute('aria-expanded')])") == [
        ["1", "false"], ["1", None], ["1", None], ["1", None],
    ]  # fmt: skip
    assert shown.locator("#tree [tabindex='0']").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(opened, world: Session, scheme: str) -> None:
    long = "x" * 300
    world.add_plugins(long={"hierarchy": f"job/{long}", "mapping": f"/{long}/{{X}}", "data": {long: long}})
    shown = opened(world, width=390, scheme=scheme)
    shown.fill("#filter", "xxx")
    shown.click(f"#tree >> text={long}")
    answer(shown, f"/{long}/{long}")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    lightness = shown.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert (lightness > 128) == (scheme == "light")


def test_what_sheets_say_stays_text(opened, session: Session) -> None:
    session.add_plugins(**{HOSTILE: {"hierarchy": "a", "mapping": "/{X}", "data": {HOSTILE: HOSTILE}, "groups": [HOSTILE]}})
    shown = opened(session)
    shown.click("#tree >> text=a")
    assert HOSTILE in shown.inner_text("#detail")
    assert HOSTILE.replace("/", "") in answer(shown, f"/{HOSTILE.replace('/', '')}")
    assert shown.title() == "Ways" and shown.locator("img").count() == 0


def test_ten_thousand_places_open(opened, session: Session) -> None:
    """Only what is looked at is drawn."""
    shown = opened(session, change=many)
    shown.fill("#filter", "n9999")
    assert shown.inner_text("#filtered") == "1 of 10000"
    shown.fill("#filter", "")
    assert shown.locator("#tree [role=treeitem]").count() < 1000
    assert shown.locator("#tree >> text=more…").count() == 1


def many(content: dict) -> None:
    content["contexts"] = [{"name": f"job/n{number}", "fields": [], "tokens": [], "error": None} for number in range(10_000)]


AGREEMENT = """
() => unpacked().then(world => groupsOf(world).flat().map(number => {
  const entry = prepared(world.entries[number], world.classes);
  return [entry.name, entry.marked || "", (entry.samples || []).filter(one => one[1]).length];
}))
"""


@pytest.mark.parametrize("folder", ["film", "alab", "basics", "relative"])
def test_our_own_sheets_are_read_as_python_reads_them(opened, session: Session, folder: str) -> None:
    session.add_search_path(str(PLUGIN_SHEETS / folder))
    entries = opened(session).evaluate(AGREEMENT)
    assert [entry for entry in entries if entry[1]] == []
    assert all(samples for _, _, samples in entries)
