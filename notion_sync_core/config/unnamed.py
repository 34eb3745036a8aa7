"""What a configuration file may not say that merely lies in the current folder.

Such a file may have come with a download or a clone. Somebody who runs a command beside it has not said that
it is theirs: so it must not choose where the secrets of the environment go, nor which ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from notion_sync_core.errors import ConfigError
from notion_sync_core.structure import plugin_file

_REFERENCE = re.compile(r"\s*(?:env|keyring):|\s*file:(?!//)|.*\$\{", re.I | re.S)
"""A value that stands for a secret, or for a variable."""
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.I)
_KEY_OF_ADDRESS = re.compile(
    r"(?:.*_)?(?:url|uri|endpoint|host|hostname|server|address|proxy|proxies|dsn|webhook)", re.I
)
_KEY_OF_SECRET = re.compile(
    r"(?:.*_)?(?:(?:token|secret|password|passphrase|key|credentials?)_(?:env|file|var|variable|ref)|env|env_var)", re.I
)
_FILES = {("notion", "token_file"), ("monitoring", "events_file"), ("monitoring", "trace_file")}
"""Files that are read or written as they are: they lie in the folder of the configuration."""
_PLUGINS = {("export", "source"), ("export", "renderers"), ("export", "sinks"), ("monitoring", "listeners")}
_MOST_NAMED = 5


def refuse_what_needs_a_name(tree: Mapping[str, Any], file: Path, usual: Mapping[str, str]) -> None:
    """Make sure that an unnamed file only says what is harmless: paths, names of plugins, looks, speeds.

    :param tree: the file's tables, as TOML gives them.
    :param usual: keys with the value that is always fine: the defaults of addresses and of names of secrets.
    :raises ConfigError: it names an address, a secret or a variable; the message names the keys, not their values.
    """
    found = list(dict.fromkeys(_suspects(tree, file, usual)))
    if found:
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise ConfigError(
            f"{file} lies in this folder but was not named, and sets {', '.join(found[:_MOST_NAMED])}{more}: "
            "a file that came with a download could send your token, or another secret, to an address of its choice",
            f"Nothing was sent. If the file is yours, name it: --config {file} "
            "(or say these keys by --set or the environment).",
        )


def _suspects(tree: Mapping[str, Any], file: Path, usual: Mapping[str, str]) -> Iterator[str]:
    for path, value in _texts(tree, ()):
        key = ".".join(path)
        if key in usual and value.strip().rstrip("/") == usual[key]:
            continue
        if path[:2] in _PLUGINS and path[2:] in ((), ("use",)) and plugin_file(value):
            suspect = True  # it would be run
        elif path[:2] in _FILES or path[-1] == "metrics_file":
            suspect = not _is_inside(value, file)
        elif path[-1] == "templates":
            suspect = _leads_out(Path(value).expanduser()) or _is_suspect(path, value, usual)
        elif path[:2] == ("export", "roots"):
            suspect = False  # addresses of pages, of which only the id is used
        elif path[:2] == ("export", "sinks") and path[2:] in ((), ("url",)):
            suspect = bool(_REFERENCE.match(value)) or _names_a_host(value)
        else:
            suspect = _is_suspect(path, value, usual)
        if suspect:
            yield key


def _is_suspect(path: tuple[str, ...], value: str, usual: Mapping[str, str]) -> bool:
    if _REFERENCE.match(value) or _ADDRESS.match(value):
        return True
    if path[0] not in ("plugins", "export", "notion", "monitoring") or not value.strip():
        return False
    if ".".join(path) in usual:
        return True
    in_table_of_plugin = path[0] == "plugins" or len(path) > 2
    return in_table_of_plugin and any(pattern.fullmatch(path[-1]) for pattern in (_KEY_OF_ADDRESS, _KEY_OF_SECRET))


def _texts(value: Any, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], str]]:
    """Each text in the tree with the keys that lead to it; places in a list have none."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)


def _is_inside(path: str, file: Path) -> bool:
    """Whether a file lies in the folder of the configuration, links followed."""
    if _REFERENCE.match(path):
        return False
    try:
        return Path(path).expanduser().resolve().is_relative_to(file.resolve().parent)
    except (OSError, RuntimeError, ValueError):
        return False


def _leads_out(folder: Path) -> bool:
    """Whether a template of that folder is a link to something elsewhere, which would then stand in every page."""
    try:
        whole = folder.resolve()
        return any(not each.resolve().is_relative_to(whole) for each in folder.rglob("*"))
    except (OSError, RuntimeError, ValueError):
        return True


def _names_a_host(sink: str) -> bool:
    """Whether a sink's address leads to a host of the file's choice: ``s3://bucket`` does not, it names a bucket."""
    if not _ADDRESS.match(sink):
        return False
    try:
        place = urlsplit(sink.strip())
    except ValueError:
        return True
    if place.scheme == "file":
        return bool(place.netloc)
    return bool(re.search(r"[.:@\[]", place.netloc)) or bool(place.query) or not place.netloc
