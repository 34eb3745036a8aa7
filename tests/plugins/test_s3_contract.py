"""The S3 sink passes the exam of sinks, the same one as the folder sink."""

from __future__ import annotations

from pathlib import Path

import pytest

from notion_sync_core.testing import check_sink
from notion_sync_s3 import S3Sink
from plugins.s3_bench import Bucket

FEATURES = {"attach", "look", "list", "same", "url"}


def made(folder: Path, bucket: Bucket) -> S3Sink:
    # The bucket is the test's own: its root is a place, and what lies elsewhere has a prefix.
    prefix = folder.name if folder.name == "elsewhere" else ""
    return bucket.sink(prefix=prefix, multipart_mib=8, part_mib=5)


def made_deeper(folder: Path, bucket: Bucket) -> S3Sink:
    return bucket.sink(prefix=f"deep/er/{folder.name}", multipart_mib=8, part_mib=5)


test_the_s3_sink_passes_the_exam = check_sink(made, features=FEATURES)
test_below_a_deeper_prefix_it_passes_too = pytest.mark.campaign(check_sink(made_deeper, features=FEATURES))
