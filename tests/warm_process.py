"""A process that has imported everything and does what it is told: orders in, answers out, a line of JSON each."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class WarmProcess:
    """A script that obeys by forking, so that what it is told costs a fork instead of a start of Python.

    It is not measured itself: its forks are, if what they become wants to be.
    """

    def __init__(self, script: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environ, "PYTHONWARNINGS": "ignore"},
            bufsize=0,
        )

    def tell(self, order: Mapping[str, object]) -> None:
        """Give an order; each of its answers has to be waited for before the next order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    def answers_within(self, seconds: float) -> bool:
        """Wait so long for an answer at the most."""
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def answer(self) -> Any:
        """Wait for the next answer."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)
