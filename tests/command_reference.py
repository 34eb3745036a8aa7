"""The reference of the command line, made from the commands themselves: docs/reference/command-line.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from click import Argument, Command, Context, Group, Parameter

from notion_sync_core.cli import cli
from notion_sync_core.cli.options import common
from notion_sync_core.errors import EXITS

_NAME = "notion-sync"


def reference() -> Iterator[str]:
    """The lines."""
    yield "```text"
    yield Context(cli, info_name=_NAME).get_usage()
    yield "```"
    yield ""
    yield from _described(cli.help or "")
    yield "## Options of every command"
    yield ""
    yield f"`{_NAME} --version` says which version it is, `--help` (`-h`) after any command what it does."
    yield ""
    yield from _table(_COMMON)
    for name, command, context in commands():
        yield f"## {name}"
        yield ""
        yield "```text"
        yield " ".join(context.get_usage().removeprefix("Usage: ").split())
        yield "```"
        yield ""
        yield from _described(command.help or "")
        own, shared = _split(command)
        yield from _table(own)
        if shared:
            yield "And the [options of every command](#options-of-every-command)." if own else _ONLY
            yield ""
        yield from _examples(command)


def commands(group: Group = cli, context: Context | None = None) -> Iterator[tuple[str, Command, Context]]:
    """Every command that does something, with its whole name."""
    context = context or Context(group, info_name=_NAME)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = Context(command, info_name=name, parent=context)
        if isinstance(command, Group):
            yield from commands(command, inner)
        else:
            yield inner.command_path, command, inner


@click.command()
@common
def _nothing() -> None:
    """To look at what every command has."""


_COMMON = list(_nothing.params)
_ONLY = "It has the [options of every command](#options-of-every-command), and no others."


def _split(command: Command) -> tuple[list[Parameter], bool]:
    """Its own parameters, and whether it has those of every command besides."""
    known = [_words(each) for each in _COMMON]
    shared = [each for each in command.params if _words(each) in known]
    if len(shared) < len(known):
        return list(command.params), False
    return [each for each in command.params if each not in shared], True


def _words(parameter: Parameter) -> tuple[object, ...]:
    return (*parameter.opts, getattr(parameter, "help", None))


def _table(parameters: list[Parameter]) -> Iterator[str]:
    if not parameters:
        return
    yield "| option | meaning |"
    yield "| --- | --- |"
    for each in parameters:
        if isinstance(each, Argument):
            yield f"| `{each.make_metavar(Context(cli)).strip('[].')}` | {_of_argument(each)} |"
        elif isinstance(each, click.Option) and not each.hidden:
            yield f"| {_spelling(each)} | {_cell(each.help or '')} |"
    yield ""


def _of_argument(argument: Argument) -> str:
    several = "any number" if argument.nargs < 0 else "one"
    return f"{several}, {'needed' if argument.required else 'or none'}".replace("any number, or none", "any number")


def _spelling(option: click.Option) -> str:
    words = " ".join(each.opts[0] for each in [option]), *option.opts[1:]
    value = "" if option.is_flag or option.count else f" {option.make_metavar(Context(cli))}"
    spelt = ", ".join(f"`{word}`" for word in words[:-1])
    negative = "".join(f", `{word}`" for word in option.secondary_opts)
    return _cell(f"{spelt}{', ' if spelt else ''}`{words[-1]}{value}`{negative}")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _described(text: str) -> Iterator[str]:
    """A help text as Markdown; what click leaves as it is becomes a block, and examples stand elsewhere."""
    for paragraph in text.split("\n\n"):
        if paragraph.strip().startswith("\b"):
            lines = paragraph.strip().removeprefix("\b").strip("\n").split("\n")
            if not lines[0].lstrip().startswith("Example"):
                yield from ("```text", *lines, "```", "")
        elif paragraph.strip():
            yield _marked(" ".join(paragraph.split()))
            yield ""


def _marked(text: str) -> str:
    return re.sub(r"(?<![\w`-])(--[a-z][a-z-]*|[A-Z]+_[A-Z_]+|ROOT|NAME|DIR|FILE)(?![\w`])", r"`\1`", text)


def _examples(command: Command) -> Iterator[str]:
    epilog = (command.epilog or "").replace(EXITS, "")
    lines = [found[0].strip() for line in epilog.split("\n") if (found := re.search(rf"{_NAME} .*$", line))]
    if lines:
        yield from ("```sh", *lines, "```", "")
