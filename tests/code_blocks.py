"""What tests read out of Markdown: blocks of code, whether they can run here, links, and where headings are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from urllib.parse import unquote

from attrs import frozen
from markdown_it import MarkdownIt

_COMMONMARK = MarkdownIt("commonmark")
_COMMENT = re.compile(r"<!-- (given|not run here|nothing here runs): (.+?) -->", re.S)
_FILE = re.compile(r"\*\*`([^`]+)`\*\*")


@frozen
class Code:
    """One block."""

    language: str
    """The first word of its fence; empty for one that is only indented."""
    text: str
    line: int
    """Of its first line in the page, from 1."""
    heading: str
    """Under which it stands."""
    file: str
    """The file that it is, where **`name`** stands above it."""
    why_not: str
    """Why it is not run by the tests, as a comment above it says; empty for one that is."""
    given: str
    """Lines of a shell that come before it, which a comment above it says."""


def blocks_of(text: str) -> Iterator[Code]:
    """Every block of code of a page, in order."""
    heading = above = why_not = why_none = given = ""
    tokens = _COMMONMARK.parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            above = token.content
            if before is not None and before.type == "heading_open":
                heading = token.content
        elif token.type == "html_block":
            for kind, said in _COMMENT.findall(token.content):
                given = said if kind == "given" else given
                why_not = said if kind == "not run here" else why_not
                why_none = said if kind == "nothing here runs" else why_none
        elif token.type in ("fence", "code_block"):
            assert token.map is not None
            language = token.info.split()[0] if token.info.split() else ""
            named = _FILE.fullmatch(above.strip())
            file = named[1] if named else ""
            yield Code(language, token.content, token.map[0] + 1, heading, file, why_not or why_none, given)
            above = why_not = given = ""


def blocks_in(page: Path) -> list[Code]:
    """Every block of code of a file."""
    return list(blocks_of(page.read_text("utf-8")))


def lines_of(text: str) -> list[str]:
    """The lines of every block of code, without empty ones."""
    return [line for block in blocks_of(text) for line in block.text.splitlines() if line.strip()]


def to_type(text: str) -> list[str]:
    """The lines of a page for a shell, continued ones joined and comments left out, and commands within its text."""
    found = [block.text for block in blocks_of(text) if block.language in ("", "sh", "console")]
    for token in _COMMONMARK.parse(text):
        named = [each.content for each in token.children or () if each.type == "code_inline"]
        found += [each for each in named if each.startswith("notion-sync ") and "…" not in each]
    return [re.sub(r"\s#\s.*", "", line) for each in found for line in each.replace("\\\n", " ").splitlines()]


def links_of(text: str) -> list[str]:
    """Where its links and pictures lead, as they are written."""
    found = []
    for token in _COMMONMARK.parse(text):
        for each in (token, *(token.children or ())):
            if target := each.attrGet("href") or each.attrGet("src"):
                found.append(unquote(str(target)))
            elif each.type in ("html_block", "html_inline"):
                found += re.findall(r"(?:src|href|srcset)=\"([^\"]+)\"", each.content)
    return found


def anchors_of(text: str) -> set[str]:
    """The fragments that lead into a page, as GitHub makes them of headings."""
    found: set[str] = set()
    tokens = _COMMONMARK.parse(text)
    for opened, inline in pairwise(tokens):
        if opened.type == "heading_open":
            words = "".join(each.content for each in inline.children or () if each.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            twice = next(number for number in count() if (f"{slug}-{number}" if number else slug) not in found)
            found.add(f"{slug}-{twice}" if twice else slug)
    return found
