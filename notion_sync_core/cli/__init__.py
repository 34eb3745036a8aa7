"""The command line: thin commands over the library. Nothing heavy is imported until a command runs."""

from __future__ import annotations

import contextlib
import importlib
import io
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from notion_sync_core._version import __version__
from notion_sync_core.cli import streams
from notion_sync_core.errors import EXITS

if TYPE_CHECKING:
    from notion_sync_core.cli.voice import Voice
    from notion_sync_core.errors import NotionSyncError

_COMMANDS = {
    "init": ("init", "Write a first configuration file, after three questions."),
    "export": ("run", "Add and update what changed in Notion."),
    "sync": ("run", "Like export, and also move and delete: the sink mirrors Notion."),
    "plan": ("plan", "Say what sync would do, and write nothing."),
    "check": ("check", "Compare sinks with state and manifest; repair them from the mirror."),
    "render": ("run", "Make all files again from the local mirror, without a request."),
    "status": ("status", "Say what the last run left."),
    "history": ("history", "List, show, compare and forget the versions that are kept."),
    "restore": ("restore", "Write documents back into Notion: from what was read, history, or a JSON export."),
    "state": ("state", "Look at the state, or rebuild it from a manifest."),
    "doctor": ("doctor", "Check all that a run needs: token, clock, budget, sink, state, disk …"),
    "templates": ("templates", "Give pages a look of your own."),
    "plugins": ("plugins", "Look at installed plugins and their options."),
    "config": ("config", "Look at the configuration, and make its schema."),
}
_WORDS = "notion_sync_core.words"
"""Under this the context of the program knows what follows the name of a command."""
_TRIES = ("--dry-run", "--dryrun", "--dry_run", "-n")
"""How other programs call what ``plan`` does."""
_SIGNALS = 128
"""Exit statuses above it tell of a signal."""
_EXTRA = {"demo": "Export a sample workspace: no token needed."}
_OURS = {
    "fleet": "Run many jobs of many tenants on many machines.",
    "serve": "Run jobs by schedule and webhook; health, metrics and a status page.",
}
"""What commands say that come as plugins with this package."""


class _Lazy(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_EXTRA, *_COMMANDS, *self._others()]

    def _others(self) -> dict[str, str]:
        """Commands of other packages, each with what can be said of it without importing it.

        The help needs no more than their names: what finds plugins takes longer to import than all the rest.
        """
        from importlib.metadata import entry_points

        found = {}
        for entry in sorted(entry_points(group="notion_sync.commands")):
            if entry.name not in {*_EXTRA, *_COMMANDS}:
                whose = f"From {entry.dist.name} {entry.dist.version}." if entry.dist else ""
                found[entry.name] = _OURS.get(entry.name, whose)
        return found

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _COMMANDS:
            module = importlib.import_module(f"notion_sync_core.cli.{_COMMANDS[name][0]}")
            found: click.Command = getattr(module, name)
            return found
        return _of_a_plugin(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.meta[_WORDS] = args[1:]
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1, 0.5)
            if near:
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [*_EXTRA.items(), *((name, text) for name, (_, text) in _COMMANDS.items())]
        with formatter.section("Commands"):
            formatter.write_dl([*rows, *self._others().items()])


def _of_a_plugin(ctx: click.Context, name: str) -> click.Command | None:
    """The command that a plugin brings, and a note of whose it is, for whoever has to say who failed."""
    from notion_sync_core.errors import PluginError
    from notion_sync_core.plugins.find import available, find, load

    if name not in {plugin.name for plugin in available("commands")}:
        return None
    found = find("commands", name)
    if _WORDS in ctx.meta:  # it is to run; help only names it
        from notion_sync_core.cli.let_in import let_in

        let_in(found, ctx.meta[_WORDS])
    command = load(found)
    if not isinstance(command, click.Command):
        raise PluginError(
            f"{found}, {found.target}, is {type(command).__name__} instead of a click command",
            "Report this to the plugin's authors.",
        )
    if isinstance(ctx.obj, dict):
        ctx.obj["plugin"] = str(found)
    return command


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"\b\n{EXITS}\n\nStart with:  notion-sync demo",
)
@click.version_option(__version__, prog_name="notion-sync")
def cli() -> None:
    """Get your content out of Notion, and keep it in sync.

    The token comes from the environment variable NOTION_TOKEN. Without --to, pages land in the folder notion-export;
    without --renderer as markdown, else as html, json or what is installed.

    \b
    Example:
      export NOTION_TOKEN=ntn_…
      notion-sync export --to backup
    """


def _voice(said: dict[str, object]) -> Voice:
    """The command's own, which knows the secrets of its job; or one for a command that did not get so far."""
    from notion_sync_core.cli.voice import Voice

    found = said.get("voice")
    return found if isinstance(found, Voice) else Voice()


def main() -> None:
    """The console script. Turns errors into one clear message and an exit status."""
    streams.speak_utf8()
    streams.keep_no_cache()
    streams.open_closed()
    try:
        _main()
    finally:
        streams.let_go()


def _main() -> None:
    from notion_sync_core.errors import Exit, Interrupted, NotionSyncError

    said: dict[str, object] = {}
    try:
        cli.main(standalone_mode=False, obj=said)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        _end_of_usage(_voice(said), error)
    except (click.Abort, KeyboardInterrupt):
        _end(_voice(said), Interrupted(signal.SIGINT))
    except NotionSyncError as error:
        _end(_voice(said), error)
    except BrokenPipeError:
        sys.exit(Exit.UNEXPECTED)
    except Exception as error:
        out = _voice(said)
        if "-vv" in sys.argv or "-vvv" in sys.argv:
            out.traceback(error)
        _end(out, _unexpected(error, said))


def _end(out: Voice, error: NotionSyncError) -> NoReturn:
    """Say what ended a command that has no report."""
    from notion_sync_core.cli.stopping import tell

    for each in (error, *error.others):
        tell(out, each)
    _tell_programs(out, error.message, error.remedy, int(error.exit_code), error.others)
    sys.exit(error.exit_code)


def _end_of_usage(out: Voice, error: click.ClickException) -> NoReturn:
    """The same for what click found wrong with the command itself."""
    if isinstance(error, click.NoSuchOption) and error.option_name in _TRIES:
        instead = "`notion-sync plan` says what sync would do, and writes nothing."
        error = click.UsageError(f"There is no {error.option_name}: {instead}", error.ctx)
    shown = io.StringIO()
    error.show(file=shown)
    out.say(*shown.getvalue().rstrip("\n").split("\n"), err=True)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "notion-sync"
    _tell_programs(out, error.format_message(), f"Try '{command} --help'.", error.exit_code)
    sys.exit(error.exit_code)


def _tell_programs(
    out: Voice, message: str, remedy: str, number: int, others: tuple[NotionSyncError, ...] = ()
) -> None:
    """A run that could not begin, in the form of a report's end: programs get JSON whatever happens."""
    from notion_sync_core.errors import SinkError

    if "--json" in sys.argv:
        status = "interrupted" if number >= _SIGNALS else "failed"
        what = {"message": message, "remedy": remedy, "exit": number}
        more = [{"message": each.message, "remedy": each.remedy, "exit": int(each.exit_code)} for each in others]
        with contextlib.suppress(SinkError, BrokenPipeError):  # it may be just that which cannot be written
            out.json({"schema": 1, "status": status, "error": what, **({"others": more} if more else {})})


def _unexpected(error: Exception, said: dict[str, object]) -> NotionSyncError:
    """What nobody foresaw: the fault of the plugin whose command it was, or else ours."""
    from notion_sync_core.errors import NotionSyncError, PluginError

    what = f"{type(error).__name__}: {error}"
    if "plugin" in said:
        return PluginError(f"{said['plugin']} failed: {what}", "Run again with -vv and report it to its authors.")
    return NotionSyncError(f"unexpected {what}", "Run again with -vv and report it.")
