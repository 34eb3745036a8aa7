"""The folder sink keeps the contract, stays inside its root and explains the disk."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from folding import Folding
from kit import looks
from notion_sync_core.errors import ConfigError, LockedError, SinkError
from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.testing import check_sink
from notion_sync_fs import FileSystemSink

FEATURES = {"attach", "look", "list", "same", "respell", "obstacle", "url"}

test_the_folder_sink_passes_the_exam = check_sink(
    lambda folder: FileSystemSink(path=str(folder / "out")),
    features=FEATURES,
    golden="../kit/golden/fs",
    looks=lambda folder: looks.folder(folder / "out"),
)


@pytest.fixture(params=[True, False], ids=["respells", "keeps the old spelling"])
def folded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder one that takes names for one."""
    known: set[Path] = set()

    def fold(root: Path) -> None:
        if root not in known:
            known.add(root)
            Folding(root, monkeypatch, respells=request.param)

    return fold


def on_a_disk_that_folds(folder: Path, folded: Callable[[Path], None]) -> FileSystemSink:
    folded(folder / "out")
    return FileSystemSink(path=str(folder / "out"), fsync=False)


test_on_a_disk_that_folds_names_it_passes_too = check_sink(on_a_disk_that_folds, features=FEATURES)


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


# -- odd disks


@pytest.fixture
def durable(tmp_path: Path) -> Sink:
    made = Sink.of(FileSystemSink(path=str(tmp_path / "out")), "fs")
    yield made
    made.close()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_disk_that_syncs_no_folders_is_told_once_and_written(
    durable: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    fsync = os.fsync

    def refuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    durable.open("run")
    put(durable, "a.md")
    durable.flush()
    put(durable, "b/c.md")
    durable.flush()
    assert (tmp_path / "out" / "b" / "c.md").read_bytes() == b"x"
    assert len(said(caplog)) == 1
    assert "plugins.fs.fsync = false" in said(caplog)[0]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_disk_that_knows_no_locks_is_told_and_written(
    durable: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    durable.open("run")
    put(durable, "a.md")
    assert ["cannot be locked" in line for line in said(caplog)] == [True]


def test_a_lock_that_the_disk_breaks_on_is_an_error(durable: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(SinkError, match="cannot be locked"):
        durable.open("run")


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing is renamed out of the staging folder: all other folders are on other disks."""
    rename = os.rename

    def refuse(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        if os.fstat(src_dir_fd).st_ino != os.fstat(dst_dir_fd).st_ino:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "rename", refuse)
    return lambda: monkeypatch.setattr(os, "rename", rename)


test_over_several_disks_it_passes_too = pytest.mark.usefixtures("mounted")(
    check_sink(lambda folder: FileSystemSink(path=str(folder / "out"), fsync=False), features=FEATURES)
)


@pytest.mark.usefixtures("mounted")
def test_a_file_for_another_disk_takes_the_place_of_an_older_one_and_leaves_nothing(
    durable: Sink, tmp_path: Path
) -> None:
    durable.open("run")
    put(durable, "assets/a.png", b"old")
    put(durable, "assets/a.png", b"new")
    durable.flush()
    assert [each.name for each in (tmp_path / "out" / "assets").iterdir()] == ["a.png"]
    assert (tmp_path / "out" / "assets" / "a.png").read_bytes() == b"new"
    found = durable.stat("assets/a.png")
    staged = durable.stage(Artifact("assets/a.png", [b"newer"], "image/png"))
    assert durable.commit(staged) == durable.stat("assets/a.png") != found


@pytest.mark.usefixtures("mounted")
def test_what_a_dead_run_copied_beside_its_place_is_not_shown_and_cleared(
    durable: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.open("run")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "rename", lambda *a, **k: die() if ".notion-sync" in a[0] else exdev())
        patch.setattr(os, "unlink", die)
        put(durable, "assets/a.png")
    left = [each.name for each in (tmp_path / "out" / "assets").iterdir()]
    assert len(left) == 1
    assert list(durable.list()) == []
    durable.close()
    durable.open("next")
    assert list((tmp_path / "out" / "assets").iterdir()) == []
    assert list((tmp_path / "out" / ".notion-sync" / "staging").iterdir()) == []


def test_a_list_that_somebody_else_wrote_leads_nowhere(durable: Sink, tmp_path: Path) -> None:
    durable.open("run")
    durable.close()
    staging, theirs = tmp_path / "out" / ".notion-sync" / "staging", tmp_path / ".notion-sync-staged-theirs"
    theirs.write_text("theirs")
    (staging / "x.beside").write_bytes(b"..\0/\0a/../..\0nowhere\0cut off")
    os.mkfifo(staging / "y.beside")
    (staging / "z.beside").mkdir()
    durable.open("next")
    assert theirs.read_text() == "theirs"


def exdev() -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def test_a_full_second_disk_is_told_and_keeps_the_old_file(
    durable: Sink, tmp_path: Path, mounted: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.open("run")
    put(durable, "assets/a.png", b"old")
    staged = durable.stage(Artifact("assets/a.png", [b"new"], "image/png"))
    opened = os.open

    def refuse(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if str(path).startswith(".notion-sync-staged-"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, flags, *rest, **more)

    with monkeypatch.context() as patch, pytest.raises(SinkError, match=r"a\.png cannot be written: No space"):
        patch.setattr(os, "open", refuse)
        durable.commit(staged)
    assert (tmp_path / "out" / "assets" / "a.png").read_bytes() == b"old"


def test_a_folder_that_may_not_be_looked_into_is_listed_by_its_name(
    sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sink, "a.md")
    (tmp_path / "out" / "lost+found").mkdir()
    opened = os.open

    def refuse(path: Any, *rest: Any, **more: Any) -> int:
        if path == "lost+found":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    assert sorted(sink.list()) == ["a.md", "lost+found"]


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1"])
def test_names_are_not_spelt_in_the_encoding_of_a_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: encoding)
    other = Sink.of(FileSystemSink(path=str(tmp_path / "out")), "fs")
    for begin in (lambda: other.open("run"), other.look):
        with pytest.raises(SinkError, match=encoding) as raised:
            begin()
        assert "PYTHONUTF8=1" in raised.value.remedy


def test_a_folder_below_a_home_that_is_not_there_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="home folder"):
        FileSystemSink(path="~nobody-of-that-name/out")
