"""Connections: requests decides how (proxies, certificates), then its connection pool is used directly.

Preparing a request object costs as much CPU as sending it, and a full export sends thousands that
differ in nothing but their path.
"""

from __future__ import annotations

import os
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
import requests.utils
import urllib3
from requests.adapters import HTTPAdapter

_CONNECT_S = 5.0
_POOL = 1024
"""Connections that are kept: more than anybody has threads, for one too many would be made anew each time."""


class Wire:
    """The way to one API host, and sessions to any other. Safe to use from several threads.

    :param base: the API's address. Proxies and certificates are taken from the environment once.
    """

    def __init__(self, base: str) -> None:
        self._proxies = dict(requests.utils.get_environ_proxies(base))
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=_POOL, max_retries=0)
        request = requests.Request("GET", base).prepare()
        self._pool: Any = self._adapter.get_connection_with_tls_context(request, self._verify, proxies=self._proxies)
        # A proxy for plain HTTP wants the whole address, every other connection only the path.
        path = self._adapter.request_url(request, self._proxies)
        prefix = path if "://" in path else urlsplit(base).path
        self._prefix = prefix.rstrip("/")
        self._proxy_headers = self._headers_for_proxy(request)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()
        for session in self._sessions:
            session.close()

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
            timeout=urllib3.Timeout(connect=min(_CONNECT_S, timeout_s), read=timeout_s),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        return answer

    def session(self) -> requests.Session:
        """The calling thread's session for other hosts."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # Nothing from the environment on each request: it is slow, and .netrc would add credentials.
            session.trust_env = False
            session.proxies = dict(self._proxies)
            session.verify = self._verify
            adapter = HTTPAdapter(pool_connections=4, pool_maxsize=4, max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._local.session = session
            self._sessions.append(session)
        return session

    def _headers_for_proxy(self, request: Any) -> dict[str, str]:
        """Credentials in the address of a plain HTTP proxy; a tunnel has them already."""
        proxy = requests.utils.select_proxy(request.url, self._proxies)
        if proxy and request.url.startswith("http://"):
            return dict(self._adapter.proxy_headers(proxy))
        return {}
