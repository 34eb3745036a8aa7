"""Bringing the files of jobs to the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from notion_sync_core.plugin import ConfigError
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.fitness import Applied, read

GONE = "it has no file any more"
"""Why a job is parked that a folder does not name; when it has one again it is released."""


def apply_all(desk: Desk, paths: Iterable[Path], environ: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Make the desk know what files say; nothing is changed if one cannot be used.

    :param paths: files, and folders with a file a job: jobs that no folder names are parked.
    :returns: the names of jobs that were applied, and of those that were parked.
    :raises ConfigError: a file cannot be used, or two have one name.
    """
    paths = list(paths)
    found: dict[str, Applied] = {}
    for file in [file for path in paths for file in _files(path)]:
        applied = read(file, environ)
        if applied.name in found:
            raise ConfigError(f"two files give a job called {applied.name!r}", "Rename one of them.")
        found[applied.name] = applied
    standing = {job.id: job for job in desk.tables.jobs()}
    for name, each in found.items():
        desk.apply(name, each.tenant, each.token, each.every_s, each.config)
        if name in standing and standing[name].standing == "parked" and standing[name].reason == GONE:
            desk.release(name)
    gone = [
        name for name, job in standing.items() if name not in found and job.standing != "parked"
    ] if any(path.is_dir() for path in paths) else []  # fmt: skip
    for name in gone:
        desk.park(name, GONE, "Apply a folder in which it has one.")
    return sorted(found), sorted(gone)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(path.glob("*.toml"))
        if not inside:
            raise ConfigError(f"the folder {path} has no file *.toml", "Put one file a job into it.")
        return inside
    if not path.exists():
        raise ConfigError(f"{path} is not there", "Name the file of a job, or a folder of them.")
    return [path]
