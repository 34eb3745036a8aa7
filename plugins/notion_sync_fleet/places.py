"""Where a fleet's vault is, by what its configuration says."""

from __future__ import annotations

import re
from pathlib import Path

from notion_sync_core.plugin import ConfigError, SinkError
from notion_sync_fleet.bucket import BucketPlace, make_client
from notion_sync_fleet.folder import FolderPlace
from notion_sync_fleet.vault import Place

_BUCKET = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:/(.*))?")
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HOW = "Write the path of a folder that all workers see, from its root, or s3://BUCKET/PREFIX."


def check_job(job: str) -> None:
    """A job's name is also the name of its place.

    :raises ConfigError: it can be none.
    """
    if not _JOB.fullmatch(job):
        raise ConfigError(
            f"{job!r:.80} cannot be the name of a job", "At most 64 letters, digits, hyphens and underscores."
        )


def place_of(vault: str, job: str) -> Place:
    """The place of one job.

    :param vault: a folder, or ``s3://bucket/prefix``.
    :raises SinkError: the folder is not there, or boto3 is not installed.
    :raises ConfigError: it is neither. The message does not repeat it: it may hold a secret.
    """
    check_job(job)
    if "://" not in vault:
        if not Path(vault).is_absolute():
            raise ConfigError("the vault is neither a folder's whole path nor the address of a bucket", _HOW)
        if not Path(vault).is_dir():
            raise SinkError(
                f"the vault is not there: {vault} is no folder",
                "Mount it; a new one is made by: notion-sync fleet init",
            )
        return FolderPlace(Path(vault) / job)
    found = _BUCKET.fullmatch(vault)
    parts = [part for part in (found[2] or "").split("/") if part not in ("", ".")] if found else [".."]
    if found is None or ".." in parts or not all(part.isprintable() for part in parts):
        raise ConfigError("the vault's address is not s3://BUCKET/PREFIX", _HOW)
    return BucketPlace(make_client(), found[1], "".join(f"{part}/" for part in [*parts, job]))
