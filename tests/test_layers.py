"""The order of floors: each module imports only floors below its own, and nobody imports a plugin."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [
    {"errors", "_version", "terminal", "content.chunks", "prefetch", "wellformed"},
    {"model", "clock", "redact", "unnamed"},
    {"content.dates", "content.numbering", "content.links"},
    {"content.rich_text"},
    {"content.properties"},
    {"events", "catalog", "breaker", "store.disk"},
    {"budget"},
    {"config", "store.durable", "store.safe_disk", "store.suffix", "store.svg", "gate", "health", "lock", "logs"},
    {"store.shelf"},
    {"store.mirror", "store.state", "run.names", "progress", "report", "secrets"},
    {"run.layout", "run.lookups", "run.crew", "run.harmless", "run.border"},
    {"run.plan"},
    {"hookspecs", "run.memory", "run.patience", "run.tree", "run.surroundings", "run.view"},
    {"run.dead_links", "run.manifest", "run.site"},
    {"plugins"},
    {"bus", "run.press", "testing.clock", "testing.contracts"},
    {"testing"},
    {"run.press_process", "run.record", "run.aliases"},
    {"run.settle"},
    {"run.read", "run.retire", "run.survey"},
    {"run.publish", "run.collect", "job"},
    {"service", "snapshot", "restoration"},
    {"preview", "inspection"},
    {"cli.voice"},
    {"cli.options"},
    {
        "cli.run",
        "cli.plan",
        "cli.check",
        "cli.state",
        "cli.templates",
        "cli.status",
        "cli.doctor",
        "cli.plugins",
        "cli.config",
    },
    {"cli"},
    {"__main__"},
]
PACKAGES = {"", "content", "run", "store"}
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
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
