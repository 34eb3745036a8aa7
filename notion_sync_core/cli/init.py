"""``init``: three questions, and a configuration file that works at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from notion_sync_core.cli.options import common, targets
from notion_sync_core.cli.reaching import greeting
from notion_sync_core.cli.voice import voice
from notion_sync_core.config import DEFAULT_FILE
from notion_sync_core.config.keys import Key, keys_of
from notion_sync_core.config.loader import parse
from notion_sync_core.config.places import scheme_of, sinks_of
from notion_sync_core.config.starter import beside, starter
from notion_sync_core.config.tree import SECTIONS, ExportConfig
from notion_sync_core.errors import ConfigError, FatalError, NotAuthorisedError, NotionSyncError, SinkError
from notion_sync_core.hints import is_path
from notion_sync_core.job import Job
from notion_sync_core.model import root_from_text
from notion_sync_core.plugins.entries import as_table, entries
from notion_sync_core.plugins.find import KINDS, available, find, load
from notion_sync_core.terminal import sentence

_PLACE = "Where should the files go? A folder, or a URL such as s3://bucket/prefix"
_EVERYTHING = "everything"


@frozen
class _Token:
    """What is known of the token."""

    state: str
    """``accepted``, ``missing``, or ``unchecked``: nobody could say."""
    message: str
    remedy: str = ""


@frozen
class _Answers:
    """What was chosen."""

    to: tuple[str, ...]
    renderers: tuple[str, ...]
    roots: tuple[str, ...]


@click.command(
    epilog="Example:  notion-sync init\n\n\b\nWithout questions:\n  notion-sync init --yes --to backup --renderer html"
)
@targets
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: what no flag says is as usual.")
@common
def init(config_file: Path | None, as_json: bool, quiet: bool, yes: bool, **given: Any) -> None:
    """Write a first configuration file: three questions, and a look at whether the token is accepted.

    It asks where to write, in which format, and which pages; what a flag says is not asked. A file that exists is never
    overwritten. The token is neither asked for nor written: it comes from the environment variable NOTION_TOKEN. If it
    is refused nothing is written; if there is none yet the file is, and works as soon as there is one.
    """
    file = config_file or DEFAULT_FILE
    _refuse_what_exists(file)
    said = _Answers(given["to"], given["renderers"], given["roots"])
    if not (yes or all((said.to, said.renderers, said.roots)) or sys.stdin.isatty()):
        raise ConfigError(
            "init asks questions, and there is no terminal to answer them",
            "Answer by --to, --renderer and ROOT; --yes takes what is usual for the others.",
        )
    token = _token(_job(given, said))
    if not quiet:
        said_of_it = sentence(token.message[:1].upper() + token.message[1:])
        _say(said_of_it, *([f"  {token.remedy}"] if token.remedy else []))
    answers = _complete(said, yes=yes)
    job = _job(given, answers)
    _write(file, starter(_values(job, answers, file), _options(job)))
    if as_json:
        told = {"state": token.state, "message": token.message, "remedy": token.remedy}
        voice().json({"file": str(file), "token": told})
    elif not quiet:
        name = "" if config_file is None else f" --config {file}"
        _say(f"Wrote {file}. Next:", f"  notion-sync plan{name}", f"  notion-sync sync{name}")


def _say(*lines: str) -> None:
    """On stderr, as questions are: what is on stdout is for programs."""
    voice().say(*lines, err=True)


def _job(given: dict[str, Any], answers: _Answers) -> Job:
    """The job that the file will describe, checked. The environment speaks for this command alone.

    :raises NotionSyncError: as a run would.
    """
    flags = {
        "export.source": given["source"],
        "export.roots": list(answers.roots) or None,
        "export.renderers": list(answers.renderers) or None,
        "export.sinks": sinks_of(answers.to) or None,
        "monitoring.log_format": given["log_format"],
    }
    job = Job.load(settings=given["settings"], flags=flags, use_default_file=False)
    voice().know(job.redactor())
    job.renderers()
    job.sinks()
    _ = job.given_roots  # reading it checks it
    return job


def _refuse_what_exists(file: Path) -> None:
    if file.is_symlink() or file.exists():
        raise ConfigError(
            f"{file} exists already, and is never overwritten",
            "Change it with an editor, move it away, or write another: --config OTHER.toml.",
        )
    if not file.parent.is_dir():
        raise ConfigError(f"{file} cannot be written: there is no folder {file.parent}", "Make it, or check --config.")


def _token(job: Job) -> _Token:
    """Whether the source takes the token; one request, none without a token.

    :raises NotAuthorisedError: it does not: a file would promise what no run can do, and be in the next try's way.
    """
    try:
        return _Token("accepted", str(greeting(job)))
    except NotAuthorisedError as error:
        has_one = bool(job.config.notion.token_file or job.environ.get(job.config.notion.token_env, "").strip())
        if has_one:
            raise NotAuthorisedError(
                error.message, f"{error.remedy} Nothing was written; run init again then."
            ) from None
        return _Token("missing", error.message, error.remedy)
    except FatalError as error:
        return _Token("unchecked", f"nobody could check the token: {error.message}", error.remedy)


def _complete(said: _Answers, *, yes: bool) -> _Answers:
    """What flags said, and for the rest what was answered, or what is usual."""
    folder, renderer = str(keys_of(load(find("sinks", "fs")))[0].default), ExportConfig().renderers[0]
    if yes:
        return _Answers(said.to or (folder,), said.renderers or (str(renderer),), said.roots)
    names = ", ".join(plugin.name for plugin in available("renderers"))
    return _Answers(
        said.to or (_ask(_PLACE, folder, _place),),
        said.renderers or _ask(f"In which format? {names}; several with commas", str(renderer), _renderers),
        said.roots or _ask("Which pages? Links or ids of pages and databases, with commas", _EVERYTHING, _roots),
    )


def _ask(question: str, default: str, answer: Callable[[str], Any]) -> Any:
    """Ask until the answer can be used."""

    def use(text: str) -> Any:
        try:
            return answer(text.strip())
        except NotionSyncError as error:
            raise click.BadParameter(f"{sentence(error.message)} {error.remedy}") from None

    return click.prompt(question, default=default, value_proc=use, err=True)


def _place(text: str) -> str:
    if scheme_of(text):
        as_table("sinks", text)
    return text


def _renderers(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part for part in text.replace(",", " ").split()))
    for name in names:
        find("renderers", name)
    return names


def _roots(text: str) -> tuple[str, ...]:
    if text == _EVERYTHING:
        return ()
    roots = tuple(dict.fromkeys(part for part in text.replace(",", " ").split()))
    for root in roots:
        if root_from_text(root) is None:
            raise ConfigError(
                f"{root!r} is neither a Notion id nor a Notion URL",
                f"Copy the link of the page in Notion (••• → Copy link), or answer {_EVERYTHING!r}.",
            )
    return roots


def _values(job: Job, answers: _Answers, file: Path) -> dict[str, Any]:
    """What the file says, by dotted key: what was chosen, paths as they are from there."""
    listed, found = _sinks(job, file)
    for name, section in SECTIONS.items():
        for key in keys_of(section):
            dotted = f"{name}.{key.name}"
            if _is_said(job, dotted):
                value = job.config.value(dotted)
                found[dotted] = beside(file, value) if is_path(key.hint) else value
    for name, known in _options(job).items():
        for key in known:
            dotted = f"plugins.{name}.{key.name}"
            if _is_said(job, dotted):
                value = parse(job.config.texts[dotted], key.hint)
                found[dotted] = beside(file, value) if is_path(key.hint) else value
    chosen = {"renderers": list(answers.renderers), "roots": list(answers.roots), "sinks": listed}
    return found | {f"export.{name}": value for name, value in chosen.items()}


def _is_said(job: Job, key: str) -> bool:
    """Whether somebody said it here and now; what the environment says it will say again."""
    return job.config.origins.get(key, "").startswith(("--set ", "command line"))


def _sinks(job: Job, file: Path) -> tuple[list[Any], dict[str, Any]]:
    """The list of sinks, and the path of the first folder in the table that people look for."""
    listed: list[Any] = []
    tables: dict[str, Any] = {}
    for entry in job.config.export.sinks:
        if isinstance(entry, dict) and "path" in entry:
            entry = {**entry, "path": beside(file, entry["path"])}
        if isinstance(entry, dict) and entry.keys() == {"use", "path"}:
            tables[f"plugins.{entry['use']}.path"] = entry["path"]
            entry = entry["use"]
        elif isinstance(entry, dict) and entry.keys() == {"url"}:
            entry = entry["url"]
        listed.append(entry)
    return listed, tables


def _options(job: Job) -> dict[str, list[Key]]:
    """The options of the plugins that may have a table."""
    found: dict[str, list[Key]] = {}
    uses = [(key.partition(".")[2], entry) for key, listed in entries(job.config).items() for entry in listed]
    for kind, entry in uses:
        table = as_table(kind, entry)
        found.setdefault(str(table.get("name", table["use"])), keys_of(load(find(kind, str(table["use"])))))
    installed = {(kind, plugin.name) for kind in KINDS for plugin in available(kind) if kind != "commands"}
    for kind, name in sorted(installed):
        if name in job.config.plugins:
            found.setdefault(name, keys_of(load(find(kind, name))))
    return found


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        _refuse_what_exists(file)
        raise
    except UnicodeEncodeError:
        file.unlink(missing_ok=True)
        raise ConfigError(
            "what was chosen cannot stand in a file: it holds what is no UTF-8", "Use other names."
        ) from None
    except OSError as error:
        raise SinkError(f"{file} cannot be written: {error.strerror}", "Choose another place: --config FILE.") from None
