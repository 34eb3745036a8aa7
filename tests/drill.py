"""Recovery drills: something is lost, the documented commands are run, and the same bytes must be there again.

``python tests/drill.py --pages 1000`` prints a line for each, and fails if one is not identical or too slow. The
commands are read from docs/operations/backup-and-recovery.md, so that what is written there is what was tried.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from code_blocks import lines_of
from notion_sync_core.state.migrations import FORMAT
from notion_sync_demo import Emulator, generate

GUIDE = Path(__file__).parent.parent / "docs" / "operations" / "backup-and-recovery.md"
LIMIT_S = 30.0
"""What a recovery of 1,000 pages may take."""
CONFIG = """
[plugins.fs]
path = "pages"

[deployment]
state_dir = "state"
"""


@frozen
class Drilled:
    """How one recovery went."""

    name: str
    commands: int
    seconds: float
    cpu_s: float
    requests: int
    files: int
    difference: str
    """The first path that is not as before; empty: all are."""


class Place:
    """A configuration, its pages and its state, as somebody has them."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.folder, self.server = folder, server
        self.pages, self.state = folder / "pages", folder / "state"
        self.expected: dict[str, str] = {}
        """What must be there again."""
        (folder / "notion-sync.toml").write_text(CONFIG)

    def type(self, line: str) -> None:
        """Run a line as it is documented."""
        own = {
            "HOME": str(self.folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NOTION_TOKEN": self.server.token,
            "NOTION_SYNC_NOTION__BASE_URL": self.server.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
        }
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env={**os.environ, **own}, capture_output=True, text=True
        )
        if done.returncode:
            raise AssertionError(f"{line} ended with {done.returncode}:\n{done.stderr or done.stdout}")

    def hashes(self) -> dict[str, str]:
        """Every file of the pages, and the sha256 of its bytes."""
        return dict(_hashes(self.pages))


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != ".notion-sync/lock" and not name.startswith(".notion-sync/replaced/"):
            content = path.read_bytes()
            # The first line names job and generation, which a machine that begins anew gives itself.
            content = content.partition(b"\n")[2] if name.endswith("manifest.jsonl") else content
            yield name, hashlib.sha256(content).hexdigest()


def lose_state(place: Place) -> None:
    """The disk of the state died."""
    shutil.rmtree(place.state)


def lose_pages(place: Place) -> None:
    """Somebody emptied the folder."""
    shutil.rmtree(place.pages)


def lose_machine(place: Place) -> None:
    """Both."""
    lose_state(place)
    lose_pages(place)


def damage_state(place: Place) -> None:
    """A disk gave back other bytes than it was given."""
    (database,) = place.state.glob("*/state.sqlite")
    with database.open("r+b") as file:
        for offset in range(0, database.stat().st_size, 4096):
            file.seek(offset)
            file.write(b"\xff" * 2048)


def damage_files(place: Place) -> None:
    """Every fifth file rots, is cut off, or is gone."""
    files = [path for path in sorted(place.pages.rglob("*")) if path.is_file() and ".notion-sync" not in path.parts]
    for number, path in enumerate(files[::5]):
        if number % 3 == 0:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-1] if number % 3 == 1 else b"\x00" + path.read_bytes()[1:])


def go_back(place: Place) -> None:
    """The pages are those of the day before, when some had other names and others did not exist."""
    yesterday = place.folder / "yesterday"
    shutil.copytree(place.pages, yesterday, copy_function=shutil.copy2)
    with place.server.lock:
        space = place.server.workspace
        for number, page in enumerate(sorted(space.pages)[:30]):
            if number % 2:
                space.rename(page, f"Renamed {number}")
            else:
                space.add_page(page, f"New {number}")
    place.type("notion-sync sync --config notion-sync.toml")
    place.expected = place.hashes()
    shutil.rmtree(place.pages)
    yesterday.rename(place.pages)


def come_from_a_newer_version(place: Place) -> None:
    """Its format is one that this version does not know, and refuses."""
    (database,) = place.state.glob("*/state.sqlite")
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    try:
        place.type("notion-sync sync --config notion-sync.toml")
    except AssertionError as error:
        if "was written by a newer version" in str(error):
            return
        raise
    raise AssertionError("a state of a newer version was not refused")


DRILLS: dict[str, Callable[[Place], None]] = {
    "The state is lost": lose_state,
    "The pages are lost": lose_pages,
    "The machine is lost": lose_machine,
    "The state is damaged": damage_state,
    "A newer version was here": come_from_a_newer_version,
    "The pages come from an older backup": go_back,
    "Files are damaged": damage_files,
}


def documented(heading: str) -> list[str]:
    """The lines to type that stand below a heading of the guide."""
    section = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", GUIDE.read_text("utf-8"), re.M | re.S)
    assert section is not None, f"{GUIDE} has no section {heading!r}"
    return lines_of(section[1])


def drill(name: str, place: Place) -> Drilled:
    """Lose it, do what is documented, compare."""
    place.expected = place.hashes()
    DRILLS[name](place)
    commands, asked = documented(name), place.server.counters.total
    began, used = time.monotonic(), _cpu_s()
    for line in commands:
        place.type(line)
    seconds, cpu_s = time.monotonic() - began, _cpu_s() - used
    found = place.hashes()
    differ = sorted(place.expected.items() ^ found.items())
    requests = place.server.counters.total - asked
    return Drilled(name, len(commands), seconds, cpu_s, requests, len(found), differ[0][0] if differ else "")


def _cpu_s() -> float:
    """Processor seconds of all commands so far: what other programs on the machine do not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def drills(pages: int, folder: Path) -> Iterator[Drilled]:
    """All drills, one after another, of so many pages."""
    with Emulator(generate(pages)) as server:
        place = Place(folder, server)
        place.type("notion-sync sync --config notion-sync.toml")
        for name in DRILLS:
            yield drill(name, place)
            for aside in place.folder.glob("state.*"):
                shutil.rmtree(aside)


def main() -> None:
    """Print a table, and end with 1 if a recovery failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=1000)
    pages: int = parser.parse_args().pages
    failed = False
    print(f"{pages} pages, no rate limit\n\n| drill | seconds | CPU s | requests | files | result |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for each in drills(pages, Path(folder)):
            bad = each.difference or ("" if each.seconds <= LIMIT_S else f"more than {LIMIT_S:g} s")
            failed = failed or bool(bad)
            measured = f"{each.seconds:.1f} | {each.cpu_s:.1f} | {each.requests:,} | {each.files:,}"
            print(f"| {each.name} | {measured} | {bad or 'identical'} |", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
