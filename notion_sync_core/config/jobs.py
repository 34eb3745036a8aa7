"""The jobs of one configuration: ``deployment.jobs``."""

from __future__ import annotations

from pathlib import Path

from notion_sync_core.config.tree import Config
from notion_sync_core.errors import ConfigError

_KEY = "deployment.jobs"


def job_files(config: Config) -> list[Path]:
    """The files of a configuration's jobs, each the configuration of one; none: it is its only job itself.

    :raises ConfigError: one is not there, a folder holds none, or two jobs would be called the same.
    """
    found: dict[str, Path] = {}
    for file in [file for each in config.deployment.jobs for file in _files(config, Path(each))]:
        if file.stem in found:
            raise ConfigError(
                f"{_KEY}: two files give a job called {file.stem!r}: {found[file.stem]} and {file}",
                "A job is called as its file is, without the ending: rename one of them.",
            )
        found[file.stem] = file
    return list(found.values())


def _files(config: Config, path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(path.glob("*.toml"))
        if not inside:
            raise ConfigError(f"{_KEY}: the folder {path} has no file *.toml", "Put one file a job into it.")
        return inside
    if not path.exists():
        where = config.origins.get(_KEY, str(config.file or "configuration"))
        raise ConfigError(f"{where}: {_KEY} names {path}, which is not there", f"Make it, or correct {_KEY}.")
    return [path]
