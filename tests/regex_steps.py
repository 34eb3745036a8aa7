"""How many steps a regular expression takes: a small backtracking matcher over the tree of Python's own parser.

Time depends on the machine; steps do not. https://docs.python.org/3/library/re.html
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

_Go = Callable[[int], bool]
_Test = Callable[[str], bool]
_DEPTH = 100_000
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}
_CHARACTERS = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN)


def steps(pattern: re.Pattern[str], text: str) -> int:
    """Steps of looking for all matches of a pattern in a text."""
    return _Search(pattern, text).all()


def patterns(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The compiled patterns of a module: its own, those in its lists, and those that its objects and classes hold."""
    for name, value in vars(module).items():
        if isinstance(value, ModuleType):
            continue
        held = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
        for each in held:
            for found in (each, *getattr(each, "__dict__", {}).values()):
                for inner in (found, *getattr(found, "__dict__", {}).values()):
                    if isinstance(inner, re.Pattern) and isinstance(inner.pattern, str):
                        yield f"{module.__name__}.{name}", inner


class _Search:
    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._flags = pattern.flags
        self._text = text
        self._steps = 0
        self._end = 0
        self._groups: dict[int, tuple[int, int]] = {}
        self._go = self._sequence(list(parser.parse(pattern.pattern, pattern.flags)), self._matched)

    def all(self) -> int:
        before, position = sys.getrecursionlimit(), 0
        sys.setrecursionlimit(_DEPTH)
        try:
            while position <= len(self._text):
                self._groups.clear()
                found = self._go(position)
                position = self._end if found and self._end > position else position + 1
        finally:
            sys.setrecursionlimit(before)
        return self._steps

    def _matched(self, position: int) -> bool:
        self._end = position
        return True

    def _sequence(self, items: list[Any], then: _Go) -> _Go:
        for item in reversed(items):
            then = self._item(item, then)
        return then

    def _item(self, item: Any, then: _Go) -> _Go:
        code, given = item
        if code in _CHARACTERS:
            return self._character(_test(code, _frozen(given), self._flags), then)
        if code is codes.AT:
            return self._at(given, then)
        if code is codes.BRANCH:
            ways = [self._sequence(list(way), then) for way in given[1]]
            return lambda position: any(way(position) for way in ways)
        if code is codes.SUBPATTERN:
            return self._group(given, then)
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            return self._repeat(code is codes.MAX_REPEAT, *given, then)
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            return self._assertion(code is codes.ASSERT, given[0], given[1], then)
        if code is codes.GROUPREF:
            return self._same(given, then)
        raise NotImplementedError(str(code))

    def _character(self, test: _Test, then: _Go) -> _Go:
        def go(position: int) -> bool:
            self._steps += 1
            return position < len(self._text) and test(self._text[position]) and then(position + 1)

        return go

    def _group(self, given: Any, then: _Go) -> _Go:
        number, _, _, items = given
        starts: list[int] = []

        def close(position: int) -> bool:
            if number is not None:
                self._groups[number] = (starts[-1], position)
            return then(position)

        inner = self._sequence(list(items), close)

        def go(position: int) -> bool:
            starts.append(position)
            try:
                return inner(position)
            finally:
                starts.pop()

        return go

    def _same(self, number: int, then: _Go) -> _Go:
        def go(position: int) -> bool:
            start, end = self._groups[number]
            self._steps += end - start
            return self._text.startswith(self._text[start:end], position) and then(position + end - start)

        return go

    def _repeat(self, greedy: bool, least: int, most: int, items: Any, then: _Go) -> _Go:
        if greedy and len(items) == 1 and items[0][0] in _CHARACTERS:
            return self._run(_test(items[0][0], _frozen(items[0][1]), self._flags), least, int(most), then)

        def after(count: int, start: int) -> _Go:
            return lambda position: (count < least or position > start) and turn(count + 1)(position)

        def turn(count: int) -> _Go:
            def go(position: int) -> bool:
                self._steps += 1
                more = count < int(most) and (lambda: self._sequence(list(items), after(count, position))(position))
                if greedy:
                    return bool((more and more()) or (count >= least and then(position)))
                return bool((count >= least and then(position)) or (more and more()))

            return go

        return turn(0)

    def _run(self, test: _Test, least: int, most: int, then: _Go) -> _Go:
        """A repeated character: as far as it goes, and back until the rest fits."""

        def go(start: int) -> bool:
            end, text = start, self._text
            while end < len(text) and end - start < most and test(text[end]):
                end += 1
            self._steps += end - start + 1
            return any(then(position) for position in range(end, start + least - 1, -1))

        return go

    def _assertion(self, wanted: bool, direction: int, items: Any, then: _Go) -> _Go:
        width = items.getwidth()[0] if direction < 0 else 0
        inner = self._sequence(list(items), lambda _: True)

        def go(position: int) -> bool:
            self._steps += 1
            return (position >= width and inner(position - width)) is wanted and then(position)

        return go

    def _at(self, where: Any, then: _Go) -> _Go:
        text, lines = self._text, bool(self._flags & re.MULTILINE)

        def holds(position: int) -> bool:
            if where in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
                of_line = lines and where is codes.AT_BEGINNING
                return position == 0 or (of_line and text[position - 1] == "\n")
            if where in (codes.AT_END, codes.AT_END_STRING):
                of_line = lines and where is codes.AT_END
                return position == len(text) or (of_line and text[position] == "\n")
            edge = _is_word(text[position - 1 : position]) != _is_word(text[position : position + 1])
            return edge is (where is codes.AT_BOUNDARY)

        def go(position: int) -> bool:
            self._steps += 1
            return holds(position) and then(position)

        return go


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _frozen(given: Any) -> Any:
    return tuple(map(tuple, given)) if isinstance(given, list) else given


@cache
def _test(code: Any, given: Any, flags: int) -> _Test:
    """Whether a character is one of those."""
    if code is codes.ANY:
        return lambda character: bool(flags & re.DOTALL) or character != "\n"
    if code is codes.IN:
        parts = [_part(*each) for each in given if each[0] is not codes.NEGATE]
        negated = given[0][0] is codes.NEGATE
        plain: _Test = lambda character: any(part(character) for part in parts) is not negated  # noqa: E731
    else:
        plain = lambda character: (ord(character) == given) is (code is codes.LITERAL)  # noqa: E731
    if flags & re.IGNORECASE:
        return cache(lambda character: plain(character.lower()[0]) or plain(character.upper()[0]))
    return cache(plain)


def _part(code: Any, given: Any = None) -> _Test:
    if code is codes.LITERAL:
        return lambda character: ord(character) == given
    if code is codes.RANGE:
        return lambda character: given[0] <= ord(character) <= given[1]
    category = re.compile(_CATEGORIES[given])
    return lambda character: category.match(character) is not None
