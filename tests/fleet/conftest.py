"""The desk that a test asks for, and places for vaults: a folder, and a bucket of moto's behind a proxy."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.desks import bench
from notion_sync_fleet.places import place_of
from notion_sync_fleet.vault import Place
from plugins.s3_server import FaultProxy, bare_client, moto

__all__ = ["bench"]


@pytest.fixture(autouse=True)
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boto3's own chain finds: the tests' key, and nothing of the machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SKTESTSKTEST")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server."""
    with moto() as address:
        yield address


@pytest.fixture
def s3_proxy(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """What stands before it, and whom boto3 asks."""
    with FaultProxy(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        yield proxy


@pytest.fixture
def bucket_url(s3_server: str, s3_proxy: FaultProxy) -> str:
    """An empty bucket."""
    name = f"vault-{uuid.uuid4().hex}"
    client = bare_client(s3_server)
    client.create_bucket(Bucket=name)
    client.close()
    return f"s3://{name}/vault"


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place, for one job."""
    if request.param == "folder":
        (tmp_path / "vault").mkdir()
        return place_of(str(tmp_path / "vault"), "docs")
    return place_of(request.getfixturevalue("bucket_url"), "docs")
