"""The components of a running process: what state each is in, since when, and why."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.events import (
    BreakerChanged,
    CheckpointSaved,
    ComponentChanged,
    Event,
    HealthChanged,
    PluginFailed,
    RequestFinished,
    RequestsBegan,
    RunStarted,
    SinkFailed,
    SinkWrote,
    Waited,
)

State = Literal["starting", "ready", "working", "waiting", "degraded", "failed", "stopped"]
VERDICTS = {"degraded": "warn", "failed": "fail"}
"""What a state says of a component's health; any other: all is well."""
LONG_PAUSE_S = 30.0
"""A pause of that length is worth a warning."""
_SHORT_WAIT_S = 5.0
"""A shorter wait is part of the work."""
_OF_STATES = ("starting", "ready", "working", "waiting", "degraded", "failed", "stopped")


@frozen
class Component:
    """One component."""

    name: str
    """``run``, ``source``, ``state``, ``listeners``, ``sink NAME``, or what a command adds: ``scheduler``."""
    state: str
    """``starting``, ``ready``, ``working``, ``waiting``, ``degraded``, ``failed`` or ``stopped``."""
    since: str
    """RFC 3339, UTC."""
    reason: str = ""
    remedy: str = ""

    @property
    def verdict(self) -> str:
        """``pass``, ``warn`` or ``fail``."""
        return VERDICTS.get(self.state, "pass")


class Components:
    """The registry. Safe to use from several threads.

    :param publish: told of each change of a state, and of each change of a verdict.
    :param redact: takes secrets out of reasons and remedies.
    """

    def __init__(
        self,
        clock: Clock,
        publish: Callable[[Event], None] = lambda _: None,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._redact = redact
        self._lock = threading.Lock()
        self._known: dict[str, Component] = {}

    def all(self) -> tuple[Component, ...]:
        """Each component, in the order in which they came."""
        with self._lock:
            return tuple(self._known.values())

    def state(self, name: str) -> str:
        """The state of one; empty if there is none of that name."""
        found = self._known.get(name)
        return found.state if found else ""

    def set(self, name: str, state: State, reason: str = "", remedy: str = "") -> None:
        """A component is in this state now; the same as before, for whatever reason, is no news."""
        with self._lock:
            before = self._known.get(name)
            if before is not None and before.state == state:
                return
            reason, remedy = self._redact(reason), self._redact(remedy)
            now = Component(name, state, utc_of(self._clock.now()), reason, remedy)
            self._known[name] = now
        self._publish(ComponentChanged(name, state, reason))
        if now.verdict != (before.verdict if before else "pass"):
            self._publish(HealthChanged(name, now.verdict, reason, remedy))

    def follow(self, event: Event) -> None:
        """Take over what the registry of a run says of itself; for whoever runs jobs and hears their events."""
        if isinstance(event, ComponentChanged) and event.state in _OF_STATES:
            with self._lock:
                name, now = event.component, utc_of(self._clock.now())
                self._known[name] = Component(name, event.state, now, event.reason)

    def rest(self, state: State, reason: str) -> None:
        """The run is over: what worked or waited is ready, what is not well stays so."""
        for each in self.all():
            if each.name != "run" and each.state in ("starting", "working", "waiting"):
                self.set(each.name, "ready")
        self.set("run", state, reason)


HEARD = (
    RunStarted,
    RequestsBegan,
    RequestFinished,
    Waited,
    BreakerChanged,
    SinkWrote,
    SinkFailed,
    CheckpointSaved,
    PluginFailed,
)
"""What says how components of a run are."""


class Observer:
    """Feeds the registry from the events of one run."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._host = ""

    def __call__(self, event: Event) -> None:
        """Take in one event of :data:`HEARD`."""
        components = self._components
        match event:
            case RequestFinished(host=host, ok=ok):
                if ok and host == self._host and components.state("source") in ("ready", "waiting", "degraded"):
                    components.set("source", "working")
            case SinkWrote(sink=sink, ok=True):
                components.set(f"sink {sink}", "working")
            case CheckpointSaved():
                components.set("state", "working")
            case Waited():
                self._waits(event)
            case BreakerChanged():
                self._breaks(event)
            case RequestsBegan(target=host):
                self._host = host
            case RunStarted():
                components.set("run", "working")
            case SinkFailed():
                components.set(f"sink {event.sink}", "failed", event.reason, event.remedy)
            case PluginFailed(hook="on_event"):
                components.set("listeners", "degraded", event.reason, "Report this to the authors of the listener.")
            case _:
                pass

    def _waits(self, event: Waited) -> None:
        if event.reason == "rate limit" and event.seconds >= LONG_PAUSE_S:
            reason = f"the service asked for a pause of {event.seconds:.0f} s"
            self._components.set("source", "degraded", reason, "It goes on by itself; nothing has to be done.")
        elif event.reason in ("rate limit", "budget") and event.seconds >= _SHORT_WAIT_S:
            self._components.set("source", "waiting", event.reason)

    def _breaks(self, event: BreakerChanged) -> None:
        if self._host and event.target != self._host:
            return  # files that lie elsewhere
        if event.state == "open":
            reason = f"{event.target} fails again and again: all wait until it answers a probe"
            remedy = "It goes on by itself when the service is back; look at its status page, and at the network."
            self._components.set("source", "degraded", reason, remedy)
        elif event.state == "closed":
            self._components.set("source", "working")
