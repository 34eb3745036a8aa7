"""Whatever a page says, the readers of its file find nothing in it but what the renderer means."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from notion_sync_core.model import Json
from plugins.hostile_reading import READERS, complaints, preprocessed
from plugins.markdown_reading import DIALECTS, body, github, rendered
from plugins.rendering import MemorySite, block, read_text, ref, span

pytestmark = pytest.mark.campaign

PART = 250


@pytest.mark.parametrize("first", range(0, 2_000, PART))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_hostile_document_holds_nothing_that_we_did_not_write(dialect: str, first: int) -> None:
    _hold_nothing_strange(dialect, range(first, first + PART))


def _hold_nothing_strange(dialect: str, seeds: range) -> None:
    found = {seed: complaints(seed, dialect) for seed in seeds}
    assert {seed: each for seed, each in found.items() if each} == {}


@pytest.mark.chaos
@pytest.mark.parametrize("first", range(2_000, 22_000, 10 * PART))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_hostile_document_of_a_whole_campaign_holds_more(dialect: str, first: int) -> None:
    _hold_nothing_strange(dialect, range(first, first + 10 * PART))


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        *[(dialect, "x <script>zq()</script>") for dialect in DIALECTS],
        *[(dialect, "<img src=x onerror=zq()>") for dialect in DIALECTS],
        ("mkdocs", "[a](javascript:zq())"),
        *[(dialect, "x\n\n<!-- c -->") for dialect in DIALECTS],
        ("gfm", "http://m`x`"),
        ("gfm", "www.m.org**x**"),
        ("obsidian", "![[x]]"),
        ("obsidian", "a %%b%%"),
        ("docusaurus", "```mdx-code-block\nx\n```"),
        ("docusaurus", "    :::note x"),
        ("docusaurus", "# a `{#b}`"),
        ("mkdocs", "/// html | script\nzq()\n///"),
        ("mkdocs", "*x*{: onclick=zq() }"),
    ],
)
def test_the_readers_complain_of_what_is_hostile(dialect: str, text: str) -> None:
    assert list(READERS[dialect](text, False))


PROGRAM = "export const zq = 1;\n\n<script>{`zq`}</script>\n\n{zq}"


def test_two_code_blocks_do_not_become_a_program_of_docusaurus() -> None:
    first = block("code", "Wrap it:\n```mdx-code-block\nhello", language="plain text", caption=[])
    second = block("code", PROGRAM, language="mdx-code-block", caption=[])

    made = body(first, block("paragraph", "and"), second, dialect="docusaurus")

    assert preprocessed(made) == made
    assert made.endswith(f"\n`````\n{PROGRAM}\n`````")


@pytest.mark.parametrize("fence", ["```", "````", "  ```  "])
def test_code_about_mdx_keeps_its_letters(fence: str) -> None:
    text = f"{fence}mdx-code-block\nx\n{fence.rstrip()}"
    made = body(block("code", text, language="markdown", caption=[]), dialect="docusaurus")

    assert preprocessed(made) == made
    assert "".join(made.split()).strip("`") == "".join(f"markdown{text}".split()).strip("`")


@pytest.mark.parametrize("text", ["# a {#b}", "x\n## {#a} {#b}\ny"])
def test_a_line_of_code_is_no_heading_of_docusaurus(text: str) -> None:
    made = body(block("code", text, language="python", caption=[]), dialect="docusaurus")

    assert preprocessed(made) == made
    assert [line.removeprefix(" ") for line in made.split("\n")][1:-1] == text.split("\n")


@pytest.mark.parametrize("line", [":::", "\t:::", "   ::::", "> :::::", "x ::::::"])
def test_code_within_a_callout_does_not_end_it(line: str) -> None:
    code = block("code", f"a\n{line}\n{{zq()}}", language="python", caption=[])

    made = body(block("callout", "title", [code]), dialect="docusaurus")

    fence = made.split("tip")[0].split("note")[0]
    assert made.endswith(f"\n\n{fence}")
    assert fence not in code["code"]["rich_text"][0]["plain_text"]


def test_code_with_many_brackets_stands_below_the_title() -> None:
    text = "[" * 40 + "]" * 40
    made = body(block("callout", [span(text, code=True), span(" `")]), dialect="docusaurus")

    assert made.split("\n")[0] == ":::note"
    assert f"`{text}`" in made


@pytest.mark.parametrize(
    ("text", "shown"), [("a[0", "a\\[0"), ("]", "\\]"), ("]{zq()}", "\\]\\{zq()\\}"), ("][", "\\]\\[")]
)
def test_code_with_a_bracket_alone_stands_in_the_title(text: str, shown: str) -> None:
    made = body(block("callout", [span(text, code=True), span(" `")]), dialect="docusaurus")

    assert made == f":::note[<code>{shown}</code> \\`]\n\n:::"


def test_code_with_whole_brackets_stays_code_in_the_title() -> None:
    made = body(block("callout", [span("a[0]", code=True)]), dialect="docusaurus")

    assert made == ":::note[`a[0]`]\n\n:::"


def test_a_title_with_whole_brackets_is_a_title() -> None:
    made = body(block("callout", [span("see [1]"), span("x", "https://a.b")]), dialect="docusaurus")

    assert made.startswith(":::note[see \\[1\\][x](https://a.b)]\n")


def test_a_heading_that_is_linked_to_parses_wherever_it_stands() -> None:
    site = MemorySite(anchors=frozenset({"heading_2-id"}))
    inside = block("quote", "q", [block("heading_2", [span("{#a}", code=True), span(" \\{#b}")])])

    made = body(inside, dialect="docusaurus", site=site)

    assert made.endswith("> ## <code>&#123;#a\\}</code> \\\\&#123;#b\\} \\{#heading_2id}")


def test_text_that_looks_like_an_id_stays_in_its_heading() -> None:
    assert body(block("heading_2", "a {#b}"), dialect="docusaurus") == "## a &#123;#b\\}&nbsp;"


ADDRESSES = [
    ([span("see https://a.b/c, or")], "see <https://a.b/c>, or"),
    ([span("https://a.b/c\nnext")], "<https://a.b/c>\\\nnext"),
    ([span("https://a.b/c"), span("x", code=True)], "<https://a.b/c>`x`"),
    ([span("https://a.b/c"), span("more", "https://d.e")], "<https://a.b/c>[more](https://d.e)"),
    ([span("https://a.b/c", bold=True), span("next")], "<strong><https://a.b/c></strong>next"),
    ([span("(www.a.b)")], "([www.a.b](http://www.a.b))"),
    ([span("https://a.b/c_(d)?e=1&f=2")], "[https&#58;//a.b/c\\_(d)?e=1&f=2](https://a.b/c_%28d%29?e=1&f=2)"),
    ([span("!https://a.b/?x&y")], "\\![https&#58;//a.b/?x\\&y](https://a.b/?x&y)"),
    ([span("https://a.b", "https://d.e")], "[https://a.b](https://d.e)"),
    ([span("xhttps://a.b/*")], "xhttps&#58;//a.b/\\*"),
    ([span("http://")], "http&#58;//"),
    ([span("https://[")], "https&#58;//\\["),
    ([span("a\x85http://m\x85"), span("x", code=True)], "a\x85<http://m>\x85`x`"),
]


@pytest.mark.parametrize(("items", "markdown"), ADDRESSES)
def test_a_bare_address_ends_where_it_ends(items: list[Json], markdown: str) -> None:
    made = body(block("paragraph", items))

    assert made == markdown
    assert "".join(github(made).split()) == "".join("".join(item["plain_text"] for item in items).split())


def test_an_address_that_two_runs_make_is_one() -> None:
    user = {"type": "mention", "mention": {"type": "user", "user": {"id": "u"}}, "annotations": {}, "plain_text": ""}

    made = body(block("paragraph", [span("http:"), user, span("x", code=True)]), site=MemorySite(users={"u": "//m"}))

    assert made == "http:@//m`x`"
    assert (
        body(block("paragraph", [span("http:"), {**user, "plain_text": "//m"}, span("x", code=True)]))
        == "<http://m>`x`"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_link_within_a_label_stays_text(dialect: str) -> None:
    made = body(block("bookmark", url="https://d.e", caption=[span("at https://a.b/c")]), dialect=dialect)

    assert made == "[at https://a.b/c](https://d.e)"


def test_what_the_api_calls_a_block_stays_on_one_line() -> None:
    made = body(block("unsupported", block_type="x\n- y"))

    assert made.startswith("[\\[unsupported block: x - y\\]](")


def test_a_picture_of_obsidian_is_none_behind_text() -> None:
    made = body(block("paragraph", [span("a^"), span("x", "https://a.b")]), dialect="obsidian")

    assert made == "a\\^[x](https://a.b)"


TEX = ["a`b", "a$b", "$<zq>$", "a\\", "x`<zq>`", "`", "\\$`"]


@pytest.mark.parametrize("dialect", ["obsidian", "docusaurus", "mkdocs"])
@pytest.mark.parametrize("tex", TEX)
def test_a_formula_that_would_not_end_at_its_dollars_is_code(dialect: str, tex: str) -> None:
    item = {"type": "equation", "equation": {"expression": tex}, "plain_text": tex, "annotations": {}}

    made = body(block("paragraph", [item]), dialect=dialect, math=True)

    assert made.startswith("`")
    assert made.endswith("`")


@pytest.mark.parametrize("dialect", ["obsidian", "docusaurus", "mkdocs"])
@pytest.mark.parametrize("tex", ["a`b", "a$$b", "$$\n<zq>", "```\nx"])
def test_a_formula_that_would_not_end_at_its_lines_is_code(dialect: str, tex: str) -> None:
    made = body(block("equation", expression=tex), dialect=dialect, math=True)

    assert made.split("math")[0].strip("`") == ""
    assert made.endswith("```")


@pytest.mark.parametrize("dialect", ["obsidian", "docusaurus", "mkdocs"])
@pytest.mark.parametrize("tex", ["!!! note\nx", "/// html | script\nx\n///", "a\n\nb", "~~~\nx", ":::\nx"])
def test_a_formula_that_a_reader_takes_for_a_block_is_code(dialect: str, tex: str) -> None:
    assert body(block("equation", expression=tex), dialect=dialect, math=True).endswith(f"math\n{tex}\n```")


@pytest.mark.parametrize("dialect", ["obsidian", "docusaurus", "mkdocs"])
def test_a_formula_holds_no_tag(dialect: str) -> None:
    item = {"type": "equation", "equation": {"expression": "a<b"}, "plain_text": "a<b", "annotations": {}}

    made = body(block("paragraph", [item]), block("equation", expression="a<b\n<c"), dialect=dialect, math=True)

    assert made == "$a< b$\n\n$$\na< b\n< c\n$$"


def test_a_digit_behind_a_formula_does_not_undo_it() -> None:
    item = {"type": "equation", "equation": {"expression": "x"}, "plain_text": "x", "annotations": {}}

    assert body(block("paragraph", [item, span("5")]), dialect="obsidian") == "$x$<span></span>5"


def test_a_title_of_an_address_stays_on_its_line() -> None:
    assert rendered(ref=ref("https://a.b/`x`")).startswith("# https&#58;//a.b/\\`x\\`\n")


@pytest.mark.parametrize("text", ["a\\", "\\'; zq(); '", "\\\\'", "\\u{zq}"])
def test_no_backslash_gets_where_docusaurus_makes_javascript_of_it(text: str) -> None:
    properties = {
        text: {"type": "rich_text", "rich_text": [span(text)]},
        "x": {"type": "date", "date": {"start": text}},
    }

    made = rendered(
        options={"dialect": "docusaurus"},
        ref=ref(text),
        raw={"properties": properties},
    )

    _, head, content = made.split("---\n")
    shown = text.replace("\\", "\uff3c")
    found = yaml.safe_load(head)
    assert found["title"] == shown
    assert found["properties"] == {shown: shown, "x": shown}
    assert read_text(content) == " ".join(shown.split())


def test_a_heading_may_be_taken_for_the_title_where_a_template_leaves_it_out(tmp_path: Path) -> None:
    (tmp_path / "page.md.j2").write_text("{{ front_matter }}{% for piece in body %}{{ piece }}{% endfor %}")
    heading = block("heading_1", [span("a\\"), span("b\\", code=True)])

    made = [rendered(heading, options={"dialect": "docusaurus", "templates": each}) for each in ("", str(tmp_path))]

    assert made[0].endswith("\n\n# Page\n\n# a\\\\`b\\`\n")
    assert made[1].endswith("# a\uff3c`b\uff3c`\n")


@pytest.mark.parametrize("url", ["http://1.2.3.4.5/", "http://a:99999", "https://", "http://xn--a/"])
def test_an_address_that_would_end_a_build_of_docusaurus_is_text(url: str) -> None:
    made = body(block("paragraph", [span("x", url), span(f" ({url})")]), dialect="docusaurus")

    assert made.startswith("x (http")
    assert "://" not in made


@pytest.mark.parametrize(
    "url", ["https://a.b/c", "http://1.2.3.4:80/x", "https://ü.b", "mailto:x", "http://localhost:3000"]
)
def test_other_addresses_are_links_for_docusaurus(url: str) -> None:
    assert body(block("paragraph", [span("x", url)]), dialect="docusaurus") == f"[x]({url})"
