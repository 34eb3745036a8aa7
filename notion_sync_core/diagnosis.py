"""Looks at all that a run of a job needs. Each probe says what it found, or raises what a run would.

Probes change nothing that a run would not change as well, and send one request at most.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.config.keys import keys_of
from notion_sync_core.config.secrets import expanded
from notion_sync_core.config.tree import MonitoringConfig
from notion_sync_core.errors import PluginError, SinkError, StateError
from notion_sync_core.gate.budget import usage
from notion_sync_core.hints import is_path
from notion_sync_core.identity import header
from notion_sync_core.job import Job
from notion_sync_core.lock import holder
from notion_sync_core.mirror.disk import nearly_full
from notion_sync_core.plugins.extras import missing
from notion_sync_core.plugins.find import KINDS, available
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.source import Source
from notion_sync_core.schedule import Schedule
from notion_sync_core.snapshot import looked_at
from notion_sync_core.stages.manifest import SCHEMA, Edition, generation_of
from notion_sync_core.state import State
from notion_sync_core.terminal import counted
from notion_sync_core.watch.health import Doubt

MOST_SKEW_S = 60.0
"""Clocks that differ by more deserve a look; answers tell theirs in whole seconds."""
_WEBHOOK_TOKEN = "NOTION_WEBHOOK_TOKEN"  # noqa: S105 - the name of a variable
_SPARE = 1.5
"""So many times what is still to come should be free."""


def plugins(job: Job) -> str | Doubt:
    """Whether the plugins that the job chooses have the libraries they need.

    :raises SinkError: a sink has not; it ends a run with the same status.
    :raises PluginError: another plugin has not.
    """
    chosen = [("sources", job.config.export.source)]
    chosen += [(spec.kind, spec.use) for spec in (*job.renderer_specs(), *job.sink_specs(), *job.listener_specs())]
    # One that is not there is told elsewhere.
    there = [plugin for kind in KINDS for plugin in available(kind) if (kind, plugin.name) in chosen]
    for plugin in there:
        if lacking := missing(plugin):
            error = SinkError if plugin.kind == "sinks" else PluginError
            raise error(f"{plugin} needs {', '.join(lacking)}, not installed", f"pip install {' '.join(lacking)}")
    return f"{', '.join(dict.fromkeys(plugin.name for plugin in there))}: installed, with all they need"


def clock(host: str, skew_s: float | None) -> str | Doubt:
    """Whether this machine's clock is that of the service.

    :param skew_s: seconds by which the service's is ahead, if it told.
    """
    if skew_s is None:
        return f"{host} does not tell its time"
    if abs(skew_s) <= MOST_SKEW_S:
        return f"within a minute of that of {host}"
    way = "behind" if skew_s > 0 else "ahead of"
    return Doubt(
        f"this machine's clock is {abs(skew_s):.0f} s {way} that of {host}",
        "Set it, by NTP (timedatectl set-ntp true): certificates, signatures of S3 and schedules go by it.",
    )


def budget(job: Job, source: Source, now: Clock | None = None) -> str | Doubt:
    """Who shares the budget of requests, and whether all have the same idea of it.

    :raises SinkError: its ledger cannot be read.
    """
    requests, window_s = job.config.performance.requests, job.config.performance.window_s
    if not requests or not source.budget:
        return "no limit of our own"
    found = usage(job.ledger(source), now or SystemClock(), requests, window_s)
    said = f"{found.taken} of {requests} requests in {window_s:g} s are taken"
    if found.processes:
        said += f", shared with {' and '.join(found.processes)}"
    if found.taken > requests:
        return Doubt(
            f"{said}: another job with this token allows itself more",
            "Give all jobs with this token the same performance.requests: else the service slows all of them down.",
        )
    if found.pause_s > 0:
        return Doubt(
            f"{said}; the service wants silence for {found.pause_s:.0f} s more",
            "A run waits by itself. Another program with this token may be at work.",
        )
    if found.limit:
        return Doubt(
            f"{said}; the service refused some, so that a run begins with {found.limit}",
            "That grows back by itself. Another program with this token may be at work: give it one of its own.",
        )
    return said


def lock(job: Job) -> str | Doubt:
    """Whether a run of this job is under way, and whose."""
    who = holder(job.home / job.id / "lock")
    if not who:
        return "free"
    return Doubt(
        f"a run of this job is under way ({who})", "Wait until it has finished; `notion-sync status` looks on."
    )


def sinks(job: Job, *, running: bool) -> str:
    """Whether each sink can be written; of a job that runs, whether it can be read.

    :raises SinkError: one cannot.
    :raises LockedError: a run of another job writes there.
    """
    places = []
    for sink in job.sinks():
        if running:
            sink.look()
        else:
            sink.open("doctor")
        sink.close()
        places.append(sink.location)
    return f"{', '.join(places)} can be {'read' if running else 'written'}"


def state(job: Job) -> str:
    """What earlier runs left.

    :raises StateError: it is damaged, or a newer version of this program wrote it.
    :raises SinkError: it cannot be written.
    """
    folder = job.home / job.id
    if not job.has_state():
        return "none yet"
    with looked_at(job) as known:
        count = known.objects.count()
    if not os.access(folder, os.W_OK):
        raise SinkError(
            f"{count} objects in {folder}, which may be read and not written: no run could begin",
            "Change its permissions or mount, or choose another with deployment.state_dir.",
        )
    return f"{counted(count, 'object')} in {folder}"


def manifests(job: Job) -> str | Doubt:
    """Whether what lies in the sinks is of this version, and of a run that the state here knows.

    :raises StateError: a newer version of this program wrote it.
    """
    found, odd = 0, []
    for sink in job.sinks():
        line = _first_line(sink)
        _refuse_newer(line, sink)
        found += bool(line)
        if job.has_state():
            with looked_at(job) as known:
                odd += _contradictions(known, sink, line)
    if odd:
        return Doubt(
            "; ".join(odd), "Is the place right, and its disk mounted? `notion-sync plan` says what a run would do."
        )
    return f"{counted(found, 'manifest')} of this version" if found else "none yet"


def _contradictions(known: State, sink: Sink, line: bytes) -> list[str]:
    """What the state says of a sink and its manifest does not."""
    if not line:
        wrote = known.files.written(sink.name, 1)
        return [f"{sink.location} holds no manifest, and runs wrote there"] if wrote else []
    own = max(Edition.known(known, sink.name).generation, int(known.facts.runs or 0))
    there = generation_of(line)
    return [f"{sink.location} was written by run {there}, and this state knows of {own}"] if there > own else []


def _first_line(sink: Sink) -> bytes:
    sink.look()
    try:
        return header(sink)
    finally:
        sink.close()


def _refuse_newer(line: bytes, sink: Sink) -> None:
    try:
        schema = int(str(orjson.loads(line or b"{}").get("schema")))
    except (ValueError, AttributeError):  # a damaged one is made again
        return
    if schema > SCHEMA:
        raise StateError(
            f"the manifest in {sink.location} was written by a newer version of this program",
            "Upgrade this installation to the version that wrote it.",
        )


def places(job: Job) -> list[str]:
    """The folders of this machine that a run fills: that of the states, and the sinks'.

    :raises ConfigError: no place for the state is named, or two sinks are one.
    """
    return [str(job.home), *(sink.location for sink in _folders(job))]


def _folders(job: Job) -> list[Sink]:
    return [sink for sink in job.sinks() if Path(sink.location).is_absolute()]


def disk(job: Job, places: list[str], *, with_state: bool) -> str | Doubt:
    """How much is free, and how much is still to come.

    :param with_state: the state can be read.
    """
    low = nearly_full(places)
    if low:
        return Doubt(
            "; ".join(low), "Free some space: the mirror holds all that was read, the sink all that is written."
        )
    free = min(shutil.disk_usage(_existing(place)).free for place in places)
    said = f"{_size(free)} free of {_size(shutil.disk_usage(_existing(places[0])).total)}"
    if not (with_state and job.has_state()):
        return said
    with looked_at(job) as known:
        held, to_come = _growth(job, known)
    said += f"; {_size(held)} held"
    if not to_come:
        return said
    said += f", about {_size(to_come)} still to come"
    if free >= _SPARE * to_come:
        return said
    return Doubt(said, "Free some space, or put state and sinks on a larger disk (deployment.state_dir, --to).")


def _growth(job: Job, known: State) -> tuple[int, int]:
    """Bytes that mirror and folders hold, and about how many are to come: as many for each object as so far."""
    written = sum(file.size for sink in _folders(job) for file in known.files.current(sink.name))
    held = _weight(job.home / job.id) + written
    read, pending = known.objects.with_copy(), known.queue.count_to_read()
    return held, held * pending // read if read else 0


def _weight(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile weighs nothing."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).lstat().st_size
            except OSError:
                continue
    return total


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{max(1, count >> 20)} MiB"


def _existing(place: str) -> Path:
    """The folder, or the one above it that is there."""
    path = Path(place)
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def listeners(job: Job) -> str:
    """Whether the listeners can be loaded.

    :raises ConfigError: an option of one is wrong.
    :raises PluginError: one cannot be loaded.
    """
    names = [listener.name for listener in job.listeners()]
    return f"{', '.join(names)}: loaded" if names else "none"


def files(job: Job) -> str:
    """Whether the files of ``[monitoring]`` can be written; those that are not there are not made.

    :raises SinkError: one cannot.
    """
    monitoring = job.config.monitoring
    named = {key.name: getattr(monitoring, key.name) for key in keys_of(MonitoringConfig) if is_path(key.hint)}
    said = {name: path for name, path in named.items() if path}
    for name, path in said.items():
        _expect_writable(expanded(path, f"monitoring.{name}"), f"monitoring.{name}")
    return _listed(said.values()) or "none"


def _expect_writable(path: Path, key: str) -> None:
    place = _existing(str(path))
    if path.is_dir():
        reason = "it is a folder"
    elif place != path and not place.is_dir():
        reason = f"{place} is no folder"
    elif os.access(place, os.W_OK):
        return
    else:
        reason = f"{place} may not be written"
    raise SinkError(f"{key}, {path}, cannot be written: {reason}", f"Make it, or choose another file with {key}.")


def _listed(paths: Iterable[str]) -> str:
    found = ", ".join(paths)
    return f"{found} can be written" if found else ""


def serving(job: Job, now: Clock | None = None) -> str | Doubt:
    """When ``serve`` would run the job next, and whether it could open its doors.

    :raises ConfigError: a secret that it needs is nowhere.
    """
    deployment, monitoring = job.config.deployment, job.config.monitoring
    due = Schedule(deployment.schedule, deployment.timezone).after((now or SystemClock()).now())
    when = f"{datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M:%S} UTC"
    said = f"{deployment.schedule}: `notion-sync serve` would run it next at {when}"
    if monitoring.token:
        kind, colon, name = monitoring.token.partition(":")
        if kind == "file":
            name = job.config.located(name, job.config.origins.get("monitoring.token"))
        job.secrets.resolve(f"{kind}{colon}{name}")
    if deployment.webhooks and not job.environ.get(_WEBHOOK_TOKEN, "").strip():
        return Doubt(
            f"{said}; webhooks are awaited, and {_WEBHOOK_TOKEN} is not set: only that of a new subscription is taken",
            f"Make the subscription in Notion; serve shows the token that it sends: put it into {_WEBHOOK_TOKEN}.",
        )
    return said
