"""The mirror: a document's listings change together, and are on the disk before the state counts on them."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import diskcache
import pytest

from notion_sync_core.errors import SinkError
from notion_sync_core.mirror.keyvalue import MOST_WAITING
from notion_sync_core.mirror.mirror import LARGE, Mirror
from notion_sync_core.model import Comments, Listing


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(tmp_path / "mirror")
    yield mirror
    mirror.close()


def listing(parent: str, *blocks: str) -> Listing:
    return Listing(parent, 0, {"results": [{"id": block} for block in blocks]})


def ids(mirror: Mirror, parent: str) -> list[str]:
    return [block["id"] for raw in mirror.listings(parent) for block in raw["results"]]


def test_a_document_whose_reading_breaks_keeps_its_old_listings(mirror: Mirror) -> None:
    with mirror.document() as draft:
        draft.put_listing(listing("page", "old"))
    with pytest.raises(RuntimeError), mirror.document() as draft:
        draft.put_listing(listing("page", "new", "with a child"))
        raise RuntimeError
    assert ids(mirror, "page") == ["old"]


def test_a_document_that_is_large_goes_in_piece_by_piece(mirror: Mirror) -> None:
    with mirror.document() as draft:
        draft.put_listing(listing("page", "first"))
        draft.put_listing(listing("toggle", "x" * LARGE))
        assert [key for key, _ in draft.waiting] == ["b/page/0"]
        assert ids(mirror, "toggle") == ["x" * LARGE]
    assert ids(mirror, "page") == ["first"]


def test_a_large_document_whose_reading_breaks_is_not_there_rather_than_half_old_and_half_new(mirror: Mirror) -> None:
    with mirror.document() as draft:
        draft.put_listing(listing("page", "old"))
        draft.put_listing(listing("toggle", "old"))
    with pytest.raises(RuntimeError), mirror.document() as draft:
        draft.put_comments(Comments("page", 0, {"results": []}))
        draft.put_listing(listing("page", "new"))
        draft.put_listing(listing("toggle", "x" * LARGE))
        raise RuntimeError
    assert not mirror.has_listing("page")


def test_what_was_put_is_seen_at_once_and_after_another_opens_the_mirror_only_once_it_was_flushed(
    mirror: Mirror,
) -> None:
    mirror.put_object("page", {"title": "here"})
    other = Mirror(mirror.folder)
    assert (mirror.object("page"), other.object("page")) == ({"title": "here"}, None)
    mirror.flush()
    assert other.object("page") == {"title": "here"}
    other.close()


def test_more_than_fits_into_memory_is_written_before_the_flush(mirror: Mirror) -> None:
    mirror.put_object("page", {"text": "x" * MOST_WAITING})
    other = Mirror(mirror.folder)
    assert other.object("page") is not None
    other.close()


def test_what_could_not_be_written_is_written_with_the_next_flush(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise diskcache.Timeout

    mirror.put_object("page", {"number": 1})
    with monkeypatch.context() as patch:
        patch.setattr(diskcache.Cache, "set", refuse)
        with pytest.raises(SinkError, match="locked, or its disk is full"):
            mirror.flush()
    mirror.put_object("page", {"number": 2})
    mirror.flush()
    assert mirror.object("page") == {"number": 2}


def test_an_empty_list_of_comments_forgets_those_of_before(mirror: Mirror) -> None:
    for said in (["hello"], []):
        with mirror.document() as draft:
            draft.put_comments(Comments("page", 0, {"results": [{"id": each} for each in said]}))
    assert list(mirror.comments("page")) == []


def test_large_listings_lie_in_the_database_which_is_synced_and_not_in_files_which_are_not(mirror: Mirror) -> None:
    mirror.put_object("page", {"text": "x" * 500_000})
    assert [path.name for path in mirror.folder.rglob("*.val")] == []


def test_a_flush_syncs_the_log_of_the_listings_and_the_folders_of_new_blobs(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
    with mirror.receive() as receiver:
        receiver.file.write(b"hello")
        digest, _ = receiver.keep()
    synced.clear()
    mirror.flush()
    assert str(mirror.folder / "listings" / "cache.db-wal") in synced
    assert {str(mirror.folder), str(mirror.blob(digest).parent)} <= set(synced)
    synced.clear()
    mirror.flush()
    assert len(synced) == 1


def test_a_thread_that_ends_leaves_no_connection_open(tmp_path: Path) -> None:
    """Python 3.13 warns of one that is only forgotten, and warnings are errors."""
    mirror = Mirror(tmp_path)
    mirror.put_object("a", {"id": "a"})
    mirror.flush()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(mirror.object("a")))
    thread.start()
    thread.join()
    gc.collect()
    assert found == [{"id": "a"}]
    mirror.close()
