"""The status page of ``serve`` as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from notion_sync_demo import Emulator, Fault, Workspace
from plugins.test_serve_web import HOSTILE, Site
from web.conftest import Browser
from web.test_html_pages import serious


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    space = Workspace("Small", seed=3)
    space.add_page(space.add_page(None, "Top"), HOSTILE)
    monkeypatch.setenv("SERVE_TOKEN", "push the button")
    with Emulator(space) as server:
        monkeypatch.setenv("NOTION_TOKEN", server.token)
        found = Site(tmp_path, server, '[plugins.serve]\nactions = true\ntoken = "env:SERVE_TOKEN"')
        yield found
        found.server.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing_serious_on_the_page_and_nothing_is_too_wide(
    browser: Browser, site: Site, axe: str, colours: str, width: int
) -> None:
    site.emulator.faults.add(Fault("400", path="/blocks/"))
    site.service.tick()
    browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
    browser.cdp("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    browser.driver.get(f"http://{site.host}/")
    browser.run("for (const each of document.querySelectorAll('details')) { each.open = true; }")
    assert serious(browser, axe) == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.cdp("Emulation.clearDeviceMetricsOverride")


def test_the_page_keeps_itself_up_to_date_and_a_person_starts_a_run(browser: Browser, site: Site) -> None:
    site.service.tick()
    browser.requests(), browser.complaints()
    browser.driver.get(f"http://{site.host}/")
    assert "All is well" in browser.run("return document.querySelector('.verdict').textContent")
    browser.run("document.querySelector('#checks').open = true")
    site.service.refused = "a reason to see"
    assert browser.wait("document.querySelector('main').textContent.includes('a reason to see')")
    assert browser.run("return document.querySelector('#checks').open"), "what was opened stays open"
    field = browser.driver.find_element("css selector", "input[type=password]")
    field.send_keys("push the button")
    field.submit()
    browser.wait("location.pathname === '/'")
    site.service.tick()
    assert site.service.workers["job"].runs == 2
    assert all(url.startswith(f"http://{site.host}/") for url in browser.requests())
    assert browser.complaints() == []
