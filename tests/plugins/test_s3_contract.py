"""The S3 sink keeps the contract of sinks, the same one as the folder sink."""

from __future__ import annotations

import pytest

from notion_sync_core.testing.contracts import check_sink
from plugins.s3_bench import Bucket


@pytest.mark.parametrize("prefix", ["", "deep/er"])
def test_the_s3_sink_keeps_the_contract_of_sinks(bucket: Bucket, prefix: str) -> None:
    check_sink(lambda: bucket.sink(prefix=prefix, multipart_mib=8, part_mib=5))
