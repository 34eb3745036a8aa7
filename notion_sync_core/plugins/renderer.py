"""A renderer in its place: its hooks with types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from notion_sync_core.document import Document, Site, Tree
from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.model import Artifact, Block, Ref
from notion_sync_core.plugins.build import Built
from notion_sync_core.plugins.faces import OF_DOCUMENTS
from notion_sync_core.plugins.hooks import Hooks


@frozen
class Renderer:
    """What makes files of documents. For each method see the hook with its name."""

    name: str
    plugin: Any
    hooks: Hooks
    version: str = ""
    """Of what it makes: with another one every file is made again."""
    folder: str = ""
    """Where its files lie, from the sink's root."""
    others_sections: str = ""
    """What another renderer of the job calls a document that others stand inside, and this one does not."""

    @property
    def format(self) -> str:
        """What it makes, for plugins of single blocks."""
        return str(self.plugin.format)

    @property
    def suffix(self) -> str:
        """Of the file that links to a document lead to."""
        return str(self.plugin.suffix)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Every suffix that a document's files have."""
        return (self.suffix, *map(str, getattr(self.plugin, "suffixes", None) or ()))

    @property
    def unfit(self) -> str:
        """Characters that its readers' links cannot hold."""
        return str(getattr(self.plugin, "unfit", "") or "")

    def database_suffixes(self, sources: list[Ref]) -> tuple[str, ...]:
        """See the hook ``render_suffixes``."""
        return tuple(map(str, self.hooks.stream("render_suffixes", optional=True, sources=sources)))

    @property
    def paths(self) -> str:
        """A pattern for the paths of rows; ``""``: they are named as all documents are."""
        return str(getattr(self.plugin, "paths", "") or "")

    @property
    def flat(self) -> bool:
        """Documents lie at the top."""
        return bool(getattr(self.plugin, "flat", False))

    @property
    def sections(self) -> str:
        """The name of a document that others stand inside; ``""``: it lies beside its folder."""
        return str(getattr(self.plugin, "sections", "") or "")

    def stem(self, path: str) -> str:
        """A document's path without suffix as this renderer has it: ``A``, where another has ``A/_index``."""
        return path.removesuffix(f"/{self.others_sections}") if self.others_sections else path

    @property
    def makes_documents(self) -> bool:
        """It makes files of documents; a plugin for single blocks does not."""
        return self.hooks.implements("render_document")

    @property
    def makes_site(self) -> bool:
        """It makes files about all documents."""
        return self.hooks.implements("render_site")

    @property
    def takes_blocks(self) -> bool:
        """It takes over single blocks of any renderer."""
        return self.hooks.implements("render_block")

    @property
    def shows_neighbours(self) -> bool:
        """A document has to be made again when what stands around it changes."""
        return bool(getattr(self.plugin, "shows_neighbours", False))

    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See the hook."""
        return self.hooks.stream("render_document", document=document, site=site)

    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        """See the hook."""
        return self.hooks.stream("render_site", optional=True, tree=tree)

    def render_block(self, format: str, block: Block, inner: str, site: Site) -> str | None:
        """See the hook."""
        found = self.hooks.call("render_block", format=format, block=block, inner=inner, site=site)
        if found is not None and not isinstance(found, str):
            raise PluginError(
                f"plugin {self.name} failed in render_block: it gives {type(found).__name__} instead of text",
                "Report this to the plugin's authors.",
            )
        return found


def arrange(built: list[Built]) -> list[Renderer]:
    """Renderers in their folders: as soon as there are two that make documents, each gets one of its own.

    :raises PluginError: one of them does not say what it makes.
    :raises ConfigError: none of them makes documents.
    """
    made = [Renderer(each.name, each.plugin, each.hooks, each.version) for each in built]
    documents = [renderer for renderer in made if renderer.makes_documents]
    if not documents:
        names = ", ".join(renderer.name for renderer in made)
        raise ConfigError(
            f"export.renderers names nothing that makes documents: {names}",
            'Plugins for single blocks stand beside a renderer: renderers = ["html", …].',
        )
    for renderer in documents:
        for attribute in OF_DOCUMENTS:
            if not isinstance(getattr(renderer.plugin, attribute, None), str):
                raise PluginError(f"the renderer {renderer.name!r} has no attribute {attribute!r}")
    sections = next((renderer.sections for renderer in documents if renderer.sections), "")
    return [
        evolve(
            renderer,
            folder=_folder(renderer, alone=len(documents) == 1),
            others_sections="" if renderer.sections else sections,
        )
        for renderer in made
    ]


def _folder(renderer: Renderer, *, alone: bool) -> str:
    chosen = getattr(renderer.plugin, "folder", "")
    return str(chosen or ("" if alone else renderer.name)).strip("/") if renderer.makes_documents else ""
