"""Checks of renderers: what nobody should be able to do with a title or a text."""

from __future__ import annotations

import re

import attrs

from notion_sync_core.testing.build import bare, block, rich, table, text, value
from notion_sync_core.testing.drafts import Draft, document
from notion_sync_core.testing.examine import NotApplicable
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench, runs_in_a_browser
from notion_sync_core.testing.shelf import Rendered

check = PAPER.check
_EXAMPLES = 30
TITLES = (
    *("", " ", ".", "..", "/", "../../etc/passwd", "a/b\\c", "CON", "index", "assets", "é", "日本語", "🚲", "a" * 400),
    *("<zq>", "</title><script>zq()</script>", '"><img src=x onerror=zq()>', "two\nlines", "\x00\x1b[2J", "\u202egnp"),
    *("# a", "- a", "--- a", "a: b", "[x](y)", "`a`", "| a |", "{{ a }}", "%", "&amp;", "title: 'x", "\ufeff"),
)
"""Titles that mean something to some format, or to a disk."""
HOSTILE = (
    *("<zq>", "</script><script>zq()</script>", '"><img src=x onerror=zq()>', "' onmouseover='zq()' x='", "<zq/>"),
    *("<svg onload=zq()>", "<!--<zq>-->", "]]><zq>", "</style><script>zq()</script>", "</textarea><zq>", "&lt;zq&gt;"),
    '" onmouseover="zq()" x="',
)
_ADDRESSES = (
    "javascript:zq()",
    "JaVaScRiPt:zq()",
    " javascript:zq()",
    "java\tscript:zq()",
    "data:text/html,<zq>",
    "vbscript:zq()",
)
_RUNS = re.compile(r"\]\(\s*<?\s*(?:javascript|vbscript|data:text/html)", re.IGNORECASE)


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


@check()
def any_title_is_taken(bench: RendererBench) -> None:
    """Titles are empty, endless, hostile or look like a path: every document has its file, inside its folder."""
    drafts = [document(title, block("paragraph", "x"), object_id=_id(number)) for number, title in enumerate(TITLES)]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    seen: set[str] = set()
    for draft in drafts:
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at the title {draft.ref.title!r:.40}: {made.error}"
        assert made.files, f"{draft.ref.title!r:.40} has no file"
        assert not seen & set(made.files), f"{draft.ref.title!r:.40} has a file of another document"
        seen |= set(made.files)


@check()
def what_runs_in_a_browser_is_escaped(bench: RendererBench) -> None:
    """In HTML and SVG, no text becomes a tag, an attribute or a script, wherever it stands: titles, texts, captions,
    code, cells, properties, comments, names. Whoever can write a page could otherwise act for whoever reads it.
    """
    drafts = [hostile(number, payload) for number, payload in enumerate(HOSTILE)]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft in drafts:
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at {draft.ref.title!r}: {made.error}"
        assert not (bad := runs_in_a_browser(made)), f"{draft.ref.title!r} gets out: {bad[0]}"


def hostile(number: int, payload: str) -> Draft:
    """A document in which a text stands wherever one can."""
    properties = {
        payload: value("rich_text", payload, rich(payload)),
        "Select": value("select", "Select", {"name": payload, "color": payload}),
        "Url": value("url", "Url", payload),
        "Who": value("people", "Who", [{"object": "user", "id": _id(7), "name": payload}]),
    }
    said = {"discussion_id": "d", "rich_text": rich(payload), "created_by": {"name": payload}, "created_time": payload}
    blocks = [
        block(
            "paragraph", [text(payload, color=payload), text("x", payload), text("y", f"https://example.org/{payload}")]
        ),
        block("heading_1", payload, color=payload),
        block("code", payload, language=payload, caption=rich(payload)),
        block("callout", payload, icon={"type": "emoji", "emoji": payload}),
        bare("equation", expression=payload),
        bare("bookmark", url=payload, caption=rich(payload)),
        bare("embed", url=f"https://example.org/{payload}"),
        {"type": "image", "image": {"type": "external", "external": {"url": payload}, "caption": rich(payload)}},
        table([[payload, payload]]),
        bare("child_page", title=payload),
        bare(payload, rich_text=rich(payload)),
    ]
    icon = {"type": "emoji", "emoji": payload}
    return document(payload, *blocks, properties=properties, comments={"": [said]}, object_id=_id(number), icon=icon)


@check()
def addresses_that_run_are_no_links(bench: RendererBench) -> None:
    """``javascript:`` and its like lead nowhere, in HTML and in Markdown, however they are spelt."""
    drafts = [
        document(
            f"Page {number}",
            block("paragraph", [text("click", address)]),
            bare("bookmark", url=address, caption=[]),
            {"type": "file", "file": {"type": "external", "external": {"url": address}, "caption": []}},
            properties={"Url": value("url", "Url", address)},
        )
        for number, address in enumerate(_ADDRESSES)
    ]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft, address in zip(drafts, _ADDRESSES, strict=True):
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at the address {address!r}: {made.error}"
        assert not (bad := runs_in_a_browser(made)), f"the address {address!r} runs: {bad[0]}"
        assert not (found := _runs_in_markdown(made)), f"the address {address!r} is a link: {found}"


def _runs_in_markdown(made: Rendered) -> str:
    for path, media_type in made.media_types.items():
        if "markdown" in media_type and (found := _RUNS.search(made.files[path].decode().replace("\\", ""))):
            return found[0]
    return ""


@check()
def any_document_renders(bench: RendererBench) -> None:
    """Documents put together at random, of every type, nested, hostile and odd, render, twice the same, and what runs
    in a browser is escaped. The documents are the same in each run.
    """
    try:
        from hypothesis import HealthCheck, Phase, given, settings

        from notion_sync_core.testing.strategies import documents
    except ModuleNotFoundError as error:
        raise NotApplicable("it needs hypothesis: pip install hypothesis") from error
    plugin = bench.plugin()
    shelf = bench.shelf()

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # making it small takes minutes where each example is a whole rendering
        suppress_health_check=list(HealthCheck),
    )
    @given(documents())
    def holds(draft: Draft) -> None:
        raw = {**(draft.ref.raw or {}), "id": _id(1)}
        shelf.add(attrs.evolve(draft, ref=attrs.evolve(draft.ref, id=_id(1), raw=raw)))
        arranged = shelf.arranged(plugin)
        made, again = (shelf.rendered(arranged, _id(1)) for _ in range(2))
        assert not made.error, f"it fails at {draft.blocks!r:.300}: {made.error}"
        assert again.files == made.files, f"twice it differs: {draft.blocks!r:.300}"
        assert not (bad := runs_in_a_browser(made)), f"it gets out: {bad[0]} of {draft.blocks!r:.300}"

    holds()  # pylint: disable=no-value-for-parameter  (hypothesis gives it)
