"""What goes between a client and the endpoints: a request, decoded, and the errors that answer it."""

from __future__ import annotations

import re
import uuid
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

import orjson
from attrs import frozen

from notion_sync_demo.build import Json


class ApiError(Exception):
    """An answer that is an error object."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"object": "error", "status": status, "code": code, "message": message}
        if extra:
            self.body["additional_data"] = extra


@frozen
class Part:
    """A file in a form."""

    name: str
    media_type: str
    content: bytes


@frozen
class Request:
    """A request, decoded."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Json
    size: int = 0
    """Bytes of its body."""

    @classmethod
    def parse(cls, method: str, target: str, body: bytes, media_type: str = "application/json") -> Request:
        """From a request line and a body, which is JSON or, where files are sent, a form.

        :raises ApiError: the body is neither.
        """
        path, _, query = target.partition("?")
        if media_type.startswith("multipart/form-data"):
            decoded: Any = _form(media_type, body)
        else:
            try:
                decoded = orjson.loads(body) if body.strip() else {}
            except orjson.JSONDecodeError:
                raise ApiError(400, "invalid_json", "Error parsing JSON body.") from None
        return cls(method, path, parse_qsl(query), decoded if isinstance(decoded, dict) else {}, len(body))

    def get(self, name: str) -> Any:
        """A parameter, from the body of a POST or the query of a GET."""
        return self.body.get(name) if self.method == "POST" else dict(self.query).get(name)


def _form(media_type: str, body: bytes) -> dict[str, str | Part]:
    """The fields of a form. https://www.rfc-editor.org/rfc/rfc7578"""
    whole = message_from_bytes(b"Content-Type: " + media_type.encode("latin-1") + b"\r\n\r\n" + body)
    found: dict[str, str | Part] = {}
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        found[name] = content.decode() if filename is None else Part(filename, part.get_content_type(), content)
    return found


_ID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def as_id(given: object) -> str | None:
    """An id in its hyphenated form; ``None`` if it is none."""
    if not isinstance(given, str) or not _ID.fullmatch(given):
        return None
    parsed = uuid.UUID(given)
    return str(parsed) if parsed.variant == uuid.RFC_4122 else None


def not_found(kind: str, object_id: str) -> ApiError:
    """What is absent and what is not shared look the same."""
    return ApiError(
        404,
        "object_not_found",
        f"Could not find {kind} with ID: {object_id}. Make sure the relevant pages and databases are shared with "
        "your integration.",
    )
