"""What was erased is in no version, row, file or mirror afterwards; what still exists keeps its present version."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Bench, tree
from history.as_it_was import as_of, files
from notion_sync_core.errors import StateError
from notion_sync_core.history import blobs, erasing
from notion_sync_core.history.blobs import SMALL
from notion_sync_core.history.compression import zstd
from notion_sync_core.history.keeping import History
from notion_sync_demo.build import bare, block, page_mention

CANARY = "xq7canary"
MAGIC = b"\x28\xb5\x2f\xfd"
"""What a compressed version begins with (RFC 8878, 3.1.1), in files and in pages of a database."""
GIVEN = {"export.comments": True, "export.max_delete": 1.0, "export.renderers": ["markdown", "html", "json"]}


@contextmanager
def history(bench: Bench) -> Iterator[History]:
    job = bench.job(**GIVEN)
    state, mirror = job.open_state(), job.open_mirror()
    found = History(job.history_folder(), state, mirror)
    try:
        yield found
    finally:
        found.close()
        mirror.close()
        state.close()


def traces(bench: Bench, word: str) -> list[str]:
    """Files of the state folder that hold a word, compressed or not, in whatever page of a database."""
    found = []
    for path in sorted((bench.folder / "state").rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            whole = b"".join(map(unfolded, re.split(b"(?=%s)" % re.escape(MAGIC), raw)))
            if word.encode() in whole.lower():
                found.append(path.relative_to(bench.folder).as_posix())
    return found


def unfolded(raw: bytes) -> bytes:
    """Bytes, and what is compressed at their beginning, as far as that can be read."""
    with contextlib.suppress(zstd.ZstdError):
        return raw + zstd.ZstdDecompressor().decompress(raw)
    return raw


def secret_page(bench: Bench) -> tuple[str, str]:
    """A page that says a word in title, body, comment, file, row and path; and one that shows it."""
    space = bench.space
    parent = space.add_page(None, "Parent", [block("paragraph", "Before")])
    page = space.add_page(
        parent,
        f"Title {CANARY}",
        [block("toggle", f"Body {CANARY}", [block("paragraph", f"Inside {CANARY}")])],
    )
    space.append_block(
        page, block("image", **space.add_file("a.svg", f"<svg><!--{CANARY}--></svg>".encode(), "image/svg+xml"))
    )
    space.add_page(page, "Child")
    space.append_block(parent, block("paragraph", ["See ", page_mention(page, f"Title {CANARY}")]))
    space.add_comment(page, f"Comment {CANARY}")
    return page, parent


@pytest.mark.parametrize("small", [0, SMALL], ids=["files", "beside the rows"])
def test_nothing_of_what_is_gone_stays_anywhere(bench: Bench, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(blobs, "SMALL", small)
    page, parent = secret_page(bench)
    bench.good(**GIVEN)
    bench.space.append_block(page, block("paragraph", f"More {CANARY}"))
    bench.good(**GIVEN)
    assert len(traces(bench, CANARY)) >= 4, "history, state, files and listings of the mirror"
    bench.space.trash(page)
    mention = bench.space.children(parent)[-1]
    bench.space.delete_block(mention["id"])
    bench.good(**GIVEN)
    assert traces(bench, CANARY)
    before = as_of(bench, "3", "before", **GIVEN)
    with history(bench) as found:
        done = erasing.erase(found, page)
    assert (done.versions, done.is_there, done.paths) == (2, False, [])
    assert done.files >= 1
    assert done.rewritten >= 1
    assert traces(bench, CANARY) == []
    assert as_of(bench, "3", "after", **GIVEN) == before
    old = as_of(bench, "1", "old", **GIVEN)
    assert not [path for path, content in old.items() if CANARY.encode() in content.lower() or CANARY in path.lower()]
    assert "Parent.md" in {path.rpartition("/")[2] for path in old}
    now = files(bench.out)
    bench.good(**GIVEN)
    assert files(bench.out) == now
    assert traces(bench, CANARY) == []


def test_what_others_show_of_it_by_synced_copies_is_theirs_and_stays(bench: Bench) -> None:
    space = bench.space
    page = space.add_page(
        None, "Holder", [bare("synced_block", [block("paragraph", "Shared words")], synced_from=None)]
    )
    original = space.children(page)[0]["id"]
    space.add_page(None, "Shows it", [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    bench.good(**GIVEN)
    space.trash(page)
    bench.good(**GIVEN)
    before = files(bench.out)
    with history(bench) as found:
        erasing.erase(found, page)
    bench.good("render", **GIVEN)
    assert files(bench.out) == before


def test_of_what_still_exists_the_present_version_stays(bench: Bench) -> None:
    page = bench.space.add_page(None, "Still there", [block("paragraph", f"Old {CANARY}")])
    bench.good(**GIVEN)
    bench.space.edit_text(bench.space.children(page)[0]["id"], "New words")
    bench.good(**GIVEN)
    now = files(bench.out)
    with history(bench) as found:
        done = erasing.erase(found, page)
        assert done.is_there
        assert len(found.store.of(page)) == 1
    assert traces(bench, CANARY) == []
    assert as_of(bench, "2", "now", **GIVEN) == now
    bench.good(**GIVEN)
    assert files(bench.out) == now


def test_an_erasing_that_was_cut_short_is_completed_by_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = secret_page(bench)
    bench.good(**GIVEN)
    bench.space.trash(page)
    bench.good(**GIVEN)
    state, kept = bench.folder / "state", bench.folder / "kept"
    with history(bench) as found:
        erasing._sweep(found)
    shutil.copytree(state, kept)
    steps = ("mirror.forget", "store.take_out", "blobs.remove", "store.shrink")
    for step in steps:
        shutil.rmtree(state)
        shutil.copytree(kept, state)
        with history(bench) as found, monkeypatch.context() as patch:
            part, name = step.split(".")

            def broken(*_: object) -> None:
                raise KeyboardInterrupt

            patch.setattr(type(getattr(found, part)), name, broken)
            with pytest.raises(KeyboardInterrupt):
                erasing.erase(found, page)
        with history(bench) as found:
            try:
                erasing.erase(found, page)
            except StateError:
                assert step in ("blobs.remove", "store.shrink"), step
        assert traces(bench, CANARY) == [], step


def test_what_nobody_knows_cannot_be_erased(bench: Bench) -> None:
    bench.good()
    before = tree(bench.folder / "state")
    with history(bench) as found, pytest.raises(StateError, match="nothing is kept"):
        erasing.erase(found, "0" * 32)
    after = tree(bench.folder / "state")
    assert {path for path in before if not path.endswith(("-wal", "-shm"))} <= set(after)
    assert isinstance(bench.out, Path)
