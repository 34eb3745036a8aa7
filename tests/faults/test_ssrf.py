"""No address leads into the private network, and the token goes to nobody but the API."""

from __future__ import annotations

import io
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import RetryableError, SkippableError
from notion_sync_core.model import Json
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, external, media, mention, rich, text
from notion_sync_notion.client import Client
from notion_sync_notion.external import External

pytestmark = pytest.mark.campaign

EXPIRES = "2026-01-01T00:00:00.000Z"
HOSTS = [
    *(
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
    ),
    *(
        "017700000001",
        "0x7f.0x0.0x0.0x1",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1.",
        "[::1]",
        "[::]",
    ),
    *("[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]"),
    *(
        "[::127.0.0.1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
    ),
    *(
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.0.1",
        "[::ffff:169.254.169.254]",
    ),
    *(
        "%6cocalhost",
        "127%2e0%2e0%2e1",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
        "127\u30020\u30020\u30021",
    ),
]
WHOLE = [
    *("file:///etc/passwd", "gopher://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/a.png"),
    *(
        "http://me@127.0.0.1:{port}/a.png",
        "http://example.com@127.0.0.1:{port}/a.png",
        "http://127.0.0.1:{port}#@example.com/",
    ),
    *("http://127.0.0.1:{port}\\@example.com/a.png", "http:127.0.0.1:{port}/a.png", "//127.0.0.1:{port}/a.png"),
    *(
        "http://\t127.0.0.1:{port}/a.png",
        " http://127.0.0.1:{port}/a.png",
        "http://127.0.0.1 :{port}/a.png",
        "http://127.0.0.1:{port}/\r\nX: y",
    ),
]


class Canary:
    """Listens on loopback; whoever connects was led there."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"
        canary = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                lines = []
                while (line := self.rfile.readline()) not in (b"\r\n", b""):
                    lines.append(line)
                canary.heard.append(b"".join(lines))
                self.wfile.write(canary.answer)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.close()


def urls(port: int) -> list[str]:
    return [*(f"http://{host}:{port}/a.png" for host in HOSTS), *(url.format(port=port) for url in WHOLE)]


def test_no_form_of_an_address_reaches_a_listener_on_this_machine(canary: Canary) -> None:
    found = urls(canary.port)
    assert len(found) >= 45
    # The port is allowed here, so that only the address can be the reason.
    client = External(2.0, ports=(80, 443, canary.port))
    for url in found:
        with pytest.raises(SkippableError):
            client.download(url, io.BytesIO())
    assert canary.heard == []


def test_a_whole_export_that_fetches_external_files_reaches_nothing_inside(tmp_path: Path, canary: Canary) -> None:
    space = Workspace("Inside", seed=2)
    pictures = [media("image", external(url)) for url in urls(canary.port)]
    space.add_page(
        None,
        "Pictures",
        [block("paragraph", "Look"), *pictures],
        icon=external(f"{canary.url}/icon.png"),
        cover=external(f"{canary.url}/cover.png"),
    )
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        report = bench.good(export__fetch_external=True)
    assert canary.heard == []
    assert report.assets.downloaded == 0
    assert not any(b"secret" in content for content in tree(bench.out).values())


SIGNED = [
    *("?X-Amz-Signature=1", "?a=b&X-Amz-Signature=1&X-Amz-Expires=3600", "#?X-Amz-Signature=1", "?x-amz-signature=1"),
    *("/X-Amz-Signature=1/b.png", "?u=X-Amz-Signature=1", "&X-Amz-Signature=1", "?X-Amz-Signature=1#frag"),
    *('?"expiry_time":"2026-01-01T00:00:00.000Z"&X-Amz-Signature=1', "?X-Amz-Signature%3D1"),
]


def places(url: str) -> list[Json]:
    """Every block in which a person can put an address, or make another site name one."""
    person: Json = {"href": url, "title": "t", "icon_url": url, "thumbnail_url": url, "iframe_url": url}
    kinds = ("image", "video", "audio", "pdf", "file")
    return [
        *(bare(kind, url=url, caption=rich([text("c", url)])) for kind in ("bookmark", "embed")),
        bare("link_preview", url=url),
        *(media(kind, external(url), name="hosted.png") for kind in kinds),
        # The type decides, whatever stands beside it.
        *(media(kind, {**external(url), "file": {"url": url, "expiry_time": EXPIRES}}) for kind in kinds),
        block("callout", "c", icon=external(url), color="default"),
        block("paragraph", [text(f'{url} "expiry_time":"{EXPIRES}"', url), mention("link_preview", {"url": url}, "m")]),
        block("code", url, language="json"),
        block("paragraph", [mention("link_mention", person, "m", url)]),
        bare("unsupported", url=url, block_type="button"),
        bare("something_new", url=url, external={"url": url}),
    ]


def properties(url: str) -> Json:
    """Every property that holds an address, under names that the API itself uses elsewhere."""
    typed = {"id": "a", "type": "url", "url": url}
    files = {"id": "f", "type": "files", "files": [{"name": "x", **external(url)}]}
    return {
        **dict.fromkeys(("url", "file", "custom_emoji", "expiry_time", "attachments", "external"), typed),
        "files": files,
        "text": {"id": "t", "type": "rich_text", "rich_text": rich([text("x", url)])},
        "formula": {"id": "u", "type": "formula", "formula": {"type": "string", "string": url}},
        "rolled": {"id": "r", "type": "rollup", "rollup": {"type": "array", "array": [typed, files]}},
    }


@pytest.mark.parametrize("fetch_external", [False, True])
def test_no_address_in_any_place_is_taken_for_one_of_the_api(
    tmp_path: Path, canary: Canary, fetch_external: bool
) -> None:
    space = Workspace("Typed", seed=3)
    forms = [f"{canary.url}/latest{tail}" for tail in SIGNED]
    forms += [each + SIGNED[0] for each in urls(canary.port)]
    for number, url in enumerate(forms):
        page = space.add_page(None, f"Page {number}", places(url), icon=external(url), cover=external(url))
        space.pages[page]["properties"].update(properties(url))
        space.add_comment(page, rich([text("c", url)]))
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        report = bench.good(
            export__fetch_external=fetch_external, export__comments=True, export__renderers=["markdown", "html", "json"]
        )
        assert report.objects.read == len(forms)
        bench.good("render")
    assert canary.heard == []
    assert report.assets.downloaded == 0
    assert not any(b"secret" in content for content in tree(bench.out).values())


def moved(status: int, where: str) -> bytes:
    head = f"HTTP/1.1 {status} Moved\r\nConnection: close\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n"
    return head.encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_api_is_not_followed_and_the_token_goes_nowhere_else(canary: Canary, status: int) -> None:
    api = Canary()
    api.answer = moved(status, f"{canary.url}/v1/users/me")
    client = Client(api.url, "ntn_secret", "2026-03-11", 2.0)
    try:
        with pytest.raises(RetryableError, match=str(status)):
            client.get("users/me")
        with pytest.raises(RetryableError, match=str(status)):
            client.post("search", {})
        assert canary.heard == []
        assert all(b"ntn_secret" in each for each in api.heard)
    finally:
        client.close()
        api.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_file_host_is_not_followed(canary: Canary, status: int) -> None:
    files = Canary()
    files.answer = moved(status, f"{canary.url}/a")
    client = Client(files.url, "ntn_secret", "2026-03-11", 2.0)
    try:
        with pytest.raises(RetryableError, match=str(status)):
            client.download(f"{files.url}/a.png?X-Amz-Signature=1", io.BytesIO())
        assert canary.heard == []
        assert not any(b"ntn_secret" in each or b"uthorization" in each for each in files.heard)
    finally:
        client.close()
        files.close()


def test_a_netrc_adds_no_credentials(canary: Canary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\ndefault login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client = Client(canary.url, "ntn_secret", "2026-03-11", 2.0)
    try:
        client.download(f"{canary.url}/a.bin", io.BytesIO())
        with pytest.raises(RetryableError):
            client.get("users/me")
        assert b"Basic" not in b"".join(canary.heard)
    finally:
        client.close()
    assert os.environ["NETRC"] == str(netrc)
