"""Checks of sinks: files that are read while they are replaced, the order of things, deletions."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

from notion_sync_core.plugins.sink import Sink
from notion_sync_core.testing.examine import same, switching_often
from notion_sync_core.testing.sink_bench import (
    LARGE,
    PAPER,
    SinkBench,
    is_missing,
    put,
    put_all,
    read,
    sha256,
    stage,
    stat,
    version,
)

check = PAPER.check
_PIECE = 1 << 20
_WHOLE = 4 * _PIECE
_TORN = 1 << 17
_VERSIONS, _ROUNDS, _SEEN = 12, 60, 300
"""Versions of one file, how often each is written at most, and how many readings are enough."""


@check()
def threads_stage_at_once(bench: SinkBench) -> None:
    """Several threads stage at the same time, the same path too; each handle leads to its own bytes."""
    paths = [f"threads/{number}.md" for number in range(40)]
    with bench.opened() as sink:
        with ThreadPoolExecutor(4) as pool:
            staged = list(pool.map(lambda path: stage(sink, path, [path.encode()]), paths))
            same = list(pool.map(lambda path: stage(sink, "one.md", [path.encode()]), paths))
        for each, path in zip(staged, paths, strict=True):
            sink.commit(each)
            assert each.sha256 == sha256(path.encode()), "threads mix up the hashes of their files"
        for each, path in zip(same, paths, strict=True):
            sink.commit(each)
            assert read(sink, "one.md") == path.encode(), "threads that stage for one path mix up their bytes"
        sink.flush()
        for path in paths:
            assert read(sink, path) == path.encode(), "threads mix up their files"


@check()
def a_reader_sees_the_old_file_or_the_new_one(bench: SinkBench) -> None:
    """A file is replaced in one step. Whoever reads while it is replaced (a web server, a backup) gets one of the two
    whole, never the head of one with the tail of the other.
    """
    wholes = {version(number, _TORN + number * 8) for number in range(_VERSIONS)}
    torn: list[str] = []
    seen = 0
    began, over = threading.Event(), threading.Event()

    def watch(sink: Sink) -> None:
        nonlocal seen
        while not over.is_set():
            try:
                found = read(sink, "torn.bin")
            except Exception as error:  # whatever it is, the file should be there
                torn.append(f"{type(error).__name__}: {error}")
                return
            finally:
                began.set()
            seen += 1
            if found not in wholes:
                torn.append(f"{len(found)} bytes of no version")

    with bench.opened() as sink, switching_often():
        put(sink, "torn.bin", version(0, _TORN))
        sink.flush()
        watcher = threading.Thread(target=watch, args=(sink,))
        watcher.start()
        began.wait()  # on a busy machine all would be written before anybody looked
        try:
            for round_ in range(_ROUNDS):
                for number in range(_VERSIONS):
                    put(sink, "torn.bin", version(number, _TORN + number * 8))
                if torn or (round_ and seen >= _SEEN):
                    break
        finally:
            over.set()
            watcher.join()
    assert not torn, f"of {seen} readings {len(torn)} saw neither the old file nor the new one, but {torn[0]}"


@check()
def whoever_reads_keeps_what_he_began(bench: SinkBench) -> None:
    """A file that is replaced after somebody read its first piece is read to its end as it was. That tells a file that
    took another's place from one that was overwritten in place, which a power cut leaves half.
    """
    with bench.opened() as sink:
        put(sink, "long.bin", version(1, _WHOLE))
        sink.flush()
        reading = sink.read("long.bin")
        with contextlib.closing(reading):
            head = next(reading)
            put(sink, "long.bin", version(2, _WHOLE))
            sink.flush()
            whole = head + b"".join(reading)
        assert same(whole, version(1, _WHOLE)), "a file changed under the eyes of somebody who was reading it"
        assert same(read(sink, "long.bin"), version(2, _WHOLE)), "the new file is not what was committed"


@check()
def the_last_commit_wins(bench: SinkBench) -> None:
    """Commits, deletions and again commits of one path take effect in the order in which they were made, whatever
    waits for the next flush.
    """
    with bench.opened() as sink:
        for content in (b"one", b"two", b"three"):
            put(sink, "order.md", content)
        sink.flush()
        assert read(sink, "order.md") == b"three", "an earlier commit won"
        sink.delete("order.md")
        put(sink, "order.md", b"four")
        sink.flush()
        assert read(sink, "order.md") == b"four", "a file that was written after it was deleted is gone"
        put(sink, "order.md", b"five")
        sink.delete("order.md")
        sink.flush()
        is_missing(sink, "order.md")


@check()
def a_deletion_is_known_at_once(bench: SinkBench) -> None:
    """``sink_stat`` and ``sink_read`` know of a commit, however large the file is, and of a deletion before the next
    flush: the run goes on from what they say.
    """
    with bench.opened() as sink:
        put_all(sink, "gone.md")
        sink.delete("gone.md")
        is_missing(sink, "gone.md")
        for path in ("large.bin", "gone.bin"):
            put(sink, path, b"x" * LARGE)
        told = stat(sink, "large.bin")
        assert told is not None, "a large file was committed, and is not there"
        assert told.size == LARGE, f"a file of {LARGE} bytes was committed, and {told.size} are told"
        sink.delete("gone.bin")
        is_missing(sink, "gone.bin")
        sink.flush()
        is_missing(sink, "gone.md")
    with bench.opened("second") as sink:
        is_missing(sink, "gone.bin")
        assert sink.stat("large.bin") is not None, "a large file that was committed is gone"


@check()
def deleting_nothing_is_fine(bench: SinkBench) -> None:
    """A deletion that was done before, and one of what never was, change nothing: after a crash deletions are
    repeated.
    """
    with bench.opened() as sink:
        put_all(sink, "a/kept.md", "twice.md")
        for path in ("twice.md", "twice.md", "never/there.md", "a", "a/kept.md/below.md"):
            sink.delete(path)
        sink.flush()
        assert read(sink, "a/kept.md") == b"a/kept.md", "deleting something else took a file"


@check()
def neighbours_outlive_a_deletion(bench: SinkBench) -> None:
    """Only the named file goes: those beside it, those whose names begin alike and the folder of its name stay."""
    kept = ("gone/deep/b.md", "gone/deep/a.md.txt", "gone.md", "gone/deep.md")
    with bench.opened() as sink:
        put_all(sink, "gone/deep/a.md", *kept)
        sink.delete("gone/deep/a.md")
        sink.flush()
        is_missing(sink, "gone/deep/a.md")
        for path in kept:
            assert read(sink, path) == path.encode(), f"{path} went with its neighbour"


@check()
def folders_go_with_their_last_file(bench: SinkBench) -> None:
    """A folder without files stands in nobody's way: its name can be that of a file at once, and after a deletion a
    folder can stand where a file was.
    """
    with bench.opened() as sink:
        put_all(sink, "folder/deep/only.md")
        sink.delete("folder/deep/only.md")
        sink.flush()
        put_all(sink, "folder")
        assert read(sink, "folder") == b"folder", "an empty folder stands in the way of a file"
        sink.delete("folder")
        sink.flush()
        put_all(sink, "folder/again.md")
        assert read(sink, "folder/again.md") == b"folder/again.md", "a deleted file stands in the way of a folder"


@check()
def it_does_what_a_plain_dictionary_does(bench: SinkBench) -> None:
    """Two hundred commits, discards, deletions and flushes, in an order that nobody would write down, leave what they
    leave in a dictionary; also after the sink was closed and opened in between.
    """
    random, model = Random(2026), dict[str, bytes]()
    paths = [f"{folder}page {number}.md" for folder in ("", "a/", "a/b/") for number in range(4)]
    for run in range(4):
        with bench.opened(f"run{run}") as sink:
            for number in range(50):
                path, content = random.choice(paths), b"%d.%d" % (run, number)
                action = random.choice(("commit", "commit", "commit", "discard", "delete", "flush"))
                if action == "delete":
                    sink.delete(path)
                    model.pop(path, None)
                elif action == "flush":
                    sink.flush()
                else:
                    staged = stage(sink, path, [content])
                    if action == "discard":
                        sink.discard(staged)
                    else:
                        sink.commit(staged)
                        model[path] = content
            sink.flush()
            found = {path: read(sink, path) for path in paths if stat(sink, path) is not None}
        assert found == model, f"after run {run} it holds {sorted(found)}, expected {sorted(model)}"
