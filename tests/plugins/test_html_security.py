"""Content is an attacker: nothing in it runs, loads or leads anywhere it should not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from notion_sync_html import HtmlRenderer
from notion_sync_html.markup import web_address
from notion_sync_html.sanitise import sanitised
from plugins import html_attacks
from plugins.html_attacks import CALL, OUTSIDE, PAYLOADS
from plugins.html_rendering import body, page, render, tree
from plugins.rendering import MemoryDocument, MemorySite, block, content

pytestmark = pytest.mark.campaign  # what it runs others measure

ADDRESSES = frozenset(("href", "src", "action", "formaction", "poster", "data", "srcset", "ping", "cite", "xlink:href"))
FORBIDDEN = frozenset(("iframe", "object", "embed", "base", "form", "applet", "frame", "frameset", "style", "textarea"))
OUR_SCRIPTS = frozenset(("theme.js", "site.js"))
SAFE = re.compile(r"(?:https?://|mailto:|tel:|notion:|(?![a-zA-Z][\w+.-]*:)(?!//|\\))")


def check_inert(html: str) -> None:
    """The file as a browser reads it has nothing that could run, and loads nothing from outside."""
    seen_scripts = 0
    for element in tree(html).iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2].lower()
        assert tag not in FORBIDDEN, tag
        if tag == "script":
            seen_scripts += 1
            assert element.get("src", "").rpartition("/")[2] in OUR_SCRIPTS
            assert not element.text
        for name, value in element.attrib.items():
            check_attribute(tag, str(name).lower(), value)
    assert seen_scripts == 2
    assert html.count("Content-Security-Policy") == 1


def check_attribute(tag: str, name: str, value: str) -> None:
    assert not name.startswith("on"), name
    assert name != "style"
    if name == "http-equiv":
        assert value in ("Content-Security-Policy", "x-dns-prefetch-control")
    if name in ADDRESSES:
        bare = re.sub(r"[\x00-\x20]", "", value)
        assert SAFE.match(bare), (tag, name, value)
    if name in ("src", "srcset", "poster") or (tag == "link" and name == "href"):
        assert not re.match(r"\s*(?:[a-zA-Z][\w+.-]*:|//|\\)", value), (tag, name, value)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_field_of_a_page_stays_text(payload: str) -> None:
    check_inert(render(html_attacks.page(payload), html_attacks.site(payload)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_field_of_a_database_stays_text(payload: str) -> None:
    check_inert(render(html_attacks.database(payload), html_attacks.site(payload)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_titles_and_notes_stays_text_in_the_index_and_the_search(payload: str) -> None:
    site = html_attacks.site(payload)
    render(MemoryDocument(html_attacks.blocks(payload)[:3]), site)
    notes = [*site.notes, payload, json.dumps({"icon": payload, "headings": [payload], "text": payload})]

    files = {str(each.path): content(each) for each in HtmlRenderer().render_site(html_attacks.entries(payload, notes))}

    check_inert(files["index.html"])
    shard = files["assets/notion-sync/search/0.js"]
    found = json.loads(shard.removeprefix("notionSync.part(0,").removesuffix(");\n"))
    assert len(found) == 3


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_plugin_that_passes_content_through_is_sanitised(payload: str) -> None:
    site = MemorySite(claims={"code": payload, "table": payload, "bulleted_list_item": payload})

    check_inert(page(block("code", "x"), block("table"), block("bulleted_list_item", "x"), site=site))


def test_a_plugin_keeps_its_classes_and_its_markup() -> None:
    given = '<figure class="mermaid" id="x"><pre class="mermaid">a --&gt; b</pre><a href="https://x.y">c</a></figure>'

    assert sanitised(given) == given


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="{OUTSIDE}">',
        '<img src="//x.y/z">',
        '<img src="\\\\x.y\\z">',
        '<img src=" https://x.y">',
        '<video poster="data:image/png,x" src="https://x.y"></video>',
        '<img srcset="https://x.y 2x">',
        '<img src="ht\ntps://x.y">',
        '<img src="ht&#9;tps://x.y">',
        '<img src="/&#13;/x.y">',
        '<img src="\x01https://x.y">',
        '<img src="&#xa0;//x.y">',
        '<video poster="ht&#10;tp://x.y"></video>',
        '<source src="ht&#10;tps://x.y">',
        '<img src="file:///etc/passwd">',
        '<img src="/etc/passwd">',
    ],
)
def test_a_plugin_loads_nothing_from_outside(html: str) -> None:
    assert not re.search(r"src|poster", sanitised(html))


@pytest.mark.parametrize(
    "address", ["//x.y", "/&#9;/x.y", "\\\\x.y\\share", "&#1;//x.y", "java&#10;script:x()", "data:,x"]
)
def test_a_plugin_leads_to_no_host_without_a_scheme_and_to_no_scheme_that_runs(address: str) -> None:
    assert "href" not in sanitised(f'<a href="{address}">x</a>')


@pytest.mark.parametrize("address", ["https://x.y/z", "../Page.html#a", "#a", "mailto:a@x.y", "notion://x"])
def test_a_plugin_leads_elsewhere_by_plain_addresses(address: str) -> None:
    assert f'href="{address}"' in sanitised(f'<a href="{address}">x</a>')


def test_a_plugin_shows_pictures_of_the_export() -> None:
    assert sanitised('<img src="../assets/ab/c.png" alt="C">') == '<img src="../assets/ab/c.png" alt="C">'


def test_what_this_renderer_wrote_passes_through_a_plugin_unchanged() -> None:
    from plugins.html_samples import SAMPLES, sample_site

    for kind, blocks in SAMPLES.items():
        html = body(*blocks, site=sample_site())
        again = str(sanitised(html))
        assert _shape(again) == _shape(html), kind


def _shape(html: str) -> list[Any]:
    return [
        (element.tag, sorted(element.attrib.items()), (element.text or "").strip(), (element.tail or "").strip())
        for element in tree(f"<main>{html}</main>").iter()
        if isinstance(element.tag, str)
    ]


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("https://a.b/c?d=e&f=g#h", "https://a.b/c?d=e&f=g#h"),
        (" HTTP://A.b ", "HTTP://A.b"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("tel:+1 2", "tel:+1%202"),
        ("notion://x", "notion://x"),
        ('https://a.b/"<>`', "https://a.b/%22%3C%3E%60"),
        ("https://a.b/ä", "https://a.b/ä"),
        ("javascript:x", None),
        ("java\nscript:x", None),
        ("\x00javascript:x", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//a.b", None),
        ("/a", None),
        ("a.b", None),
        ("https:", None),
        ("", None),
    ],
)
def test_only_known_schemes_become_links(raw: str, safe: str | None) -> None:
    assert web_address(raw) == safe


def test_a_file_that_runs_scripts_is_offered_for_saving() -> None:
    from plugins.html_samples import SAMPLES, sample_site

    html = body(*SAMPLES["file"], site=sample_site())

    assert 'href="assets/45/page.html" download>' in html
    assert 'href="assets/cd/prices.pdf"><' in html


def test_the_policy_allows_nothing_inline_and_nothing_outside() -> None:
    html = page()

    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert not re.search(r"unsafe|http|data:|\*|blob", policy[1])
    assert CALL not in html
