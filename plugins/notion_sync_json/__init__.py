"""The JSON renderer: the API's objects as they were read, lossless."""

from notion_sync_json.renderer import JsonRenderer

__all__ = ["JsonRenderer"]
