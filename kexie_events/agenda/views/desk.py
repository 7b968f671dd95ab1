"""The blueprint of the desk, and what several of its pages need."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field, SelectChoice

from ...core import dates, web
from ...core.access import Actor
from ...events import wording
from ...events.kinds import Capability, can
from ...events.models import Edition
from ...events.queries import manage as events
from .. import queries

bp = Blueprint("agenda_manage", __name__, url_prefix="/manage")

Tab = tuple[str, str, bool]


def tabs(edition: Edition, here: str) -> list[Tab]:
    """The pages of an edition's agenda, side by side."""
    pages = (
        ("board", _("日程")),
        ("proposals", _("分会场申报")),
        ("speakers", _("报告人")),
        ("checks", _("提醒")),
        ("releases", _("版本")),
        ("guests", _("嘉宾")),
    )
    return [(word, url_for(f".{name}", edition_id=edition.id), name == here) for name, word in pages]


def offer_rooms(field: Field, empty: str) -> None:
    """All rooms of ours; ``empty`` says what choosing none means."""
    rooms = [
        SelectChoice(
            str(room.id),
            wording.place_words(room.venue.name, room.name, "")
            + (_("（%(seats)s 座）", seats=room.seats) if room.seats else ""),
        )
        for room in events.rooms()
    ]
    field.choices = [SelectChoice("", empty), *rooms]


def chosen(field: Field) -> int | None:
    return int(field.data) if field.data else None


def instant(day: date, clock: time) -> datetime:
    return dates.at(day, clock, web.zone())


def midnight_after(day: date) -> datetime:
    return instant(day + timedelta(days=1), time())


def edition_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """The agenda in a few lines, for the edition's page on the desk."""
    if not can(edition.series.kind, Capability.AGENDA):
        return None
    page = render_template(
        "agenda/_panel.html", edition=edition, counts=queries.counted(edition.id),
        release=queries.has_release(edition.id),
    )  # fmt: skip
    return Markup(page)  # noqa: S704 -- a rendered template
