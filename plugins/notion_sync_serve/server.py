"""The HTTP server: waitress, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from notion_sync_core.plugin import ConfigError, PluginError
from notion_sync_serve.webhooks import MOST_BYTES

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_THREADS = 4
_SILENCE_S = 30
"""A connection without a byte for so long is closed."""
_CONNECTIONS = 200
_ROUND_S = 0.2


class Server:
    """Serves an application until it is closed.

    :raises PluginError: waitress is not installed.
    :raises ConfigError: the address cannot be listened on.
    """

    def __init__(self, application: Application, address: str) -> None:
        try:
            import waitress.server
        except ImportError:
            raise PluginError(
                "serve needs the library waitress, which is not installed", "Install it: pip install waitress."
            ) from None
        host, _, port = address.rpartition(":")
        # What waits in its queue is no news: the health checks of a busy machine come in crowds.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._is_closing = False
        try:
            self._server: Any = waitress.server.create_server(
                application, map=self._map, host=host.strip("[]"), port=int(port), threads=_THREADS, ident=None,
                backlog=256, connection_limit=_CONNECTIONS, channel_timeout=_SILENCE_S,
                max_request_body_size=MOST_BYTES, max_request_header_size=32 * 1024,
                clear_untrusted_proxy_headers=True, expose_tracebacks=False,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            raise ConfigError(
                f"monitoring.address = {address!r} cannot be listened on: {said}",
                "Choose another address or port, or end what listens there.",
            ) from None
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        server = self._server
        listens = getattr(server, "effective_listen", None)
        host, port = listens[0] if listens else (server.effective_host, server.effective_port)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Serve no more; open connections are closed."""
        self._is_closing = True
        if self._thread.is_alive():
            self._thread.join(2)

    def _run(self) -> None:
        """The loop; what it opened is closed on the same thread, where nobody uses it."""
        from waitress import wasyncore

        while not self._is_closing:
            wasyncore.loop(timeout=_ROUND_S, map=self._map, count=1)
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)
