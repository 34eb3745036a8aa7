"""Commands as people and files type them, read by the parser of the command line itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from click import ClickException, Command, Context, Group
from click.exceptions import Exit as Done

from notion_sync_core.cli import cli

_STOPS = {"|", "||", "&&", ";", ">", ">>", "2>&1", "<", "2>", "}", ")"}
_LINE = re.compile(r"(?:^|[\s/(|;&])notion-sync(?::[\w.]+)? +((?!notion-sync)[a-z]+\b[^\n]*|--[a-z]+[^\n]*)")


def commands_in(text: str) -> Iterator[list[str]]:
    """The arguments of each ``notion-sync`` in lines to type: indented blocks of Markdown, shell, units, crontabs."""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        # To kubectl it is the name of things; what comes after two hyphens is typed in the pod.
        line = line.partition(" -- ")[2] if line.lstrip().startswith("kubectl") else line
        for found in _LINE.finditer(line):
            yield words_of(found[1])


def words_of(line: str) -> list[str]:
    """The words of a command, up to what the shell does with it."""
    words = []
    # A command within quotes ends where they do.
    line = line.removesuffix("'") if line.count("'") % 2 else line
    for word in shlex.split(line, comments=True):
        if word in _STOPS:
            break
        words.append(word.rstrip(";"))
        if word.endswith(";"):
            break
    return words


def refuse_unknown(words: list[str]) -> None:
    """Make sure that the command line takes these words.

    :raises AssertionError: it does not.
    """
    command: Command = cli
    given, names = list(words), ["notion-sync"]
    while isinstance(command, Group) and given and not given[0].startswith("-"):
        found = command.get_command(Context(command), given[0])
        assert found is not None, f"no such command: {' '.join([*names, given[0]])}"
        command = found
        names.append(given.pop(0))
    try:
        command.make_context(" ".join(names), given).close()
    except (Done, SystemExit):
        return  # --help and --version
    except ClickException as error:
        raise AssertionError(f"{' '.join(words)}: {error.format_message()}") from None
