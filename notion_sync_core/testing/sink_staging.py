"""Checks of sinks: how one file is staged, committed and told."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs

from notion_sync_core.errors import SinkError
from notion_sync_core.testing.examine import refused, same
from notion_sync_core.testing.sink_bench import (
    AWKWARD,
    LARGE,
    OUTSIDE,
    PAPER,
    REFUSALS,
    SinkBench,
    is_missing,
    put,
    put_all,
    read,
    sha256,
    stage,
    stat,
)

check = PAPER.check


@check()
def staging_shows_nothing(bench: SinkBench) -> None:
    """What is staged is not there yet. A run stages hundreds of files before it commits one; if it dies in between,
    readers must not meet what it had prepared.
    """
    with bench.opened() as sink:
        stage(sink, "new.md", [b"new"])
        is_missing(sink, "new.md")


@check()
def staging_replaces_nothing(bench: SinkBench) -> None:
    """Until the commit the old file stays whole under its name, with its stamp: it may be the last good copy."""
    with bench.opened() as sink:
        put_all(sink, "page.md")
        before = stat(sink, "page.md")
        stage(sink, "page.md", [b"other"])
        assert read(sink, "page.md") == b"page.md", "staging changed a file that is there"
        assert stat(sink, "page.md") == before, "staging changed the stamp of a file that is there"


@check()
def a_staged_file_knows_its_hash_and_size(bench: SinkBench) -> None:
    """``Staged`` names the path, the sha256 and the size of the bytes that were given. State and manifest take them
    from there; with others every file would look like somebody's edit.
    """
    with bench.opened() as sink:
        for content in (b"in pieces", b"", bytes(range(256)) * 300):
            staged = stage(sink, "folder/page.md", [content[:2], content[2:]])
            assert staged.sha256 == sha256(content), "a staged file has another hash than its bytes"
            assert staged.size == len(content), f"a staged file of {len(content)} bytes says {staged.size}"
            assert staged.path == "folder/page.md", f"it was staged for folder/page.md, and says {staged.path}"
            sink.discard(staged)


@check()
def committing_shows_the_whole_file(bench: SinkBench) -> None:
    """After the commit exactly the given bytes stand under the name, however they were cut into chunks, and ``stat``
    knows their number.
    """
    with bench.opened() as sink:
        sink.commit(stage(sink, "folder/page.md", [b"one, ", b"", b"two, ", b"three"]))
        assert read(sink, "folder/page.md") == b"one, two, three", "other bytes come back than were committed"
        found = stat(sink, "folder/page.md")
        assert found is not None, "a committed file is not there"
        assert found.size == 15, f"stat says {found.size} bytes of a file of 15"


@check()
def committing_replaces_what_was_there(bench: SinkBench) -> None:
    """A second commit of a path leaves the new bytes and nothing of the old ones, longer or shorter."""
    with bench.opened() as sink:
        for content in (b"first and long", b"second", b"third, longer again"):
            put(sink, "page.md", content)
            assert read(sink, "page.md") == content, "what was replaced still shows"
            sink.flush()
            assert read(sink, "page.md") == content, "flushing brings back what was replaced"


@check()
def a_stamp_changes_with_the_file(bench: SinkBench) -> None:
    """Another file under a name has another size or stamp, also where its size is the same. That is how a run sees
    an edit without reading every file; a stamp that stays hides it for ever.
    """
    with bench.opened() as sink:
        seen = []
        for content in (b"aaaa", b"bbbb", b"cccc", b"dddd"):
            put(sink, "page.md", content)
            sink.flush()
            _ticks(bench.folder)
            seen.append(stat(sink, "page.md"))
        assert len(set(seen)) == len(seen), "two different files of one size have the same stamp"


@check()
def a_stamp_stays_with_the_file(bench: SinkBench) -> None:
    """The same file has the same stamp as long as nobody writes it: after a flush, after other files, and in the next
    run, however large it is. A stamp that changes by itself makes every run read and compare everything.
    """
    with bench.opened() as sink:
        put(sink, "large.bin", b"x" * LARGE)
        put_all(sink, "kept.md")
        before = {path: stat(sink, path) for path in ("kept.md", "large.bin")}
        put_all(sink, "other.md", "kept/inside.md")
        assert stat(sink, "kept.md") == before["kept.md"], "writing other files changed a stamp"
    with bench.opened("second") as sink:
        for path, told in before.items():
            assert stat(sink, path) == told, f"the untouched file {path} has another stamp in the next run"


@check()
def commit_and_stat_agree(bench: SinkBench) -> None:
    """What ``sink_commit`` gives, unless it is ``None``, is what ``sink_stat`` says from then on: the state keeps it
    without asking again.
    """
    with bench.opened() as sink:
        for content in (b"one", b"two and more"):
            told = sink.commit(stage(sink, "page.md", [content]))
            assert told in (None, stat(sink, "page.md")), "commit tells another stat than stat"
            sink.flush()
            assert told in (None, stat(sink, "page.md")), "after a flush stat differs from what commit told"


@check()
def discarding_leaves_nothing(bench: SinkBench) -> None:
    """A staged file that was discarded never shows, and can be discarded twice. Runs stage what turns out equal to
    what is there, and let go of it.
    """
    marker = b"discarded by the exam of sinks"
    with bench.opened() as sink:
        put_all(sink, "page.md")
        for path in ("page.md", "never.md"):
            staged = stage(sink, path, [marker])
            sink.discard(staged)
            sink.discard(staged)
        sink.flush()
        is_missing(sink, "never.md")
        assert read(sink, "page.md") == b"page.md", "discarding what was staged took the file that is there"
        assert not bench.files_with(marker), "what was discarded still lies on the disk"


@check()
def any_path_comes_back(bench: SinkBench) -> None:
    """Titles have blanks, quotes, emoji, percent signs and any script, and are up to 143 bytes long: each path is
    another file, and is read by the path it was written with.
    """
    with bench.opened() as sink:
        put_all(sink, *AWKWARD)
        for path in AWKWARD:
            assert stat(sink, path) is not None, f"{path!r} was written and is not there"
            assert read(sink, path) == path.encode(), f"{path!r} comes back as another file"


@check()
def an_empty_file_is_a_file(bench: SinkBench) -> None:
    """A page may be empty: a file of no bytes is there, has the size 0 and reads as nothing."""
    with bench.opened() as sink:
        for chunks in ([], [b""], [b"", b""]):
            sink.commit(stage(sink, "empty.md", chunks))
            sink.flush()
            found = stat(sink, "empty.md")
            assert found is not None, "an empty file is not there"
            assert found.size == 0, f"an empty file has {found.size} bytes"
            assert read(sink, "empty.md") == b"", "an empty file reads as something"


@check()
def a_large_file_comes_back_in_pieces(bench: SinkBench) -> None:
    """Attachments have hundreds of megabytes: they are staged chunk by chunk and read in several pieces, never whole
    in memory.
    """
    piece = bytes(range(256)) * 1024
    with bench.opened() as sink:
        staged = stage(sink, "large.bin", (piece for _ in range(LARGE // len(piece))))
        sink.commit(staged)
        sink.flush()
        chunks = list(sink.read("large.bin"))
        assert same(b"".join(chunks), piece * (LARGE // len(piece))), "a large file comes back changed"
        assert staged.size == LARGE, f"{LARGE} bytes were staged, and it says {staged.size}"
        assert len(chunks) > 1, f"a file of {LARGE >> 20} MiB is read in one piece"


@check()
def nothing_leaves_the_root(bench: SinkBench) -> None:
    """Paths such as ``../x`` or ``/x`` are refused wherever they come in. Titles are cleaned before, but a sink is the
    last one who can keep a run out of somebody's other files.
    """
    with bench.opened() as sink:
        good = stage(sink, "inside.md")
        for path in OUTSIDE[:5]:
            with refused(f"staging {path!r}", *REFUSALS):
                stage(sink, path)
        for path in OUTSIDE:
            with refused(f"committing to {path!r}", *REFUSALS):
                sink.commit(attrs.evolve(good, path=path))
                sink.flush()
        sink.discard(good)
        for path in OUTSIDE[:3]:
            with refused(f"deleting {path!r}", *REFUSALS):
                sink.delete(path)
                sink.flush()
    assert not (bench.folder.parent / "outside.md").exists(), "a file was written outside the root"


@check()
def asking_changes_nothing(bench: SinkBench) -> None:
    """``stat``, ``read`` and the deletion of what is not there make no folder and no file: a run asks for every path
    that it knows, and what it asked for must not litter the place.
    """
    with bench.opened() as sink:
        put_all(sink, "page.md")
        before = sorted(bench.folder.rglob("*"))
        absent = ("never.md", "never/there.md", "never/there/at all.md")
        for path in absent:
            is_missing(sink, path)
        assert sorted(bench.folder.rglob("*")) == before, "asking for what is not there made something"
        for path in absent:
            sink.delete(path)
        sink.flush()
        assert sorted(bench.folder.rglob("*")) == before, "deleting what is not there made something"


@check()
def reading_never_leaves_the_root(bench: SinkBench) -> None:
    """A path that leads out shows nothing of what lies there: a damaged manifest must not make a run take somebody's
    files for its own.
    """
    marker = b"somebody's own file"
    with tempfile.TemporaryDirectory() as elsewhere, bench.opened() as sink:
        planted = Path(elsewhere) / "theirs.md"
        planted.write_bytes(marker)
        (bench.folder / "beside.md").write_bytes(marker)
        for path in (str(planted), os.path.relpath(planted, sink.location), "../beside.md", "a/../../beside.md"):
            with contextlib.suppress(*REFUSALS, FileNotFoundError):
                found = stat(sink, path)
                assert found is None or found.obstacle, f"stat tells of {path!r}"
            with contextlib.suppress(*REFUSALS, FileNotFoundError):
                assert marker not in read(sink, path), f"{path!r} is read"


@check()
def a_token_is_a_handle_of_its_own(bench: SinkBench) -> None:
    """Only what this sink staged can be committed: a token that is a path to something else is refused, and what lies
    there stays.
    """
    with bench.opened() as sink:
        put_all(sink, "mine.md", "a/mine.md")
        good = stage(sink, "inside.md")
        for token in (*(f"{'../' * depth}mine.md" for depth in range(4)), "/etc/hostname", "a/mine.md", ""):
            with refused(f"committing the token {token!r}", *REFUSALS):
                sink.commit(attrs.evolve(good, path="token.md", token=token))
                sink.flush()
        sink.discard(good)
    with bench.opened("second") as sink:
        assert stat(sink, "token.md") is None, "a refused token left a file"
        for path in ("mine.md", "a/mine.md"):
            assert read(sink, path) == path.encode(), "a refused token took a file from its place"


@check()
def an_error_while_staging_comes_through(bench: SinkBench) -> None:
    """Bytes are produced while they are staged, and that can fail. The error reaches the caller, half a file never
    shows, nothing of it stays on the disk, and the sink goes on.
    """
    marker = b"half a file of the exam of sinks"

    def broken() -> Iterator[bytes]:
        yield marker
        raise SinkError("rendering broke off")

    with bench.opened() as sink:
        put_all(sink, "page.md")
        for path in ("broken.md", "page.md"):
            with refused("an error while the bytes are produced", SinkError):
                stage(sink, path, broken())
        is_missing(sink, "broken.md")
        assert read(sink, "page.md") == b"page.md", "a failed staging damaged the file that is there"
        assert not bench.files_with(marker), "what was staged by half still lies on the disk"
        put(sink, "broken.md", b"whole")
        assert read(sink, "broken.md") == b"whole", "after a failed staging the sink does not go on"


def _ticks(folder: Path) -> None:
    """Go on when the clock of the file system has moved: some count in steps of milliseconds."""
    probe = folder / "clock"
    probe.write_bytes(b"")
    began = probe.stat().st_mtime_ns
    for number in itertools.count():
        probe.write_bytes(b"%d" % number)
        if probe.stat().st_mtime_ns != began:
            break
    probe.unlink()
