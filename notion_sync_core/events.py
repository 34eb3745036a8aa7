"""Facts in the past tense, published on the bus while a run goes on.

Listeners may look at them and do nothing to the run. No event carries a token or a signed URL.
"""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.model import Kind


@frozen
class Event:
    """Base of all events."""


# -- user interaction: what a person follows ------------------------------------


@frozen
class RunStarted(Event):
    """A run began."""

    job: str
    mode: str
    """``export``, ``sync``, ``render``, ``repair`` or ``plan``."""
    known: int
    """Objects that earlier runs left in the state."""


@frozen
class StageStarted(Event):
    """The run entered a stage: ``read``, ``write``, or ``look`` (all that ``plan`` does)."""

    stage: str
    total: int | None = None
    """How many objects the stage will handle, if that is known."""


@frozen
class ObjectDiscovered(Event):
    """An object was seen for the first time in this run."""

    id: str
    kind: Kind
    title: str
    pending: bool
    """Whether it has to be read."""


@frozen
class ObjectWritten(Event):
    """All files of an object are in the sinks."""

    id: str
    title: str
    paths: tuple[str, ...]
    bytes: int


@frozen
class ObjectDeleted(Event):
    """A file that stands for nothing any more was removed from a sink."""

    sink: str
    path: str


@frozen
class RunFinished(Event):
    """A run ended, in whatever way."""

    status: str
    """``complete``, ``partial``, ``failed`` or ``interrupted``."""
    seconds: float


# -- error propagation: one outcome an object -----------------------------------


@frozen
class Outcome(Event):
    """How it went with one object; each object has exactly one in a run."""

    id: str
    kind: Kind
    title: str


@frozen
class ObjectRead(Outcome):
    """It was new or changed, and is now in the mirror."""


@frozen
class ObjectUnchanged(Outcome):
    """It is as the last run left it; nothing was read."""


@frozen
class ObjectFailed(Outcome):
    """It could not be read though it should; the last good copy is kept."""

    reason: str
    remedy: str


@frozen
class ObjectUnreadable(Outcome):
    """It is not shared with this token, or no longer."""

    reason: str


@frozen
class Warned(Event):
    """Something deserves a look, though nothing failed."""

    message: str
    id: str = ""
    title: str = ""


@frozen
class AssetDownloaded(Event):
    """A file came into the mirror."""

    key: str
    bytes: int


@frozen
class AssetFailed(Event):
    """A file could not be had; the document links to its address instead."""

    key: str
    reason: str


# -- system health --------------------------------------------------------------


@frozen
class BreakerChanged(Event):
    """A circuit breaker changed its state: ``closed``, ``open`` or ``half-open``."""

    target: str
    state: str


@frozen
class Waited(Event):
    """Requests stand still for so many seconds, and why (``budget``, ``rate limit``, ``retry``, ``breaker``)."""

    seconds: float
    reason: str
    detail: str = ""


# -- performance metrics --------------------------------------------------------


@frozen
class RequestsBegan(Event):
    """The first request to the service that is read goes out; how many may be sent, in how long."""

    target: str
    """Its host."""
    allowed: int
    """Requests in any ``window_s`` seconds; 0: no limit of ours."""
    window_s: float


@frozen
class RequestFinished(Event):
    """One request was answered, well or badly, or got no answer."""

    host: str
    seconds: float
    ok: bool
