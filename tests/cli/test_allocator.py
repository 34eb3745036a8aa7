"""How many heaps the threads of a command have."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

COUNT = """
import ctypes, tempfile, threading
from notion_sync_core.cli.allocator import keep_few_arenas

keep_few_arenas()
all_have = threading.Barrier(12)

def take():
    held = [bytes(600) for _ in range(1000)]
    all_have.wait()

threads = [threading.Thread(target=take) for _ in range(12)]
for each in threads:
    each.start()
for each in threads:
    each.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    file = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, ctypes.c_void_p(file))
    libc.fclose(ctypes.c_void_p(file))
    print(told.read().count(b"<heap nr="))
"""


def heaps(**environ: str) -> int:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", COUNT], env=kept | environ, capture_output=True, check=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries of C have other heaps")
def test_the_threads_of_a_command_share_two_heaps_unless_somebody_says_how_many() -> None:
    assert heaps() == 2
    assert heaps(MALLOC_ARENA_MAX="5") == 5
