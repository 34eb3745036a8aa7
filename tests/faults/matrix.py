"""The fault matrix: every kind of fault, at each kind of request, early, in the middle and late.

Each cell has one defined outcome. A cell runs a sync over a workspace in which everything changed
since the last run, so that "the old copy is kept" can be told from "the new one is complete".
"""

from __future__ import annotations

import copy
import shutil
import time
from pathlib import Path
from typing import Any

from attrs import frozen

from conftest import Bench, tree
from faults.network import unreachable
from notion_sync_core.clock import Clock
from notion_sync_core.errors import Exit
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.testing import FakeClock
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.assets import png
from notion_sync_demo.build import block, media, rich, schema

KINDS = (
    *("refused", "dns", "connect_timeout", "hang", "reset", "reset_body", "short", "long", "drip", "empty", "html200"),
    *("bad_json", "bad_utf8", "gzip_damaged", "gzip_bomb", "chunk_damaged", "redirect_loop", "redirect_loopback"),
    *("400", "401", "403", "404", "409", "429", "429_date", "429_bare", "429_huge", "429_blocked"),
    *("500", "502", "503", "504", "529", "cursor_loop"),
)
"""The 34 of the reliability sheet; ``hang`` is its read time-out, ``429`` the one with a number."""
LIST, CHILDREN, ASSET = "list", "children", "asset"
PATHS = {
    LIST: "^/v1/(search|data_sources/.*/query)$",
    CHILDREN: "^/v1/blocks/.*/children$",
    ASSET: "^/files/",
}
POSITIONS = ("first", "middle", "last")
TIMEOUT_S = 0.25

RECOVERED, ITEM = "recovered", "item failed"
"""Nothing is lost, exit 0; something is named, exit 3, the rest is complete, the old copy is kept."""


@frozen
class Cell:
    kind: str
    endpoint: str
    position: str
    for_good: bool

    def __str__(self) -> str:
        return f"{self.kind}-{self.endpoint}-{self.position}-{'for-good' if self.for_good else 'once'}"


def cells() -> list[Cell]:
    """Every cell that can exist: files have neither cursors nor a form that could be wrong."""
    opaque = ("cursor_loop", "empty", "bad_json", "bad_utf8", "long")
    return [
        Cell(kind, endpoint, position, for_good)
        for kind in KINDS
        for endpoint in PATHS
        for position in POSITIONS
        for for_good in (False, True)
        if not (endpoint == ASSET and kind in opaque)
    ]


def some(every: int) -> list[Cell]:
    """A share of the cells in which each kind, endpoint and position comes up, for good and once."""
    chosen: dict[tuple[str, bool], Cell] = {}
    found = cells()
    for number, kind in enumerate(KINDS):
        for for_good in (False, True):
            own = [cell for cell in found if cell.kind == kind and cell.for_good is for_good]
            chosen[kind, for_good] = own[(number * every + for_good * 4) % len(own)]
    return list(chosen.values())


def outcomes(cell: Cell) -> set[str | Exit]:
    """What the reliability sheet says. The first list request is a search, the last ones are queries."""
    if cell.kind == "long":
        return {RECOVERED}  # what comes after the end is not read
    refused = cell.kind in ("400", "403", "404")
    bomb = cell.kind == "gzip_bomb"
    if cell.endpoint == ASSET:
        # An address that is refused is renewed once; of the rest only what cannot help is not repeated.
        helpless = bomb or cell.kind == "429_huge"
        return {ITEM} if cell.for_good or helpless else {RECOVERED}
    if cell.kind in ("401", "429_blocked"):
        return {Exit.NOT_AUTHORISED}
    if cell.kind == "429_huge":
        return {Exit.NETWORK}
    if cell.kind == "cursor_loop":
        # Back to the beginning is harmless once: what came twice counts once. Back to itself is not.
        if not cell.for_good:
            return {RECOVERED} if cell.position == "first" else {RECOVERED, ITEM}
        return {ITEM}
    if not cell.for_good and not refused and not bomb:
        return {RECOVERED}
    if cell.endpoint == CHILDREN:
        # A page that another listing shows again in the same run is read again.
        return {ITEM} if cell.for_good else {ITEM, RECOVERED}
    if cell.position == "first":
        return {Exit.GUARD} if cell.kind in ("403", "404") else {Exit.NETWORK}
    # A later answer of search is made up for from the other end of the list; a query has no other end.
    return {RECOVERED} if cell.position == "middle" else {ITEM}


def make_space() -> Workspace:
    """Small, but with lists of several answers each, and files."""
    space = Workspace("Matrix", seed=7)
    home = space.add_page(None, "Home", [block("paragraph", "Welcome")])
    for number in range(9):
        picture = space.add_file(f"picture {number}.png", png(2 + number, 2, (number, 0, 0), (0, 0, 9)), "image/png")
        inner = [block("paragraph", f"Inner {number}.{at}") for at in range(4)]
        texts = [block("paragraph", f"Text {number}.{at}") for at in range(4)]
        space.add_page(
            home if number % 2 else None,
            f"Page {number}",
            [*texts, media("image", picture, "A picture"), block("toggle", "Open me", inner)],
        )
    _, (source,) = space.add_database(home, "Tasks", {"Tasks": [schema("Name", "title")]})
    for number in range(7):
        space.add_row(source, {"Name": rich(f"Task {number}")}, [block("paragraph", f"Do {number}")])
    return space


def change(space: Workspace) -> None:
    """Everybody edits everything, and uploads a file more."""
    for number, page in enumerate(list(space.pages)):
        extra = [block("paragraph", f"New {number}")]
        if number % 3 == 1:
            name = f"new {number}.png"
            extra.append(
                media("image", space.add_file(name, png(3, 3 + number, (0, number, 0), (9, 0, 0)), "image/png"))
            )
        for each in extra:
            space.append_block(page, each)


class Matrix:
    """One server and one place; each cell begins from the same exported state."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.bench = Bench(emulator, folder)
        self._saved = folder / "saved"
        self._serve(make_space())
        self.good()
        self.old = tree(self.bench.out)
        shutil.copytree(folder / "state", self._saved / "state")
        shutil.copytree(folder / "out", self._saved / "out")
        self._changed = emulator.workspace
        change(self._changed)
        before = [len(self._asked(endpoint)) for endpoint in PATHS]
        self.good()
        self.counts = {
            endpoint: len(self._asked(endpoint)) - count for endpoint, count in zip(PATHS, before, strict=True)
        }
        self.new = tree(self.bench.out)

    def _serve(self, space: Workspace) -> None:
        self.emulator.workspace = self.emulator.api.workspace = space

    def _asked(self, endpoint: str) -> list[str]:
        return [path for path in self.emulator.log if _matches(endpoint, path)]

    def sync(self, clock: Clock | None = None) -> Report:
        job = self.bench.job(
            performance__timeout_s=TIMEOUT_S,
            performance__max_attempts=3,
            performance__workers=2,
            export__max_delete=0.25,
        )
        return run(job, Options(mode="sync"), (), clock or FakeClock(time.time()))

    def good(self) -> Report:
        report = self.sync()
        assert report.error is None, report.error
        assert report.status == "complete", report.failures
        return report

    def play(self, cell: Cell) -> str | Exit:
        """Run one cell; says how it ended. What must hold in each is asserted here."""
        for name in ("state", "out"):
            shutil.rmtree(self.bench.folder / name)
            shutil.copytree(self._saved / name, self.bench.folder / name)
        self._serve(copy.deepcopy(self._changed))
        last = self.counts[cell.endpoint] - 1
        fault = Fault(
            cell.kind,
            path=PATHS[cell.endpoint],
            after={"first": 0, "middle": 1 if cell.endpoint == LIST else last // 2, "last": last}[cell.position],
            times=None if cell.for_good else 1,
            sticky=cell.for_good and cell.kind != "cursor_loop",
            retry_after="3" if cell.kind in ("429", "529") else None,
            seconds=4 * TIMEOUT_S,
        )
        if cell.for_good and cell.kind == "cursor_loop":
            fault.path = self._path_at(cell)
            fault.after = 0
        self.emulator.faults.add(fault)
        started = time.monotonic()
        try:
            with unreachable(self.emulator):
                report = self.sync()
        finally:
            self.emulator.faults.clear()
        assert fault.struck, "the fault never struck"
        # Each try may take its time-out twice: once for the connection or the head, once for the body.
        assert time.monotonic() - started < 5 + 2 * TIMEOUT_S * (fault.struck + 1)
        outcome = self._outcome(report)
        self._rest_is_complete(report, outcome)
        self.good()
        assert tree(self.bench.out) == self.new, "the next run did not make it good"
        return outcome

    def _path_at(self, cell: Cell) -> str:
        """Of the request that stands in this position of an undisturbed run."""
        asked = self._asked(cell.endpoint)[-self.counts[cell.endpoint] :]
        at = {"first": 0, "middle": len(asked) // 2, "last": -1}[cell.position]
        if cell.endpoint == LIST:
            at = {"first": 0, "middle": 0, "last": -1}[cell.position]
        return f"^{asked[at]}$"

    def _outcome(self, report: Report) -> str | Exit:
        if report.error is not None:
            assert report.error.remedy, report.error.message
            return report.exit_code
        if report.failures:
            assert report.exit_code == Exit.PARTIAL
            return ITEM
        assert report.exit_code == Exit.COMPLETE
        return RECOVERED

    def _rest_is_complete(self, report: Report, outcome: str | Exit) -> None:
        found = tree(self.bench.out)
        assert set(self.old) <= set(found), "something was deleted"
        if outcome == RECOVERED:
            assert found == self.new
            return
        changed = {name for name in self.new if found.get(name) != self.new[name] and "manifest" not in name}
        assert all(found.get(name) == self.old.get(name) or name in found for name in changed)
        if outcome == ITEM:
            assert all(item["error"] and item["remedy"] for item in report.failures), report.failures
            named = {item["title"] for item in report.failures}
            documents = {Path(name).stem for name in changed if not name.startswith("assets/")}
            assert documents <= named | {"Tasks"} or "" in named, (documents, named)
        else:
            assert all(found.get(name) == self.old.get(name) for name in changed), "written though the run stopped"


def _matches(endpoint: str, path: str) -> bool:
    import re

    return re.search(PATHS[endpoint], path) is not None


def play_all(matrix: Matrix, found: list[Cell]) -> dict[str, Any]:
    """Every cell, and those that ended otherwise than they should."""
    wrong: dict[str, Any] = {}
    for cell in found:
        try:
            outcome = matrix.play(cell)
        except AssertionError as error:
            wrong[str(cell)] = str(error)[:500]
        else:
            if outcome not in outcomes(cell):
                wrong[str(cell)] = f"{outcome!r} instead of {outcomes(cell)}"
    return wrong
