"""How the places of sinks look from outside, for their golden files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def folder(place: Path) -> Iterator[tuple[str, str, bytes]]:
    """The files of a folder; what a lock holds is another each time."""
    for path in sorted(place.rglob("*")):
        if path.is_file():
            content = b"" if path.name == "lock" else path.read_bytes()
            yield path.relative_to(place).as_posix(), "", content


_SAID = ("ContentType", "ContentDisposition", "CacheControl", "StorageClass", "ServerSideEncryption", "Metadata")


def bucket(client: Any, name: str) -> Iterator[tuple[str, str, bytes]]:
    """The objects of a bucket, with what the store keeps beside them; what a lock holds is another each time."""
    for item in client.list_objects_v2(Bucket=name).get("Contents", ()):
        found = client.get_object(Bucket=name, Key=item["Key"])
        content = found["Body"].read()
        said = [f"{each} {found[each]}" for each in _SAID if found.get(each)]
        yield item["Key"], ", ".join(said), b"" if "/lock/" in item["Key"] else content
    for item in client.list_multipart_uploads(Bucket=name).get("Uploads", ()):
        yield f"unfinished/{item['Key']}", "", b""
