"""Blocks as requests have them, made into what the workspace keeps.

What a payload may hold follows the types of the official SDK 5.26; the levels and counts the documentation:
https://developers.notion.com/reference/patch-block-children
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import not_found
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.files import Files
from notion_sync_demo.writing.refusals import (
    a_boolean,
    a_string,
    an_array,
    an_id,
    an_object,
    failed,
    only,
    should,
    words,
)
from notion_sync_demo.writing.text import COLORS, LONGEST_EQUATION, Texts

MOST_CHILDREN = 100
MOST_BLOCKS = 1000
LEVELS = 3
"""Of blocks in one request: two below the top."""
TABLE_LEVELS = 2
HEADINGS = ("heading_1", "heading_2", "heading_3", "heading_4")
_MEDIA = ("image", "video", "pdf", "file", "audio")
_HOLDERS = ("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "to_do", "toggle", "callout")
_BARE = ("divider", "breadcrumb")
KINDS = (
    *("embed", "bookmark", *_MEDIA, "code", "equation", "divider", "breadcrumb", "table_of_contents", "link_to_page"),
    *("table_row", "table", "column_list", "column", *HEADINGS, "paragraph", "bulleted_list_item"),
    *("numbered_list_item", "quote", "to_do", "toggle", "template", "callout", "synced_block", "tab"),
)
"""What can be made, in the order in which refusals name them."""
_SOURCES = frozenset({"external", "file_upload"})
_STANDS_IN: dict[str, Json] = {
    **{kind: {"rich_text": []} for kind in (*_HOLDERS, *HEADINGS, "template")},
    "code": {"rich_text": [], "language": "plain text"},
    "bookmark": {"url": "x:"},
    "embed": {"url": "x:"},
    "table": {"table_width": 1},
}
"""What a change need not name, though a new block must."""
LANGUAGES = words(
    "abap,abc,agda,arduino,ascii art,assembly,bash,basic,bnf,c,c#,c++,clojure,coffeescript,coq,"
    "css,dart,dhall,diff,docker,ebnf,elixir,elm,erlang,f#,flow,fortran,gherkin,glsl,go,graphql,"
    "groovy,haskell,hcl,html,idris,java,javascript,json,julia,kotlin,latex,less,lisp,livescript,"
    "llvm ir,lua,makefile,markdown,markup,matlab,mathematica,mermaid,nix,notion formula,objective-c,"
    "ocaml,pascal,perl,php,plain text,powershell,prolog,protobuf,purescript,python,r,racket,"
    "reason,ruby,rust,sass,scala,scheme,scss,shell,smalltalk,solidity,sql,swift,toml,typescript,"
    "vb.net,verilog,vhdl,visual basic,webassembly,xml,yaml,java/c/c++/c#",
    ",",
)


class Blocks:
    """Takes the blocks of requests."""

    def __init__(self, space: Workspace, texts: Texts, files: Files) -> None:
        self._space = space
        self._texts = texts
        self._files = files
        self._count = 0
        self._payloads: dict[str, Callable[[str, Json, str], Json]] = {
            **dict.fromkeys((*_HOLDERS, *HEADINGS, "template"), self._text),
            **dict.fromkeys(_MEDIA, self._media),
            **dict.fromkeys(_BARE, self._nothing),
            **dict.fromkeys(("column_list", "tab"), self._holder),
            "code": self._code,
            "equation": self._equation,
            "table_of_contents": self._contents,
            "bookmark": self._bookmark,
            "embed": self._embed,
            "link_to_page": self._link,
            "column": self._column,
            "table": self._table,
            "table_row": self._row,
            "synced_block": self._synced,
        }

    def take(self, raw: Any, where: str, holder: str = "") -> list[Json]:
        """An array of blocks with what is inside them.

        :param holder: the type of the block that they go into; ``""``: a page.
        :raises ApiError: one is none, stands where it cannot, or a limit is passed.
        """
        self._count = 0
        taken = self._children(raw, where, holder, 1)
        if self._count > MOST_BLOCKS:
            raise refusals.wrong("body.children", f"at most `{MOST_BLOCKS}` blocks in all", self._count)
        return taken

    def changed(self, block: Json, body: Json, where: str) -> Json:
        """The payload of a block that is there, after a change: what is not named stays.

        :raises ApiError: the change is of another type, or of what cannot change.
        """
        kind = block["type"]
        if kind not in self._payloads:
            raise refusals.invalid(f"Block type {kind} is not supported via the API.")
        given = an_object(body[kind], f"{where}.{kind}")
        for fixed in ("children", "table_width", "synced_from"):
            if fixed in given:
                raise refusals.wrong(f"{where}.{kind}.{fixed}", "not present", given[fixed])
        if kind == "table_row":
            check_cells({kind: given}, len(block[kind]["cells"]), f"{where}.{kind}")
        source = {"external": {"url": "x:"}} if kind in _MEDIA and not given.keys() & _SOURCES else {}
        whole = self._payloads[kind](kind, {**_STANDS_IN.get(kind, {}), **source, **given}, f"{where}.{kind}")
        moved = ("type", "external", "file") if given.keys() & _SOURCES else ()
        kept = {key: value for key, value in block[kind].items() if key not in moved}
        return {**kept, **{key: value for key, value in whole.items() if key in given or key in moved}}

    def _children(self, raw: Any, where: str, holder: str, level: int) -> list[Json]:
        if level > LEVELS and raw:
            raise refusals.wrong(where, "not present", raw)
        items = an_array(raw, where, MOST_CHILDREN)
        return [self._block(item, f"{where}[{number}]", holder, level) for number, item in enumerate(items)]

    def _block(self, raw: Any, where: str, holder: str, level: int) -> Json:
        block = an_object(raw, where)
        kinds = [kind for kind in KINDS if kind in block]
        if len(kinds) != 1 or block.get("type", kinds[0]) != kinds[0]:
            raise failed([should(f"{where}.{kind}", "defined") for kind in KINDS if kind not in block])
        kind = kinds[0]
        only(block, ("object", "type", kind), where)
        self._check_place(kind, holder, level, where, block)
        self._count += 1
        payload = an_object(block[kind], f"{where}.{kind}")
        inner = payload.get("children")
        children = [] if inner is None else self._children(inner, f"{where}.{kind}.children", kind, level + 1)
        rest = {key: value for key, value in payload.items() if key != "children"}
        if inner is not None:
            self._check_children(kind, rest, inner, f"{where}.{kind}")
        made = {"type": kind, kind: self._payloads[kind](kind, rest, f"{where}.{kind}"), "children": children}
        if kind == "table":
            _check_rows(made, f"{where}.table")
        elif kind == "column_list" and len(children) < 2:
            raise refusals.wrong(f"{where}.column_list.children.length", "≥ `2`", len(children))
        return made

    @staticmethod
    def _check_place(kind: str, holder: str, level: int, where: str, block: Json) -> None:
        """Parts stand in their whole only, and wholes where there is room for their parts."""
        wholes = {"table_row": "table", "column": "column_list"}
        is_part = kind in wholes or holder in wholes.values()
        misplaced = (
            (is_part and wholes.get(kind) != holder)
            or (holder == "tab" and kind != "paragraph")
            or (kind == "column_list" and level > 1)
            or (kind == "table" and level > TABLE_LEVELS)
        )
        if misplaced:
            raise refusals.wrong(f"{where}.{kind}", "not present", block[kind])

    @staticmethod
    def _check_children(kind: str, payload: Json, children: Any, where: str) -> None:
        is_copy = kind == "synced_block" and payload.get("synced_from") is not None
        is_plain_heading = kind in HEADINGS and payload.get("is_toggleable") is not True
        holds = (*_HOLDERS, *HEADINGS, "template", "synced_block", "column_list", "column", "table", "tab")
        if kind not in holds or is_copy or (is_plain_heading and children):
            raise refusals.wrong(f"{where}.children", "not present", children)

    # -- payloads

    def _text(self, kind: str, body: Json, where: str) -> Json:
        allowed = {"rich_text"} if kind == "template" else {"rich_text", "color"}
        extra = {"to_do": "checked", **dict.fromkeys(HEADINGS, "is_toggleable")}.get(kind)
        has_icon = kind in ("paragraph", "callout")
        only(body, allowed | ({extra} if extra else set()) | ({"icon"} if has_icon else set()), where)
        made: Json = {"rich_text": self._rich(body, "rich_text", where, required=True)}
        if "color" in allowed:
            made["color"] = _color(body, where)
        if extra:
            made[extra] = a_boolean(body.get(extra, False), f"{where}.{extra}")
        if has_icon:
            made["icon"] = self._files.icon(body.get("icon"), f"{where}.icon")
        return made

    def _code(self, _: str, body: Json, where: str) -> Json:
        only(body, ("rich_text", "caption", "language"), where)
        language = refusals.one_of(refusals.required(body, "language", where), LANGUAGES, f"{where}.language")
        text = self._rich(body, "rich_text", where, required=True)
        return {"caption": self._rich(body, "caption", where), "rich_text": text, "language": language}

    @staticmethod
    def _equation(_: str, body: Json, where: str) -> Json:
        only(body, ("expression",), where)
        expression = refusals.required(body, "expression", where)
        return {"expression": a_string(expression, f"{where}.expression", LONGEST_EQUATION)}

    @staticmethod
    def _nothing(_: str, body: Json, where: str) -> Json:
        only(body, (), where)
        return {}

    _holder = _nothing

    @staticmethod
    def _contents(_: str, body: Json, where: str) -> Json:
        only(body, ("color",), where)
        return {"color": _color(body, where)}

    def _bookmark(self, _: str, body: Json, where: str) -> Json:
        only(body, ("url", "caption"), where)
        url = refusals.a_url(refusals.required(body, "url", where), f"{where}.url")
        return {"caption": self._rich(body, "caption", where), "url": url}

    def _embed(self, kind: str, body: Json, where: str) -> Json:
        if "file_upload" not in body:
            return self._bookmark(kind, body, where)
        only(body, ("type", "file_upload", "caption"), where)
        return {"caption": self._rich(body, "caption", where), **self._files.file(body, where)}

    def _media(self, kind: str, body: Json, where: str) -> Json:
        allowed = ("type", "external", "file_upload", "caption", *(("name",) if kind == "file" else ()))
        only(body, allowed, where)
        made = {"caption": self._rich(body, "caption", where), **self._files.file(body, where)}
        if kind == "file":
            made["name"] = str(body.get("name") or self._files.name(body))
        return made

    def _link(self, _: str, body: Json, where: str) -> Json:
        only(body, ("type", "page_id", "database_id", "comment_id"), where)
        found = refusals.exactly_one(body, ("page_id", "database_id", "comment_id"), where)
        target = an_id(body[found], f"{where}.{found}")
        known = {"page_id": self._space.pages, "database_id": self._space.databases}.get(found)
        if known is not None and (target not in known or target in self._space.unshared):
            raise not_found(found.removesuffix("_id"), target)
        return {"type": found, found: target}

    @staticmethod
    def _column(_: str, body: Json, where: str) -> Json:
        only(body, ("width_ratio",), where)
        ratio = body.get("width_ratio")
        if ratio is None:
            return {}
        if not isinstance(ratio, int | float) or not 0 < ratio <= 1:
            raise refusals.wrong(f"{where}.width_ratio", "a number between 0 and 1", ratio)
        return {"width_ratio": ratio}

    @staticmethod
    def _table(_: str, body: Json, where: str) -> Json:
        only(body, ("table_width", "has_column_header", "has_row_header"), where)
        width = refusals.required(body, "table_width", where)
        if not isinstance(width, int) or width < 1:
            raise refusals.wrong(f"{where}.table_width", "≥ `1`", width)
        flags = {flag: bool(body.get(flag, False)) for flag in ("has_column_header", "has_row_header")}
        return {"table_width": width, **flags}

    def _row(self, _: str, body: Json, where: str) -> Json:
        only(body, ("cells",), where)
        cells = an_array(refusals.required(body, "cells", where), f"{where}.cells", MOST_CHILDREN)
        return {"cells": [self._texts.take(cell, f"{where}.cells[{number}]") for number, cell in enumerate(cells)]}

    def _synced(self, _: str, body: Json, where: str) -> Json:
        only(body, ("synced_from",), where)
        origin = refusals.required(body, "synced_from", where)
        if origin is None:
            return {"synced_from": None}
        found = an_id(an_object(origin, f"{where}.synced_from").get("block_id"), f"{where}.synced_from.block_id")
        original = self._space.blocks.get(found)
        if original is None or original["in_trash"]:
            raise not_found("block", found)
        if original["type"] != "synced_block" or original["synced_block"]["synced_from"] is not None:
            raise refusals.invalid(f"Block {found} is no original of a synced block.")
        return {"synced_from": {"type": "block_id", "block_id": found}}

    def _rich(self, body: Json, key: str, where: str, *, required: bool = False) -> list[Json]:
        raw = refusals.required(body, key, where) if required else body.get(key, [])
        return self._texts.take(raw, f"{where}.{key}")


def check_cells(row: Json, width: int, where: str) -> None:
    """A row has as many cells as its table has columns."""
    if len(row["table_row"]["cells"]) != width:
        raise refusals.invalid(f"{where}: number of cells in a table row must match the table width of {width}.")


def _check_rows(table: Json, where: str) -> None:
    if not table["children"]:
        raise refusals.wrong(f"{where}.children", "defined")
    for number, row in enumerate(table["children"]):
        check_cells(row, table["table"]["table_width"], f"{where}.children[{number}]")


def _color(body: Json, where: str) -> str:
    return refusals.one_of(body.get("color", "default"), COLORS, f"{where}.color")
