"""Puts faults into a plugin, one after the other, and asks whether the exam of its kind finds them.

    python tests/kit/mutants.py [sinks|renderers|sources|listeners|targets …] [--builtins] [--count 30] [--seed 14]

The plugins are those that the exams are examined with: all that is in them is what the contract is about. With
``--builtins`` they are ours, most of whose code is there for odd answers and broken disks, which no exam shows; there
a single one can be named too (``fs``).

Faults are made from the syntax (:mod:`kit.faults`). What nobody can see is left out by rules, never by name, and so is
what no exam reaches (:func:`kit.examined.reached`), such as answers to a broken disk: that is for a plugin's own tests,
and counted apart. Of what survives :mod:`kit.survivors` says why, where somebody has looked.

Each fault is tried in a process of its own (:mod:`kit.tries`), which may hang or die; that counts as found.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

sys.path.append(str(Path(__file__).parents[1]))
from kit.examined import BUILTINS, REFERENCES, SUBJECTS, Subject, examined, reached
from kit.faults import Site, faulty, place_of, sites
from kit.survivors import reason
from kit.tries import load, tried

ENOUGH = 0.85
"""Of all faults, how many an exam has to find."""
_AT_LEAST_S = 60.0
_AS_LONG = 20
"""So many times the time of an exam without a fault, a fault that hangs is waited for."""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from another source."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if name != self._module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(place_of(name)))

    def exec_module(self, module: ModuleType) -> None:
        # In angle brackets, as what has no file: else its lines would be measured.
        exec(compile(self._source, f"<{self._module}, with a fault>", "exec"), vars(module))


def _child(*arguments: str) -> list[str]:
    return [sys.executable, __file__, *arguments]


def measure(subject: Subject, count: int, seed: int, jobs: int) -> tuple[int, int]:
    """Try so many faults of a plugin; says of each what became of it.

    :returns: how many were found, and how many there were.
    """
    print(f"{subject.name}: looking at what the exam reaches", flush=True)
    began = time.monotonic()
    done = subprocess.run(_child(subject.name, "--reached"), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    limit_s = max(_AT_LEAST_S, _AS_LONG * (time.monotonic() - began))
    seen = json.loads(done.stdout)
    lines = {module: set(numbers) for module, numbers in seen["lines"].items()}
    every = [(number, site) for module in subject.modules for number, site in enumerate(sites(module))]
    here = [(number, site) for number, site in every if site.line in lines[site.module]]
    print(f"{subject.name}: {len(every)} faults are possible, {len(here)} where the exam comes by", flush=True)
    chosen = random.Random(seed).sample(here, min(count, len(here)))
    load(seen["modules"])
    attempts = [partial(_with_fault, subject, site, seen["seconds"]) for _, site in chosen]
    told = tried(attempts, limit_s, jobs)
    found = sum(_tell(chosen[each][1], chosen[each][0], words) for each, words in told)
    print(f"{subject.name}: {found} of {len(chosen)} found", flush=True)
    return found, len(chosen)


def _with_fault(subject: Subject, site: Site, seconds: dict[str, float] | None = None) -> str:
    """What the exam says of a plugin with a fault, in a process that ends with that.

    :param seconds: how long each check takes without it.
    """
    sys.meta_path.insert(0, _Finder(site.module, faulty(site)))
    return examined(subject, seconds)


def _is_plugin(module: str) -> bool:
    """Whether a module is a plugin, or made for it: it is loaded with the fault, or together with what has it."""
    top = module.partition(".")[0]
    return top in ("kit", "plugins", "__main__") or (top.startswith("notion_sync_") and top != "notion_sync_core")


def _tell(site: Site, number: int, words: str) -> bool:
    mark = "found   " if words else "SURVIVED"
    said = words.splitlines()[0][:160] if words else reason(site) or "nobody has said why"
    print(f"{mark} {site.module}:{number} line {site.line}: {site.what}\n         {said}", flush=True)
    return bool(words)


def _chosen(names: Sequence[str], *, builtins: bool) -> list[Subject]:
    subjects = BUILTINS if builtins else REFERENCES
    known = {*(each.name for each in subjects), *(each.kind for each in subjects)}
    if wrong := sorted(set(names) - known):
        raise SystemExit(f"there is no {wrong[0]}; there are: {', '.join(sorted(known))}")
    return [each for each in subjects if not names or {each.name, each.kind} & set(names)]


def main() -> None:
    """Measure what is asked for; status 1 if an exam finds too few faults of the plugin that it is examined with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], metavar="KIND", help="sinks, or of built-ins also fs")
    parser.add_argument("--count", type=int, default=30, help="faults of each plugin")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    parser.add_argument("--fault", default="", metavar="MODULE:NUMBER", help="one of them, as it was told")
    parser.add_argument("--reached", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--builtins", action="store_true", help="faults of built-ins, to be looked at")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is under way is ended as well
    if asked.reached:
        seconds: dict[str, float] = {}
        lines = reached(SUBJECTS[asked.names[0]], seconds)
        shown = {module: sorted(numbers) for module, numbers in lines.items()}
        print(
            json.dumps(
                {"lines": shown, "seconds": seconds, "modules": [name for name in sys.modules if not _is_plugin(name)]}
            )
        )
        return
    if asked.fault:
        module, _, number = asked.fault.partition(":")
        of = next(each for each in SUBJECTS.values() if module in each.modules)
        (words,) = (words for _, words in tried([partial(_with_fault, of, sites(module)[int(number)])], 400.0, 1))
        print(words or "it survives")
        return
    subjects = _chosen(asked.names, builtins=asked.builtins)
    results = {each.name: measure(each, asked.count, asked.seed, asked.jobs) for each in subjects}
    for name, (found, count) in results.items():
        print(f"{name}: {found}/{count} = {found / max(count, 1):.0%}")
    sys.exit(not asked.builtins and any(found < ENOUGH * count for found, count in results.values()))


if __name__ == "__main__":
    main()
