"""What a reader of our JSON Lines, who knows the schema beside them, makes of a value: written without our code."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
ANNOTATIONS = {**dict.fromkeys(("bold", "italic", "strikethrough", "underline", "code"), False), "color": "default"}


def restored(line: Json, schema: Json, name: str) -> Any:
    """The API's value of a property; text in one piece."""
    columns = schema["properties"]
    own = [each for each, about in columns.items() if about.get("x-notion-property") == name]
    whole = list(columns)[-1]
    if name in (line[whole] or {}):
        return line[whole][name]
    about = schema["x-notion"]["properties"][name]
    kind = about["type"]
    payload = _payload(kind, [line[each] for each in own], about.get(kind) or {})
    return {"id": about["id"], "type": kind, kind: payload}


def _payload(kind: str, parts: list[Any], config: Json) -> Any:
    first = parts[0] if parts else None
    if kind in ("title", "rich_text"):
        text = {"content": first, "link": None}
        item = {"type": "text", "text": text, "annotations": ANNOTATIONS, "plain_text": first, "href": None}
        return [item] if first else []
    if kind in ("select", "status"):
        return _option(first, config)
    if kind == "multi_select":
        return [_option(each, config) for each in first]
    if kind == "date":
        return None if first is None else dict(zip(("start", "end", "time_zone"), parts, strict=True))
    if kind == "relation":
        return [{"id": each} for each in parts[1]]
    if kind in ("people", "files"):
        return []
    if kind in ("created_by", "last_edited_by"):
        return {"object": "user", "id": parts[1]}
    if kind == "formula":
        word = "boolean" if isinstance(first, bool) else "string" if isinstance(first, str) else "number"
        return {"type": word, word: first}
    if kind == "unique_id":
        return {"prefix": config.get("prefix"), "number": parts[1]}
    if kind in ("verification", "place"):
        return None
    return {} if kind == "button" else first


def _option(name: str | None, config: Json) -> Json | None:
    if name is None:
        return None
    (found,) = (option for option in config["options"] if option["name"] == name)
    return {key: found[key] for key in ("id", "name", "color")}


def joined(value: Json) -> Json:
    """A value whose plain text is in one piece, and that does not say that there is no more of it."""
    kind = value.get("type")
    value = {key: each for key, each in value.items() if key != "has_more" or each}
    items = value.get(str(kind))
    if kind not in ("title", "rich_text") or not isinstance(items, list) or not all(map(_is_plain, items)):
        return value
    text = "".join(item["plain_text"] for item in items)
    return {**value, str(kind): _payload("title", [text], {})}


def _is_plain(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    text = item.get("plain_text")
    return item == {
        "type": "text",
        "text": {"content": text, "link": None},
        "annotations": ANNOTATIONS,
        "plain_text": text,
        "href": None,
    }
