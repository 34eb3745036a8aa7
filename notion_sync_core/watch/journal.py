"""What the log says of a run, made from its events: nobody else has to log what an event tells."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from notion_sync_core import events
from notion_sync_core.events import Event
from notion_sync_core.terminal import counted

E = TypeVar("E", bound=Event)

LOGGER = "notion_sync_core.run"
logging.getLogger(LOGGER).addHandler(logging.NullHandler())  # a program that wants no log gets none
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”")
_HIDDEN = "…"
_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_Line = tuple[int, str, dict[str, Any]]
"""Level, message, fields."""
_LINES: dict[type[Event], Callable[[Any, Callable[..., str]], _Line]] = {}


def name_of(kind: type[Event]) -> str:
    """The name of an event in logs: ``run_finished``."""
    return _WORD.sub("_", kind.__name__).lower()


def _says(function: Callable[[E, Callable[..., str]], _Line]) -> Callable[[E, Callable[..., str]], _Line]:
    """How an event of the function's first argument's type is told; its second hides titles in a text."""
    _LINES[getattr(events, function.__annotations__["event"].rpartition(".")[2])] = function
    return function


class Journal:
    """A listener that writes to the logger :data:`LOGGER`; which level is shown is up to whoever runs the program.

    :param titles: titles, paths and quoted texts may stand in lines; else ``…`` stands for them.
    :param label: what the job is called, where the runs of several share one log.
    """

    def __init__(self, *, titles: bool = False, label: str = "") -> None:
        self._label = label
        self._log = logging.getLogger(LOGGER)
        self._titles = titles
        self._job = ""
        self._run_id = ""

    def __call__(self, event: Event) -> None:
        """Say it, if it is one of :data:`TOLD`."""
        if isinstance(event, events.RunStarted):
            self._job, self._run_id = event.job, event.run_id
        level, message, fields = _LINES[type(event)](event, self._shown)
        if self._log.isEnabledFor(level):
            name = name_of(type(event))
            extra = {"event": name, "job_name": self._label, "job": self._job, "run_id": self._run_id, **fields}
            self._log.log(level, "%s", f"{self._label}: {message}" if self._label else message, extra=extra)

    def _shown(self, text: str, *names: str) -> str:
        """A text as it may be shown.

        :param names: titles and paths that may stand in it.
        """
        if self._titles:
            return text
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HIDDEN, text)
        return _QUOTED.sub(_HIDDEN, text)


_Hide = Callable[..., str]

# -- lifecycle


@_says
def _run_started(event: events.RunStarted, hide: _Hide) -> _Line:
    return logging.INFO, f"{event.mode} started, {event.known} objects known", {}


@_says
def _run_finished(event: events.RunFinished, hide: _Hide) -> _Line:
    objects, files = event.report.get("objects", {}), event.report.get("artifacts", {})
    counts = ", ".join(f"{objects[name]} {name}" for name in ("read", "unchanged", "failed", "unreadable") if objects)
    done = ", ".join(f"{files[name]} {name}" for name in ("written", "moved", "deleted", "stale") if files)
    requests = counted(event.report.get("requests", {}).get("total", 0), "request")
    warned = counted(len(event.report.get("warnings", ())), "warning")
    parts = [f"run {event.status} in {event.seconds:.1f} s", f"objects: {counts}", f"files: {done}", requests, warned]
    error = event.report.get("error")
    if error:
        parts.append(f"error: {hide(error['message'])}")
    level = logging.ERROR if event.status == "failed" else logging.INFO
    fields: dict[str, Any] = {"duration_ms": _ms(event.seconds), "status": event.status, "bytes": files.get("bytes", 0)}
    if event.job:
        fields |= {"job": event.job, "run_id": event.run_id}
    return level, "; ".join(parts), fields


@_says
def _stage_finished(event: events.StageFinished, hide: _Hide) -> _Line:
    return logging.DEBUG, f"stage {event.stage}: {event.objects} objects", {"duration_ms": _ms(event.seconds)}


@_says
def _checkpoint_saved(event: events.CheckpointSaved, hide: _Hide) -> _Line:
    return logging.DEBUG, f"checkpoint saved ({event.count})", {"duration_ms": _ms(event.seconds)}


@_says
def _pass_published(event: events.PassPublished, hide: _Hide) -> _Line:
    return logging.INFO, "what was read so far is published", {"duration_ms": _ms(event.seconds)}


@_says
def _object_read(event: events.ObjectRead, hide: _Hide) -> _Line:
    return logging.DEBUG, hide(f"read {event.title}", event.title), {"page_id": event.id}


@_says
def _object_written(event: events.ObjectWritten, hide: _Hide) -> _Line:
    return (
        logging.DEBUG,
        hide(f"{event.outcome} {event.title}: {', '.join(event.paths)}", event.title, *event.paths),
        {"page_id": event.id, "bytes": event.bytes, "status": event.outcome},
    )


@_says
def _object_moved(event: events.ObjectMoved, hide: _Hide) -> _Line:
    return logging.DEBUG, hide(f"{event.sink}: {event.old} is now {event.new}", event.old, event.new), {}


@_says
def _object_deleted(event: events.ObjectDeleted, hide: _Hide) -> _Line:
    return logging.DEBUG, hide(f"{event.sink}: deleted {event.path}", event.path), {}


# -- what went wrong


@_says
def _object_failed(event: events.ObjectFailed, hide: _Hide) -> _Line:
    shown = hide(event.title, event.title)
    named = f" ({shown})" if shown not in ("", _HIDDEN) else ""
    message = f"{event.kind} {event.id}{named} failed: {hide(event.reason, event.title)}; {event.next or event.remedy}"
    fields = {"page_id": event.id, "attempt": event.attempts, "request_id": event.request_id}
    return (
        logging.WARNING,
        message,
        {**fields, "error_type": event.cause, "error_message": hide(event.reason, event.title)},
    )


@_says
def _object_unreadable(event: events.ObjectUnreadable, hide: _Hide) -> _Line:
    return logging.DEBUG, hide(f"not shared: {event.reason}", event.title), {"page_id": event.id}


@_says
def _warned(event: events.Warned, hide: _Hide) -> _Line:
    return logging.WARNING, hide(event.message, event.title, *event.names), {"page_id": event.id}


@_says
def _asset_failed(event: events.AssetFailed, hide: _Hide) -> _Line:
    return logging.DEBUG, hide(f"a file could not be had: {event.reason}"), {}


@_says
def _request_failed(event: events.RequestFailed, hide: _Hide) -> _Line:
    then = f"again in {event.wait_s:.1f} s" if event.next == "retry" else event.next
    message = hide(f"{event.host} {event.endpoint}: {event.cause}, try {event.attempt}; {then} ({event.detail})")
    level = logging.INFO if event.next == "retry" else logging.WARNING
    return level, message, {"attempt": event.attempt, "status": event.status or "", "request_id": event.request_id}


@_says
def _sink_failed(event: events.SinkFailed, hide: _Hide) -> _Line:
    return logging.ERROR, hide(f"sink {event.sink}: {event.reason}; {event.next}"), {"plugin": event.sink}


@_says
def _plugin_failed(event: events.PluginFailed, hide: _Hide) -> _Line:
    # Of listeners the bus has said it already, with the traceback.
    level = logging.DEBUG if event.hook == "on_event" else logging.ERROR
    return level, hide(f"plugin {event.plugin}, {event.hook}: {event.reason}; {event.next}"), {"plugin": event.plugin}


@_says
def _guard_refused(event: events.GuardRefused, hide: _Hide) -> _Line:
    return logging.ERROR, hide(f"guard {event.guard}: {event.reason} {event.remedy}"), {"status": event.guard}


# -- health


@_says
def _component_changed(event: events.ComponentChanged, hide: _Hide) -> _Line:
    why = f": {event.reason}" if event.reason else ""
    return logging.DEBUG, hide(f"{event.component} is {event.state}{why}"), {"status": event.state}


@_says
def _health_changed(event: events.HealthChanged, hide: _Hide) -> _Line:
    level = logging.INFO if event.verdict == "pass" else logging.WARNING
    why = ". ".join(part.rstrip(".") for part in (event.reason, event.remedy) if part)
    return (
        level,
        hide(f"health of {event.check}: {event.verdict}{f' ({why})' if why else ''}"),
        {"status": event.verdict},
    )


@_says
def _breaker_changed(event: events.BreakerChanged, hide: _Hide) -> _Line:
    level = logging.WARNING if event.state == "open" else logging.INFO
    return level, f"the circuit breaker of {event.target} is {event.state}", {"status": event.state}


@_says
def _waited(event: events.Waited, hide: _Hide) -> _Line:
    detail = f" ({event.detail})" if event.detail else ""
    level = logging.INFO if event.reason == "rate limit" else logging.DEBUG
    return level, hide(f"waiting: {event.reason}{detail}"), {"duration_ms": _ms(event.seconds)}


# -- performance


@_says
def _request_finished(event: events.RequestFinished, hide: _Hide) -> _Line:
    message = f"{event.host} {event.endpoint}: {event.status_class or ('answered' if event.ok else 'failed')}"
    return logging.DEBUG, message, {"duration_ms": _ms(event.seconds), "status": event.status_class}


@_says
def _sink_wrote(event: events.SinkWrote, hide: _Hide) -> _Line:
    message = f"sink {event.sink}: {counted(event.files, 'file')} {'written' if event.ok else 'failed'}"
    return logging.DEBUG, message, {"duration_ms": _ms(event.seconds), "bytes": event.bytes, "plugin": event.sink}


# -- commands


@_says
def _command_started(event: events.CommandStarted, hide: _Hide) -> _Line:
    return logging.DEBUG, f"command {event.command}", {}


@_says
def _command_interrupted(event: events.CommandInterrupted, hide: _Hide) -> _Line:
    return logging.INFO, f"stopped by {event.signal}", {"status": event.signal}


@_says
def _command_finished(event: events.CommandFinished, hide: _Hide) -> _Line:
    message = f"command {event.command}: exit status {event.exit_code}"
    return logging.DEBUG, message, {"duration_ms": _ms(event.seconds), "status": event.exit_code}


def _ms(seconds: float) -> int:
    return round(1000 * seconds)


_FOR_DEBUGGING: frozenset[type[Event]] = frozenset(
    {
        *(events.ObjectRead, events.ObjectWritten, events.ObjectMoved, events.ObjectDeleted, events.ObjectUnreadable),
        *(events.StageFinished, events.CheckpointSaved, events.AssetFailed, events.ComponentChanged),
        *(events.RequestFinished, events.SinkWrote, events.CommandStarted, events.CommandFinished),
    }
)
TOLD = tuple(_LINES)
"""The events that it can tell."""


def heard() -> tuple[type[Event], ...]:
    """The events that it has to hear, as the log is set up now: those that it would not show cost nothing."""
    all_of_them = logging.getLogger(LOGGER).isEnabledFor(logging.DEBUG)
    return tuple(kind for kind in TOLD if all_of_them or kind not in _FOR_DEBUGGING)
