"""The plugins whose exams are measured, how each is held to its exam, and which of its lines that reaches."""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from kit import looks
from kit.faults import place_of, source_of
from notion_sync_core.testing.examine import Given
from notion_sync_core.testing.golden import Golden

Made = tuple[Callable[[Path], Any], set[str]]
"""How a plugin is made, with what its exam is given besides, and its features."""
GOLDEN = Path(__file__).parent / "golden"
LARGEST = 30 << 20
"""Bytes of a file that the emulator takes: more than go up at once."""
_AT_LEAST_S, _AS_LONG = 20.0, 20
"""A check that takes so many seconds, and so many times as long as without a fault, hangs."""
S3_OPTIONS: dict[str, Any] = {
    "multipart_mib": 8,
    "part_mib": 5,
    "cache_control": "no-cache",
    "storage_class": "STANDARD_IA",
    "encryption": "AES256",
}
"""So that what is written says them."""
REPLACED = {r"127\.0\.0\.1:\d+": "HOST"}
"""The emulator takes any port that is free."""


@frozen
class Subject:
    """A plugin into which faults are put."""

    name: str
    kind: str
    modules: tuple[str, ...]
    """Those that are closest to its contract."""
    instances: Callable[[], Iterator[Made]]
    """Each way in which it is examined; what serves it is given back afterwards."""


# -- built-ins


def _fs() -> Iterator[Made]:
    from notion_sync_fs import FileSystemSink

    every = {"attach", "look", "list", "same", "respell", "obstacle", "url"}
    make = lambda folder: FileSystemSink(path=str(folder / "out"))  # noqa: E731 - as short as what it stands beside
    yield Given(make, golden=Golden(GOLDEN / "fs"), looks=lambda folder: looks.folder(folder / "out")), every


def _s3() -> Iterator[Made]:
    sys.path.append(str(place_of("kit.examined").parents[1]))
    import botocore.session

    from notion_sync_s3 import S3Sink
    from plugins.s3_server import bare_client, moto

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_ACCESS_KEY_ID": "AKTEST", "AWS_SECRET_ACCESS_KEY": "SKTESTSKTEST"}
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    # What each client reads from the disk first is a megabyte of JSON: it is read once.
    loader = botocore.session.create_loader()
    botocore.session.create_loader = lambda *_, **__: loader
    with moto() as address, contextlib.closing(bare_client(address)) as client:
        buckets: dict[Path, str] = {}

        def make(folder: Path) -> Any:
            is_elsewhere = folder.name == "elsewhere"
            place = folder.parent if is_elsewhere else folder
            if place not in buckets:
                buckets[place] = f"exam-{len(buckets)}"
                client.create_bucket(Bucket=buckets[place])
            return S3Sink(
                bucket=buckets[place],
                prefix="elsewhere" if is_elsewhere else "",
                endpoint_url=address,
                **S3_OPTIONS,
            )

        golden = Golden(GOLDEN / "s3", replace=REPLACED)
        given = Given(make, golden=golden, looks=lambda folder: looks.bucket(client, buckets[folder]))
        yield given, {"attach", "look", "list", "same", "url"}


def _json() -> Iterator[Made]:
    from notion_sync_json import JsonRenderer

    with _demo() as documents:
        yield _over(documents, lambda _: JsonRenderer(), "json"), {"content", "comments"}
    yield _over((), lambda _: JsonRenderer(rows=True), "rows"), {"content", "comments", "suffixes"}


def _markdown() -> Iterator[Made]:
    from notion_sync_markdown import MarkdownRenderer

    with _demo() as documents:
        make = _over(documents, lambda _: MarkdownRenderer(), "markdown")
        yield make, {"content", "comments", "links", "asks", "suffixes"}


def _html() -> Iterator[Made]:
    from notion_sync_html import HtmlRenderer

    with _demo() as documents:
        make = _over(documents, lambda _: HtmlRenderer(), "html")
        yield make, {"content", "comments", "links", "asks", "site", "neighbours"}


@contextlib.contextmanager
def _demo() -> Iterator[Callable[[Path], Any]]:
    """Makes sources that show the sample workspace."""
    from kit.served import workspace_to_render
    from notion_sync_demo import Emulator
    from notion_sync_notion import NotionSource

    with Emulator(workspace_to_render()) as server:
        yield lambda _: NotionSource(server.token, server.url, comments=True, views=True)


def _over(documents: Any, make: Callable[[Path], Any], name: str) -> Given:
    return Given(make, golden=Golden(GOLDEN / name, documents, REPLACED))


def _notion() -> Iterator[Made]:
    from kit.served import served_workspace
    from notion_sync_demo import Emulator
    from notion_sync_notion import NotionSource

    features = {"ping", "workspace", "resolve", "revisit", "locate"}
    features |= {"expand", "users", "synced", "assets", "comments"}
    with Emulator(served_workspace(), page_size=20) as server:
        make = _over((), lambda _: NotionSource(server.token, server.url, comments=True, views=True), "notion")
        yield make, features


def _target() -> Iterator[Made]:
    from notion_sync_demo import Emulator, Workspace
    from notion_sync_notion import NotionSource
    from notion_sync_notion.target import NotionTarget

    with Emulator(Workspace("Empty"), largest_file=LARGEST) as empty:
        reads = lambda _: NotionSource(empty.token, empty.url)  # noqa: E731 - as short as what it stands beside
        make = Given(lambda _: NotionTarget(empty.token, empty.url), reads=reads)
        yield make, {"children", "upload", "databases", "places", "columns", "views", "comments"}


def _metrics() -> Iterator[Made]:
    from notion_sync_metrics import MetricsListener

    both = {"exposition", "metrics_file"}
    yield lambda folder: MetricsListener(metrics_file=str(folder / "notion_sync.prom")), both


BUILTINS = (
    Subject("fs", "sinks", ("notion_sync_fs.sink", "notion_sync_fs.opened"), _fs),
    Subject("s3", "sinks", ("notion_sync_s3.sink", "notion_sync_s3.store"), _s3),
    Subject("json", "renderers", ("notion_sync_json.renderer",), _json),
    Subject("markdown", "renderers", ("notion_sync_markdown.document", "notion_sync_markdown.blocks"), _markdown),
    Subject("html", "renderers", ("notion_sync_html.renderer", "notion_sync_html.blocks"), _html),
    Subject("notion", "sources", ("notion_sync_notion.source", "notion_sync_notion.decode"), _notion),
    Subject(
        "metrics",
        "listeners",
        ("notion_sync_metrics.listener", "notion_sync_metrics.numbers", "notion_sync_metrics.text_file"),
        _metrics,
    ),
    Subject("target", "targets", ("notion_sync_notion.target", "notion_sync_notion.uploads"), _target),
)
"""Ours, but for those most of whose code is words for people (console) or waits for a service (telemetry)."""


# -- what each exam is examined with


def _reference(kind: str) -> Subject:
    module = f"kit.reference_{kind[:-1]}"

    def instances() -> Iterator[Made]:
        found: Any = importlib.import_module(module)
        folder = GOLDEN / module.rpartition(".")[2]
        golden = Golden(folder, replace=REPLACED) if folder.is_dir() else None
        given = Given(found.make, reads=getattr(found, "reads", None), golden=golden)
        yield evolve(given, looks=getattr(found, "looks", None)), found.FEATURES

    return Subject(module.rpartition(".")[2], kind, (module,), instances)


REFERENCES = tuple(_reference(kind) for kind in ("sinks", "renderers", "sources", "listeners", "targets"))
SUBJECTS = {subject.name: subject for subject in (*REFERENCES, *BUILTINS)}


def examined(subject: Subject, seconds: dict[str, float] | None = None) -> str:
    """Hold a plugin to its exam; the first check that finds something, or ``""``.

    Whichever check finds a fault, it is found: golden files are compared first, and of the others the quick ones.

    :param seconds: how long checks take; is told of those that it does not know. Who takes many times as long hangs:
        the process ends by SIGALRM.
    """
    from notion_sync_core.testing.examine import DECLARED, NotApplicable, fresh, paper

    asked, took = paper(subject.kind), {} if seconds is None else seconds
    checks = sorted(
        asked.checks.values(), key=lambda check: ("as_it_was_kept" not in check.name, took.get(check.name, 0.0))
    )
    with tempfile.TemporaryDirectory() as folder:
        for make, features in subject.instances():
            said = asked.known(features)
            for check in checks:
                if asked.skips(check, said):
                    continue
                if check.name in took:
                    signal.alarm(int(_AT_LEAST_S + _AS_LONG * took[check.name]))
                began = time.monotonic()
                try:
                    asked.ask(check, make, fresh(Path(folder), check.name))
                except NotApplicable:
                    continue
                except AssertionError as failure:
                    return f"{check.name}: {failure}"
                took.setdefault(check.name, time.monotonic() - began)
            signal.alarm(0)
            try:
                asked.declared(said, make, Path(folder))
            except AssertionError as failure:
                return f"{DECLARED}: {failure}"
    return ""


# -- what an exam reaches


def reached(subject: Subject, seconds: dict[str, float]) -> dict[str, set[int]]:
    """The lines of each module in which a fault can show while the plugin passes its exam.

    :param seconds: is told how long each check takes.

    A line that does not run is none, and neither is a condition that the exam only ever sees go one way: it guards what
    no exam shows, such as answers to a broken disk. Nor is a constant of the module that only lines use which do not
    run.

    :raises SystemExit: it does not pass.
    """
    from coverage import Coverage

    files = {module: str(place_of(module)) for module in subject.modules}
    coverage = Coverage(data_file=None, include=list(files.values()), config_file=False, branch=True)
    coverage.start()
    try:
        failed = examined(subject, seconds)
    finally:
        coverage.stop()
    if failed:
        raise SystemExit(f"without any fault {subject.name} does not pass: {failed}")
    data = coverage.get_data()
    return {
        module: _within(source_of(module), set(data.lines(file) or ()), data.arcs(file) or ())
        for module, file in files.items()
    }


def _within(source: str, ran: set[int], arcs: Collection[tuple[int, int]]) -> set[int]:
    return ran - one_way(source, arcs) - idle(source, ran)


def one_way(source: str, arcs: Collection[tuple[int, int]]) -> set[int]:
    """The lines of conditions after which always the same came.

    :param arcs: from which line to which it went; below 0: out of a function.
    """
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If | ast.While):
            asks = set(range(node.lineno, (node.test.end_lineno or node.lineno) + 1))
            then = {after for before, after in arcs if before in asks and after not in asks}
            inside = range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)
            if then and len({after in inside for after in then}) == 1:
                found |= asks
    return found


def idle(source: str, ran: Collection[int]) -> set[int]:
    """The lines of a module's constants of its own that no line uses which ran.

    :param ran: lines.
    """
    module = ast.parse(source)
    used = {
        each.id
        for statement in ast.walk(module)
        if isinstance(statement, ast.stmt) and _own_lines(statement) & set(ran)
        for part in _own_parts(statement)
        for each in ast.walk(part)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    idle = [
        each
        for each in module.body
        if isinstance(each, ast.Assign)
        and isinstance(name := each.targets[0], ast.Name)
        and name.id.startswith("_")
        and name.id not in used
    ]
    return {line for each in idle for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)}


def _own_parts(statement: ast.stmt) -> list[ast.AST]:
    """What of a statement is no statement: of a function its defaults, of a condition what it asks."""
    return [part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)]


def _own_lines(statement: ast.stmt) -> set[int]:
    """Its lines without those of the statements in it."""
    inner = [part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.stmt)]
    every = set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return every.difference(*(range(part.lineno, (part.end_lineno or part.lineno) + 1) for part in inner))
