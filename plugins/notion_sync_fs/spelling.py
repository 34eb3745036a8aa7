"""Names that differ in case or Unicode form only: one file, or two, and how the one is spelt.

File systems that take them for one keep the spelling a file was made with, whoever replaces it (APFS, HFS+, NTFS,
exFAT, SMB, ext4 with casefold); some rename an entry onto itself for a new one, others call that done and do nothing.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Callable, Iterator


def names_in(folder: int) -> frozenset[str]:
    """What a folder holds, by its descriptor: composed, as names of ours are, for HFS+ takes them apart."""
    names = os.listdir(folder)
    return frozenset(name if name.isascii() else unicodedata.normalize("NFC", name) for name in names)


def is_one(path: str, other: str, listed: Callable[[str], frozenset[str]]) -> bool:
    """Whether two paths to something are one: two things would be listed as two.

    :param listed: gives the names in a folder.
    """
    if path.count("/") != other.count("/"):
        return False
    return not any({old, new} <= listed(above) for above, old, new, _ in steps(path, other))


def steps(path: str, other: str) -> Iterator[tuple[str, str, str, bool]]:
    """Each part where two paths differ: the folder it stands in, how it is spelt in each, whether it is the last."""
    olds, news = path.split("/"), other.split("/")
    for depth, (old, new) in enumerate(zip(olds, news, strict=True), 1):
        if old != new:
            yield "/".join(news[: depth - 1]), old, new, depth == len(news)


def respell(folder: int, old: str, new: str, *, is_last: bool) -> None:
    """Give one entry of a folder another spelling; a file that cannot have it goes, for another comes in its place.

    A folder is renamed in one step or not at all: what others keep in it is never out of its place.
    """
    with contextlib.suppress(OSError):
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
    if is_last and new not in names_in(folder):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new, dir_fd=folder)
