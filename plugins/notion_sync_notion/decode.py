"""From the API's JSON to the model, leniently: what is missing or new must not stop a run."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import unquote

from notion_sync_core.plugin import (
    Asset,
    Json,
    Kind,
    Parent,
    Ref,
    fields,
    normalise_id,
    objects,
    plain_text,
    properties_of,
    utc,
)

_is_hyphenated = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch  # as the API writes each
EPOCH = "1970-01-01T00:00:00.000Z"
"""In place of a time that is none."""


def time_of(raw: Any) -> str:
    """The time an object names; databases write theirs with an offset."""
    return utc(raw) or EPOCH


def usable_id(raw: Any) -> str | None:
    """The id of an object in its hyphenated form, if it is one: anything else leads to another path of the API."""
    if not isinstance(raw, str):
        return None
    return raw if _is_hyphenated(raw) else normalise_id(raw)


def text(raw: Any) -> str:
    """A text; anything else is an empty one."""
    return raw if isinstance(raw, str) else ""


def normalise(raw: Any) -> dict[str, str]:
    """Make an API answer the same each time it is read, in place.

    Hosted file URLs lose their query, ``expiry_time`` becomes null, ``request_id`` goes. Hosted is what
    the API calls so: an address with an expiry time, or in a file object. Addresses that people typed
    lose the parameters of a signature, for the same page could show another one each time, and are
    never among those that are returned.

    :returns: the signed URL of each hosted file, by the URL without signature.
    """
    if isinstance(raw, dict):
        raw.pop("request_id", None)
    signed: dict[str, str] = {}
    todo: list[Any] = [raw] if isinstance(raw, _CONTAINERS) else []
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if value.get("type") == "file" and is_signed(hosted_file(value)):
                _take_signature(value["file"], signed)
            if isinstance(value.get("expiry_time"), str):
                value["expiry_time"] = None
                _take_signature(value, signed)
            for name in _ADDRESSES.intersection(value):
                if is_signed(value[name]):
                    value[name] = without_signature(value[name])
            value = value.values()
        for each in value:
            if isinstance(each, _CONTAINERS):  # most are not, and not kept for later
                todo.append(each)
    return signed


_CONTAINERS = (dict, list)
_ADDRESSES = frozenset(("url", "href", "icon_url", "thumbnail_url", "iframe_url"))
_SIGNATURE = "X-Amz-Signature="


def _take_signature(file: Json, signed: dict[str, str]) -> None:
    url = file.get("url")
    if isinstance(url, str):
        file["url"] = key = unsigned(url)
        signed.setdefault(key, url)  # a file object is met before what it holds


def is_signed(url: Any) -> bool:
    """Whether this is an address whose query holds a signature; that says nothing about who hosts it."""
    if not isinstance(url, str) or _SIGNATURE not in url:
        return False
    query = url.partition("#")[0].partition("?")[2]
    return any(each.startswith(_SIGNATURE) for each in query.split("&"))


def without_signature(url: str) -> str:
    """A URL without the parameters that sign it; the others say which file is meant, and stay."""
    address, mark, fragment = url.partition("#")
    path, _, query = address.partition("?")
    kept = "&".join(each for each in query.split("&") if not each.startswith("X-Amz-"))
    return f"{path}?{kept}{mark}{fragment}" if kept else f"{path}{mark}{fragment}"


def unsigned(url: str) -> str:
    """A URL without query and fragment; of any text, for not all that is called a URL is one."""
    return url.partition("#")[0].partition("?")[0]


def file_name(url: str) -> str:
    """The last part of a URL's path, decoded; ``""`` if it has none."""
    path = unsigned(url).partition("://")[2].partition("/")[2]
    return unquote(path.rpartition("/")[2])


def is_full(raw: Json) -> bool:
    """Whether an object came whole: answers may give its id and little else."""
    if raw.get("object") == "database":
        return "data_sources" in raw or "properties" in raw
    return "properties" in raw and (raw.get("object") != "data_source" or parent_of(raw).id is not None)


def title_of(raw: Json) -> str:
    """The title of a page, database or data source; ``""`` if it has none."""
    if "title" in raw and isinstance(raw["title"], list):
        return plain_text(raw["title"])
    for value in fields(raw.get("properties")).values():
        if isinstance(value, dict) and value.get("type") == "title":
            return plain_text(value.get("title"))
    return ""


def parent_of(raw: Json) -> Parent:
    """Where an object stands; a row under its data source where the API says which."""
    parent = fields(raw.get("parent"))
    for kind in ("data_source_id", "page_id", "block_id", "database_id"):
        if kind not in parent:
            continue
        found = usable_id(parent[kind])
        if found and (kind == parent.get("type") or "type" not in parent or kind == "data_source_id"):
            return Parent(kind, found)
    return Parent(text(parent.get("type")) or "workspace", None)


def ref(raw: Json) -> Ref:
    """The reference to a page, database or data source, whose ``object`` and ``id`` are usable."""
    kind: Kind = raw["object"]
    parent = parent_of(raw)
    if kind == "data_source" and (database := usable_id(fields(raw.get("parent")).get("database_id"))):
        parent = Parent("database_id", database)
    return Ref(
        id=normalise_id(raw["id"]) or raw["id"],
        kind=kind,
        title=title_of(raw),
        parent=parent,
        created_time=time_of(raw.get("created_time")),
        last_edited_time=time_of(raw.get("last_edited_time")),
        url=text(raw.get("url")),
        left_out=_left_out(raw),
        raw=raw,
    )


def _left_out(raw: Json) -> str:
    """Nothing but a clear word: what is left out is deleted by a sync."""
    trash = raw.get("in_trash")
    return "it is in Notion's trash" if (raw.get("archived") if trash is None else trash) is True else ""


def external_file(payload: Any) -> str | None:
    """The address of a file that lies elsewhere, if this file object is one."""
    if isinstance(payload, dict) and isinstance(payload.get("external"), dict):
        url = payload["external"].get("url")
        return url if isinstance(url, str) and url else None
    return None


def hosted_file(payload: Any) -> str | None:
    """The (unsigned) address of a file that Notion hosts, if this file object is one.

    Attachments of comments have no type; whatever has one must be of type ``file``.
    """
    if isinstance(payload, dict) and payload.get("type", "file") == "file" and isinstance(payload.get("file"), dict):
        url = payload["file"].get("url")
        return url if isinstance(url, str) and url else None
    return None


def object_assets(raw: Json, *, external: bool) -> list[Asset]:
    """Icon, cover and property files of a page or database, also those that a rollup shows of other pages.

    :param external: those that lie elsewhere as well.
    """
    kind = raw.get("object", "page")
    found = [(raw.get("icon"), "icon"), (raw.get("cover"), "cover")]
    for value in properties_of(raw).values():
        for each in (value, *objects(fields(value.get("rollup")).get("array"))):
            found += [(item, text(item.get("name"))) for item in objects(each.get("files"))]
    assets = []
    for payload, name in found:
        holder_type: Literal["page", "database"] = "database" if kind == "database" else "page"
        url = hosted_file(payload)
        if url:
            assets.append(Asset(url, url, name, raw["id"], holder_type))
        elif external and (url := external_file(payload)):
            assets.append(Asset(url, url, name, raw["id"], holder_type, external=True))
    return assets
