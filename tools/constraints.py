"""Write ``constraints.txt``: the release of each dependency that this environment has, and the tests ran with.

``make constraints``. Who wants just what was tested installs with ``pip install -c constraints.txt .``
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "notion-sync-core"
EXTRAS = ("all", "dev", "metrics", "otel", "s3", "serve")
TARGET = Path(__file__).parent.parent / "constraints.txt"
HEAD = """\
# What the tests last ran with, on the oldest Python that is supported; written by `make constraints`.
"""


def lines() -> list[str]:
    """``name==version`` of all that the project needs, and of what that needs, sorted."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(PROJECT, extra) for extra in ("", *EXTRAS)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or Python
        found[name] = installed.version
        for each in map(Requirement, installed.requires or ()):
            if each.marker is None or each.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(each.name), more) for more in ("", *each.extras)]
    found.pop(PROJECT)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


if __name__ == "__main__":
    TARGET.write_text(HEAD + "\n".join(lines()) + "\n", "utf-8")
