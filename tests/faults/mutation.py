"""Objects of the API, changed at random on their way out: one odd object must take no other along.

A round is made from its number alone: the same number gives the same mutations of the same objects.
"""

from __future__ import annotations

import copy
import io
import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import orjson
import pytest
import urllib3
from attrs import define, field, frozen

from conftest import tree
from notion_sync_core import Job
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugins import build as building
from notion_sync_core.plugins.build import Built, Spec
from notion_sync_core.report import Report
from notion_sync_core.stages import render
from notion_sync_core.testing import FakeClock
from notion_sync_demo.api import ApiError, Request
from notion_sync_notion.wire import Wire

RENDERERS = ("markdown", "html", "json")
COMPARED = ("markdown", "json")
"""HTML shows the titles of all that stands around a page: there the file has only to be there."""
Json = dict[str, Any]

_DEEP = "@deep {} @"
_DEEP_IN_BODY = re.compile(rb'"@deep (\d+) @"')
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, 10**30, -(10**25), 1e308, float("nan"), float("inf")),
    *("", "x", "text", "\0", "a\0b", "a\ud83d", "\ude00b", "\ud83d", "x" * 100_000, "../../users/me", "?x=1#y", "\r\n"),
    *("http://[", "http://[x?X-Amz-Signature=1", "https://\ud800/", "file:///etc/passwd", "9999-99-99", "9999-12-31"),
    *("0001-01-01T00:00:00+23:59", "2026-02-31T00:00:00.000Z", "page", "database", "relation", "00000000"),
    *([], {}, [None], [[]], [[[]]], [1, "x", None, {}], ["x"], [{}], [{"type": []}], {"": None}, {"type": {}}),
    *({"id": []}, {"type": "x", "x": [{}]}, {"\ud83d": 1}, {"object": "page"}, [{"id": None}], [["a", 1], {"b": 2}]),
    *(_DEEP.format(300), _DEEP.format(2_000)),
)
_SAYS_THAT_IT_IS_GONE = ("in_trash", "archived", "is_archived")


class Answers(Protocol):
    """Something that answers as the API does."""

    def answer(self, request: Request) -> Json:
        """The body of a good answer; an :class:`ApiError` for another."""


def mutated(raw: Json, rng: random.Random) -> tuple[Any, str]:
    """A copy with one thing changed somewhere in it, and what was done, for people."""
    whole = {"": copy.deepcopy(raw)}
    places = list(_places(whole))
    # What identifies an object matters most, and is few among many.
    top = [place for place in places if place[0] is whole or place[0] is whole[""]]
    holder, key = rng.choice(top if rng.random() < 0.5 else places)
    old = holder[key]
    way = rng.choice(("odd", "odd", "odd", "gone", "list", "wrapped", "renamed"))
    if way == "gone" and holder is not whole and isinstance(holder, dict):
        del holder[key]
    elif way == "renamed" and isinstance(holder, dict) and holder is not whole:
        holder[rng.choice(("\ud83d", "", "x" * 300, "a\0b"))] = holder.pop(key)
    elif way == "list" and isinstance(old, list):
        holder[key] = rng.choice(([], [*old, *old], old[::-1], [None, *old], [old], [*old, 7], old * 30))
    elif way == "wrapped":
        holder[key] = rng.choice(([old], {"x": old}, {str(key): old}, json.dumps(old)[:500]))
    else:
        odd = rng.choice(ODD)
        holder[key] = False if odd is True and key in _SAYS_THAT_IT_IS_GONE else copy.deepcopy(odd)
    new = holder.get(key) if isinstance(holder, dict) else holder[key]
    return whole[""], f"{way} at {key!r:.40}: {old!r:.60} became {new!r:.60}"


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    todo = [value]
    while todo:
        each = todo.pop()
        items = each.items() if isinstance(each, dict) else enumerate(each)
        for key, inner in items:
            yield each, key
            if isinstance(inner, (dict, list)):
                todo.append(inner)


def encoded(answer: Any) -> bytes:
    """An answer's body; deep values are put in as text, since no writer makes them."""
    body = json.dumps(answer).encode()
    return _DEEP_IN_BODY.sub(lambda found: b"[" * int(found[1]) + b"]" * int(found[1]), body)


@define
class Mutator:
    """Shows objects as they are, but those that are touched.

    :param scope: ``list``, ``single`` or ``both``: in which answers they are mutated.
    """

    answers: Answers
    number: int = 0
    touched: dict[str, str] = field(factory=dict)
    """The scope of each touched object, by its id."""
    done: dict[str, str] = field(factory=dict)
    """What was done, for people."""

    def send(self, method: str, target: str, body: bytes | None) -> tuple[int, bytes]:
        """Status and body of an answer."""
        try:
            found = self.answers.answer(Request.parse(method, target, body or b""))
        except ApiError as error:
            return error.status, orjson.dumps(error.body)
        if target.partition("?")[0] == "/v1/users/me":
            return 200, encoded(found)
        if "results" in found:
            found = {**found, "results": [self._shown(raw, "list") for raw in found["results"]]}
        else:
            found = self._shown(found, "single")
        return 200, encoded(found)

    def _shown(self, raw: Json, scope: str) -> Any:
        object_id = raw.get("id")
        if not isinstance(object_id, str) or self.touched.get(object_id) not in (scope, "both"):
            return raw
        # The same each time the object is shown in this form.
        rng = random.Random(f"{self.number}/{object_id}/{raw.get('object')}")
        shown, what = mutated(raw, rng)
        self.done[f"{raw.get('object')} {object_id} ({self.touched[object_id]})"] = what
        return shown


@contextmanager
def in_place_of_the_network(mutator: Mutator) -> Iterator[None]:
    """The client's requests are answered here, without a socket."""

    def send(_: Wire, method: str, target: str, headers: Any, body: bytes | None, timeout_s: float) -> Any:
        status, answer = mutator.send(method, target, body)
        given = {"Content-Type": "application/json"}
        return urllib3.HTTPResponse(io.BytesIO(answer), headers=given, status=status, preload_content=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wire, "send", send)
        patch.setattr(building, "find", cache(building.find))
        patch.setattr(building, "load", cache(building.load))
        patch.setattr(render, "build", _built)
        yield


_RENDERERS: dict[str, Built] = {}


def _built(spec: Spec, *rest: Any) -> Built:
    """Renderers hold nothing between runs; making them anew for each run would cost more than the run."""
    if spec.kind != "renderers":
        return building.build(spec, *rest)
    if spec.use not in _RENDERERS:
        _RENDERERS[spec.use] = building.build(spec, *rest)
    return _RENDERERS[spec.use]


def sync(folder: Path, renderers: tuple[str, ...] = RENDERERS, **options: Any) -> Report:
    """One run, in this process, with time that passes by itself."""
    job = Job.load(
        environ={"NOTION_TOKEN": "token"},
        use_default_file=False,
        flags={
            "notion.base_url": "http://127.0.0.1:9",
            "performance.requests": 0,
            "performance.workers": 2,
            "performance.max_attempts": 2,
            "deployment.state_dir": str(folder / "state"),
            "export.sinks": [{"use": "fs", "path": str(folder / "out"), "fsync": False}],
            "export.renderers": list(renderers),
            "export.assets": False,
            "export.comments": True,
        },
    )
    return run(job, Options(mode="sync", **options), (), FakeClock())


def files(folder: Path) -> dict[tuple[str, str], dict[str, bytes]]:
    """The files of each document by renderer, as the state has them."""
    (state,) = (folder / "state").rglob("state.sqlite")
    found: dict[tuple[str, str], dict[str, bytes]] = {}
    db = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        for doc, renderer, path in db.execute(
            "SELECT document_id, renderer, path FROM files WHERE is_current=1 AND sha256!=''"
        ):
            if doc:
                found.setdefault((doc, renderer), {})[path] = (folder / "out" / path).read_bytes()
    finally:
        db.close()
    return found


@frozen
class Shown:
    """What a workspace shows, for choosing what to touch and for telling who is touched by it."""

    answers: Answers
    objects: dict[str, str]
    """Everything that may be touched: the document whose files it decides about, ``""`` for none."""
    texts: dict[str, str]
    """All that each document shows, as JSON: an id in it is something it shows."""
    around: dict[str, set[str]]
    """What stands above, below and beside each document."""


class Campaign:
    """Rounds over one workspace, each compared with the run without mutations."""

    def __init__(self, shown: Shown, folder: Path) -> None:
        self.shown = shown
        self.folder = folder
        with in_place_of_the_network(Mutator(shown.answers)):
            report = sync(folder / "calm")
        assert report.error is None, report.error
        self.expected = files(folder / "calm")
        self.tree = tree(folder / "calm" / "out")
        self.named = {item["id"] for item in report.failures}
        self.documents = {doc for doc, _ in self.expected}

    def round(self, number: int, clear: Callable[[Path], object]) -> Mutator:
        """Touch some objects, run, and look at what became of all.

        :raises AssertionError: it says how to make this round again.
        """
        rng = random.Random(number)
        ids = sorted(self.shown.objects)
        chosen = rng.sample(ids, rng.randint(1, min(6, len(ids))))
        scopes = {each: rng.choice(("list", "single", "both", "both")) for each in chosen}
        mutator = Mutator(self.shown.answers, number, scopes)
        here = self.folder / "round"
        renderers = RENDERERS if number % 3 == 0 else COMPARED
        try:
            with in_place_of_the_network(mutator):
                report = sync(here, renderers)
            self._check(report, mutator, files(here), renderers)
            if number % 15 == 0:
                self._check_mended(here)
        except Exception as error:
            did = "\n".join(f"  {name}: {what}" for name, what in sorted(mutator.done.items()))
            raise AssertionError(f"round {number}: {type(error).__name__}: {error}\n{did}") from error
        finally:
            clear(here)
        return mutator

    def _check(
        self,
        report: Report,
        mutator: Mutator,
        found: dict[tuple[str, str], dict[str, bytes]],
        renderers: tuple[str, ...],
    ) -> None:
        assert report.error is None, report.error
        assert report.exit_code in (0, 3)
        done = {name.split()[1] for name in mutator.done}
        touched = {self.shown.objects[each] for each in done} - {""}
        named = {item["id"] for item in report.failures}
        said = json.dumps(report.failures)
        assert named <= touched | done | self.named | {""}, ("named though not touched", report.failures)
        named |= {self.shown.objects[each] for each in done & named}
        for doc in self.documents:
            whole = all((doc, renderer) in found for renderer in renderers)
            if doc in touched:
                assert whole or doc in named or doc in said or "" in named, ("neither exported nor named", doc, report)
                continue
            assert whole, ("not touched, and not exported", doc, report)
            if self._shows(doc, done):
                continue
            for renderer in COMPARED:
                assert found[doc, renderer] == self.expected[doc, renderer], ("other bytes", doc, renderer)

    def _shows(self, doc: str, done: set[str]) -> bool:
        """Whether the document shows something that was touched, or stands near it."""
        concerned = {doc, *self.shown.around.get(doc, ())}
        text = self.shown.texts.get(doc, "")
        return any(
            each in text or each.replace("-", "") in text or self.shown.objects[each] in concerned for each in done
        )

    def _check_mended(self, here: Path) -> None:
        """When all is well again, so is the export."""
        with in_place_of_the_network(Mutator(self.shown.answers)):
            report = sync(here, full=True)
        assert report.error is None, report.error
        assert {item["id"] for item in report.failures} == self.named, report.failures
        assert tree(here / "out") == self.tree, "not mended"
