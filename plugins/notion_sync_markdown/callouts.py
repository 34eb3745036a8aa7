"""What kind of box a callout is: Notion has only icons and colours, other tools have kinds."""

from __future__ import annotations

from collections.abc import Mapping

from notion_sync_core.plugin import Block

_BY_ICON: Mapping[str, str] = {
    icon: kind
    for kind, icons in {
        "warning": "⚠️ ⚠ 🚧 ✋ 👀 🟡 🔶 warning",
        "danger": "❗ ‼️ ❌ ⛔ 🛑 🚨 🔥 ☠️ 💥 🔴 🚫 ⛔️ alert",
        "tip": "💡 ✨ 🎯 🚀 👍 ⭐ 🌟 lightbulb light-bulb",
        "info": "ℹ️ ℹ 📢 📣 🔵 🔎 🔍 info info-alternate",
        "success": "✅ ✔️ ☑️ 🎉 🟢 checkmark",
        "question": "❓ ❔ 🤔 question-mark help",
        "bug": "🐛 🐞 🪲 bug",
    }.items()
    for icon in icons.split()
}
_BY_COLOR: Mapping[str, str] = {
    "red": "danger",
    "orange": "warning",
    "yellow": "warning",
    "green": "success",
    "blue": "info",
    "purple": "tip",
}


def kind_of(block: Block) -> str:
    """The kind that a callout's icon, or else its colour, speaks of; ``note`` if neither does."""
    icon = block.payload.get("icon")
    icon = icon if isinstance(icon, dict) else {}
    named = icon.get("icon")
    name = icon.get("emoji") or (named.get("name") if isinstance(named, dict) else "")
    found = _BY_ICON.get(str(name))
    color = str(block.payload.get("color") or "").removesuffix("_background")
    return found or _BY_COLOR.get(color, "note")
