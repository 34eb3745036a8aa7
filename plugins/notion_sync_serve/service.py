"""The process: a main loop that begins what is due, and does nothing else that could take long."""

from __future__ import annotations

import contextlib
import os
import random
import select
import threading
from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from notion_sync_core import Job
from notion_sync_core.plugin import Clock, Event, Health, HealthChanged, HealthCheck, NotionSyncError, counted
from notion_sync_serve import say
from notion_sync_serve.deployment import Deployment, Entry
from notion_sync_serve.hints import Kind
from notion_sync_serve.notify import Notifier
from notion_sync_serve.options import learn_secrets
from notion_sync_serve.probes import Probe
from notion_sync_serve.timetable import Timetable
from notion_sync_serve.worker import Worker

ROUND_S = 1.0
"""The main loop goes round at least so often."""
LEAVES_S = 8.0
"""Runs that were told to stop have so long to put away what they have."""


class Bell:
    """Wakes the main loop from other threads and from signal handlers, where a lock could be held already."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        for end in (self._out, self._in):
            os.set_blocking(end, False)

    def ring(self) -> None:
        """Wake the main loop."""
        with contextlib.suppress(OSError):  # a full pipe wakes it as well
            os.write(self._in, b"!")

    def wait(self, seconds: float) -> None:
        """Sleep until somebody rings, or so long."""
        select.select([self._out], [], [], max(0.0, seconds))
        with contextlib.suppress(OSError):
            while os.read(self._out, 4096):
                pass

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._in)
        os.close(self._out)


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    """Do something beside this thread; it does not keep the process alive."""
    thread = threading.Thread(target=work, name="job", daemon=True)
    thread.start()
    return thread


@frozen
class Loaded:
    """A configuration that was read anew."""

    deployment: Deployment
    hired: dict[str, Worker]
    """For jobs that nobody knew."""


@define(eq=False)
class Service:
    """All jobs of one process.

    :param load: reads the configuration anew.
    :param launch: starts a run beside the main loop.
    :param aside: does other things beside it.
    :param chance: a number from 0 to 1, anew each time.
    """

    deployment: Deployment
    load: Callable[[], Deployment]
    clock: Clock
    notifier: Notifier
    launch: Callable[[Callable[[], None]], threading.Thread | None] = in_a_thread
    aside: Callable[[Callable[[], None]], object] = in_a_thread
    chance: Callable[[], float] = random.random
    workers: dict[str, Worker] = field(factory=dict, init=False)
    health: Health = field(init=False)
    refused: str = field(default="", init=False)
    """Why the configuration that was to be loaded last was not taken."""
    bell: Bell = field(factory=Bell, init=False)
    started: float = field(init=False)
    stop_signal: int = field(default=0, init=False)
    _first: Job = field(init=False)
    """Whose redactor the log has."""
    _reload: bool = field(default=False, init=False)
    _is_loading: bool = field(default=False, init=False)
    _loaded: Loaded | NotionSyncError | None = field(default=None, init=False)
    _probe: Probe = field(factory=Probe, init=False)
    _leaving: list[Worker] = field(factory=list, init=False)

    @property
    def is_busy(self) -> bool:
        """Whether a run is still under way, of a job that was taken out too."""
        return any(worker.running is not None for worker in [*self.workers.values(), *self._leaving])

    def __attrs_post_init__(self) -> None:
        self.started, self._first = self.clock.now(), self.deployment.main
        self.health = Health(self.clock, self._publish)
        for entry in self.deployment.entries.values():
            self.workers[entry.name] = self._hire(entry)

    def _hire(self, entry: Entry) -> Worker:
        table = Timetable(entry.schedule, entry.options.jitter_s, self.chance)
        return Worker(entry, self.clock, table, self.launch, self.bell.ring)

    def _publish(self, event: Event) -> None:
        if isinstance(event, HealthChanged):
            tell = say.info if event.verdict == "pass" else say.warning
            tell("serve_health_changed", f"{event.check}: {event.verdict}")
        for worker in list(self.workers.values()):  # asked on threads of the server, while a reload exchanges them
            worker.hear(event)

    # -- asked from elsewhere

    def stop(self, signum: int) -> None:
        """End soon; for signal handlers."""
        self.stop_signal = signum
        self.bell.ring()

    def reload(self) -> None:
        """Read the configuration anew soon; for signal handlers."""
        self._reload = True
        self.bell.ring()

    def hint(self, object_id: str, kind: Kind, workspace: str = "") -> None:
        """Somebody says that an object changed.

        :param workspace: the id of the one it is in; empty: nobody knows.
        """
        meant = [each for each in list(self.workers.values()) if each.may_know(workspace)]
        if not meant:
            say.warning("serve_webhook_for_nobody", f"a webhook is about the workspace {workspace}, which no job reads")
        for worker in meant:
            worker.hints.add(object_id, kind, self.clock.monotonic())
        self.bell.ring()

    def ask(self, name: str) -> bool:
        """Run a job as soon as there is room; ``False`` if there is none of that name."""
        worker = self.workers.get(name)
        if worker is None or self.health.draining:
            return False
        worker.want("person")
        self.bell.ring()
        return True

    # -- judged

    def ready_checks(self) -> list[HealthCheck]:
        """Whether the process can do its work."""
        return self.health.readyz([each.health for each in list(self.workers.values())], self._own_checks())

    def all_checks(self) -> list[HealthCheck]:
        """Everything."""
        return self.health.healthz([each.health for each in list(self.workers.values())], self._own_checks())

    def _own_checks(self) -> list[HealthCheck]:
        if self.refused:
            fix = "The old configuration is in force: correct the new one, then reload again."
            return [HealthCheck("configuration", "warn", message=self.refused, fix=fix)]
        return [HealthCheck("configuration", "pass"), HealthCheck("plugins", "pass")]

    # -- the main loop

    def run(self) -> None:
        """Go round until a signal says stop; then end runs, so that they can be resumed."""
        self.tick()
        self.notifier.ready()
        while not self.stop_signal:
            self.bell.wait(self._pause())
            self.tick()
        self.drain()

    def _pause(self) -> float:
        """Seconds until something is due, a round at most."""
        dues = [due - self.clock.monotonic() for worker in self.workers.values() if (due := worker.hints.due())]
        beat = self.notifier.watchdog_s / 2 or ROUND_S
        return min([ROUND_S, beat, *(max(0.05, each) for each in dues)])

    def tick(self) -> None:
        """One round: never waits for network or disk."""
        self.health.beat()
        self.notifier.beat()
        if self._loaded is not None:
            self._take_over()
        if self._reload and not self._is_loading:
            self._begin_to_load()
        if not self.stop_signal:
            for worker in self.workers.values():
                worker.look_at_the_time()
            self._begin_what_is_due()
            self._probe.tick(list(self.workers.values()), self.clock.monotonic())
        for worker in [*self.workers.values(), *self._leaving]:
            self._between_runs(worker)
        self.health.started = True
        self.notifier.status(self.summary())

    def _begin_what_is_due(self) -> None:
        """Those that have waited longest first, as many at once as there may be."""
        everybody = [*self.workers.values(), *self._leaving]
        room = self.deployment.options.parallel - sum(worker.running is not None for worker in everybody)
        waiting = sorted((each for each in self.workers.values() if each.is_due), key=lambda each: each.waits_since)
        for worker in waiting[: max(0, room)]:
            self._between_runs(worker)
            worker.begin()

    def _between_runs(self, worker: Worker) -> None:
        if worker.running is not None:
            return
        worker.tell_listeners()
        if worker.next_entry is not None:
            worker.entry, worker.next_entry = worker.next_entry, None
            worker.tell_schedule()
        if worker in self._leaving:
            self._leaving.remove(worker)

    def summary(self) -> str:
        """What the process does, in a line."""
        working = [worker.name for worker in self.workers.values() if worker.running is not None]
        count = len(self.workers)
        said = f"{count} job{'s' * (count != 1)}"
        return f"{said}, running: {', '.join(working)}" if working else f"{said}, waiting for the next run"

    # -- loading anew

    def _begin_to_load(self) -> None:
        """Read the configuration beside the main loop: what is new in it may lie where nobody answers."""
        self._reload, self._is_loading = False, True
        self.notifier.reloading()
        self.aside(self._load)

    def _load(self) -> None:
        loaded: Loaded | NotionSyncError
        try:
            new = self.load()
            strangers = {name: entry for name, entry in new.entries.items() if name not in self.workers}
            loaded = Loaded(new, {name: self._hire(entry) for name, entry in strangers.items()})
        except NotionSyncError as error:
            loaded = error
        except Exception as error:
            say.fault("serve_reload_crashed", "the configuration could not be loaded by a fault of this program")
            loaded = NotionSyncError(f"unexpected {type(error).__name__}: {error}")
        self._loaded = loaded
        self.bell.ring()

    def _take_over(self) -> None:
        """Take over what was read; what cannot be used changes nothing."""
        loaded, self._loaded, self._is_loading = self._loaded, None, False
        if isinstance(loaded, NotionSyncError):
            self.refused = f"{loaded.message.rstrip('.')}. {loaded.remedy}".strip()
            say.error("serve_reload_refused", f"the new configuration is refused, the old one goes on: {self.refused}")
        elif loaded is not None:
            self.refused = ""
            self._tell_what_waits(loaded.deployment)
            self._exchange(loaded)
            say.warning("serve_reloaded", f"the configuration was loaded anew: {self.summary()}")
        self.notifier.ready()

    def _tell_what_waits(self, new: Deployment) -> None:
        """What is fixed from the start to the end of a process."""
        old = self.deployment
        fixed = {
            "monitoring.address": (old.address, new.address),
            "monitoring.token": (old.token, new.token),
            "deployment.webhooks": (old.main.config.deployment.webhooks, new.main.config.deployment.webhooks),
        }
        for key, (before, after) in fixed.items():
            if before != after:
                say.warning("serve_restart_needed", f"{key} is heeded after a restart")

    def _exchange(self, loaded: Loaded) -> None:
        self.deployment = new = loaded.deployment
        learn_secrets(self._first, [entry.job for entry in new.entries.values()])
        for name in [each for each in self.workers if each not in new.entries]:
            worker = self.workers.pop(name)
            worker.is_leaving = True
            self._leaving.append(worker)
        for name, entry in new.entries.items():
            worker = self.workers.get(name) or self._back(name) or loaded.hired[name]
            self.workers[name] = worker
            worker.timetable.change(entry.schedule, entry.options.jitter_s, self.clock.now())
            worker.tell_schedule()
            same = entry.job.config == worker.entry.job.config and entry.options == worker.entry.options
            worker.next_entry = None if same else entry

    def _back(self, name: str) -> Worker | None:
        """One that was to leave when its run has ended, and is wanted again."""
        found = next((worker for worker in self._leaving if worker.name == name), None)
        if found is not None:
            self._leaving.remove(found)
            found.is_leaving = False
        return found

    # -- stopping

    def drain(self) -> bool:
        """End all runs; whether all have ended in time."""
        self.health.draining = True
        self.notifier.stopping()
        everybody = [*self.workers.values(), *self._leaving]
        running = [worker.running for worker in everybody if worker.running is not None]
        say.info("serve_stopping", f"stopping: {counted(len(running), 'run')} under way, to be resumed")
        for worker in everybody:
            worker.stop(self.stop_signal)
        return self._join(running_thread.thread for running_thread in running)

    def _join(self, threads: Iterable[threading.Thread | None]) -> bool:
        end = self.clock.monotonic() + LEAVES_S
        alive = False
        for thread in threads:
            if thread is not None:
                thread.join(max(0.0, end - self.clock.monotonic()))
                alive = alive or thread.is_alive()
        return not alive
