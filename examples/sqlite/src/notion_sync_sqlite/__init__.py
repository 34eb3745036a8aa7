"""A SQLite file for each database: its rows with typed columns, and a full-text search over them.

It is a renderer, since renderers are shown rows: a sink is shown files, a listener events. One file for each database
keeps what the pipeline promises of every file: it is made again if and only if something in it changed, it moves and
goes with its database, it is written whole or not at all, and it goes to every sink.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from attrs import frozen
from notion_sync_core.plugin import Artifact, Document, Json, Ref, Site, hookimpl

from notion_sync_sqlite.columns import Column, columns_of
from notion_sync_sqlite.file import File, table_names

_CHUNK = 1 << 20


@frozen(eq=False)
class SqliteRenderer:
    """Databases as SQLite files.

    Its attributes are the keys of ``[plugins.sqlite]``.
    """

    search: bool = True
    """Add a table ``search``, by FTS5, with the words of every row."""
    folder: str = ""
    """Where its files lie in the sink; empty: at the root, or in a folder called like it beside other renderers."""

    api_version = "1.0"
    format = "sqlite"
    suffix = ".sqlite"
    version = "1"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """One file for a database, with a table for each data source, and one for a page, with its own row."""
        yield Artifact(site.path(self.suffix), self._bytes(document, site), "application/vnd.sqlite3")

    def _bytes(self, document: Document, site: Site) -> Iterator[bytes]:
        with closing(File(search=self.search)) as file:
            if document.ref.kind == "page":
                columns = columns_of(document.raw)
                file.add_table("page", columns)
                self._add(file, "page", document.ref, document.raw, columns, site)
            sources = document.data_sources()
            names = table_names([_title(source, document.ref) for source in sources])
            for name, source in zip(names, sources, strict=True):
                columns = columns_of(source)
                file.add_table(name, columns)
                for row in document.rows(source["id"]):
                    self._add(file, name, row.ref, row.raw, columns, site)
            content = file.bytes()
        for start in range(0, len(content), _CHUNK):
            yield content[start : start + _CHUNK]

    @staticmethod
    def _add(file: File, table: str, ref: Ref, raw: Json, columns: list[Column], site: Site) -> None:
        values = [column.value(raw, site) for column in columns]
        file.add_row(table, ref, values, _words(columns, values))


def _title(source: Json, ref: Ref) -> str:
    """What a data source is called: where it has no name of its own, it has that of its database."""
    name = source.get("title")
    pieces = name if isinstance(name, list) else []
    text = "".join(str(piece.get("plain_text") or "") for piece in pieces if isinstance(piece, dict))
    return text.strip() or ref.title


def _words(columns: list[Column], values: list[object]) -> str:
    """All that a row says, for the search."""
    said = (str(value) for column, value in zip(columns, values, strict=True) if column.is_text and value is not None)
    return "\n".join(said)
