"""Writes answers that no good server gives, byte by byte."""

from __future__ import annotations

import time
import zlib
from email.utils import formatdate
from typing import TYPE_CHECKING

import orjson

from notion_sync_demo.faults import CONNECTION, LIMITS, REDIRECTS, SAVED, Fault

if TYPE_CHECKING:
    from notion_sync_demo.emulator import Answerer

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>Bad gateway</body></html>"
CODES = {
    400: "validation_error",
    401: "unauthorized",
    403: "restricted_resource",
    404: "object_not_found",
    409: "conflict_error",
    429: "rate_limited",
    500: "internal_server_error",
    502: "bad_gateway",
    503: "service_unavailable",
    504: "gateway_timeout",
    529: "service_overload",
}
NEEDS_BODY = (
    *(kind for kind in CONNECTION if kind not in ("hang", "reset", "endless", "claimed")),
    *("bad_utf8", "gzip_damaged", "cursor_loop"),
    *SAVED,
)
"""Kinds that spoil a good answer, instead of giving another one."""
_BOMB_BLOCK = b" " * (1 << 20)
_BOMB_BLOCKS = 1000
_HUGE = str(7 * 24 * 3600)
_CLAIM = 10 << 30
_DRIP_S = 0.05


def at_once(fault: Fault, out: Answerer, now: float, url: str) -> int:
    """Give an answer that needs no good one. Returns its status, 0 for none."""
    kind = fault.kind
    if kind.isdigit() or kind in LIMITS:
        return _error(fault, out, now)
    if kind in REDIRECTS:
        where = f"{url}/v1/search" if kind == "redirect_loop" else "http://127.0.0.1:9/latest/meta-data/"
        out.send(302, b"", {"Location": where})
        return 302
    if kind in ("html200", "html502"):
        status = int(kind.removeprefix("html"))
        out.send(status, HTML, content_type="text/html")
        return status
    if kind == "empty":
        out.send(200, b"")
    elif kind == "bad_json":
        out.send(200, b'{"object": "list", "results": [')
    elif kind == "gzip_bomb":
        _bomb(out)
    elif kind == "claimed":
        out.begin({"Content-Length": str(_CLAIM)}, b'{"object": "list", "results": [')
        _wait(out, fault.seconds)
    elif kind == "endless":
        out.begin({"Transfer-Encoding": "chunked"}, b"")
        while out.more(b"100000\r\n" + _BOMB_BLOCK + b"\r\n"):
            pass
    elif kind == "hang":
        time.sleep(fault.seconds)
        out.reset()
        return 0
    elif kind == "reset":
        out.reset()
        return 0
    return 200


def spoil(fault: Fault, out: Answerer, body: bytes, media_type: str) -> None:
    """Give a good answer's body in a bad way."""
    kind, half = fault.kind, len(body) // 2
    length = {"Content-Length": str(len(body))}
    if kind in ("short", "reset_body"):
        out.begin({"Content-Length": str(len(body) + 100)}, body[:half], media_type)
        if kind == "reset_body":
            out.reset()
    elif kind == "long":
        out.begin(length, body + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", media_type)
        out.open = True
    elif kind == "drip":
        out.begin(length, body[:1], media_type)
        ends = time.monotonic() + fault.seconds
        for at in range(1, len(body)):
            if time.monotonic() > ends or not out.more(body[at : at + 1]):
                return
            time.sleep(_DRIP_S)
    elif kind == "chunk_damaged":
        out.begin({"Transfer-Encoding": "chunked"}, b"%x\r\n" % half + body[:half] + b"\r\nnonsense\r\n", media_type)
    elif kind == "gzip_damaged":
        packed = _gzip(body)
        middle = len(packed) // 2
        packed = packed[: middle - 2] + b"\xff\x00\xff\x00" + packed[middle + 2 :]
        out.send(200, packed, {"Content-Encoding": "gzip"}, media_type)
    else:
        out.send(200, _bad_utf8(body), content_type=media_type)


def _error(fault: Fault, out: Answerer, now: float) -> int:
    status = int(fault.kind.partition("_")[0])
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    body = {"object": "error", "status": status, "code": CODES[status], "message": "fault"}
    if fault.kind == "429_date":
        headers["Retry-After"] = formatdate(now + 2, usegmt=True)
    elif fault.kind == "429_huge":
        headers["Retry-After"] = _HUGE
    elif fault.kind == "429_blocked":
        body["additional_data"] = {"rate_limit_reason": "public_api_request_blocked"}
    out.send(status, orjson.dumps({**body, "request_id": out.request_id}), headers)
    return status


def saved(fault: Fault, out: Answerer, resource: str, children: list[str]) -> int:
    """Keep from the client that its request was done. Returns the status, 0 for none.

    :param resource: the id of what a write made, or added children to.
    """
    if fault.kind == "lost":
        out.reset()
        return 0
    extra: dict[str, object] = {"from": "emulator", "elapsed_ms": "55012", "deadline_ms": "55000"}
    message = "The service is unavailable. Please try again later."
    if fault.kind == "503_committed":
        message = "The change was saved, but the response could not be prepared in time."
        guidance = ["Read the object again to confirm the saved change.", "Do not repeat the write."]
        extra |= {"retry_guidance": guidance}
        extra |= {"committed_resource_id": resource} if resource else {}
        extra |= {"committed_child_ids": children} if children else {}
    body = {"object": "error", "status": 503, "code": CODES[503], "message": message, "additional_data": extra}
    out.send(503, orjson.dumps({**body, "request_id": out.request_id}))
    return 503


def _bad_utf8(body: bytes) -> bytes:
    at = body.rfind(b'"')
    return body[:at] + b"\xff\xfe" + body[at:]


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _bomb(out: Answerer) -> None:
    """A gigabyte of white space in a megabyte, as JSON allows it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out.begin({"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}, b"")
    for _ in range(_BOMB_BLOCKS):
        part = packer.compress(_BOMB_BLOCK)
        if part and not out.more(b"%x\r\n%b\r\n" % (len(part), part)):
            return
    out.more(b"0\r\n\r\n")


def _wait(out: Answerer, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and out.more(b" "):
        time.sleep(_DRIP_S)
