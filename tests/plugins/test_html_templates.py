"""A look of one's own, file by file, with mistakes that are easy to find."""

from __future__ import annotations

from pathlib import Path

import pytest

import notion_sync_html
from notion_sync_core.errors import ConfigError, SkippableError
from notion_sync_html import HtmlRenderer
from plugins.html_rendering import render
from plugins.html_samples import SAMPLES, paragraph, sample_database, sample_site
from plugins.rendering import MemoryDocument, MemorySite, MemoryTree, block, content


def with_templates(folder: Path, **files: str) -> HtmlRenderer:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_j2", ".html.j2").replace("_css", ".css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return HtmlRenderer(templates=str(folder))


def test_a_template_of_ones_own_replaces_one_of_ours(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__quote_j2='<q class="{{ type }}">{{ text }}</q>')

    html = render(MemoryDocument([block("quote", "a < b"), paragraph("ours")]), renderer=renderer)

    assert '<q class="quote">a &lt; b</q><p dir="auto">ours</p>' in html


def test_copies_of_our_templates_give_the_same_site() -> None:
    ours = HtmlRenderer(templates=str(Path(notion_sync_html.__file__).parent / "templates"))
    blocks = [raw for raws in SAMPLES.values() for raw in raws]

    def files(renderer: HtmlRenderer) -> list[str]:
        return [
            render(MemoryDocument(blocks), sample_site(), renderer),
            render(sample_database(), sample_site(), renderer),
            *(content(each) for each in renderer.render_site(MemoryTree())),
        ]

    assert files(ours) == files(HtmlRenderer())


def test_one_type_of_a_family_can_look_different(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__heading_2_j2="<h6>{{ text }}</h6>")

    html = render(MemoryDocument([block("heading_1", "one"), block("heading_2", "two")]), renderer=renderer)

    assert "<h6>two</h6>" in html
    assert "<h2" in html


def test_a_template_for_a_type_that_nobody_knows_is_used_without_a_warning(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__hologram_j2="<i>{{ payload.depth }} {{ texts|join }}</i>")
    site = MemorySite()

    html = render(MemoryDocument([block("hologram", "said", depth=3)]), site, renderer)

    assert "<i>3 said</i>" in html
    assert not site.warnings


def test_a_page_can_extend_ours(tmp_path: Path) -> None:
    text = '{% extends "document.html.j2" %}{% block properties %}<b>{{ title }}</b>{% endblock %}'
    renderer = with_templates(tmp_path, page_j2=text)

    assert "<b>Page</b>" in render(MemoryDocument(), renderer=renderer)


def test_every_head_can_hold_more(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, head_j2='<script src="{{ home }}assets/notion-sync/mine.js"></script>')

    assert '<script src="assets/notion-sync/mine.js">' in render(MemoryDocument(), renderer=renderer)


def test_what_content_says_is_never_a_template(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__paragraph_j2="<p>{{ text }}</p>")

    assert "{{ 7 * 7 }}" in render(MemoryDocument([paragraph("{{ 7 * 7 }}")]), renderer=renderer)


def test_a_template_makes_addresses_safe(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__bookmark_j2='<a href="{{ payload.url|web_address }}">x</a>')

    assert '<a href="">x</a>' in render(MemoryDocument([block("bookmark", url="javascript:x")]), renderer=renderer)


def test_style_is_added_and_replaced(tmp_path: Path) -> None:
    added = with_templates(tmp_path / "a", static__custom_css="p { color: teal }")
    replaced = with_templates(tmp_path / "b", static__style_css="/* mine */")

    def style(renderer: HtmlRenderer) -> str:
        return content(next(iter(renderer.render_site(MemoryTree()))))

    assert style(added).endswith("p { color: teal }")
    assert len(style(added)) > 10_000
    assert style(replaced).startswith("/* mine */")


def test_files_of_ones_own_go_along(tmp_path: Path) -> None:
    (tmp_path / "static" / "fonts").mkdir(parents=True)
    (tmp_path / "static" / "fonts" / "own.woff2").write_bytes(b"\xff\x00font")
    renderer = with_templates(tmp_path, static__custom_css="p {}")

    made = {str(each.path): each for each in renderer.render_site(MemoryTree())}

    own = made["assets/notion-sync/fonts/own.woff2"]
    assert b"".join(own.chunks) == b"\xff\x00font"
    assert own.media_type == "font/woff2"
    assert "assets/notion-sync/custom.css" not in made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<p>\n{{ text }", r"quote\.html\.j2, line 2: unexpected"),
        ("{% if %}", r"quote\.html\.j2, line 1: Expected an expression"),
        ("{{ x|nonsense }}", r"quote\.html\.j2, line 1: No filter named 'nonsense'"),
    ],
)
def test_a_mistake_in_a_template_stops_the_run_before_it_begins(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        with_templates(tmp_path, blocks__quote_j2=text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n{{ txt }}", r"quote\.html\.j2, line 2: 'txt' is undefined"),
        ("{{ 1 // 0 }}", r"quote\.html\.j2, line 1: ZeroDivisionError"),
        ("{{ text.__class__ }}", r"quote\.html\.j2, line 1: access to attribute '__class__'"),
        ("{% include 'nowhere.html.j2' %}", r"quote\.html\.j2, line 1: nowhere\.html\.j2"),
    ],
)
def test_a_mistake_that_only_a_page_shows_names_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    renderer = with_templates(tmp_path, blocks__quote_j2=text)

    with pytest.raises(SkippableError, match=message):
        render(MemoryDocument([block("quote", "x")]), renderer=renderer)


@pytest.mark.parametrize(("text", "message"), [("{{ nothing }}", "'nothing' is undefined"), ("{{ 1 / 0 }}", "ZeroDiv")])
def test_a_mistake_in_a_large_template_names_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    renderer = with_templates(tmp_path, page_j2=f"\n\n{text}")

    with pytest.raises(SkippableError, match=rf"page\.html\.j2, line 3: {message}"):
        render(MemoryDocument(), renderer=renderer)


def test_a_mistake_in_a_block_is_told_once_from_within_a_page(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, blocks__quote_j2="{{ txt }}")
    blocks = [*[paragraph("x" * 4000)] * 200, block("quote", "x")]

    with pytest.raises(SkippableError, match=r"quote\.html\.j2, line 1: 'txt' is undefined"):
        render(MemoryDocument(blocks), renderer=renderer)


def test_a_fault_of_ours_is_not_blamed_on_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    from notion_sync_html import walk

    def broken(*_: object) -> object:
        raise ZeroDivisionError

    blocks = [*[paragraph("x" * 4000)] * 200, block("divider")]
    real = walk.to_html
    monkeypatch.setattr(walk, "to_html", lambda b, *rest: broken() if b.type == "divider" else real(b, *rest))

    with pytest.raises(ZeroDivisionError):
        render(MemoryDocument(blocks))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        HtmlRenderer(templates=str(tmp_path / "nowhere"))


def test_a_template_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_bytes(b"\xff\xfe\xff")

    with pytest.raises(ConfigError, match=r"page\.html\.j2"):
        HtmlRenderer(templates=str(tmp_path))
