"""Checks of renderers: what becomes of a document's content, whatever it is."""

from __future__ import annotations

from typing import Any

import attrs

from notion_sync_core.model import Json
from notion_sync_core.testing.build import bare, block, every_kind
from notion_sync_core.testing.drafts import document
from notion_sync_core.testing.gallery import odd_blocks
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench, comment, words
from notion_sync_core.testing.renderer_files import tasks

check = PAPER.check
_LARGE = 6_000
_CHUNK = 1 << 20
_DEEP = 1_200
_TALKED_OF = "b0000000-0000-4000-8000-000000000001"


@check()
def every_kind_of_block_is_taken(bench: RendererBench) -> None:
    """Each type that the API documents renders, alone and with something inside it."""
    plugin = bench.plugin()
    drafts = [document(f"{raw['type']} {number}", raw) for number, raw in enumerate(every_kind())]
    inner = [block("paragraph", "inside")]
    drafts += [document(f"in {raw['type']} {n}", {**raw, "children": inner}) for n, raw in enumerate(every_kind())]
    shelf = bench.shelf(*drafts)
    for draft in drafts:
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at a block of the type {draft.blocks[0]['type']}: {made.error}"


@check()
def unknown_blocks_are_taken(bench: RendererBench) -> None:
    """A type that does not exist yet, and an object that is hardly a block, are no failure of the whole page."""
    odd = odd_blocks()
    drafts = [document(f"Odd {number}", raw) for number, raw in enumerate(odd)]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft in drafts:
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at {draft.blocks[0]}: {made.error}"


@check("content")
def an_unknown_block_leaves_a_trace(bench: RendererBench) -> None:
    """Nothing unknown vanishes: of a type that nobody knows yet the file shows a placeholder, its name or its text, or
    the report has a warning.
    """
    with_it = document(
        "Page", block("paragraph", "before"), bare("comes_later", answer=42), block("paragraph", "after")
    )
    without = document("Page", block("paragraph", "before"), block("paragraph", "after"))
    made, plain = bench.render(with_it), bench.render(without)
    assert made.warnings or made.files != plain.files, "an unknown block vanishes without a word"


@check()
def odd_objects_are_taken(bench: RendererBench) -> None:
    """Properties, icons, covers, comments and people of forms that nobody has seen are no failure: the API grows, and
    other sources have values of their own.
    """
    oddities: list[Any] = [None, 3, "text", [], {}, [None], {"type": "comes_later"}, {"type": None}]
    drafts = []
    for number, odd in enumerate(oddities):
        properties = {"Odd": {"type": "number", "number": odd}, "Other": {"type": odd, "x": odd}, "Bare": odd}
        comments = {"": [odd] if isinstance(odd, dict) else [{"rich_text": odd}]}
        drafts.append(
            document(
                f"Odd {number}",
                block("callout", "x", icon=odd),
                properties=properties,
                comments=comments,
                icon=odd,
                cover=odd,
            )
        )
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft, odd in zip(drafts, oddities, strict=True):
        made = shelf.render(plugin, draft.id)
        assert not made.error, f"it fails at properties, an icon and comments that are {odd!r}: {made.error}"


@check()
def databases_are_taken(bench: RendererBench) -> None:
    """A database with rows, one without any, and one of which no data source is known all have their file."""
    bare_one = attrs.evolve(tasks(), sources=(), rows=())
    for draft in (tasks(), attrs.evolve(tasks(), rows=()), bare_one):
        made = bench.render(draft)
        assert made.files, "a database has no file"


@check("content")
def every_text_is_there_in_order(bench: RendererBench) -> None:
    """Each text of a page is in its file, and in the order of the page: what is inside a block follows it."""
    nested = [
        block("toggle", f"outer{n}", [block("paragraph", f"inner{n}"), block("to_do", f"deeper{n}")]) for n in range(4)
    ]
    made = bench.render(document("Page", block("heading_1", "first0"), *nested, block("quote", "last0")))
    wanted = ["first0", *(f"{word}{n}" for n in range(4) for word in ("outer", "inner", "deeper")), "last0"]
    _in_order(words(made), wanted)


@check("comments")
def comments_are_shown(bench: RendererBench) -> None:
    """What people said about a page, and about a block of it, stands in its file: an export with comments is made to
    keep them.
    """
    talked_of = {**block("paragraph", "a block"), "id": _TALKED_OF}
    said = {"": [comment("about the page")], _TALKED_OF: [comment("about a block"), comment("and about it once more")]}
    shown = words(bench.render(document("Page", talked_of, block("paragraph", "another block"), comments=said)))
    for each in ("about the page", "about a block", "and about it once more", "another block"):
        assert each in shown, f"{each!r} is not in the file of a document with comments"


@check("content")
def long_lists_are_whole(bench: RendererBench) -> None:
    """The API gives a hundred blocks in an answer: what comes in the second and third answer is there too, at the top
    and inside a block.
    """
    many = [block("bulleted_list_item", f"item{number}x") for number in range(230)]
    inside = block("toggle", "holder", [block("paragraph", f"within{number}x") for number in range(130)])
    made = bench.render(document("Page", *many, inside, block("paragraph", "theend")))
    _in_order(words(made), [*(f"item{n}x" for n in range(230)), *(f"within{n}x" for n in range(130)), "theend"])


def _in_order(shown: str, wanted: list[str]) -> None:
    at = 0
    for word in wanted:
        found = shown.find(word, at)
        assert found >= 0, f"{word!r} is {'out of order' if word in shown else 'missing'}"
        at = found


@check("content")
def texts_of_all_blocks_are_there(bench: RendererBench) -> None:
    """Of every type of block that has a text, a caption, a cell or a title, the text is in the file."""
    raws = [raw for raw in every_kind() if raw["type"] not in ("child_page", "child_database", "template")]
    drafts = [document(f"Page {number}", raw) for number, raw in enumerate(raws)]
    shelf, plugin = bench.shelf(*drafts), bench.plugin()
    for draft, raw in zip(drafts, raws, strict=True):
        shown = words(shelf.render(plugin, draft.id))
        for text_of in _texts(raw):
            assert text_of in shown, f"a block of the type {raw['type']} loses its text {text_of!r}"


def _texts(raw: Json) -> list[str]:
    payload = raw[raw["type"]]
    cells = [item for cell in payload.get("cells", ()) for item in cell]
    items = [*payload.get("rich_text", ()), *payload.get("caption", ()), *cells]
    return [item["plain_text"] for item in items] + [
        found for each in raw.get("children", ()) for found in _texts(each)
    ]


@check("content")
def a_large_document_streams(bench: RendererBench) -> None:
    """A page of thousands of blocks is read answer by answer while its file is written, in chunks of at most 1 MiB: the
    first bytes are there before the last answer was read, and memory does not grow with the page.
    """
    made = bench.render(document("Large", *(block("paragraph", f"line {number} " * 8) for number in range(_LARGE))))
    for path, chunks in made.chunks.items():
        assert max(chunks) <= _CHUNK, f"{path} comes in a chunk of {max(chunks)} bytes"
    first = min(made.read_before.values())
    assert first < made.reads, f"all {made.reads} answers were read before the first bytes came"


@check()
def deep_nesting_is_taken(bench: RendererBench) -> None:
    """Pages can be nested to any depth: a thousand levels are no failure, whatever the format can show."""
    nested = block("paragraph", "deepest")
    for _ in range(_DEEP):
        nested = block("toggle", "level", [nested])
    made = bench.render(document("Deep", nested))
    assert made.files, "a deep page has no file"
