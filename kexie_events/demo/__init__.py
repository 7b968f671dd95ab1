"""The demo city: one believable 科协 with its year, built by the same services that people use.

Dates are relative to the day it is loaded. Used by ``make run`` on an empty database, by screenshots and journeys.
"""

from datetime import datetime

from sqlalchemy import exists, select

from ..accounts.models import Account
from ..core import installation
from ..core.db import db, transaction
from ..events.models import Edition, Series
from ..units.models import Unit

PASSWORD = "kexie-demo"  # noqa: S105 -- printed at start, for the demo alone
ACCOUNTS = (
    ("admin@demo", "系统管理员"),
    ("organizer@demo", "市科协组织者"),
    ("district@demo", "渝中区科协组织者"),
    ("school@demo", "学校组织者"),
    ("coach@demo", "科技辅导员"),
    ("judge@demo", "评委"),
    ("guardian@demo", "监护人"),
    ("participant@demo", "参与者"),
)


def is_empty() -> bool:
    """Whether the database holds nothing yet."""
    return not db.session.scalar(select(exists().where(Unit.id > 0)))


def is_loaded() -> bool:
    """Whether the demo accounts are there: then everybody may know their password."""
    return bool(db.session.scalar(select(exists().where(Account.identifier == ACCOUNTS[0][0]))))


def lectures() -> Edition | None:
    """The edition of the lecture tour; None when the city is not loaded."""
    query = select(Edition).join(Series).where(Series.slug == "campus-lectures").order_by(Edition.id.desc()).limit(1)
    return db.session.scalar(query)


def load(now: datetime) -> None:
    """Build the city, whole or not at all: half of one would not be empty at the next start. About ten seconds."""
    from . import activities, calendars, conference, contest, days, lists, museum, people

    zone = installation.zone()
    with transaction():
        city = people.build(now)
        days.build(installation.local(now).date(), now)
        activities.build(city, now, zone)
        conference.build(city, now, zone)
        museum.build(city, now, zone)
        contest.build(city, now, zone)
        lists.build(city, now, zone)
        calendars.build(city, now)
