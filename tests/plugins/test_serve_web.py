"""What ``serve`` answers, over a real socket."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.testing import FakeClock
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_serve import deployment
from notion_sync_serve.notify import Notifier
from notion_sync_serve.server import Server
from notion_sync_serve.service import Service
from notion_sync_serve.web import Web
from notion_sync_serve.webhooks import MOST_BYTES, Webhooks
from plugins.test_serve_parts import NOW, SECRET, message, signed

HOSTILE = '<script>alert(1)</script>"onload=x'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A service with one job, served; its main loop goes round when the test says so."""

    def __init__(self, folder: Path, server: Emulator, more: str = "", name: str = "job") -> None:
        (folder / f"{name}.toml").write_text(
            f'[export]\nsinks = [{{use = "fs", path = "out", fsync = false}}]\n[notion]\nbase_url = "{server.url}"\n'
            f'[performance]\nrequests = 0\nmax_attempts = 1\n[deployment]\nstate_dir = "state"\n{more}\n'
        )
        self.emulator = server
        self.clock = FakeClock(NOW)
        found = deployment.load(folder / f"{name}.toml", ["monitoring.address=127.0.0.1:0"])

        def inline(work: Any) -> None:
            work()

        self.service = Service(
            found, lambda: found, self.clock, Notifier({}), launch=inline, aside=inline, chance=lambda: 0.0
        )
        self.shown: list[str] = []
        self.web = Web(self.service, Webhooks(SECRET, self.shown.append, lambda: NOW))
        self.server = Server(self.web, "127.0.0.1:0")
        self.server.start()
        self.host = self.server.url.removeprefix("http://")

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        line = http.client.HTTPConnection(self.host, timeout=10)
        try:
            line.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            line.close()

    def webhook(self, body: bytes, signature: str | None = None, media_type: str = "application/json") -> int:
        given = signed(body) if signature is None else signature
        return self.ask("/webhooks/notion", "POST", body, X_Notion_Signature=given, Content_Type=media_type)[0]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    space = Workspace("Small", seed=3)
    space.add_page(space.add_page(None, "Top"), HOSTILE)
    with Emulator(space) as server:
        monkeypatch.setenv("NOTION_TOKEN", server.token)
        yield server


@pytest.fixture
def site(tmp_path: Path, emulator: Emulator) -> Iterator[Site]:
    found = Site(tmp_path, emulator)
    yield found
    found.server.close()


def test_health_is_200_or_503_and_names_what_is_not_well(site: Site) -> None:
    assert [site.ask(path)[0] for path in ("/livez", "/startupz", "/readyz", "/healthz")] == [200, 503, 503, 503]
    site.service.tick()
    assert [site.ask(path)[0] for path in ("/livez", "/startupz", "/readyz", "/healthz")] == [200] * 4
    site.clock.time += 31
    assert [site.ask(path)[0] for path in ("/livez", "/readyz", "/healthz")] == [503, 200, 503]
    told = {check["name"]: check for check in json.loads(site.ask("/healthz?verbose")[2])}
    assert told["main loop"]["status"] == "fail"
    assert told["main loop"]["fix"]
    assert set(told["main loop"]) == {"name", "status", "since", "message", "fix"}
    site.service.tick()
    site.service.health.draining = True
    assert [site.ask(path)[0] for path in ("/livez", "/readyz")] == [200, 503]


def test_the_page_shows_hostile_titles_as_text_and_loads_nothing_from_elsewhere(site: Site) -> None:
    site.emulator.faults.add(Fault("400", path="/blocks/"))
    site.service.tick()
    status, headers, html = site.ask("/")
    assert status == 200
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)" in html
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    found = Loads()
    found.feed(html)
    assert found.loads == {"/static/status.css", "/static/status.js", "/static/icon.svg"}
    assert found.inline == 0
    for path in ("/static/status.css", "/static/status.js"):
        assert site.ask(path)[0] == 200
    assert "<form" not in html
    told = json.loads(site.ask("/status.json")[2])
    assert told["jobs"][0]["failed"] == 2


class Loads(HTMLParser):
    """What a page loads, and scripts and styles in it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: set[str | None] = set()
        self.inline = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.loads.add(given.get("src"))
        if tag == "link":
            self.loads.add(given.get("href"))
        self.inline += tag == "style" or "style" in given or any(name.startswith("on") for name in given)


def test_webhooks_are_judged_and_a_right_one_leads_to_a_run(site: Site) -> None:
    site.service.tick()
    worker = site.service.workers["job"]
    page = next(iter(site.emulator.workspace.pages))
    body = message(entity={"id": page, "type": "page"})
    wrong = message(id="other")
    assert site.webhook(wrong, "sha256=00") == 401
    assert site.webhook(wrong, signed(wrong, "another secret")) == 401
    assert len(worker.hints) == 0
    assert site.webhook(body) == 200
    assert len(worker.hints) == 1
    assert site.webhook(body) == 200
    assert len(worker.hints) == 1, "seen before"
    assert site.webhook(b" " * (MOST_BYTES + 1)) == 413
    assert site.webhook(body, media_type="text/plain") == 415
    assert site.webhook(b"[1]") == 400
    status, headers, _ = site.ask("/webhooks/notion")
    assert (status, headers["Allow"]) == (405, "POST")
    site.clock.time += 2
    site.service.tick()
    assert worker.runs == 2


def test_a_body_that_claims_to_be_endless_is_cut_off(site: Site) -> None:
    host, _, port = site.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        head = "POST /webhooks/notion HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: 99999999999\r\n\r\n".encode() + b"x" * 1000)
        assert b" 413 " in line.recv(1000)


def test_a_burst_of_a_thousand_webhooks_leads_to_one_run(site: Site) -> None:
    site.service.tick()
    worker = site.service.workers["job"]
    pages = list(site.emulator.workspace.pages)
    line = http.client.HTTPConnection(site.host, timeout=10)
    for number in range(1000):
        body = message(id=f"e{number}", entity={"id": pages[number % 2], "type": "page"})
        line.request(
            "POST", "/webhooks/notion", body, {"Content-Type": "application/json", "X-Notion-Signature": signed(body)}
        )
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (200, b"noted\n")
        site.clock.time += 0.004
        site.service.tick()
    line.close()
    assert worker.runs == 1
    site.clock.time += 1.1
    site.service.tick()
    site.clock.time += 60
    site.service.tick()
    assert worker.runs == 2


def test_strangers_get_health_and_webhooks_alone(tmp_path: Path, emulator: Emulator) -> None:
    (tmp_path / "secret").write_text("let me in")
    (tmp_path / "secret").chmod(0o600)
    site = Site(tmp_path, emulator, '[monitoring]\ntoken = "file:secret"')
    try:
        for path in ("/", "/status.json", "/metrics", "/static/status.css", "/nothing"):
            status, headers, _ = site.ask(path)
            assert status == 401
            assert headers["WWW-Authenticate"].startswith("Basic")
            assert site.ask(path, Authorization="Bearer let me in")[0] in (200, 404)
        site.service.tick()
        assert site.ask("/healthz")[0] == 200
        whole = json.loads(site.ask("/healthz?verbose", Authorization="Bearer let me in")[2])
        assert any(check["message"] for check in whole)
        assert not any(check["message"] for check in json.loads(site.ask("/healthz?verbose")[2]))
        assert site.webhook(message()) == 200
    finally:
        site.server.close()


def test_another_sites_name_for_this_machine_is_not_answered(site: Site) -> None:
    assert site.ask("/status.json", Host="rebound.example:80")[0] == 403
    assert site.ask("/livez", Host="rebound.example:80")[0] == 200


def test_a_run_is_started_by_the_pages_own_form_with_the_token_and_by_nothing_else(
    tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVE_TOKEN", "push the button")
    site = Site(tmp_path, emulator, '[plugins.serve]\nactions = true\ntoken = "env:SERVE_TOKEN"')
    try:
        site.service.tick()
        worker = site.service.workers["job"]
        form = re.search(r'name="form" value="([0-9a-f]+)"', site.ask("/")[2])
        assert form is not None
        good = f"form={form[1]}&token=push+the+button".encode()
        origin = {"Origin": f"http://{site.host}"}

        def push(body: bytes, path: str = "/run/job", **headers: str) -> int:
            return site.ask(path, "POST", body, Content_Type=FORM["Content-Type"], **headers)[0]

        assert push(good) == 403
        assert push(good, Origin="https://evil.example") == 403
        assert push(b"token=push+the+button", **origin) == 403
        assert push(f"form={form[1]}&token=guess".encode(), **origin) == 403
        assert push(b"x" * 5000, **origin) == 413
        assert site.ask("/run/job")[0] == 405
        assert worker.wanted == ""
        assert push(good, **origin) == 303
        site.service.tick()
        assert worker.runs == 2
        assert "push the button" not in site.ask("/status.json")[2]
    finally:
        site.server.close()


def test_a_job_of_any_name_can_be_started(tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVE_TOKEN", "push the button")
    name = 'Hänsel & "Gretel"?'
    site = Site(tmp_path, emulator, '[plugins.serve]\nactions = true\ntoken = "env:SERVE_TOKEN"', name)
    try:
        html = site.ask("/")[2]
        form = re.search(r'action="([^"]+)".*?name="form" value="([0-9a-f]+)"', html, re.S)
        assert form is not None
        body = f"form={form[2]}&token=push+the+button".encode()
        headers = {"Origin": f"http://{site.host}", "Content-Type": FORM["Content-Type"]}
        assert site.ask(form[1], "POST", body, **headers)[0] == 303
        assert site.service.workers[name].wanted == "person"
    finally:
        site.server.close()


def test_where_actions_are_off_nothing_can_be_started(site: Site) -> None:
    assert site.ask("/run/job", "POST", b"", Content_Length="0")[0] == 404
    assert site.ask("/", "DELETE")[0] == 405


def test_head_has_no_body_and_unknown_paths_no_content(site: Site) -> None:
    status, headers, body = site.ask("/livez", "HEAD")
    assert (status, body) == (200, "")
    assert int(headers["Content-Length"]) > 0
    for path in ("/nothing", "/static/../command.py", "/static/status.html.j2", "//etc/passwd"):
        assert site.ask(path)[0] == 404


def test_metrics_say_how_to_have_some(site: Site) -> None:
    status, _, said = site.ask("/metrics")
    assert status == 404
    assert "monitoring.listeners" in said


def test_metrics_agree_with_the_report_of_the_run(tmp_path: Path, emulator: Emulator) -> None:
    pytest.importorskip("prometheus_client")
    site = Site(tmp_path, emulator, '[monitoring]\nlisteners = ["metrics"]')
    try:
        site.service.tick()
        status, headers, text = site.ask("/metrics")
        assert status == 200
        assert headers["Content-Type"].startswith("text/plain")
        run = json.loads(site.ask("/status.json")[2])["jobs"][0]["last_runs"][0]
        assert re.search(r'notion_sync_runs_total\{[^}]*outcome="ok"[^}]*\} 1\.0', text)
        assert re.search(rf'notion_sync_pages_total\{{[^}}]*outcome="read"[^}}]*\}} {run["read"]}\.0', text)
        page = next(iter(emulator.workspace.pages))
        site.service.hint(page, "page")
        site.clock.time += 2
        before = re.findall(r"last_success_timestamp_seconds\{.*", text)
        site.service.tick()
        after = site.ask("/metrics")[2]
        assert re.search(r'notion_sync_runs_total\{[^}]*outcome="ok"[^}]*\} 2\.0', after)
        assert re.findall(r"last_success_timestamp_seconds\{.*", after) == before, "a hint is no run of everything"
    finally:
        site.server.close()
