"""Recorded pages are restored, read back and compared: nothing differs that no note names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notion_sync_core.model import Json, normalise_id
from notion_sync_core.restore.became import Journalled
from notion_sync_core.restore.compare import compare
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.of_export import opened_export
from notion_sync_demo import Workspace
from notion_sync_json import JsonRenderer
from notion_sync_notion import decode
from plugins.rendering import MemorySite, content
from recorded.test_render import RECORDED, document_of, trees
from restore.bench import Bench, OfWorkspace

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.campaign,  # who has no recorded responses must not miss them
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    (tmp_path / "bench").mkdir()
    with Bench(Workspace("Recorded", seed=1), tmp_path / "bench") as bench:
        yield bench


@pytest.mark.parametrize("tree", trees(), ids=lambda tree: f"{tree['source_repo']}-{tree['page_id'][-6:]}")
def test_a_recorded_page_comes_back_as_it_was_but_for_what_is_told(tree: Json, tmp_path: Path, bench: Bench) -> None:
    document = document_of(tree)
    # Of some trees only the blocks were recorded.
    if "id" not in document.raw:
        document.raw = {"object": "page", "id": tree["page_id"]}
    decode.normalise(document.raw)
    for blocks in document.listings.values():
        for raw in blocks:
            decode.normalise(raw)
    artifact = next(iter(JsonRenderer().render_document(document, MemorySite())))
    (tmp_path / "Page.json").write_text(content(artifact))
    page = normalise_id(document.raw["id"]) or ""
    with opened_export(tmp_path) as export:
        restoring = bench.restoring(chosen=(page,))
        restoring.originals = export
        foreseen = restoring.foresee()
        done = restoring.run(bench.journal)
        assert done.failures == ()
        refused = sum(bench.server.counters.statuses[status] for status in (400, 404))
        if not refused:
            assert done.requests == foreseen.requests
        with closing(Journal(bench.journal)) as journal:
            became = Journalled(journal, {})
            restored = OfWorkspace(bench.space)
            found = compare(export, restored, became, list(became.wanted(export)), beside=[bench.home])
            assert [str(each) for each in found if not each.told] == []
        assert not [each for each in done.notes if "refuses" in each.words], "what is refused was not foreseen"
