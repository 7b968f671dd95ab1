"""One page for the readers that are written in JavaScript."""

from typing import TYPE_CHECKING

import pytest

from .readers import IcalJs

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def ical_js(browser: "Browser") -> IcalJs:
    return IcalJs(browser.new_page())
