"""Which delimiters a reader takes for looks: those it would not are written as elements.

Whether ``**`` opens, closes or is text depends on the characters beside it and on the other delimiters of the line:
https://spec.commonmark.org/0.31.2/#delimiter-run. So what is to be written is read first, as the reader will do it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

from attrs import define, field

_SPACE, _PUNCTUATION, _OTHER, _SYMBOL, _HALVES, _BLANK = range(6)
_CHOICES = {_SYMBOL: (_OTHER, _PUNCTUATION), _HALVES: (_OTHER, _PUNCTUATION), _BLANK: (_OTHER, _SPACE)}
"""What symbols, signs beyond the basic plane, and blanks of JavaScript alone are to one parser or another."""
_BLANKS = "\x0b\x85\u180e\u2028\u2029\ufeff"
_SINGLE = "*"
"""The delimiter of which one, two or three have a meaning; of the others it is two."""
_PASSED_OVER = "~"
"""What cmark-gfm looks through when it asks what stands beside a delimiter."""
_MOST_TRIES = 8


@define(eq=False)
class Span:
    """A stretch of one look: between delimiters as long as they work, else in an element."""

    delimiter: str
    tag: str
    works: bool = True

    def __attrs_post_init__(self) -> None:
        self.works = bool(self.delimiter)


@define(eq=False)
class Mark:
    """The beginning or the end of a span."""

    span: Span
    opens: bool

    def __str__(self) -> str:
        if self.span.works:
            return self.span.delimiter
        return f"<{self.span.tag}>" if self.opens else f"</{self.span.tag}>"


Token = str | Mark
Reading = Callable[["Sequence[Token]", str, str], "set[Span]"]
"""Finds the spans that a reader would not see as meant, between a character before and one after."""


@define(eq=False)
class _Run:
    """Delimiters of one kind side by side."""

    char: str
    marks: list[Mark]
    before: str = ""
    after: str = ""
    opens: bool = False
    closes: bool = False
    size: int = 0
    rest: list[Mark] = field(factory=list)
    """The marks that have no partner yet."""


def is_space(char: str) -> bool:
    """White space as CommonMark has it: Unicode's separators of lines and paragraphs are none."""
    return char in "\t\n\f\r" or unicodedata.category(char) == "Zs"


def are_plain(before: str, body: str, after: str) -> bool:
    """Whether any delimiter works around a text: beside it are only letters within, and blanks or the like without."""
    return (
        body[0].isalnum()
        and body[-1].isalnum()
        and (not before or before in " \n" or before in "(")
        and (not after or after in " \n.,;:!?)")
    )


def settle(tokens: Sequence[Token], before: str, after: str, unread: Reading) -> None:
    """Make elements of the delimiters that the reader would not take for such."""
    for _ in range(_MOST_TRIES):
        failed = unread(tokens, before, after)
        if not failed:
            return
        for span in failed:
            span.works = False
    for token in tokens:
        if isinstance(token, Mark):
            token.span.works = False


def unread_by_commonmark(tokens: Sequence[Token], before: str, after: str) -> set[Span]:
    """See :data:`Reading`. Parsers differ in whether a symbol is punctuation, and GitHub's passes tildes over."""
    parts = _parts(tokens)
    runs = [part for part in parts if isinstance(part, _Run)]
    if not runs:
        return set()
    failed = _merged(runs, parts, before, after)
    for passed in ("", _PASSED_OVER) if not failed and len(runs) > 2 else ("",) if not failed else ():
        _place(parts, before, after, passed)
        kinds = {_kind(char) for run in runs for char in (run.before, run.after)}
        doubtful = sorted(kinds & _CHOICES.keys())
        for chosen in product(*(_CHOICES[kind] for kind in doubtful)):
            failed |= _unmatched(runs, dict(zip(doubtful, chosen, strict=True)))
    return failed


def unread_by_python_markdown(tokens: Sequence[Token], before: str, after: str) -> set[Span]:
    """See :data:`Reading`. It looks for pairs by patterns: beside or within others, few are found."""
    parts = _parts(tokens)
    runs = [part for part in parts if isinstance(part, _Run)]
    failed = _merged(runs, parts, before, after)
    opened: list[Span] = []
    for run in runs:
        spans = [mark.span for mark in run.marks]
        if not opened and all(mark.opens for mark in run.marks):
            opened = spans
        elif opened == spans[::-1] and not any(mark.opens for mark in run.marks):
            opened = []
        else:
            failed |= set(spans) - set(opened) or set(spans)
    return failed


def _parts(tokens: Iterable[Token]) -> list[str | _Run]:
    """Text, and runs of delimiters."""
    parts: list[str | _Run] = []
    for token in tokens:
        if isinstance(token, Mark) and token.span.works:
            char, last = token.span.delimiter[0], parts[-1] if parts else ""
            if isinstance(last, _Run) and last.char == char:  # pylint: disable=no-member
                last.marks.append(token)  # pylint: disable=no-member
            else:
                parts.append(_Run(char, [token]))
        elif str(token):
            parts.append(str(token))
    return parts


def _merged(runs: Sequence[_Run], parts: Sequence[str | _Run], before: str, after: str) -> set[Span]:
    """The spans whose delimiters stand beside the same character in the text."""
    _place(parts, before, after, "")
    return {mark.span for run in runs for mark in run.marks if run.char in (run.before, run.after)}


def _place(parts: Sequence[str | _Run], before: str, after: str, passed: str) -> None:
    """Tell each run what stands beside it.

    :param passed: delimiters of this kind are looked through.
    """
    for run, last in _seen(parts, before, passed, -1):
        run.before = last
    for run, first in _seen(parts[::-1], after, passed, 0):
        run.after = first


def _seen(parts: Sequence[str | _Run], edge: str, passed: str, end: int) -> Iterable[tuple[_Run, str]]:
    shown = edge
    for part in parts:
        if isinstance(part, str):
            shown = part[end]
        else:
            yield part, shown
            shown = shown if part.char == passed else part.char


def _kind(char: str) -> int:
    if not char or is_space(char):
        return _SPACE
    if char.isalnum():
        return _OTHER
    if char in _BLANKS:
        return _BLANK
    if char.isascii():
        return _PUNCTUATION
    category = unicodedata.category(char)[0]
    # Readers in JavaScript look at halves of the characters beyond the basic plane.
    if category in "PS" and char > "\uffff":
        return _HALVES
    return _SYMBOL if category == "S" else _PUNCTUATION if category == "P" else _OTHER


def _unmatched(runs: Sequence[_Run], reading: Mapping[int, int]) -> set[Span]:
    """The spans whose delimiters do not find each other: https://spec.commonmark.org/0.31.2/#phase-2-inline-structure"""
    failed: set[Span] = set()
    waiting: list[_Run] = []
    for run in runs:
        _flank(run, reading)
        while run.closes and run.rest:
            opener = next((each for each in reversed(waiting) if _fits(each, run)), None)
            if opener is None:
                break
            while waiting[-1] is not opener:
                failed |= {mark.span for mark in waiting.pop().rest}
            first, last = opener.rest.pop(), run.rest.pop(0)
            if not first.opens or last.opens or first.span is not last.span:
                return failed | {first.span, last.span}
            if not opener.rest:
                waiting.pop()
        if run.rest and run.opens:
            waiting.append(run)
        else:
            failed |= {mark.span for mark in run.rest}
    return failed | {mark.span for run in waiting for mark in run.rest}


def _flank(run: _Run, reading: Mapping[int, int]) -> None:
    before, after = (reading.get(kind, kind) for kind in (_kind(run.before), _kind(run.after)))
    run.opens = after == _OTHER or (after == _PUNCTUATION and before != _OTHER)
    run.closes = before == _OTHER or (before == _PUNCTUATION and after != _OTHER)
    run.rest = list(run.marks)
    run.size = sum(len(mark.span.delimiter) for mark in run.marks)


def _fits(opener: _Run, closer: _Run) -> bool:
    if opener.char != closer.char:
        return False
    if opener.char != _SINGLE:
        return opener.size == closer.size
    if (opener.closes or closer.opens) and (opener.size + closer.size) % 3 == 0:
        return opener.size % 3 == 0 and closer.size % 3 == 0
    return True
