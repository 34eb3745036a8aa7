"""What HTML shows: each character with its look, colour and address, and what it stands in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

from attrs import define, evolve, field, frozen

from plugins.look_readers import ESCAPED_CARET, ESCAPED_DOLLAR, READERS
from plugins.markdown_reading import BLOCKS

LOOKS = {
    **dict.fromkeys(("strong", "b"), "bold"),
    **dict.fromkeys(("em", "i"), "italic"),
    **dict.fromkeys(("del", "s"), "strikethrough"),
    **dict.fromkeys(("u", "ins"), "underline"),
    "code": "code",
}
_VOID = frozenset(("br", "img", "input", "hr", "wbr", "col"))
_BOUNDARIES = BLOCKS - {"br"}
_KNOWN_CODES = re.compile(r":(?:smile|\+1|-1|100|tada):")

_MATH = frozenset(("math", "math-inline", "arithmatex"))
_NAMED = re.compile("[0-9a-f]{32}")
_PUNYCODE = re.compile(r"xn--([a-z0-9_-]+)")

Place = tuple[tuple[str, int], ...]
"""The containers around a character, the outermost first: what kind each is, and which one, or which place it has."""


@frozen
class Style:
    """What a character looks like, and where it stands."""

    look: frozenset[str] = frozenset()
    color: str = ""
    href: str = ""
    place: Place = ()
    is_code_block: bool = False
    link: int = 0
    """Which link it is, of those in the file."""


@frozen
class Glyph:
    """A character; a picture, a box or a formula as one; ``"\\n"`` for any break between lines or blocks."""

    char: str
    style: Style = Style()
    name: str = ""
    """That links can lead to; where it stands there is no character."""

    @property
    def shown(self) -> tuple[str, frozenset[str], str, str]:
        """All but where it stands; blanks look like nothing."""
        if self.char in " \n":
            return self.char, frozenset(), "", ""
        return self.char, self.style.look, self.style.color, self.style.href


@define
class _Element:
    tag: str
    style: Style
    count: int = 0
    """Items, rows or cells seen in it; before the first of a list, what the list begins with."""
    is_math: bool = False


@define
class Shown:
    """A file as its reader shows it."""

    glyphs: list[Glyph] = field(factory=list)

    @property
    def anchors(self) -> list[tuple[str, int]]:
        """The names that links can lead to, and how many characters stand before each."""
        found, count = [], 0
        for glyph in self.glyphs:
            if glyph.name:
                found.append((glyph.name, count))
            count += glyph.char not in ("", " ", "\n") and not glyph.style.is_code_block
        return found


class _Page(HTMLParser):
    def __init__(self, dialect: str) -> None:
        super().__init__()
        self.shown = Shown()
        self._dialect = dialect
        self._elements = [_Element("", Style())]
        self._serial: Counter[str] = Counter()

    def _add(self, char: str, style: Style | None = None) -> None:
        self.shown.glyphs.append(Glyph(char, style or self._elements[-1].style))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in _BOUNDARIES:
            self._add("\n")
        if found.get("id") and (tag == "a" or _NAMED.fullmatch(found["id"])):
            self.shown.glyphs.append(Glyph("", self._elements[-1].style, found["id"]))
        if tag == "br":
            self._add("\n")
        elif tag == "hr":
            self._add("---")
        elif tag == "img":
            self._add(f"[{found.get('alt', '')}]")
        elif tag == "input":
            self._add("[x]" if "checked" in found else "[ ]")
            self._add(" ")
        if tag == "span":
            self._add("")
        if tag not in _VOID:
            self._open(tag, found)

    def _open(self, tag: str, attrs: dict[str, str]) -> None:
        above = self._elements[-1]
        style = above.style
        kind = _container(tag, attrs)
        if tag in LOOKS and not style.is_code_block:
            style = evolve(style, look=style.look | {LOOKS[tag]})
        if tag == "a" and "href" in attrs:
            self._serial["link"] += 1
            style = evolve(style, href=address(attrs["href"]), link=self._serial["link"])
        if tag in ("span", "mark") and not style.is_code_block:
            css = attrs.get("style", "").replace("background-color", "background")
            style = evolve(style, color=css or ("background" if tag == "mark" else style.color))
        is_math = tag == "eq" or bool(_MATH & set(attrs.get("class", "").split()))
        if is_math:
            style = evolve(style, look=above.style.look)
        if tag == "pre":
            style = evolve(style, is_code_block=True, look=frozenset())
        if kind:
            style = evolve(style, place=(*style.place, (kind, self._number(kind, above))))
        begins = int(attrs.get("start") or 1) - 1 if tag == "ol" else 0
        self._elements.append(_Element(tag, style, begins, is_math))

    def _number(self, kind: str, above: _Element) -> int:
        if kind == "row":
            above = next((each for each in reversed(self._elements) if each.tag == "table"), above)
        if kind in ("item", "row", "cell"):
            above.count += 1
            return above.count
        self._serial[kind] += 1
        return self._serial[kind]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag not in (each.tag for each in self._elements):
            return
        while self._elements.pop().tag != tag:
            pass
        if tag in _BOUNDARIES:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        element = self._elements[-1]
        style = element.style
        if element.is_math:
            data = data.strip()
            self._add(_formula(data[2:-2] if data[:2] in ("\\(", "\\[") else data), style)
        elif style.is_code_block:
            self.shown.glyphs += [Glyph(char, style) for char in data]
        else:
            if self._dialect in ("gfm", "docusaurus") and "code" not in style.look:
                data = _KNOWN_CODES.sub("\U0001f600", data)
            self.shown.glyphs += [Glyph(" " if char.isspace() else char, style) for char in data]


def _formula(tex: str) -> str:
    """One glyph for a formula: blanks mean nothing."""
    return f"${''.join(tex.split())}$"


def _container(tag: str, attrs: dict[str, str]) -> str:
    if tag == "div":
        found = f"{attrs.get('class', '')} {attrs.get('style', '')}".split()
        return "callout" if "admonition" in found else "column" if {"col"} & set(found) or _is_cell(found) else ""
    if tag == "td" and "valign" in attrs:
        return "column"
    return {
        "ul": "list",
        "ol": "list",
        "li": "item",
        "blockquote": "quote",
        "details": "toggle",
        "summary": "summary",
        "table": "table",
        "tr": "row",
        "td": "cell",
        "th": "cell",
        "pre": "code",
        **{f"h{level}": f"h{level}" for level in range(1, 7)},
    }.get(tag, "")


def _is_cell(found: Sequence[str]) -> bool:
    return any(each.startswith("display:table-cell") for each in found)


def address(href: str) -> str:
    """An address in one way of writing."""
    return _PUNYCODE.sub(_unicode, unquote(href)).replace("#^", "#")


def _unicode(found: re.Match[str]) -> str:
    try:
        return found[1].encode().decode("punycode")
    except UnicodeError:
        return found[0]


def shown(markdown: str, dialect: str, math: bool = True) -> Shown:
    """A dialect's Markdown as its reader shows it."""
    return shown_html(READERS[dialect](markdown, math), dialect)


def shown_html(html: str, dialect: str) -> Shown:
    """A page as a browser shows it."""
    page = _Page(dialect)
    page.feed(html)
    page.close()
    if dialect == "gfm":
        page.shown.glyphs = list(_quoted_boxes(list(_formulas(page.shown.glyphs))))
    if dialect == "obsidian":
        page.shown = _without_names(_boxes(page.shown))
    return page.shown


# -- GitHub's formulas: https://github.com/github/markup/issues/1742


def _formulas(glyphs: list[Glyph]) -> Iterator[Glyph]:
    place = 0
    while place < len(glyphs):
        end = _formula_end(glyphs, place) if glyphs[place].char == "$" else 0
        if end:
            inner = "".join(each.char for each in glyphs[place + 1 : end])
            yield Glyph(_formula(inner), glyphs[place].style)
            place = end + 1
        else:
            char = glyphs[place].char
            yield evolve(glyphs[place], char="$") if char == ESCAPED_DOLLAR else glyphs[place]
            place += 1


def _formula_end(glyphs: list[Glyph], start: int) -> int:
    """Where a formula's last dollar is; 0 if none begins here."""
    if "code" in glyphs[start].style.look or glyphs[start].style.is_code_block:
        return 0
    style = glyphs[start].style
    coded = evolve(style, look=style.look | {"code"})
    before = glyphs[start - 1] if start else Glyph("\n")
    end = start + 1
    if end < len(glyphs) and glyphs[end].style == coded:
        while end < len(glyphs) and glyphs[end].style == coded:
            end += 1
        is_kept = not (before.char[-1:].isalnum() and before.style == style)
        return end if is_kept and end < len(glyphs) and glyphs[end].char == "$" and glyphs[end].style == style else 0
    while end < len(glyphs) and glyphs[end].style == style and glyphs[end].char not in "$\n":
        end += 1
    after = glyphs[end + 1] if end + 1 < len(glyphs) else Glyph("\n")
    is_whole = end < len(glyphs) and glyphs[end].char == "$" and glyphs[end].style == style and end > start + 1
    return end if is_whole and before.char in (" ", "\n") and after.char in (" ", "\n") else 0


def _quoted_boxes(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """cmark-gfm reads no boxes in quotes: what is meant for one is shown as text."""
    place = 0
    while place < len(glyphs):
        glyph = glyphs[place]
        is_first = (
            place and glyphs[place - 1].char == "\n" and glyph.style.place[-1:] and glyph.style.place[-1][0] == "item"
        )
        box = "".join(each.char[:1] for each in glyphs[place : place + 3])
        if is_first and box in ("[ ]", "[x]") and any(kind == "quote" for kind, _ in glyph.style.place):
            yield evolve(glyph, char=box)
            place += 3
        else:
            yield glyph
            place += 1


# -- Obsidian's boxes and names


_BOX = re.compile(r"\[!\w+\][-+]? ?")
_NAME = re.compile(r"(?:^| )\^([\w-]+) *$")


def _boxes(page: Shown) -> Shown:
    """Quotes that begin with ``[!kind]`` are boxes."""
    glyphs, seen = page.glyphs, set()
    boxes: set[tuple[str, int]] = set()
    gone: set[int] = set()
    for place, glyph in enumerate(glyphs):
        inner = glyph.style.place[-1:] or ((),)
        if inner[0][:1] != ("quote",) or inner[0] in seen or glyph.char in " \n":
            continue
        seen.add(inner[0])
        line = "".join(each.char[:1] for each in glyphs[place : place + 40])
        found = _BOX.match(line)
        if found:
            boxes.add(inner[0])  # type: ignore[arg-type]
            gone |= set(range(place, place + found.end()))
    made = [evolve(glyph, style=_boxed(glyph.style, boxes)) for glyph in glyphs]
    return Shown([glyph for place, glyph in enumerate(made) if place not in gone])


def _boxed(style: Style, boxes: set[tuple[str, int]]) -> Style:
    if not boxes or not style.place:
        return style
    return evolve(style, place=tuple(("callout", each[1]) if each in boxes else each for each in style.place))


def _without_names(page: Shown) -> Shown:
    """Names of blocks stand behind them."""
    result: list[Glyph] = []
    line: list[Glyph] = []
    for glyph in [*page.glyphs, Glyph("\n")]:
        if glyph.char == "\n":
            found = _NAME.search("".join(each.char[:1] for each in line))
            if found:
                line = [*line[: found.start()], Glyph("", line[-1].style, found[1])]
            result += [evolve(each, char="^") if each.char == ESCAPED_CARET else each for each in line]
            result.append(glyph)
            line = []
        else:
            line.append(glyph)
    return Shown(result)


def squeezed(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Blanks as one, none beside a break, and breaks as one where blocks end."""
    result: list[Glyph] = []
    for glyph in glyphs:
        last = result[-1].char if result else "\n"
        if not glyph.char or (glyph.char == " " and last in " \n"):
            continue
        if glyph.char == "\n":
            while result and result[-1].char in " \n":
                result.pop()
            if not result:
                continue
        result.append(glyph)
    while result and result[-1].char in " \n":
        result.pop()
    return result
