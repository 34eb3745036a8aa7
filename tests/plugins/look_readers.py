"""What each dialect's own parser makes of a file, as HTML; where no such parser is in Python, the nearest to it.

GitHub's: cmark-gfm. MkDocs': Python-Markdown with the documented extensions. Obsidian's: markdown-it with highlights,
wikilinks, formulas and boxes. Docusaurus': markdown-it with JSX as HTML; MDX itself is asked in ``tests/web``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any

from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options
from markdown import Markdown
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar
from mdit_py_plugins.tasklists import tasklists_plugin

from notion_sync_markdown.dialects.mkdocs import EXTENSIONS

Reader = Callable[[str, bool], str]

ESCAPED_DOLLAR = "\u2042"
"""Stands for ``\\$`` while GitHub's parser reads: formulas are looked for in what it has read."""
_CODE_OR_ESCAPE = re.compile(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\.")


ESCAPED_CARET = "\u2043"
"""Stands for ``\\^`` in the same way: names of blocks are looked for in what Obsidian has read."""


def _without_escape(text: str, escape: str, instead: str) -> str:
    return _CODE_OR_ESCAPE.sub(lambda found: instead if found[0] == escape else found[0], text)


def _github(text: str, _: bool) -> str:
    text = _without_escape(text, "\\$", ESCAPED_DOLLAR)
    extensions = ["table", "strikethrough", "tasklist", "autolink"]
    return str(markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, extensions))


# -- Obsidian


def _mark(state: StateInline, silent: bool) -> bool:
    """``==highlight==``, as the plugin markdown-it-mark reads it: like two tildes."""
    if silent or state.src[state.pos] != "=":
        return False
    scanned = state.scanDelims(state.pos, True)
    length = scanned.length
    if length < 2:
        return False
    if length % 2:
        state.push("text", "", 0).content = "="
        length -= 1
    for _ in range(length // 2):
        state.push("text", "", 0).content = "=="
        state.delimiters.append(_delimiter(len(state.tokens) - 1, scanned))
    state.pos += scanned.length
    return True


def _delimiter(token: int, scanned: Any) -> Any:
    from markdown_it.rules_inline.state_inline import Delimiter

    return Delimiter(marker=0x3D, length=0, token=token, end=-1, open=scanned.can_open, close=scanned.can_close)


def _marked(state: StateInline) -> None:
    for delimiters in (state.delimiters, *(each["delimiters"] for each in state.tokens_meta if each)):
        for start in delimiters:
            if start.marker == 0x3D and start.end >= 0:
                for place, kind, nesting in (
                    (start.token, "mark_open", 1),
                    (delimiters[start.end].token, "mark_close", -1),
                ):
                    state.tokens[place] = Token(kind, "mark", nesting)  # type: ignore[arg-type]


_WIKILINK = re.compile(r"\[\[([^\[\]|#^]+)((?:#\^?[\w-]+)?)\|([^\[\]|]*)\]\]")


def _wikilink(state: StateInline, silent: bool) -> bool:
    found = _WIKILINK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs["href"] = f"{found[1]}.md{found[2]}"
        state.push("text", "", 0).content = found[3]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _markdown_it() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return reader.use(tasklists_plugin)


@cache
def _obsidian_reader(math: bool) -> MarkdownIt:
    reader = _markdown_it()
    reader.inline.ruler.before("emphasis", "mark", _mark)
    reader.inline.ruler2.before("fragments_join", "mark", _marked)
    reader.inline.ruler.before("link", "wikilink", _wikilink)
    if math:
        reader.use(dollarmath_plugin, allow_space=False, allow_digits=False)
        reader.inline.ruler.at("math_inline", _formula)
    return reader


_dollars = math_inline_dollar(allow_space=False, allow_digits=False)


def _formula(state: StateInline, silent: bool) -> bool:
    """The plugin takes the line's last character for the one before its first."""
    if state.pos:
        return _dollars(state, silent)
    state.src += "\n"
    found = _dollars(state, silent)
    state.src = state.src[:-1]
    return found


def _obsidian(text: str, math: bool) -> str:
    return str(_obsidian_reader(math).render(_without_escape(text, "\\^", ESCAPED_CARET)))


# -- Docusaurus

_JSX_STYLE = re.compile(r"style=\{\{(\w+): '([^']*)'\}\}")
_DIRECTIVE = re.compile(r"^([ >]*)(:{3,})(?:(\w+)(?:\[(.*)\])?)?$", re.MULTILINE)
_SUMMARY = re.compile(r"^([ >]*)<summary>(.*)</summary>$", re.MULTILINE)
_FENCE = re.compile(r"[ >]*(?:(?:[-*]|\d+[.)]) +)*(`{3,})([^`]*)$")
_TAG = re.compile(r"<(/?)\w[^>]*?(/?)>")
_HEADING_ID = re.compile(r"^([ >]*(?:[-*] |\d+[.)] )*#+ .*?) ?\\\{#([\w-]+)\}$", re.MULTILINE)


def _style(found: re.Match[str]) -> str:
    return f'style="{"background" if found[1] == "backgroundColor" else found[1]}:{found[2]}"'


def _directive(found: re.Match[str]) -> str:
    space, _, kind, title = found.groups()
    if not kind:
        return f"{space}</div>"
    head = f"\n{space.rstrip()}\n{space}{title}\n{space.rstrip()}" if title else ""
    return f'{space}<div class="admonition">{head}'


def _is_element_alone(tokens: Sequence[Token]) -> bool:
    """Whether MDX unwraps a paragraph: there is nothing in it but elements."""
    depth = 0
    for token in tokens:
        if token.type == "html_inline":
            found = _TAG.fullmatch(token.content)
            depth += 0 if not found or found[2] else -1 if found[1] else 1
        elif not depth and (token.content.strip() or token.type not in ("text", "softbreak")):
            return False
    return bool(tokens)


def _paragraph(_: Any, tokens: Sequence[Token], place: int, __: Any, ___: MutableMapping[str, Any]) -> str:
    token = tokens[place]
    inline = tokens[place + token.nesting]
    if token.hidden or _is_element_alone(inline.children or []):
        return ""
    return "<p>" if token.nesting > 0 else "</p>\n"


@cache
def _docusaurus_reader(math: bool) -> MarkdownIt:
    reader = _markdown_it().disable("autolink").disable("html_block").disable("code")
    reader.add_render_rule("paragraph_open", _paragraph)
    reader.add_render_rule("paragraph_close", _paragraph)
    return reader.use(dollarmath_plugin, allow_space=False, allow_digits=True) if math else reader


def _docusaurus(text: str, math: bool) -> str:
    text = _JSX_STYLE.sub(_style, text).replace("className=", "class=")
    text = _HEADING_ID.sub(r'\1<a id="\2"></a>', text)
    return str(_docusaurus_reader(math).render(_with_elements(text)))


def _with_elements(text: str) -> str:
    """Boxes and first lines of toggles as elements with blank lines within."""
    out, fence = [], ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            fence = "" if found and not found[2] and len(found[1]) >= len(fence) else fence
        elif found:
            fence = found[1]
        else:
            line = _DIRECTIVE.sub(_directive, _SUMMARY.sub(r"\1<summary>\n\1\n\1\2\n\1\n\1</summary>", line))
        out.append(line)
    return "\n".join(out)


# -- MkDocs


@cache
def _mkdocs_reader(math: bool) -> Markdown:
    extensions = ["fenced_code", "toc", *EXTENSIONS, *(["pymdownx.arithmatex"] if math else [])]
    return Markdown(extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}})


def _mkdocs(text: str, math: bool) -> str:
    return str(_mkdocs_reader(math).reset().convert(text))


READERS: Mapping[str, Reader] = {
    "gfm": _github,
    "obsidian": _obsidian,
    "docusaurus": _docusaurus,
    "mkdocs": _mkdocs,
}
"""From a dialect's Markdown to HTML; the other argument says whether formulas stand between dollars."""
