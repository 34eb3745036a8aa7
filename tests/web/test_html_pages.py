"""The site as people use it, from ``file://``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web.conftest import Browser

PAGES = [
    "Everything.html",
    "Tasks.html",
    "Views.html",
    "index.html",
    "Everything/Child 0.html",
    "From the right.html",
    "Mixed.html",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, kitchen: Path, axe: str, page: str, colours: str) -> None:
    browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
    browser.open(kitchen / page)
    browser.run(
        "for (const each of document.querySelectorAll('details')) { each.removeAttribute('name'); each.open = true; }"
    )
    assert serious(browser, axe) == []


def test_axe_finds_nothing_serious_in_the_search(browser: Browser, kitchen: Path, axe: str) -> None:
    browser.open(kitchen / "index.html")
    search(browser, "a")

    assert serious(browser, axe) == []


def serious(browser: Browser, axe: str) -> list[Any]:
    browser.run(axe + "; window.axe = axe;")
    browser.driver.set_script_timeout(60)
    found = browser.driver.execute_async_script("const done = arguments[0]; axe.run(document, {}).then(done)")
    return [
        (violation["id"], [node["html"][:200] for node in violation["nodes"][:3]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_complaint_and_without_a_request_outside(
    browser: Browser, kitchen: Path, page: str
) -> None:
    browser.open(kitchen / page)

    assert browser.complaints() == []
    assert all(url.startswith("file:///") for url in browser.requests())
    assert browser.run("return getComputedStyle(document.querySelector('.bar')).position") == "sticky"


def test_a_page_is_complete_without_scripts(browser: Browser, kitchen: Path) -> None:
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(kitchen / "Tasks.html")
    texts = browser.run("return document.querySelector('main').innerText")

    assert "C <row>" in texts
    assert browser.run("return document.querySelector('[data-search]').hidden")
    assert not browser.run("return document.querySelector('.sort')")


# -- search


def search(browser: Browser, text: str) -> list[str]:
    browser.run("if (!document.querySelector('dialog').open) document.querySelector('[data-search]').click()")
    browser.run(
        "const input = document.querySelector('#search-input'); input.value = arguments[0];"
        "input.dispatchEvent(new Event('input'))",
        text,
    )
    browser.wait("/^\\d+ pages?( with.*)?$/.test(document.querySelector('.search-status').textContent)")
    browser.run("return new Promise((done) => setTimeout(done, 150))")
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.search-results b')].map((b) => b.textContent)"
    )
    return found


def test_search_finds_titles_before_headings_before_text(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Everything" / "Child 0.html")

    assert search(browser, "paragraph") == ["A paragraph in its title", "Everything"]
    assert search(browser, "type to_do") == ["Everything"]
    assert search(browser, "row") == ["Everything", "💡 Tasks"]
    assert search(browser, "<row>") == ["💡 Tasks"]
    assert search(browser, "nothing of this kind") == []


@pytest.mark.parametrize("text", ["grössenverhältnis", "CAFE", "abc", "verhalt"])
def test_search_does_not_mind_case_accents_and_forms(browser: Browser, kitchen: Path, text: str) -> None:
    browser.open(kitchen / "index.html")

    # What a word folds to is the same for all: ß stays ß, so it is typed as it is written.
    assert search(browser, text.replace("ss", "ß")) == ["Everything"]
    assert browser.run("return document.querySelectorAll('.search-results mark').length") >= 1


def test_search_works_by_keyboard_alone(browser: Browser, kitchen: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(kitchen / "Everything" / "Child 0.html")
    browser.keys("/")
    browser.wait("document.activeElement.id === 'search-input'")
    browser.keys("tasks")
    browser.wait("document.querySelectorAll('.search-results a').length > 0")
    browser.keys(Keys.ARROW_DOWN)
    assert browser.run("return document.activeElement.tagName") == "A"
    browser.keys(Keys.ARROW_UP)
    assert browser.run("return document.activeElement.id") == "search-input"
    browser.keys(Keys.ENTER)
    browser.wait("location.pathname.endsWith('/Tasks.html')")

    browser.keys("/")
    browser.wait("document.querySelector('dialog').open")
    browser.keys(Keys.ESCAPE)
    browser.wait("!document.querySelector('dialog').open")


@pytest.mark.parametrize("typed", ["paragrap", "pragraph", "paragraqh", "paaragraph", "apragraph"])
def test_search_forgives_a_letter(browser: Browser, kitchen: Path, typed: str) -> None:
    browser.open(kitchen / "index.html")

    assert "A paragraph in its title" in search(browser, typed)
    if not "paragraph".startswith(typed):
        status = browser.run("return document.querySelector('.search-status').textContent")
        assert status == "2 pages with a word that is near it"


def test_what_is_spelt_right_is_not_mixed_with_what_is_near_it(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "index.html")

    assert search(browser, "wall") == ["Everything"]
    assert search(browser, "zzzzzz") == []


def test_a_hit_in_the_text_leads_to_its_very_word(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "index.html")
    assert search(browser, "Größenverhält") == ["Everything"]
    link = browser.run("return document.querySelector('.search-results a').href")
    assert link.endswith(":~:text=Gr%C3%B6%C3%9Fenverh%C3%A4ltnis")

    browser.run("document.querySelector('.search-results a').click()")
    browser.wait("location.pathname.endsWith('/Everything.html') && scrollY > 500")
    place = (
        "const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);"
        "while (walker.nextNode()) if (walker.currentNode.data.includes('Größenverhältnis')) {"
        "  const range = document.createRange(); range.selectNode(walker.currentNode);"
        "  const box = range.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    )
    browser.wait(f"(() => {{ {place} }})()")


def test_a_hit_in_a_heading_leads_to_it(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "index.html")
    search(browser, "Type quote")
    browser.run("document.querySelector('.search-results a').click()")
    browser.wait("location.pathname.endsWith('/Everything.html') && location.hash")

    found = browser.run("return document.getElementById(location.hash.slice(1)).textContent")
    assert found == "Type quote"


# -- code


def test_code_is_copied_to_the_letter(browser: Browser, kitchen: Path) -> None:
    rights = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.cdp("Browser.grantPermissions", permissions=rights)
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=True)
    browser.open(kitchen / "Everything.html")
    browser.run("document.querySelector('.code .copy').click()")
    browser.wait("document.querySelector('.code .copy').textContent === 'Copied'")

    copied = browser.run("return navigator.clipboard.readText()")
    assert copied == browser.run("return document.querySelector('.code code').textContent")
    assert copied.startswith("def pressure")


# -- from the right to the left


def box(browser: Browser, selector: str) -> dict[str, float]:
    found: dict[str, float] = browser.run(
        "return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector
    )
    return found


def test_a_language_that_is_read_from_the_right_turns_the_whole_page(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "From the right.html")

    assert box(browser, ".sidebar")["left"] > box(browser, "main")["right"] - 1
    assert box(browser, ".home")["left"] > box(browser, ".tools")["left"]
    assert browser.run("return getComputedStyle(document.querySelector('pre')).direction") == "ltr"


@pytest.mark.parametrize("page", ["From the right.html", "Mixed.html"])
def test_text_begins_where_its_own_language_does(browser: Browser, kitchen: Path, page: str) -> None:
    browser.open(kitchen / page)

    def direction(selector: str) -> str:
        found: str = browser.run(
            "const all = [...document.querySelectorAll('.content ' + arguments[0])];"
            "return all.map((each) => getComputedStyle(each).direction).join()",
            selector,
        )
        return found

    assert direction("> p") == "rtl,ltr"
    assert direction("> ul") == "rtl,rtl,ltr"
    assert (direction("> ol"), direction("> blockquote"), direction("> .callout")) == ("rtl", "rtl", "rtl")
    assert (direction("> details"), direction("> .table")) == ("rtl", "rtl")
    marks = browser.run("return getComputedStyle(document.querySelector('.content > ul')).paddingRight")
    assert marks != "0px"


def test_an_outside_cover_does_not_lie_under_the_icon(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Mixed.html")

    assert box(browser, "h1 .icon")["top"] >= box(browser, ".cover-link")["bottom"]


# -- databases


def test_the_first_column_stays_while_the_others_move(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Tasks.html")
    before = box(browser, ".rows tbody th")["left"]

    browser.run("document.querySelector('.rows .table').scrollLeft = 400")
    assert box(browser, ".rows tbody th")["left"] == before
    assert box(browser, ".rows tbody td")["left"] < before


def test_on_paper_every_column_is_there(browser: Browser, kitchen: Path) -> None:
    browser.cdp("Emulation.setDeviceMetricsOverride", width=1000, height=700, deviceScaleFactor=1, mobile=False)
    browser.cdp("Emulation.setEmulatedMedia", media="print")
    try:
        browser.open(kitchen / "Tasks.html")
        edges = "return [...document.querySelectorAll('.rows thead th')].map((th) => th.getBoundingClientRect().right)"
        found = browser.run(edges)
        assert len(found) == 34
        assert max(found) <= box(browser, "main")["right"] + 1
        assert browser.run("return document.documentElement.scrollWidth") <= 1000
    finally:
        browser.cdp("Emulation.clearDeviceMetricsOverride")


def rows(browser: Browser) -> list[str]:
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.rows tbody tr')].filter((row) => !row.hidden)"
        ".map((row) => row.cells[0].textContent)"
    )
    return found


def sort(browser: Browser, name: str) -> list[str]:
    browser.run(
        "[...document.querySelectorAll('.sort')].find((each) => each.textContent === arguments[0]).click()", name
    )
    return rows(browser)


def test_rows_are_sorted_by_a_click_on_a_columns_name(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Tasks.html")

    assert rows(browser) == ["A row", "b row", "C <row>", "Untitled"]
    assert sort(browser, "Number") == ["C <row>", "A row", "b row", "Untitled"]
    assert sort(browser, "Number") == ["b row", "A row", "C <row>", "Untitled"]
    assert browser.run("return document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    assert sort(browser, "Name") == ["A row", "b row", "C <row>", "Untitled"]
    assert sort(browser, "Name") == ["Untitled", "C <row>", "b row", "A row"]
    assert browser.run("return document.querySelectorAll('[aria-sort]').length") == 1


def test_rows_are_filtered_by_what_is_typed(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Tasks.html")
    field = (
        "const i = document.querySelector('.filter input'); i.value = arguments[0]; i.dispatchEvent(new Event('input'))"
    )

    browser.run(field, "LINDQVIST row")
    assert rows(browser) == ["A row"]
    assert browser.run("return document.querySelector('.filter [role=status]').textContent") == "1 of 4 rows"
    browser.run(field, "")
    assert len(rows(browser)) == 4


# -- colours, keyboard, paper, narrow screens


def background(browser: Browser) -> str:
    found: str = browser.run("return getComputedStyle(document.body).backgroundColor")
    return found


def test_colours_follow_the_system_until_somebody_chooses(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Everything.html")
    browser.run("localStorage.clear()")
    browser.open(kitchen / "Everything.html")
    assert background(browser) == "rgb(255, 255, 255)"

    browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert background(browser) == "rgb(26, 25, 24)"
    assert browser.run("return document.querySelector('[data-theme-toggle]').getAttribute('aria-pressed')") == "true"

    browser.run("document.querySelector('[data-theme-toggle]').click()")
    assert background(browser) == "rgb(255, 255, 255)"
    browser.open(kitchen / "Tasks.html")
    assert background(browser) == "rgb(255, 255, 255)"
    browser.run("localStorage.clear()")


def test_the_first_stop_of_the_keyboard_leads_to_the_content(browser: Browser, kitchen: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(kitchen / "Everything.html")
    browser.keys(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    browser.wait("document.activeElement.getBoundingClientRect().top >= 0")
    browser.keys(Keys.ENTER)
    browser.wait("document.activeElement.id === 'content'")


def test_every_stop_of_the_keyboard_can_be_seen(browser: Browser, kitchen: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(kitchen / "Tasks.html")
    for _ in range(25):
        browser.keys(Keys.TAB)
        style = browser.run(
            "const here = document.activeElement; return [getComputedStyle(here).outlineStyle, here.outerHTML]"
        )
        assert style[0] != "none", style[1][:200]


def test_on_paper_every_fold_is_open(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Everything.html")
    browser.cdp("Emulation.setEmulatedMedia", media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    folded = "return document.querySelectorAll('main details:not([open])').length"
    assert browser.run(folded) == 0
    assert browser.run("return getComputedStyle(document.querySelector('.sidebar')).display") == "none"
    assert browser.run("return document.querySelector('main').innerText.includes('With a battery.')")
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(folded) > 0


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 390, 768, 1000, 1600])
def test_no_page_is_wider_than_its_screen(browser: Browser, kitchen: Path, page: str, width: int) -> None:
    browser.cdp("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    try:
        browser.open(kitchen / page)
        assert browser.run("return document.documentElement.scrollWidth") <= width
    finally:
        browser.cdp("Emulation.clearDeviceMetricsOverride")


def test_on_a_narrow_screen_the_pages_are_in_a_menu(browser: Browser, kitchen: Path) -> None:
    browser.cdp("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=False)
    try:
        browser.open(kitchen / "Everything.html")
        shown = "return getComputedStyle(document.querySelector('.sidebar')).display"
        assert browser.run(shown) == "none"
        browser.run("document.querySelector('.menu').click()")
        assert browser.run(shown) == "block"
    finally:
        browser.cdp("Emulation.clearDeviceMetricsOverride")


def test_a_link_to_a_block_inside_a_fold_opens_it(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Everything.html")
    browser.run("document.querySelector('details.toggle:not([open]) > p').id = 'inside'; location.hash = '#inside'")

    browser.wait("document.getElementById('inside').closest('details').open")


def test_formulas_are_drawn_without_a_script(browser: Browser, kitchen: Path) -> None:
    browser.open(kitchen / "Everything.html")

    assert browser.run("return document.querySelector('.equation mfrac').getBoundingClientRect().height") > 15
    assert browser.run("return document.querySelector('annotation').getBoundingClientRect().height") == 0
