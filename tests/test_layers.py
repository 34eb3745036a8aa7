"""The order of floors: each module imports only floors below its own, and nobody imports a plugin."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [
    {
        "errors",
        "status",
        "_version",
        "described",
        "terminal",
        "secret",
        "content.chunks",
        "gate.ahead",
        "wellformed",
        "gate.policy",
    },
    {"config.lines", "config.reading", "config.renamed", "hints"},
    {"model", "clock", "watch.metrics", "watch.redact", "config.places"},
    {"document", "structure", "writing", "restore.originals", "restore.originals.json_files"},
    {"config.keys", "config.unnamed", "schedule", "history.retention"},
    {"config.tree", "config.schema"},
    {"content.dates", "content.numbering", "content.links", "content.walk", "content.files"},
    {"content.rich_text"},
    {"content.properties"},
    {"content.views", "content.filters", "content.plain"},
    {"content.arranged", "events.base"},
    {"events.errors", "events.health", "events.interaction", "events.lifecycle", "events.performance"},
    {"events", "catalog", "gate.breaker", "gate.window", "mirror.disk"},
    {"gate.budget", "gate.labels", "stages.selection", "restore.originals.export_files"},
    {"config.environment"},
    {"config.loader", "config.jobs"},
    {"config", "config.starter"},
    {
        "mirror.beneath",
        "mirror.durable",
        "mirror.safe_disk",
        "mirror.suffix",
        "mirror.svg",
        "gate.gate",
        "watch.health",
        "lock",
        "watch.sampler",
    },
    {
        "watch.logs",
        "mirror.keyvalue",
        "mirror.sqlite_file",
        "watch.pace",
        "watch.components",
        "watch.folding",
        "watch.journal",
    },
    {"mirror.mirror", "stages.names", "watch.progress", "watch.tally", "report", "config.secrets"},
    {"watch.stages", "watch.status_file", "watch.events_file", "watch.verdicts"},
    {"plugins.markers"},
    {"plugins.target_specs"},
    {"plugins.hookspecs", "plugins.trace", "plugins.one_file", "stages.pattern"},
    {"plugins.find", "plugins.watchdog", "plugins.versions"},
    {"plugins.lists", "plugins.hooks", "plugins.schema", "plugins.extras", "watch.measuring"},
    {"plugins.faces", "plugins.source", "plugins.sink", "plugins.listener", "plugins.target"},
    {"plugins.build"},
    {"plugins.renderer", "plugins.entries"},
    {"plugins.values", "plugins.given"},
    {"plugin", "plugins.looks"},
    {"state.migrations"},
    {"state.database"},
    {"state.records", "state.facts"},
    {"state.objects", "state.runs", "state.spellings"},
    {
        "state.assets",
        "state.changes",
        "state.findings",
        "state.layout",
        "state.leftovers",
        "state.lookups",
        "state.queue",
        "state.tree",
        "state.unkept",
    },
    {"state.files"},
    {"state"},
    {"history.records", "history.version", "history.compression"},
    {"history.blobs", "history.schema"},
    {"history.store", "history.copies"},
    {"history.keeping", "history.moment"},
    {"history.carrying", "history.beneath"},
    {"history.copying"},
    {"history.forgetting"},
    {"history.erasing"},
    {
        "stages.layout",
        "stages.workers",
        "stages.listed",
        "stages.harmless",
        "stages.border",
        "stages.account",
        "identity",
    },
    {"stages.plan", "stages.style"},
    {"history.rebuild"},
    {"stages.memory", "stages.patience", "stages.tree", "stages.surroundings", "stages.veil", "stages.aliases"},
    {"stages.view"},
    {"stages.appearance", "stages.dead_links", "stages.manifest", "stages.site", "stages.outdated"},
    {"stages.takeover"},
    {"watch.bus", "stages.render", "stages.ownership", "testing.clock", "testing.build"},
    {"testing.elsewhere", "testing.events", "testing.fakes", "testing.drafts"},
    {"testing.golden", "testing.held"},
    {"testing.examine"},
    {"testing.shelf", "testing.strategies", "testing.gallery"},
    {
        "testing.sink_bench",
        "testing.source_bench",
        "testing.renderer_bench",
        "testing.listener_bench",
        "testing.target_bench",
        "testing.samples",
    },
    {"testing.opened", "testing.filled"},
    {
        "testing.sink_staging",
        "testing.sink_files",
        "testing.sink_runs",
        "testing.sink_names",
        "testing.sink_disk",
        "testing.sink_golden",
    },
    {"testing.listener_events", "testing.listener_numbers"},
    {"testing.listener_file"},
    {"testing.source_listing", "testing.source_reading", "testing.source_golden", "testing.renderer_files"},
    {
        "testing.target_writes",
        "testing.target_doubts",
        "testing.target_beside",
        "testing.target_reading",
        "testing.renderer_golden",
    },
    {"testing.renderer_content", "testing.renderer_hostile", "testing.renderer_around"},
    {"testing.renderer_blocks"},
    {"testing.sinks", "testing.sources", "testing.renderers", "testing.listeners", "testing.targets"},
    {"testing.suites"},
    {"stages.render_process", "stages.record"},
    {"stages.commit"},
    {"stages.read", "stages.prune", "stages.survey"},
    {"stages.write", "stages.collect", "stages.compare", "home", "host"},
    {"job"},
    {"snapshot", "supervision"},
    {"history.looking", "history.elsewhere"},
    {"mistakes"},
    {"restoration", "diagnosis", "history.condition"},
    {"session"},
    {"copied", "passes", "remembering"},
    {"preparing"},
    {"pipeline"},
    {"history.asof"},
    {"history.needed"},
    {"restore.originals.of_mirror", "restore.originals.walk"},
    {"history.showing"},
    {
        "restore.originals.export_reading",
        "restore.comparison.canonical",
        "restore.records",
        "restore.planning.around",
        "restore.originals.added",
    },
    {"restore.originals.of_export", "restore.planning.texts", "restore.journal", "restore.comparison.wording"},
    {
        "restore.planning.payloads",
        "restore.planning.columns",
        "restore.behind",
        "restore.chosen",
        "restore.comparison.became",
        "restore.comparison.alignment",
    },
    {
        "restore.planning.trees",
        "restore.planning.values",
        "restore.survey",
        "restore.comparison.views",
        "restore.planning.views",
    },
    {"restore.planning.batches", "restore.sending", "restore.outside", "restore.comparison.compare"},
    {"restore.doubts", "restore.comparison.verify"},
    {"restore.work"},
    {"restore.documents", "restore.bodies", "restore.schemas", "restore.outcome", "restore.views", "restore.talks"},
    {"restore.order"},
    {"restore.running"},
    {"preview", "inspection", "testing.jobs", "composing", "opened.table", "opened.rendered"},
    {"testing.pytest_plugin"},
    {"opened.document"},
    {"opened.site"},
    {"awaiting"},
    {"embedding"},
    {"cli.voice", "cli.streams", "cli.failures", "cli.allocator"},
    {"cli.finding", "cli.examine"},
    {"cli.options", "cli.let_in", "cli.stopping", "cli.showing", "cli.reaching"},
    {"cli.config", "cli.plugin_check", "cli.plugin_new", "cli.as_of", "cli.restore_report"},
    {
        "cli.run",
        "cli.plan",
        "cli.check",
        "cli.state",
        "cli.history",
        "cli.restore",
        "cli.templates",
        "cli.status",
        "cli.doctor",
        "cli.plugins",
        "cli.init",
    },
    {"cli"},
    {"__main__"},
]
PACKAGES = {
    *("", "config", "content", "gate", "history", "mirror", "opened", "plugins", "restore", "stages", "testing"),
    *("restore.comparison", "restore.planning", "watch"),
}
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
EMBEDDING = {
    "notion_sync_core.Job",
    "notion_sync_core.Report",
    "notion_sync_core.StateError",
    "notion_sync_core.Stop",
    "notion_sync_core.cli.run",
    "notion_sync_core.cli.voice",
    "notion_sync_core.pipeline",
    # A process that runs jobs has options of its own, and says what `status` says.
    "notion_sync_core.cli.allocator",
    "notion_sync_core.cli.options",
    "notion_sync_core.cli.status",
    "notion_sync_core.config",
    # A fleet provides what else are files of one machine.
    "notion_sync_core.history.carrying",
    "notion_sync_core.host",
    "notion_sync_core.schedule",
    "notion_sync_core.structure",
}
COMMANDS = {"notion_sync_demo", "notion_sync_fleet", "notion_sync_serve"}
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|WITH RECURSIVE)\s+[\w*?]+")
FORBIDDEN_IN_CORE = {"requests", "jinja2", "urllib3", "boto3", "yaml"}
PLUGINS = sorted(path.name for path in (ROOT / "plugins").glob("notion_sync_*") if path.is_dir())


def modules(root: Path, package: str) -> list[tuple[str, Path]]:
    found = []
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root / package).with_suffix("").parts
        found.append((".".join(part for part in parts if part != "__init__"), path))
    return found


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize(("name", "path"), modules(ROOT, "notion_sync_core"), ids=lambda value: str(value)[-40:])
def test_a_core_module_imports_only_floors_below_its_own(name: str, path: Path) -> None:
    if name in PACKAGES:
        return
    assert name in FLOOR, f"{name} has no floor yet: say where it belongs"
    for target in imports(path):
        bare = target.removeprefix("notion_sync_core.")
        if target.startswith("notion_sync_core.") and bare in FLOOR and bare != name:
            assert FLOOR[bare] < FLOOR[name], f"{name} imports {bare}, which is not below it"


@pytest.mark.parametrize(("name", "path"), modules(ROOT, "notion_sync_core"), ids=lambda value: str(value)[-40:])
def test_the_core_imports_no_plugin_and_no_http(name: str, path: Path) -> None:
    tops = {target.partition(".")[0] for target in imports(path)}
    assert not tops & (FORBIDDEN_IN_CORE | set(PLUGINS))


@pytest.mark.parametrize("package", PLUGINS)
def test_a_plugin_imports_no_other_plugin(package: str) -> None:
    for _, path in modules(ROOT / "plugins", package):
        tops = {target.partition(".")[0] for target in imports(path)}
        assert not tops & (set(PLUGINS) - {package})


@pytest.mark.parametrize("package", PLUGINS)
def test_a_plugin_uses_one_door(package: str) -> None:
    # A command runs jobs, as programs do that embed this package.
    doors = {"notion_sync_core.plugin", "notion_sync_core.testing"} | (EMBEDDING if package in COMMANDS else set())
    for _, path in modules(ROOT / "plugins", package):
        used = {target for target in imports(path) if target.startswith("notion_sync_core")}
        strange = {target for target in used if not any(f"{target}.".startswith(f"{door}.") for door in doors)}
        assert not strange - {"notion_sync_core"}, f"{path.name} imports {strange}"


@pytest.mark.parametrize(("name", "path"), modules(ROOT, "notion_sync_core"), ids=lambda value: str(value)[-40:])
def test_all_sql_is_in_one_room(name: str, path: Path) -> None:
    rooms = ("mirror.sqlite_file", "history.schema", "history.store", "history.copies", "restore.journal")
    if name.partition(".")[0] == "state" or name in rooms:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SQL.match(node.value), f"{name}, line {node.lineno}: {node.value[:60]}"
    # What sqlite says of a disk, and what diskcache lets through, are the mirror's.
    assert "sqlite3" not in imports(path) or name in ("mirror.disk", "mirror.keyvalue", "mirror.sqlite_file")


@pytest.mark.parametrize(("name", "path"), modules(ROOT, "notion_sync_core"), ids=lambda value: str(value)[-40:])
def test_functions_and_files_of_the_core_are_short(name: str, path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < 40, f"{name}.{node.name} is too long"
