"""Checks of plugins for single blocks: what they answer, and what comes of it in a page."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from notion_sync_core.testing.build import bare, block, every_kind
from notion_sync_core.testing.drafts import Draft, document
from notion_sync_core.testing.examine import NotApplicable, fresh
from notion_sync_core.testing.renderer_bench import PAPER, Host, RendererBench, runs_in_a_browser
from notion_sync_core.testing.renderer_hostile import HOSTILE, hostile
from notion_sync_core.testing.shelf import Rendered, Shelf

check = PAPER.check
_LANGUAGES = ("plain text", "mermaid", "python", "javascript", "json", "html", "markdown", "latex", "shell")
"""Of code: plugins take over some of it."""
HOSTILE_IN_MARKDOWN = (
    *HOSTILE,
    *(
        "```\n<zq>\n```",
        "~~~\n<zq>",
        "x\r<zq>",
        "x\n\n<zq>",
        "</pre>\n\n<zq>",
        "    <zq>",
        "$$\n<zq>\n$$",
        "`<zq>",
        "-->\n<zq>",
    ),
    *("[x](javascript:zq())", "![x](javascript:zq())", "<javascript:zq()>", "[x]: javascript:zq()\n\n[x]"),
)


@check("blocks")
def it_answers_only_for_what_it_knows(bench: RendererBench) -> None:
    """``render_block`` gives a text or ``None``, for every type of block, and ``None`` for a format it does not know:
    HTML in a Markdown file helps nobody.
    """
    plugin = bench.plugin()
    draft = document("Page", *every_kind(), bare("comes_later"), {"type": "code", "code": None})
    with Shelf(fresh(bench.folder, "host"), [draft]) as shelf:
        for format in ("markdown", "html", "a format that nobody knows"):
            made = shelf.render(Host(format), draft.id, plugin)
            assert not made.error, f"asked for {format}, it fails: {made.error}"
            assert not made.warnings, f"asked for {format}, it fails: {made.warnings[0]}"
            again = shelf.render(Host(format), draft.id, plugin)
            assert made.files == again.files, "asked again, it answers something else"
        without = shelf.render(Host(format), draft.id)
    assert [*made.files.values()] == [*without.files.values()], "it answers for a format that it cannot know"


@check("blocks")
def blocks_it_takes_are_safe(bench: RendererBench) -> None:
    """What it makes of a hostile text in HTML runs nothing: it is put into the page as it is."""
    for payload, made in _made_of(bench, "html", HOSTILE):
        assert not (bad := runs_in_a_browser(_as_html(made))), f"{payload!r} gets out of a block: {bad[0]}"


@check("blocks")
def blocks_it_takes_are_safe_in_markdown(bench: RendererBench) -> None:
    """What it makes of a hostile text in Markdown stands in the file as it is: read by CommonMark, no text becomes a
    tag or a link that runs. Sites are made of these files, and show the HTML in them.
    """
    try:
        from markdown_it import MarkdownIt
    except ModuleNotFoundError as error:
        raise NotApplicable("it needs a reader of Markdown: pip install markdown-it-py") from error
    reader = MarkdownIt("commonmark", {"html": True})
    reader.validateLink = lambda _: True  # type: ignore[assignment, method-assign]
    for payload, made in _made_of(bench, "markdown", HOSTILE_IN_MARKDOWN):
        files = {path: reader.render(content.decode()).encode() for path, content in made.files.items()}
        bad = runs_in_a_browser(_as_html(attrs.evolve(made, files=files)))
        assert not bad, f"{payload!r} gets out of a block in Markdown: {bad[0]}"


def _made_of(bench: RendererBench, format: str, payloads: tuple[str, ...]) -> Iterator[tuple[str, Rendered]]:
    """What becomes of the blocks that it takes over, of each of these texts."""
    plugin = bench.plugin()
    said = [getattr(plugin, each.name, None) for each in attrs.fields(type(plugin))] if attrs.has(type(plugin)) else []
    languages = (*_LANGUAGES, *(each for each in said if isinstance(each, str)))
    drafts = [_hostile_code(number, payload, languages) for number, payload in enumerate(payloads)]
    with Shelf(fresh(bench.folder, "host"), drafts) as shelf:
        for draft, payload in zip(drafts, payloads, strict=True):
            yield payload, shelf.render(Host(format, alone=True), draft.id, plugin)


def _hostile_code(number: int, payload: str, languages: tuple[str, ...]) -> Draft:
    draft = hostile(number, payload)
    kinds = ("quote", "toggle", "to_do", "bulleted_list_item", "numbered_list_item", "heading_2", "template")
    more = [block("code", payload, language=language) for language in languages]
    more += [block(kind, payload) for kind in kinds]
    more += [block("callout", payload, color=color) for color in ("default", "red_background", "blue")]
    return attrs.evolve(draft, blocks=(*draft.blocks, *more))


def _as_html(made: Rendered) -> Rendered:
    return attrs.evolve(made, media_types=dict.fromkeys(made.files, "text/html"))
