"""A bucket of its own for each test, seen through the fault proxy, and jobs that write to it."""

from __future__ import annotations

import hashlib
from typing import Any

from attrs import define

from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink
from notion_sync_s3 import S3Sink
from plugins.s3_server import FaultProxy


@define
class Bucket:
    """One empty bucket."""

    name: str
    client: Any
    """Goes straight to the server, to look from outside."""
    proxy: FaultProxy

    def sink(self, **options: Any) -> S3Sink:
        return S3Sink(**{"bucket": self.name, "prefix": "docs", "endpoint_url": self.proxy.url, **options})

    def hooks(self, **options: Any) -> Sink:
        return Sink.of(self.sink(**options), "s3")

    def contents(self, prefix: str = "docs/") -> dict[str, bytes]:
        """Every object but locks, by its key without the prefix."""
        found = {}
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            for item in page.get("Contents", ()):
                name = item["Key"].removeprefix(prefix)
                if not name.startswith(".notion-sync/lock/"):
                    found[name] = self.client.get_object(Bucket=self.name, Key=item["Key"])["Body"].read()
        return found

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def uploads(self) -> list[str]:
        return [item["Key"] for item in self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ())]


def put(hooks: Sink, path: str, content: bytes = b"x", media_type: str = "text/markdown") -> None:
    """Stage and commit; not flushed."""
    staged = hooks.stage(Artifact(path, [content], media_type))
    assert staged.sha256 == hashlib.sha256(content).hexdigest()
    hooks.commit(staged)


def read(hooks: Sink, path: str) -> bytes:
    return b"".join(hooks.read(path))
