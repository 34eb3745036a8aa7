"""Error propagation: one outcome an object, and whatever else went wrong."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.events.base import Event
from notion_sync_core.model import Kind


@frozen(eq=False, repr=False)
class Outcome(Event):
    """How it went with one object; each object has exactly one in a run."""

    id: str
    kind: Kind
    title: str


@frozen(eq=False, repr=False)
class ObjectRead(Outcome):
    """It was new or changed, and is now in the mirror."""


@frozen(eq=False, repr=False)
class ObjectUnchanged(Outcome):
    """It is as the last run left it; nothing was read."""


@frozen(eq=False, repr=False)
class ObjectFailed(Outcome):
    """It could not be read though it should; the last good copy is kept."""

    reason: str
    remedy: str
    cause: str = ""
    """The kind of error, by its name in :mod:`notion_sync_core.plugin`: ``RetryableError``."""
    attempts: int = 1
    """How often the request was made that failed last."""
    next: str = ""
    """What happens next: ``the next run tries it first``, ``the last good file is kept``."""
    request_id: str = ""
    """The service's own name for that request, if it told one."""


@frozen(eq=False, repr=False)
class ObjectUnreadable(Outcome):
    """It is not shared with this token, or no longer."""

    reason: str


@frozen(eq=False, repr=False)
class Warned(Event):
    """Something deserves a look, though nothing failed."""

    message: str
    id: str = ""
    title: str = ""
    names: tuple[str, ...] = ()
    """What of the message are names: titles, paths, files."""


@frozen(eq=False, repr=False)
class AssetDownloaded(Event):
    """A file came into the mirror."""

    key: str
    bytes: int


@frozen(eq=False, repr=False)
class AssetFailed(Event):
    """A file could not be had; the document links to its address instead."""

    key: str
    reason: str


@frozen(eq=False, repr=False)
class RequestFailed(Event):
    """One try of a request failed in a way that may pass."""

    host: str
    endpoint: str
    """As in :class:`RequestFinished`."""
    cause: str
    """``rate limit``, ``no answer``, ``bad answer``, or a status: ``HTTP 502``."""
    attempt: int
    """Which try it was; the first is 1."""
    next: str
    """``retry``, ``give up``, or ``doubt``: a write may have been done, and is looked for before it is repeated."""
    wait_s: float = 0.0
    """Seconds until it is tried again, as far as this request alone waits."""
    detail: str = ""
    """What went wrong, in words."""
    status: int = 0
    """The HTTP status; 0: there was no answer."""
    request_id: str = ""
    """The service's own name for the request, if it told one."""


@frozen(eq=False, repr=False)
class SinkFailed(Event):
    """A sink can no longer be used in this run."""

    sink: str
    reason: str
    remedy: str
    next: str
    """``the others are finished without it`` or ``the run stops``."""


@frozen(eq=False, repr=False)
class PluginFailed(Event):
    """A plugin raised what it may not raise, gave something wrong, or does not come back."""

    plugin: str
    hook: str
    reason: str
    next: str
    """What happens next: ``its document fails alone``, ``the last good file is kept``, ``it is called again for the
    next event``, ``the run stops``."""


@frozen(eq=False, repr=False)
class GuardRefused(Event):
    """A guard stopped the run before it did harm; nothing was deleted."""

    guard: str
    """``max_delete``, ``missing`` or ``empty sink``."""
    reason: str
    remedy: str
