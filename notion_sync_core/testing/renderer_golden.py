"""What a renderer makes of whole documents, compared with files kept beside its tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from attrs import evolve

from notion_sync_core.model import Block, plain_text
from notion_sync_core.plugins.hookspecs import hookimpl
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.testing.examine import NotApplicable
from notion_sync_core.testing.filled import fill
from notion_sync_core.testing.gallery import TAKEN_OVER, showcase
from notion_sync_core.testing.renderer_bench import PAPER, RendererBench
from notion_sync_core.testing.shelf import Rendered, Shelf

T = TypeVar("T")
check = PAPER.check


@check()
def what_it_makes_is_as_it_was_kept(bench: RendererBench) -> None:
    """Whoever gives the exam golden files has everything compared that the renderer makes of some documents, byte for
    byte: files, their paths and media types, warnings, what it says of itself, and what becomes of blocks that a plugin
    takes over. No other check knows what is right in a format: a list that is not nested, a heading of the wrong level,
    a value that is left out.
    """
    plugin = bench.plugin()
    if bench.golden is None:
        raise NotApplicable("no golden files are given: check_renderer(…, golden=FOLDER)")
    documents = bench.golden.documents
    shelf = bench.shelf(*showcase(), *(() if callable(documents) else documents))
    if callable(documents):
        fill(shelf, documents, bench.folder)
    renderer, *_ = shelf.arranged(plugin)
    files: dict[str, bytes] = {}
    notes = {"(renderer)": _about(renderer)}
    for words, made in _made(shelf, plugin):
        files |= made.files
        notes |= made.media_types
        said = [f"fails: {made.error}"] * bool(made.error) + [f"warns: {each}" for each in made.warnings]
        notes |= {f"{words} {number}": each.replace("\n", " ") for number, each in enumerate(said, 1)}
    if said_of_it := bench.golden.compare(files, notes):
        raise NotApplicable(said_of_it)


def _about(renderer: Renderer) -> str:
    """What plugins for single blocks, links and the layout go by."""
    names = ("format", "suffixes", "unfit", "paths", "flat", "sections", "shows_neighbours")
    said = {name: getattr(renderer, name) for name in names}
    return ", ".join(f"{name} {of!r}" for name, of in said.items() if of)


def _made(shelf: Shelf, plugin: object) -> Iterable[tuple[str, Rendered]]:
    """What becomes of each document, and the files about all of them."""
    renderers = shelf.arranged(plugin)
    for known in sorted(shelf.state.objects.in_manifest(), key=lambda each: each.id):
        yield f"({known.id})", shelf.rendered(renderers, known.id)
    if renderers[0].hooks.implements("render_site"):
        yield "(site)", shelf.render_site(plugin)
    beside = shelf.render(plugin, TAKEN_OVER, _Claims())
    yield (
        "(beside a plugin)",
        evolve(beside, files=_beside(beside.files), media_types=_beside(beside.media_types)),
    )


class _Claims:
    """Takes over each block whose text says so."""

    @hookimpl
    def render_block(self, block: Block, inner: str) -> str | None:
        """See the hook."""
        text = plain_text(block.rich_text)
        return f"{text} <b>by a plugin</b>\n{inner}" if text.startswith("taken over") else None


def _beside(found: Mapping[str, T]) -> dict[str, T]:
    return {f"beside a plugin/{path}": of for path, of in found.items()}
