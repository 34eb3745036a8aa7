"""The configuration tree: six sections and one table a plugin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen
from attrs.validators import ge, gt, in_

from notion_sync_core.described import show_in_help
from notion_sync_core.errors import ConfigError
from notion_sync_core.hints import FilePath, PluginEntry
from notion_sync_core.secret import is_reference
from notion_sync_core.structure import shown

_FOLDER = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,7}$"
_VARIABLE = r"^(?!ntn_|secret_)[A-Za-z_][A-Za-z0-9_]*$"
_IDENTITY = r"^([A-Za-z0-9][A-Za-z0-9_-]{0,63})?$"
_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^/@?#]+(/[^@?#]*)?$"
_PLACE = r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$"
_TIMES = r"^\s*([Ee][Vv][Ee][Rr][Yy]\s+[1-9][0-9]{0,5}\s*[smhdSMHD]|\S+(\s+\S+){4})\s*$"
_SPAN = r"(all|day|week|month):([1-9][0-9]{0,4}[dwy]|forever)"
_KEEP = rf"^\s*{_SPAN}(\s+{_SPAN})*\s*$"
"""These four say less than what is checked."""
_SELECTION: dict[str, Any] = {
    "propertyNames": {"minLength": 1},
    "additionalProperties": {
        "anyOf": [
            {"type": ["string", "number", "boolean"]},
            {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
        ]
    },
}


def _some(_: object, attribute: attrs.Attribute[Any], value: list[object]) -> None:
    if not value:
        raise ValueError("at least one name or table")


def _share(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")


def _folder(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not re.fullmatch(_FOLDER, value):
        raise ValueError("a folder within the sink, such as static/assets")


def _selection(_: object, attribute: attrs.Attribute[Any], value: dict[str, Any]) -> None:
    for name, values in value.items():
        given = values if isinstance(values, list) else [values]
        if not name or not given or not all(isinstance(each, str | bool | int | float) for each in given):
            raise ValueError('texts, numbers or booleans by the name of a property, like {Status = ["Published"]}')


def _name_of_variable(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    # People put the token itself here; then it would stand in every message about it.
    if not re.fullmatch(_VARIABLE, value):
        raise ValueError("the name of an environment variable, not the token itself")


def _web_address(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("an address like https://api.notion.com")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address without user name, password and query")


def _identity(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not re.fullmatch(_IDENTITY, value):
        raise ValueError("at most 64 letters, digits, hyphens and underscores")


def _address(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    host, colon, port = value.rpartition(":")
    whole = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+", host)
    if not (colon and whole and port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise ValueError('an address and a port, like "127.0.0.1:8787" or "[::1]:8787"; port 0: a free one')


def _reference(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    # What stands here in place of a reference may be the secret: it is not shown.
    if value and not is_reference(value):
        raise ConfigError(
            "this is a secret, and must say where it is, not what it is", "Write env:NAME, file:PATH or keyring:NAME."
        )


def _schedule(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value != attribute.default:  # few look at it: what judges it is imported for those who wrote one
        from notion_sync_core.schedule import Schedule

        Schedule(value)


def _time_zone(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value != attribute.default:
        from notion_sync_core.schedule import check_zone

        check_zone(value)


def _spans(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value != attribute.default:
        from notion_sync_core.history.retention import parse

        parse(value)


@frozen
class ExportConfig:
    """``[export]``: what is exported, how, and where to."""

    source: str = "notion"
    """Name of the source plugin."""
    roots: list[str] = field(factory=list)
    """Ids or URLs of pages, databases, data sources, blocks and views; empty: everything shared with the token."""
    only: dict[str, Any] = field(factory=dict, validator=_selection, metadata=shown(**_SELECTION))
    """Rows by the values of their properties, ``{Status = ["Published"]}``; databases without such a property are
    exported whole, and of a row that is left out nothing shows."""
    renderers: list[PluginEntry] = field(factory=lambda: ["markdown"], validator=_some, metadata=shown(minItems=1))
    """Names of renderer plugins, or tables with ``use`` and options."""
    sinks: list[PluginEntry] = field(factory=lambda: ["fs"], validator=_some, metadata=shown(minItems=1))
    """Names of sink plugins, URLs such as ``s3://bucket/prefix``, or tables with ``use`` and options."""
    assets: bool = True
    """Download files that Notion hosts."""
    assets_folder: str = field(default="assets", validator=_folder, metadata=shown(pattern=_FOLDER))
    """Where they lie in each sink."""
    fetch_external: bool = False
    """Download files that lie elsewhere as well, from public addresses only."""
    comments: bool = False
    """Read open comments too: one more request for each block."""
    views: bool = False
    """Read the views of databases too: one more request for each database and each view, in every run."""
    naming: str = field(default="title", validator=in_(["title", "slug", "id"]))
    """What files are named after."""
    on_missing: str = field(default="keep", validator=in_(["keep", "delete"]))
    """What ``sync`` does with the copy of an object that was readable and now is not."""
    on_edit: str = field(default="keep", validator=in_(["keep", "overwrite"]))
    """What to do with a file that somebody edited in the sink."""
    id: str = field(default="", validator=_identity, metadata=shown(pattern=_IDENTITY))
    """Of this job, in its state and in each sink's manifest; empty: made at the first run, and found again."""
    max_delete: float = field(default=0.25, validator=_share, metadata=shown(minimum=0, maximum=1))
    """Largest share of the objects (if over 10) that a run may delete or find missing."""
    publish_every_s: float = field(default=900.0, validator=ge(0))
    """Seconds after which a run that still reads writes what it has read so far; 0: only at its end."""


@frozen
class PerformanceConfig:
    """``[performance]``: how fast, how patient."""

    workers: int = field(default=8, validator=gt(0))
    """Threads that read. Far from the service and without a rate limit, more are faster."""
    requests: int = field(default=180, validator=ge(0))
    """Requests allowed in a window; 0: no limit of our own."""
    window_s: float = field(default=60.0, validator=gt(0))
    """Seconds of that window."""
    timeout_s: float = field(default=60.0, validator=gt(0))
    """Seconds without any byte before a request is given up and repeated."""
    max_attempts: int = field(default=8, validator=gt(0))
    """Tries of one request, not counting waits for the rate limit."""
    breaker_threshold: int = field(default=5, validator=gt(0))
    """Failures in a row after which all requests wait."""
    breaker_cooldown_s: float = field(default=1.0, validator=gt(0))
    """Seconds until the first probe after that."""
    queue_size: int = field(default=64, validator=gt(0))
    """Results that may wait for the scheduler."""
    render_processes: int = field(default=1, validator=ge(0))
    """Extra processes that render and write large exports; 0: everything in this one."""
    render_timeout_s: float = field(default=60.0, validator=ge(0))
    """Seconds a renderer may work on one piece of a document before that document fails alone; 0: any number."""
    plugin_timeout_s: float = field(default=300.0, validator=ge(0))
    """Seconds a renderer may work on a whole document before that fails alone, and a listener may take for one call
    before it is taken to hang; 0: any number."""


@frozen
class MonitoringConfig:
    """``[monitoring]``: what a run tells."""

    log_format: str = field(default="text", validator=in_(["text", "json"]))
    """Form of the log on stderr."""
    listeners: list[PluginEntry] = field(factory=list)
    """Names of listener plugins that see every event, or tables with ``use`` and options."""
    address: str = field(default="127.0.0.1:8787", validator=_address, metadata=shown(pattern=_PLACE))
    """Where ``serve`` listens: health, metrics, status page, webhooks. Port 0: a free one."""
    token: str = field(default="", validator=_reference)
    """Reference to the secret that ``serve`` wants for everything but health and webhooks; needed where it listens to
    more than this machine."""
    events_file: FilePath = ""
    """File to which each event of a run is added as a line of JSON; empty: none."""
    events_max_mb: float = field(default=50.0, validator=ge(0))
    """Size from which on a new events file is begun; three older ones are kept; 0: any size."""
    trace_file: FilePath = ""
    """File to which each call of a plugin is added as a line of JSON, with the seconds it took; empty: none."""
    log_titles: bool = False
    """Titles of pages and names of files may stand in the log."""
    metrics_file: FilePath = ""
    """File that node exporter's textfile collector reads, ``….prom``; switches on the listener that keeps it."""


@frozen
class DeploymentConfig:
    """``[deployment]``: where it runs."""

    state_dir: FilePath = ""
    """Folder for state and mirror; empty: the user's state directory."""
    lock_timeout_s: float = field(default=0.0, validator=ge(0))
    """How long to wait for another run of the same job."""
    schedule: str = field(default="every 15m", validator=_schedule, metadata=shown(pattern=_TIMES))
    """When ``serve`` runs the job: ``every 15m`` (s, m, h, d) or five fields of cron."""
    timezone: str = field(default="UTC", validator=_time_zone)
    """Time zone of the fields of cron, like ``Europe/Vienna``."""
    jobs: list[FilePath] = field(factory=list)
    """Files, or folders of files, each the configuration of a job, that ``serve`` runs in place of this one."""
    plugins_allow: list[str] = field(factory=list)
    """Names of plugins or distributions: if there are any, no others are used than these and those that come with this
    program."""
    plugins_deny: list[str] = field(factory=list)
    """Names of plugins or distributions that are as if they were not installed, whoever allows them."""
    webhooks: bool = False
    """``serve`` takes Notion's webhooks at ``/webhooks/notion``; their token is in ``NOTION_WEBHOOK_TOKEN``."""


@frozen
class HistoryConfig:
    """``[history]``: the versions of documents that are kept."""

    enabled: bool = True
    """Keep every version of a document that a run reads."""
    keep: str = field(default="all:7d day:30d", validator=_spans, metadata=shown(pattern=_KEEP))
    """How long: ``all:7d day:30d`` is each of 7 days, then one a day for 30 (``all``, ``day``, ``week``, ``month``;
    ``d``, ``w``, ``y`` or ``forever``). The last version of what still exists is always kept."""
    store: FilePath = ""
    """Folder for versions, with a folder of its own for each job; empty: beside the state. The URL of a sink, such as
    ``s3://bucket/prefix``: they lie beside the state, and each run brings their copy there up to date."""


@frozen
class NotionConfig:
    """``[notion]``: options of the source called ``notion``."""

    token_env: str = field(default="NOTION_TOKEN", validator=_name_of_variable, metadata=shown(pattern=_VARIABLE))
    """Environment variable that holds the token."""
    token_file: FilePath = ""
    """File that holds the token, readable by its owner only."""
    base_url: str = field(default="https://api.notion.com", validator=_web_address, metadata=shown(pattern=_ADDRESS))
    """The API's address; ``/v1`` is added."""
    version: str = "2026-03-11"
    """Sent as ``Notion-Version``."""
    archived: bool = False
    """Export rows that were archived in Notion as well."""


@frozen
class Config:
    """Everything a job needs to know."""

    export: ExportConfig = ExportConfig()
    notion: NotionConfig = NotionConfig()
    performance: PerformanceConfig = PerformanceConfig()
    monitoring: MonitoringConfig = MonitoringConfig()
    deployment: DeploymentConfig = DeploymentConfig()
    history: HistoryConfig = HistoryConfig()
    plugins: dict[str, dict[str, Any]] = field(factory=dict)
    """``[plugins.NAME]``: options of any other plugin; its attributes are its keys."""
    origins: Mapping[str, str] = field(factory=dict, eq=False, repr=False)
    """Where each value that is not a default came from, by dotted key."""
    file: Path | None = field(default=None, eq=False, repr=False)
    """The configuration file that was read."""
    texts: Mapping[str, str] = field(factory=dict, eq=False, repr=False)
    """Options of plugins that were typed, outside of the file: what type they have only the plugin knows."""
    notices: tuple[str, ...] = field(default=(), eq=False, repr=False)
    """What whoever wrote it should know: keys that have another name now."""

    def value(self, key: str) -> Any:
        """The value of a key of a section, dotted."""
        section, _, name = key.partition(".")
        return getattr(getattr(self, section), name)

    def located(self, path: str, origin: str | None) -> str:
        """A path as it is from here: a relative one in the file is relative to that file.

        :param origin: what named it.
        """
        return beside(self.file, path) if self.file and origin and self.place(origin)[0] == str(self.file) else path

    def place(self, origin: str) -> tuple[str, int]:
        """An origin's name, and its line if it is the file; else 0."""
        name, _, line = origin.rpartition(", line ")
        return (name, int(line)) if name == str(self.file) else (origin, 0)


def beside(file: Path, path: str) -> str:
    """A path that a file names, as it is from here; what is absolute, or begins at a home folder, stays."""
    return path if not path or path.startswith("~") or "://" in path else str(file.parent / path)


SECTIONS: dict[str, type] = {
    "export": ExportConfig,
    "notion": NotionConfig,
    "performance": PerformanceConfig,
    "monitoring": MonitoringConfig,
    "deployment": DeploymentConfig,
    "history": HistoryConfig,
}
USUAL = {"notion.base_url": NotionConfig().base_url, "notion.token_env": NotionConfig().token_env}
show_in_help([*SECTIONS.values(), Config])
