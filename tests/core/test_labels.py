"""What requests and their failures are called: few words, each for one thing."""

from __future__ import annotations

import pytest

from notion_sync_core.errors import MissingError, NotionSyncError, RetryableError
from notion_sync_core.events import RequestFailed
from notion_sync_core.gate.labels import Tries, cause_of, endpoint, endpoint_of, status_class_of


def with_status(error: NotionSyncError, status: int) -> NotionSyncError:
    error.status = status
    return error


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (with_status(RetryableError("m"), 502), "5xx"),
        (with_status(RetryableError("m", throttled=True), 429), "4xx"),
        (with_status(MissingError("m"), 404), "4xx"),
        (with_status(RetryableError("m", answered=True), 301), "3xx"),
        (RetryableError("m"), "none"),
        (RetryableError("m", throttled=True), "4xx"),
        (RetryableError("m", answered=True), ""),
        (MissingError("m"), ""),
    ],
)
def test_a_failure_has_the_class_of_its_status(error: NotionSyncError, name: str) -> None:
    assert status_class_of(error) == name


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (RetryableError("m", throttled=True), "rate limit"),
        (with_status(RetryableError("m", throttled=True), 529), "rate limit"),
        (with_status(RetryableError("m"), 503), "HTTP 503"),
        (with_status(RetryableError("m", answered=True), 409), "HTTP 409"),
        # An answer that looks well and is of no use.
        (with_status(RetryableError("m"), 200), "bad answer"),
        (RetryableError("m", answered=True), "bad answer"),
        (RetryableError("m"), "no answer"),
    ],
)
def test_a_failed_request_has_one_cause(error: RetryableError, cause: str) -> None:
    assert cause_of(error) == cause


def test_a_call_is_named_after_its_arguments_by_whoever_makes_it_and_else_not_at_all() -> None:
    @endpoint(lambda path, *_, **more: f"{path.split('/')[0]}/{{id}}{len(more)}")
    def get(path: str, size: int = 0) -> str:
        return path

    assert get("blocks/1") == "blocks/1"
    assert endpoint_of(get, ("blocks/1", 5), {}) == "blocks/{id}0"
    assert endpoint_of(get, ("pages/1",), {"size": 5}) == "pages/{id}1"
    assert endpoint_of(str, (), {}) == ""


def test_tries_that_came_too_fast_are_made_but_are_no_failures() -> None:
    tries = Tries("search", 5.0)
    assert (tries.made, tries.failures) == (1, 0)
    tries.failed(RetryableError("m", throttled=True))
    assert tries.failures == 0
    tries.failed(RetryableError("m"))
    assert tries.failures == 1
    error = with_status(RetryableError("it broke"), 500)
    error.request_id = "req-1"
    told = RequestFailed("api", "search", "HTTP 500", 1, "retry", 2.5, "it broke", 500, "req-1")
    assert tries.told("api", error, "retry", 2.5) == told
    assert tries.told("api", error, "give up").wait_s == 0.0
