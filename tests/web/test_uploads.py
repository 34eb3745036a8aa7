"""Uploads with a script, clicked in a real browser, from a folder and from a server: none runs."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notion_sync_core.mirror.suffix import HEAD, asset_suffix
from notion_sync_core.mirror.svg import picture
from notion_sync_html import HtmlRenderer
from plugins.rendering import MemoryDocument, MemorySite, block
from uploads import ALSO_OPENED, RUNNING, SVG
from web.conftest import Browser
from web.kitchen import write

FILES = {**RUNNING, **ALSO_OPENED}
RAN = "PWNED"
SETTLED = 0.2
"""Seconds in which a click has led somewhere, if it does; a test below shows that scripts run in less."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a link to each file, stored as the pipeline stores them."""
    folder = tmp_path_factory.mktemp("uploads")
    blocks, assets = [], {}
    for number, (name, content) in enumerate(FILES.items()):
        digest = hashlib.sha256(content).hexdigest()
        path = f"assets/{number:02x}/{digest}{asset_suffix(name, content[:HEAD])}"
        url = f"https://files.invalid/{number}"
        assets[url] = path
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(content)
        blocks.append(block("file", type="file", name=name, file={"url": url}))
    site = MemorySite(stem="Files", assets=assets)
    write(HtmlRenderer().render_document(MemoryDocument(blocks), site), folder)
    return folder


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def click_all(browser: Browser, page: str) -> list[str]:
    """Click each link of the page; the names of those whose script ran."""
    browser.cdp("Browser.setDownloadBehavior", behavior="deny")
    browser.driver.get(page)
    names = browser.run("return [...document.querySelectorAll('a.card')].map((each) => each.textContent)")
    assert len(names) == len(FILES)
    ran = []
    for number, name in enumerate(names):
        browser.run("document.querySelectorAll('a.card')[arguments[0]].click()", number)
        time.sleep(SETTLED)
        if browser.driver.current_url != page:
            ran += [name] if RAN in browser.driver.current_url else []
            browser.driver.get(page)
    return ran


def test_no_upload_runs_from_a_folder(browser: Browser, folder: Path) -> None:
    assert click_all(browser, (folder / "Files.html").as_uri()) == []


def test_no_upload_runs_from_a_server(browser: Browser, folder: Path, served: str) -> None:
    assert click_all(browser, f"{served}/Files.html") == []


@pytest.mark.parametrize("name", RUNNING)
def test_no_upload_runs_that_is_opened_by_its_own_address(browser: Browser, folder: Path, name: str) -> None:
    number = list(FILES).index(name)
    path = next((folder / "assets" / f"{number:02x}").iterdir())
    browser.cdp("Browser.setDownloadBehavior", behavior="deny")
    try:
        browser.open(path)
    except Exception as error:  # a download is no page
        assert "ERR_ABORTED" in str(error)
    time.sleep(SETTLED)
    assert RAN not in browser.driver.current_url


def test_the_same_files_run_by_their_own_names(browser: Browser, tmp_path: Path) -> None:
    """Else the tests above would show nothing."""
    ran = []
    for name in ("page.html", "drawing.svg", "feed.rss", "x.xsd"):
        (tmp_path / name).write_bytes(FILES[name])
        browser.open(tmp_path / name)
        time.sleep(SETTLED)
        ran += [name] if RAN in browser.driver.current_url else []
    assert ran == ["page.html", "drawing.svg", "feed.rss", "x.xsd"]


def test_the_copy_of_an_svg_is_shown_and_does_nothing(browser: Browser, tmp_path: Path) -> None:
    copy = picture(SVG.replace(b"<script", b'<rect width="9" height="9" onload="canary()"/><script'))
    assert copy is not None
    (tmp_path / "copy.svg").write_bytes(copy)
    browser.open(tmp_path / "copy.svg")
    assert RAN not in browser.driver.current_url
    assert browser.run("return document.querySelectorAll('rect').length") == 1
    assert browser.run("return window.calls") == []
