"""What is in a file for independent parsers of each dialect: the elements, against those that the renderer means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options
from markdown import Markdown
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects.mkdocs import EXTENSIONS
from plugins.hostile import hostile
from plugins.rendering import content, ref

_INLINE = "p strong em del code br sup span mark u ins a img input h1 h2 h3 h4 ul ol li blockquote pre hr"
_TABLE = "table thead tbody tr th td"
ELEMENTS: Mapping[str, frozenset[str]] = {
    "gfm": frozenset(f"{_INLINE} {_TABLE} details summary".split()),
    "obsidian": frozenset(f"{_INLINE} {_TABLE} s div eq eqn section".split()),
    "docusaurus": frozenset(f"{_INLINE} {_TABLE} details summary s div".split()),
    "mkdocs": frozenset(f"{_INLINE} {_TABLE} details summary div label".split()),
}
"""What may be in a file."""
_ATTRIBUTES: Mapping[str, re.Pattern[str]] = {
    "href": re.compile(r"(?i)(?:https?|ftp|mailto|xmpp|notion|tel):.*|[^:]*|#.*", re.DOTALL),
    "src": re.compile(r"(?i)https?:.*|[^:]*", re.DOTALL),
    "style": re.compile(
        r"(color|background):(#\w{6}|gray|inherit)|display:table-cell;padding-right:2em(;width:\d+%)?|text-align: \w+;"
    ),
    "type": re.compile(r"[ai]|checkbox"),
    "class": re.compile(
        r"language-\S*|math (inline|block)|admonition( \w+)?|note|tip|info|warning|danger|success|question|bug"
        r"|admonition-title|task-list(-item|-control|-indicator)?|highlight|headerlink|arithmatex|toc|[a-z]\w?|err"
    ),
    "id": re.compile(r"[\w-]*"),
    "classname": re.compile(r"row|col( col--\d+)?"),
    "lang": re.compile(r"[\w+#.-]*"),
    "start": re.compile(r"\d+"),
    "width": re.compile(r"\d+%"),
    "valign": re.compile("top"),
    "align": re.compile("left|center|right"),
    **dict.fromkeys(("alt", "title", "checked", "disabled", "for"), re.compile(".*", re.DOTALL)),
}


class _Elements(HTMLParser):
    """What an HTML file holds besides text and the elements that are meant."""

    def __init__(self, meant: frozenset[str]) -> None:
        super().__init__()
        self._meant = meant
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._meant:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            allowed = _ATTRIBUTES.get(name)
            if allowed is None or not allowed.fullmatch(value or ""):
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data: str) -> None:
        # What stands between two lists for Python-Markdown.
        if data.strip():
            self.found.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")

    unknown_decl = handle_decl


class Running(HTMLParser):
    """What in a built page could run or load something: nothing of that is ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe", "object", "embed", "base", "meta", "form", "zq"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or re.match(r"\s*(?:javascript|data):", value or "", re.IGNORECASE):
                self.found.append(f"<{tag} {name}={value!r}>")


def running(html: str) -> list[str]:
    """The elements and attributes of a built page's content that could run or load something."""
    reader = Running()
    reader.feed(html)
    reader.close()
    return reader.found


def strange(html: str, dialect: str) -> list[str]:
    """The elements and attributes that the renderer never writes, and addresses that could run something."""
    reader = _Elements(ELEMENTS[dialect])
    reader.feed(html)
    reader.close()
    return reader.found


_EXTENSIONS = (["table", "strikethrough", "tasklist"], ["table", "strikethrough", "tasklist", "autolink"])
# Mail is looked for in text that is read already: it takes no markup in.
_MAIL = re.compile(r'<a href="[^"]*@[^"]*">(.*?)</a>')


def _github(text: str, _: bool) -> Iterator[str]:
    plain, html = (markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, each) for each in _EXTENSIONS)
    yield from strange(plain, "gfm")
    if _MAIL.sub(r"\1", html) != _MAIL.sub(r"\1", plain):
        yield "a bare address"


@cache
def _obsidian_reader(math: bool) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return reader.use(dollarmath_plugin, allow_space=False, allow_digits=False) if math else reader


_EMBEDS = re.compile(r"!\[\[|%%|(?<!\\)\^\[")
_ESCAPES_AND_CODE = re.compile(r"(?s)\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\]\([^()\s]*\)|<[^>]*>")


def _obsidian(text: str, math: bool) -> Iterator[str]:
    reader = _obsidian_reader(math)
    tokens = reader.parse(text)
    yield from strange(reader.renderer.render(tokens, reader.options, {}), "obsidian")
    for token in tokens:
        # Formulas hold what they like: it is read in the other half of the documents.
        if token.type == "inline" and not math:
            found = _EMBEDS.search(_ESCAPES_AND_CODE.sub(" ", token.content))
            if found:
                yield f"Obsidian's {found[0]}"


@cache
def _mkdocs_reader(math: bool) -> Markdown:
    extensions = ["fenced_code", "toc", *EXTENSIONS, *(["pymdownx.arithmatex"] if math else [])]
    return Markdown(extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}})


def _mkdocs(text: str, math: bool) -> Iterator[str]:
    return iter(strange(_mkdocs_reader(math).reset().convert(text), "mkdocs"))


# https://github.com/facebook/docusaurus/blob/main/packages/docusaurus-utils/src/markdownUtils.ts
_UNWRAPPED = [
    re.compile(rf"(^|\n) *{fence} *mdx-code-block\n(.*?)\n *{fence}(\n|\Z)", re.DOTALL) for fence in ("```", "````")
]
_ADMONITIONS = "secondary|info|success|danger|note|tip|warning|important|caution"
_TITLE = re.compile(rf"(?:(?<=[\n\u2028\u2029])|^)((?:> ?)*(?: +|\t+)?:{{3,}}(?:{_ADMONITIONS})) +([^\n\u2028\u2029]*)")
_HEADING = re.compile(r"(?:^|\n)#{1,6}(?!#)[^\n\u2028\u2029]*")
_JSX = re.compile(r"style=\{\{\w+: '[^']*'\}\}")
_SUMMARY = re.compile(r"^([ >]*)<summary>(.*)</summary>$", re.MULTILINE)


def preprocessed(text: str) -> str:
    """What Docusaurus makes of a file before MDX reads it."""
    for fence in _UNWRAPPED:
        text = fence.sub(r"\1\2\3", text)
    text = _HEADING.sub(lambda found: found[0].replace("{#", "\\{#", 1).replace("\\\\{#", "\\{#", 1), text)
    return _TITLE.sub(r"\1[\2]", text)


def _docusaurus(text: str, _: bool) -> Iterator[str]:
    if preprocessed(text) != text:
        yield "rewritten by Docusaurus"
    text = _SUMMARY.sub(r"\1\n\1\2\n\1", without_paragraphs(_JSX.sub("", text)))
    yield from strange(_obsidian_reader(False).render(text), "docusaurus")


_PARAGRAPH = re.compile(r"^([ >]*)<p>|</p>$", re.MULTILINE)


def without_paragraphs(text: str) -> str:
    """JSX around paragraphs, in which MDX reads Markdown, as other readers take it."""
    return _PARAGRAPH.sub(r"\1", text)


READERS: Mapping[str, Callable[[str, bool], Iterator[str]]] = {
    "gfm": _github,
    "obsidian": _obsidian,
    "docusaurus": _docusaurus,
    "mkdocs": _mkdocs,
}
"""Docusaurus' own parser is MDX, in JavaScript: see ``tests/web/test_mdx.py``."""


def written(seed: int, dialect: str) -> tuple[str, bool]:
    """A hostile document's whole file, and whether formulas stand between dollars: every other document's do."""
    made, math = hostile(seed), bool(seed % 2)
    artifacts = MarkdownRenderer(dialect=dialect, math=math).render_document(made.document, made.site)
    return content(next(iter(artifacts))), math


def write_pages(folder: Path, dialect: str, seeds: Iterable[int]) -> list[str]:
    """Hostile documents as the pages of a site; their names."""
    names = []
    for seed in seeds:
        made, name = hostile(seed), f"page{seed}"
        made.document.ref, made.site.stem = ref(made.document.ref.title, object_id=f"{seed:032x}"), name
        artifacts = MarkdownRenderer(dialect=dialect, math=False).render_document(made.document, made.site)
        (folder / f"{name}.md").write_text(content(next(iter(artifacts))), "utf-8")
        names.append(name)
    return names


def complaints(seed: int, dialect: str) -> list[str]:
    """What a dialect's reader finds in a hostile document that the renderer did not mean."""
    text, math = written(seed, dialect)
    body = text.partition("\n---\n")[2] if text.startswith("---\n") else text
    return list(READERS[dialect](body, math))
