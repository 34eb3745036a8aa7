"""The plugin does all that is demanded of a listener."""

from pathlib import Path

from notion_sync_core.plugin import Secret
from notion_sync_core.testing import check_listener

from notion_sync_webhook import WebhookListener


def made(folder: Path) -> WebhookListener:
    """The plugin under test, whose chat is away: nobody listens at that address."""
    return WebhookListener(url=Secret("env:CHAT", "http://127.0.0.1:9/a-secret-path"), attempts=1, timeout_s=1)


test_contract = check_listener(made, features=set())
