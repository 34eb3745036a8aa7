"""A source as small as one can be that has every feature, over real HTTP: what the exam of sources is examined with."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from attrs import define, field

from notion_sync_core.plugin import (
    Asset,
    Catalog,
    Comments,
    Found,
    Gate,
    Json,
    Kind,
    Listing,
    MissingError,
    Parent,
    Piece,
    Ref,
    Workspace,
    hookimpl,
)

WHEN = "2026-01-02T03:04:05.000Z"


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


PAGE, CHILD, DATABASE, SOURCE, ROW, TOGGLE, PICTURE, USER = map(_id, range(1, 9))


def _block(own: str, kind: str, text: str = "", *, has_children: bool = False, **payload: Any) -> Json:
    items = [{"type": "text", "plain_text": text, "text": {"content": text}}] if text else []
    payload["rich_text"] = items
    return {"object": "block", "id": own, "type": kind, "has_children": has_children, kind: payload}


def _object(own: str, kind: str, title: str, parent: str = "", **more: Any) -> Json:
    times = {"created_time": WHEN, "last_edited_time": WHEN}
    return {"object": kind, "id": own, "title": title, "parent": parent, **times, **more}


OBJECTS = {
    PAGE: _object(PAGE, "page", "Page"),
    CHILD: _object(CHILD, "page", "Child", PAGE),
    DATABASE: _object(DATABASE, "database", "Database", PAGE, data_sources=[{"id": SOURCE, "name": "Source"}]),
    SOURCE: _object(SOURCE, "data_source", "Source", DATABASE),
    ROW: _object(ROW, "page", "Row", SOURCE),
}
LISTS = {
    PAGE: [
        [_block(_id(100 + number), "paragraph", f"line {number}") for number in range(3)],
        [
            _block(TOGGLE, "toggle", "toggle", has_children=True),
            _block(PICTURE, "image", type="file", file={"url": "/files/picture", "expiry_time": None}),
            _block(CHILD, "child_page", title="Child"),
            _block(DATABASE, "child_database", title="Database"),
        ],
    ],
    TOGGLE: [[_block(_id(200), "paragraph", "inside")]],
    ROW: [[_block(_id(300), "paragraph", "row")]],
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        what, _, rest = self.path.strip("/").partition("/")
        body: Any = b"picture" if what == "files" else self._answer(what, rest)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, what: str, rest: str) -> Any:
        if what == "search":
            return [each for each in OBJECTS.values() if each["id"] != ROW]
        if what == "rows":
            return [OBJECTS[ROW]]
        if what == "objects":
            return OBJECTS.get(rest)
        if what == "users":
            return [{"object": "user", "id": USER, "name": "Anna"}]
        own, _, index = rest.partition("/")
        found = LISTS.get(own) or ([[]] if own in OBJECTS else [])
        return {"results": found[int(index)], "has_more": int(index) + 1 < len(found)} if found else None

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


_server: ThreadingHTTPServer | None = None


def service() -> str:
    """The address of the service, started once."""
    global _server
    if _server is None:
        _server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        _server.daemon_threads = True
        threading.Thread(target=_server.serve_forever, args=(0.02,), daemon=True).start()
    return f"http://127.0.0.1:{_server.server_address[1]}"


@define(eq=False)
class HttpSource:
    """A few objects, from a service that speaks JSON."""

    url: str
    token: str = field(default="swordfish", repr=False)
    host = "examined"
    version = "1"
    _seen: dict[str, Json] = field(factory=dict, init=False, repr=False)
    _opener: Any = field(factory=urllib.request.build_opener, init=False, repr=False)

    def _get(self, path: str) -> Any:
        try:
            with self._opener.open(f"{self.url}/{path}", timeout=10) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            raise MissingError(f"the service does not know {path}") from None

    def _ref(self, raw: Json) -> Ref:
        parent = Parent("page_id", raw["parent"]) if raw["parent"] else Parent()
        times = (raw["created_time"], raw["last_edited_time"])
        return Ref(raw["id"], raw["object"], raw["title"], parent, *times, raw=raw)

    @hookimpl
    def source_ping(self, gate: Gate) -> str:
        return f"{len(gate(self._get, 'search'))} objects"

    @hookimpl
    def source_workspace(self) -> Workspace:
        return Workspace("examined", "Examined")

    @hookimpl
    def source_discover(self, roots: tuple[str, ...], gate: Gate) -> Iterator[Ref]:
        if roots:
            for root in roots:
                yield self._ref(gate(self._get, f"objects/{root}"))
            return
        for raw in gate(self._get, "search"):
            yield self._ref(raw)

    @hookimpl
    def source_resolve(self, root: str) -> str:
        return root if root in OBJECTS else ""

    @hookimpl
    def source_revisit(self, catalog: Catalog, gate: Gate) -> Iterator[Ref]:
        if catalog.awaited():
            for raw in gate(self._get, "search"):
                yield self._ref(raw)

    @hookimpl
    def source_fetch(self, object_id: str, gate: Gate) -> list[Ref]:
        return [self._ref(gate(self._get, f"objects/{object_id}"))]

    @hookimpl
    def source_locate(self, block_id: str) -> str:
        holders = (own for own, lists in LISTS.items() for part in lists for each in part if each["id"] == block_id)
        holder = next(holders, "")
        return holder if not holder or holder in OBJECTS else self.source_locate(holder)

    @hookimpl
    def source_expand(self, ref: Ref, gate: Gate) -> Iterator[Ref]:
        for raw in gate(self._get, f"rows/{ref.id}"):
            yield self._ref(raw)

    @hookimpl
    def source_users(self, gate: Gate) -> Iterator[Json]:
        yield from gate(self._get, "users")

    @hookimpl
    def source_read(self, ref: Ref, gate: Gate) -> Iterator[Piece]:
        raw = ref.raw or {}
        if ref.kind == "database":
            sources = [(each["id"], "data_source", each["name"]) for each in raw["data_sources"]]
            yield Found(tuple(sources), raw=raw, read_at=WHEN)
            return
        yield from self._read(ref.id, raw, gate)

    @hookimpl
    def source_read_children(self, block_id: str, gate: Gate) -> Iterator[Piece]:
        yield from self._read(block_id, None, gate)

    def _read(self, top: str, raw: Json | None, gate: Gate) -> Iterator[Piece]:
        children: list[tuple[str, Kind, str]] = []
        assets: list[Asset] = []
        waiting = [top]
        while waiting:
            own = waiting.pop()
            index, more = 0, True
            while more:
                answer = gate(self._get, f"blocks/{own}/{index}")
                for block in answer["results"]:
                    if block["has_children"]:
                        waiting.append(block["id"])
                    if block["type"] in ("child_page", "child_database"):
                        kind: Kind = "page" if block["type"] == "child_page" else "database"
                        children.append((block["id"], kind, block[block["type"]]["title"]))
                    if block["type"] == "image":
                        key = block["image"]["file"]["url"]
                        assets.append(Asset(key, f"{key}?signature=1", holder_id=block["id"]))
                yield Listing(own, index, answer)
                index, more = index + 1, answer["has_more"]
        if raw is not None:
            said = {"object": "comment", "rich_text": []}
            yield Comments(top, 0, {"results": [said], "has_more": False})
        yield Found(tuple(children), assets=tuple(assets), raw=raw, read_at=WHEN)

    @hookimpl
    def source_download(self, asset: Asset, out: BinaryIO, gate: Gate) -> str:
        gate(self._fetch, asset.key, out)
        return "image/png"

    def _fetch(self, key: str, out: BinaryIO) -> None:
        with self._opener.open(f"{self.url}{key}", timeout=10) as answer:
            out.write(answer.read())

    @hookimpl
    def source_close(self) -> None:
        self._seen.clear()


def make(folder: Path) -> HttpSource:
    del folder
    return HttpSource(service())


FEATURES = {
    *("ping", "workspace", "resolve", "revisit", "locate", "expand", "users", "synced", "assets", "comments"),
}
