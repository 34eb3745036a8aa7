"""Checks of renderers: links, neighbours, and files about all documents."""

from __future__ import annotations

from typing import Any

import attrs

from notion_sync_core.testing.build import block, text
from notion_sync_core.testing.drafts import document
from notion_sync_core.testing.examine import NotApplicable, same
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench, leads_to, words
from notion_sync_core.testing.renderer_files import typical

check = PAPER.check


@check("links")
def links_follow_the_layout(bench: RendererBench) -> None:
    """Links between documents are paths from one file to the other, wherever both lie: from deep to the top, beside,
    and to a name that had to be changed.
    """
    top = document("Top/page: 100%", block("paragraph", "x"))
    deep = document("Deep", block("paragraph", "x"), inside=document("Between", inside=top))
    between = document("Between", inside=top)
    for here, there in ((deep, top), (top, deep), (deep, between)):
        link = {"type": "link_to_page", "link_to_page": {"type": "page_id", "page_id": there.id}}
        drafts = [attrs.evolve(each, blocks=(link,)) if each is here else each for each in (top, between, deep)]
        shelf, plugin = bench.shelf(*drafts), bench.plugin()
        made = shelf.render(plugin, here.id)
        assert not made.error, made.error
        where = f"{shelf.path(there.id)}{plugin.suffix}"
        assert leads_to(made, where), f"from {next(iter(made.files))} nothing leads to {where}"


@check("links")
def links_lead_out_where_nothing_is(bench: RendererBench) -> None:
    """A link to an object that is not exported stays its address, and one to somewhere else too: nothing is lost, and
    nothing leads to a file that is not there.
    """
    gone, away = f"https://app.notion.com/p/{'a' * 32}", "https://example.org/away?b=1"
    made = bench.render(document("Page", block("paragraph", [text("gone", gone), text(" away", away)])))
    for address in (gone, away):
        assert address in words(made), f"the address {address} is lost"


@check("content")
def titles_of_others_are_todays(bench: RendererBench) -> None:
    """Where a page shows another by its id, the other's title of today stands there, not the copy in the text."""
    other = document("Title of today")
    stale = {"type": "mention", "mention": {"type": "page", "page": {"id": other.id}}, "plain_text": "Stale copy"}
    whole = {**text("Stale copy", f"/{other.id.replace('-', '')}"), **stale}
    made = bench.render(document("Page", block("paragraph", [whole]), links=[other.id]), other)
    if "plain_text" in made.text:
        raise NotApplicable("it keeps the objects of the API as they are")
    assert "Title of today" in words(made), "a page is mentioned by the title that it once had"
    assert "Stale copy" not in words(made), "the title that a page once had still stands there"


@check("asks")
def plugins_may_take_blocks_over(bench: RendererBench) -> None:
    """A block that a plugin claims is shown as that plugin says, and what it does not claim as ever."""

    class Claims:
        """Takes over one kind of block."""

        from notion_sync_core.plugins.hookspecs import hookimpl

        @hookimpl
        def render_block(self, block: Any) -> str | None:
            """Claims code."""
            return "claimed by a plugin" if block.type == "code" else None

    draft = document("Page", block("code", "x = 1", language="python"), block("paragraph", "as ever"))
    shown = words(bench.render(draft, beside=(Claims(),)))
    assert "claimed by a plugin" in shown, "what a plugin makes of a block is not in the file"
    assert "as ever" in shown, "a block that no plugin claims is lost"


@check("site")
def files_about_all_are_pure(bench: RendererBench) -> None:
    """``render_site`` makes the same files with the same bytes each time, and none that a document has."""
    drafts = typical()
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    made = shelf.render_site(plugin)
    assert made.files, "it makes no file about all documents"
    for again in (plugin, bench.plugin()):
        assert same(shelf.render_site(again).files, made.files), "made again, files about all have other bytes"
    for draft in drafts:
        both = set(shelf.render(plugin, draft.id).files) & set(made.files)
        assert not both, f"{min(both, default='')} is a document's, too"


@check("site")
def files_about_all_follow_the_tree(bench: RendererBench) -> None:
    """They change when a document comes, and are made for an export without any."""
    one = document("Only page", block("paragraph", "x"))
    alone = bench.shelf(one).render_site(bench.plugin()).files
    both = bench.shelf(one, document("Another page")).render_site(bench.plugin()).files
    assert both != alone, "another document changes nothing in the files about all"
    bench.shelf().render_site(bench.plugin())


@check()
def what_it_asks_of_neighbours_is_said(bench: RendererBench) -> None:
    """Whoever asks for ``trail``, ``siblings``, ``inside``, ``branches``, ``backlinks`` or ``document`` has
    ``shows_neighbours``: else a file is not made again when what it shows of others changes.
    """
    drafts = typical()
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    asked = {name for draft in drafts for name in shelf.render(plugin, draft.id).asked}
    if not getattr(plugin, "shows_neighbours", False):
        assert not asked, f"it asks for {', '.join(sorted(asked))}, and does not say shows_neighbours"


@check("neighbours")
def neighbours_are_shown(bench: RendererBench) -> None:
    """What says ``shows_neighbours`` has other bytes when a sibling comes: else every change renders it for nothing."""
    one = document("Middle", block("paragraph", "x"))
    others = [document(f"{side} {number}") for side in ("Before", "Next") for number in range(4)]
    alone, beside = bench.render(one), bench.render(one, *others)
    assert alone.files != beside.files, "siblings change nothing, though it says shows_neighbours"
