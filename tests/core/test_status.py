"""What may follow what: random lives of five objects, held against the table of transitions."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve

from notion_sync_core.errors import MissingError, SkippableError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Found, Parent, Ref
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.record import Recorder
from notion_sync_core.stages.selection import Selection
from notion_sync_core.state import Child, State
from notion_sync_core.status import TRANSITIONS, Status

ROOT = Parent("workspace", None)
REFS = {
    "page": Ref("page", "page", "Page", ROOT, "2026-01-01", "2026-01-01", raw={"id": "page"}),
    "child": Ref("child", "page", "Child", Parent("page_id", "page"), "2026-01-01", "2026-01-01", raw={"id": "child"}),
    "source": Ref(
        "source", "data_source", "Rows", Parent("database_id", "base"), "2026-01-01", "2026-01-01", raw={"id": "source"}
    ),
    "base": Ref("base", "database", "Base", Parent("page_id", "page"), "2026-01-01", "2026-01-01", raw={"id": "base"}),
    "row": Ref(
        "row", "page", "Row", Parent("data_source_id", "source"), "2026-01-01", "2026-01-01",
        raw={"id": "row", "properties": {"On": {"type": "checkbox", "checkbox": True}}},
    ),
}  # fmt: skip
OFF = {"id": "row", "properties": {"On": {"type": "checkbox", "checkbox": False}}}


RARE = {
    *("aside → missing", "aside → failed", "trashed → missing", "view → missing", "view → failed", "view → trashed"),
    *(
        "missing → new",
        "missing → unreadable",
        "unreadable → missing",
        "unreadable → failed",
        "unreadable → read",
        "unreadable → view",
    ),
    *(
        "aside → unreadable",
        "aside → view",
        "view → aside",
        "missing → failed",
        "missing → view",
        "trashed → view",
        "view → read",
        "view → unreadable",
    ),
    *("missing → unselected", "outside → unselected", "view → unselected", "unreadable → unselected"),
    *("unselected → failed", "unselected → missing", "unselected → unreadable", "unselected → view"),
    *("outside → failed", "outside → unreadable", "outside → view", "failed → missing", "failed → view"),
}
"""Steps that need a particular order of rare things, such as a lost mirror; not every one is met here."""


class Life:
    """Five objects in one state, and what listings, look-ups, readings and layouts do to them."""

    def __init__(self, folder: Path) -> None:
        self.state = State(folder / "state.sqlite")
        self.mirror = Mirror(folder / "mirror")
        self.minute = 0
        self.chosen: Any = True
        self.next_run()

    def next_run(self, _: str = "") -> None:
        self.state.begin_run()
        self.plan = Plan(self.state, self.mirror, selection=Selection({"On": [self.chosen]}))
        self.recorder = Recorder(self.plan, lambda _: None, None)
        self.plan.choose()
        self.plan.begin()

    def close(self) -> None:
        self.state.close()
        self.mirror.close()

    def child(self, name: str) -> Child:
        child = Child(name, REFS[name].kind, REFS[name].title)
        self.state.lookups.ask(child)
        return child

    # -- what may happen

    def shown(self, name: str) -> None:
        self.plan.see(REFS[name])

    def shown_edited(self, name: str) -> None:
        self.minute += 1
        self.plan.see(evolve(REFS[name], last_edited_time=f"2026-01-02T00:{self.minute:02}"))

    def shown_in_the_trash(self, name: str) -> None:
        self.plan.see(evolve(REFS[name], left_out="it is in Notion's trash"))

    def shown_as_no_part(self, name: str) -> None:
        self.plan.see(evolve(REFS[name], left_out="it is a template", for_good=True))

    def shown_as_not_chosen(self, _: str) -> None:
        self.plan.see(evolve(REFS["row"], raw=OFF))

    def the_other_is_chosen(self, _: str) -> None:
        self.chosen = not self.chosen
        self.next_run()

    def read(self, name: str) -> None:
        found = Found(children=(("child", "page", "Child"), ("base", "database", "Base")) if name == "page" else ())
        for ref in self.plan.take_pending(10):
            self.plan.finish_read(ref, found if ref.id == name else Found(), settled=True)

    def reading_failed(self, name: str) -> None:
        for ref in self.plan.take_pending(10):
            self.recorder.fail(ref.id, ref.kind, ref.title, SkippableError("odd"))

    def rendering_failed(self, name: str) -> None:
        found = self.state.objects.find(name)
        if found is not None and found.status in (Status.READ, Status.FAILED):
            self.state.objects.fail_rendering(name, "odd", "")

    def asked_for(self, name: str) -> Child | None:
        """An object that this run would look up, as being looked up."""
        lookups = self.state.lookups
        asked = (*lookups.children_to_fetch(), *lookups.to_confirm(), *lookups.missing_to_ask())
        return self.child(name) if name in {each.id for each in asked} else None

    def not_found(self, name: str) -> None:
        if child := self.asked_for(name):
            self.recorder.not_found(child, MissingError("404"))

    def look_up_failed(self, name: str) -> None:
        if child := self.asked_for(name):
            self.recorder.fail(child.id, child.kind, child.title, SkippableError("500"))

    def a_view(self, name: str) -> None:
        if name == "base" and (child := self.asked_for(name)):
            self.recorder.fetched(child, [])

    def outside(self, name: str) -> None:
        if name in {each.id for each in self.state.lookups.parents_to_fetch()}:
            self.state.lookups.is_outside(self.child(name), "404")

    def laid_out(self, name: str) -> None:
        self.plan.judge_missing(let_go=name == "row")
        self.state.layout.assign_folders()
        self.state.objects.sink_below_trashed()
        self.state.objects.sink_below_unselected()

    def below_roots(self, name: str) -> None:
        self.state.layout.assign_folders()
        self.state.objects.keep_below([name])

    def forgiven(self, _: str) -> None:
        self.state.lookups.forgive_missing()

    def mirror_lost(self, _: str) -> None:
        self.state.queue.forget_copies()


STEPS: list[Callable[[Life, str], None]] = [
    step
    for name, step in vars(Life).items()
    if callable(step) and name not in ("__init__", "close", "child", "asked_for")
]
CHOOSING = (Life.shown_as_not_chosen, Life.the_other_is_chosen)


def live(seed: int, folder: Path) -> set[tuple[Status, Status]]:
    """A long random life; every step of every object, as (old, new)."""
    chance, taken = random.Random(seed), set()
    life = Life(folder)
    chooses = seed >= 60
    steps = [step for step in STEPS if chooses or step not in CHOOSING]
    names = sorted(each for each in REFS if chooses or each != "row")
    try:
        for _ in range(80):
            step, name = chance.choice([*steps, Life.next_run, Life.shown, Life.read]), chance.choice(names)
            before = {each: life.state.objects.find(each) for each in REFS}
            step(life, name)
            for each, old in before.items():
                new = life.state.objects.find(each)
                if old is not None and new is not None:
                    assert new.status in {old.status, *TRANSITIONS[old.status]}, (
                        f"{step.__name__}: {old.status} → {new.status}"
                    )
                if new is not None:
                    # What is looked up is new until the answer comes.
                    taken.add((old.status if old else Status.NEW, new.status))
    finally:
        life.close()
    return taken


def test_objects_take_every_step_of_the_table_and_no_other(tmp_path: Path) -> None:
    taken: set[tuple[Status, Status]] = set()
    for seed in range(120):
        taken |= live(seed, Path(tempfile.mkdtemp(dir=tmp_path)))
    legal = {(old, new) for old, following in TRANSITIONS.items() for new in following}
    never = {f"{old} → {new}" for old, new in legal - taken}
    assert never <= RARE, sorted(never - RARE)
