"""Mutants of a module: cosmic-ray's operators, without those that cannot be told from the original."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

_IDENTITY = ("_Is", "_IsNot")
"""``==`` made ``is``: for small numbers and names of the code both say the same, and mypy and ruff refuse it."""


@frozen
class Mutant:
    """One change of one module."""

    module: str
    """Path from the project's folder."""
    operator: str
    occurrence: int
    line: int
    column: int
    source: str
    """The module's text with the change."""

    @property
    def id(self) -> str:
        """What it is called in files of results."""
        return f"{self.module}:{self.line}:{self.column}:{self.operator}:{self.occurrence}"


@frozen
class Place:
    """Where in a module something can be changed, and all the ways to."""

    module: str
    line: int
    column: int
    ways: tuple[tuple[str, int], ...]
    """(operator, occurrence)."""


def places(module: str, source: str) -> list[Place]:
    """Every place of a module that an operator changes.

    A place counts once, however many ways there are: a ``+`` has eleven, most of which fail at once, and a ``not`` one.
    """
    nodes = list(ast_nodes(get_ast(source)))
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or (name.endswith(_IDENTITY) and "Operator_Is" not in name):
            continue
        operator = kind()
        positions = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(positions):
            found.setdefault(start, []).append((name, occurrence))
    return [Place(module, line, column, tuple(ways)) for (line, column), ways in sorted(found.items())]


def made(place: Place, source: str, rng: random.Random) -> Mutant | None:
    """One mutant of a place; ``None`` if Python sees no difference in any, as in annotations."""
    original = _meaning(source)
    for name, occurrence in rng.sample(place.ways, len(place.ways)):
        text = mutate_code(source, get_operator(name)(), occurrence)
        if text is None:
            continue
        try:
            changed = _meaning(text) != original
        except SyntaxError:
            continue
        if changed:
            return Mutant(place.module, name.removeprefix("core/"), occurrence, place.line, place.column, text)
    return None


def sample(modules: Iterable[Path], root: Path, count: int, seed: int) -> Iterator[Mutant]:
    """So many mutants, each of another place, the same ones for the same seed and source."""
    rng = random.Random(seed)
    sources = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(modules)}
    everywhere = [place for module, source in sources.items() for place in places(module, source)]
    rng.shuffle(everywhere)
    for place in everywhere:
        if count == 0:
            return
        mutant = made(place, sources[place.module], rng)
        if mutant is not None:
            count -= 1
            yield mutant


def lines_of(source: str, line: int) -> range:
    """The lines that run together with one: those of its statement, or of its head if it has a body."""
    best: ast.stmt | None = None
    for node in ast.walk(ast.parse(source)):
        around = isinstance(node, ast.stmt) and _first(node) <= line <= (node.end_lineno or node.lineno)
        if around and (best is None or _first(node) >= _first(best)):
            best = node
    if best is None:
        return range(line, line + 1)
    if isinstance(best, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        # Decorators and defaults run when the module is imported; what they are for shows in the body.
        return range(best.body[0].lineno, (best.end_lineno or best.lineno) + 1)
    body = getattr(best, "body", None)
    if body and line < body[0].lineno:
        return range(best.lineno, body[0].lineno)
    return range(best.lineno, (best.end_lineno or best.lineno) + 1)


def runs_at_import(source: str, line: int) -> bool:
    """Whether a line is in no function's body: it runs before any test does."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return not any(node.body[0].lineno <= line <= (node.end_lineno or node.lineno) for node in functions)


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


class _Bare(ast.NodeTransformer):
    """Without what is never evaluated: annotations (``from __future__ import annotations``), imports for them."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)


def _meaning(source: str) -> str:
    return ast.dump(_Bare().visit(ast.parse(source)))
