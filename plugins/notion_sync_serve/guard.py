"""Who may see what, and who may start something.

Health and webhooks are for everybody who can reach them. All else wants the token if there is one; without one the
process listens to this machine alone, and answers only to a name of this machine: a web site that a person has open
could have its own name lead here.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

_LOCAL = ("localhost", "127.0.0.1", "::1")


@define
class Guard:
    """Looks at requests.

    :param token: what is asked for; empty: nothing.
    """

    _token: str = field(repr=False)
    _form_key: bytes = field(factory=lambda: secrets.token_bytes(32), init=False, repr=False)

    def refusal(self, environ: dict[str, Any]) -> tuple[str, str] | None:
        """Why a request is not answered, as status and text; ``None``: it is."""
        if self._token:
            if same(_given(environ.get("HTTP_AUTHORIZATION", "")), self._token):
                return None
            return "401 Unauthorized", "The token is not right: send it as Bearer token, or as password."
        if _host(environ.get("HTTP_HOST", "")) in _LOCAL:
            return None
        return "403 Forbidden", "Without monitoring.token this is answered under 127.0.0.1 or localhost alone."

    def form_token(self, name: str) -> str:
        """What a form of this page about a job holds, and one of another site does not."""
        return hmac.new(self._form_key, name.encode(), "sha256").hexdigest()

    def is_ours(self, environ: dict[str, Any], name: str, form_token: str) -> bool:
        """Whether a form was sent from this page."""
        site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
        if site not in (None, "same-origin"):
            return False
        try:
            same_origin = origin is not None and urlsplit(origin).netloc == environ.get("HTTP_HOST", "")
        except ValueError:
            return False
        return same_origin and same(form_token, self.form_token(name))


def same(given: str, right: str) -> bool:
    """Whether two secrets are the same; how long that takes says nothing about them."""
    return bool(right) and hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _given(header: str) -> str:
    """The token in a header: a bearer's, or the password of whoever it is."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _host(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""
