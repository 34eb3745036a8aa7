"""What lies in a job's mirror, or in its history, can be had again as it was read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core.errors import LockedError, SkippableError, StateError
from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.looking import kept
from notion_sync_core.history.needed import needed_below
from notion_sync_core.model import Block, Json
from notion_sync_core.restore.originals.of_mirror import OfMirror, opened
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, rich, schema

COMMENTS = {"export.comments": True}


def all_blocks(originals: Any, parent: str) -> list[Json]:
    """What stands in a page at any depth, but for other documents."""
    found = []
    for raw in originals.blocks(parent):
        found.append(raw)
        if raw["type"] not in ("child_page", "child_database"):
            found += all_blocks(originals, raw["id"])
    return found


def shown(space: Workspace, parent: str) -> list[tuple[str, str]]:
    """The same as people see it, by id and type."""
    found = []
    for raw in space.children(parent):
        found.append((raw["id"], raw["type"]))
        source = (raw["synced_block"]["synced_from"] or {}).get("block_id") if raw["type"] == "synced_block" else None
        if raw["type"] not in ("child_page", "child_database"):
            found += shown(space, source or raw["id"])
    return found


def test_everything_that_was_read_is_there_in_the_order_of_the_tree(bench: Bench) -> None:
    bench.good(**COMMENTS)
    space = bench.space
    with opened(bench.job()) as originals:
        refs = list(originals.refs())
        at = {ref.id: number for number, ref in enumerate(refs)}
        assert len(at) == len(refs)
        assert {ref.id for ref in refs if ref.kind == "page"} == set(space.pages) - space.templates
        assert {ref.id for ref in refs if ref.kind == "data_source"} == set(space.data_sources)
        for ref in refs:
            assert originals.ref(ref.id) == ref
            raw = originals.object(ref.id)
            assert raw is not None
            assert raw["id"] == ref.id
            assert all(at[ref.id] < at[each.id] for each in originals.inside(ref.id))
            if ref.kind == "page":
                found = [(raw["id"], raw["type"]) for raw in all_blocks(originals, ref.id)]
                assert found == shown(space, ref.id)
        inside = [each.id for ref in [None, *refs] for each in _standing(originals, refs, ref)]
        assert sorted(inside) == sorted(at)
        assert sum(len(list(originals.comments(each))) for each in space.comments) == sum(
            map(len, space.comments.values())
        )


def _standing(originals: OfMirror, refs: list[Any], ref: Any) -> list[Any]:
    if ref is not None:
        return list(originals.inside(ref.id))
    below = {each.id for holder in refs for each in originals.inside(holder.id)}
    return [each for each in refs if each.id not in below]


def test_pages_stand_as_they_do_on_the_page_they_are_in(tmp_path: Path) -> None:
    space = Workspace()
    top = space.add_page(None, "Top")
    first, second = space.add_page(top, "Zebra"), space.add_page(top, "Apple")
    space.add_page(second, "Below")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        with opened(bench.job()) as originals:
            assert [ref.title for ref in originals.refs()] == ["Top", "Zebra", "Apple", "Below"]
            assert [ref.id for ref in originals.inside(top)] == [first, second]


def test_pages_that_stand_in_each_other_are_lost_by_nobody(tmp_path: Path) -> None:
    space = Workspace()
    outer = space.add_page(None, "Outer")
    inner = space.add_page(outer, "Inner")
    space.pages[outer]["parent"] = {"type": "page_id", "page_id": inner}
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.run()
        for when in (None, "1"):
            with opened(bench.job(), when) as originals:
                assert [ref.id for ref in originals.refs()] == [outer, inner]


def test_a_file_has_its_bytes_and_the_name_that_people_gave_it(tmp_path: Path) -> None:
    space = Workspace()
    holder = space.add_file("first name.txt", b"words")
    page = space.add_page(None, "Page", [block("file", **holder, name="Report: 1.txt"), block("image", **holder)])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        with opened(bench.job()) as originals:
            named, bare = (originals.file(page, Block(raw).payload) for raw in originals.blocks(page))
            assert named is not None
            assert bare is not None
            assert named.path.read_bytes() == b"words"
            assert (named.sha256, named.size) == (hashlib.sha256(b"words").hexdigest(), 5)
            assert (named.name, bare.name) == ("Report: 1.txt", "first name.txt")
            assert originals.file(page, {"type": "file", "file": {"url": "https://elsewhere.example/x"}}) is None
            assert (
                originals.file(page, {"type": "external", "external": {"url": "https://elsewhere.example/x"}}) is None
            )
            named.path.unlink()
            assert originals.file(page, holder) is None


def test_what_is_in_the_trash_is_had_from_the_time_before(tmp_path: Path) -> None:
    space = Workspace()
    holder = space.add_file("kept.txt", b"kept")
    page = space.add_page(None, "Plans", [block("paragraph", "Once"), block("file", **holder)])
    child = space.add_page(page, "Details", [block("paragraph", "More")])
    other = space.add_page(None, "Other")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        space.trash(page)
        space.rename(other, "Renamed")
        bench.good()
        with opened(bench.job()) as now:
            assert [ref.title for ref in now.refs()] == ["Renamed"]
            assert (now.ref(page), now.object(page), list(now.inside(page))) == (None, None, [])
        with opened(bench.job(), "1") as then:
            assert {ref.title for ref in then.refs()} == {"Plans", "Details", "Other"}
            assert [ref.id for ref in then.inside(page)] == [child]
            text, file, _ = then.blocks(page)
            assert text["paragraph"]["rich_text"][0]["plain_text"] == "Once"
            stored = then.file(page, file["file"])
            assert stored is not None
            assert stored.path.read_bytes() == b"kept"


def test_so_is_a_database_with_its_rows(tmp_path: Path) -> None:
    space = Workspace()
    top = space.add_page(None, "Top")
    database, (source,) = space.add_database(top, "Tasks", {"Tasks": [schema("Name", "title")]})
    rows = [space.add_row(source, {"Name": rich(f"Row {number}")}, [block("paragraph", "x")]) for number in range(3)]
    below = space.add_page(rows[1], "Below")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        space.trash(database)
        bench.good(**{"export.max_delete": 1.0})
        with opened(bench.job()) as now:
            assert [ref.id for ref in now.refs()] == [top]
        with opened(bench.job(), "1") as then:
            assert [ref.id for ref in then.refs()] == [top, database, source, rows[0], rows[1], below, rows[2]]
            assert [ref.id for ref in then.inside(database)] == [source]
            assert [ref.id for ref in then.inside(source)] == rows
            raw = then.object(source)
            assert raw is not None
            assert "Name" in raw["properties"]
            assert then.ref(rows[0]) == next(iter(then.inside(source)))


def test_of_what_became_unreadable_the_kept_copy_is_there(tmp_path: Path) -> None:
    space = Workspace()
    page = space.add_page(None, "Plans", [block("paragraph", "Once")])
    space.add_page(None, "Other")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        space.unshare(page)
        bench.run()
        with opened(bench.job()) as originals:
            assert originals.object(page) is not None
            assert [raw["type"] for raw in originals.blocks(page)] == ["paragraph"]


def test_an_object_that_a_listing_showed_and_nobody_read_has_no_content_here(tmp_path: Path) -> None:
    space = Workspace()
    pages = [space.add_page(None, str(number), [block("paragraph", "x")]) for number in range(30)]
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.run(options={"max_requests": 12})
        with opened(bench.job()) as originals:
            assert {ref.id for ref in originals.refs()} == set(pages)
            had = [page for page in pages if originals.object(page) is not None]
            assert 0 < len(had) < len(pages)
            assert all(list(originals.blocks(page)) for page in had)


def test_a_part_that_the_mirror_lost_is_no_end(tmp_path: Path) -> None:
    space = Workspace()
    page = space.add_page(None, "Long", [block("paragraph", str(number)) for number in range(250)])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        mirror = bench.job().open_mirror()
        mirror.forget([f"b/{page}/1"])
        mirror.close()
        with opened(bench.job()) as originals, pytest.raises(SkippableError, match="lost a part"):
            list(originals.blocks(page))


def test_a_job_that_never_ran_has_nothing(bench: Bench) -> None:
    with pytest.raises(StateError, match="read nothing yet"), opened(bench.job()):
        pass
    with pytest.raises(StateError, match="no history"), opened(bench.job(), "1"):
        pass


def test_while_a_run_is_under_way_nothing_is_restored_from_it(bench: Bench) -> None:
    refused: list[LockedError] = []

    def look(_: object) -> None:
        if not refused:
            try:
                with opened(bench.job()):
                    pass
            except LockedError as error:
                refused.append(error)

    bench.good()
    bench.run(on_event=look)
    assert refused


def test_nothing_is_left_behind(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    bench.good()
    for when in (None, "1"):
        with opened(bench.job(), when) as originals:
            assert any(scratch.iterdir())
            assert next(originals.refs())
        assert not any(scratch.iterdir())


def test_a_run_that_begins_while_it_is_restored_is_refused_and_the_mirror_stays(bench: Bench) -> None:
    bench.good()
    space = bench.space
    page = next(each for each in space.pages if space.title(each) == "Notes")
    with opened(bench.job()) as originals:
        before = list(originals.blocks(page))
        space.append(page, [block("paragraph", "later")])
        space.touch(page)
        done = bench.run()
        assert (done.exit_code, "another run" in str(done.error)) == (5, True)
        assert list(originals.blocks(page)) == before
    bench.good()
    with opened(bench.job()) as originals:
        assert len(list(originals.blocks(page))) == len(before) + 1


def test_a_run_does_not_disturb_what_is_restored_of_the_past(bench: Bench) -> None:
    bench.good()
    space = bench.space
    page = next(each for each in space.pages if space.title(each) == "Notes")
    with opened(bench.job(), "1") as originals:
        before = list(originals.blocks(page))
        space.append(page, [block("paragraph", "later")])
        space.touch(page)
        bench.good()
        assert list(originals.blocks(page)) == before


def copying_space() -> tuple[Workspace, dict[str, str]]:
    """Pages of which one shows a synced block of another, which shows one of a third; and much else."""
    space = Workspace()
    ids = {"top": space.add_page(None, "Top", [block("paragraph", "x")])}
    ids["below"] = space.add_page(ids["top"], "Below", [block("paragraph", "y")])
    for name in ("third", "other"):
        ids[name] = space.add_page(None, name)
    for name, shows in (("third", None), ("other", "third"), ("below", "other")):
        inner: list[Json] = [block("paragraph", name)]
        (ids[f"synced {name}"],) = space.append(ids[name], [bare("synced_block", inner, synced_from=None)])
        if shows:
            origin = {"type": "block_id", "block_id": ids[f"synced {shows}"]}
            space.append(ids[f"synced {name}"], [bare("synced_block", synced_from=origin)])
    copy = {"type": "block_id", "block_id": ids["synced other"]}
    space.append(ids["below"], [bare("synced_block", synced_from=copy)])
    for number in range(20):
        space.add_page(None, f"Else {number}", [block("paragraph", "z")])
    return space, ids


def test_of_the_past_no_more_is_made_than_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space, ids = copying_space()
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        read: set[str] = set()
        lines = Blobs.lines
        monkeypatch.setattr(Blobs, "lines", lambda blobs, sha256: read.add(sha256) or lines(blobs, sha256))
        with opened(bench.job(), "1") as whole:
            everything = len(read)
            read.clear()
            with opened(bench.job(), "1", [ids["top"]]) as part:
                assert {ref.id for ref in part.refs()} == {ref.id for ref in whole.refs()}
                for name in ("top", "below", "other", "third"):
                    assert all_blocks(part, ids[name]) == all_blocks(whole, ids[name]) != []
                    assert part.object(ids[name]) == whole.object(ids[name])
        assert everything >= 24
        # What copies show is looked for in all others, and made only where it is.
        with kept(bench.job()) as found:
            run = found.at("1", 0.0)
            needs = needed_below(found, run, [ids["top"]])
            wanted = {each.object_id for each in found.store.as_of(1) if needs(each)}
        assert wanted == {ids[name] for name in ("top", "below", "other", "third")}


def test_a_page_without_copies_is_all_that_is_looked_at(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.good()
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Ideas")
    read: set[str] = set()
    lines = Blobs.lines
    monkeypatch.setattr(Blobs, "lines", lambda blobs, sha256: read.add(sha256) or lines(blobs, sha256))
    with opened(bench.job(), "1", [page]) as part:
        assert part.object(page) is not None
    sources = len(bench.space.data_sources)
    assert len(read) <= 1 + sources
