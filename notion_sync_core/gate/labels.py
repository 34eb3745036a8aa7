"""What requests are called in events and measurements: few names, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import define

from notion_sync_core.errors import NotionSyncError, RetryableError
from notion_sync_core.events import RequestFailed

C = TypeVar("C", bound=Callable[..., Any])

_NAME = "endpoint"


def endpoint(name: Callable[..., str]) -> Callable[[C], C]:
    """Say what the calls of a function are named after, for whoever counts requests: a decorator.

    A method of a client that is handed to the gate, ``gate(client.get, path)``, is marked so::

        @endpoint(lambda path, *_: template(path))
        def get(self, path): ...

    :param name: given the arguments of the call, without ``self``, gives one of few names, such as
        ``blocks/{id}/children``: no ids, no titles.
    """

    def mark(function: C) -> C:
        setattr(function, _NAME, name)
        return function

    return mark


def endpoint_of(call: Callable[..., Any], args: Any, kwargs: Any) -> str:
    """The name of what a call asks for; empty where nobody says."""
    name = getattr(call, _NAME, None)
    return str(name(*args, **kwargs)) if name is not None else ""


def status_class_of(error: NotionSyncError) -> str:
    """``3xx`` to ``5xx``; ``none``: there was no answer; empty: nobody says."""
    if error.status:
        return f"{error.status // 100}xx"
    if isinstance(error, RetryableError) and not error.answered:
        return "4xx" if error.throttled else "none"
    return ""


def cause_of(error: RetryableError) -> str:
    """Why a request failed, in one of few words."""
    if error.throttled:
        return "rate limit"
    if error.status and error.status != 200:
        return f"HTTP {error.status}"
    return "bad answer" if error.answered or error.status else "no answer"


@define
class Tries:
    """How often one request was made."""

    endpoint: str
    began: float
    made: int = 1
    failures: int = 0
    """Without those that came too fast."""

    def failed(self, error: RetryableError) -> None:
        """Another one failed."""
        self.failures += not error.throttled

    def told(self, host: str, error: RetryableError, then: str, seconds: float = 0.0) -> RequestFailed:
        """The last one failed."""
        said, status, name = error.message, error.status, error.request_id
        return RequestFailed(host, self.endpoint, cause_of(error), self.made, then, seconds, said, status, name)
