"""The emulator's answers, prepared as bytes and served by one loop: the server must not be what is measured.

Run as ``python tests/benchmarks/server.py PAGES [--latency S] [--requests N --window S]``; prints its URL first.
The answers lie in a file on disk, so that 100,000 pages cost little memory.
"""

from __future__ import annotations

import argparse
import heapq
import mmap
import re
import selectors
import socket
import sys
import tempfile
import time
from collections import Counter
from urllib.parse import quote

import orjson
from extremes import Extreme

from notion_sync_demo import ServerBudget, Workspace, generate
from notion_sync_demo.api import Api, ApiError, Request
from notion_sync_demo.shapes import FILE_URL

TOKEN = "bench-token"
_FILE = re.compile(rb'"' + FILE_URL.encode() + rb'([^"]+)","expiry_time":null')
_EXPIRES = b'"2099-01-01T00:00:00.000Z"'
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_JSON = b"Content-Type: application/json\r\n"


class Prepared:
    """Every answer of a workspace to GET requests, as whole HTTP messages in a file."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._api = Api(workspace)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._places: dict[str, tuple[int, int]] = {}
        self._posts: dict[bytes, bytes] = {}
        self.listings = 0
        self.url = ""

    def prepare(self) -> None:
        """Make the answers: one listing after another, then files, users and databases."""
        for page in list(self.workspace.pages):
            self._prepare_tree(page)
        for kind, ids in (("databases", self.workspace.databases), ("data_sources", self.workspace.data_sources)):
            for each in ids:
                self._keep(f"/v1/{kind}/{each}")
        for target in ("/v1/users?page_size=100", "/v1/users/me"):
            self._keep(target)
        for key, (content, media_type) in self.workspace.files.items():
            self._write(f"/files/{quote(key)}", message(content, f"Content-Type: {media_type}\r\n".encode()))
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def _prepare_tree(self, page: str) -> None:
        todo = [page]
        while todo:
            parent = todo.pop()
            target = f"/v1/blocks/{parent}/children?page_size=100"
            while target:
                answer = self._keep(target)
                self.listings += 1
                todo += [
                    block["id"]
                    for block in answer["results"]
                    if block["has_children"] and block["type"] not in ("child_page", "child_database")
                ]
                cursor = answer["next_cursor"]
                target = f"/v1/blocks/{parent}/children?page_size=100&start_cursor={cursor}" if cursor else ""
        if page in self.workspace.unlisted:
            self._keep(f"/v1/pages/{page}")

    def _keep(self, target: str) -> dict:
        answer = self._api.answer(Request.parse("GET", target, b""))
        self._write(target, message(self._signed(answer), _JSON))
        return answer

    def _signed(self, answer: dict) -> bytes:
        raw = orjson.dumps(answer)
        return _FILE.sub(lambda found: self._address(found[1]) + b',"expiry_time":' + _EXPIRES, raw)

    def _address(self, key: bytes) -> bytes:
        name = orjson.loads(b'"' + key + b'"')
        return orjson.dumps(f"{self.url}/files/{quote(name)}?X-Amz-Signature=prepared")

    def _write(self, target: str, raw: bytes) -> None:
        self._places[target] = (self._file.tell(), len(raw))
        self._file.write(raw)

    def answer(self, method: bytes, target: str, body: bytes) -> bytes:
        """The whole message for one request."""
        if method == b"GET":
            place = self._places.get(target) or self._places.get(target.partition("?")[0])
            if place is not None:
                return self._map[place[0] : place[0] + place[1]]
        key = target.encode() + b"\n" + body
        if key not in self._posts:
            self._posts[key] = self._made(method.decode(), target, body)
        return self._posts[key]

    def _made(self, method: str, target: str, body: bytes) -> bytes:
        try:
            return message(self._signed(self._api.answer(Request.parse(method, target, body))), _JSON)
        except ApiError as error:
            return message(orjson.dumps(error.body), _JSON, b"%d Error" % error.status)


class Unprepared:
    """Answers made when they are asked for: prepared ones would fill the disk."""

    def __init__(self, extreme: Extreme) -> None:
        self._extreme = extreme
        self.url = ""

    def answer(self, method: bytes, target: str, body: bytes) -> bytes:
        """The whole message for one request."""
        return message(orjson.dumps(self._extreme.answer(method.decode(), target, body)), _JSON)


def message(body: bytes, headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole HTTP message; its date is long after every edit."""
    head = b"HTTP/1.1 " + status + b"\r\nDate: Fri, 01 Jan 2027 00:00:00 GMT\r\n" + headers
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Server:
    """One thread, one loop. Answers wait for the latency without holding anybody up."""

    def __init__(self, prepared: Prepared | Unprepared, latency_s: float, budget: ServerBudget | None) -> None:
        self._prepared = prepared
        self._latency = latency_s
        self._budget = budget
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._waiting: list[tuple[float, int, socket.socket, bytes]] = []
        self._serial = 0
        self._buffers: dict[socket.socket, bytes] = {}
        self.counts: Counter[str] = Counter()
        self.url = prepared.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer for ever."""
        while True:
            timeout = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            for key, _ in self._selector.select(timeout):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.fileobj)  # type: ignore[arg-type]
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, connection, raw = heapq.heappop(self._waiting)
                self._send(connection, raw)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffers[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(connection)
            del self._buffers[connection]
            connection.close()
            return
        data = self._buffers[connection] + data
        head, found, body = data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if found else None
        if not found or (length and len(body) < int(length[1])):
            self._buffers[connection] = data
            return
        self._buffers[connection] = b""
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
        self._answer(connection, method, target.decode(), body)

    def _answer(self, connection: socket.socket, method: bytes, target: str, body: bytes) -> None:
        if target == "/_counts":
            self._send(connection, message(orjson.dumps(dict(self.counts)), _JSON))
            return
        is_file = target.startswith("/files/")
        self.counts["files" if is_file else "total"] += 1
        wait = 0 if is_file or self._budget is None else self._budget.arrive()
        if wait:
            self.counts["429"] += 1
            body = b'{"object":"error","status":429,"code":"rate_limited","message":"slow down"}'
            raw = message(body, _JSON + b"Retry-After: %d\r\n" % wait, b"429 Too Many Requests")
        else:
            raw = self._prepared.answer(method, target, body)
        if self._latency:
            self._serial += 1
            heapq.heappush(self._waiting, (time.monotonic() + self._latency, self._serial, connection, raw))
        else:
            self._send(connection, raw)

    def _send(self, connection: socket.socket, raw: bytes) -> None:
        try:
            connection.setblocking(True)
            connection.sendall(raw)
        except OSError:
            return


def main() -> None:
    """Prepare, say where, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", type=int)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--window", type=float, default=60.0)
    parser.add_argument("--blocks", type=int, default=0, help="instead: one page of so many blocks")
    parser.add_argument("--rows", type=int, default=0, help="instead: one data source of so many rows")
    given = parser.parse_args()
    budget = ServerBudget(given.requests, given.window) if given.requests else None
    if given.blocks or given.rows:
        extreme = Extreme(given.blocks, given.rows)
        server, facts = Server(Unprepared(extreme), given.latency, budget), extreme.facts
    else:
        server, facts = _typical(given.pages, given.latency, budget)
    sys.stdout.write(orjson.dumps({"url": server.url, "token": TOKEN, **facts}).decode() + "\n")
    sys.stdout.flush()
    server.serve()


def _typical(pages: int, latency_s: float, budget: ServerBudget | None) -> tuple[Server, dict]:
    prepared = Prepared(generate(pages))
    server = Server(prepared, latency_s, budget)
    prepared.prepare()
    space = prepared.workspace
    return server, {
        "pages": len(space.pages),
        "databases": len(space.databases),
        "data_sources": len(space.data_sources),
        "unlisted": len(space.unlisted),
        "rows": [sum(1 for _ in space.rows(source)) for source in space.data_sources],
        "listings": prepared.listings,
        "users": len(space.users),
    }


if __name__ == "__main__":
    main()
