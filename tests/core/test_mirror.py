"""The mirror: a document's listings change together, and are on the disk before the state counts on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from notion_sync_core.model import Comments, Listing
from notion_sync_core.store.mirror import LARGE, Mirror


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
        draft.put_listing(listing("page", "x" * LARGE))
        assert draft.waiting == []
        assert ids(mirror, "page") == ["x" * LARGE]


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
