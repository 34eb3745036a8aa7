"""A chat on this machine is told of runs, also if it does not answer at once."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from notion_sync_core.plugin import RunFinished, Secret

from conftest import Run
from notion_sync_webhook import WebhookListener

PATH = "/hooks/T0/very-secret"


class Chat(ThreadingHTTPServer):
    """Takes messages, and refuses the first ones as it is told.

    :ivar refusals: (status, Retry-After) of the next answers.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.refusals: list[tuple[int, str]] = []
        self.attempts = 0
        self.messages: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Where it takes messages."""
        return f"http://127.0.0.1:{self.server_port}{PATH}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        chat = self.server
        assert isinstance(chat, Chat)
        chat.attempts += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, wait = chat.refusals.pop(0) if chat.refusals else (200, "")
        if status == 200:
            assert self.path == PATH
            chat.messages.append(body)
        self.send_response(status)
        if wait:
            self.send_header("Retry-After", wait)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A chat that takes messages."""
    with Chat() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def finished(status: str = "complete", failures: int = 0) -> RunFinished:
    """The end of a run."""
    failed = [{"id": str(number), "title": f"Page {number}", "error": "no", "remedy": ""} for number in range(failures)]
    objects = {"discovered": 41, "read": 2, "failed": failures}
    report = {"objects": objects, "artifacts": {"written": 1}, "failures": failed}
    return RunFinished(status, 3.0, "job", "run", report)


def tell(url: str, *events: RunFinished, **options: Any) -> None:
    """Let the plugin hear of these runs, and wait until it is done."""
    listener = WebhookListener(url=Secret("env:CHAT", url), wait_s=0, **options)
    for event in events:
        listener.on_event(event)
    listener.close()


@pytest.fixture
def address(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where its address is told: in the environment of whatever is started after this."""
    monkeypatch.setenv("CHAT_WEBHOOK", chat.url)
    return "env:CHAT_WEBHOOK"


def test_a_run_tells_the_chat_how_it_ended(address: str, notion_sync: Run, chat: Chat) -> None:
    told = ("--set", f"plugins.webhook.url={address}", "--set", "monitoring.listeners=webhook")
    notion_sync("export", "--to", "out", *told)
    (message,) = chat.messages
    assert message["text"].startswith("✅ Complete: 41 objects, 41 read, 0 failed, ")


def test_a_chat_that_is_busy_is_asked_again(chat: Chat) -> None:
    chat.refusals = [(503, ""), (429, "0")]
    tell(chat.url, finished())
    assert (chat.attempts, len(chat.messages)) == (3, 1)


def test_one_that_stays_away_is_logged_without_its_address(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.refusals = [(500, "")] * 9
    with caplog.at_level(logging.WARNING):
        tell(chat.url, finished(), attempts=3)
        tell("http://127.0.0.1:9/very-secret", finished(), attempts=2)
    assert (chat.attempts, chat.messages) == (3, [])
    assert [record.getMessage() for record in caplog.records] == [
        "the chat was not told of run run: it answers 500",
        "the chat was not told of run run: ConnectionError",
    ]
    assert "very-secret" not in caplog.text


def test_a_wrong_address_is_not_tried_again_and_not_followed(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.refusals = [(404, ""), (302, "")]
    for _ in range(2):
        tell(chat.url, finished())
    assert chat.attempts == 2
    assert [record.getMessage()[-3:] for record in caplog.records] == ["404", "302"]


def test_the_first_failures_are_named_and_the_others_counted(chat: Chat) -> None:
    tell(chat.url, finished(), finished("partial", failures=5), text_key="content", when="trouble")
    (message,) = chat.messages
    assert message["content"].splitlines()[0].startswith("⚠️ Not complete: 41 objects")
    assert message["content"].splitlines()[1:] == ["• Page 0: no", "• Page 1: no", "• Page 2: no", "… and 2 more."]
