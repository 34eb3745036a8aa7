"""The one way files come in: a GET that leads to public addresses only, and sends no credentials.

A name is looked up, every address it has must be public, and the connection goes to one of them: a
second look-up could give another answer. Nothing but the API's own origin is excepted, and that for
files of the API alone. Redirects are not followed; who wants to go on asks again, and is checked again.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import urllib3
from attrs import field, frozen
from urllib3.util import Url, parse_url

from notion_sync_core.plugin import SkippableError, __version__
from notion_sync_notion.addresses import is_public
from notion_sync_notion.body import chunks
from notion_sync_notion.wire import CONNECT_S, Routes, transport_error

PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_INSIDE = re.compile(r"[^.]*|.*\.(localhost|local|internal|home\.arpa)")
"""Names that mean something else in every network (RFC 6761, 6762, 8375)."""
_KNOWN_S = 60.0
"""How long a look-up counts: as long as connections are worth keeping."""
_KNOWN = 1024
_TRIES = 3
"""Addresses of one host that are tried until one can be connected to."""
_HEADERS = {"User-Agent": f"notion-sync/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
_BROKEN = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)
"""What a hostile or broken server can bring about."""

Resolve = Callable[[str, int], list[str]]
"""Every address of a host and port."""


class UnknownHostError(SkippableError):
    """No address of this name is known here."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host.

    :raises UnknownHostError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise UnknownHostError(f"the host {host[:100]!r} has no address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@frozen
class Target:
    """What a URL asks for, taken apart once: what is checked is what is asked."""

    scheme: str
    host: str
    """Lower case, ASCII, without brackets."""
    port: int
    path: str
    """With the query; encoded."""

    @property
    def netloc(self) -> str:
        """The host as in a URL, with the port if it is an unusual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL, without what is not sent."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port


def target(url: str) -> Target:
    """Take a URL apart.

    :raises SkippableError: it is not a plain web address.
    """
    try:
        parts: Url = parse_url(url.strip())
    except ValueError:
        raise SkippableError("the address is not a valid URL") from None
    scheme = parts.scheme or ""
    if scheme not in PORTS or parts.auth is not None:
        raise SkippableError(f"only plain http and https addresses are fetched, not {scheme[:20]!r} here")
    host = (parts.host or "").strip("[]").rstrip(".").lower()
    if not _HOST.fullmatch(host):
        raise SkippableError("the address names no valid host")
    return Target(scheme, host, PORTS[scheme] if parts.port is None else parts.port, parts.request_uri)


@frozen
class Opened:
    """The answer of a file host, its body still to be read; closes its connection unless it was read to the end."""

    host: str
    """With the port if it is an unusual one."""
    status: int
    headers: Any
    _raw: Any = field(repr=False)
    _timeout_s: float

    @property
    def media_type(self) -> str:
        """The type as the host says, without parameters; may be empty."""
        return str(self.headers.get("Content-Type", "")).split(";")[0].strip().lower()

    def chunks(self, limit: int) -> Iterator[bytes]:
        """The bytes, as they come.

        :raises SkippableError: more than ``limit``.
        :raises RetryableError: they end too early, or hardly come.
        """
        what = f"a file at {self.host}"
        try:
            yield from chunks(self._raw, limit, self._timeout_s, what)
        except _BROKEN as error:
            raise transport_error(what, error) from None

    def __enter__(self) -> Self:
        """The answer itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Give the connection back or close it."""
        self._raw.close()


@frozen(eq=False)
class Fetch:
    """Asks for files. Safe to use from several threads.

    :param timeout_s: seconds without any byte, or with hardly any.
    :param own: the API's address; files of the API may come from its origin, public or not.
    """

    timeout_s: float
    own: str = ""
    resolve: Resolve = resolve
    is_public: Callable[[str], bool] = is_public
    ports: tuple[int, ...] = tuple(PORTS.values())
    clock: Callable[[], float] = time.monotonic
    _routes: Routes = field(init=False, factory=Routes, repr=False)
    _known: dict[tuple[str, int], tuple[float, list[str]]] = field(init=False, factory=dict, repr=False)
    _origin: tuple[str, str, int] | None = field(init=False, repr=False)

    @_origin.default
    def _make_origin(self) -> tuple[str, str, int] | None:
        try:
            return target(self.own).origin
        except SkippableError:
            return None

    def close(self) -> None:
        """Close all connections."""
        self._routes.close()

    def open(self, url: str, *, hosted: bool = False) -> Opened:
        """Ask for a file.

        :param hosted: the address comes from the API, not from a person.
        :raises SkippableError: not a public address; nobody was asked.
        :raises RetryableError: no answer came.
        """
        asked = target(url)
        try:
            answer = self._ask(asked, hosted=hosted)
        except _BROKEN as error:
            self._known.pop((asked.host, asked.port), None)
            raise transport_error(f"a file at {asked.netloc}", error) from None
        return Opened(asked.netloc, answer.status, answer.headers, answer, self.timeout_s)

    def _ask(self, asked: Target, *, hosted: bool) -> Any:
        proxy = self._routes.proxy(f"{asked.scheme}://{asked.netloc}")
        if hosted and asked.origin == self._origin:
            return self._send(asked, proxy)
        if asked.port not in self.ports:
            raise SkippableError(f"only the ports of the web are asked, not port {asked.port} of {asked.host[:100]}")
        if proxy is None:
            return self._send_to(self._addresses(asked), asked, None)
        if hosted:
            self._refuse_inside(asked)
            return self._send(asked, proxy)
        if asked.scheme != "https":
            raise SkippableError(
                f"through a proxy only https addresses are fetched: it would look {asked.host[:100]} up itself"
            )
        return self._send_to(self._addresses(asked), asked, proxy)

    def _addresses(self, asked: Target) -> list[str]:
        """The addresses of a host, all of them public."""
        place = (asked.host, asked.port)
        until, known = self._known.get(place, (0.0, []))
        if known and self.clock() < until:
            return known
        found = self.resolve(*place)
        if not found or not all(map(self.is_public, found)):
            raise SkippableError(
                f"{asked.host[:100]} is not a public address: it is only linked",
                "Files are fetched from the public internet only.",
            )
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[place] = (self.clock() + _KNOWN_S, found)
        return found

    def _refuse_inside(self, asked: Target) -> None:
        """The proxy looks a name up; what is known here to lead inside is refused before."""
        try:
            self._addresses(asked)
        except UnknownHostError:
            # Many networks know no names but their own; then the proxy alone can tell.
            if _INSIDE.fullmatch(asked.host):
                raise

    def _send_to(self, addresses: list[str], asked: Target, proxy: str | None) -> Any:
        """Ask the first address that can be connected to."""
        *others, last = addresses[:_TRIES]
        for address in others:
            with contextlib.suppress(urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
                return self._send_at(address, asked, proxy)
        return self._send_at(last, asked, proxy)

    def _send_at(self, address: str, asked: Target, proxy: str | None) -> Any:
        """Ask one address, under the host's name."""
        pool = self._routes.pool(asked.scheme, address, asked.port, asked.host, proxy)
        return pool.urlopen("GET", asked.path, headers={"Host": asked.netloc, **_HEADERS}, **self._how())

    def _send(self, asked: Target, proxy: str | None) -> Any:
        """Ask a host by its name."""
        return self._routes.manager(proxy).urlopen("GET", asked.url, headers=_HEADERS, **self._how())

    def _how(self) -> dict[str, Any]:
        return {
            "timeout": urllib3.Timeout(min(CONNECT_S, self.timeout_s), self.timeout_s),
            "retries": False,
            "redirect": False,
            "assert_same_host": False,
            "preload_content": False,
            "decode_content": False,
        }
