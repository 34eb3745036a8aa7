"""The contracts of the five kinds of plugin.

A plugin is a class whose attributes are its options; an entry point in ``notion_sync.sources``, ``.renderers``,
``.sinks``, ``.listeners`` or ``.targets`` gives it its name. It marks the hooks of its kind with :data:`hookimpl`.
"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from notion_sync_core.plugins.markers import hookimpl as hookimpl
from notion_sync_core.plugins.markers import hookspec
from notion_sync_core.plugins.target_specs import target_append as target_append
from notion_sync_core.plugins.target_specs import target_children as target_children
from notion_sync_core.plugins.target_specs import target_close as target_close
from notion_sync_core.plugins.target_specs import target_create as target_create
from notion_sync_core.plugins.target_specs import target_open as target_open
from notion_sync_core.plugins.target_specs import target_update as target_update
from notion_sync_core.plugins.target_specs import target_upload as target_upload

if TYPE_CHECKING:
    from notion_sync_core.catalog import Catalog
    from notion_sync_core.document import Document, Site, Tree
    from notion_sync_core.events import Event
    from notion_sync_core.gate.gate import Gate
    from notion_sync_core.model import Artifact, Asset, Block, Json, Kind, Piece, Ref, Staged, Stat, Unusable, Workspace

API_VERSION = 1
"""The major version of this interface. A plugin may say which one it was made for in an attribute ``api_version``."""
API_MINOR = 1
"""Grows with each hook and attribute that is added: ``api_version = "1.2"`` wants what came with that one."""


# -- Sources: exactly one a job -------------------------------------------------


@hookspec(firstresult=True)
def source_ping(gate: Gate) -> str:
    """Say who we are to the service, with one cheap request.

    :returns: one line for people, such as the workspace's name.
    :raises NotAuthorisedError: the token was refused.
    """


@hookspec(firstresult=True)
def source_workspace(gate: Gate) -> Workspace | None:
    """Say whose content this is, before anything is stored, with one cheap request.

    A run that meets another workspace than the runs before it stops there and changes nothing. Without this hook,
    and with an empty answer, nothing is compared.

    :raises NotAuthorisedError: the token was refused.
    """


@hookspec(firstresult=True)
def source_discover(roots: tuple[str, ...], catalog: Catalog, gate: Gate) -> Iterator[Ref | Unusable]:
    """Stream every object that listings show; repeats are fine, the last one counts.

    What only content shows (child pages in a page) is found by :func:`source_read` and looked up
    by :func:`source_fetch`, and rows come from :func:`source_expand`; so this need not be complete,
    but must not be wrong. What cannot be exported, odd as it is, is given as
    :class:`~notion_sync_core.model.Unusable`: an exception would end the listing, and take the others along.

    :param roots: ids the user asked for; empty means everything the token may see.
    :param catalog: what earlier runs and this one know, to ask for changes only.
    :param gate: send every request through it, one call each: ``gate(call, …)``; ``gate.prefetch(call, …)``
        begins one whose answer is wanted soon.
    :raises FatalError: nothing can be listed.
    """


@hookspec(firstresult=True)
def source_resolve(root: str, gate: Gate) -> str:
    """Say which object a root stands for: itself, or the page or database that it is a part of.

    Asked once a run for each root, before :func:`source_discover`; without this hook each stands for itself.

    :param root: an id that the user gave.
    :returns: the id of an object that :func:`source_discover` shows; ``""`` if the service knows nothing of the root.
    """


@hookspec(firstresult=True)
def source_revisit(catalog: Catalog, gate: Gate) -> Iterator[Ref | Unusable]:
    """Stream again what earlier runs know, as far as listings show it for fewer requests than there are objects.

    Asked with roots given, after them; without this hook, and for what it does not show, each object is
    looked up by :func:`source_fetch`.

    :param catalog: :meth:`~notion_sync_core.catalog.Catalog.awaited` says how many objects that would be.
    """


@hookspec(firstresult=True)
def source_fetch(object_id: str, kind: Kind, gate: Gate) -> Iterable[Ref | Unusable]:
    """Look up one object by id.

    :returns: the object, what must be known with it (a database's data sources), and what is wrong with it; empty
        for something that is not an object of its own (a linked view).
    :raises MissingError: the service does not show it: absent, deleted for good or not shared.
    """


@hookspec(firstresult=True)
def source_locate(block_id: str, gate: Gate) -> str:
    """Find the page a block stands in, for a child whose page no reading has shown.

    :returns: the page's id, or ``""`` if the way up is not readable.
    """


@hookspec(firstresult=True)
def source_expand(ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Ref | Unusable]:
    """Stream what a data source contains: all of it, or what changed if the catalog allows that.

    Called once a run for each data source.
    """


@hookspec(firstresult=True)
def source_users(gate: Gate) -> Iterator[Json]:
    """Stream the users that can be listed; nothing if that is not allowed."""


@hookspec(firstresult=True)
def source_read(ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
    """Read one document: its listings in any order, and what they contain.

    Called only for objects that are new or changed. Each piece is stored as it comes, so at most
    one listing needs to be in memory. A page without blocks has one listing, an empty one; a page of
    which there is none at all failed, and the plugin is to blame.

    :param ref: ``ref.raw`` holds the object.
    :raises SkippableError: this document is lost, the next may be fine.

    Source: https://developers.notion.com/reference/get-block-children (at most 100 a request).
    """


@hookspec(firstresult=True)
def source_read_children(block_id: str, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
    """Read the children of a synced block whose original is not part of the export.

    :param block_id: the original; or, if that is not readable, one of its copies, each in turn until one is.
    :raises SkippableError: this one is not readable.
    """


@hookspec(firstresult=True)
def source_download(asset: Asset, out: BinaryIO, gate: Gate) -> str:
    """Write the bytes of an asset to ``out``, from the start (``out`` is truncated on a retry).

    :returns: the media type, or ``""``.
    :raises SkippableError: it cannot be had.
    """


@hookspec
def source_close() -> None:
    """Give back what the source took, such as connections. Also called after a failure."""


# -- Renderers: each chosen one renders every document --------------------------


@hookspec(firstresult=True)
def render_document(document: Document, site: Site) -> Iterable[Artifact]:
    """Turn a page or a database into files. Pure: no I/O, no clock, the same bytes every time.

    A renderer also has the attributes ``format`` (``"markdown"``) and ``suffix`` (``".md"``): the
    file that links to a document lead to. One that gives each document more files has their suffixes in
    ``suffixes``, a tuple: no other document's folder or file then gets such a name.

    One that calls :meth:`~notion_sync_core.document.Site.trail`,
    ``siblings``, ``inside``, ``branches``, ``backlinks``, ``document`` or ``position`` has
    ``shows_neighbours = True``: then a document is made again when what they give changes.
    """


@hookspec(firstresult=True)
def render_suffixes(sources: list[Ref]) -> Iterable[str]:
    """Say what follows a database's name in the names of its further files, such as ``.csv``.

    Asked in each run for every database, before anything is rendered, so that these names are given to nothing else.
    Pure and cheap. Without this hook, and for pages, a document's files are those with ``suffix`` and ``suffixes``.

    :param sources: the database's data sources, by id; none where the database is its own.
    """


@hookspec(firstresult=True)
def render_site(tree: Tree) -> Iterable[Artifact]:
    """Make the files that are about all documents: an index, a navigation, style sheets.

    Called after the documents, in each run that changed one. As pure as :func:`render_document`.
    """


@hookspec(firstresult=True)
def render_block(format: str, block: Block, inner: str, site: Site) -> str | None:
    """Take over single blocks in any renderer; ``None`` leaves the block to the next plugin.

    :param format: what is asked for, ``"markdown"`` or ``"html"``: answer only for what you know.
    :param inner: the block's children, already rendered.

    A whole plugin::

        class Mermaid:
            @hookimpl
            def render_block(self, format, block):  # take only the arguments you need
                if format == "html" and block.type == "code" and block.payload["language"] == "mermaid":
                    return f"<pre class=mermaid>{escape(plain_text(block.rich_text))}</pre>"
    """


# -- Sinks: each chosen one gets every artifact; each is called alone -----------
#
# A sink also has the attribute ``location``: where it writes, for messages and the job's identity. Two
# places never have the same. One that URLs lead to has two more: ``scheme = "s3"``, and the class method
# ``options_from_url(url)``, which gives the options that ``--to s3://bucket/prefix`` stands for.


@hookspec
def sink_open(run_id: str) -> None:
    """Get ready to write: make the root, take the sink's lock, clear what dead runs left.

    :raises LockedError: another run writes here.
    :raises SinkError: this place cannot be written.
    """


@hookspec
def sink_attach(run_id: str) -> None:
    """Get ready to stage for a run whose own process holds the sink open. Takes no lock, clears nothing.

    What is staged here is committed or discarded by that process, on the same machine.
    """


@hookspec
def sink_look() -> None:
    """Get ready to read only: make nothing, take no lock. A place that is not there yet is empty."""


@hookspec(firstresult=True)
def sink_list() -> Iterator[str]:
    """Every path below the root but the sink's own lock and staging, in any order.

    What is no regular file (a symbolic link, a device) is listed too; it is never followed.
    """


@hookspec
def sink_close() -> None:
    """Give back what :func:`sink_open` or :func:`sink_attach` took. Also called after a failure.

    What was committed or deleted since the last :func:`sink_flush` may or may not have happened.
    """


@hookspec(firstresult=True)
def sink_stage(artifact: Artifact) -> Staged:
    """Bring all bytes to the sink without showing them under their name.

    May be called from several threads and processes at once; each flushes what it staged before it is committed.

    :raises SinkError: no space, no permission, or a path that would leave the root.
    """


@hookspec(firstresult=True)
def sink_commit(staged: Staged) -> Stat | None:
    """Show a staged file under its name, replacing what was there, in one step.

    May return while that is still under way: then an error shows at the next call for the same path or
    at :func:`sink_flush`, and until then :func:`sink_stat` and :func:`sink_read` wait for it.

    :returns: what :func:`sink_stat` says from now on; ``None`` if that is not known yet.
    :raises LockedError: the sink's lock was lost to another run; nothing was written.
    :raises SinkError: a path that would leave the root, no space, no permission.
    """


@hookspec
def sink_discard(staged: Staged) -> None:
    """Drop a staged file that is not needed."""


@hookspec
def sink_flush() -> None:
    """Return once everything staged, committed and deleted so far is done and survives a power cut.

    :raises LockedError: the lock was lost: with nothing to do, it is called while a run reads to find that out.
    :raises SinkError: something could not be written; what is shown is still never half.
    """


@hookspec(firstresult=True)
def sink_stat(path: str) -> Stat | None:
    """What lies at that path, or ``None``. Cheap: asked for every file of every run.

    The same file has the same stamp in the next run, and a changed one another. What is no regular file, or stands
    where a folder above the file belongs, is never followed: its path is the :attr:`~Stat.obstacle`.
    """


@hookspec(firstresult=True)
def sink_same(path: str, other: str) -> bool:
    """Whether two paths that differ in case or Unicode form only lead to one file here, now that both lead to one.

    A name that was written must not go when its other spelling is deleted. Without this hook two paths are one file
    if :func:`sink_stat` says the same of both.
    """


@hookspec
def sink_respell(path: str, other: str) -> None:
    """Give the file at ``path``, and the folders above it, the spelling of ``other``: both lead to one file here.

    Asked right before another file is committed as ``other``: if there is no other way, the old one may be gone
    until then. Without this hook, and where the system cannot do it, the old spelling stays.
    """


@hookspec(firstresult=True)
def sink_read(path: str) -> Iterator[bytes]:
    """The bytes at that path. Of what is no regular file, words that say so.

    :raises FileNotFoundError: nothing is there.
    """


@hookspec
def sink_delete(path: str) -> None:
    """Remove one file, and folders that become empty. Nothing there is fine.

    :func:`sink_stat` knows at once; the deed may wait for the next :func:`sink_flush`.
    """


# -- Listeners: they look, never touch ------------------------------------------


@hookspec
def on_event(event: Event) -> None:
    """See one fact. An exception here is logged and harms nobody else."""
