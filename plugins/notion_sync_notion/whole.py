"""What lists of a document's content show only a part of, asked for by its id."""

from __future__ import annotations

from typing import Literal

from notion_sync_core.plugin import Gate, Json, SkippableError
from notion_sync_notion import decode
from notion_sync_notion.blocks import Contents
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id
from notion_sync_notion.listing import ends_early

_SHOWS = {"blocks": "type", "comments": "rich_text"}
"""What no whole object is without."""


def complete(
    answer: Json, kind: Literal["blocks", "comments"], client: Client, gate: Gate, contents: Contents
) -> dict[str, str]:
    """Put the whole objects in place of those of which the answer shows only the id.

    :returns: signed addresses of the hosted files in them, as :func:`~notion_sync_notion.decode.normalise` does.
    """
    signed: dict[str, str] = {}
    shown, results = _SHOWS[kind], answer.get("results")
    results = results if isinstance(results, list) else []
    for number in [number for number, raw in enumerate(results) if isinstance(raw, dict) and shown not in raw]:
        found = usable_id(results[number].get("id"))
        if found is not None:
            whole, why = _asked_for(found, kind, client, gate)
            if why:
                contents.warnings.append(f"of a {kind[:-1]} only its id is shown ({found}){why}")
            else:
                signed |= decode.normalise(whole)
                results[number] = {**whole, "id": results[number]["id"]}
    if ends_early(answer) and not answer.get("has_more"):
        contents.warnings.append(f"a list of {kind} ends early: the API gives no more of them")
    return signed


def _asked_for(object_id: str, kind: str, client: Client, gate: Gate) -> tuple[Json, str]:
    """The whole object; or why there is none."""
    try:
        whole = gate(client.get, f"{kind}/{object_id}").raw
    except SkippableError as error:
        return {}, f": {error.message}"
    return whole, "" if _SHOWS[kind] in whole else ", also when it is asked for"
