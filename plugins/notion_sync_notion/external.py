"""Fetches files that lie outside Notion, and never lets an address lead into the private network.

The name is resolved once, every address it has must be public, and the connection goes to one of
them: a second look-up could give another answer. Each redirect is checked the same way.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import urllib3
from attrs import frozen

from notion_sync_core.plugin import RetryableError, SkippableError, __version__

MAX_BYTES = 1 << 30
"""A larger file is only linked."""
DEADLINE_S = 600.0
REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_CHUNK = 256 << 10
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.ip_network("::/96")
"""IPv4 addresses as IPv6 wrote them at first (RFC 4291, 2.5.5.1); some systems still understand them."""

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SkippableError(f"the host {host[:100]!r} has no address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _LOCAL_NAT64:
            return False
        if inner is None and (found in _NAT64 or found in _COMPATIBLE):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


@frozen
class External:
    """Downloads from public addresses.

    :param timeout_s: seconds without any byte.
    """

    timeout_s: float = 60.0
    max_bytes: int = MAX_BYTES
    resolve: Resolve = resolve
    is_public: Callable[[str], bool] = is_public
    ports: tuple[int, ...] = tuple(_PORTS.values())

    def download(self, url: str, out: BinaryIO) -> str:
        """Write the file at a URL to ``out``, from its start. No credentials are sent.

        :returns: the media type.
        :raises SkippableError: not public, too large, or a web page instead of a file.
        :raises RetryableError: it may work in a moment.
        """
        deadline = time.monotonic() + DEADLINE_S
        for _ in range(REDIRECTS + 1):
            out.seek(0)
            out.truncate()
            target = self._allowed(url)
            try:
                with self._pool(target) as pool:
                    answer = self._ask(pool, target)
                    try:
                        if answer.status in (301, 302, 303, 307, 308):
                            url = urljoin(url, answer.headers.get("Location", ""))
                            continue
                        return self._take(answer, target.host, out, deadline)
                    finally:
                        answer.close()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise RetryableError(
                    f"a file at {target.host}: the connection broke ({type(error).__name__})"
                ) from None
        raise SkippableError(f"a file at {target.host}: more than {REDIRECTS} redirects")

    def _allowed(self, url: str) -> _Target:
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            raise SkippableError("the address is not a valid URL") from None
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in _PORTS or not host or parts.username is not None or port not in self.ports:
            raise SkippableError(f"only plain http and https addresses are fetched, not {parts.scheme[:20]!r} here")
        addresses = self.resolve(host, port)
        if not addresses or not all(map(self.is_public, addresses)):
            raise SkippableError(f"{host[:100]} is not a public address: it is only linked")
        return _Target(parts, host, port, addresses[0])

    def _pool(self, target: _Target) -> Any:
        common: dict[str, Any] = {"timeout": urllib3.Timeout(5.0, self.timeout_s), "maxsize": 1, "retries": False}
        if target.parts.scheme == "http":
            return urllib3.HTTPConnectionPool(target.address, target.port, **common)
        return urllib3.HTTPSConnectionPool(
            target.address,
            target.port,
            server_hostname=target.host,
            assert_hostname=target.host,
            ca_certs=certifi.where(),
            **common,
        )

    @staticmethod
    def _ask(pool: Any, target: _Target) -> Any:
        path = target.parts.path or "/"
        query = f"?{target.parts.query}" if target.parts.query else ""
        headers = {
            "Host": target.parts.netloc,
            "User-Agent": f"notion-sync/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        return pool.urlopen(
            "GET", path + query, headers=headers, redirect=False, preload_content=False, assert_same_host=False
        )

    def _take(self, answer: Any, host: str, out: BinaryIO, deadline: float) -> str:
        if answer.status in (429, 502, 503, 504):
            raise RetryableError(f"a file at {host}: {answer.status}")
        if answer.status != 200:
            raise SkippableError(f"a file at {host}: {answer.status}")
        media_type = str(answer.headers.get("Content-Type", "")).split(";")[0].strip().lower()
        if media_type == "text/html":
            raise SkippableError(f"{host} shows a web page there, not a file: it is only linked")
        size = 0
        # Not read(): that waits until a whole chunk has come, however slowly.
        while chunk := answer.read1(_CHUNK, decode_content=False):
            size += out.write(chunk)
            if size > self.max_bytes:
                raise SkippableError(f"a file at {host} is larger than {self.max_bytes >> 20} MiB: it is only linked")
            if time.monotonic() > deadline:
                raise SkippableError(f"a file at {host} takes longer than {DEADLINE_S:.0f} s: it is only linked")
        return media_type


@frozen
class _Target:
    """One address that may be asked."""

    parts: SplitResult
    host: str
    port: int
    address: str
