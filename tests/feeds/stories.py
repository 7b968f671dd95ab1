"""Stories of which the whole calendar is kept as text: what is done, and what everybody's calendar holds then.

A story yields the name of its text, the path of the calendar and the time at which it is published.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services
from kexie_events.events.models import Occurrence, Room, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Purpose
from kexie_events.feeds import services as services_of_feeds
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_account,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_round,
    make_rule_pack,
    make_series,
)

from .calendars import personal_path, register
from .planning import (
    add_date,
    add_point,
    at,
    cancel,
    dates,
    edition_of,
    move,
    new_rule,
    publish,
    rename,
    restore,
    series,
    skip,
    terms,
)

WEEK = 7 * DAY


@dataclass(frozen=True)
class Moment:
    """What is published when, and the text that says how it must be."""

    text: str
    now: datetime = NOON
    path: str = "all"


Story = Callable[[], Iterator[Moment]]


def nothing() -> Iterator[Moment]:
    yield Moment("nothing")


def one_afternoon() -> Iterator[Moment]:
    venue = Venue(name="重庆科技馆", address="江北城文星门街7号", latitude=29.567001234, longitude=106.573, revision=1)
    room = Room(name="报告厅", venue=venue)
    db.session.add(room)
    db.session.commit()
    salon = publish(series(room_id=room.id, name="“科创中国”科普沙龙"))
    (row,) = dates(salon)
    rename(row, "人工智能与我们", "面向公众，免费参加。\n请提前十分钟到场。", now=NOON - 7 * DAY)
    yield Moment("one_afternoon")
    move(dates(salon)[0], at(3, 27), now=NOON + HOUR)
    yield Moment("one_afternoon_moved", NOON + HOUR)
    cancel(dates(salon)[0], now=NOON + DAY)
    yield Moment("one_afternoon_cancelled", NOON + DAY)
    restore(dates(salon)[0], now=NOON + 2 * DAY)
    yield Moment("one_afternoon_restored", NOON + 2 * DAY)


def whole_days() -> Iterator[Moment]:
    day = publish(series(name="全国科普日", slug="day", first_on=date(2026, 9, 19), starts=time(0), duration=DAY,
                         all_day=True))  # fmt: skip
    month = series(name="科普月", slug="month", first_on=date(2026, 9, 1), starts=time(0), duration=30 * DAY,
                   all_day=True)  # fmt: skip
    publish(month)
    final = series(name="青少年科技创新大赛终评", slug="final", first_on=date(2026, 4, 17), starts=time(14),
                   duration=2 * DAY + 3 * HOUR)  # fmt: skip
    publish(final)
    assert len(dates(day)) == 1
    yield Moment("whole_days")


def points_of_a_timeline() -> Iterator[Moment]:
    contest = series(name="青少年科技创新大赛", slug="contest", first_on=date(2026, 4, 17), first_number=41)
    add_point(contest, "申报开始", at(3, 12, 9), code=Purpose.ENTRIES_OPEN.value)
    add_point(contest, "申报截止", at(3, 21, 0), code=Purpose.ENTRIES_CLOSE.value, is_deadline=True)
    add_point(contest, "网上评审", at(3, 23, 9), ends_at=at(4, 3, 17))
    add_point(contest, "问辩抽签", at(4, 10, 9), ends_at=at(4, 10, 11, 30))
    publish(contest)
    yield Moment("points_of_a_timeline")
    yield Moment("points_of_a_timeline_edition", path=f"editions/{edition_of(contest).id}")


def every_week() -> Iterator[Moment]:
    """Eight Thursday evenings: one skipped while it was planned, then one moved, then one cancelled."""
    salon = series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=8", first_on=date(2026, 3, 19), starts=time(19))
    skip(dates(salon)[2])
    publish(salon)
    yield Moment("every_week")
    second = dates(salon)[1]
    move(second, at(3, 27, 19), now=NOON + HOUR)
    yield Moment("every_week_moved", NOON + HOUR)
    cancel(dates(salon)[3], now=NOON + DAY)
    yield Moment("every_week_cancelled", NOON + DAY)
    # 23 April and thirty days: the cancelled one is no longer shown, the moved one still is.
    yield Moment("every_week_after_the_grace", at(5, 24, 0))


def from_a_date_on() -> Iterator[Moment]:
    """Thursday evenings become Saturday mornings from the fourth on; the one that was moved stays where it is."""
    salon = publish(series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=8", first_on=date(2026, 3, 19), starts=time(19)))
    move(dates(salon)[5], at(4, 25, 9), now=NOON + HOUR)
    yield Moment("from_a_date_on_before", NOON + HOUR)
    fourth = dates(salon)[3].planned_at
    assert fourth is not None
    wanted = terms(
        salon, fourth, now=NOON + DAY, rule="FREQ=WEEKLY;BYDAY=SA;COUNT=5", first_on=date(2026, 4, 11), starts=time(9)
    )
    new_rule(salon, wanted, fourth, reason="改在周末，方便学生", now=NOON + DAY)
    yield Moment("from_a_date_on", NOON + DAY)


def no_longer() -> Iterator[Moment]:
    """Nothing takes place from now on; then it is forgotten; another one had been published by mistake."""
    salon = publish(series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=5", first_on=date(2026, 3, 5), starts=time(19)))
    mistake = publish(series(name="草稿", slug="mistake"))
    yield Moment("no_longer_before", NOON - HOUR)
    new_rule(salon, None, reason="经费调整，本季到此为止")
    yield Moment("no_longer")
    services.unpublish(edition_of(mistake).id, reason="误发", actor=SYSTEM, now=NOON + HOUR)
    yield Moment("no_longer_and_a_mistake_taken_back", NOON + HOUR)
    yield Moment("no_longer_after_the_grace", at(5, 3, 0))


def all_cancelled() -> Iterator[Moment]:
    """Every date of a rule is cancelled for the same reason, then one of them takes place after all."""
    salon = publish(series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=3", first_on=date(2026, 3, 19), starts=time(19)))
    for row in dates(salon):
        cancel(row, reason="场馆检修")
    yield Moment("all_cancelled")
    restore(dates(salon)[1], now=NOON + HOUR)
    yield Moment("all_cancelled_but_one", NOON + HOUR)


def another_place() -> Iterator[Moment]:
    """Four evenings in one house, one of them moved to another: each house has its dates, the rest has the rule."""
    for name in ("重庆科技馆", "重庆图书馆"):
        venue = Venue(name=name, revision=1)
        db.session.add(venue)
        db.session.flush()
        db.session.add(Room(venue_id=venue.id, name="报告厅"))
    db.session.commit()
    salon = publish(series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=4", first_on=date(2026, 3, 19), starts=time(19), room_id=1))
    move(dates(salon)[2], at(4, 2, 19), room_id=2)
    yield Moment("another_place")
    yield Moment("another_place_left", path="venues/1")
    yield Moment("another_place_entered", path="venues/2")


def one_person() -> Iterator[Moment]:
    """A seat at one date of a rule, which is moved; the timeline of one's work; until when one judges."""
    salon = publish(series(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=4", first_on=date(2026, 3, 19), starts=time(19)))
    contest = series(name="青少年科技创新大赛", slug="contest", first_on=date(2026, 4, 17), first_number=41)
    add_point(contest, "申报截止", at(3, 21, 0), code=Purpose.ENTRIES_CLOSE.value, is_deadline=True)
    publish(contest)
    account = make_account()
    register(account, dates(salon)[1])
    make_entry(edition=edition_of(contest), account_id=account.id)
    edition = make_edition(series=make_series(slug="prize", name="科技创新市长奖"), number=13)
    make_rule_pack(edition)
    judge = make_judge(make_round(edition=edition, name="初评", closes_at=at(3, 25, 17)), account=account)
    make_assignment(judge, make_entry(edition=edition))
    token = services_of_feeds.subscribe(account.id, "手机", now=NOON)
    yield Moment("one_person", path=personal_path(token))
    move(dates(salon)[1], at(3, 28, 10), now=NOON + HOUR)
    yield Moment("one_person_moved", NOON + HOUR, personal_path(token))


def numbered_issues() -> Iterator[Moment]:
    """A forum every second month counts issues, each with a theme and a page of its own."""
    forum = series(
        name="双月论坛", slug="forum", rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4", first_on=date(2026, 3, 1),
        style=Style.ISSUE, first_number=1, duration=3 * HOUR,
    )  # fmt: skip
    publish(forum)
    cancel(dates(forum)[2])
    yield Moment("numbered_issues")


def every_kind_of_rule() -> Iterator[Moment]:
    """Rules that clients read alike, and rules that they do not; whole weekends; a day of the Chinese calendar."""
    rules = {
        "weekend": "FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=2",
        "last-day": "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4",
        "thirtieth-or-last": "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=4",
        "mid-autumn": "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=2",
        "until": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20260430",
    }
    for slug, rule in rules.items():
        days = slug == "weekend"
        publish(series(
            name=f"活动{slug}", slug=slug, rule=rule, first_on=date(2026, 3, 16), starts=time(0 if days else 9),
            duration=2 * DAY if days else HOUR, all_day=days,
        ))  # fmt: skip
    yield Moment("every_kind_of_rule")


def as_many_as_there_may_be() -> Iterator[Moment]:
    publish(series(rule="FREQ=DAILY;COUNT=400", first_on=date(2026, 3, 16), starts=time(9), duration=HOUR))
    yield Moment("as_many_as_there_may_be")


# What people type, and what programs paste.
HOSTILE = (
    "一行\r二行\r\n三行\n四行\x00\x0b五\x85六\u2028七\u2029八\x1b[31m\u202e逗,分;号:“引”\"q\" 反\\斜\\N "
    "BEGIN:VALARM\r\nATTACH:x 👩\u200d🔬🎈"
)  # fmt: skip


def every_text() -> Iterator[Moment]:
    """Control characters, 200 characters, emoji, an address that is a script, 100 kB; years that no calendar shows."""
    odd = series(name=HOSTILE[:60], slug="odd", place=HOSTILE)
    long = add_date(odd, at(3, 21), title="长" * 120, place="址" * 200)
    emoji = add_date(odd, at(3, 22), title="👩\u200d🔬" * 30, place="javascript:alert(1)")
    publish(odd)
    first = dates(odd)[0]
    rename(first, HOSTILE, HOSTILE)
    rename(long, "长" * 120, "述" * 33_000)
    rename(emoji, "👩\u200d🔬" * 30, "javascript:alert(1)\n" + "\\" * 200)
    cancel(first, reason=HOSTILE)
    for year in (1900, 2200):
        publish(series(name=f"{year}年", slug=f"year-{year}", first_on=date(year, 3, 20), year=year))
    # No service takes such a year; a row that has it all the same stops nothing.
    far = datetime(9999, 12, 31, 15, tzinfo=UTC)
    row = db.session.get(Occurrence, emoji.id)
    assert row is not None
    values = {"edition_id": row.edition_id, "series_id": row.series_id, "unit_id": row.unit_id, "changed_at": NOON}
    db.session.add(Occurrence(starts_at=far, ends_at=far + HOUR, publication=row.publication, **values))
    db.session.commit()
    yield Moment("every_text")


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        nothing, one_afternoon, whole_days, points_of_a_timeline, every_week, from_a_date_on, no_longer, all_cancelled,
        another_place, one_person, numbered_issues, every_kind_of_rule, as_many_as_there_may_be, every_text,
    )
}  # fmt: skip
SINCE, UNTIL = NOON - 100 * DAY, NOON + timedelta(days=730)
