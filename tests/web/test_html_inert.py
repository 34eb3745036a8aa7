"""Payloads in a real browser: none runs, none loads anything, with and without the page's own policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from notion_sync_html import HtmlRenderer
from plugins import html_attacks
from plugins.html_attacks import PAYLOADS
from plugins.rendering import MemoryDocument, MemorySite, block
from web.conftest import Browser
from web.kitchen import write

PARTS = 8
"""Each of the more than 300 pages has some 4,000 elements, which a browser needs up to a second for where others
work too: a test of all of them looks as if it hung."""
PROVOKE = """
for (const each of document.querySelectorAll("*")) {
  for (const name of ["mouseover", "focus", "toggle", "begin", "error", "load", "start"]) {
    each.dispatchEvent(new Event(name, { bubbles: false }));
  }
  if (each instanceof HTMLDetailsElement) each.open = true;
}
return [...document.querySelectorAll("a, area, form, [src]")]
  .map((each) => each.href || each.action || each.src || "")
  .filter((address) => !/^(file:|https?:|mailto:|tel:|notion:|$)/.test(String(address)));
"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A page and a database for each payload, and an index and a search over such titles."""
    folder = tmp_path_factory.mktemp("attacked")
    renderer = HtmlRenderer()
    notes: list[str] = []
    for number, payload in enumerate(PAYLOADS):
        for name, document in (("page", html_attacks.page(payload)), ("rows", html_attacks.database(payload))):
            site = html_attacks.site(payload, stem=f"{name}{number}")
            write(renderer.render_document(document, site), folder)
            notes += site.notes
        claims = MemorySite(stem=f"plugin{number}", claims={"code": payload})
        write(renderer.render_document(MemoryDocument([block("code", "x")]), claims), folder)
        write(renderer.render_site(html_attacks.entries(payload, notes[-2:])), folder / f"site{number}")
    write(renderer.render_site(html_attacks.entries(PAYLOADS[0], notes[:2])), folder)
    return sorted([*folder.glob("*.html"), *folder.glob("site*/index.html")])


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("bypass", [False, True], ids=["with its policy", "without its policy"])
def test_nothing_in_content_runs_or_loads(browser: Browser, attacked: list[Path], bypass: bool, part: int) -> None:
    browser.cdp("Page.setBypassCSP", enabled=bypass)
    assert len(attacked) >= 4 * 60
    for path in attacked[part::PARTS]:
        browser.open(path)
        odd = browser.run(PROVOKE)
        calls, inline = browser.run("return [window.calls, document.querySelectorAll('script:not([src])').length]")
        assert calls == [], path.name
        assert odd == [], path.name
        assert inline == 0, path.name
        assert [url for url in browser.requests() if not url.startswith("file:///")] == [], path.name


@pytest.mark.parametrize("number", range(0, len(PAYLOADS), 7))
def test_a_search_for_a_payload_shows_it_as_text(browser: Browser, attacked: list[Path], number: int) -> None:
    path = next(path for path in attacked if path.parent.name == f"site{number}")
    browser.open(path)
    browser.run("document.querySelector('[data-search]').click()")
    browser.run(
        "const i = document.querySelector('#search-input'); i.value = 'canary'; i.dispatchEvent(new Event('input'))"
    )
    browser.wait("/pages?$/.test(document.querySelector('.search-status').textContent)")

    assert browser.run("return document.querySelectorAll('.search-results a').length") >= 1
    assert browser.run("return window.calls") == []
    assert not [url for url in browser.requests() if not url.startswith("file:///")]


def test_the_policy_stops_a_script_that_somebody_puts_into_a_page(browser: Browser, kitchen: Path) -> None:
    path = kitchen / "planted.html"
    html = (kitchen / "Everything.html").read_text("utf-8")
    planted = "<script>canary()</script><img src=http://canary.invalid/x.png onerror=canary()>"
    path.write_text(html.replace("<article>", f"<article>{planted}"), "utf-8")
    try:
        browser.open(path)
        assert browser.run("return window.calls") == []
        assert any("Content Security Policy" in complaint for complaint in browser.complaints())
    finally:
        path.unlink()
        browser.requests()
