"""A library that an extra brings, where it is not installed: asked in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

_BUILT = """
import sys
sys.modules[{library!r}] = None
import {package} as package
from notion_sync_core.errors import PluginError
try:
    package.{listener}()
except PluginError as error:
    print(error)
"""


def said_without(library: str, package: str, listener: str) -> str:
    """What somebody is told who builds a listener without its library."""
    code = _BUILT.format(library=library, package=package, listener=listener)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def imports(package: str, library: str) -> bool:
    """Whether a package imports a library when it is only looked at."""
    code = f"import sys, {package}; sys.exit({library!r} in sys.modules)"
    return bool(subprocess.run([sys.executable, "-c", code], check=False).returncode)
