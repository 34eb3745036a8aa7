"""Uploads that a browser would run: how they are named in the sinks, and what is shown in place of an SVG.

Both follow from a file's name and bytes alone, by rules that have numbers: when a rule changes, so do the names that
the state remembers, and the documents that show them are made again.
"""

from __future__ import annotations

import hashlib
import posixpath
from urllib.parse import unquote, urlsplit

from notion_sync_core.mirror import suffix
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.state import State

_RULES = f"{suffix.RULE}.{suffix.PICTURE_RULE}"


def arrange(state: State, mirror: Mirror) -> None:
    """Name every asset by the present rule, and make the pictures that are still missing.

    The mirror is made durable before the state tells of what is in it.
    """
    if state.facts.asset_rules != _RULES:
        _name_anew(state, mirror)
        state.assets.forget_pictures()
        state.facts.asset_rules = _RULES
    made = [sha256 for sha256, picture in state.assets.svgs() if _make(state, mirror, sha256, picture)]
    if made:
        mirror.flush()
    for sha256 in made:
        state.assets.render_showing(sha256)


def _name_anew(state: State, mirror: Mirror) -> None:
    for asset in state.assets.all():
        named = suffix.asset_suffix(asset.key, _head(mirror, asset.sha256))
        if named != asset.suffix:
            state.assets.rename(asset.key, named)


def _head(mirror: Mirror, sha256: str) -> bytes:
    try:
        with mirror.blob(sha256).open("rb") as file:
            return file.read(suffix.HEAD)
    except OSError:  # it is downloaded again, and named then
        return b""


def _make(state: State, mirror: Mirror, sha256: str, known: str | None) -> bool:
    """Make the picture of one SVG, unless there is one; whether that changed anything."""
    if known == "" or (known and mirror.blob(known).exists()):
        return False
    # Few workspaces hold an SVG: the others should not wait for a parser.
    from notion_sync_core.mirror import svg

    try:
        with mirror.blob(sha256).open("rb") as file:
            picture = svg.picture(file.read(svg.LARGEST + 1))
    except OSError:
        return False
    state.assets.show(sha256, "" if picture is None else _keep(mirror, picture))
    return True


def _keep(mirror: Mirror, picture: bytes) -> str:
    digest = hashlib.sha256(picture).hexdigest()
    if not mirror.blob(digest).exists():
        with mirror.receive() as receiver:
            receiver.file.write(picture)
            receiver.keep()
    return digest


def upload_name(key: str) -> str:
    """What people called a file, as far as its address tells; ``""`` if it does not.

    :param key: its address.
    """
    try:
        return unquote(posixpath.basename(urlsplit(key).path))
    except ValueError:
        return ""
