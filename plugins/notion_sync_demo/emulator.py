"""The server: HTTP/1.1 on loopback, with the rate limit, faults and counters of a real service."""

from __future__ import annotations

import re
import socket
import socketserver
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import orjson
from attrs import define, field

from notion_sync_demo.api import PAGE_SIZE, START, Api
from notion_sync_demo.budget import ServerBudget
from notion_sync_demo.exchange import ApiError, Request
from notion_sync_demo.faults import SAVED, Fault, Faults
from notion_sync_demo.misbehave import NEEDS_BODY, at_once, saved, spoil
from notion_sync_demo.shapes import FILE_URL
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing.conflicts import CONFLICT, Writers
from notion_sync_demo.writing.endpoints import Written

_FILE = re.compile(rb'"' + FILE_URL.encode() + rb'([^"]+)","expiry_time":null')


@define
class Counters:
    """What a server served."""

    total: int = 0
    """API requests, files not counted."""
    files: int = 0
    bytes: int = 0
    endpoints: Counter[str] = field(factory=Counter)
    statuses: Counter[int] = field(factory=Counter)
    paths: Counter[str] = field(factory=Counter)
    leaks: int = 0
    """Requests for a file that carried an ``Authorization`` header."""


class Emulator:
    """Serves a workspace over HTTP; a context manager.

    :param token: what ``Authorization: Bearer`` must say.
    :param budget: the rate limit; ``None``: no limit.
    :param latency_s: seconds each answer takes; of two writes into one page meanwhile the second is a conflict.
    :param expires_s: how long a file URL is valid.
    :param page_size: most results in one answer, whatever the client asks for.
    :param block_limit: blocks that clients may make, as in a free workspace with several members; ``None``: no limit.
    :param largest_file: bytes of the largest file that the workspace takes.
    :param clock: for expiry, the times of writes and the ``Date`` header, seconds since the epoch.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        token: str = "demo-token",  # noqa: S107 - guards nothing
        budget: ServerBudget | None = None,
        latency_s: float = 0.0,
        expires_s: float = 3600.0,
        port: int = 0,
        query_cap: int = 10_000,
        search_cap: int | None = None,
        page_size: int = PAGE_SIZE,
        block_limit: int | None = None,
        largest_file: int = 5 << 20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.workspace = workspace
        self.token = token
        self.budget = budget
        self.latency_s = latency_s
        self.expires_s = expires_s
        self.clock = clock
        self.faults = Faults()
        self.counters = Counters()
        self.log: deque[str] = deque(maxlen=10_000)
        """The paths that were asked for lately, in order."""
        self.not_found_all = False
        """Answer 404 to everything, as after a lost permission."""
        self.api = Api(
            workspace,
            query_cap=query_cap,
            search_cap=search_cap,
            page_size=page_size,
            block_limit=block_limit,
            largest_file=largest_file,
            clock=self.now,
            url=lambda: self.url,
        )
        self.lock = threading.RLock()
        """Held while a request is answered; hold it to edit the workspace in between."""
        self._writers = Writers()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def now(self) -> float:
        """The time by its clock."""
        return self.clock()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Emulator:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving, and close every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    # -- answering, on the connection's thread

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes, out: Answerer) -> None:
        """Answer one request."""
        path = target.partition("?")[0]
        if path.startswith("/_emulator/"):
            self._control(path, body, out)
            return
        if path.startswith("/files/"):
            self._file(target, headers, out)
            return
        with self._writers.writing(method, path, body) as free:
            if self.latency_s:
                time.sleep(self.latency_s)
            self._serve(method, target, headers, body, out, free)

    def _serve(self, method: str, target: str, headers: dict[str, str], body: bytes, out: Answerer, free: bool) -> None:
        path = target.partition("?")[0]
        template = self.api.template(method, path)
        with self.lock:
            self.counters.total += 1
            self.counters.endpoints[template] += 1
            self.counters.paths[path] += 1
            self.log.append(path)
        wait = self.budget.arrive() if self.budget else 0
        if wait:
            self._error(out, 429, {"Retry-After": str(wait)}, _limited(wait))
            return
        if not free:
            self._error(out, 409, {}, CONFLICT)
            return
        fault = self.faults.strike(path, f"{target.partition('?')[2]} {body.decode('latin-1')}", method=method)
        if fault is not None and self._faulty(fault, out):
            return
        self._answer(method, target, headers, body, out, fault)

    def _answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes, out: Answerer, fault: Fault | None
    ) -> None:
        try:
            with self.lock:
                self._authorise(headers)
                if self.not_found_all:
                    raise ApiError(404, "object_not_found", "Could not find the object.")
                request = Request.parse(method, target, body, headers.get("content-type", ""))
                found = self.api.answer(request)
                if fault is not None and fault.kind == "cursor_loop":
                    found = {**found, "has_more": True, "next_cursor": request.get("start_cursor") or START}
                raw = orjson.dumps({**found, "request_id": out.request_id})
                made = self.api.writes.last if method != "GET" else Written()
        except ApiError as error:
            self._error(out, error.status, {}, error.body)
            return
        if fault is not None and fault.kind in SAVED:
            self._count(saved(fault, out, made.resource, made.children), 0)
            return
        raw = _FILE.sub(self._sign, raw)
        self._count(200, len(raw))
        if fault is not None and fault.kind != "cursor_loop":
            spoil(fault, out, raw, "application/json")
            return
        out.send(200, raw)

    def _authorise(self, headers: dict[str, str]) -> None:
        if headers.get("authorization") != f"Bearer {self.token}":
            raise ApiError(401, "unauthorized", "API token is invalid.")
        if not headers.get("notion-version"):
            raise ApiError(400, "missing_version", "Notion-Version header should be defined.")

    def _faulty(self, fault: Fault, out: Answerer) -> bool:
        """Let a fault strike; ``False`` if it strikes the good answer's body later."""
        if fault.kind in NEEDS_BODY:
            return False
        self._count(at_once(fault, out, self.clock(), self.url), 0)
        return True

    def _error(self, out: Answerer, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        self._count(status, 0)
        out.send(status, orjson.dumps({**body, "request_id": out.request_id}), headers)

    def _count(self, status: int, size: int) -> None:
        with self.lock:
            self.counters.statuses[status] += 1
            self.counters.bytes += size

    # -- files

    def _sign(self, found: re.Match[bytes]) -> bytes:
        key = orjson.loads(b'"' + found[1] + b'"')
        expires = int(self.clock() + self.expires_s)
        url = f"{self.url}/files/{quote(key)}?X-Amz-Expires={expires}&X-Amz-Signature={self._signature(key, expires)}"
        when = formatted(expires)
        return orjson.dumps(url) + b',"expiry_time":' + orjson.dumps(when)

    def _signature(self, key: str, expires: int) -> str:
        return sha256(f"{self.token} {key} {expires}".encode()).hexdigest()[:32]

    def _file(self, target: str, headers: dict[str, str], out: Answerer) -> None:
        path, _, query = target.partition("?")
        key = unquote(path.removeprefix("/files/"))
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        with self.lock:
            self.counters.files += 1
            self.log.append(path)
            if "authorization" in headers:
                self.counters.leaks += 1
            found = self.workspace.files.get(key)
        fault = self.faults.strike(path)
        if fault is not None and self._faulty(fault, out):
            return
        expires = int(fields.get("X-Amz-Expires", "0"))
        valid = fields.get("X-Amz-Signature") == self._signature(key, expires) and self.clock() < expires
        if found is None or not valid:
            out.send(
                403,
                b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                content_type="application/xml",
            )
        elif fault is not None:
            spoil(fault, out, found[0], found[1])
        else:
            out.send(200, found[0], content_type=found[1])

    # -- control from other processes

    def _control(self, path: str, body: bytes, out: Answerer) -> None:
        order = orjson.loads(body) if body.strip() else {}
        with self.lock:
            try:
                result = self._obey(path.removeprefix("/_emulator/"), order)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                out.send(400, orjson.dumps({"error": f"{type(error).__name__}: {error}"}))
                return
        out.send(200, orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS))

    def _obey(self, verb: str, order: dict[str, Any]) -> Any:
        if verb == "counters":
            counts = self.counters
            return {
                "total": counts.total, "files": counts.files, "bytes": counts.bytes, "leaks": counts.leaks,
                "endpoints": dict(counts.endpoints), "statuses": dict(counts.statuses),
            }  # fmt: skip
        if verb == "faults":
            self.faults.clear()
            for fault in order.get("faults", ()):
                self.faults.add(Fault(**fault))
            self.not_found_all = bool(order.get("not_found_all"))
            return {}
        if verb == "edit":
            do = order.pop("do")
            if do not in EDITS:
                raise ValueError(f"unknown edit {do!r}; known: {', '.join(EDITS)}")
            return {"result": getattr(self.workspace, do)(**order)}
        raise ValueError(f"unknown control {verb!r}")


EDITS = (
    *("add_comment", "add_page", "add_row", "append_block", "archive", "delete_block", "edit_text", "move", "rename"),
    *("restore", "set_value", "share", "trash", "unshare"),
)
"""What ``POST /_emulator/edit`` may do: methods of :class:`Workspace`, their arguments beside ``do``."""


def formatted(seconds: float) -> str:
    """A time as file objects carry it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _limited(wait: int) -> dict[str, Any]:
    return {
        "object": "error",
        "status": 429,
        "code": "rate_limited",
        "message": "You have been rate limited. Please try again in a few minutes.",
        "additional_data": {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": str(wait)},
    }


class Answerer:
    """Writes answers to one connection."""

    def __init__(self, connection: socket.socket, date: str, serial: int) -> None:
        self._connection = connection
        self._date = date
        self.request_id = f"00000000-0000-4000-8000-{serial:012x}"
        self.open = True

    def send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, content_type: str = "application/json"
    ) -> None:
        """A whole answer, in one write."""
        self._connection.sendall(self._head(status, len(body), headers, content_type) + body)

    def begin(self, headers: dict[str, str], body: bytes, content_type: str = "application/json") -> None:
        """Begin an answer whose length the caller claims; it is the last on this connection."""
        self._connection.sendall(self._head(200, None, headers, content_type) + body)
        self.open = False

    def more(self, body: bytes) -> bool:
        """Go on; ``False`` if the client left."""
        try:
            self._connection.sendall(body)
        except OSError:
            return False
        return True

    def reset(self) -> None:
        """Hang up with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.open = False

    def _head(self, status: int, size: int | None, headers: dict[str, str] | None, content_type: str) -> bytes:
        reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Overloaded"
        lines = [
            f"HTTP/1.1 {status} {reason}",
            f"Content-Type: {content_type}",
            f"Date: {self._date}",
        ]
        if size is not None:
            lines.append(f"Content-Length: {size}")
        if content_type == "application/json":
            lines.append(f"x-notion-request-id: {self.request_id}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Connection(socketserver.StreamRequestHandler):
    """One connection: requests one after another until the client leaves."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connected(self.connection)
        try:
            while self._request():
                pass
        except OSError:
            return
        finally:
            self.server.disconnected(self.connection)

    def _request(self) -> bool:
        line = self.rfile.readline(65_536).decode("latin-1").split()
        if len(line) != 3:
            return False
        headers = {}
        while (header := self.rfile.readline(65_536)) not in (b"\r\n", b"\n", b""):
            name, _, content = header.decode("latin-1").partition(":")
            headers[name.strip().lower()] = content.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        emulator = self.server.emulator
        out = Answerer(self.connection, formatdate(emulator.clock(), usegmt=True), self.server.next_serial())
        emulator.serve(line[0], line[1], headers, body, out)
        return out.open and headers.get("connection", "").lower() != "close"


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], emulator: Emulator) -> None:
        super().__init__(address, _Connection)
        self.emulator = emulator
        self._open: set[socket.socket] = set()
        self._is_closing = False
        self._guard = threading.Lock()
        self._serial = 0

    def next_serial(self) -> int:
        with self._guard:
            self._serial += 1
            return self._serial

    def connected(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)
            if self._is_closing:
                connection.shutdown(socket.SHUT_RDWR)

    def disconnected(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """End connections that are kept alive, so that their threads end."""
        with self._guard:
            self._is_closing = True
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is nobody's error."""
