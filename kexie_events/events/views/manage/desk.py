"""The blueprint, and what several of its pages need: choices, instants from form fields, the door to a thing."""

from datetime import date, datetime, time
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from wtforms import Field, SelectChoice

from ....core import access, dates, web
from ....core.access import Action
from ....units.queries import units_for
from ...models import Edition, Milestone, Occurrence, Room, Series
from ...queries import manage as queries
from ...services.standing import place_of

bp = Blueprint("manage", __name__, url_prefix="/manage")


def offer_rooms(field: Field) -> None:
    """All rooms of ours; the empty choice is a place in words."""
    field.choices = [
        SelectChoice("", _("不用我们的场地")),
        *(SelectChoice(str(room.id), room_words(room)) for room in queries.rooms()),
    ]


def room_words(room: Room) -> str:
    seats = _("（%(seats)s 座）", seats=room.seats) if room.seats else ""
    return f"{room.venue.name} {room.name}{seats}"


def offer_units(field: Field, *, own: tuple[int, str] | None = None) -> None:
    """The units in force that the actor plans for; ``own`` stands first: who runs it unless another is chosen."""
    units = units_for(web.actor(), Action.PLAN, web.today())
    first = [(own[0], own[1])] if own is not None else []
    others = [(unit.id, unit.name) for unit in units if own is None or unit.id != own[0]]
    field.choices = [SelectChoice(str(id), name) for id, name in first + others]


def instant(day: date, clock: time) -> datetime:
    return dates.at(day, clock, web.zone())


def span_of(form: Any) -> tuple[datetime, datetime]:
    """Start and end as they were typed; the end is on the first day when no other is given."""
    last_on = form.ends_on.data or form.starts_on.data
    return instant(form.starts_on.data, form.starts.data), instant(last_on, form.ends.data)


def fill_span(form: Any, starts_at: datetime, ends_at: datetime) -> None:
    start, end = web.local(starts_at), web.local(ends_at)
    form.starts_on.data, form.starts.data = start.date(), start.time()
    form.ends_on.data = None if end.date() == start.date() else end.date()
    form.ends.data = end.time()


def may(action: Action, row: Series | Edition | Occurrence | Milestone) -> bool:
    return access.allows(web.actor(), action, place_of(row))


def name_of(edition: Edition) -> str:
    """The edition's own theme, else the name of its series."""
    return edition.title or edition.series.name


def where(row: Occurrence) -> str:
    """Room and words; "" when neither is known."""
    room = f"{row.room.venue.name} {row.room.name}" if row.room else ""
    return str(_("，")).join(part for part in (room, row.place) if part)
