"""What the API's answers mean: for each status the right error, for each header the right wait."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import requests

from notion_sync_core.errors import (
    ConfigError,
    MissingError,
    NotAuthorisedError,
    RetryableError,
    SkippableError,
)
from notion_sync_demo import Emulator, Fault, sample_workspace
from notion_sync_notion.client import Answer, Client, CursorError, ExpiredError, api_error, retry_after, transport_error
from notion_sync_notion.listing import is_capped, pages
from plugins.fetch_bench import Listener


def error(status: int, code: str = "", message: str = "", headers: Any = None, **extra: Any) -> Exception:
    body = orjson.dumps({"object": "error", "code": code, "message": message, "additional_data": extra})
    return api_error("GET pages/1", status, headers or {}, body if code else b"<html>")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ((401, "unauthorized"), NotAuthorisedError),
        ((403, "restricted_resource"), MissingError),
        ((404, "object_not_found"), MissingError),
        ((400, "validation_error", "The start_cursor provided is invalid"), CursorError),
        ((400, "validation_error", "Please retry with exponential backoff"), RetryableError),
        ((400, "validation_error", "body failed validation"), SkippableError),
        ((409, "conflict_error"), RetryableError),
        ((500, "internal_server_error"), RetryableError),
        ((502,), RetryableError),
        ((404,), RetryableError),
    ],
)
def test_each_status_has_its_error(given: tuple[Any, ...], kind: type[Exception]) -> None:
    assert type(error(*given)) is kind


@pytest.mark.parametrize("status", [429, 529])
def test_a_rate_limit_tells_how_long_to_wait(status: int) -> None:
    found = error(status, "rate_limited", headers={"Retry-After": "7"})
    assert isinstance(found, RetryableError)
    assert (found.throttled, found.retry_after) == (True, 7.0)


def test_a_blocked_connection_is_no_rate_limit() -> None:
    found = error(429, "rate_limited", rate_limit_reason="public_api_request_blocked")
    assert isinstance(found, NotAuthorisedError)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("-1", 0.0), ("", None), (None, None), ("soon", None)],
)
def test_retry_after_may_be_a_number_or_nonsense(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date_or_stand_in_the_body() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after(None, {"retry_after": "4"}) == 4.0


@pytest.mark.parametrize(
    "broken",
    [
        requests.exceptions.SSLError("certificate verify failed"),
        requests.exceptions.ProxyError("no"),
        requests.exceptions.ConnectTimeout("slow"),
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ConnectionError("Name or service not known"),
        requests.exceptions.ChunkedEncodingError("short"),
    ],
)
def test_a_broken_connection_is_told_without_its_url(broken: Exception) -> None:
    found = transport_error("a file", broken)
    assert isinstance(found, RetryableError)
    assert "http" not in found.message


@pytest.fixture
def client(server: Emulator) -> Iterator[Client]:
    client = Client(server.url, server.token, "2026-03-11", 5.0)
    yield client
    client.close()


def test_the_token_goes_to_the_api_and_not_to_file_hosts(client: Client, server: Emulator) -> None:
    raw = client.get("users/me").raw
    assert raw["object"] == "user"
    key = next(iter(server.workspace.files))
    with pytest.raises(ExpiredError):
        client.download(f"{server.url}/files/{key}", io.BytesIO())
    assert server.counters.leaks == 0


def test_a_redirect_is_not_followed_with_the_token(client: Client, server: Emulator) -> None:
    with pytest.raises((SkippableError, RetryableError)):
        client.get("no/such/path")


@pytest.mark.parametrize("kind", ["html200", "empty", "bad_json", "short", "reset"])
def test_a_body_that_is_no_api_object_can_be_tried_again(client: Client, server: Emulator, kind: str) -> None:
    server.faults.add(Fault(kind, times=1))
    with pytest.raises(RetryableError):
        client.get("users/me")
    assert client.get("users/me").raw["object"] == "user"


def test_the_clock_of_the_server_counts(tmp_path: object) -> None:
    with Emulator(sample_workspace(), clock=lambda: 1_000_000_000.0) as server:
        client = Client(server.url, server.token, "2026-03-11", 5.0)
        client.get("users/me")
        assert client.server_time() == pytest.approx(1_000_000_000.0, abs=5)
        client.close()


def listed(*answers: Any) -> Any:
    """A fetch that gives these answers, or raises them."""
    left = list(answers)

    def fetch(cursor: str | None) -> Answer:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer({"results": [cursor], "has_more": answer is not None, "next_cursor": answer}, False)

    return fetch


def cursors(fetch: Any) -> list[Any]:
    return [answer.raw["results"][0] for answer in pages(fetch)]


def test_pages_are_followed_to_the_last() -> None:
    assert cursors(listed("a", "b", None)) == [None, "a", "b"]


def test_an_expired_cursor_starts_the_list_over_once() -> None:
    gone = CursorError("expired")
    assert cursors(listed("a", gone, "a", None)) == [None, None, "a"]
    with pytest.raises(CursorError):
        cursors(listed("a", gone, "a", gone))


def test_a_cursor_that_turns_in_a_circle_ends_with_an_error() -> None:
    with pytest.raises(CursorError, match="nowhere new"):
        cursors(listed("a", "b", "a"))


def test_a_query_says_when_it_is_incomplete_or_is_taken_so_at_the_cap() -> None:
    assert is_capped(Answer({"request_status": {"type": "incomplete"}}, False), 5)
    assert not is_capped(Answer({"request_status": {"type": "complete"}}, False), 10_000)
    assert is_capped(Answer({}, False), 10_000)
    assert not is_capped(Answer({}, False), 9_999)


# -- surroundings


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"HTTPS_PROXY": "http://"}, "the address of the proxy"),
        ({"HTTPS_PROXY": "ftp://proxy:99"}, "the address of the proxy"),
        ({"ALL_PROXY": "socks5://127.0.0.1:9"}, "SOCKS proxy"),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, "REQUESTS_CA_BUNDLE names, cannot be used: No such file"),
        ({"CURL_CA_BUNDLE": __file__}, "CURL_CA_BUNDLE names, cannot be used: they hold none"),
    ],
)
def test_proxies_and_certificates_that_cannot_be_are_told_before_any_request(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, str], message: str
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    # As requests has it where PySocks is not installed.
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", missing)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=message):
        Client("https://api.example", "token", "2026-03-11", 5.0)


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_a_web_page_in_place_of_an_answer_is_told_as_such(server: Emulator, status: int) -> None:
    with Listener() as there:
        body = b"\n<!doctype html><p>Log in"
        there.answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        client = Client(f"http://127.0.0.1:{there.port}", "token", "2026-03-11", 5.0)
        with pytest.raises(RetryableError, match=r"a web page came instead; is notion\.base_url right"):
            client.get("users/me")
        client.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_is_told(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with Listener() as there:
        there.answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://127.0.0.1:{there.port}")
        client = Client(f"{scheme}://api.example", "token", "2026-03-11", 5.0)
        with pytest.raises(RetryableError, match="the proxy wants a name and a password"):
            client.get("users/me")
        client.close()


def test_a_proxy_that_is_not_there_is_not_taken_for_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = Client("https://api.example", "token", "2026-03-11", 5.0)
    with pytest.raises(RetryableError, match="the proxy does not answer"):
        client.get("users/me")
    client.close()


def test_a_client_that_was_closed_has_no_connection_left_and_makes_new_ones(server: Emulator) -> None:
    client = Client(server.url, server.token, "2026-03-11", 5.0)
    for _ in range(2):
        client.get("users/me")
        client.close()
        assert list(filter(None, client._wire._pool.pool.queue)) == []
