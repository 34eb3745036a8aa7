"""Recorded pages are restored, read back and compared: nothing differs that no note names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notion_sync_core.model import Json, Parent, Ref, fields, normalise_id
from notion_sync_core.restore.comparison.became import Journalled
from notion_sync_core.restore.comparison.compare import compare
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.originals.of_export import opened_export
from notion_sync_demo import Workspace
from notion_sync_notion import decode
from recorded.test_originals import exported, recorded_objects
from recorded.test_render import RECORDED, trees
from restore.bench import Bench, OfWorkspace
from restore.memory import Memory

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
    _, page = exported(tree, tmp_path)
    with opened_export(tmp_path) as export:
        restoring = bench.restoring(chosen=(page,))
        restoring.originals = export
        foreseen = restoring.foresee()
        before = sum(bench.server.counters.statuses[status] for status in (400, 404))
        done = restoring.run(bench.journal)
        assert done.failures == ()
        refused = sum(bench.server.counters.statuses[status] for status in (400, 404)) - before
        if not refused:
            assert done.requests == foreseen.requests
        with closing(Journal(bench.journal)) as journal:
            became = Journalled(journal, {})
            restored = OfWorkspace(bench.space)
            found = compare(export, restored, became, list(became.wanted(export)), beside=[bench.home])
            assert [str(each) for each in found if not each.told] == []
        assert not [each for each in done.notes if "refuses" in each.words], "what is refused was not foreseen"


def test_recorded_columns_and_values_come_back_as_they_were_but_for_what_is_told(bench: Bench, tmp_path: Path) -> None:
    tried = 0
    for number, (source, rows) in enumerate(sources_with_rows()):
        named = str(fields(source.get("parent")).get("database_id"))
        database = normalise_id(named) or str(uuid.UUID(int=number, version=4))
        when = (decode.EPOCH, decode.EPOCH)
        refs = [
            Ref(database, "database", "", Parent(), *when),
            Ref(source["id"], "data_source", "", Parent("database_id", database), *when),
            *(Ref(row["id"], "page", "", Parent("data_source_id", source["id"]), *when) for row in rows),
        ]
        raws = {each["id"]: each for each in (source, *rows)}
        same = {key: source.get(key) or [] for key in ("title", "description", "is_inline")}
        raws[database] = {"object": "database", "id": database, **same}
        within = {database: [source["id"]], source["id"]: [row["id"] for row in rows]}
        home = bench.space.add_page(None, "Home")
        restoring = bench.restoring(into=home)
        restoring.originals = Memory(refs, within, raws)
        place = tmp_path / f"{number}.sqlite"
        done = restoring.run(place)
        assert done.failures == (), source["id"]
        with closing(Journal(place)) as journal:
            became = Journalled(journal, {})
            found = compare(
                restoring.originals, OfWorkspace(bench.space), became, list(became.wanted(restoring.originals))
            )
            others = (each for each in found if not each.what.startswith("it is there, and stands for nothing"))
            assert [str(each) for each in others if not each.told] == []
        tried += 1 + len(rows)
    assert tried > 20


def sources_with_rows() -> list[tuple[Json, list[Json]]]:
    """Recorded data sources, each with recorded rows of it."""
    found = recorded_objects()
    for raw in found:
        decode.normalise(raw)
    sources = [raw for raw in found if raw["object"] == "data_source"]
    rows = [raw for raw in found if raw["object"] == "page"]
    # What was recorded before a column changed does not fit.
    return [(source, [row for row in rows if _fits(row, source)]) for source in sources]


def _fits(row: Json, source: Json) -> bool:
    is_of = fields(row.get("parent")).get("data_source_id") == source["id"]
    return is_of and row["properties"].keys() <= source["properties"].keys()
