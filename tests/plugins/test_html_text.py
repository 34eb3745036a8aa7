"""All text comes back, in order, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content.rich_text import clean
from notion_sync_core.model import Json, plain_text
from notion_sync_html import code, maths
from plugins.html_rendering import body, content_of, page, text_of
from plugins.html_samples import SAMPLES, equation, mention, sample_site
from plugins.rendering import ANNOTATIONS, MemorySite, block, span, squeezed, table

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["<b>", "&amp;", "a  b", "\n", "x\ny", " ", '"', "'", "</p>", "{{ x }}", "\u2028", "é", "🚲", "שלום", "\x00a"]
)
LOOKS = st.fixed_dictionaries({flag: st.booleans() for flag in ANNOTATIONS} | {"color": st.sampled_from(["red", "x"])})
SPANS = st.builds(
    lambda text, href, look: span(text, href, **look), TEXT, st.none() | st.just("https://a.b") | TEXT, LOOKS
) | st.builds(equation, TEXT)
RICH = st.lists(SPANS, max_size=4)
LEAVES = st.builds(
    lambda kind, text: block(kind, text, caption=[], language="python"),
    st.sampled_from(["paragraph", "quote", "code", "callout", "to_do", "numbered_list_item", "heading_2", "toggle"]),
    RICH,
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda kind, text, kids: block(kind, text, kids),
        st.sampled_from(["paragraph", "bulleted_list_item", "toggle", "quote", "heading_1", "to_do", "template"]),
        RICH,
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def said(raw: Json) -> str:
    """The block's text as an equation or a line would show it, then that of its children."""
    texts = [
        " ".join(clean(item["plain_text"]).split()) if item["type"] == "equation" else item["plain_text"]
        for item in raw[raw["type"]]["rich_text"]
    ]
    own = clean("".join(texts)) or {"toggle": "Toggle", "template": "Template"}.get(raw["type"], "")
    return "\n".join([own, *map(said, raw.get("+", []))])


@pytest.mark.campaign
@given(st.lists(TREES, max_size=4))
def test_all_text_comes_back_in_order(blocks: list[Json]) -> None:
    read = text_of(content_of(page(*blocks)))

    assert squeezed(read) == squeezed(" ".join(map(said, blocks)))


@pytest.mark.campaign
@given(st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=1, max_size=4), st.booleans())
def test_all_cells_come_back_in_order(rows: list[list[str]], header: bool) -> None:
    read = text_of(content_of(page(table(*rows, header=header))))

    assert squeezed(read) == squeezed(clean(" ".join(cell for row in rows for cell in row)))


_OTHERWISE = {"Old title": "Other: page", "2026-03-02 → 2026-03-05": "2 March 2026 → 5 March 2026"}
"""What a mention shows in place of what the text remembers."""


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_samples_texts_and_captions_come_back(kind: str) -> None:
    read = squeezed(text_of(content_of(page(*SAMPLES[kind], site=sample_site()))))
    position = 0
    for raw in SAMPLES[kind]:
        for key in ("rich_text", "caption"):
            for item in raw[kind if kind in raw else raw["type"]].get(key) or []:
                text = squeezed(_OTHERWISE.get(item["plain_text"], item["plain_text"]))
                assert text in read[position:], text
                position = read.index(text, position) + len(text)


@given(TEXT, st.sampled_from(["python", "html", "c++", "java/c/c++/c#", "markdown", "yaml", "diff", "klingon", ""]))
def test_colours_change_no_letter_of_code(source: str, language: str) -> None:
    read = content_of(page(block("code", source, language=language))).find(".//pre")

    assert text_of(read).strip("\n") == clean(source).strip("\n")


def test_very_long_code_is_not_coloured() -> None:
    assert code.highlighted("x = 1\n" * 10_000, "python") is None


def test_code_that_a_lexer_would_change_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless:
        def get_tokens(self, source: str) -> list[Any]:
            return [("x", source.strip())]

    monkeypatch.setattr(code, "_lexer", lambda language: Careless())

    assert code.highlighted(" x", "python") is None


@given(st.text(alphabet=r"\{}^_&<>\"'abcfrqt12 []()|", max_size=60) | TEXT)
def test_tex_stays_beside_every_formula(tex: str) -> None:
    found = content_of(page(block("equation", expression=tex)))

    assert squeezed(text_of(found)) == squeezed(clean(tex))


def test_a_comment_of_a_formula_that_stands_alone_ends_with_its_line() -> None:
    found = content_of(page(block("equation", expression="x % first\r\n+ y")))

    parts = [(str(element.tag).rpartition("}")[2], element.text) for element in found.iter()]
    assert [text for tag, text in parts if tag in ("mi", "mo")] == ["x", "+", "y"]
    assert [text for tag, text in parts if tag == "annotation"] == ["x % first\n+ y"]


@pytest.mark.parametrize("tex", ["\\frac{", "{" * 5000, "x" * 5000])
def test_tex_that_cannot_be_read_is_shown(tex: str) -> None:
    assert '<code class="tex">' in maths.display(tex)


def test_a_date_is_a_time_only_if_machines_can_read_it() -> None:
    good = mention("date", {"start": "2026-03-02"}, "2026-03-02")
    bad = mention("date", {"start": "tomorrow"}, "tomorrow")

    html = body(block("paragraph", [good, bad]))

    assert '<time datetime="2026-03-02">2 March 2026</time>' in html
    assert "<time>tomorrow</time>" in html


def test_a_custom_emoji_without_a_copy_is_its_name() -> None:
    emoji = mention("custom_emoji", {"name": "bike", "url": "https://x.y/z.png"}, ":bike:")

    assert body(block("paragraph", [emoji]), site=MemorySite()) == '<p dir="auto">:bike:</p>\n'


def test_plain_text_helper_and_samples_agree() -> None:
    assert plain_text(SAMPLES["rich_text"][0]["paragraph"]["rich_text"]).startswith("plain, bold ")
