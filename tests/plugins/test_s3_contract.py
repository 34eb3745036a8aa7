"""The S3 sink passes the exam of sinks, the same one as the folder sink."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from kit import looks
from kit.examined import GOLDEN, REPLACED, S3_OPTIONS
from notion_sync_core.testing import Golden, check_sink, exam
from notion_sync_s3 import S3Sink
from plugins.s3_bench import Bucket
from plugins.s3_server import bare_client, moto

FEATURES = {"attach", "look", "list", "same", "url"}


def made(folder: Path, bucket: Bucket) -> S3Sink:
    # The bucket is the test's own: its root is a place, and what lies elsewhere has a prefix.
    prefix = folder.name if folder.name == "elsewhere" else ""
    return bucket.sink(prefix=prefix, multipart_mib=8, part_mib=5)


def made_deeper(folder: Path, bucket: Bucket) -> S3Sink:
    return bucket.sink(prefix=f"deep/er/{folder.name}", multipart_mib=8, part_mib=5)


test_the_s3_sink_passes_the_exam = check_sink(made, features=FEATURES)
test_below_a_deeper_prefix_it_passes_too = pytest.mark.campaign(check_sink(made_deeper, features=FEATURES))


def test_what_it_leaves_is_as_it_was_kept(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    # Stores differ in what they say of an object: this is what ours in the tests says.
    golden = Golden(GOLDEN / "s3", replace=REPLACED, renews=bool(pytestconfig.getoption("--update-golden")))
    with moto() as address, contextlib.closing(bare_client(address)) as client:
        client.create_bucket(Bucket="exam-0")
        (outcome,) = exam(
            "sinks",
            lambda _: S3Sink(bucket="exam-0", endpoint_url=address, **S3_OPTIONS),
            FEATURES,
            only={"what_it_leaves_is_as_it_was_kept"},
            folder=tmp_path,
            golden=golden,
            looks=lambda _: looks.bucket(client, "exam-0"),
        )
    assert outcome.status == ("skipped" if golden.renews else "passed"), outcome.message
