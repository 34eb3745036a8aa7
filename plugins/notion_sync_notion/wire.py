"""Connections: requests decides how (proxies, certificates), then its connection pools are used directly.

Preparing a request object costs as much CPU as sending it, and a full export sends thousands that
differ in nothing but their path.
"""

from __future__ import annotations

import contextlib
import os
import queue
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
import requests.utils
import urllib3
from requests.adapters import HTTPAdapter

from notion_sync_core.plugin import ConfigError, RetryableError

CONNECT_S = 5.0
"""Seconds until a connection stands."""
_POOL = 256
"""Connections to a host that are kept: one too many would be made anew each time. Each place costs, used or not."""
_HOSTS = 32
"""Hosts whose connections are kept."""
_KNOWN = 1024
NEEDS_LOGIN = "the proxy wants a name and a password (407): HTTPS_PROXY may hold both, with an @ before its host"
"""What status 407 means."""


class Wire:
    """The way to one API host. Safe to use from several threads.

    :param base: the API's address. Proxies and certificates are taken from the environment once.
    :raises ConfigError: what the environment says of these cannot be.
    """

    def __init__(self, base: str) -> None:
        self._proxies = dict(requests.utils.get_environ_proxies(base))
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=_POOL, max_retries=0)
        request = requests.Request("GET", base).prepare()
        trusted = _bundle() or True
        if base.startswith("https://"):
            _check_bundle()
        with _proxy_explained():
            self._pool: Any = self._adapter.get_connection_with_tls_context(request, trusted, proxies=self._proxies)
        # A proxy for plain HTTP wants the whole address, every other connection only the path.
        path = self._adapter.request_url(request, self._proxies)
        prefix = path if "://" in path else urlsplit(base).path
        self._prefix = prefix.rstrip("/")
        self._proxy_headers = self._headers_for_proxy(request)

    def close(self) -> None:
        """Close all connections; a later request makes a new one.

        urllib3 2 closes those of a pool that was given away only once nobody refers to the pool.
        """
        self._adapter.close()
        with contextlib.suppress(queue.Empty):
            while True:
                connection = self._pool.pool.get(block=False)
                if connection is not None:
                    connection.close()

    def send(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None, timeout_s: float
    ) -> urllib3.BaseHTTPResponse:
        """Send one request; the answer's body is still to be read, as it comes.

        :param target: path and query, below the API's address.
        :raises urllib3.exceptions.HTTPError: no answer came. Nothing is repeated, no redirect followed.
        """
        answer: urllib3.BaseHTTPResponse = self._pool.urlopen(
            method,
            self._prefix + target,
            body=body,
            headers={**headers, **self._proxy_headers},
            timeout=urllib3.Timeout(connect=min(CONNECT_S, timeout_s), read=timeout_s),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        return answer

    def _headers_for_proxy(self, request: Any) -> dict[str, str]:
        """Credentials in the address of a plain HTTP proxy; a tunnel has them already."""
        proxy = requests.utils.select_proxy(request.url, self._proxies)
        if proxy and request.url.startswith("http://"):
            return dict(self._adapter.proxy_headers(proxy))
        return {}


class Routes:
    """Connection pools to any other host, straight or through the environment's proxy. Safe from several threads.

    Nothing else is taken from the environment: ``.netrc`` would add credentials.
    """

    def __init__(self) -> None:
        self._tls = _trusted()
        self._direct = urllib3.PoolManager(_HOSTS, maxsize=_POOL, **self._tls)
        self._adapter = HTTPAdapter(pool_connections=_HOSTS, pool_maxsize=_POOL, max_retries=0)
        self._proxies: dict[str, str | None] = {}

    def close(self) -> None:
        """Close all connections."""
        self._direct.clear()
        self._adapter.close()

    def proxy(self, origin: str) -> str | None:
        """The proxy for ``scheme://host`` (``HTTPS_PROXY``, ``NO_PROXY`` …), if there is one; found out once."""
        if origin not in self._proxies:
            if len(self._proxies) >= _KNOWN:
                self._proxies.clear()
            proxies = requests.utils.get_environ_proxies(origin)
            found: str | None = requests.utils.select_proxy(origin, proxies) if proxies else None
            self._proxies[origin] = f"http://{found}" if found and "://" not in found else found
        return self._proxies[origin]

    def manager(self, proxy: str | None) -> Any:
        """What asks hosts by their names; a proxy looks them up itself."""
        return self._adapter.proxy_manager_for(proxy, **self._tls) if proxy else self._direct

    def pool(self, scheme: str, address: str, port: int, host: str, proxy: str | None) -> Any:
        """Connections to one address, whose certificate must be that of ``host``."""
        name = {"server_hostname": host} if scheme == "https" else {}
        return self.manager(proxy).connection_from_host(address, port, scheme, pool_kwargs=name)


_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def _bundle() -> str:
    """The certificates that the user trusts instead of the usual ones: a file or folder, or ``""``."""
    return next((found for name in _BUNDLES if (found := os.environ.get(name))), "")


def _check_bundle() -> None:
    """Say now what would be told as a broken connection later.

    :raises ConfigError: the certificates that the user names cannot be read.
    """
    name = next((name for name in _BUNDLES if os.environ.get(name)), "")
    path = Path(os.environ.get(name, ""))
    if not name or path.is_dir():
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        why = "they hold none" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(
            f"the certificates in {path}, which {name} names, cannot be used: {why}",
            f"Correct {name}, or unset it: the usual certificates are then trusted.",
        ) from None


@contextlib.contextmanager
def _proxy_explained() -> Iterator[None]:
    """What libraries say of the address of a proxy, in words."""
    try:
        yield
    except requests.exceptions.InvalidSchema:
        raise ConfigError(
            "the environment names a SOCKS proxy (ALL_PROXY, HTTPS_PROXY), and the library for it is not installed",
            "Install it beside this program: pip install PySocks (with pipx: pipx inject notion-sync-core PySocks).",
        ) from None
    except (requests.exceptions.InvalidProxyURL, urllib3.exceptions.HTTPError, ValueError):
        raise ConfigError(
            "the address of the proxy in the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used",
            "Write it like http://host:port; whoever needs no proxy unsets it.",
        ) from None


def _trusted() -> dict[str, Any]:
    bundle = _bundle() or certifi.where()
    return {"cert_reqs": "CERT_REQUIRED", "ca_cert_dir" if Path(bundle).is_dir() else "ca_certs": bundle}


def transport_error(what: str, error: Exception) -> RetryableError:
    """No whole answer came. The text names no URL: it may be signed."""
    return RetryableError(f"{what}: {_reason(error)}")


def _reason(error: Exception) -> str:
    text = str(error).lower()
    if "tunnel connection failed" in text:
        return NEEDS_LOGIN if "407" in text else "the proxy refused to connect to the host"
    if isinstance(error, requests.exceptions.ProxyError | urllib3.exceptions.ProxyError) or "connect to proxy" in text:
        return "the proxy does not answer; is its address right (HTTPS_PROXY, HTTP_PROXY)?"
    if "refused" in text:  # urllib3 files a connection that was never made under time-outs
        return "connection refused"
    if isinstance(error, urllib3.exceptions.NameResolutionError) or "failed to resolve" in text:
        return "the host has no address; is there a network?"
    if "certificate verify failed" in text:
        return (
            "the TLS certificate of the host is not trusted; does a proxy look into connections? "
            "Then name its certificates: REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return "the TLS connection was refused"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "no connection could be made"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time"
    return f"the connection broke ({type(error).__name__})"
