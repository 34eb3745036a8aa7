"""Headless Chromium, for tests with the marker ``web``: ``make test-web`` installs what they need."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

ROOT = Path(__file__).parents[2]
NODE = Path(os.environ.get("NOTION_SYNC_NODE_MODULES") or ROOT / ".web" / "node_modules")
CANARY = "window.calls = []; window.canary = (...given) => window.calls.push(given);"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1300,900",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "web" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.web)


class Browser:
    """A browser that counts the canary's calls and remembers every request."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CANARY})
        driver.execute_cdp_cmd("Network.enable", {})

    def open(self, path: Path, fragment: str = "") -> None:
        self.driver.get("file://" + quote(str(path)) + fragment)

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def cdp(self, command: str, **given: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, given)

    def wait(self, condition: str, *given: Any) -> Any:
        """Wait until a JavaScript expression is true; give its value."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 10, 0.05).until(lambda _: self.run(f"return {condition}", *given))

    def keys(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def requests(self) -> list[str]:
        """The addresses asked for since the last call, but pictures within Chromium's own controls."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return [url for url in found if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What the console says, but missing files."""
        return [
            entry["message"] for entry in self.driver.get_log("browser") if "ERR_FILE_NOT_FOUND" not in entry["message"]
        ]


@pytest.fixture(scope="session")
def session_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: make test-web")
    from selenium.webdriver.chrome.service import Service

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver_path = shutil.which("chromedriver")
    if not chromium or not driver_path:
        pytest.skip("chromium and chromedriver are not installed: make test-web")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture
def browser(session_browser: Browser) -> Browser:
    """A browser with the system's light colours, scripts on, and nothing remembered."""
    session_browser.cdp(
        "Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": "light"}]
    )
    session_browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
    session_browser.cdp("Page.setBypassCSP", enabled=False)
    session_browser.requests()
    session_browser.complaints()
    return session_browser


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written site with everything in it."""
    from web.kitchen import make

    return make(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = NODE / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.skip("axe-core is not installed: make test-web")
    return path.read_text("utf-8")
