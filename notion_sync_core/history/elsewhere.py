"""The place that ``history.store`` names by its URL."""

from __future__ import annotations

from notion_sync_core.errors import ConfigError
from notion_sync_core.job import Job
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.watchdog import Watch


def copy_of(job: Job, watch: Watch | None = None) -> Sink | None:
    """Where the copy of a job's versions lies, closed; ``None``: there is none.

    :raises ConfigError: no sink knows that URL, or one lies in the other.
    """
    store = job.config.history.store
    if "://" not in store or not job.config.history.enabled:
        return None
    url = f"{store.rstrip('/')}/{job.id}"
    try:
        copy = job.sink_at(url, watch)
    except ConfigError as error:
        remedy = "Write a folder, or the URL of a place that an installed sink knows, such as s3://bucket/prefix."
        raise ConfigError(f"history.store: {error.message}", remedy) from error
    own = _as_folder(copy.location)
    for place in (sink.location for sink in job.sinks() if "://" in sink.location):
        if own.startswith(_as_folder(place)) or _as_folder(place).startswith(own):
            raise ConfigError(
                f"history.store: {store} and the sink {place} lie one in the other",
                "Give versions a place of their own: what is exported may be published.",
            )
    return copy


def _as_folder(url: str) -> str:
    """What the URLs of all that lies there begin with; a sink may say more of a place behind its URL."""
    return url.split()[0].rstrip("/") + "/"
