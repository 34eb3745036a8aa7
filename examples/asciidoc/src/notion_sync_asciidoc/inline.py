"""Text within a line: escaped so that it means nothing but itself, and links, looks and formulas around it.

A character that AsciiDoc could take for markup is written as its number, ``&#42;``: a converter puts it back after all
else is done, so that there is no place where it could still mean something.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from attrs import frozen
from notion_sync_core.plugin import SAFE_SCHEMES, Destination, Run, Site, clean, one_line, runs, to_object

_ALWAYS = re.compile(r"""[&<>*_`#+^~\[\]{}|\\'"@$%=]""")
_SOMEWHERE = re.compile(
    r"--|\.\.|\(\(|\)\)|:(?=//|:)|(?<=:):|;(?=;)|(?<=;);|\((?=C\)|R\)|TM\))"  # dashes, dots, addresses, terms, (C)
)
_AT_START = re.compile(
    r"^(?:[-.:/,!;\u2022]|\d+(?=[.)])|[A-Za-z](?=[.)])|[ivxlcdmIVXLCDM]+(?=\))|(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)(?=:))"
)
_MARKS = {"bold": ("**", "**"), "italic": ("__", "__"), "strikethrough": ("[.line-through]##", "##"),
          "underline": ("[.underline]##", "##")}  # fmt: skip


def escaped(text: str) -> str:
    """A text that means itself, wherever it stands in a line; line breaks stay."""
    return "\n".join(map(_line, text.split("\n")))


def _line(text: str) -> str:
    whole = _SOMEWHERE.sub(_numbers, _ALWAYS.sub(_numbers, text))
    start = _AT_START.match(whole)
    if start:
        # The first character, or the one behind a number or word that would begin a list or a note.
        cut = start.end() if start[0].isalnum() else 0
        whole = f"{whole[:cut]}{_number(whole[cut])}{whole[cut + 1 :]}"
    if whole[:1].isspace():
        whole = _number(whole[0]) + whole[1:]
    return whole


def _number(char: str) -> str:
    return f"&#{ord(char)};"


def _numbers(found: re.Match[str]) -> str:
    return "".join(map(_number, found[0]))


@frozen
class Pen:
    """Writes text of one document."""

    site: Site

    def inline(self, items: Any) -> str:
        """Rich text in a line; its line breaks are kept as breaks."""
        text = "".join(map(self._run, runs(items, self.site)))
        return text.strip("\n").replace("\n", " +\n")

    def flat(self, items: Any) -> str:
        """Rich text where no line may end."""
        return self.inline(items).replace(" +\n", " ")

    def to(self, object_id: str, title: str = "") -> str:
        """A link to another document."""
        link = to_object(object_id, self.site, title)
        return self.link(escaped(one_line(clean(link.label)) or "Untitled"), link.to)

    def link(self, label: str, to: Destination | None) -> str:
        """A link, if that is a place one may go to; else its label.

        :param label: escaped.
        """
        if to is None or not to.href:
            return label
        scheme = urlsplit(to.href).scheme.lower() if not to.is_local else ""
        if not to.is_local and scheme not in SAFE_SCHEMES:
            return label
        href = address(to)
        return f"link:{href}[{label}]"

    def _run(self, run: Run) -> str:
        if run.kind == "equation":
            tex = one_line(run.text).replace("\\]", "\\rbrack ").replace("]", "\\]")
            return f"stem:[{tex}]"
        start, text, end = _parted(run.text)
        if not text:
            return start
        shown = escaped(text) if not start else "\n".join(_middle(text))
        if "code" in run.look:
            shown = f"``{shown}``"
        for look, (before, after) in _MARKS.items():
            if look in run.look and "\n" not in shown:
                shown = f"{before}{shown}{after}"
        return f"{start}{self.link(shown, run.to)}{end}"


def _middle(text: str) -> list[str]:
    """A text that does not begin its line."""
    first, *rest = text.split("\n")
    return [_SOMEWHERE.sub(_numbers, _ALWAYS.sub(_numbers, first)), *map(_line, rest)]


def address(to: Destination) -> str:
    """An address as a macro holds it: without anything that could end it, or mean something before."""
    href = quote(to.href, safe="/") if to.is_local else quote(to.href, safe="/:?#@!$&()*,;=%-._~")
    href = re.sub(r"[*_`#+^~\[\]{}|\\'\"<>]", lambda found: f"%{ord(found[0]):02X}", href) if to.is_local else href
    return f"{href}#_{to.fragment}" if to.fragment else _plain(href)


def _plain(href: str) -> str:
    """Of what an address may hold, nothing stays that is markup as well."""
    return re.sub(r"[*_`+^~{}|\\]|--|\.\.\.", lambda found: "".join(f"%{ord(char):02X}" for char in found[0]), href)


def _parted(text: str) -> tuple[str, str, str]:
    """A text without the white space at its ends, which no mark may touch."""
    bare = text.strip()
    if not bare:
        return text.replace("\n", " "), "", ""
    start = text[: len(text) - len(text.lstrip())]
    end = text[len(text.rstrip()) :]
    return start, bare, end
