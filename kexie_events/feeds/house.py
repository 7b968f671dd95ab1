"""What every calendar of this installation is made with."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import current_app

from ..core.installation import installation
from .shelf import Shelf

FORMAT = "3"  # raise it when rendering changes: every block is then made again


@dataclass(frozen=True)
class House:
    """The words and the zone of every calendar, and the shelf that it is served from."""

    base_url: str
    organization: str
    zone: ZoneInfo
    shelf: Shelf

    @property
    def version(self) -> str:
        """Part of every fingerprint: another address or zone makes everything again."""
        return "|".join((FORMAT, self.base_url, self.organization, self.zone.key))


def house() -> House:
    """That of the running application."""
    parts = installation()
    if "kexie_feed_shelf" not in current_app.extensions:
        current_app.extensions["kexie_feed_shelf"] = Shelf(parts.settings.redis_url)
    shelf = current_app.extensions["kexie_feed_shelf"]
    return House(parts.settings.base_url, parts.settings.organization, parts.zone, shelf)
