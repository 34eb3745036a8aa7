"""The JSON renderer: what the API gave, children nested."""

from notion_sync_json.renderer import JsonRenderer

__all__ = ["JsonRenderer"]
