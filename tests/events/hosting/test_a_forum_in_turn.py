"""A forum whole: “every second month, third Friday, 14:00”, hosts in turn, one issue moved, exchanges, a later hour."""

from collections import Counter
from datetime import date, datetime, time
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services
from kexie_events.events.hosting import queries as hosts
from kexie_events.events.hosting import services as hosting
from kexie_events.events.hosting.rules import Exchange
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.patterns import queries as patterns
from kexie_events.events.patterns.revising import Fate
from kexie_events.events.patterns.rules import Own, Terms
from kexie_events.events.patterns.services import change_rule
from kexie_events.events.plans import Plan, Sitting
from tests.build import HOUR, make_unit

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 12, tzinfo=BEIJING)
MOVED_TO = datetime(2027, 5, 14, 14, tzinfo=BEIJING)  # the third issue: its own Friday is in a holiday week
RULE = "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR"
BY = {"actor": SYSTEM, "now": NOW, "zone": BEIJING}


def issues(series: Series) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.series_id == series.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query.order_by(Occurrence.planned_at)))


def clocks(series: Series) -> list[str]:
    return [f"{row.starts_at.astimezone(BEIJING):%m-%d %H:%M}" for row in issues(series)]


def turns(series: Series) -> list[int]:
    """Who runs each issue, in the order of their dates."""
    return [issue.unit_id for issue in sorted(hosts.issues(series.id), key=lambda issue: issue.on(BEIJING))]


@pytest.fixture
def forum(app: Flask) -> Series:
    city = make_unit(name="重庆市科协")
    plan = Plan(
        name="双月论坛", slug="forum", kind=Kind.FORUM_SERIES, unit_id=city.id, first_on=date(2027, 1, 1),
        starts=time(14), rule=f"{RULE};COUNT=6", duration=3 * HOUR, style=Style.ISSUE, first_number=1, year=2027,
    )  # fmt: skip
    series = services.schedule(plan, **BY)
    for name in "甲乙丙丁":
        hosting.join_rotation(series.id, make_unit(parent=city, name=f"{name}区科协").id, **BY)
    hosting.give_out_turns(series.id, hosts.turns_due(series.id, hosts.issues(series.id), now=NOW, zone=BEIJING), **BY)
    third = issues(series)[2]
    services.move(
        third.id, Sitting(MOVED_TO, MOVED_TO + 3 * HOUR), reason="放假", expected_revision=third.revision, **BY
    )
    return series


def change(series: Series, **terms: object) -> list[tuple[Fate, str]]:
    """Preview a change of what is to come, save exactly that; what the preview said of each date."""
    wanted = Terms(**{"first_on": date(2027, 1, 1), "starts": time(14), "duration": 3 * HOUR, **terms})  # type: ignore[arg-type]
    db.session.refresh(series)
    seen = patterns.revised(series.id, wanted, since=None, now=NOW, zone=BEIJING)
    change_rule(
        series.id, wanted, since=None, reason="", expected_revision=series.revision, seen=seen.digest, **BY
    )  # fmt: skip
    return [(one.fate, f"{one.after.starts_at.astimezone(BEIJING):%m-%d %H:%M}") for one in seen.changes if one.after]


def swap(series: Series, first: int, second: int) -> None:
    one, other = (sorted(hosts.issues(series.id), key=lambda issue: issue.on(BEIJING))[n] for n in (first, second))
    hosting.swap_hosts(Exchange(one.id, other.id, one.unit_id, other.unit_id), reason="年会在同一周", **BY)


@pytest.mark.parametrize("swaps", [((0, 1), (2, 3)), ((0, 3), (0, 1)), ((4, 3), (5, 0)), ((2, 5), (1, 4))], ids=str)
def test_the_exception_stays_the_preview_was_exact_and_the_turns_are_fair_half_a_year_later(
    forum: Series, swaps: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    assert clocks(forum) == [
        "01-15 14:00", "03-19 14:00", "05-14 14:00", "07-16 14:00", "09-17 14:00", "11-19 14:00",
    ]  # fmt: skip
    uids, first_turns = [row.uid for row in issues(forum)], turns(forum)
    assert len(set(first_turns[:4])) == 4
    assert first_turns[4:] == first_turns[:2]

    # The series changes to three o'clock: five dates follow, the moved one stays where it was put.
    said = change(forum, rule=f"{RULE};COUNT=6", starts=time(15))
    assert said == [
        (Fate.RETIMED, "01-15 15:00"), (Fate.RETIMED, "03-19 15:00"), (Fate.KEPT_OWN, "05-14 14:00"),
        (Fate.RETIMED, "07-16 15:00"), (Fate.RETIMED, "09-17 15:00"), (Fate.RETIMED, "11-19 15:00"),
    ]  # fmt: skip
    assert clocks(forum) == [clock for _, clock in said]
    assert issues(forum)[2].own == {Own.TIME}
    assert ([row.uid for row in issues(forum)], turns(forum)) == (uids, first_turns)

    for first, second in swaps:
        swap(forum, first, second)
    assert Counter(turns(forum)) == Counter(first_turns)

    # Six more issues, half a year of them within the next year: whoever has had fewest comes first, swaps counted.
    change(forum, rule=f"{RULE};COUNT=12", starts=time(15))
    assert len(issues(forum)) == 12
    assert clocks(forum)[2] == "05-14 14:00"
    for held in range(6, 13):
        counted = Counter(turns(forum)[:held])
        assert all(abs(counted[one] - counted[other]) <= 1 for one, other in combinations(set(first_turns), 2)), held
    numbers = [db.session.get_one(Edition, row.edition_id).number_words for row in issues(forum)]
    assert numbers == [
        "2027年首期", *(f"2027年第{n}期" for n in range(2, 7)), "2028年首期", *(f"2028年第{n}期" for n in range(2, 7)),
    ]  # fmt: skip
