"""What the paths of a job's documents are made of: what its options say, and what its renderers want."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import field, frozen

from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Ref
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.stages.layout import ASSETS, Naming
from notion_sync_core.stages.names import clean as file_name

if TYPE_CHECKING:
    from notion_sync_core.stages.pattern import Pattern


@frozen
class Style:
    """What names are made of, and what follows them in the names of files."""

    naming: Naming = "title"
    suffixes: tuple[str, ...] = ()
    """Of the files that every document has, of all renderers."""
    database_suffixes: Callable[[list[Ref]], tuple[str, ...]] = field(default=lambda _: ())
    """Of the further files of a database with these data sources."""
    pattern: Pattern | None = None
    """Of the paths of rows; ``None``: they are named as all documents are."""
    flat: bool = False
    """Nothing lies in a folder of its parent."""
    sections: str = ""
    """The name of a document that others stand inside, in its folder; ``""``: it lies beside it."""
    assets: str = ASSETS
    """The folder of files that documents refer to."""
    unfit: str = ""
    """Characters that the links of some renderer's readers cannot hold: ``-`` stands for each in a name."""

    def fitting(self, title: str) -> str:
        """A title as names are made of it."""
        return title.translate(dict.fromkeys(map(ord, self.unfit), "-")) if self.unfit else title

    @property
    def is_free(self) -> bool:
        """Paths do not follow from titles and parents alone."""
        return bool(self.pattern or self.flat or self.sections)


def style_of(renderers: list[Renderer], naming: Naming, assets: str = ASSETS) -> Style:
    """What names are made of, and with which suffixes they have to be free: those of all renderers, whatever folder.

    :param assets: the folder of files that documents refer to.
    :raises ConfigError: two renderers want different names.
    """
    documents = [renderer for renderer in renderers if renderer.makes_documents]

    def database_suffixes(sources: list[Ref]) -> tuple[str, ...]:
        return tuple(suffix for renderer in documents for suffix in renderer.database_suffixes(sources))

    paths = _agreed(documents, "paths")
    sections = _agreed(documents, "sections")
    if sections and file_name(sections) != sections:
        raise ConfigError(f"{sections!r} can be no name of a file", "Leave `sections` out, or name it index.")
    where = next((f"plugins.{each.name}.paths" for each in documents if each.paths), "")
    return Style(
        naming,
        tuple(suffix for renderer in documents for suffix in renderer.suffixes),
        database_suffixes,
        pattern=_parsed(paths, where) if paths else None,
        flat=any(renderer.flat for renderer in documents),
        sections=sections,
        assets=assets,
        unfit="".join(renderer.unfit for renderer in documents),
    )


def _parsed(paths: str, where: str) -> Pattern:
    # Few jobs have one.
    from notion_sync_core.stages.pattern import Pattern

    return Pattern.parse(paths, where)


def _agreed(renderers: list[Renderer], name: str) -> str:
    """What those that say anything say alike: an object has one name in a job."""
    said = {value: each.name for each in renderers if (value := getattr(each, name))}
    if len(said) > 1:
        one, two = list(said.values())[:2]
        raise ConfigError(
            f"plugins.{one}.{name} and plugins.{two}.{name} differ: a job gives an object one name",
            "Make them alike, or export in two jobs.",
        )
    return next(iter(said), "")
