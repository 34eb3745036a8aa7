"""A run's summary, posted to the webhook of a chat when the run is over."""

from __future__ import annotations

import logging
import threading
from typing import Literal

import requests
from attrs import field, frozen
from attrs.validators import ge, gt
from notion_sync_core.plugin import Event, RunFinished, Secret, counted, duration, fields, hookimpl, one_line
from notion_sync_core.plugin import objects as rows
from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception_type, stop_after_attempt

_LOG = logging.getLogger("notion_sync_webhook")
_LONGEST_WAIT_S = 30.0
"""A service that asks for more is left alone: the program waits for listeners."""
_MOST = 3
"""Failures that are named; how many others there are is counted."""


class _AgainError(Exception):
    """What may work in a moment.

    :param after_s: what the service asks for; ``None``: nothing.
    """

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


@frozen(eq=False)
class WebhookListener:
    """A run's summary for a chat.

    Its attributes are the keys of ``[plugins.webhook]``.
    """

    url: Secret
    """Where the webhook's address is: ``env:CHAT_WEBHOOK``. Whoever knows the address can write to the chat."""
    when: Literal["always", "trouble"] = "always"
    """Of which runs to tell: of all, or of those that were not complete."""
    text_key: str = "text"
    """What the service calls the text in its JSON: ``text`` for Slack and Mattermost, ``content`` for Discord."""
    attempts: int = field(default=4, validator=gt(0))
    """How often one message is tried."""
    wait_s: float = field(default=0.5, validator=ge(0))
    """Seconds before the second attempt; each next wait is twice as long."""
    timeout_s: float = field(default=5.0, validator=gt(0))
    """Seconds without an answer before an attempt is given up."""

    _threads: list[threading.Thread] = field(factory=list, init=False, repr=False)

    api_version = "1.0"

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Post a line when a run is over, on a thread of its own; what goes wrong with it is logged."""
        if not isinstance(event, RunFinished) or (self.when == "trouble" and event.status == "complete"):
            return
        message = {self.text_key: summary(event)}
        # The run goes on meanwhile. The program ends when the thread does: it is no daemon.
        thread = threading.Thread(target=self._send, args=(message, event.run_id), name="webhook")
        self._threads[:] = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Return once every message was sent, or given up."""
        for thread in self._threads:
            thread.join()

    def _send(self, message: dict[str, str], run_id: str) -> None:
        try:
            self._tried()(self._post, message)
        except RetryError as error:
            _LOG.warning("the chat was not told of run %s: %s", run_id, error.last_attempt.exception())
        except requests.RequestException as error:
            # What requests says of an error has the address in it.
            _LOG.warning("the chat was not told of run %s: %s", run_id, type(error).__name__)

    def _tried(self) -> Retrying:
        def wait(state: RetryCallState) -> float:
            found = state.outcome.exception() if state.outcome else None
            asked = found.after_s if isinstance(found, _AgainError) else None
            return min(self.wait_s * 2 ** (state.attempt_number - 1) if asked is None else asked, _LONGEST_WAIT_S)

        return Retrying(stop=stop_after_attempt(self.attempts), wait=wait, retry=retry_if_exception_type(_AgainError))

    def _post(self, message: dict[str, str]) -> None:
        try:
            answer = requests.post(self.url.reveal(), json=message, timeout=self.timeout_s, allow_redirects=False)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _AgainError(type(error).__name__) from None
        if answer.status_code == requests.codes.too_many_requests or answer.status_code >= 500:
            raise _AgainError(f"it answers {answer.status_code}", _seconds(answer.headers.get("Retry-After")))
        if not 200 <= answer.status_code < 300:
            _LOG.warning("the chat takes no messages: it answers %s", answer.status_code)


def summary(event: RunFinished) -> str:
    """How a run ended, in a few lines."""
    report = event.report
    objects, artifacts = fields(report.get("objects")), fields(report.get("artifacts"))
    failures = rows(report.get("failures"))
    read, failed = objects.get("read", 0), objects.get("failed", 0)
    head = {"complete": "✅ Complete", "partial": "⚠️ Not complete"}.get(event.status, f"❌ {event.status.capitalize()}")
    lines = [
        f"{head}: {counted(objects.get('discovered', 0), 'object')}, {read} read, {failed} failed, "
        f"{counted(artifacts.get('written', 0), 'file')} written in {duration(event.seconds)}.",
        *(f"• {each.get('title') or 'Untitled'}: {each.get('error', '')}" for each in failures[:_MOST]),
    ]
    if len(failures) > _MOST:
        lines.append(f"… and {len(failures) - _MOST} more.")
    return "\n".join(one_line(line, 300) for line in lines)


def _seconds(text: str | None) -> float | None:
    try:
        return max(float(text), 0.0) if text else None
    except ValueError:
        return None
