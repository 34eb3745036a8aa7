"""A file as a form, the way the API wants it sent. https://www.rfc-editor.org/rfc/rfc7578"""

from __future__ import annotations

import secrets

from attrs import frozen


@frozen
class Form:
    """The body of a request, and its media type with the boundary."""

    body: bytes
    media_type: str


def form(name: str, media_type: str, content: bytes, part: int | None = None) -> Form:
    """One file, or one part of it.

    :param name: of the file; what would end its place in the form is replaced.
    :param part: its number; ``None``: it is the whole file.
    """
    boundary = secrets.token_hex(16)
    shown = name.replace("\\", "_").replace('"', "'").replace("\r", " ").replace("\n", " ")
    lines = []
    if part is not None:
        lines += [f"--{boundary}", 'Content-Disposition: form-data; name="part_number"', "", str(part)]
    lines += [
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="{shown}"',
        f"Content-Type: {media_type}",
        *("", ""),
    ]
    head = "\r\n".join(lines).encode("utf-8", "replace")
    return Form(head + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")
