"""Events of every kind, with ordinary values, odd ones, or those of a whole run."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Iterator
from typing import Any

import attrs

from notion_sync_core import events
from notion_sync_core.errors import Exit
from notion_sync_core.events import Event
from notion_sync_core.model import KINDS

KINDS_OF_EVENTS: tuple[type[Event], ...] = tuple(
    found
    for name in sorted(events.__all__)
    if inspect.isclass(found := getattr(events, name))
    and issubclass(found, Event)
    and found not in (Event, events.Outcome)
)
"""Every class of event that is published."""
_ID = "11111111-1111-4111-8111-111111111111"
_ORDINARY: dict[str, Any] = {
    "id": _ID,
    "kind": "page",
    "status": "complete",
    "mode": "sync",
    "stage": "read",
    "command": "sync",
    "state": "open",
    "verdict": "warn",
    "status_class": "2xx",
    "endpoint": "blocks/{id}/children",
    "host": "api.example.org",
    "target": "api.example.org",
    "outcome": "updated",
    "next": "retry",
    "cause": "RetryableError",
    "reason": "budget",
    "guard": "max_delete",
    "signal": "SIGTERM",
    "place": "state",
    "component": "source",
    "paths": ("Handbook.md",),
    "old": "Old.md",
    "new": "New.md",
}
_BY_TYPE: dict[Any, Any] = {str: "some text", int: 3, float: 0.25, bool: True}
HOSTILE = "\x1b[2J\x07<script>\r\n\u202egnp\x00 é🚲"
"""A title that clears a terminal, breaks a line, and reads backwards."""
_ODD_BY_TYPE: dict[Any, Any] = {str: HOSTILE, int: 0, float: 0.0, bool: False}
_HUGE_BY_TYPE: dict[Any, Any] = {str: "x" * 20_000, int: 2**53, float: 1e12, bool: True}
_FIXED = ("kind", "status", "mode", "stage", "state", "verdict", "status_class", "signal")
"""What is one of few words, whatever else is odd."""


def event(kind: type[Event], **values: Any) -> Event:
    """An event with ordinary values.

    :param values: fields that shall have others.
    """
    return _made(kind, _BY_TYPE, _ORDINARY, values)


def every_event() -> Iterator[Event]:
    """One of each kind, with ordinary values."""
    return (event(kind) for kind in KINDS_OF_EVENTS)


def odd_events() -> Iterator[Event]:
    """Of each kind some whose texts are hostile or huge, and whose numbers are nothing or huge."""
    fixed = {name: _ORDINARY[name] for name in _FIXED}
    for kind in KINDS_OF_EVENTS:
        yield _made(kind, _ODD_BY_TYPE, {**fixed, "paths": (HOSTILE,), "names": (HOSTILE,)}, {})
        yield _made(kind, _HUGE_BY_TYPE, {**fixed, "paths": ("x" * 500,) * 200}, {})
        yield _made(kind, {**_BY_TYPE, str: ""}, {**fixed, "kind": KINDS[-1], "total": None}, {})


def a_run(objects: int = 3, run: int = 1, job: str = "job") -> Iterator[Event]:
    """What is told of a run that reads and writes so many objects, each with an id of its own."""
    of = {"job": job, "run_id": f"run{run}"}
    yield event(events.CommandStarted)
    yield event(events.RunStarted, known=0, **of)
    yield event(events.StageStarted, stage="read", total=objects)
    yield event(events.RequestsBegan, allowed=180, window_s=60.0)
    ids = [f"{run:08x}-0000-4000-8000-{number:012x}" for number in range(objects)]
    for number, object_id in enumerate(ids):
        told = {"id": object_id, "title": f"Page {number}"}
        yield event(events.ObjectDiscovered, pending=True, **told)
        yield event(events.RequestFinished, ok=True)
        yield event(events.ObjectRead, **told)
        yield event(events.AssetDownloaded, key=f"https://files.example.org/{object_id}", bytes=100)
    yield event(events.StageFinished, stage="read", objects=objects)
    yield event(events.StageStarted, stage="write", total=objects)
    for number, object_id in enumerate(ids):
        yield event(events.ObjectWritten, id=object_id, title=f"Page {number}", paths=(f"Page {number}.md",), bytes=10)
    yield event(events.SinkWrote, sink="fs", ok=True, files=objects, bytes=10 * objects)
    yield event(events.StageFinished, stage="write", objects=objects)
    yield event(events.RunFinished, **of)
    yield event(events.CommandFinished, exit_code=0)


def a_locked_out_run(job: str = "job") -> Iterator[Event]:
    """What is told of a run that finds another one at work."""
    locked = {"status": "failed", "error": {"exit": int(Exit.LOCKED), "error": "another run is at work", "remedy": ""}}
    yield event(events.CommandStarted)
    yield event(events.RunFinished, job=job, run_id="locked", status="failed", report=locked)
    yield event(events.CommandFinished, exit_code=int(Exit.LOCKED))


def _made(kind: type[Event], by_type: dict[Any, Any], by_name: dict[str, Any], values: dict[str, Any]) -> Event:
    given = {
        name: by_name[name] if name in by_name else _value(hint, by_type)
        for name, hint in _hints()[kind]
        if name not in values
    }
    return kind(**given, **values)


@functools.cache
def _hints() -> dict[type[Event], list[tuple[str, Any]]]:
    """The fields of each kind with their types, found out once: a thousand events are made at a time."""
    return {
        kind: [(field.name, hints[field.name]) for field in attrs.fields(kind)]
        for kind in KINDS_OF_EVENTS
        for hints in [typing.get_type_hints(kind)]
    }


def _value(hint: Any, by_type: dict[Any, Any]) -> Any:
    if hint in by_type:
        return by_type[hint]
    origin = typing.get_origin(hint)
    if origin is tuple:
        return (_value(typing.get_args(hint)[0], by_type),)
    if origin is dict:
        return {"status": "complete", "objects": {"read": 3}, "failures": [], "warnings": ["one"]}
    if origin is typing.Literal:
        return typing.get_args(hint)[0]
    arguments = [each for each in typing.get_args(hint) if each is not type(None)]
    return _value(arguments[0], by_type)
