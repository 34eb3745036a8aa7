"""Notion's webhooks: whether a message is Notion's, whether it is new, and which object it is about.

The signature is over the raw body. A message carries no proof of its time, so that one that was seen, or is old, has no
effect. What a message says is a hint: the schedule finds everything that no message told.

Source: https://developers.notion.com/reference/webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from notion_sync_core.plugin import normalise_id
from notion_sync_serve.hints import Kind

TOKEN = "NOTION_WEBHOOK_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable with the verification token."""
MOST_BYTES = 256 * 1024
"""Of a message; real ones have some kilobytes."""
REMEMBERED = 10_000
"""Messages that are known again."""
OLDEST_S = 24 * 3600.0
"""Older messages have no effect: the schedule has long found what they tell."""
_AHEAD_S = 600.0
"""So far may another clock be ahead of ours."""
_HANDSHAKES = 3
"""Tokens that are shown: anybody can send some."""
_KINDS: dict[str, Kind] = {"page": "page", "database": "database", "data_source": "data_source"}
_NO_NEWS = (".locked", ".unlocked", ".deleted_permanently")


@frozen
class Verdict:
    """What to answer, and what to do."""

    status: int
    said: str
    object_id: str = ""
    """What changed; empty: the message has no effect."""
    kind: Kind = "page"
    workspace: str = ""
    """The workspace it is in, as far as the message says."""


@define
class Webhooks:
    """Judges messages; safe to use from several threads.

    :param token: the verification token; empty: there is none yet, and the handshake is awaited.
    :param show: shows a person the token of a handshake.
    :param now: seconds since the epoch.
    """

    _token: str = field(repr=False)
    _show: Callable[[str], None]
    _now: Callable[[], float]
    _seen: OrderedDict[str, None] = field(factory=OrderedDict, init=False)
    _shown: set[str] = field(factory=set, init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def judge(self, body: bytes, signature: str) -> Verdict:
        """Judge one message.

        :param body: as it came.
        :param signature: of its header ``X-Notion-Signature``.
        """
        if not self._token:
            return self._handshake(body)
        good = "sha256=" + hmac.new(self._token.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(good.encode(), signature.encode("utf-8", "replace")):
            return Verdict(401, "the signature is not right")
        message = _parsed(body)
        if message is None:
            return Verdict(400, "the body is no JSON object")
        return self._effect(message)

    def _handshake(self, body: bytes) -> Verdict:
        message = _parsed(body) or {}
        token = message.get("verification_token")
        if not isinstance(token, str) or not 8 <= len(token) <= 200 or not token.isascii() or not token.isprintable():
            return Verdict(401, f"{TOKEN} is not set: only a verification token is awaited")
        with self._lock:
            is_new = token not in self._shown and len(self._shown) < _HANDSHAKES
            self._shown |= {token} if is_new else set()
        if is_new:
            self._show(token)
        return Verdict(200, "the token is shown to the operator")

    def _effect(self, message: dict[str, Any]) -> Verdict:
        told, about = message.get("type"), message.get("entity")
        if not isinstance(told, str) or not isinstance(about, dict):
            return Verdict(200, "nothing to do")
        if self._is_old(message):
            return Verdict(200, "it is old, or was seen before: nothing to do")
        object_id, kind = _object(told, about, message.get("data"))
        if not object_id or told.endswith(_NO_NEWS):
            return Verdict(200, "nothing to do")
        return Verdict(200, "noted", object_id, kind, _id(message.get("workspace_id")))

    def _is_old(self, message: dict[str, Any]) -> bool:
        """Whether a message was seen before, or is too old to say."""
        try:
            age = self._now() - datetime.fromisoformat(str(message.get("timestamp"))).timestamp()
        except (ValueError, OverflowError):
            return True
        if not -_AHEAD_S < age < OLDEST_S:
            return True
        key = str(message.get("id"))[:100]
        with self._lock:
            known = key in self._seen
            self._seen[key] = None
            self._seen.move_to_end(key)
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return known


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _object(told: str, about: dict[str, Any], data: Any) -> tuple[str, Kind]:
    """The object that changed: of a comment the page it is on, of a view its database if that is told."""
    data = data if isinstance(data, dict) else {}
    kind = about.get("type")
    if told.startswith("comment."):
        return _id(data.get("page_id")), "page"
    if isinstance(kind, str) and kind in _KINDS:
        return _id(about.get("id")), _KINDS[kind]
    parent = data.get("parent")
    if isinstance(parent, dict) and parent.get("type") in ("page", "database"):
        return _id(parent.get("id")), _KINDS[str(parent["type"])]
    return "", "page"


def _id(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 40:
        return ""
    try:
        return normalise_id(value) or ""
    except ValueError:
        return ""
