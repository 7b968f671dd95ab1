"""What forms of every room show of what is planned: our rooms to choose from, and from when to when."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectChoice

from ..core import web
from . import wording
from .models import Room
from .queries.manage import rooms


def offer_rooms(field: Field, none: str = "") -> None:
    """All rooms of ours. ``none`` says what choosing none means; without it, a place in words."""
    field.choices = [
        SelectChoice("", none or _("不用我们的场地")),
        *(SelectChoice(str(room.id), room_words(room)) for room in rooms()),
    ]


def room_words(room: Room) -> str:
    seats = _("（%(seats)s 座）", seats=room.seats) if room.seats else ""
    return wording.place_words(room.venue.name, room.name, "") + seats


def fill_span(form: Any, starts_at: datetime, ends_at: datetime, *, all_day: bool = False) -> None:
    """The fields ``starts_on``, ``starts``, ``ends_on``, ``ends``; of whole days no clocks, of one day no last one."""
    first, last = wording.said_at(starts_at, ends_at, all_day, web.zone())
    days = [value.date() if isinstance(value, datetime) else value for value in (first, last)]
    form.starts_on.data = days[0]
    form.ends_on.data = None if days[1] == days[0] else days[1]
    form.starts.data = first.time() if isinstance(first, datetime) else None
    form.ends.data = last.time() if isinstance(last, datetime) else None
