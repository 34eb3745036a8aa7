"""Files outside Notion are fetched from public addresses only."""

from __future__ import annotations

import io
import socketserver
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.errors import RetryableError, SkippableError
from notion_sync_notion.external import External
from notion_sync_notion.fetch import resolve, target

LOOPBACK_FORMS = [
    *("http://127.0.0.1/a.png", "http://2130706433/a.png", "http://0x7f000001/a.png", "http://0177.0.0.1/a.png"),
    *("http://127.1/a.png", "http://0/a.png", "http://[::1]/a.png", "http://[::ffff:127.0.0.1]/a.png"),
    *("http://[::ffff:7f00:1]/a.png", "http://localhost/a.png", "http://LOCALHOST./a.png", "http://127.0.0.1:80/a.png"),
    *("https://127.0.0.1/a.png", "http://127.0.0.1.:80/a.png", "http://[0:0:0:0:0:0:0:1]/a.png"),
]
REFUSED_FORMS = [
    *("file:///etc/passwd", "gopher://example.com/", "data:image/png;base64,AAAA", "ftp://example.com/a.png"),
    *("http://user@example.com/a.png", "http://user:pass@example.com/a.png", "http://example.com:22/a.png"),
    *(
        "http://example.com:99999/a.png",
        "//example.com/a.png",
        "http:///a.png",
        "http://[::1/a.png",
        "",
        "javascript:1",
    ),
    *("http://example.com:8080/a.png", "HTTP+UNIX://x/a", "jar:http://example.com!/a", "http://:80/a.png"),
]


class Web:
    """A server on loopback whose answers a test writes."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answers: list[bytes] = []
        web = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                lines = []
                while (line := self.rfile.readline()) not in (b"\r\n", b""):
                    lines.append(line)
                web.asked.append(b"".join(lines))
                self.wfile.write(web.answers.pop(0) if web.answers else b"HTTP/1.1 404 Not Found\r\n\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def client(self, **options: object) -> External:
        """A client for which loopback counts as public, under any name."""
        given = {"resolve": lambda host, port: ["127.0.0.1"], "is_public": lambda address: True, **options}
        return External(5.0, ports=(80, 443, self.port), **given)  # type: ignore[arg-type]


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.server.shutdown()
    made.server.server_close()


def ok(body: bytes, kind: str = "image/png") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def length(claimed: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: " + claimed + b"\r\n\r\nabc"


def moved(where: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("url", LOOPBACK_FORMS)
def test_no_form_of_writing_loopback_is_asked(url: str) -> None:
    with pytest.raises(SkippableError, match=r"not a public address|has no address"):
        External(1.0).download(url, io.BytesIO())


@pytest.mark.parametrize("url", REFUSED_FORMS)
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise AssertionError("not even the name is looked up")

    with pytest.raises(SkippableError):
        External(1.0, resolve=nobody).download(url, io.BytesIO())


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    client = External(1.0, resolve=lambda host, port: ["93.184.216.34", "10.0.0.7"])
    with pytest.raises(SkippableError, match="not a public address"):
        client.download("http://rebinding.example/a.png", io.BytesIO())


def test_the_file_comes_from_the_checked_address_under_its_own_name_without_credentials(web: Web) -> None:
    web.answers = [ok(b"picture")]
    out = io.BytesIO(b"an earlier try that was longer")
    assert web.client().download(f"http://pictures.example:{web.port}/a%20b.png?size=1", out) == "image/png"
    assert out.getvalue() == b"picture"
    assert web.asked[0].startswith(b"GET /a%20b.png?size=1 HTTP/1.1\r\n")
    assert f"Host: pictures.example:{web.port}".encode() in web.asked[0]
    assert b"authorization" not in web.asked[0].lower()


def test_a_redirect_is_followed_and_checked_again(web: Web) -> None:
    web.answers = [moved(f"http://next.example:{web.port}/b.png"), ok(b"moved picture")]
    out = io.BytesIO()
    web.client().download(f"http://first.example:{web.port}/a.png", out)
    assert out.getvalue() == b"moved picture"

    web.answers = [moved("http://inside.example/b.png")]
    guarded = web.client(
        resolve=lambda host, port: ["127.0.0.1" if host == "first.example" else "169.254.169.254"],
        is_public=lambda address: address == "127.0.0.1",
    )
    with pytest.raises(SkippableError, match=r"inside\.example is not a public address"):
        guarded.download(f"http://first.example:{web.port}/a.png", io.BytesIO())


def test_redirects_in_a_circle_end(web: Web) -> None:
    web.answers = [moved(f"http://first.example:{web.port}/a.png")] * 9
    with pytest.raises(SkippableError, match="more than 3 redirects"):
        web.client().download(f"http://first.example:{web.port}/a.png", io.BytesIO())
    assert len(web.asked) == 4


NOWHERE = [
    *("http://[", "http://[::1]:x/", "", "javascript:alert(1)", "file:///etc/passwd", "http://me@first.example/"),
    *("http:///a", "//[", "http://first.example:22/", "\xff\xfe://x", "http://\xff\xfe/", "http://a b/", "?" * 9),
    *("http://%31/", "http://" + "a" * 5000 + "/", "http://" + "a." * 200 + "b/", "//" * 50, "http://x:99999999/"),
]


@pytest.mark.parametrize("where", NOWHERE)
def test_a_redirect_that_leads_nowhere_fails_this_file_alone(web: Web, where: str) -> None:
    web.answers = [moved(where)] * 9
    with pytest.raises((SkippableError, RetryableError)):
        web.client(resolve=known).download(f"http://first.example:{web.port}/a.png", io.BytesIO())


def known(host: str, port: int) -> list[str]:
    if host != "first.example":
        raise SkippableError("no address")
    return ["127.0.0.1"]


def test_a_length_that_a_proxy_repeated_is_believed(web: Web) -> None:
    web.answers = [length(b"3, 3")]
    out = io.BytesIO()
    web.client().download(f"http://files.example:{web.port}/a.png", out)
    assert out.getvalue() == b"abc"


@given(st.text() | st.text(st.sampled_from("htps:/[]@%.#?\\1a\ud800\x00 \n")).map("http://{}".format))
def test_any_text_as_an_address_is_a_target_or_refused(text: str) -> None:
    try:
        found = target(text)
    except SkippableError:
        return
    assert found.scheme in ("http", "https")
    assert found.path.startswith("/")
    assert found.host == found.host.strip("[]").lower()
    assert target(found.url) == found


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (ok(b"<html>", "text/html; charset=utf-8"), SkippableError, "a web page"),
        (ok(b"x" * 2000), SkippableError, "larger than"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", SkippableError, "404"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", RetryableError, "503"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", RetryableError, "broke"),
        (b"nonsense\r\n\r\n", RetryableError, "broke"),
        (length(b"-5"), RetryableError, "broke"),
        (length(b"abc"), RetryableError, "broke"),
        (length(b"\xb2"), RetryableError, "broke"),
        (length(b""), RetryableError, "broke"),
        (length(b"3\r\nContent-Length: 5"), RetryableError, "broke"),
        (length(b"9" * 20), SkippableError, "larger than"),
        (length(b"9" * 5000), SkippableError, "larger than"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", RetryableError, "broke"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", RetryableError, "broke"),
        (b"HTTP/1.1 99999 x\r\n\r\n", RetryableError, "broke"),
        (b"", RetryableError, "broke"),
    ],
)
def test_what_is_no_whole_file_of_bearable_size_is_not_kept(
    web: Web, answer: bytes, error: type[Exception], text: str
) -> None:
    web.answers = [answer]
    with pytest.raises(error, match=text):
        web.client(max_bytes=1000).download(f"http://files.example:{web.port}/a.png", io.BytesIO())


def test_a_name_without_address_is_explained() -> None:
    with pytest.raises(SkippableError, match="has no address"):
        resolve("nothing.invalid", 80)
