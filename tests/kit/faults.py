"""Faults that nobody chose, made from the syntax of a plugin: where one can be put, and the source that has it.

A comparison turned round, a condition negated, a constant changed, a statement left out, a result forgotten. What
nobody can see is left out by rules that hold for any plugin, never by name.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

ROOT = Path(__file__).parents[2]
_WORDS = ("debug", "info", "warning", "error", "exception", "print")
"""Calls that take words for people."""

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
        case ast.Return(value=ast.expr() as value) if not _is_as_false_as_nothing(value):
            yield f"result forgotten: {ast.unparse(node):.60}", _forgotten
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield "plus for minus", _other_sign


def _is_as_false_as_nothing(value: ast.expr) -> bool:
    """Whoever asks whether gets the same answer."""
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)


def _is_moot(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """Whether a change here can be seen by nobody who uses the plugin, or is of what no contract fixes."""
    return any(rule(node, above) for rule in _RULES)


def _is_for_readers(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """A docstring, a module's list of names, an import for types, a name that stands for any type."""
    within = [*above, node]
    if any(isinstance(each, ast.Assign) and _makes_a_type(each.value) for each in within):
        return True
    if _is_text(node) and above and isinstance(above[-1], ast.Expr):
        return True
    if any(isinstance(each, ast.If) and ast.unparse(each.test) == "TYPE_CHECKING" for each in within):
        return True
    return any(isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__" for each in within)


def _makes_a_type(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and _called(value) in ("TypeVar", "ParamSpec")


def _is_for_people(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """Words in an error or a log, whose wording no contract fixes; and where one is, for an error that may come:
    ``with explained(f"{place}/{name}"):``, which gives nothing back.
    """
    if _is_text(node) and any(isinstance(each, ast.Raise) or _gives_nothing(each) for each in above):
        return True
    return any(isinstance(each, ast.Expr) and _says(each) for each in [*above, node])


def _gives_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.withitem) and node.optional_vars is None


def _is_how_it_is_shown(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """How a field is shown, compared and given."""
    return any(isinstance(each, ast.keyword) and each.arg in ("repr", "eq", "init") for each in [*above, node])


def _is_a_default(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """What an option is when nobody says anything, and what it may be: each plugin's own choice."""
    field = next((each for each in above if isinstance(each, ast.AnnAssign)), None)
    if field is None or not isinstance(node, ast.Constant) or not _is_an_option(field, above):
        return False
    keywords = [each.arg for each in above if isinstance(each, ast.keyword)]
    return field.value is node or keywords == ["default"] or keywords[:1] == ["validator"]


def _is_an_option(field: ast.AnnAssign, above: Sequence[ast.AST]) -> bool:
    said, name = ast.unparse(field), ast.unparse(field.target)
    stands_in = above[above.index(field) - 1]
    return (
        isinstance(stands_in, ast.ClassDef) and name[0] != "_" and "init=False" not in said and "ClassVar" not in said
    )


def _is_an_amount(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """How large a piece is (``1 << 20``), and a negative number that stands for nothing (``self.lock = -1``)."""
    if not isinstance(node, ast.Constant) or not above:
        return False
    parent, stands_in = above[-1], above[-2] if len(above) > 1 else None
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.LShift):
        return True
    is_negative = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub)
    return is_negative and isinstance(stands_in, ast.Assign | ast.AnnAssign)


def _is_about_the_disk(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """What only brings bytes to the disk, which shows after a power cut alone: a statement, its condition, or the
    function that it stands in says so; or it flushes a file that is closed at the end of the same ``with``.
    """
    statement = next((each for each in [node, *reversed(above)] if isinstance(each, ast.stmt)), node)
    if _only_syncs(statement) or _flushes_what_is_closed(statement, above):
        return True
    if any(isinstance(each, ast.FunctionDef) and _SYNCS.search(each.name) for each in above):
        return True
    return any(isinstance(each, ast.If) and _only_syncs(each) for each in above)


_SYNCS = re.compile(r"(^|_)f?(data)?sync($|_)|fadvise|touched")


def _only_syncs(statement: ast.AST) -> bool:
    """Whether a statement is about bringing bytes to the disk: its condition, or what it calls, says so."""
    said = statement.test if isinstance(statement, ast.If | ast.While) else statement
    if isinstance(said, ast.FunctionDef | ast.ClassDef | ast.Module | ast.For | ast.With | ast.Try):
        return False
    nodes = list(ast.walk(said))
    names = [each.id for each in nodes if isinstance(each, ast.Name)]
    names += [each.attr for each in nodes if isinstance(each, ast.Attribute)]
    return any(_SYNCS.search(name.replace("notion_sync", "")) for name in names)


def _flushes_what_is_closed(statement: ast.AST, above: Sequence[ast.AST]) -> bool:
    opened = {
        ast.unparse(item.optional_vars)
        for each in above
        if isinstance(each, ast.With)
        for item in each.items
        if item.optional_vars is not None
    }
    return ast.unparse(statement) in {f"{name}.flush()" for name in opened}


def _is_put_into_an_error(node: ast.AST, above: Sequence[ast.AST]) -> bool:
    """Words handed to a function of the same module that puts them into an error, and does nothing else with them."""
    if not _is_text(node):
        return False
    for call, argument in zip(above, [*above[1:], node], strict=True):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and argument in call.args:
            function = _function(above[0], call.func.id)
            names = [each.arg for each in function.args.args] if function else []
            place = call.args.index(argument)
            if function and place < len(names) and _only_in_errors(function, names[place]):
                return True
    return False


def _function(module: ast.AST, name: str) -> ast.FunctionDef | None:
    body = module.body if isinstance(module, ast.Module) else []
    return next((each for each in body if isinstance(each, ast.FunctionDef) and each.name == name), None)


def _only_in_errors(function: ast.FunctionDef, name: str) -> bool:
    raised = [each for node in ast.walk(function) if isinstance(node, ast.Raise) for each in ast.walk(node)]
    used = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == name]
    return bool(used) and all(each in raised for each in used)


_RULES = (
    *(_is_for_readers, _is_for_people, _is_put_into_an_error, _is_how_it_is_shown, _is_a_default, _is_an_amount),
    _is_about_the_disk,
)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


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

    visit(ast.parse(source_of(module)), (), ())
    return [site for site in found if site.path[:1] in _plugins(module)]


def _plugins(module: str) -> list[tuple[tuple[str, int], ...]]:
    """Where faults may stand: anywhere in a built-in; in a reference not in what serves it."""
    body = ast.parse(source_of(module)).body
    is_one = [
        not module.startswith("kit.") or (isinstance(each, ast.ClassDef) and each.name[0] != "_") for each in body
    ]
    return [(("body", number),) for number, allowed in enumerate(is_one) if allowed]


def place_of(module: str) -> Path:
    """Where the source of a module lies."""
    return ROOT / ("tests" if module.startswith("kit.") else "plugins") / f"{module.replace('.', '/')}.py"


def source_of(module: str) -> str:
    """The source of a module."""
    return place_of(module).read_text()


def faulty(site: Site) -> str:
    """The source of a module with that fault."""
    tree = ast.parse(source_of(site.module))
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
