"""``plugins new``: a package for a plugin, which passes its exam as it is."""

from __future__ import annotations

import importlib.util
import keyword
import re
import uuid
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import click
from attrs import frozen

from notion_sync_core._version import __version__
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import ConfigError, SinkError
from notion_sync_core.plugins.find import KINDS, available
from notion_sync_core.plugins.versions import API

_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_LONGEST = 30
_TEMPLATES = "new_plugin"


@frozen
class _Draft:
    """What a kind of plugin begins as."""

    kinds: str
    """Of the entry point."""
    ending: str
    """Of the class's name."""
    summary: str
    usage: str
    """Lines of a shell."""
    check_options: str = ""
    """What its exam has to be told."""


DRAFTS = {
    "source": _Draft(
        "sources",
        "Source",
        "Pages from a folder of texts.",
        "notion-sync export --source $name --set plugins.$name.path=notes --to out",
        " --set plugins.$name.path=tests/notes",
    ),
    "renderer": _Draft(
        "renderers", "Renderer", "Documents as plain text.", "notion-sync export --renderer $name --to out"
    ),
    "sink": _Draft(
        "sinks",
        "Sink",
        "Exports in a folder.",
        "notion-sync export --set 'export.sinks=[\"$name\"]' --set plugins.$name.path=out",
    ),
    "listener": _Draft(
        "listeners",
        "Listener",
        "A line in a file for each run.",
        "notion-sync export --set monitoring.listeners=$name --set plugins.$name.file=runs.log --to out",
    ),
    "target": _Draft(
        "targets",
        "Target",
        "Documents in a folder, one JSON file each.",
        "notion-sync plugins check $name --into top --set plugins.$name.path='{folder}/out'",
        " --into top --set plugins.$name.path='{folder}/out'",
    ),
    "block": _Draft(
        "renderers",
        "Block",
        "Code of one language in a frame.",
        "notion-sync export --renderer html --renderer $name --set plugins.$name.language=python --to out",
    ),
}


@click.command(epilog="Example:  notion-sync plugins new renderer org-mode --to ~/code")
@click.argument("kind", type=click.Choice(list(DRAFTS)))
@click.argument("name")
@click.option("--to", default=".", metavar="DIR", help="Where the package's folder is made; default: here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
def new(kind: str, name: str, to: str, as_json: bool) -> None:
    """Write a package for a plugin called NAME, with its tests.

    It does something small and does it well: it passes the exam of its kind, mypy and ruff at once, and its README says
    how to go on. A block is a renderer's plugin for single blocks. A folder that exists is never written to.
    """
    folder, files = write(kind, name, Path(to).expanduser())
    if as_json:
        voice().json({"folder": str(folder), "files": files})
        return
    voice().say(
        f"Wrote {folder}: {len(files)} files. Next:",
        f"  cd {folder}",
        "  pip install -e '.[dev]'",
        "  pytest",
        f"  notion-sync plugins info {name}",
    )


def write(kind: str, name: str, place: Path) -> tuple[Path, list[str]]:
    """Write a package.

    :returns: its folder, and the paths of its files in it.
    :raises ConfigError: the name cannot be used, or the folder is there.
    :raises SinkError: it cannot be written.
    """
    _check_name(kind, name)
    words = _words(kind, name)
    folder = place / words["distribution"]
    if folder.exists() or folder.is_symlink():
        raise ConfigError(f"{folder} exists already", "Nothing was written. Choose another name, or another --to.")
    files = {path: _filled(template, words) for path, template in _files(kind, words["module"]).items()}
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    except OSError as error:
        raise SinkError(f"{folder} cannot be written: {error.strerror}", "Choose another folder with --to.") from None
    return folder, sorted(files)


def _check_name(kind: str, name: str) -> None:
    """A name people can type, and nothing else has.

    :raises ConfigError: it is none.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        bare = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-0123456789")
        meant = f"Did you mean {bare[:_LONGEST].strip('-')!r}? " if bare else ""
        raise ConfigError(
            f"{name!r} cannot be the name of a plugin",
            f"{meant}Write small letters, digits and hyphens, a letter first, {_LONGEST} at most: my-{kind}.",
        )
    module = _module(name)
    same = [plugin for each in KINDS for plugin in available(each) if plugin.name == name]
    if same or keyword.iskeyword(name) or importlib.util.find_spec(module) is not None:
        who = str(same[0]) if same else f"the module {module}"
        raise ConfigError(f"there is {who} already", f"Choose another name: my-{name}")


def _module(name: str) -> str:
    return f"notion_sync_{name.replace('-', '_')}"


def _words(kind: str, name: str) -> dict[str, str]:
    draft, module = DRAFTS[kind], _module(name)
    words = {
        "name": name,
        "kind": "plugin for single blocks" if kind == "block" else kind,
        "kinds": draft.kinds,
        "module": module,
        "distribution": module.replace("_", "-"),
        "class_name": _class_name(name, draft.ending),
        "summary": draft.summary,
        "core": __version__,
        "api": f"{API[0]}.{API[1]}",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_DNS, module)),
    }
    words["usage"] = f"    {Template(draft.usage).substitute(words)}"
    words["check_options"] = Template(draft.check_options).substitute(words)
    return words


def _class_name(name: str, ending: str) -> str:
    words = [part.capitalize() for part in re.split("[_-]", name)]
    return "".join(words if words[-1] == ending and len(words) > 1 else [*words, ending])


def _files(kind: str, module: str) -> dict[str, str]:
    """The template of each file, by its path in the package; an empty one makes an empty file."""
    return {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "LICENSE": "LICENSE",
        ".gitignore": "gitignore",
        ".github/workflows/test.yml": "test.yml",
        f"src/{module}/__init__.py": f"{kind}.py",
        f"src/{module}/py.typed": "",
        "tests/conftest.py": "conftest.py",
        "tests/test_contract.py": f"{kind}_contract.py",
        "tests/test_run.py": f"{kind}_run.py",
        **({f"tests/notes/{name}.txt": f"{name}.txt" for name in ("First", "Second")} if kind == "source" else {}),
    }


def _filled(template: str, words: dict[str, Any]) -> str:
    if not template:
        return ""
    originals = resources.files("notion_sync_core.cli").joinpath(_TEMPLATES)
    return Template(originals.joinpath(f"{template}.tmpl").read_text("utf-8")).substitute(words)
