"""Two users on one machine: what another one puts where Ways searches or stores changes nothing.

Whoever runs as another user can be tried by root alone; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ways

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may put files there as another user, and ask as a third"
)

#: The user who asks, the one who owns the studio's sheets, and the one who may be up to something.
USER, STUDIO, OTHER = 61001, 61002, 61003
ONE = "plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}'}}"
#: Becomes a user. All that may be imported or read of the package later is so first, as he need not be able to read this Python.
BECOME = """if True:
    import importlib, json, logging, os, pkgutil, sys, traceback
    import grp, platformdirs, pwd, regex, shutil, tempfile, ways, yaml
    "".encode("utf-32-le"), "".encode("utf-32-be")
    if "ways.watch" not in LEFT_OUT:
        import watchfiles
    for module in pkgutil.walk_packages(ways.__path__, "ways."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
    if "ways.report" not in LEFT_OUT:
        import functools
        from ways.report import page
        page._part = functools.cache(page._part)
        _ = [page._part(name) for name in ("page.css", "page.html", *page.SCRIPTS)]
    os.setgroups([])
    os.setgid(int(sys.argv[1]))
    os.setuid(int(sys.argv[1]))
    del sys.argv[1]
"""
#: What is imported before only where the code names it: it takes long.
LEFT_OUT = ("ways.systems", "ways.integrations", "ways.__main__", "ways.cli", "ways.report", "ways.watch")
#: Prints what a session of some search paths says.
ASK = """if True:
    import json, sys
    from ways.api import Session
    session = Session() if len(sys.argv) > 1 else Session.from_environ()
    for path in sys.argv[1:]:
        session.add_search_path(path, trust=False if path.endswith("untrusted") else None)
    layers = sorted({plugin.assignment for plugin in session.get_all_plugins()})
    hierarchies = sorted("/".join(parts) for parts in session.hierarchies())
    problems = [[problem.source.path, problem.code, str(problem)] for problem in session.problems]
    print(json.dumps({"hierarchies": hierarchies, "layers": layers, "problems": problems}))
"""


class Place:
    """A folder that all users reach, and what they put there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = self.folder("home/user", USER)

    def folder(self, name: str, owner: int, mode: int = 0o755) -> Path:
        """Make a folder that belongs to a user; those above it belong to root."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, owner, owner)
        path.chmod(mode)
        return path

    def file(self, name: str, text: str, owner: int, mode: int = 0o644) -> Path:
        """Write a file that belongs to a user, in a folder that is made as root's where it is missing."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.chown(path, owner, owner)
        path.chmod(mode)
        return path

    def ask(self, *paths: Path, code: str = ASK, user: int = USER, **environ: str) -> Any:
        """Ask as a user, in a process of his own, what a session of some search paths says."""
        with self.start(*paths, code=code, user=user, **environ) as process:
            return answer_of(process)[0]

    def start(self, *paths: Path, code: str = ASK, user: int = USER, **environ: str) -> subprocess.Popen[str]:
        """Begin to ask as a user."""
        package = str(Path(ways.__file__).parent.parent)
        own = {"PYTHONPATH": package, "PATH": os.environ["PATH"], "HOME": str(self.home), "WAYS_CACHE": "0", "WAYS_DESCRIPTORS": ""}
        given = {name: value for name, value in {**own, **environ}.items() if value != "ABSENT"}
        become = BECOME.replace("LEFT_OUT", repr(tuple(name for name in LEFT_OUT if name not in code)))
        return subprocess.Popen(
            [sys.executable, "-c", become + code, str(user), *map(str, paths)],
            env=given, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip


def answer_of(process: subprocess.Popen[str]) -> tuple[Any, str]:
    """Return what a process says, and what it writes on standard error."""
    try:
        told, complaints = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, complaints
    return json.loads(told), complaints


@pytest.fixture
def place() -> Iterator[Place]:
    root = tempfile.mkdtemp(prefix="ways-two-users-")
    os.chmod(root, 0o755)
    try:
        yield Place(Path(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)


# --- info files, which are searched upward

HOSTILE = "assignment: hidden\nrecursive: true\n"


@pytest.fixture
def show(place: Place) -> Path:
    """A show of the user's in a folder in which everybody makes some."""
    place.folder("jobs", 0, 0o1777)
    place.folder("jobs/show", USER)
    place.file("jobs/show/job.yml", ONE, USER)
    place.file("jobs/show/deep/more.yml", "plugins: {more: {hierarchy: more}}", USER)
    return place.root / "jobs" / "show"


def test_an_info_file_of_another_user_above_is_told_and_changes_nothing(place: Place, show: Path) -> None:
    planted = place.file("jobs/.ways_plugin_info.yml", HOSTILE, OTHER)
    told = place.ask(show)
    assert (told["hierarchies"], told["layers"]) == (["job"], ["master"])
    ((path, code, message),) = told["problems"]
    assert (path, code) == (str(planted), "owner") and f"user {OTHER}" in message and f"WAYS_OWNERS={OTHER}" in message


def test_the_one_above_it_counts(place: Place, show: Path) -> None:
    place.file("jobs/.ways_plugin_info.json", "{", OTHER)
    place.file(".ways_plugin_info.yml", "assignment: studio", 0)
    assert place.ask(show)["layers"] == ["studio"]


@pytest.mark.parametrize("owner", [USER, 0])
def test_those_of_the_user_and_of_root_are_believed(place: Place, show: Path, owner: int) -> None:
    place.file("jobs/.ways_plugin_info.yml", HOSTILE, owner)
    told = place.ask(show)
    assert (told["hierarchies"], told["layers"], told["problems"]) == (["job", "more"], ["hidden"], [])


@pytest.mark.parametrize("mode, who", [(0o666, "anybody"), (0o664, f"the group {USER}")])
def test_one_that_others_may_write_to_is_not(place: Place, show: Path, mode: int, who: str) -> None:
    place.file("jobs/.ways_plugin_info.yml", HOSTILE, USER, mode)
    told = place.ask(show)
    assert told["layers"] == ["master"] and f"{who} may write to it" in told["problems"][0][2]


def test_one_in_a_folder_that_others_may_write_to_is_not(place: Place, show: Path) -> None:
    place.file("jobs/.ways_plugin_info.yml", HOSTILE, USER)
    (place.root / "jobs").chmod(0o777)
    told = place.ask(show)
    assert told["layers"] == ["master"] and "may write to its folder" in told["problems"][0][2]


def test_who_may_write_to_what_was_named_may_write_to_an_info_file_above(place: Place, show: Path) -> None:
    place.file("jobs/.ways_plugin_info.yml", HOSTILE, USER, 0o664)
    show.chmod(0o775)
    assert place.ask(show)["layers"] == ["hidden"]


def test_a_link_of_another_user_to_a_file_of_ones_own_is_not_believed(place: Place, show: Path) -> None:
    place.file("home/user/mine.yml", HOSTILE, USER)
    (place.root / "jobs" / ".ways_plugin_info.yml").symlink_to(place.root / "home" / "user" / "mine.yml")
    os.lchown(place.root / "jobs" / ".ways_plugin_info.yml", OTHER, OTHER)
    assert place.ask(show)["layers"] == ["master"]


@pytest.mark.parametrize("whose", ["the second link", "the folder of the second link", "nothing"])
def test_each_link_on_the_way_to_an_info_file_is_looked_at(place: Place, show: Path, whose: str) -> None:
    place.file("home/user/mine.yml", HOSTILE, USER)
    second = place.folder("between", 0) / "second.yml"
    second.symlink_to(place.root / "home" / "user" / "mine.yml")
    (place.root / "jobs" / ".ways_plugin_info.yml").symlink_to("../between/second.yml")
    if whose == "the second link":
        os.lchown(second, OTHER, OTHER)
    elif whose == "the folder of the second link":
        second.parent.chmod(0o777)
    told = place.ask(show)
    assert told["layers"] == (["hidden"] if whose == "nothing" else ["master"])
    assert [(problem[1], "second.yml" in problem[2] or "between" in problem[2]) for problem in told["problems"]] == (
        [] if whose == "nothing" else [("owner", True)]
    )


@pytest.mark.parametrize("owners", [str(OTHER), f"nosuchuser:{OTHER}", "*"])
def test_an_owner_may_be_named(place: Place, show: Path, owners: str) -> None:
    place.file("jobs/.ways_plugin_info.yml", HOSTILE, OTHER)
    told = place.ask(show, WAYS_OWNERS=owners)
    assert (told["layers"], told["problems"]) == (["hidden"], [])


def test_what_the_studio_owns_counts_for_its_own_sheets(place: Place) -> None:
    place.folder("studio/sheets", STUDIO)
    place.file("studio/sheets/job.yml", ONE, STUDIO)
    place.file("studio/sheets/.ways_plugin_info.yml", "assignment: own", STUDIO)
    place.folder("studio", STUDIO)
    assert place.ask(place.root / "studio" / "sheets")["layers"] == ["own"]
    (place.root / "studio" / "sheets" / ".ways_plugin_info.yml").rename(place.root / "studio" / ".ways_plugin_info.yml")
    told = place.ask(place.root / "studio" / "sheets")
    assert (told["layers"], told["problems"]) == (["own"], [])
    # A sheet that is named has the info files of its owner, too.
    told = place.ask(place.root / "studio" / "sheets" / "job.yml")
    assert (told["layers"], told["problems"]) == (["own"], [])


def test_what_lies_in_a_folder_that_was_named_was_named_with_it(place: Place, show: Path) -> None:
    place.file("jobs/show/.ways_plugin_info.yml", "assignment: theirs", OTHER, 0o666)
    assert place.ask(show)["layers"] == ["theirs"]


def test_beside_a_sheet_that_was_named_the_rule_holds(place: Place) -> None:
    place.folder("shared", 0, 0o1777)
    sheet = place.file("shared/job.yml", ONE, USER)
    place.file("shared/.ways_plugin_info.yml", HOSTILE, OTHER)
    told = place.ask(sheet)
    assert told["layers"] == ["master"] and told["problems"][0][1] == "owner"


def test_a_pipe_or_a_link_to_nowhere_above_changes_nothing(place: Place, show: Path) -> None:
    os.mkfifo(place.root / "jobs" / ".ways_plugin_info.json")
    (place.root / "jobs" / ".ways_plugin_info.yml").symlink_to("/nowhere")
    (place.root / "jobs" / ".ways_plugin_info.yaml").symlink_to("/dev/zero")
    assert place.ask(show)["problems"] == []


# --- configuration folders, which nobody named


def config(place: Place, owner: int = USER, mode: int = 0o755) -> Path:
    place.folder("home/user/.config", USER, 0o700)
    folder = place.folder("home/user/.config/ways", owner, mode)
    place.file("home/user/.config/ways/job.yml", ONE, owner)
    return folder


def test_ones_own_configuration_is_loaded(place: Place) -> None:
    config(place)
    assert place.ask(WAYS_DESCRIPTORS="ABSENT") == {"hierarchies": ["job"], "layers": ["master"], "problems": []}


def test_a_configuration_folder_of_another_user_is_told_and_not_loaded(place: Place) -> None:
    folder = config(place, OTHER)
    place.file("home/user/.config/ways/code.py", "raise SystemExit('I was run')", OTHER)
    told = place.ask(WAYS_DESCRIPTORS="ABSENT")
    assert told["hierarchies"] == [] and [problem[:2] for problem in told["problems"]] == [[str(folder), "owner"]]
    assert place.ask(WAYS_DESCRIPTORS="ABSENT", WAYS_OWNERS=str(OTHER))["hierarchies"] == ["job"]


def test_root_does_not_load_what_lies_in_the_home_of_a_user(place: Place) -> None:
    config(place)
    told = place.ask(WAYS_DESCRIPTORS="ABSENT", user=0)
    assert told["hierarchies"] == [] and f"user {USER}" in told["problems"][0][2]


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_configuration_folder_that_others_may_write_to_is_not_loaded(place: Place, mode: int) -> None:
    config(place, mode=mode)
    assert place.ask(WAYS_DESCRIPTORS="ABSENT")["hierarchies"] == []


def test_a_sheet_there_that_belongs_to_another_is_left_out(place: Place) -> None:
    config(place)
    planted = place.file("home/user/.config/ways/more.py", "raise SystemExit('I was run')", OTHER)
    told = place.ask(WAYS_DESCRIPTORS="ABSENT")
    assert told["hierarchies"] == ["job"] and [problem[:2] for problem in told["problems"]] == [[str(planted), "owner"]]


# --- the store of compiled sheets


#: Fills the cache, or spoils it, and says what a session says.
FILL = """if True:
    import os, sys
    from ways.sheets.store import stamps
    stamps.FRESH = 0
""" + ASK.split("\n", 1)[1]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cache: os.chown(cache / "ways" / "sheets", OTHER, OTHER),
        lambda cache: (cache / "ways" / "sheets").chmod(0o777),
        lambda cache: [os.chown(file, OTHER, OTHER) for file in (cache / "ways" / "sheets").rglob("*") if file.is_file()],
    ],
    ids=["another's folder", "a folder for all", "another's files"],
)
def test_nothing_that_others_could_have_stored_is_read(place: Place, show: Path, spoil: Callable[[Path], object]) -> None:
    cache = place.folder("home/user/.cache", USER)
    told = place.ask(show, code=FILL, WAYS_CACHE="1")
    stored = [file for file in (cache / "ways" / "sheets").rglob("*") if file.is_file()]
    assert stored
    # What is stored says something else: as if another had written it, whole in each checksum.
    other = place.file("other/job.yml", ONE.replace("job", "planted"), USER)
    shutil.copystat(show / "job.yml", other)
    planted = place.ask(other, code=FILL, WAYS_CACHE="1")
    assert planted["hierarchies"] == ["planted"]
    spoil(cache)
    assert place.ask(show, code=FILL, WAYS_CACHE="1") == told


def test_a_cache_that_is_anothers_link_is_not_written_through(place: Place, show: Path) -> None:
    victim = place.folder("victim", USER)
    precious = place.file("victim/precious", "mine", USER)
    place.folder("tmp", 0, 0o1777)
    (place.root / "tmp" / "ways").symlink_to(victim)
    os.lchown(place.root / "tmp" / "ways", OTHER, OTHER)
    place.ask(show, code=FILL, WAYS_CACHE="1", XDG_CACHE_HOME=str(place.root / "tmp"))
    assert precious.read_text() == "mine"


#: Says what the shell said, with nothing but its answer on standard output.
SHELL = """if True:
    import sys
    import ways.report
    from ways.cli.entry import program
    sys.argv[0] = "ways"
    program()
"""
#: The same as FILL, and the secret of the store.
SECRET = FILL + """
    import json
    print(json.dumps(session.loader.any_store().secret.hex()), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: os.chown(state, OTHER, OTHER),
        lambda state: state.chmod(0o777),
        lambda state: state.chmod(0o770),
        lambda state: os.chown(state / "store-secret", OTHER, OTHER),
        lambda state: (state / "store-secret").chmod(0o644),
        lambda state: (state / "store-secret").chmod(0o622),
        lambda state: (state / "store-secret").rename(state / "theirs") and (state / "store-secret").symlink_to(state / "theirs"),
        lambda state: state.rename(state.parent / "theirs") and state.symlink_to(state.parent / "theirs"),
    ],
    ids=[
        "another's folder", "a folder for all", "a folder for a group", "another's file", "a file that all read",
        "a file that all write", "a link to a file", "a link to a folder",
    ],
)  # fmt: skip
def test_a_secret_that_others_know_or_choose_seals_nothing(place: Place, show: Path, spoil: Callable[[Path], object]) -> None:
    """Neither where the secret has its own place, nor among the entries where it falls back to them."""
    place.folder("home/user/.cache", USER)
    told = place.ask(show)
    state = place.folder("home/user/.local/state/ways", USER, 0o700)
    place.file("home/user/.local/state/ways/store-secret", "S" * 32, USER, 0o600)
    spoil(state)
    for _ in range(2):
        with place.start(show, code=SECRET, WAYS_CACHE="1") as process:
            answer, secret = answer_of(process)
        assert answer == told and len(bytes.fromhex(json.loads(secret))) == 32
        assert bytes.fromhex(json.loads(secret)) != b"S" * 32


@pytest.mark.parametrize("part", ["", "entries", "an entry", "a link"])
def test_clearing_the_cache_removes_nothing_through_what_another_has_put_there(place: Place, show: Path, part: str) -> None:
    place.folder("home/user/.cache", USER)
    place.ask(show, code=FILL, WAYS_CACHE="1")
    store = place.home / ".cache" / "ways" / "sheets"
    entry = next((store / "entries").iterdir())
    precious = place.file(f"victim/{entry.name}", entry.read_bytes().hex(), USER)
    if part == "a link":
        shutil.rmtree(store / "entries")
        (store / "entries").symlink_to(precious.parent)
        os.lchown(store / "entries", OTHER, OTHER)
    elif part == "an entry":
        entry.unlink()
        entry.symlink_to(precious)
        os.lchown(entry, OTHER, OTHER)
    else:
        os.chown(store / part, OTHER, OTHER)
    told = place.ask(Path("cache"), Path("clear"), Path("--format"), Path("json"), code=SHELL, WAYS_CACHE="1")
    assert precious.exists() and isinstance(told["removed"], int)
    assert (store / part).is_dir() and entry.exists() if part in ("", "entries") else True


# --- what is watched

#: Begins to watch, says so, and tells what a session says once a sheet of its own is there.
WATCH = """if True:
    import time
    import ways.watch
    watch = session.watch(poll=0.2)
    print("watching", flush=True)
    end = time.monotonic() + 60
    while ("seen",) not in session.hierarchies() and time.monotonic() < end:
        time.sleep(0.02)
    watch.stop()
"""
_ASKED, _TOLD = ASK.split("    layers =")
WATCH = f"{_ASKED}{WATCH.split(chr(10), 1)[1]}    layers ={_TOLD}"


def watched(place: Place, plant: Callable[[], object], own: str, *paths: Path, code: str = WATCH, **environ: str) -> Any:
    """Return what a session says that watches while another user does something, and its own user writes a sheet after it."""
    with place.start(*paths, code=code, **environ) as process:
        assert process.stdout is not None
        if process.stdout.readline() == "watching\n":
            plant()
            place.file(own, "plugins: {seen: {hierarchy: seen}}", USER)
        return answer_of(process)[0]


def test_an_info_file_of_another_that_appears_above_changes_nothing(place: Place, show: Path) -> None:
    told = watched(place, lambda: place.file("jobs/.ways_plugin_info.yml", HOSTILE, OTHER), "jobs/show/seen.yml", show)
    assert (told["hierarchies"], told["layers"]) == (["job", "seen"], ["master"])
    assert [problem[1] for problem in told["problems"]] == ["owner"]


def test_a_link_of_another_that_appears_above_is_not_followed_either(place: Place, show: Path) -> None:
    mine = place.file("home/user/mine.yml", HOSTILE, USER)
    link = place.root / "jobs" / ".ways_plugin_info.yml"
    told = watched(place, lambda: (link.symlink_to(mine), os.lchown(link, OTHER, OTHER)), "jobs/show/seen.yml", show)
    assert (told["hierarchies"], told["layers"]) == (["job", "seen"], ["master"])


def test_a_sheet_of_another_that_appears_in_the_configuration_is_left_out(place: Place) -> None:
    config(place)

    def plant() -> None:
        place.file("home/user/.config/ways/more.py", "raise SystemExit('I was run')", OTHER)
        place.file("home/user/.config/ways/more.yml", "plugins: {more: {hierarchy: more}}", OTHER)

    told = watched(place, plant, "home/user/.config/ways/seen.yml", WAYS_DESCRIPTORS="ABSENT")
    assert told["hierarchies"] == ["job", "seen"] and {problem[1] for problem in told["problems"]} == {"owner"}


def test_a_configuration_folder_that_another_takes_over_is_left_out(place: Place) -> None:
    folder = config(place)

    def plant() -> None:
        folder.chmod(0o777)
        place.file("home/user/.config/ways/more.yml", "plugins: {more: {hierarchy: more}}", OTHER)

    until_gone = WATCH.replace('("seen",) not in', '("job",) in')
    told = watched(place, plant, "home/user/.config/ways/seen.yml", code=until_gone, WAYS_DESCRIPTORS="ABSENT")
    assert told["hierarchies"] == [] and [problem[:2] for problem in told["problems"]] == [[str(folder), "owner"]]


def test_a_link_that_appears_in_a_folder_that_is_not_trusted_leads_to_nothing_private(place: Place) -> None:
    private = place.file("home/user/private.yml", "plugins: {secret: {hierarchy: secret}}", USER, 0o600)
    folder = place.folder("upload/untrusted", OTHER)
    place.file("upload/untrusted/job.yml", ONE, OTHER)

    def plant() -> None:
        (folder / "steal.yml").symlink_to(private)
        (folder / "code.py").write_text("plugins = {}\nraise SystemExit('I was run')")

    told = watched(place, plant, "upload/untrusted/seen.yml", folder)
    assert told["hierarchies"] == ["job", "seen"]
    assert sorted(problem[1] for problem in told["problems"]) == ["unreadable", "untrusted"]


# --- folders that are not trusted


def test_links_of_another_user_in_an_untrusted_folder_lead_to_nothing_private(place: Place) -> None:
    private = place.file("home/user/private.yml", "a: [SECRET", USER, 0o600)
    folder = place.folder("upload/untrusted", OTHER)
    place.file("upload/untrusted/job.yml", ONE, OTHER)
    for name in ("steal.yml", ".ways_plugin_info.yml"):
        (folder / name).symlink_to(private)
    os.mkfifo(folder / "pipe.yml")
    told = place.ask(folder)
    assert told["hierarchies"] == ["job"] and len(told["problems"]) == 2
    assert "SECRET" not in json.dumps(told)


# --- folders in which something is made for a moment

TEMPDIRS = """if True:
    import json, os, sys
    from ways.sources.tempdirs import locked_tempdir
    with locked_tempdir(sys.argv[1], ".ways-clone-") as made:
        print(json.dumps({"mode": os.stat(made).st_mode & 0o777, "owner": os.stat(made).st_uid}))
"""


def test_what_another_left_among_folders_made_for_a_moment_harms_nothing(place: Place) -> None:
    above = place.folder("above", USER, 0o777)
    precious = place.file("victim/precious", "mine", USER)
    place.folder("victim", USER)
    (above / ".ways-clone-abcdefgh").symlink_to(place.root / "victim")
    within = place.folder("above/.ways-clone-ijklmnop", OTHER)
    (within / "link").symlink_to(place.root / "victim")
    assert place.ask(above, code=TEMPDIRS) == {"mode": 0o700, "owner": USER}
    assert precious.read_text() == "mine"


# --- sheets that are named


def test_sheets_that_are_named_may_be_anybodys(place: Place) -> None:
    place.folder("theirs", OTHER, 0o777)
    place.file("theirs/job.yml", ONE, OTHER, 0o666)
    assert place.ask(place.root / "theirs")["hierarchies"] == ["job"]
    assert place.ask(WAYS_DESCRIPTORS=str(place.root / "theirs"))["hierarchies"] == ["job"]


def test_plugin_files_and_lists_of_paths_that_are_named_may_be_anybodys(place: Place) -> None:
    """Whoever names code runs it, and a list of paths is only texts: docs/explanation/security.rst says so."""
    code = "from ways.api import current_session\ncurrent_session().add_plugins(theirs={'hierarchy': 'theirs'})\n"
    plugins = place.file("theirs/plugins/theirs.py", code, OTHER, 0o666)
    os.chown(plugins.parent, OTHER, OTHER)
    assert place.ask(WAYS_PLUGINS=str(plugins.parent))["hierarchies"] == ["theirs"]
    sheet = place.file("theirs/job.yml", ONE, OTHER)
    paths = place.file("theirs/paths.txt", "/jobs/dune\n", OTHER, 0o666)
    moved = place.file("theirs/moved.yml", ONE.replace("/jobs/", "/work/"), OTHER)
    arguments = ["diff", str(sheet), str(moved), "--paths", str(paths), "--format", "json"]
    with place.start(*map(Path, arguments), code=SHELL) as process:
        told, complaints = process.communicate(timeout=120)
    assert process.returncode == 1 and '"/jobs/dune"' in told, complaints


def test_a_report_is_not_written_through_a_link_of_another(place: Place, show: Path) -> None:
    """In a folder in which another may put files, he doesn't know the name beside the page, and his page is replaced by its name."""
    open_to_all = place.folder("shared", 0, 0o777)
    precious = place.file("victim/precious", "mine", USER)
    code = SHELL.replace("import sys", f"import os, sys; os.symlink({str(precious)!r}, f'{open_to_all}/page.html.{{os.getpid()}}.new')")
    arguments = ["--sheets", str(show), "report", f"{open_to_all}/page.html", "--format", "json"]
    told = place.ask(*map(Path, arguments), code=code)
    assert told["contexts"] == 1 and precious.read_text(encoding="utf-8") == "mine"
