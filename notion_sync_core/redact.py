"""Takes secrets out of texts that people and log collectors see."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHORTEST = 6
"""A shorter secret would tear holes into innocent words."""
_PATTERNS = (
    # Tokens of Notion, whoever they belong to.
    (re.compile(r"\b(?:ntn|secret)_[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"), r"\1[secret]"),
    # Name and password in an address.
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@'\"<>]+@"), r"\1[secret]@"),
    # Signed addresses.
    (
        re.compile(
            r"(?i)([?&;](?:x-(?:amz|goog)-[a-z-]+|signature|sig|policy|key-pair-id|awsaccesskeyid|(?:access_?)?token|"
            r"api_?key|password)=)[^&\s'\"<>)\]]+"
        ),
        r"\1[secret]",
    ),
)


class Redactor:
    """Knows some secrets by heart, and others by their looks.

    :param secrets: what must never be shown.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one may contain another.
        known = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub("[secret]", text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text
