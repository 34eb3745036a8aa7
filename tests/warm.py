"""A warm process that becomes commands by forking: a command costs a fork instead of a start of Python.

Started as a script; an order in on stdin, a line of JSON; a line with the process that it became and one with how that
ended out on stdout. It has one thread: what a fork of several threads finds locked stays locked for ever.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import logging
import os
import pkgutil
import sys
import traceback
import warnings
from typing import Any, NoReturn

from coverage import process_startup

_USED = ("core", "notion", "fs", "markdown", "html", "json", "console", "demo")
"""The packages of ours that commands use."""


def become(order: dict[str, Any]) -> NoReturn:
    """What ``python -m notion_sync_core`` is, and end as it does."""
    status: int | str | None = 70
    measuring = None
    try:
        os.environ.clear()
        os.environ.update(order["environ"])
        measuring = process_startup(force=True)
        for number, (path, flags) in enumerate(
            ((os.devnull, os.O_RDONLY), (order["out"], os.O_WRONLY), (order["err"], os.O_WRONLY | os.O_APPEND))
        ):
            os.dup2(os.open(path, flags), number)
        streams = (os.fdopen(number, mode, encoding="utf-8", closefd=False) for number, mode in enumerate("rww"))
        sys.stdin, sys.stdout, sys.stderr = streams
        faulthandler.enable(2)  # whoever waits too long ends it so that it says where it was
        os.chdir(order["folder"])
        warnings.resetwarnings()
        logging.getLogger().handlers.clear()
        here = importlib.import_module("notion_sync_core.__main__")
        sys.path[0] = os.getcwd()
        sys.argv = [str(here.__file__), *order["arguments"]]
        sys.modules["__main__"] = here
        importlib.import_module("notion_sync_core.cli").main()
        status = 0
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if measuring is not None:
            measuring.stop()
            measuring.save()
        os._exit(status if isinstance(status, int) else int(bool(status)))


def obey(line: str) -> None:
    """One order."""
    child = os.fork()
    if child == 0:
        become(json.loads(line))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def warm_up() -> None:
    """Import what commands would, once, and keep it out of their garbage collections: they would copy its pages."""
    for name in _USED:
        package = importlib.import_module(f"notion_sync_{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and ".testing" not in module.name:
                importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    for line in sys.stdin:
        obey(line)
