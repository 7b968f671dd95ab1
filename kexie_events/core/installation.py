"""This installation: settings, zone, words and files, as ``create_app`` put them together. For every room."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import get_locale

from config import Settings

from .access import Actor
from .storage import Storage


@dataclass(frozen=True)
class Installation:
    """What the ground floor needs from above it: filled in once, so that core imports nothing of the domain."""

    settings: Settings
    zone: ZoneInfo
    load_actor: Callable[[], Actor]
    sentences: Mapping[str, Any]
    labels: Mapping[Any, Any]
    storage: Storage
    said: dict[tuple[str, enum.Enum], str] = field(default_factory=dict)  # labels by language, as they are asked for


def installation() -> Installation:
    return cast(Installation, current_app.extensions["kexie"])


def settings() -> Settings:
    return installation().settings


def zone() -> ZoneInfo:
    """The zone in which every civil date is read."""
    return installation().zone


def local(value: datetime) -> datetime:
    """The instant on the wall clock of KEXIE_TZ."""
    return value.astimezone(zone())


def external(path: str) -> str:
    """An absolute address from KEXIE_BASE_URL, never from the Host header."""
    return f"{settings().base_url}{path}"


def feed_address(path: str) -> str:
    """The absolute address of a calendar: "all", "series/forum", "p/" and a token."""
    return external(f"/feeds/{quote(path)}.ics")


def label(member: enum.Enum) -> str:
    """The word for an enum member, in the reader's language."""
    here, locale = installation(), get_locale()
    if locale is None:
        return str(here.labels[member])
    found = here.said.get((locale.language, member))
    if found is None:
        found = here.said[locale.language, member] = str(here.labels[member])
    return found
