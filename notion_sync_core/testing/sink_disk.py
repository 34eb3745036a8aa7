"""Checks of sinks that keep files in a folder: links, permissions, and paths that are spelt oddly."""

from __future__ import annotations

import contextlib
import shutil
import stat as stat_module
import tempfile
from pathlib import Path
from unittest import mock

from notion_sync_core.testing.examine import NotApplicable
from notion_sync_core.testing.sink_bench import LARGE, PAPER, REFUSALS, SinkBench, put, put_all, read, stage, stat

check = PAPER.check


@check()
def a_link_is_never_followed(bench: SinkBench) -> None:
    """A symbolic link in a file's place, or where a folder above it belongs, leads nowhere: nothing is told, read,
    listed, written or deleted through it. Whoever can put one among the files would otherwise have a run publish or
    overwrite any file of its user.
    """
    marker = b"somebody's own file, behind a link"
    with tempfile.TemporaryDirectory() as elsewhere, bench.opened() as sink:
        theirs = Path(elsewhere) / "theirs.md"
        theirs.write_bytes(marker)
        put_all(sink, "linked.md", "linked/inside.md")
        root = _root_of(bench)
        (root / "linked.md").unlink()
        (root / "linked.md").symlink_to(theirs)
        shutil.rmtree(root / "linked")
        (root / "linked").symlink_to(elsewhere)
        for path in ("linked.md", "linked/theirs.md"):
            with contextlib.suppress(*REFUSALS):
                found = stat(sink, path)
                assert found is None or found.obstacle, f"stat tells of what {path} leads to"
            with contextlib.suppress(*REFUSALS, FileNotFoundError):
                said = read(sink, path)
                assert marker not in said, f"{path} is read through a link"
                assert said, f"the link {path} reads as an empty file, and not as words that say what it is"
        listed = set(sink.list() if sink.lists else ())
        assert "linked/theirs.md" not in listed, "what a link leads to is listed"
        for path in ("linked.md", "linked/theirs.md", "linked/new.md"):
            with contextlib.suppress(*REFUSALS):
                put(sink, path, b"ours")
                sink.flush()
            with contextlib.suppress(*REFUSALS):
                sink.delete(path)
                sink.flush()
        assert [*Path(elsewhere).iterdir()] == [theirs], "a file was written or deleted through a link"
        assert theirs.read_bytes() == marker, "somebody's file was overwritten through a link"


def _root_of(bench: SinkBench) -> Path:
    """The folder where the sink keeps its files, each under its own name.

    :raises NotApplicable: it keeps them otherwise.
    """
    inside = Path("linked", "inside.md")
    for found in bench.files_with(inside.as_posix().encode()):
        if found.parts[-2:] == inside.parts:
            return found.parent.parent
    raise NotApplicable("its files are no files of a folder that the exam can look into")


@check()
def others_may_read_what_is_written(bench: SinkBench) -> None:
    """A file has the permissions that any new file of this user has: a web server, a backup and the people of a group
    read it, and nobody runs it. Temporary files are often made for their owner alone, and stay so when renamed.
    """
    with bench.opened() as sink:
        put_all(sink, "linked/inside.md")
        found, usual = _root_of(bench) / "linked" / "inside.md", bench.folder / "usual"
        usual.write_bytes(b"")
        mode, wanted = (stat_module.S_IMODE(each.stat().st_mode) for each in (found, usual))
        assert mode == wanted, f"a file has the permissions {mode:o}, any other new file has {wanted:o}"


@check()
def no_temporary_file_is_left(bench: SinkBench) -> None:
    """What a sink puts into the system's folder for temporary files is gone after closing, what was staged and never
    shown included: a machine that runs jobs for months has no room left one day.
    """
    temporary = bench.folder / "temporary"
    temporary.mkdir()
    with mock.patch.object(tempfile, "tempdir", str(temporary)):
        with bench.opened() as sink:
            put(sink, "page.md", b"x" * LARGE)
            sink.flush()
            read(sink, "page.md")
            sink.discard(stage(sink, "dropped.md"))
            stage(sink, "cut short.md")
        left = [path.name for path in temporary.rglob("*") if path.is_file()]
    assert not left, f"{len(left)} temporary files are left, such as {left[0]}"


@check()
def a_path_has_one_spelling(bench: SinkBench) -> None:
    """``./page.md`` and ``a//page.md`` are no second names of ``page.md`` and ``a/page.md``: they are refused, or lead
    to nothing. A damaged manifest could otherwise have a run delete what it has just written.
    """
    with bench.opened() as sink:
        put_all(sink, "page.md", "a/page.md")
        for path in ("./page.md", "a/./page.md", "a//page.md", "a/page.md/", "a/../page.md"):
            with contextlib.suppress(*REFUSALS):
                found = stat(sink, path)
                assert found is None or found.obstacle, f"{path} is a second name of a file"
            with contextlib.suppress(*REFUSALS):
                sink.delete(path)
                sink.flush()
        for path in ("page.md", "a/page.md"):
            assert read(sink, path) == path.encode(), f"{path} was deleted by a second name"
