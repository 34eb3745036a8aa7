"""One HTTP request at a time: sends it, checks the answer, and says what to do about a bad one.

Waiting and repeating is the gate's business. https://developers.notion.com/reference/status-codes
"""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

import orjson
import requests
import urllib3
from attrs import frozen

from notion_sync_core.plugin import (
    Json,
    LimitReached,
    MissingError,
    NotAuthorisedError,
    NotionSyncError,
    RetryableError,
    SkippableError,
    __version__,
    endpoint,
)
from notion_sync_notion.body import chunks
from notion_sync_notion.decode import unsigned, usable_id
from notion_sync_notion.fetch import Fetch
from notion_sync_notion.form import Form
from notion_sync_notion.lenient import loads
from notion_sync_notion.wire import NEEDS_LOGIN, Wire, transport_error

MAX_JSON_BYTES = 32 << 20
"""A larger answer is refused, compressed or not."""
MAX_ASSET_BYTES = 5 << 30
_SIGNATURE = b"X-Amz-Signature="
"""Embeds and texts may hold signed addresses of hosted files without saying when they expire."""
_ANSWERS = {"object", "results", "templates", "id"}
"""One of these keys has every answer of the API that is not an error."""
_WORDS = frozenset(
    {"blocks", "children", "comments", "data_sources", "databases", "me", "pages", "properties", "query", "search"}
    | {"templates", "users", "views", "file_uploads", "send", "complete"}
)
"""Parts of paths that name no object."""
_RENEW = "Make a new token at notion.so/profile/integrations and put it into NOTION_TOKEN."
_SHARE = "Share the page or database with your connection: open it in Notion, ••• → Connections."


@frozen
class Answer:
    """A good answer of the API."""

    raw: Json
    signed: bool
    """It holds URLs that expire."""


class CursorError(SkippableError):
    """The API does not know this cursor any more: the listing starts over."""


class ExpiredError(SkippableError):
    """A file's address is no longer valid: its block or page gives a new one."""


class Client:
    """Talks to one API host with one token. Safe to use from several threads.

    :param token: sent to the API host only; kept in memory only.
    :param timeout_s: seconds without any byte, or with hardly any, before an answer is given up.
    """

    def __init__(self, base_url: str, token: str, version: str, timeout_s: float) -> None:
        self._base = base_url.rstrip("/").removesuffix("/v1")
        self.host = urlsplit(self._base).netloc.rpartition("@")[2]
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Notion-Version": version,
            "Accept": "application/json",
            "User-Agent": f"notion-sync/{__version__}",
        }
        self._token = token.encode() or b"\0"
        self._timeout = timeout_s
        self._wire = Wire(self._base)
        self._fetch = Fetch(timeout_s, own=self._base)
        self._skew: float | None = None

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()
        self._fetch.close()

    def server_time(self) -> float:
        """Seconds since the epoch by the service's clock, as far as its answers told."""
        return time.time() + (self._skew or 0.0)

    @property
    def skew(self) -> float | None:
        """Seconds by which the service's clock is ahead of ours; ``None`` before its first answer."""
        return self._skew

    @endpoint(lambda path, *_: template(path))
    def get(self, path: str, params: Iterable[tuple[str, Any]] = ()) -> Answer:
        """``GET /v1/{path}``; see :meth:`post` for errors."""
        return self._request("GET", path, params)

    @endpoint(lambda path, *_: template(path))
    def post(self, path: str, body: Json, params: Iterable[tuple[str, Any]] = ()) -> Answer:
        """``POST /v1/{path}``.

        :raises RetryableError: the same request may work later.
        :raises NotAuthorisedError: the token was refused.
        :raises MissingError: absent, or not shared with this token.
        :raises SkippableError: the API refuses this request, now and later.
        """
        return self._request("POST", path, params, orjson.dumps(body))

    @endpoint(lambda path, *_: template(path))
    def patch(self, path: str, body: Json) -> Answer:
        """``PATCH /v1/{path}``; see :meth:`post` for errors."""
        return self._request("PATCH", path, (), orjson.dumps(body))

    @endpoint(lambda path, *_: template(path))
    def delete(self, path: str) -> Answer:
        """``DELETE /v1/{path}``; see :meth:`post` for errors."""
        return self._request("DELETE", path, ())

    @endpoint(lambda path, *_: template(path))
    def send(self, path: str, form: Form) -> Answer:
        """``POST /v1/{path}`` with a file; see :meth:`post` for errors."""
        return self._request("POST", path, (), form.body, form.media_type)

    def _request(
        self,
        method: str,
        path: str,
        params: Iterable[tuple[str, Any]],
        data: bytes | None = None,
        media_type: str = "application/json",
    ) -> Answer:
        headers = self._headers if data is None else {**self._headers, "Content-Type": media_type}
        what = f"{method} /v1/{path}"
        query = urlencode(list(params))
        target = f"/v1/{path}?{query}" if query else f"/v1/{path}"
        try:
            with self._wire.send(method, target, headers, data, self._timeout) as response:
                body = b"".join(chunks(response, MAX_JSON_BYTES, self._timeout, "an answer"))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise transport_error(what, error) from None
        self._learn_time(response.headers.get("Date"))
        # A service that repeats what it was sent must not bring the token into our messages.
        answer = (
            _good(what, body)
            if response.status == 200
            else api_error(what, response.status, response.headers, body.replace(self._token, b"[token]"))
        )
        if isinstance(answer, Answer):
            return answer
        answer.status = response.status
        answer.request_id = _request_id(response.headers.get("x-notion-request-id"))
        raise answer

    @endpoint(lambda *_: "files")
    def download(self, url: str, out: BinaryIO) -> str:
        """Write the bytes of a file that the API hosts to ``out`` from its start. The token is not sent.

        :returns: the media type.
        :raises ExpiredError: the address is no longer valid.
        :raises SkippableError: it leads neither to the public internet nor to the API's own origin.
        :raises RetryableError: it may work in a moment. A web page in place of a file counts so too, but not against
            the host, which answers: it is a login or error page for this file.
        """
        out.seek(0)
        out.truncate()
        with self._fetch.open(url, hosted=True) as answer:
            what = f"a file at {answer.host}"
            if answer.status != 200:
                error = _file_error(what, answer.status, answer.headers)
                error.status = answer.status
                raise error
            if answer.media_type == "text/html" and _is_no_page(unsigned(url)):
                raise RetryableError(
                    f"{what}: a web page came instead; is a proxy or login page in between?", answered=True
                )
            for chunk in answer.chunks(MAX_ASSET_BYTES):
                out.write(chunk)
            return answer.media_type

    def _learn_time(self, date: str | None) -> None:
        if date:
            try:
                skew = parsedate_to_datetime(date).timestamp() - time.time()
            except (ValueError, TypeError):
                return
            # The earliest reading counts: an edit noticed twice costs a request, one missed costs content.
            self._skew = skew if self._skew is None else min(self._skew, skew)


def _is_no_page(path: str) -> bool:
    """Whether a file's name says that it is anything but a web page."""
    guessed = mimetypes.guess_type(path)[0]
    return guessed is not None and guessed not in ("text/html", "application/xhtml+xml")


def template(path: str) -> str:
    """The path of a request without what names an object: one of few."""
    return "/".join([part if part in _WORDS else "{id}" for part in path.split("/")])


def _request_id(given: str | None) -> str:
    """What the service calls a request; only what looks like that."""
    return given if given and len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum() else ""


def _good(what: str, body: bytes) -> Answer | RetryableError:
    try:
        raw = loads(body)
    except ValueError:
        return RetryableError(f"{what}: {_no_answer(body)}")
    if not isinstance(raw, dict) or not raw.keys() & _ANSWERS:
        return RetryableError(f"{what}: the answer is not an API object")
    return Answer(raw, b'"expiry_time"' in body or _SIGNATURE in body)


def _no_answer(body: bytes) -> str:
    """What came instead of JSON."""
    found = "a web page came instead" if body.lstrip()[:1] == b"<" else "the answer is not from the API"
    return f"{found}; is notion.base_url right, or is a proxy or login page in between?"


def api_error(what: str, status: int, headers: Any, body: bytes) -> NotionSyncError:
    """The error for a status that is not 200."""
    try:
        raw = loads(body)
        code, message = str(raw["code"]), str(raw.get("message", ""))
        extra = raw.get("additional_data")
        extra = extra if isinstance(extra, dict) else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        code, message, extra = "", NEEDS_LOGIN if status == 407 else _no_answer(body), {}
    text = f"{what}: {status} {code or message}"
    wait = retry_after(headers.get("Retry-After"), extra, headers.get("Date"))
    if status in (429, 529):
        if extra.get("rate_limit_reason") == "public_api_request_blocked":
            return NotAuthorisedError(
                f"{text}: Notion has blocked this connection", "Ask Notion support; retrying is useless."
            )
        return RetryableError(text, retry_after=wait, throttled=True)
    if status >= 500 or status == 409 or not code:
        return RetryableError(text, retry_after=wait, saved=_saved(extra))
    if status == 403 and extra.get("block_limit"):
        return LimitReached(
            f"{text}: this workspace may have no more blocks",
            "Upgrade its plan, or choose another workspace, then run the same command again: it goes on where it was.",
        )
    return _refusal(text, status, message)


def _saved(extra: Json) -> tuple[str, ...]:
    """What a failed answer says that was made all the same: blocks in their order, or one object.

    https://developers.notion.com/reference/status-codes
    """
    children = extra.get("committed_child_ids")
    listed = children if isinstance(children, list) else [extra.get("committed_resource_id")]
    found = tuple(filter(None, map(usable_id, listed)))
    return found if len(found) == len(listed) else ()


def _refusal(text: str, status: int, message: str) -> NotionSyncError:
    """The API understood and said no."""
    if status == 401:
        return NotAuthorisedError(f"{text}: Notion does not accept the token", _RENEW)
    if status in (403, 404):
        return MissingError(f"{text}: {message}", _SHARE)
    if status == 400 and "cursor" in message:
        return CursorError(f"{text}: {message}")
    if status == 400 and "retry with exponential backoff" in message.lower():
        return RetryableError(text)
    return SkippableError(f"{text}: {message}", "Please report this: the request should have been valid.")


def retry_after(header: str | None, extra: Any = None, date: str | None = None) -> float | None:
    """Seconds from a ``Retry-After`` header (number or date), or from the body; ``None`` if neither is usable.

    :param date: what time it is for the service; our own clock may be wrong.
    """
    for text in (header, extra.get("retry_after") if isinstance(extra, dict) else None):
        if text in (None, ""):
            continue
        try:
            return max(0.0, float(str(text)))
        except ValueError:
            pass
        try:
            now = parsedate_to_datetime(date).timestamp() if date else time.time()
            return max(0.0, parsedate_to_datetime(str(text)).timestamp() - now)
        except (ValueError, TypeError):
            pass
    return None


def _file_error(what: str, status: int, headers: Any) -> NotionSyncError:
    if status in (400, 401, 403, 404, 410):
        return ExpiredError(f"{what}: {status}", "It may have been deleted in Notion.")
    if status in (202, 409, 429) or status >= 500 or 300 <= status < 400:
        # Redirects are not followed: a file host has no reason for one, a login page in between has.
        wait = retry_after(headers.get("Retry-After"), date=headers.get("Date"))
        return RetryableError(f"{what}: {status}", retry_after=wait, throttled=status == 429)
    return SkippableError(f"{what}: {status}")
