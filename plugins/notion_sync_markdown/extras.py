"""What the front matter can say besides the properties."""

from collections.abc import Mapping

KEYS: Mapping[str, str] = {
    "id": "notion_id",
    "url": "notion_url",
    "created": "created",
    "edited": "updated",
    "icon": "icon",
    "cover": "cover",
}
"""Its key in the front matter, by the word for it in the options."""
