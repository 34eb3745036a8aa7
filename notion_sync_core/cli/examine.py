"""A plugin's exam in a process of its own: an order in on stdin, a line out for each check that begins and ends.

Started as ``python -m notion_sync_core.cli.examine`` by ``plugins check``. Whatever the plugin does to this process,
that one goes on: it starts another for the checks that are left.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from attrs import asdict, evolve, frozen

from notion_sync_core import config as configuration
from notion_sync_core.config.keys import keys_of
from notion_sync_core.errors import ConfigError, NotionSyncError
from notion_sync_core.hints import is_path
from notion_sync_core.job import Job
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.entries import offered, origins_of, refuse_tables_of_nobody, specs_of
from notion_sync_core.plugins.find import find, load
from notion_sync_core.plugins.one_file import called

FEATURES = "features"
"""What is told to begin before the checks: seeing what the plugin can do."""
_CHOSEN_BY = {
    "sources": "export.source",
    "renderers": "export.renderers",
    "sinks": "export.sinks",
    "listeners": "monitoring.listeners",
}
_FOLDER, _NAME = "{folder}", "{name}"


@frozen
class Order:
    """What is to be examined."""

    kind: str
    use: str
    """The name of an installed plugin, or ``FILE.py:Class``."""
    config_file: str | None = None
    settings: tuple[str, ...] = ()
    into: str = ""
    """Of a target: the page below which it writes; ``""``: the top."""
    features: tuple[str, ...] | None = None
    """What an earlier process saw; ``None``: look."""
    done: tuple[str, ...] = ()
    """Checks that are left out."""


def examine(order: Order, answer: Callable[[Any], None]) -> None:
    """Ask all that is left, and answer each time when a check begins and ends.

    :raises NotionSyncError: the plugin cannot be made, so there is nothing to ask.
    """
    from notion_sync_core.testing.examine import Given, detected, exam, paper

    asked, make = paper(order.kind), Given(_maker(order), order.into)
    with tempfile.TemporaryDirectory(prefix="notion-sync-exam-") as folder:
        where = Path(folder)
        make(_below(where, "made"))
        features = order.features
        if features is None:
            answer({"begin": FEATURES})
            features = tuple(sorted(detected(asked, make, _below(where, "seen"))))
        answer({"features": features, "checks": list(asked.checks)})
        for name in asked.checks:
            if name not in order.done:
                answer({"begin": name})
                for outcome in exam(order.kind, make, features, only=(name,), folder=_below(where, "asked")):
                    answer({"outcome": asdict(outcome)})


def _below(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    return place


def _maker(order: Order) -> Callable[[Path], Any]:
    """Builds the plugin as a job does, with a place of its own for each check."""
    key, is_list = _CHOSEN_BY.get(order.kind, ""), order.kind != "sources"
    # In the job of the configuration, whatever else that chooses: a table of options is of somebody.
    flags = {key: [order.use] if is_list else order.use} if key else {}
    file = None if order.config_file is None else Path(order.config_file)
    config = configuration.load(file, environ=os.environ, settings=order.settings, flags=flags)
    refuse_tables_of_nobody(config, [called(order.use)])
    job = Job(config, os.environ)
    spec = _with_places(_spec(job, order.kind, order.use))
    origins = origins_of(job.config)

    def make(folder: Path) -> Any:
        options = {name: _placed(value, folder) for name, value in spec.options.items()}
        return build(evolve(spec, options=options), origins, None, job.secrets.resolve).plugin

    return make


def _spec(job: Job, kind: str, use: str) -> Spec:
    (spec,) = specs_of(job.config, origins_of(job.config), kind, [{"use": use}], {})
    if kind not in ("sources", "targets"):
        return spec
    given = dict(spec.options)
    return evolve(spec, options={**offered(job.config, use, given, job.secrets.token, kind), **given})


def _with_places(spec: Spec) -> Spec:
    """A sink writes into another place in each check: its first option, if that is a path and nobody says which.

    :raises ConfigError: it cannot be seen which option that is.
    """
    if spec.kind != "sinks" or any(_is_place(value) for value in spec.options.values()):
        return spec
    keys = keys_of(load(find(spec.kind, spec.use)))
    if keys and is_path(keys[0].hint) and keys[0].name not in spec.options:
        return evolve(spec, options={**spec.options, keys[0].name: f"{_FOLDER}/place"})
    name = called(spec.use)
    raise ConfigError(
        f"the exam of the sink {name!r} needs a place of its own for each check, and none of its options says where",
        f"Write {_FOLDER} (an empty folder) or {_NAME} (a word, for a prefix) into one of them: "
        f"--set plugins.{name}.OPTION=exam/{_NAME}",
    )


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and (_FOLDER in value or _NAME in value)


def _placed(value: Any, folder: Path) -> Any:
    if not _is_place(value):
        return value
    # What stands before it is the folder of a configuration file.
    start = value.find(_FOLDER)
    return value[max(start, 0) :].replace(_FOLDER, str(folder)).replace(_NAME, f"{folder.parent.name}-{folder.name}")


def serve(lines: IO[bytes], out: IO[bytes]) -> None:
    """Read one order and answer it."""

    def answer(message: Any) -> None:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()

    told = json.loads(lines.readline())
    try:
        examine(Order(**told), answer)
    except NotionSyncError as error:
        answer({"error": [error.message, error.remedy, int(error.exit_code)]})
    else:
        answer({"end": True})


if __name__ == "__main__":
    # What a plugin prints is no answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)
