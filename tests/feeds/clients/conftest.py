"""One browser for the readers that are written in JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from .readers import IcalJs


@pytest.fixture(scope="session")
def ical_js() -> Iterator[IcalJs]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield IcalJs(browser.new_page())
        browser.close()
