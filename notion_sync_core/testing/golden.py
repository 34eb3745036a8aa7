"""Golden files: what a plugin makes, kept beside its tests, so that another result is seen and not only felt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from notion_sync_core.testing.drafts import Draft

UPDATE = "--update-golden"
"""The option of pytest that writes them anew."""
_INDEX, _FILES = "index.txt", "files"
_TITLE = f"What the tests beside this folder expect to be made. Written by `pytest {UPDATE}`, not by hand."
_MOST_FILES, _MOST_LINES, _WIDTH, _BEFORE = 3, 12, 140, 50
"""So much of a difference is shown: files, lines of each, characters of a line, those before the first other one."""


@frozen
class Golden:
    """A folder of files that a plugin has to make, byte for byte.

    It has an ``index.txt``, which names each file with what is said of it, and the files below ``files``.
    """

    folder: Path = field(converter=Path)
    documents: Iterable[Draft] | Callable[[Path], Any] = ()
    """For renderers: more documents that are rendered, beside those that come with the kit; or what makes a source that
    shows them."""
    replace: Mapping[str, str] = field(factory=dict)
    """Patterns (:mod:`re`) of what is another each time, such as a server's port, and what is kept in its place."""
    renews: bool = False
    """The files are written anew instead of being compared."""

    def kept(self) -> dict[str, bytes]:
        """All files, by path, and the index under ``""``; empty: there are none yet.

        :raises AssertionError: the folder holds something else.
        """
        index = self.folder / _INDEX
        if not index.is_file():
            strange = self.folder.is_dir() and any(self.folder.iterdir())
            assert not strange, f"{self.folder} has no {_INDEX}, and is not empty: it is no folder of golden files"
            return {}
        text = index.read_bytes()
        assert text.startswith(_TITLE.encode()), f"{index} is not of golden files: it does not begin with {_TITLE!r}"
        files = self.folder / _FILES
        found = {path.relative_to(files).as_posix(): path.read_bytes() for path in files.rglob("*") if path.is_file()}
        return {"": text, **found}

    def compare(self, made: Mapping[str, bytes], notes: Mapping[str, str]) -> str:
        """Compare with what was made, or keep that if the files shall be written anew.

        :param made: contents by path, which is relative and has no ``..``.
        :param notes: what else is said of a file, in one line; another one is a difference as well.
        :returns: words for what was written; ``""``: everything is as it was kept.
        :raises AssertionError: it differs; the message shows where.
        """
        before, now = self.kept(), self._replaced({"": _index(made, notes), **made})
        if self.renews:
            return self._renew(before, now)
        assert before, f"no golden files are kept in {self.folder} yet: `pytest {UPDATE}` writes them"
        found = list(_differences(before, now))
        if found:
            # An assert statement would have its lines indented by pytest, where that rewrites them.
            raise AssertionError(self._told(found))
        return ""

    def _told(self, found: list[str]) -> str:
        more = [f"  (and {len(found) - _MOST_FILES} more)"] if len(found) > _MOST_FILES else []
        what = f"{len(found)} golden {'file is' if len(found) == 1 else 'files are'} not what is made now"
        lines = [f"{what} (in {self.folder}):", *found[:_MOST_FILES], *more]
        return "\n".join(
            [*lines, f"If that is meant: `pytest {UPDATE}`, and read the difference before you commit it."]
        )

    def _replaced(self, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if not self.replace:
            return made
        patterns = {re.compile(pattern.encode()): instead.encode() for pattern, instead in self.replace.items()}
        return {
            path: reduce(lambda text, each: each[0].sub(each[1], text), patterns.items(), of)
            for path, of in made.items()
        }

    def _renew(self, before: Mapping[str, bytes], now: Mapping[str, bytes]) -> str:
        files = self.folder / _FILES
        if files.is_dir():
            shutil.rmtree(files)
        for path, content in now.items():
            place = files / path if path else self.folder / _INDEX
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        changed = sum(before.get(path) != content for path, content in now.items()) + len(before.keys() - now.keys())
        return f"golden files were written to {self.folder}: {changed} of {len(now)} are new, changed or gone"


def _index(made: Mapping[str, bytes], notes: Mapping[str, str]) -> bytes:
    lines = [_TITLE, "", *(f"{path}  {notes.get(path, '')}".rstrip() for path in sorted(made))]
    lines += [f"{name}  {said}" for name, said in sorted(notes.items()) if name not in made]
    return ("\n".join(lines) + "\n").encode()


# -- differences


def _differences(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[str]:
    """One text for each file that is not as it was kept."""
    for path in sorted(before.keys() | now.keys()):
        name = path or _INDEX
        if path not in now:
            yield f"  {name}: is not made any more"
        elif path not in before:
            yield f"  {name}: was not made before"
        elif before[path] != now[path]:
            yield f"  {name}:\n{_difference(before[path], now[path])}"


def _difference(before: bytes, now: bytes) -> str:
    """Where two contents differ first, ``-`` as it was kept and ``+`` as it is made."""
    try:
        old, new = (each.decode().splitlines(keepends=True) for each in (before, now))
    except UnicodeDecodeError:
        place = _same_at_the_start(before, now)
        return f"    {len(before)} bytes were kept, {len(now)} are made; byte {place} is the first that differs"
    first = _same_at_the_start(old, new)
    last = _same_at_the_start(old[first:][::-1], new[first:][::-1])
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    shown = [f"    from line {first + 1}, {len(old)} lines kept and {len(new)} made:"]
    for one, other in list(zip_longest(old, new, fillvalue=""))[:_MOST_LINES]:
        start = max(0, _same_at_the_start(one, other) - _BEFORE)
        shown += [
            f"    {mark} {_cut(line, start)}" for mark, line in (("-", one), ("+", other)) if line and one != other
        ]
    return "\n".join(shown)


def _same_at_the_start(one: Sequence[object], other: Sequence[object]) -> int:
    return next(
        (number for number, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )


def _cut(line: str, start: int) -> str:
    part = line[start : start + _WIDTH]
    shown = repr(part)[1:-1] if not part.rstrip("\n").isprintable() or part.rstrip("\n") != part.rstrip() else part
    return ("…" if start else "") + shown.rstrip("\n") + ("…" if start + _WIDTH < len(line) else "")
