"""The Notion target: writes pages, blocks, databases, rows and files through Notion's public API.

Each write is one request, sent once. https://developers.notion.com/reference/post-page
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import (
    Changes,
    DoubtError,
    Gate,
    Json,
    Limits,
    Made,
    MissingError,
    New,
    fields,
    hookimpl,
    objects,
    plain_text,
    properties_of,
)
from notion_sync_notion.client import Answer, Client
from notion_sync_notion.decode import text, usable_id
from notion_sync_notion.listing import get_pages, query
from notion_sync_notion.source import API_VERSION
from notion_sync_notion.uploads import MOST_IN_ONE, PART, upload

BLOCKS = frozenset(
    (
        *("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item", "numbered_list_item"),
        *("to_do", "toggle", "quote", "callout", "code", "equation", "divider", "breadcrumb", "table_of_contents"),
        *("bookmark", "embed", "image", "video", "audio", "pdf", "file", "link_to_page", "column_list", "column"),
        *("table", "table_row", "synced_block", "tab", "template"),
    )
)
"""Types of blocks that the API makes."""
LANGUAGES = frozenset(
    (
        *("abap", "abc", "agda", "arduino", "ascii art", "assembly", "bash", "basic", "bnf", "c", "c#", "c++"),
        *("clojure", "coffeescript", "coq", "css", "dart", "dhall", "diff", "docker", "ebnf", "elixir", "elm"),
        *("erlang", "f#", "flow", "fortran", "gherkin", "glsl", "go", "graphql", "groovy", "haskell", "hcl"),
        *("html", "idris", "java", "java/c/c++/c#", "javascript", "json", "julia", "kotlin", "latex", "less", "lisp"),
        *("livescript", "llvm ir", "lua", "makefile", "markdown", "markup", "mathematica", "matlab", "mermaid"),
        *("nix", "notion formula", "objective-c", "ocaml", "pascal", "perl", "php", "plain text", "powershell"),
        *("prolog", "protobuf", "purescript", "python", "r", "racket", "reason", "ruby", "rust", "sass", "scala"),
        *("scheme", "scss", "shell", "smalltalk", "solidity", "sql", "swift", "toml", "typescript", "vb.net"),
        *("verilog", "vhdl", "visual basic", "webassembly", "xml", "yaml"),
    )
)
"""Of code, as the API knows them."""
_FREE = 5 << 20
"""Bytes of the largest file that a workspace without a plan takes, whose blocks are counted for ever; and the least
that any takes, where the service does not say."""
_OBJECTS = frozenset({"page", "row", "database", "data_source", "view", "comment"})
_PATHS = {
    "page": "pages",
    "row": "pages",
    "database": "databases",
    "data_source": "data_sources",
    "block": "blocks",
    "view": "views",
    "comment": "comments",
}
_PARENTS = {"page": "page_id", "row": "data_source_id", "database": "page_id", "data_source": "database_id"}


@define(eq=False)
class NotionTarget:
    """Documents are restored into a Notion workspace."""

    token: str = field(repr=False)
    """From the environment, a file or the keyring; never from the configuration file."""
    base_url: str = "https://api.notion.com"
    """The API's address; ``/v1`` is added."""
    version: str = API_VERSION
    """Sent as ``Notion-Version``."""
    timeout_s: float = 60.0
    """Seconds without any byte before a request is given up."""
    _client: Client = field(init=False, repr=False)

    @_client.default
    def _make_client(self) -> Client:
        return Client(self.base_url, self.token, self.version, self.timeout_s)

    @property
    def host(self) -> str:
        """The API's host, for messages."""
        return self._client.host

    @property
    def budget(self) -> str:
        """Requests are counted for a token at a host, whether they read or write."""
        return f"{self.host} {self.token}"

    @hookimpl
    def target_open(self, into: str, gate: Gate) -> Limits:
        """See the hook; the largest file is told by the workspace, to connections that are bots."""
        bot = fields(gate(self._client.get, "users/me").raw.get("bot"))
        most = fields(bot.get("workspace_limits")).get("max_file_upload_size_in_bytes")
        if into:
            gate(self._client.get, f"pages/{into}")
        return Limits(
            BLOCKS,
            _OBJECTS,
            frozenset({"page"}),
            file_bytes=most if isinstance(most, int) else _FREE,
            whole_bytes=MOST_IN_ONE,
            part_bytes=PART,
            languages=LANGUAGES,
            is_metered=most == _FREE,
            lists=frozenset({"columns", "views", "comments"}),
        )

    @hookimpl
    def target_create(self, new: New, gate: Gate) -> Made:
        """See the hook."""
        if new.kind in ("view", "comment"):
            return self._create_view(new, gate) if new.kind == "view" else self._create_comment(new, gate)
        body: Json = {"parent": {_PARENTS[new.kind]: new.parent} if new.parent else {"workspace": True}}
        body |= {name: value for name, value in (("icon", new.icon), ("cover", new.cover)) if value is not None}
        make = self._create_page if new.kind in ("page", "row") else self._create_database
        return make(new, body, gate)

    def _create_page(self, new: New, body: Json, gate: Gate) -> Made:
        body["properties"] = {**new.properties, "title": {"title": list(new.title)}}
        if new.blocks:
            body["children"] = list(new.blocks)
        if new.after:
            body["position"] = _position(new.after, new.parent, "page_start")
        raw = gate.once(self._client.post, "pages", body).raw
        return Made(_id(raw, "POST /v1/pages"), new.kind, _title(raw))

    def _create_database(self, new: New, body: Json, gate: Gate) -> Made:
        body["title"] = list(new.title)
        path = _PATHS[new.kind]
        if new.kind == "data_source":
            body["properties"] = new.properties
            raw = gate.once(self._client.post, path, body).raw
            return Made(_id(raw, f"POST /v1/{path}"), new.kind, plain_text(raw.get("title")))
        body |= {"description": list(new.description), "is_inline": new.inline}
        body["initial_data_source"] = {"properties": new.properties}
        raw = gate.once(self._client.post, path, body).raw
        sources = tuple(_id(source, f"POST /v1/{path}") for source in objects(raw.get("data_sources")))
        return Made(_id(raw, f"POST /v1/{path}"), new.kind, plain_text(raw.get("title")), sources)

    def _create_view(self, new: New, gate: Gate) -> Made:
        body = {"database_id": new.parent, "name": _said(new.title), **new.properties}
        return Made(_id(gate.once(self._client.post, "views", body).raw, "POST /v1/views"), "view", body["name"])

    def _create_comment(self, new: New, gate: Gate) -> Made:
        discussion = new.properties.get("discussion_id")
        place: Json = {f"{new.properties['on']}_id": new.parent}
        body: Json = {"discussion_id": discussion} if discussion else {"parent": place}
        raw = gate.once(self._client.post, "comments", {**body, "rich_text": list(new.title)}).raw
        return _comment(raw, "POST /v1/comments")

    @hookimpl
    def target_append(self, container: str, blocks: list[Json], after: str, gate: Gate) -> list[str]:
        """See the hook. With a place the answer goes on with the blocks that follow: they are left away."""
        body: Json = {"children": blocks}
        if after:
            body["position"] = _position(after, container, "start")
        path = f"blocks/{container}/children"
        raw = gate.once(self._client.patch, path, body).raw
        return [_id(block, f"PATCH /v1/{path}") for block in objects(raw.get("results"))[: len(blocks)]]

    @hookimpl
    def target_update(self, object_id: str, changes: Changes, gate: Gate) -> None:
        """See the hook."""
        path = f"{_PATHS[changes.kind]}/{object_id}"
        if changes.is_gone:
            with contextlib.suppress(MissingError):
                gate(self._client.delete, path)
            return
        body: Json = {} if changes.block is None else dict(changes.block)
        body |= {name: value for name, value in (("icon", changes.icon), ("cover", changes.cover)) if value is not None}
        if changes.properties is not None:
            body["properties"] = dict(changes.properties)
        if changes.title is not None and changes.kind in ("page", "row"):
            body["properties"] = {**body.get("properties", {}), "title": {"title": list(changes.title)}}
        elif changes.title is not None:
            body["title"] = list(changes.title)
        gate(self._client.patch, path, body)

    @hookimpl
    def target_upload(self, path: Path, name: str, gate: Gate) -> str:
        """See the hook."""
        return upload(self._client, gate, path, name)

    @hookimpl
    def target_children(self, container: str, kind: str, gate: Gate) -> Iterator[Made]:
        """See the hook."""
        if kind == "database":
            raw = gate(self._client.get, f"databases/{container}").raw
            for source in objects(raw.get("data_sources")):
                yield Made(_id(source, "a database"), "data_source", text(source.get("name")))
        elif kind == "columns":
            yield from self._columns(container, gate)
        else:
            made = {"data_source": _row, "views": _view, "comments": _comment}.get(kind, _child)
            for answer in self._listed(container, kind, gate):
                yield from map(made, objects(answer.raw.get("results")))

    def _listed(self, container: str, kind: str, gate: Gate) -> Iterator[Answer]:
        if kind == "data_source":
            return query(self._client, gate, container)
        if kind in ("views", "comments"):
            asked = ("database_id" if kind == "views" else "block_id", container)
            return get_pages(self._client, gate, kind, asked)
        return get_pages(self._client, gate, f"blocks/{container}/children")

    def _columns(self, source: str, gate: Gate) -> Iterator[Made]:
        raw = gate(self._client.get, f"data_sources/{source}").raw
        if raw.get("in_trash") is True:
            raise MissingError(f"the data source {source} is in the trash")
        for name, prop in properties_of(raw).items():
            yield Made(text(prop.get("id")), "column", name)

    @hookimpl
    def target_close(self) -> None:
        """See the hook."""
        self._client.close()


def _said(items: Iterable[Json]) -> str:
    """A text of requests without its formatting."""
    return "".join(text(fields(item.get("text")).get("content")) for item in items)


def _position(after: str, container: str, start: str) -> Json:
    return {"type": start} if after == container else {"type": "after_block", "after_block": {"id": after}}


def _id(raw: Any, what: str) -> str:
    """The id of what an answer shows.

    :raises DoubtError: it has none: what was made has to be looked for.
    """
    found = usable_id(fields(raw).get("id"))
    if found is None:
        raise DoubtError(f"{what}: the answer has no usable id")
    return found


def _title(raw: Json) -> str:
    titles = (value.get("title") for value in properties_of(raw).values() if value.get("type") == "title")
    return plain_text(next(titles, []))


def _row(raw: Json) -> Made:
    return Made(_id(raw, "a list of rows"), "row", _title(raw))


def _view(raw: Json) -> Made:
    return Made(_id(raw, "a list of views"), "view")


def _comment(raw: Json, what: str = "a list of comments") -> Made:
    said = plain_text(raw.get("rich_text"))
    return Made(_id(raw, what), "comment", said, discussion=text(raw.get("discussion_id")))


def _child(raw: Json) -> Made:
    kind = text(raw.get("type"))
    payload = fields(raw.get(kind))
    if kind in ("child_page", "child_database"):
        return Made(_id(raw, "a list of blocks"), kind.removeprefix("child_"), text(payload.get("title")))
    return Made(_id(raw, "a list of blocks"), "block", plain_text(payload.get("rich_text") or []))
