"""S3 for the tests of its sink: moto always, a real Ceph gateway where ``make test-s3`` started one."""

from __future__ import annotations

import functools
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notion_sync_core.clock import SystemClock
from plugins.s3_bench import Bucket
from plugins.s3_server import FaultProxy, bare_client, moto

RADOSGW = os.environ.get("NOTION_SYNC_RADOSGW", "")
"""Address of the gateway, seen before tests lose their variables."""
SERVERS = [
    "moto",
    pytest.param(
        "radosgw",
        marks=[pytest.mark.radosgw, pytest.mark.skipif(not RADOSGW, reason="no Ceph gateway: make test-s3")],
    ),
]


@pytest.fixture(autouse=True)
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boto3's own chain finds: the tests' key, and nothing of the machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SKTESTSKTEST")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def private_spool(new_folder: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that wait to be uploaded stay out of everybody's temporary folder."""
    folder = str(new_folder())
    monkeypatch.setenv("TMPDIR", folder)
    monkeypatch.setattr("tempfile.tempdir", folder)


@pytest.fixture(scope="session")
def one_loader() -> Iterator[None]:
    """Each session of boto3 reads megabytes of JSON, which say what S3 is: a quarter of a second, and ever the same."""
    from botocore.loaders import create_loader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", functools.cache(create_loader))
        yield


@pytest.fixture(scope="session", params=SERVERS)
def s3_server(request: pytest.FixtureRequest, one_loader: None) -> Iterator[str]:
    """The address of a server."""
    if request.param == "radosgw":
        yield RADOSGW
        return
    with moto() as address:
        yield address


@pytest.fixture
def bucket(s3_server: str) -> Iterator[Bucket]:
    """An empty bucket behind a proxy without faults."""
    client = bare_client(s3_server)
    name = f"test-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    with FaultProxy(s3_server) as proxy:
        yield Bucket(name, client, proxy)
    client.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between retries take hundredths, though all clocks say they took as long as they should."""
    slept = [0.0]

    def sleep(_: SystemClock, seconds: float) -> None:
        slept[0] += seconds
        time.sleep(min(seconds, 0.01))

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "now", lambda _: time.time() + slept[0])
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: time.monotonic() + slept[0])
