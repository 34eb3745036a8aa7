"""S3 on loopback for tests: moto in a process of its own, and a proxy that breaks what it is told to."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

_SERVER = """
import logging, sys, warnings
warnings.simplefilter("ignore")
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """A moto server's address; it ends when its standard input does, so with us at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        port = process.stdout.readline().strip().decode()
        assert port, "moto did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(20)


def bare_client(endpoint: str) -> Any:
    """A client of the tests' own, to look from outside."""
    import boto3
    from botocore.config import Config

    config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
    return boto3.session.Session().client("s3", endpoint_url=endpoint, config=config)


@define
class Fault:
    """What to do to requests that match, ``times`` times (0: always)."""

    kind: str
    """``answer``, ``reset``, ``lost`` (done, not answered), ``short``, ``slow``, ``unconditional``, ``late`` (in its
    Date), ``undated``."""
    method: str = ".*"
    path: str = ""
    """Searched in the path with its query."""
    header: str = ""
    """A header the request must have."""
    times: int = 1
    skip: int = 0
    status: int = 500
    code: str = "InternalError"
    body: str = ""
    """In place of the error that ``code`` names."""
    headers: dict[str, str] = field(factory=dict)
    seconds: float = 0.0
    hits: int = 0

    def applies(self, request: BaseHTTPRequestHandler) -> bool:
        if not re.fullmatch(self.method, request.command) or not re.search(self.path, request.path):
            return False
        if self.header and self.header not in request.headers:
            return False
        self.hits += 1
        return self.hits > self.skip and (not self.times or self.hits <= self.skip + self.times)


class FaultProxy:
    """Stands before an S3 server; ``requests`` lists what went through as ``(method, path)``."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, kind: str, **given: Any) -> Fault:
        fault = Fault(kind, **given)
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        with self.lock:
            self.faults.clear()
            self.requests.clear()

    def count(self, method: str, path: str = "") -> int:
        return sum(made == method and bool(re.search(path, where)) for made, where in self.requests)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    proxy: FaultProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        """Silent."""

    def handle_any(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with proxy.lock:
            proxy.requests.append((self.command, self.path))
            fault = next((each for each in proxy.faults if each.applies(self)), None)
        kind = fault.kind if fault else ""
        if fault and kind == "answer":
            self._fail(fault)
        elif kind == "reset":
            self._hang_up()
        else:
            if fault and kind == "slow":
                time.sleep(fault.seconds)
            self._forward(body, fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 - named by the base class

    def _fail(self, fault: Fault) -> None:
        text = fault.body or (
            f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{fault.code}</Code>"
            "<Message>planned by the test</Message><RequestId>1</RequestId></Error>"
        )
        self._send(fault.status, {"Content-Type": "application/xml", **fault.headers}, text.encode())

    def _forward(self, body: bytes, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("expect", "connection")}
        if kind == "unconditional":
            headers = {name: value for name, value in headers.items() if name.lower() != "if-none-match"}
        upstream = http.client.HTTPConnection(self.server.proxy.upstream, timeout=30)
        try:
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            content = answer.read()
            given = dict(answer.getheaders())
        finally:
            upstream.close()
        if kind == "lost":
            self._hang_up()
            return
        if fault and kind == "late":
            from email.utils import formatdate

            given = {name: value for name, value in given.items() if name.lower() != "date"}
            given["Date"] = formatdate(time.time() + fault.seconds, usegmt=True)
        if kind == "undated":
            given = {name: value for name, value in given.items() if name.lower() != "date"}
        self._send(answer.status, given, content, cut=kind == "short")

    def _send(self, status: int, headers: dict[str, str], content: bytes, *, cut: bool = False) -> None:
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        if self.command != "HEAD" and status not in (204, 304):
            kept["Content-Length"] = str(len(content))
        elif "Content-Length" in headers and status != 204:
            kept["Content-Length"] = headers["Content-Length"]
        self.send_response_only(status)
        for name, value in kept.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        with contextlib.suppress(OSError):
            # No lingering: the other side sees a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "server"}
