"""A plugin with one fault: its module, loaded from a source in which one piece was put in another's place."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
_numbers = itertools.count()


def mutated(module: str, old: str, new: str, folder: Path) -> ModuleType:
    """The module with that fault.

    :param folder: takes its source, so that another process finds it.
    """
    source = (HERE / f"{module}.py").read_text()
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {module}"
    return loaded(source.replace(old, new), module, folder)


def loaded(source: str, name: str, folder: Path) -> ModuleType:
    """A module of that source, under a name that no other has."""
    unique = f"{name}_mutant_{next(_numbers)}"
    place = folder / f"{unique}.py"
    place.write_text(source)
    spec = importlib.util.spec_from_file_location(unique, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module
