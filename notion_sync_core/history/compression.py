"""Zstandard (RFC 8878), wherever this Python has it."""

import sys

if sys.version_info >= (3, 14):  # the same, word for word
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
