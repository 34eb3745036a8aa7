"""What a sink leaves at its place, seen from outside, compared with files kept beside its tests."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.testing.examine import Looks, NotApplicable
from notion_sync_core.testing.sink_bench import PAPER, SinkBench, sha256

check = PAPER.check
_SHOWN = 1 << 14
"""Bytes up to which a content is kept, and not only its digest."""
_FILES = (
    ("Page.md", "text/markdown", b"# Page\n"),
    ("Page/Inside.html", "text/html", b"<p>Inside</p>\n"),
    ("Page/Rows.csv", "text/csv", b"Name\r\nOne\r\n"),
    ("Gr\u00f6\u00dfe/\u65e5\u672c #1 & more.md", "text/markdown", b"by another name\n"),
    ("assets/ab/abcd.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("assets/cd/cdef.bin", "application/octet-stream", bytes(range(256))),
    ("assets/ef/empty.txt", "text/plain", b""),
    ("assets/ef/large.bin", "application/octet-stream", b"large" * (9 << 18)),
    (".notion-sync/manifest.jsonl", "application/jsonl", b'{"schema": 1}\n'),
)
"""Larger than what is sent in one piece is one of them."""


@check()
def what_it_leaves_is_as_it_was_kept(bench: SinkBench) -> None:
    """Whoever gives the exam golden files, and says how the place looks from outside, has everything compared that lies
    there while a run writes, and after it: names, contents, and what is said of them, such as media types; and what it
    calls its place. No other check knows what is right in a store: a header that is lost, a lock where older versions
    do not look for it.
    """
    if bench.golden is None or bench.looks is None:
        raise NotApplicable("no golden files are given: check_sink(…, golden=FOLDER, looks=…)")
    sink = bench.sink()
    made: dict[str, bytes] = {}
    notes = {"(sink)": sink.location.replace(str(bench.folder), "FOLDER")}
    for moment in _moments(sink):
        for name, note, content in _seen(bench.looks, bench):
            made[f"{moment}/{name}"] = content
            notes[f"{moment}/{name}"] = note
    if said := bench.golden.compare(made, notes):
        raise NotApplicable(said)


def _moments(sink: Sink) -> Iterator[str]:
    """A run, and the words for each moment of it at which somebody may look."""
    sink.open("first")
    for path, media_type, content in _FILES:
        sink.commit(sink.stage(Artifact(path, [content], media_type)))
    sink.flush()
    yield "while it writes"
    sink.commit(sink.stage(Artifact("Page.md", [b"# Another\n"], "text/plain")))
    sink.delete("Page/Rows.csv")
    sink.discard(sink.stage(Artifact("dropped.md", [b"x"], "text/markdown")))
    sink.flush()
    sink.close()
    yield "after it"


def _seen(looks: Looks, bench: SinkBench) -> Iterator[tuple[str, str, bytes]]:
    for name, note, content in looks(bench.folder):
        yield name, note, content if len(content) <= _SHOWN else f"{len(content)} {sha256(content)}\n".encode()
