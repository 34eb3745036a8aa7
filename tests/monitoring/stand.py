"""A real Prometheus and node exporter on loopback, and what they watch: a job that runs, and the file it keeps."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from monitoring.promql import RULES
from notion_sync_core.plugins.listener import Listener

EVERY = "400ms"
"""Between two scrapes, and two looks at the rules."""
PATIENCE_S = 30.0


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(what: Callable[[], str], holds: Callable[[], bool]) -> None:
    """Wait until something is so; what others do at their own pace cannot be hurried."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"not so within {PATIENCE_S:g} s: {what()}"
        time.sleep(0.1)


def fast_rules() -> str:
    """The rules that are shipped, in seconds in place of minutes and days."""
    text = re.sub(r"for: \d+m", "for: 0s", RULES.read_text())
    text = re.sub(r"\[(10m|1h)\]", "[6s]", text).replace("offset 1h", "offset 6s")
    return text.replace("> 600", "> 1").replace("86400)", "3)")


class Served:
    """What `serve` does at ``/metrics``: the listener's exposition, as often as somebody asks."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self.open()

    def open(self) -> None:
        listener = self._listener

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told = listener.exposition()
                assert told is not None
                self.send_response(200)
                self.send_header("Content-Type", told.content_type)
                self.end_headers()
                self.wfile.write(told.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Stand:
    """Prometheus, and a node exporter that reads the files of a folder.

    :param served: the port of what is scraped as ``notion-sync``.
    :param files: the folder.
    """

    def __init__(self, folder: Path, served: int, files: Path) -> None:
        self.port, node = free_port(), free_port()
        (folder / "alerts.yml").write_text(fast_rules())
        scraped = [("notion-sync", served), ("node", node)]
        jobs = [{"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for name, port in scraped]
        pace = {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY}
        config = {"global": pace, "rule_files": ["alerts.yml"], "scrape_configs": jobs}
        (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        self._log = (folder / "log").open("wb")
        self._processes = [
            self._start(
                *("prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"),
                *(f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"),
            ),
            self._start(
                *("prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile"),
                *(f"--collector.textfile.directory={files}", f"--web.listen-address=127.0.0.1:{node}"),
            ),
        ]
        until(lambda: "Prometheus answers", self._is_ready)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(words, stdout=self._log, stderr=self._log)

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(20)
        self._log.close()

    def _get(self, path: str, **given: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/{path}?{urllib.parse.urlencode(given)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.loads(answer.read())["data"]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def ask(self, query: str) -> list[dict[str, Any]]:
        """What an instant query gives, with values as numbers."""
        found = self._get("api/v1/query", query=query)["result"]
        return [{**each["metric"], "value": float(each["value"][1])} for each in found]

    def fired(self) -> set[tuple[str, str]]:
        """Each alert that fired so far, with the scrape job that its numbers came from."""
        found = self.ask('count_over_time(ALERTS{alertstate="firing"}[1h])')
        return {(each["alertname"], each.get("job", "")) for each in found}

    def firing(self) -> set[str]:
        """The alerts that fire now."""
        alerts = self._get("api/v1/alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
