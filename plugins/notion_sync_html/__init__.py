"""The HTML renderer: a site that opens from a folder, without a server and without a network."""

from notion_sync_html.renderer import HtmlRenderer

__all__ = ["HtmlRenderer"]
