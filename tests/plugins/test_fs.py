"""The folder sink keeps the contract, stays inside its root and explains the disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import attrs
import pytest

from folding import Folding
from notion_sync_core.errors import LockedError, SinkError
from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.testing.contracts import check_sink
from notion_sync_fs import FileSystemSink


def test_the_folder_sink_keeps_the_contract_of_sinks(tmp_path: Path) -> None:
    check_sink(lambda: FileSystemSink(path=str(tmp_path / "out")))


@pytest.mark.parametrize("respells", [True, False])
def test_on_a_disk_that_folds_names_it_keeps_the_contract_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, respells: bool
) -> None:
    Folding(tmp_path / "out", monkeypatch, respells=respells)
    check_sink(lambda: FileSystemSink(path=str(tmp_path / "out"), fsync=False))


@pytest.fixture
def sink(tmp_path: Path) -> Sink:
    hooks = Sink.of(FileSystemSink(path=str(tmp_path / "out"), fsync=False), "fs")
    hooks.open("run")
    yield hooks
    hooks.close()


def put(sink: Sink, path: str, content: bytes = b"x") -> None:
    staged = sink.stage(Artifact(path, [content], "text/plain"))
    sink.commit(staged)


@pytest.mark.parametrize("path", ["../out.md", "/etc/out.md", "a/../../b.md", "", ".", "a\0b"])
def test_no_path_leaves_the_root(sink: Sink, tmp_path: Path, path: str) -> None:
    before = {each for each in tmp_path.rglob("*") if "staging" not in str(each)}
    with pytest.raises(ValueError, match="inside the sink"):
        put(sink, path)
    assert {each for each in tmp_path.rglob("*") if "staging" not in str(each)} == before


def test_a_symbolic_link_is_neither_followed_nor_written_through(sink: Sink, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "page.md").write_text("theirs")
    (tmp_path / "out" / "linked").symlink_to(outside)
    with pytest.raises(SinkError):
        put(sink, "linked/page.md")
    (tmp_path / "out" / "page.md").symlink_to(outside / "page.md")
    put(sink, "page.md", b"ours")
    assert (outside / "page.md").read_text() == "theirs"
    assert (tmp_path / "out" / "page.md").read_bytes() == b"ours"


def test_a_file_where_a_folder_should_be_is_explained(sink: Sink, tmp_path: Path) -> None:
    (tmp_path / "out" / "Tasks").write_text("a file")
    with pytest.raises(SinkError, match="not a folder"):
        put(sink, "Tasks/Fix.md")


@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.ENOSPC, "space"), (errno.EROFS, "permissions"), (errno.EMFILE, "ulimit"), (errno.EIO, "disk")],
)
def test_what_the_disk_says_comes_with_a_remedy(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(SinkError) as raised:
        put(sink, "page.md")
    assert word in raised.value.remedy


def test_a_second_run_into_the_same_folder_is_refused(sink: Sink, tmp_path: Path) -> None:
    other = Sink.of(FileSystemSink(path=str(tmp_path / "out")), "fs")
    with pytest.raises(LockedError):
        other.open("other")


def test_opening_clears_what_a_dead_run_left_and_deleting_removes_empty_folders(sink: Sink, tmp_path: Path) -> None:
    sink.stage(Artifact("never.md", [b"x"], "text/plain"))
    sink.close()
    sink.open("next")
    assert list((tmp_path / "out" / ".notion-sync" / "staging").iterdir()) == []
    put(sink, "a/b/c.md")
    sink.delete("a/b/c.md")
    assert not (tmp_path / "out" / "a").exists()


def test_a_commit_that_was_tampered_with_stays_inside_too(sink: Sink, tmp_path: Path) -> None:
    staged = sink.stage(Artifact("page.md", [b"x"], "text/plain"))
    with pytest.raises(SinkError, match="would leave"):
        sink.commit(attrs.evolve(staged, path="../page.md"))
    assert not (tmp_path / "page.md").exists()


def test_two_hard_links_are_two_files_whatever_their_numbers(sink: Sink, tmp_path: Path) -> None:
    put(sink, "Page.md")
    (tmp_path / "out" / "page.md").hardlink_to(tmp_path / "out" / "Page.md")
    assert not sink.same("Page.md", "page.md")


def test_paths_of_different_depth_are_never_one_file(sink: Sink) -> None:
    put(sink, "a/b.md")
    put(sink, "a\uff0fb.md")
    assert not sink.same("a/b.md", "a\uff0fb.md")


def test_a_stat_names_what_is_in_the_way(sink: Sink, tmp_path: Path) -> None:
    (tmp_path / "out" / "a").write_text("a file")
    (tmp_path / "out" / "b").mkdir()
    os.mkfifo(tmp_path / "out" / "b" / "pipe")
    found = [sink.stat(path) for path in ("a/deep/page.md", "b/pipe", "b", "a", "b/none")]
    assert [stat and stat.obstacle for stat in found] == ["a", "b/pipe", "b", "", None]


@pytest.mark.parametrize("bad", range(5))
def test_no_refusal_to_make_files_durable_is_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: int
) -> None:
    """Two files, the two folders that they stand in, and the staging area."""
    sink = Sink.of(FileSystemSink(path=str(tmp_path / "out")), "fs")
    sink.open("run")
    fsync, count = os.fsync, 0

    def refuse(handle: int) -> None:
        nonlocal count
        count += 1
        if count == bad + 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    put(sink, "a.md")
    put(sink, "b/c.md")
    with pytest.raises(SinkError, match="Input/output error"):
        sink.flush()
    assert count > bad
    sink.close()


def test_bytes_that_the_disk_once_lost_stay_lost_until_the_sink_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux tells of a lost page once: a second fsync of the same file succeeds, and its bytes are gone."""

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    sink = Sink.of(FileSystemSink(path=str(tmp_path / "out")), "fs")
    sink.open("run")
    put(sink, "a.md")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(SinkError):
            sink.flush()
    with pytest.raises(SinkError):
        sink.flush()
    sink.close()
    sink.open("next")
    put(sink, "a.md")
    sink.flush()
    sink.close()
