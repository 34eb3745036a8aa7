"""Performance: what is measured."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.events.base import Event


@frozen(eq=False, repr=False)
class RequestsBegan(Event):
    """The first request to the service that is read goes out; how many may be sent, in how long."""

    target: str
    """Its host."""
    allowed: int
    """Requests in any ``window_s`` seconds; 0: no limit of ours."""
    window_s: float


@frozen(eq=False, repr=False)
class RequestFinished(Event):
    """One request was answered, well or badly, or got no answer."""

    host: str
    seconds: float
    ok: bool
    """Whether the service is well; it may have refused the request."""
    endpoint: str = ""
    """What was asked for, one of few: ``blocks/{id}/children``; empty where the source does not say."""
    status_class: str = ""
    """``2xx`` to ``5xx``, ``none`` without an answer; empty where the source does not say."""


@frozen(eq=False, repr=False)
class SinkWrote(Event):
    """Files took their names in a sink, at most a batch of documents at once, and lie there for good; or failed to."""

    sink: str
    bytes: int
    seconds: float
    """From the first name to the last flush."""
    ok: bool
    files: int = 0


@frozen(eq=False, repr=False)
class QueueMeasured(Event):
    """How much waits between two parts of a run. Told at most once a second."""

    stage: str
    """``read``: answers that wait to be recorded; ``write``: batches that wait to be written."""
    depth: int


@frozen(eq=False, repr=False)
class MemoryMeasured(Event):
    """What this process holds of the machine's memory. Told at most once a second."""

    bytes: int


@frozen(eq=False, repr=False)
class DiskMeasured(Event):
    """How full the disk is on which something lies. Told once a minute, and when a run ends."""

    place: str
    """``state``, or ``sink NAME``."""
    free: int
    """Bytes that may still be written."""
    size: int
    """Bytes in all."""


@frozen(eq=False, repr=False)
class BudgetMeasured(Event):
    """How much of the request budget is taken, by all processes that share it. Told at most once a second."""

    used: int
    allowed: int
    window_s: float


@frozen(eq=False, repr=False)
class PluginCalled(Event):
    """A plugin was in a hook that is called a few times a run; those that are called for each object are not told."""

    plugin: str
    hook: str
    seconds: float
