"""Puts faults into a plugin, one after the other, and asks whether the exam of its kind finds them.

    python tests/kit/mutants.py [sinks|renderers|sources|listeners|targets …] [--builtins] [--count 30] [--seed 14]

The plugins are those that the exams are examined with: all that is in them is what the contract is about. With
``--builtins`` they are ours, most of whose code is there for odd answers and broken disks, which no exam shows.

Faults are made from the syntax: a comparison turned round, a condition negated, a constant changed, a statement left
out, a result forgotten. What nobody can see is left out by rules, never by name (:func:`_is_moot`), and so is what no
exam reaches, such as answers to a broken disk: that is for a plugin's own tests, and counted apart.

Each fault is tried in a process of its own, which may hang or die; that counts as found.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))
SOURCES = {
    "sinks": ["notion_sync_fs.sink", "notion_sync_fs.opened"],
    "renderers": ["notion_sync_json.renderer", "notion_sync_markdown.document", "notion_sync_markdown.blocks"],
    "sources": ["notion_sync_notion.source", "notion_sync_notion.decode"],
    "listeners": ["notion_sync_metrics.listener", "notion_sync_metrics.numbers", "notion_sync_metrics.text_file"],
    "targets": ["notion_sync_notion.target", "notion_sync_notion.uploads"],
}
"""Of each kind the modules of built-ins that are closest to its contract."""
REFERENCES = {kind: [f"kit.reference_{kind[:-1]}"] for kind in SOURCES}
"""Of each kind the plugin that its exam is examined with."""
ENOUGH = 0.85
"""Of all faults, how many an exam has to find."""
_HUNG_S = 400.0
_WORDS = ("debug", "info", "warning", "error", "exception", "print")
"""Calls that take words for people."""


# -- faults

Change = Callable[[ast.AST], ast.AST]
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@frozen
class Site:
    """One place where a fault can be put."""

    module: str
    line: int
    path: tuple[tuple[str, int], ...]
    """The way from the module's root to the node: names of fields, and places in their lists."""
    what: str
    change: Change


def _turned(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Compare)
    node.ops[0] = _TURNED[type(node.ops[0])]()
    return node


def _other_operator(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _negated(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If | ast.IfExp | ast.While)
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return node


def _other_constant(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Constant)
    value: Any = node.value
    changed = (not value) if isinstance(value, bool) else value + 1 if isinstance(value, int | float) else f"{value}~"
    return ast.Constant(changed)


def _left_out(_: ast.AST) -> ast.AST:
    return ast.Pass()


def _forgotten(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Return)
    return ast.Return(ast.Constant(None))


def _other_sign(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp)
    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    return node


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare(ops=[one]) if type(one) in _TURNED:
            yield "comparison turned", _turned
        case ast.BoolOp():
            yield "and for or", _other_operator
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition negated", _negated
        case ast.Constant(value=bool() | int() | float() | str()):
            yield f"constant {node.value!r:.30} changed", _other_constant
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Assign() | ast.AugAssign() | ast.Raise():
            yield f"left out: {ast.unparse(node):.60}", _left_out
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield f"result forgotten: {ast.unparse(node):.60}", _forgotten
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield "plus for minus", _other_sign


def _is_moot(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """Whether a change here can be seen by nobody who uses the plugin.

    Texts and types for readers; words for people, whose wording no contract fixes; how a field is shown, compared and
    given; a module's list of names; and what only brings bytes to the disk, which shows after a power cut alone.
    """
    statement = next((each for each in [node, *reversed(above)] if isinstance(each, ast.stmt)), node)
    if _only_syncs(statement) or any(isinstance(each, ast.If) and _only_syncs(each) for each in above):
        return True
    parent = above[-1] if above else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if isinstance(parent, ast.Expr):
            return True  # a docstring
        if any(isinstance(each, ast.Raise) for each in above):
            return True
    if any(isinstance(each, ast.Expr) and _says(each) for each in [*above, node]):
        return True
    if any(isinstance(each, ast.keyword) and each.arg in ("repr", "eq", "init") for each in [*above, node]):
        return True
    if any(isinstance(each, ast.If) and ast.unparse(each.test) == "TYPE_CHECKING" for each in [*above, node]):
        return True
    return any(isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__" for each in [*above, node])


def _only_syncs(statement: ast.AST) -> bool:
    """Whether a statement is about bringing bytes to the disk: its condition, or what it calls, says so."""
    said = statement.test if isinstance(statement, ast.If | ast.While) else statement
    if isinstance(said, ast.FunctionDef | ast.ClassDef | ast.Module | ast.For | ast.With | ast.Try):
        return False
    return any(word in ast.unparse(said) for word in ("sync", "fadvise", "touched"))


def _says(statement: ast.Expr) -> bool:
    """Whether a statement tells people something, and does nothing else."""
    return isinstance(statement.value, ast.Call) and _called(statement.value) in _WORDS


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


_ANNOTATIONS = ("annotation", "returns", "type_comment", "decorator_list", "keywords_of_class")


def sites(module: str) -> list[Site]:
    """Every place of a module, in the order of its source; of a reference those of its plugin."""
    found: list[Site] = []

    def visit(node: ast.AST, path: tuple[tuple[str, int], ...], above: tuple[ast.AST, ...]) -> None:
        line = getattr(node, "lineno", 0)
        if not _is_moot(node, above):
            found.extend(Site(module, line, path, what, change) for what, change in _changes(node))
        for name, value in ast.iter_fields(node):
            if name in _ANNOTATIONS or (isinstance(node, ast.ClassDef) and name in ("bases", "keywords")):
                continue
            if isinstance(value, ast.AST):
                visit(value, (*path, (name, -1)), (*above, node))
            elif isinstance(value, list):
                for number, each in enumerate(value):
                    if isinstance(each, ast.AST):
                        visit(each, (*path, (name, number)), (*above, node))

    visit(ast.parse(_source(module)), (), ())
    return [site for site in found if site.path[:1] in _plugins(module)]


def _plugins(module: str) -> list[tuple[tuple[str, int], ...]]:
    """Where faults may stand: anywhere in a built-in; in a reference not in what serves it."""
    body = ast.parse(_source(module)).body
    is_one = [
        not module.startswith("kit.") or (isinstance(each, ast.ClassDef) and each.name[0] != "_") for each in body
    ]
    return [(("body", number),) for number, allowed in enumerate(is_one) if allowed]


def _place(module: str) -> Path:
    return ROOT / ("tests" if module.startswith("kit.") else "plugins") / f"{module.replace('.', '/')}.py"


def _source(module: str) -> str:
    return _place(module).read_text()


def faulty(site: Site) -> str:
    """The source of a module with that fault."""
    tree = ast.parse(_source(site.module))
    holder: Any = tree
    *way, (name, number) = site.path
    for field, index in way:
        holder = getattr(holder, field) if index < 0 else getattr(holder, field)[index]
    here = getattr(holder, name) if number < 0 else getattr(holder, name)[number]
    changed = ast.copy_location(site.change(copy.deepcopy(here)), here)
    if number < 0:
        setattr(holder, name, changed)
    else:
        getattr(holder, name)[number] = changed
    return ast.unparse(ast.fix_missing_locations(tree))


# -- one fault, in a process of its own


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from another source."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if name != self._module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(_place(name)))

    def exec_module(self, module: ModuleType) -> None:
        # In angle brackets, as what has no file: else its lines would be measured.
        exec(compile(self._source, f"<{self._module}, with a fault>", "exec"), vars(module))


def examined(kind: str, module: str = "") -> str:
    """Hold the built-ins of a kind to their exam; the first check that finds something, or ``""``.

    :param module: only those of its package; empty: all.
    """
    from notion_sync_core.testing.examine import DECLARED, NotApplicable, fresh, paper

    asked = paper(kind)
    with tempfile.TemporaryDirectory() as folder:
        for make, features in _made(kind, module.partition(".")[0]):
            said = asked.known(features)
            try:
                asked.declared(said, make, Path(folder))
            except AssertionError as failure:
                return f"{DECLARED}: {failure}"
            for check in asked.checks.values():
                if asked.skips(check, said):
                    continue
                try:
                    asked.ask(check, make, fresh(Path(folder), check.name))
                except NotApplicable:
                    continue
                except AssertionError as failure:
                    return f"{check.name}: {failure}"
    return ""


def _made(kind: str, package: str) -> Iterator[tuple[Callable[[Path], Any], set[str]]]:
    """Each built-in that is examined, with its features; only those of one package, if it is named."""
    if package == "kit":
        reference: Any = importlib.import_module(REFERENCES[kind][0])
        yield reference.make, reference.FEATURES
    elif kind == "sinks":
        from notion_sync_fs import FileSystemSink

        every = {"attach", "look", "list", "same", "respell", "obstacle", "url"}
        yield lambda folder: FileSystemSink(path=str(folder / "out")), every
    elif kind == "renderers":
        from notion_sync_json import JsonRenderer
        from notion_sync_markdown import MarkdownRenderer

        if package in ("", "notion_sync_json"):
            yield lambda _: JsonRenderer(), {"content"}
            yield lambda _: JsonRenderer(rows=True), {"content", "suffixes"}
        if package in ("", "notion_sync_markdown"):
            yield lambda _: MarkdownRenderer(), {"content", "links", "asks", "suffixes"}
    elif kind == "sources":
        from notion_sync_demo import Emulator, sample_workspace
        from notion_sync_notion import NotionSource

        features = {"ping", "workspace", "resolve", "revisit", "locate"}
        features |= {"expand", "users", "synced", "assets", "comments"}
        with Emulator(sample_workspace(), page_size=20) as server:
            yield lambda _: NotionSource(server.token, server.url, comments=True, views=True), features
    elif kind == "targets":
        from notion_sync_demo import Emulator, Workspace
        from notion_sync_notion.target import NotionTarget

        with Emulator(Workspace("Empty")) as empty:
            yield lambda _: NotionTarget(empty.token, empty.url), {"children", "upload", "databases", "places"}
    else:
        from notion_sync_console import ConsoleListener
        from notion_sync_metrics import MetricsListener

        if package in ("", "notion_sync_metrics"):
            both = {"exposition", "metrics_file"}
            yield lambda folder: MetricsListener(metrics_file=str(folder / "notion_sync.prom")), both
        if package in ("", "notion_sync_console"):
            for style in ("plain", "json", "bar"):
                yield lambda _, style=style: ConsoleListener(style=style), set()


def reached(kind: str, modules: Sequence[str]) -> dict[str, set[int]]:
    """The lines of each module that run while the built-ins pass their exam.

    :raises SystemExit: they do not pass it.
    """
    from coverage import Coverage

    files = {module: str(_place(module)) for module in modules}
    coverage = Coverage(data_file=None, include=list(files.values()), config_file=False)
    coverage.start()
    try:
        failed = "".join(examined(kind, package) for package in sorted({module.split(".")[0] for module in modules}))
    finally:
        coverage.stop()
    if failed:
        raise SystemExit(f"without any fault {kind} do not pass: {failed}")
    data = coverage.get_data()
    return {module: set(data.lines(file) or ()) for module, file in files.items()}


# -- all of them


def _child(*arguments: str) -> list[str]:
    return [sys.executable, __file__, *arguments]


def tried(kind: str, site: Site, number: int) -> str:
    """What became of one fault: the words of the check that found it, ``""`` if none did."""
    environ = {**os.environ, "NOTION_SYNC_FAULT": f"{site.module}:{number}"}
    try:
        done = subprocess.run(
            _child(kind, "--one"), capture_output=True, text=True, timeout=_HUNG_S, env=environ, check=False
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    if done.returncode == 0:
        return ""
    return (done.stdout.strip() or done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}")[:160]


def measure(kind: str, modules: Sequence[str], count: int, seed: int) -> tuple[int, int]:
    """Try so many faults of a kind; says of each what became of it.

    :returns: how many were found, and how many there were.
    """
    print(f"{kind}: looking at what the exam reaches", flush=True)
    done = subprocess.run(_child(kind, "--reached", *modules), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    lines = {module: set(numbers) for module, numbers in json.loads(done.stdout).items()}
    every = [(number, site) for module in modules for number, site in enumerate(sites(module))]
    here = [(number, site) for number, site in every if site.line in lines[site.module]]
    print(f"{kind}: {len(every)} faults are possible, {len(here)} where the exam comes by", flush=True)
    found = 0
    chosen = random.Random(seed).sample(here, min(count, len(here)))
    for number, site in chosen:
        words = tried(kind, site, number)
        found += bool(words)
        mark = "found   " if words else "SURVIVED"
        print(
            f"{mark} {site.module}:{number} line {site.line}: {site.what}  {words.splitlines()[0] if words else ''}",
            flush=True,
        )
    print(f"{kind}: {found} of {len(chosen)} found", flush=True)
    return found, len(chosen)


def main() -> None:
    """Measure what is asked for; status 1 if an exam finds too few faults of the plugin that it is examined with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[], metavar="KIND", help=", ".join(SOURCES))
    parser.add_argument("--count", type=int, default=30, help="faults of each kind")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--fault", default="", metavar="MODULE:NUMBER", help="one of them, as it was told")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--reached", nargs="+", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--builtins", action="store_true", help="faults of built-ins, to be looked at")
    asked = parser.parse_args()
    kinds = asked.kinds or list(SOURCES)
    if asked.one:
        module, _, number = os.environ["NOTION_SYNC_FAULT"].partition(":")
        sys.meta_path.insert(0, _Finder(module, faulty(sites(module)[int(number)])))
        words = examined(kinds[0], module)
        print(words)
        sys.exit(1 if words else 0)
    if asked.fault:
        module, _, number = asked.fault.partition(":")
        print(tried(kinds[0], sites(module)[int(number)], int(number)) or "it survives")
        return
    if asked.reached:
        print(json.dumps({module: sorted(lines) for module, lines in reached(kinds[0], asked.reached).items()}))
        return
    of = SOURCES if asked.builtins else REFERENCES
    results = {kind: measure(kind, of[kind], asked.count, asked.seed) for kind in kinds}
    for kind, (found, count) in results.items():
        print(f"{kind}: {found}/{count} = {found / max(count, 1):.0%}")
    sys.exit(not asked.builtins and any(found < ENOUGH * count for found, count in results.values()))


if __name__ == "__main__":
    main()
