"""Names: what a URL says, and which key a path has. No key leaves the prefix."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from notion_sync_core.plugin import ConfigError, SinkError

LONGEST_KEY = 1024
"""Bytes; the limit of S3 itself."""
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_URL = re.compile(r"s3://([^/]*)/?(.*)", re.DOTALL)


def split_url(url: str) -> dict[str, str]:
    """The options ``s3://bucket/prefix`` stands for.

    :raises ConfigError: it is no such URL. The message does not repeat it: it may hold a secret.
    """
    found = _URL.fullmatch(url)
    if found is None or not is_bucket(found[1]):
        raise ConfigError(
            "an S3 address is s3://BUCKET/PREFIX, and nothing else stands before the bucket's name",
            "Credentials come from the environment or an AWS profile, never from an address; "
            "another store's address is the option endpoint_url.",
        )
    return {"bucket": found[1], "prefix": found[2]}


def is_bucket(name: str) -> bool:
    """Whether a bucket can have that name, in any store."""
    return _BUCKET.fullmatch(name) is not None


def clean_prefix(prefix: str) -> str:
    """The prefix with ``/`` at its end and not at its start; empty for the whole bucket.

    :raises ValueError: it holds ``..`` or control characters.
    """
    parts = [part for part in prefix.split("/") if part not in ("", ".")]
    if ".." in parts or not all(part.isprintable() for part in parts):
        raise ValueError("prefix: it must not hold '..' or control characters")
    return "".join(f"{part}/" for part in parts)


def key_of(prefix: str, path: str) -> str:
    """The key of a path below the prefix.

    :raises SinkError: the path would leave the prefix, is spelt in another way, or the key is too long for S3.
    """
    where = PurePosixPath(path)
    if where.is_absolute() or ".." in where.parts or not where.parts or "\0" in path:
        raise SinkError(f"{path!r} would leave the prefix {prefix!r}")
    if str(where) != path:
        raise SinkError(f"{path!r} is a second name of {str(where)!r}, which is the only one here")
    key = f"{prefix}{where}"
    if len(key.encode()) > LONGEST_KEY:
        raise SinkError(f"the key of {path} would have more than {LONGEST_KEY} bytes", "Choose a shorter prefix.")
    return key
