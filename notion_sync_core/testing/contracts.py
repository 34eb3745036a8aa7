"""What every plugin of a kind must do, as functions that a test calls."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs

from notion_sync_core.errors import LockedError, SinkError
from notion_sync_core.model import Artifact, Staged, Stat
from notion_sync_core.plugins.sink import Sink

AWKWARD = (
    "Größe/Straße é.md",
    "日本語/ページ.md",
    "🚲/🛠.md",
    "a b  c.md",
    "100% & more + 50?.md",
    "quotes \"double\" 'single'.md",
    "#hash;semi=colon,comma.md",
    "<angle> [square] {curly}.md",
    "~tilde^caret`grave|pipe.md",
    "..dots...md",
    ".hidden",
    "no suffix",
    f"{'long' * 35}/{'x' * 140}.md",
)
"""Paths that pages can have; each must come back as it was."""
OUTSIDE = ("../outside.md", "/outside.md", "a/../../outside.md", "..", "")
"""Paths that lead out of a sink's root, or are none."""
LARGE = 20 << 20
"""Bytes of the largest file: more than anybody sends in one piece without thinking."""


def check_sink(make: Callable[[], Any]) -> None:
    """The contract of sinks, on real storage.

    :param make: builds the sink; each time for the same, at first empty, place.
    :raises AssertionError: the sink breaks it; the message says where.
    """
    sink = make()
    assert isinstance(sink.location, str), "a sink has a location"
    assert sink.location, "a location says something"
    assert make().location == sink.location, "the same place has the same location"
    for check in (
        _writes_and_replaces,
        _takes_any_path_and_size,
        _stays_inside,
        _fails_while_staging,
        _stages_from_threads,
        _stages_in_a_second_instance,
        _keeps_order_before_a_flush,
        _deletes,
        _tells_spellings_apart,
        _keeps_others_out,
        _lists,
    ):
        with _opened(make) as hooks:
            check(hooks, make)
    _remembers(make)
    _looks_without_a_lock(make)
    _closes_whatever_happened(make)


@contextlib.contextmanager
def _opened(make: Callable[[], Any], run_id: str = "first") -> Iterator[Sink]:
    hooks = Sink.of(make(), "sink under test")
    hooks.open(run_id)
    try:
        yield hooks
    finally:
        hooks.close()


def _lists(hooks: Sink, _make: Callable[[], Any]) -> None:
    if not hooks.lists:
        return
    _put(hooks, "listed/ä b.md", b"listed")
    hooks.flush()
    paths = list(hooks.list())
    assert "listed/ä b.md" in paths, "what was committed is listed by its path"
    assert len(paths) == len(set(paths)), "each path is listed once"
    assert not [path for path in paths if "lock" in path.split("/")], "the sink's own lock is not listed"
    for path in paths:
        assert hooks.stat(path), f"{path} is listed, so it is there"


def _looks_without_a_lock(make: Callable[[], Any]) -> None:
    with _opened(make) as hooks:
        if not hooks.looks:
            return
        _put(hooks, "looked/at.md", b"seen")
        hooks.flush()
        other = Sink.of(make(), "sink under test")
        other.look()
        try:
            assert _read(other, "looked/at.md") == b"seen", "a look sees what is there, whoever holds the lock"
            assert other.stat("looked/at.md"), "a look can ask for a file"
        finally:
            other.close()


# -- what is checked


def _writes_and_replaces(hooks: Sink, _make: Callable[[], Any]) -> None:
    path = "folder/page.md"
    before: Stat | None = None
    for content in (b"first", b"second", b"third"):
        staged = _stage(hooks, path, [content[:2], content[2:]])
        assert staged.sha256 == hashlib.sha256(content).hexdigest(), "a staged file knows its hash"
        assert staged.size == len(content), "a staged file knows its size"
        assert staged.path == path, "a staged file knows its path"
        assert _stat(hooks, path) == before, "staging shows nothing, and replaces nothing"
        committed = hooks.commit(staged)
        assert _read(hooks, path) == content, "committing shows the whole file"
        stat = _stat(hooks, path)
        assert stat is not None, "a committed file is there"
        assert stat.size == len(content), "stat knows the size"
        assert stat != before, "another file has another size or stamp"
        assert committed in (None, stat), "stat agrees with commit"
        hooks.flush()
        assert _stat(hooks, path) == stat, "flushing changes nothing"
        before = stat
    hooks.flush()
    dropped = _stage(hooks, "dropped.md")
    hooks.discard(dropped)
    hooks.discard(dropped)
    assert _stat(hooks, "dropped.md") is None, "a discarded file never shows"
    _missing(hooks, "never/written.md")


def _takes_any_path_and_size(hooks: Sink, _make: Callable[[], Any]) -> None:
    for path in AWKWARD:
        _put(hooks, path, path.encode())
    hooks.flush()
    for path in AWKWARD:
        assert _read(hooks, path) == path.encode(), f"{path!r} comes back"
    _put(hooks, "empty.md", b"")
    assert _read(hooks, "empty.md") == b"", "an empty file is a file"
    assert _stat(hooks, "empty.md") is not None, "an empty file is there"
    piece = bytes(range(256)) * 1024
    staged = _stage(hooks, "large.bin", (piece for _ in range(LARGE // len(piece))))
    hooks.commit(staged)
    hooks.flush()
    digest, size = hashlib.sha256(), 0
    for chunk in hooks.read("large.bin"):
        digest.update(chunk)
        size += len(chunk)
    assert (size, digest.hexdigest()) == (LARGE, staged.sha256), "a large file comes back"


def _stays_inside(hooks: Sink, _make: Callable[[], Any]) -> None:
    good = _stage(hooks, "inside.md")
    for path in OUTSIDE:
        with _refused(f"staging {path!r}"):
            _stage(hooks, path)
        with _refused(f"committing to {path!r}"):
            hooks.commit(attrs.evolve(good, path=path))
            hooks.flush()
    for path in OUTSIDE[:3]:
        with _refused(f"deleting {path!r}"):
            hooks.delete(path)
            hooks.flush()
    for token in ("../inside.md", "/etc/hostname"):
        with _refused(f"committing the token {token!r}"):
            hooks.commit(attrs.evolve(good, path="token.md", token=token))
            hooks.flush()
    hooks.discard(good)


def _fails_while_staging(hooks: Sink, _make: Callable[[], Any]) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise SinkError("rendering broke off")

    try:
        _stage(hooks, "broken.md", broken())
    except SinkError:
        assert _stat(hooks, "broken.md") is None, "a half file never shows"
    else:
        raise AssertionError("an error while the bytes are produced must come through")
    _put(hooks, "broken.md", b"whole")
    assert _read(hooks, "broken.md") == b"whole", "after a failure the sink goes on"


def _stages_from_threads(hooks: Sink, _make: Callable[[], Any]) -> None:
    paths = [f"threads/{number}.md" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        staged = list(pool.map(lambda path: _stage(hooks, path, [path.encode()]), paths))
    for each in staged:
        hooks.commit(each)
    hooks.flush()
    for path in paths:
        assert _read(hooks, path) == path.encode(), "threads do not mix up their files"


def _stages_in_a_second_instance(hooks: Sink, make: Callable[[], Any]) -> None:
    helper = Sink.of(make(), "sink under test, attached")
    helper.attach("first.0")
    here = _stage(hooks, "here.md", [b"here"])
    there = _stage(helper, "there.md", [b"there"])
    hooks.commit(there)
    helper.close()
    hooks.commit(here)
    hooks.discard(_stage(hooks, "after.md"))
    hooks.flush()
    assert _read(hooks, "there.md") == b"there", "what an attached instance staged is committed by the open one"
    assert _read(hooks, "here.md") == b"here", "an attached instance clears nothing of the open one"


def _keeps_order_before_a_flush(hooks: Sink, _make: Callable[[], Any]) -> None:
    for content in (b"one", b"two", b"three"):
        _put(hooks, "order.md", content)
    hooks.flush()
    assert _read(hooks, "order.md") == b"three", "the last commit wins"
    hooks.delete("order.md")
    assert _stat(hooks, "order.md") is None, "stat knows of a deletion at once"
    _put(hooks, "order.md", b"four")
    hooks.flush()
    assert _read(hooks, "order.md") == b"four", "a file that is written after it was deleted stays"
    _put(hooks, "order.md", b"five")
    hooks.delete("order.md")
    hooks.flush()
    _missing(hooks, "order.md")


def _deletes(hooks: Sink, _make: Callable[[], Any]) -> None:
    for path in ("gone/deep/a.md", "gone/deep/b.md", "gone.md"):
        _put(hooks, path)
    hooks.flush()
    hooks.delete("gone/deep/a.md")
    hooks.delete("gone/deep/a.md")  # nothing there is fine
    hooks.delete("never/there.md")
    hooks.flush()
    _missing(hooks, "gone/deep/a.md")
    assert _read(hooks, "gone/deep/b.md") == b"x", "neighbours stay"
    assert _read(hooks, "gone.md") == b"x", "a file named like a folder stays"


def _tells_spellings_apart(hooks: Sink, _make: Callable[[], Any]) -> None:
    one, two = "Spelt/Page.md", "spelt/page.md"
    _put(hooks, one, b"one")
    hooks.flush()
    _put(hooks, two, b"two")
    hooks.flush()
    is_one = _read(hooks, one) == b"two"
    assert hooks.same(one, two) == is_one, "a sink says whether two paths are one file"
    if is_one:
        hooks.respell(one, two)
        _put(hooks, two, b"two")
        hooks.flush()
        assert _read(hooks, two) == b"two", "a file that was spelt anew is there"
        return
    hooks.delete(one)
    hooks.flush()
    _missing(hooks, one)
    assert _read(hooks, two) == b"two", "deleting one spelling leaves the other"


def _keeps_others_out(hooks: Sink, make: Callable[[], Any]) -> None:
    other = Sink.of(make(), "second sink under test")
    for _ in range(2):
        try:
            other.open("second")
        except LockedError as error:
            assert error.message, "who is locked out is told by whom"
            assert error.remedy, "who is locked out is told what to do"
        else:
            other.close()
            raise AssertionError("one writer at a time")
    _put(hooks, "still.md", b"ours")
    hooks.flush()
    assert _read(hooks, "still.md") == b"ours", "who was locked out disturbed nothing"


def _remembers(make: Callable[[], Any]) -> None:
    """What is there after closing and opening again, as the next run does."""
    with _opened(make) as hooks:
        _put(hooks, "kept.md", b"kept")
        _put(hooks, "deleted.md", b"deleted")
        hooks.flush()
        hooks.delete("deleted.md")
        hooks.flush()
        stat = _stat(hooks, "kept.md")
        _stage(hooks, "staged.md")
    with _opened(make, "second") as hooks:
        assert _read(hooks, "kept.md") == b"kept", "what was committed is there after opening again"
        assert _stat(hooks, "kept.md") == stat, "an untouched file keeps its stamp"
        assert _read(hooks, "large.bin")[:256] == bytes(range(256)), "what earlier runs wrote is there"
        _missing(hooks, "deleted.md")
        _missing(hooks, "staged.md")


def _closes_whatever_happened(make: Callable[[], Any]) -> None:
    hooks = Sink.of(make(), "sink under test")
    hooks.close()  # never opened
    hooks.open("third")
    _put(hooks, "open.md")  # not flushed
    hooks.close()
    hooks.close()
    hooks.open("fourth")
    assert _stat(hooks, "kept.md") is not None, "a sink can be opened again"
    hooks.close()


# -- helpers


def _stage(hooks: Sink, path: str, chunks: Iterable[bytes] = (b"x",)) -> Staged:
    return hooks.stage(Artifact(path, chunks, "text/markdown"))


def _put(hooks: Sink, path: str, content: bytes = b"x") -> None:
    hooks.commit(_stage(hooks, path, [content]))


def _stat(hooks: Sink, path: str) -> Stat | None:
    return hooks.stat(path)


def _read(hooks: Sink, path: str) -> bytes:
    return b"".join(hooks.read(path))


def _missing(hooks: Sink, path: str) -> None:
    assert _stat(hooks, path) is None, f"{path} is not there"
    try:
        _read(hooks, path)
    except FileNotFoundError:
        return
    raise AssertionError("reading what is not there raises FileNotFoundError")


@contextlib.contextmanager
def _refused(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, SinkError):
        return
    raise AssertionError(f"{what} must be refused")
