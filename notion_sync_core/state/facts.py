"""Single facts about a job that outlive its runs."""

from __future__ import annotations

from notion_sync_core.state.database import Database


def _fact(name: str, doc: str) -> property:
    def read(facts: Facts) -> str:
        return facts.get(name)

    def write(facts: Facts, value: str) -> None:
        facts.put(name, value)

    return property(read, write, doc=doc)


class Facts:
    """Texts by name; ``""`` where nothing is known."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str) -> str:
        """A remembered fact."""
        return str(self._db.value("SELECT value FROM facts WHERE name = ?", (name,)) or "")

    def put(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._db.execute(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
            "WHERE value IS NOT excluded.value",
            (name, value),
        )

    job = _fact("job", "The id of the job whose state this is.")
    scope = _fact("scope", "What of the source this is about; empty where the job's id says it.")
    runs = _fact("run", "How many runs there were.")
    since = _fact("since", "The newest edit that a complete discovery has shown: the watermark.")
    workspace = _fact("workspace", "The id of the workspace that was read.")
    workspace_name = _fact("workspace_name", "Its name.")
    connection = _fact("connection", "Who read it.")
    source_version = _fact("source_version", "The version of the source's API that everything was read with.")
    comments = _fact("comments", "``1`` if comments were read and are shown.")
    selection = _fact("selection", "What of its rows the job chooses, as JSON; empty: all.")
    rendering = _fact("rendering", "A digest of everything but content that the bytes of files depend on.")
    assets_folder = _fact("assets_folder", "Where files that documents refer to lie in each sink; empty: as ever.")
    asset_rules = _fact("asset_rules", "The rules by which assets were named last.")
    behind = _fact("behind", "Names of sinks, a line each, that failed in a run that the others finished.")
    site_stale = _fact("site_stale", "``1`` if the files about all documents have to be made again.")
    contents_number = _fact("contents_number", "Grows by itself with each change of what manifests tell of.")
    listed = _fact("listed", "That a listing was complete; see :mod:`~notion_sync_core.stages.listed`.")
    listed_run = _fact("listed_run", "The last run that listed everything.")
    without_files = _fact("without_files", "``1`` if documents were last read without fetching their files.")
    history = _fact("history", "The last runs, as JSON; see :mod:`~notion_sync_core.state.runs`.")
