"""What the front matter can say besides the properties."""

from collections.abc import Mapping

KEYS: Mapping[str, str] = {
    "id": "notion_id",
    "url": "notion_url",
    "created": "created",
    "edited": "updated",
    "icon": "icon",
    "cover": "cover",
    "author": "created_by",
    "editor": "updated_by",
    "public_url": "public_url",
    "locked": "locked",
}
"""Its key in the front matter, by the word for it in the options."""
COLUMNS: Mapping[str, str] = {word: key for word, key in KEYS.items() if word not in ("icon", "cover")}
"""Those that CSV files can hold, and their columns."""
