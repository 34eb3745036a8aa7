"""Documents of hostile text, put together at random: what an editor could write to get code out of a page."""

from __future__ import annotations

from random import Random

from attrs import frozen

from notion_sync_core.document import Target
from notion_sync_core.model import Json
from plugins.rendering import PAGE_ID, MemoryDocument, MemorySite, block, ref, span, table

_WORDS = ["a", "b", "1", "Ab", "é", "中", "x y", "()", "!", "-", ".", "😀", '"', "'", "http", "www", "one two"]
_MARKS = ["*", "**", "_", "__", "~~", "++", "^", "=", "==", "%", "%%", "|", "\\", "\\\\", "#", "&", ":", "@", "<", ">"]
_ADDRESSES = [
    *("http://m", "https://a.b/c", "www.m.org", "HTTP://M.x", "WwW.a.b", "ftp://a.b", "http:", "://", "//x", "a@b.co"),
    *("mailto:a@b.c", "https://a.b/c_d*e*(f)", "https://[", "http://a&amp;b", "https://a.b/?x={y}&z", "xmpp:a@b.c/d"),
    *("<https://a.b>", "<a@b.c>", "https://a.b.", "(www.a.b)", "https://ü.b/%41"),
]
_TAGS = [
    *("<zq>", "</zq>", "<script>zq()</script>", "<img src=x onerror=zq()>", "<!-- c -->", "<!--", "-->", "<zq a='"),
    *("<?php", "<![CDATA[", "<b {...zq}>", "</div>", '<a href="javascript:zq()">', "<>", "<zq/>", "&lt;zq&gt;"),
    *("</summary>", "</details>", "</code>", "</pre>", "</td></tr></table>", "&#60;zq&#62;", "<iframe src=//zq>"),
    *("<style>*{}</style>", "<zq\nonload=zq()>", "</mark>", "<svg/onload=zq()>"),
]
_CODE = ["`", "``", "```", "~~~", "```mdx-code-block", "````mdx-code-block", "```js", "` `", "`zq`", "\\`", "`{zq()}`"]
_MATH = ["$", "$$", "\\$", "\\", "$x$", "\\(", "\\)", "\\[", "$`", "`$", "$$\nx\n$$", "a<b", "\\frac{a}{b}", "%"]
_BRACES = [
    *("{zq()}", "{", "}", "{/* c */}", "{#id}", " {#id}", "{#zq() in zq}", "{: onclick=zq() }", "{.zq}", "{{ zq }}"),
    *("{% zq %}", "\\{", "\\\\{#", "]{zq()}", "](javascript:zq())", "[", "]", "[]", "[x]", "[[x]]", "![[x]]", "^[x]"),
    *("[^1]", "[^1]: zq", "[a]: javascript:zq()", "![a](x)", "[a](javascript:zq())", "![", "[[zq|", ":zq[x]{y=z}"),
]
_STARTS = [
    *(":::note", ":::note zq", ":::", "::::", "\t:::", "::zq[x]{y}", '!!! note "x"', "??? note", "/// html | script"),
    *("///", '--8<-- "zq"', "#tag", "# h {#x}", "- ", "1. ", "> ", "| a | b |\n| - | - |", "---", "===", "\tx"),
    *("    x", "- [ ] x", "*[a]: b", "* * *", "export const zq = 1", "import zq from 'zq'", "export default zq"),
    *("^id", " ^abc", "%%zq%%", "==zq==", "[TOC]", "!", "<zq>\n\nx\n\n</zq>", "title: zq", "> [!note] zq"),
    "term\n:   zq",
]  # fmt: skip
_SPACES = [*" \n\t\r\x00\x0b\x0c\x1c\x1f\x7f\x85\xa0\u1680\u180e\u2003\u200b\u2028\u2029\u3000\ufeff\u202e", "\n\n"]
_PIECES = [_WORDS, _WORDS, _MARKS, _ADDRESSES, _TAGS, _CODE, _MATH, _BRACES, _STARTS, _SPACES]
_JOINTS = ["", "", "", " ", "\n"]
_FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
_COLORS = ["default", "default", "red", "blue_background", "zq", "red'}}>"]
_HREFS = [
    *(None, None, None, "https://a.example/x?a=1&copy=2", "/" + "a" * 32, f"/{PAGE_ID}#zq", "javascript:zq()"),
    *(
        "https://a.b/])[(",
        "https://a.b/`zq`",
        "https://a.b/{zq}",
        "https://a.b/<zq>",
        "data:text/html,zq",
        " https://a",
    ),
]
_LINES = ["paragraph", "heading_1", "heading_2", "heading_3", "quote", "callout", "toggle", "to_do", "template"]
_ITEMS = ["bulleted_list_item", "numbered_list_item", "bulleted_list_item"]
_OTHERS = ["code", "code", "equation", "table", "bookmark", "image", "file", "video", "child_page", "columns", "tab"]
_OTHERS += ["unknown", "unsupported", "meeting_notes", "divider", "synced_block", "table_of_contents", "embed"]
_LANGUAGES = ["python", "plain text", "mdx-code-block", "mermaid", "math", "js live", "x\n```", "{zq}", "zq`", "js {1}"]


@frozen
class Hostile:
    """One document and the site it stands in."""

    document: MemoryDocument
    site: MemorySite


def hostile(seed: int) -> Hostile:
    """The document of a number: always the same."""
    return _Maker(Random(seed)).made()


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def made(self) -> Hostile:
        random = self._random
        blocks = self._blocks(0)
        anchors = {each["id"] for each in _all(blocks) if random.random() < 0.2}
        target = Target(self.text(), "Sub folder/New.md", "")
        site = MemorySite({PAGE_ID: target}, stem="Page", anchors=frozenset(anchors), users={"u": self.text()})
        title = self.text() if random.random() < 0.5 else "Page"
        document = MemoryDocument(blocks, ref(title), {"object": "page", "properties": self._properties()})
        if random.random() < 0.2:
            comment = {"discussion_id": "d", "rich_text": self.spans(), "display_name": {"resolved_name": self.text()}}
            document.discussions = {each["id"]: [comment] for each in blocks[:1]}
        return Hostile(document, site)

    def text(self) -> str:
        """Pieces beside each other."""
        pick, random = self._random.choice, self._random
        text = ""
        for _ in range(random.randint(1, 5)):
            text += pick(pick(_PIECES)) + pick(_JOINTS)
        return text

    def spans(self) -> list[Json]:
        """Rich text of a few runs."""
        return [self._span() for _ in range(self._random.randint(1, 4))]

    def _span(self) -> Json:
        random, pick = self._random, self._random.choice
        look = {flag: True for flag in _FLAGS if random.random() < 0.12}
        item = span(self.text(), pick(_HREFS), color=pick(_COLORS), **look)
        kind = random.random()
        if kind < 0.12:
            return {**item, "type": "equation", "equation": {"expression": item["plain_text"]}}
        if kind < 0.24:
            named = pick(["user", "page", "date", "link_preview", "link_mention", "custom_emoji", "zq"])
            url = pick(["", "https://e.b/x", "https://a.b/`", "javascript:zq()"])
            payload = {"id": pick(["u", PAGE_ID, "zq"]), "name": self.text(), "url": url, "start": self.text()}
            return {**item, "type": "mention", "mention": {"type": named, named: payload}}
        return item

    def _blocks(self, depth: int) -> list[Json]:
        return [self._block(depth) for _ in range(self._random.randint(1, 4 - depth))]

    def _block(self, depth: int) -> Json:
        random, pick = self._random, self._random.choice
        kind = pick(pick([_LINES, _ITEMS, _OTHERS]))
        if kind in _LINES or kind in _ITEMS:
            inner = self._blocks(depth + 1) if depth < 2 and random.random() < 0.4 else []
            made = block(kind, self.spans(), inner, color=pick(_COLORS), list_format=pick([None, "letters"]))
        else:
            made = self._other(kind, depth)
        self._count += 1
        return {**made, "id": f"{self._count:032x}"}

    def _other(self, kind: str, depth: int) -> Json:
        pick = self._random.choice
        inner = self._blocks(min(depth + 1, 3)) if depth < 2 else [block("paragraph", self.spans())]
        if kind == "code":
            return block("code", self._lines(), language=pick(_LANGUAGES), caption=self.spans())
        if kind == "equation":
            return block("equation", expression=pick([self.text(), self._lines()]))
        if kind == "table":
            made = table([self.text(), "h"], ["x", self.text()], header=pick([True, False]))
            made["+"].append(block("table_row", cells=[self.spans(), [span(self.text(), code=True)]]))
            return made
        if kind in ("bookmark", "embed"):
            url = pick([*filter(None, _HREFS), self.text()])
            return block(kind, url=url, caption=pick([[], self.spans(), [span(self.text())]]))
        if kind in ("image", "file", "video"):
            url = pick([*filter(None, _HREFS), "https://a.b/c.png"])
            caption = pick([[], self.spans(), [span(self.text())]])
            return block(kind, type="external", external={"url": url}, name=self.text(), caption=caption)
        if kind == "columns":
            return block("column_list", children=[block("column", children=inner, width_ratio=0.3) for _ in range(2)])
        if kind == "tab":
            return block("tab", children=[block("paragraph", self.spans(), inner)])
        if kind == "synced_block":
            return block(kind, children=inner, synced_from=None)
        payload = {"title": self.text(), "block_type": self.text(), "status": self.text()}
        return block(kind if kind != "unknown" else "zq_block", **payload)

    def _lines(self) -> str:
        return "\n".join(self.text() for _ in range(self._random.randint(1, 4)))

    def _properties(self) -> Json:
        if self._random.random() < 0.5:
            return {}
        kinds = {"rich_text": self.spans(), "url": self.text(), "select": {"name": self.text()}, "email": self.text()}
        return {self.text() or "x": {"type": kind, kind: value} for kind, value in kinds.items()}


def _all(blocks: list[Json]) -> list[Json]:
    found = []
    for each in blocks:
        found += [each, *_all(each.get("+", []))]
    return found
