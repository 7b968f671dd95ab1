"""The blueprint, and what several of its pages need: choices, instants from form fields, the door to a thing."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from wtforms import Field, SelectChoice

from ....core import access, web
from ....core.access import Action
from ....core.errors import RuleBroken
from ....core.text import one_line
from ....units.queries import units_for
from ... import numbering, rules, wording
from ...hosting.queries import circle, next_host
from ...models import Edition, Milestone, Occurrence, Series
from ...numbering import Numbered
from ...patterns.repeating import Repeat, text_of
from ...patterns.rules import Terms
from ...queries.places import place_of

bp = Blueprint("manage", __name__, url_prefix="/manage")


def offer_units(field: Field, *, own: tuple[int, str] | None = None) -> None:
    """The units in force that the actor plans for; ``own`` stands first: who runs it unless another is chosen."""
    units = units_for(web.actor(), Action.PLAN, web.today())
    first = [(own[0], own[1])] if own is not None else []
    others = [(unit.id, unit.name) for unit in units if own is None or unit.id != own[0]]
    field.choices = [SelectChoice(str(id), name) for id, name in first + others]


def offer_hosts(field: Field, series: Series, own: tuple[int, str] | None = None) -> None:
    """The units that take turns, marked whose turn it is; then the series' own unit and those that the actor plans for.

    ``own``: who runs it already, and stays chosen; without it, whoever is next stands at the top.
    """
    turn = next_host(series.id, today=web.today(), zone=web.zone())
    listed = sorted(circle(series.id).listed, key=lambda each: own is None and each.member.unit_id != turn)
    offer_units(field, own=own or (series.unit_id, series.unit.name))
    names = {str(each.member.unit_id): each.name for each in listed}
    if not names:
        return
    turns = [
        SelectChoice(id, _("%(unit)s（轮到）", unit=name) if id == str(turn) else name) for id, name in names.items()
    ]
    field.choices = [*turns, *(each for each in field.choices if each.value not in names)]


def numbered_of(form: Any, before: Numbered | None = None) -> Numbered:
    """The number as it was typed; the year of the form counts where the number names none.

    ``before``: what stood there. Words that were not touched change nothing: 首届 does not tell how 第2届 is written.
    Raises: RuleBroken("edition.unreadable").
    """
    read = numbering.parse(form.number.data)
    if before is not None and numbering.words(replace(before, year=read.year or before.year)) == numbering.words(read):
        read = replace(before, year=read.year)
    return read if read.year is not None else replace(read, year=form.year.data)


def typed_span(form: Any) -> tuple[datetime, datetime]:
    """Start and end as they were typed; the end is on the first day when no other is given. Without times: from the
    midnight before to the midnight after."""
    last_on = form.ends_on.data or form.starts_on.data
    if form.all_day:
        return web.instant(form.starts_on.data), web.midnight_after(last_on)
    return web.instant(form.starts_on.data, form.starts.data), web.instant(last_on, form.ends.data)


def terms_of(form: Any) -> Terms:
    """What was filled in as a pattern (``forms.PatternMixin``). Raises: RuleBroken."""
    day = form.first_on.data
    rules.check_day(day)
    starts, length = form.starts.data or time(), timedelta(days=form.lasts_days.data or 1)
    if form.chosen.repeat is Repeat.YEAR_WEEKEND:
        length = max(length, timedelta(days=2))
    if not form.all_day:
        length += web.instant(day, form.ends.data) - web.instant(day, starts) - timedelta(days=1)
    if length <= timedelta(0):
        starts_at = web.instant(day, starts)
        raise RuleBroken("event.ends_before_start", starts_at=starts_at, ends_at=starts_at + length)
    registration = form.registration.data
    return Terms(
        rule=text_of(form.chosen),
        first_on=day,
        starts=starts,
        duration=length,
        all_day=form.all_day,
        room_id=form.room,
        place=one_line(form.place.data),
        capacity=form.capacity.data if registration else None,
        opens_before=timedelta(days=form.opens_days.data or 30) if registration else None,
        closes_before=timedelta(days=form.closes_days.data or 0) if registration else timedelta(0),
    )


def show_terms(form: Any, terms: Terms) -> None:
    """The fields as they are for terms, besides what was chosen as repetition."""
    first = web.instant(terms.first_on, terms.starts)
    last = first + terms.duration
    form.first_on.data = terms.first_on
    form.lasts_days.data = (wording.last_day(web.local(first), web.local(last)) - terms.first_on).days + 1
    form.starts.data, form.ends.data = (None, None) if terms.all_day else (terms.starts, web.local(last).time())
    form.room_id.data, form.place.data = str(terms.room_id or ""), terms.place
    form.registration.data, form.capacity.data = terms.opens_before is not None, terms.capacity
    if terms.opens_before is not None:
        form.opens_days.data, form.closes_days.data = terms.opens_before.days, terms.closes_before.days


def may(action: Action, row: Series | Edition | Occurrence | Milestone) -> bool:
    return access.allows(web.actor(), action, place_of(row))
