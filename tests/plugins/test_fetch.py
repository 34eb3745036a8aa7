"""One way for all files: the checked address is connected to, under the host's name, through a proxy too."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import RetryableError, SkippableError
from notion_sync_notion.fetch import Fetch, UnknownHostError
from plugins.fetch_bench import Listener, Proxy, certificate

NAME = "files.example"
OUTSIDE = "93.184.216.34"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A host with a certificate for one name, which the user's own bundle knows."""
    context, trusted = certificate(tmp_path, NAME)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    with Listener(tls=context) as made:
        yield made


def fetch(*listeners: Listener, **options: Any) -> Fetch:
    """Loopback counts as public; every name is there."""
    given = {"resolve": lambda host, port: ["127.0.0.1"], "is_public": lambda address: True, **options}
    return Fetch(5.0, ports=(80, 443, *(each.port for each in listeners)), **given)


def read(fetching: Fetch, url: str, *, hosted: bool = False) -> bytes:
    with fetching.open(url, hosted=hosted) as answer:
        assert answer.status == 200
        return b"".join(answer.chunks(1000))


# -- the address


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    genuine = socket.getaddrinfo

    def recording(host: str, *rest: Any, **options: Any) -> Any:
        looked_up.append(host)
        return genuine(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", recording)
    with Listener("127.0.0.1") as outside, Listener("127.0.0.2", outside.port) as inside:
        answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
        now = [0.0]
        fetching = fetch(
            outside,
            resolve=lambda host, port: answers.pop(0),
            is_public=lambda address: address == "127.0.0.1",
            clock=lambda: now[0],
        )
        for _ in range(3):
            assert read(fetching, f"http://rebinding.example:{outside.port}/a") == b"picture"
        assert len(answers) == 2
        now[0] = 61.0
        with pytest.raises(SkippableError, match="not a public address"):
            fetching.open(f"http://rebinding.example:{outside.port}/a")
        assert len(outside.asked) == 3
        assert inside.asked == []
    assert set(looked_up) <= {"127.0.0.1"}


@pytest.mark.parametrize("hosted", [False, True])
def test_one_private_address_among_public_ones_is_enough_to_refuse(hosted: bool) -> None:
    fetching = Fetch(1.0, resolve=lambda host, port: [OUTSIDE, "10.0.0.7"])
    with pytest.raises(SkippableError, match="not a public address"):
        fetching.open("http://rebinding.example/a.png", hosted=hosted)


def test_an_address_that_does_not_answer_leaves_the_next_one() -> None:
    with Listener("127.0.0.2") as there:
        fetching = fetch(there, resolve=lambda host, port: ["127.0.0.3", "127.0.0.4", "127.0.0.2"])
        assert read(fetching, f"http://{NAME}:{there.port}/a") == b"picture"


def test_a_host_that_cannot_be_connected_to_is_looked_up_again() -> None:
    with Listener("127.0.0.2") as there:
        answers = [["127.0.0.3"], ["127.0.0.2"]]
        fetching = fetch(there, resolve=lambda host, port: answers.pop(0))
        with pytest.raises(RetryableError, match="refused"):
            fetching.open(f"http://{NAME}:{there.port}/a")
        assert read(fetching, f"http://{NAME}:{there.port}/a") == b"picture"


def test_files_of_one_host_share_a_connection() -> None:
    with Listener() as there:
        fetching = fetch(there)
        for _ in range(5):
            read(fetching, f"http://{NAME}:{there.port}/a")
        assert (there.connections, len(there.asked)) == (1, 5)


# -- the API's own origin


def test_files_of_the_api_come_from_its_own_origin_and_nothing_else_inside_does() -> None:
    with Listener() as api, Listener() as other:
        fetching = Fetch(2.0, own=f"http://127.0.0.1:{api.port}/v1", ports=(80, 443, api.port, other.port))
        assert read(fetching, f"http://127.0.0.1:{api.port}/a", hosted=True) == b"picture"
        for url, hosted in [
            (f"http://127.0.0.1:{api.port}/a", False),
            (f"http://127.0.0.1:{other.port}/a", True),
            (f"http://localhost:{api.port}/a", True),
            (f"http://127.0.0.2:{api.port}/a", True),
            (f"http://127.1:{api.port}/a", True),
            (f"https://127.0.0.1:{api.port}/a", True),
            (f"http://127.0.0.1.:{other.port}/a", True),
        ]:
            with pytest.raises(SkippableError):
                fetching.open(url, hosted=hosted)
        assert len(api.asked) == 1
        assert other.asked == []


# -- TLS


def test_the_certificate_has_to_be_that_of_the_name_although_an_address_is_connected_to(tls: Listener) -> None:
    fetching = fetch(tls)
    assert read(fetching, f"https://{NAME}:{tls.port}/a") == b"picture"
    assert f"Host: {NAME}:{tls.port}".encode() in tls.asked[0]
    with pytest.raises(RetryableError, match="TLS"):
        fetching.open(f"https://other.example:{tls.port}/a")


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(RetryableError, match="TLS"):
        fetch(tls).open(f"https://{NAME}:{tls.port}/a")
    assert tls.asked == []


# -- proxies


@pytest.fixture
def proxy(tls: Listener, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The proxy of the environment; all its tunnels end at the host with the certificate."""
    with Proxy(tls) as made:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{made.port}")
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{made.port}")
        yield made


def test_a_proxy_is_asked_for_the_checked_address_of_a_typed_url(proxy: Proxy) -> None:
    assert read(Fetch(5.0, resolve=lambda host, port: [OUTSIDE]), f"https://{NAME}/a") == b"picture"
    assert proxy.lines == [f"CONNECT {OUTSIDE}:443".encode()]


def test_a_proxy_is_asked_for_a_file_of_the_api_by_its_name(proxy: Proxy) -> None:
    assert read(Fetch(5.0, resolve=lambda host, port: [OUTSIDE]), f"https://{NAME}/a", hosted=True) == b"picture"
    assert proxy.lines == [f"CONNECT {NAME}:443".encode()]


def unknown(host: str, port: int) -> list[str]:
    raise UnknownHostError(f"{host} has no address")


def test_where_only_the_proxy_knows_names_files_of_the_api_still_come_and_typed_ones_do_not(proxy: Proxy) -> None:
    fetching = Fetch(5.0, resolve=unknown)
    assert read(fetching, f"https://{NAME}/a", hosted=True) == b"picture"
    with pytest.raises(SkippableError, match="no address"):
        fetching.open(f"https://{NAME}/a")
    for inside in ("localhost", "intranet", "x.local", "metadata.google.internal", "router.home.arpa", "a.localhost."):
        with pytest.raises(SkippableError, match="no address"):
            fetching.open(f"https://{inside}/a", hosted=True)
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("hosted", [False, True])
def test_no_private_address_is_asked_for_through_a_proxy(proxy: Proxy, hosted: bool) -> None:
    fetching = Fetch(5.0)
    for url in ("https://10.0.0.1/a", "https://[::1]/a", "http://169.254.169.254/a", "https://2130706433/a"):
        with pytest.raises(SkippableError):
            fetching.open(url, hosted=hosted)
    assert proxy.asked == []


def test_a_typed_plain_address_is_not_asked_for_through_a_proxy_which_would_look_it_up_itself(proxy: Proxy) -> None:
    with pytest.raises(SkippableError, match="through a proxy only https"):
        Fetch(5.0, resolve=lambda host, port: [OUTSIDE]).open(f"http://{NAME}/a")
    assert proxy.asked == []


def test_hosts_that_need_no_proxy_are_asked_straight(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "straight.example")
    with Listener() as there:
        fetching = fetch(there)
        assert read(fetching, f"http://straight.example:{there.port}/a") == b"picture"
        assert read(fetching, f"http://{NAME}/a", hosted=True) == b"picture"
        assert len(there.asked) == 1
    assert proxy.lines == [f"GET http://{NAME}/a".encode()]


def test_a_proxy_that_refuses_is_told(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    with Listener() as refusing:
        refusing.answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{refusing.port}")
        monkeypatch.delenv("https_proxy", raising=False)
        with pytest.raises(RetryableError, match="the proxy refused to connect"):
            Fetch(5.0, resolve=lambda host, port: [OUTSIDE]).open(f"https://{NAME}/a")
