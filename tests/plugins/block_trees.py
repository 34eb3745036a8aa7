"""Trees of blocks, put together at random, each block with a word of its own, and where a reader must show it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from attrs import Factory, define, evolve, field, frozen

from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from plugins.looks import Glyph, Place, Shown, Style
from plugins.rendering import MemoryDocument, MemorySite, block, content, span

_LISTS = ["bulleted_list_item", "numbered_list_item", "to_do"]
_TEXTS = ["paragraph", "quote", "callout", "toggle", "heading_1", "heading_2", "heading_3"]
_OTHERS = ["code", "table", "divider", "column_list", "synced_block", "bookmark", "tab"]
KINDS = [*_LISTS, *_LISTS, *_LISTS, *_TEXTS, *_TEXTS, *_OTHERS]
_CODE = [
    *("a", "a\nb", "  a", "a\n\nb", "\ta", "a\n\n    b\n\n\nc", "```\nx\n```", "~~~", "- a\n- b", "> a", "# a", "1. a"),
    *("a`b``c", "<b>", "</div>", "///", ":::", "| a |\n| - |", "    a\n  b", "{x}", "a  ", "!!! note\n\n    x", "---"),
    *("&amp; &#35;", "$x$", "[a]: b", "=== x", "<!-- -->", "\\", "* * *", "a\n\n\n\nb"),
]
_DEEPEST = 3
_GROUPS = {"bulleted_list_item": "bullet", "to_do": "bullet", "numbered_list_item": "number"}


@frozen
class Tree:
    """Blocks within each other, and the ids of those that a link leads to."""

    blocks: list[Json]
    anchors: frozenset[str]


def tree(seed: int) -> Tree:
    """The tree of a number: always the same."""
    maker = _Maker(Random(seed))
    blocks = maker.siblings(0)
    return Tree(blocks, frozenset(maker.anchors))


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = count(1)
        self.anchors: list[str] = []

    def siblings(self, depth: int) -> list[Json]:
        return [self._block(depth) for _ in range(self._random.choice((1, 1, 2, 2, 3, 4) if depth else (2, 3, 4, 5)))]

    def _block(self, depth: int) -> Json:
        random = self._random
        kind = random.choice(KINDS)
        number = next(self._words)
        word = "" if random.random() < 0.12 else f"w{number}"
        inner = self.siblings(depth + 1) if depth < _DEEPEST and random.random() < 0.45 else []
        made = {**self._made(kind, word, inner, number), "id": f"{number:032x}"}
        if random.random() < 0.12:
            self.anchors.append(made["id"])
        return made

    def _made(self, kind: str, word: str, inner: list[Json], number: int) -> Json:
        random = self._random
        if kind == "code":
            return block("code", random.choice(_CODE), language=random.choice(("python", "plain text")), caption=[])
        if kind == "table":
            rows = [[[span(f"w{number}{row}{column}")] for column in "ab"] for row in range(random.randint(1, 2))]
            cells = [block("table_row", cells=row) for row in rows]
            return block("table", children=cells, table_width=2, has_column_header=random.random() < 0.5)
        if kind == "column_list":
            inner = inner or [block("paragraph", word)]
            cut = random.randint(1, len(inner))
            columns = [block("column", children=part) for part in (inner[:cut], inner[cut:]) if part]
            return block(kind, children=columns)
        if kind == "tab":
            return block(kind, children=[block("paragraph", word or "tab", inner)])
        if kind == "synced_block":
            return block(kind, children=inner, synced_from=None)
        if kind == "bookmark":
            return block(kind, url="https://a.example/", caption=[span(word or "bookmark")])
        if kind == "divider":
            return block(kind)
        payload: Json = {"checked": random.random() < 0.5} if kind == "to_do" else {}
        if kind == "numbered_list_item" and random.random() < 0.2:
            payload = {"list_start_index": random.randint(1, 99)}
        if kind == "numbered_list_item" and random.random() < 0.1:
            payload["list_format"] = random.choice(("letters", "roman"))
        return block(kind, word, inner, **payload)


def written(made: Tree, dialect: str) -> str:
    """A tree's Markdown, without what stands above it."""
    site = MemorySite(anchors=made.anchors)
    artifacts = MarkdownRenderer(dialect=dialect).render_document(MemoryDocument(made.blocks), site)
    return content(next(iter(artifacts))).split("# Page\n", 1)[1].strip("\n")


@define
class Expected:
    """What a reader must show: the glyphs, and between which of them each name has to stand."""

    dialect: str
    glyphs: list[Glyph] = field(factory=list)
    anchors: dict[str, tuple[int, int]] = field(factory=dict)
    _serial: Any = Factory(lambda: count(1))

    @property
    def _seen(self) -> int:
        return sum(glyph.char not in " \n" and glyph.char[:5] != "code:" for glyph in self.glyphs)

    def _add(self, text: str, place: Place) -> None:
        if text:
            self.glyphs += [*(Glyph(char, Style(place=place)) for char in text), Glyph("\n")]

    def _new(self, kind: str) -> tuple[str, int]:
        return kind, next(self._serial)

    def siblings(self, blocks: list[Json], place: Place, anchors: frozenset[str]) -> None:
        """Blocks beside each other."""
        group, here, number = "", place, 0
        for each in blocks:
            kind = each["type"]
            found = _GROUPS.get(kind, "")
            start = each[kind].get("list_start_index") if found == "number" else None
            follows = found == group and (start is None or start == number + 1)
            number = number + 1 if follows else start or 1
            if found and not follows:
                here = (*place, self._new("list"))
            group = found
            begin = self._seen
            own = self._block(each, (*here, ("item", number)) if found else place, anchors)
            if each["id"] in anchors and kind != "tab_item":
                self.anchors[each["id"]] = (begin, own)

    def _block(self, each: Json, place: Place, anchors: frozenset[str]) -> int:
        """One block, and how many glyphs there are where a name of it may stand last."""
        kind, inner = each["type"], each.get("+", [])
        text = "".join(item["plain_text"] for item in each[kind].get("rich_text", ()))
        made: Callable[..., int] | None = getattr(self, f"_{kind}", None)
        if made is not None:
            return made(each, inner, place, anchors)
        if kind.startswith("heading"):
            self._add(text, (*place, self._new(f"h{kind[-1]}")))
        elif kind == "quote":
            place = (*place, self._new("quote"))
            self._add(text, place)
        else:
            self._add(text, place)
        own = self._seen
        self.siblings(inner, place, anchors)
        return own if text else self._seen

    def _to_do(self, each: Json, inner: list[Json], place: Place, anchors: frozenset[str]) -> int:
        box = "[x]" if each["to_do"]["checked"] else "[ ]"
        text = "".join(item["plain_text"] for item in each["to_do"]["rich_text"])
        glyphs = [box, " ", *text] if text else [box]
        self.glyphs += [*(Glyph(char, Style(place=place)) for char in glyphs), Glyph("\n")]
        own = self._seen
        self.siblings(inner, place, anchors)
        return own

    def _callout(self, each: Json, inner: list[Json], place: Place, anchors: frozenset[str]) -> int:
        place = (*place, self._new("quote" if self.dialect == "gfm" else "callout"))
        self._add("".join(item["plain_text"] for item in each["callout"]["rich_text"]), place)
        self.siblings(inner, place, anchors)
        return self._seen

    def _toggle(self, each: Json, inner: list[Json], place: Place, anchors: frozenset[str]) -> int:
        text = "".join(item["plain_text"] for item in each["toggle"]["rich_text"])
        if self.dialect == "obsidian":
            place = (*place, self._new("callout"))
            self._add(text, place)
        else:
            place = (*place, self._new("toggle"))
            self._add(text, (*place, self._new("summary")))
        self.siblings(inner, place, anchors)
        return self._seen

    def _tab(self, each: Json, inner: list[Json], place: Place, anchors: frozenset[str]) -> int:
        for item in inner:
            here = (*place, self._new("callout")) if self.dialect == "obsidian" else place
            begin = self._seen
            text = "".join(each["plain_text"] for each in item["paragraph"]["rich_text"])
            look = frozenset(("bold",))
            self.glyphs += [*(Glyph(char, Style(look, place=here)) for char in text), Glyph("\n")]
            self.siblings(item.get("+", []), here, anchors)
            if item["id"] in anchors:
                self.anchors[item["id"]] = (begin, self._seen)
        return self._seen

    def _code(self, each: Json, _: list[Json], place: Place, __: frozenset[str]) -> int:
        text = each["code"]["rich_text"][0]["plain_text"]
        self.glyphs += [Glyph("\n"), Glyph(f"code:{text}", Style(place=(*place, self._new("code")))), Glyph("\n")]
        return self._seen

    def _divider(self, _: Json, __: list[Json], place: Place, ___: frozenset[str]) -> int:
        self.glyphs += [Glyph("\n"), Glyph("---", Style(place=place)), Glyph("\n")]
        return self._seen

    def _bookmark(self, each: Json, _: list[Json], place: Place, __: frozenset[str]) -> int:
        text = each["bookmark"]["caption"][0]["plain_text"]
        style = Style(href=each["bookmark"]["url"], place=place)
        self.glyphs += [*(Glyph(char, style) for char in text), Glyph("\n")]
        return self._seen

    def _table(self, each: Json, inner: list[Json], place: Place, _: frozenset[str]) -> int:
        place = (*place, self._new("table"))
        first = 1 if each["table"]["has_column_header"] else 2
        for row, cells in enumerate((item["table_row"]["cells"] for item in inner), first):
            for column, cell in enumerate(cells, 1):
                self._add(cell[0]["plain_text"], (*place, ("row", row), ("cell", column)))
        return self._seen

    def _column_list(self, _: Json, inner: list[Json], place: Place, anchors: frozenset[str]) -> int:
        place = (*place, self._new("table"), ("row", 1)) if self.dialect == "gfm" else place
        for column in inner:
            is_flat = self.dialect == "obsidian" or (self.dialect == "mkdocs" and _has_columns(column.get("+", [])))
            self.siblings(column.get("+", []), place if is_flat else (*place, self._new("column")), anchors)
        return self._seen


def _has_columns(blocks: list[Json]) -> bool:
    """Whether there is a column with anything in it."""
    is_column = any(each["type"] == "column" and any(map(_is_seen, each["+"])) for each in blocks)
    return is_column or any(_has_columns(each.get("+", [])) for each in blocks)


def _is_seen(each: Json) -> bool:
    if each["type"] in ("paragraph", "quote", "synced_block", "column_list", "column", "tab"):
        return bool(each[each["type"]].get("rich_text", [{}])[0].get("plain_text")) or any(
            map(_is_seen, each.get("+", []))
        )
    return True


def expected(made: Tree, dialect: str) -> Expected:
    """What a reader must show of a tree."""
    result = Expected(dialect)
    result.siblings(made.blocks, (), made.anchors)
    return result


def with_whole_codes(page: Shown) -> list[Glyph]:
    """A page's glyphs, each code block as one."""
    result: list[Glyph] = []
    for glyph in page.glyphs:
        if not glyph.style.is_code_block:
            result.append(glyph)
        elif result and result[-1].style == glyph.style and result[-1].char.startswith("code:"):
            result[-1] = evolve(result[-1], char=result[-1].char + glyph.char)
        else:
            result.append(evolve(glyph, char=f"code:{glyph.char}"))
    return [evolve(each, char=each.char.removesuffix("\n")) if each.char[:5] == "code:" else each for each in result]


def placed(glyphs: list[Glyph], dialect: str) -> list[tuple[object, ...]]:
    """Each glyph with its look and place, the containers numbered as they appear."""
    if dialect == "mkdocs":
        # Python-Markdown makes blanks of tabs before it reads anything.
        glyphs = [evolve(each, char="code:a") if each.char.split() == ["code:", "a"] else each for each in glyphs]
    names: dict[tuple[str, int], int] = {}
    result: list[tuple[object, ...]] = []
    for glyph in glyphs:
        if glyph.char in (" ", "\n") and result and result[-1][0] in ("[ ]", "[x]"):
            continue  # readers differ in what stands behind a box
        style = glyph.style
        place = tuple(_named(each, names) for each in style.place)
        result.append((glyph.char,) if glyph.char in (" ", "\n") else (glyph.char, style.look, style.href, place))
    return result


def _named(each: tuple[str, int], names: dict[tuple[str, int], int]) -> tuple[str, int]:
    if each[0] in ("item", "row", "cell"):
        return each
    return each[0], names.setdefault(each, sum(name[0] == each[0] for name in names) + 1)
