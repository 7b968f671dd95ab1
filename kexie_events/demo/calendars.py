"""Personal calendars of the demo city: a coach with two devices, a guardian, a judge."""

from datetime import datetime, timedelta

from ..core.access import Actor
from ..feeds import services
from ..feeds.choices import PLAIN, Alarm, Cancelled, Choice, Contents
from ..feeds.rules import PersonalPart
from .people import City

REGISTRATIONS, ENTRIES, JUDGING = PersonalPart.REGISTRATIONS, PersonalPart.ENTRIES, PersonalPart.JUDGING


def build(city: City, now: datetime) -> None:
    deadlines = Choice(Contents.DEADLINES, Cancelled.MARKED, Alarm.DAY)
    _add(city.coach, "我的手机", [REGISTRATIONS, ENTRIES], PLAIN, now - timedelta(days=40))
    _add(city.coach, "办公室电脑", [ENTRIES], deadlines, now - timedelta(days=12))
    _add(city.guardian, "全家共用的平板", [REGISTRATIONS], Choice(alarm=Alarm.DAY), now - timedelta(days=20))
    judge = Actor(account_id=city.judge_accounts[0].id)
    _add(judge, "手机日历", [JUDGING], deadlines, now - timedelta(days=5))


def _add(who: Actor, label: str, parts: list[PersonalPart], choice: Choice, at: datetime) -> None:
    assert who.account_id is not None
    services.subscribe(who.account_id, label, parts=parts, choice=choice, now=at)
