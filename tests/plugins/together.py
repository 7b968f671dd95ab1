"""Tests that share something dear, a running house or a browser, run in one process, one after the other; all others
wherever there is room. By folder: pytest-xdist's own marks do nothing under pytest 9.2, which keeps node ids elsewhere.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/journeys/", "tests/feeds/clients/")


def group_of(nodeid: str) -> str:
    """What runs in one process has one name; what runs alone has its own."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


class Together(LoadScopeScheduling):
    """A scheduler whose groups are the folders above."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)
