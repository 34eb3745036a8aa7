"""What the state tells of files that documents refer to."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from notion_sync_core.model import Asset, Found
from notion_sync_core.state.records import AssetRecord
from notion_sync_core.testing import Shelf, document

PAGE = 500
"""Rows that are asked for together."""


@pytest.mark.parametrize("count", [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 1])
def test_all_files_in_use_are_told_once_in_order_however_many_there_are(count: int, tmp_path: Path) -> None:
    keys = [f"https://files.example.org/{number:05}" for number in range(count)]
    assets = tuple(Asset(key, key, holder_id="holder") for key in keys)
    with Shelf(tmp_path, [evolve(document("Page"), found=Found(assets=assets))]) as shelf:
        shelf.state.assets.add([AssetRecord(key, "a" * 64, 1, ".bin", "") for key in [*keys, "in no document"]])
        assert [each.key for each in shelf.state.assets.in_use()] == keys
