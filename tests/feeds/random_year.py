"""A year of an association as it might be: every shape of rule, days skipped, moved and cancelled, rules changed.

The same seed is the same year.
"""

from datetime import time, timedelta
from random import Random
from typing import Any

from kexie_events.core.errors import DomainError
from kexie_events.events.models import Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication, Status
from tests.build import DAY, HOUR, NOON, make_room

from .planning import add_date, add_point, cancel, dates, move, new_rule, publish, rename, restore, series, skip, terms

RULES = (
    "", "FREQ=DAILY;COUNT=20", "FREQ=WEEKLY;BYDAY=TH;COUNT=30", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20270131",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=20", "FREQ=MONTHLY;BYDAY=3FR;COUNT=18",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU;UNTIL=20280101", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=10",
    "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=15", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=15",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=12", "FREQ=MONTHLY;BYMONTH=3,9;BYDAY=2SA;COUNT=4",
    "FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=3", "FREQ=YEARLY;BYMONTHDAY=15;COUNT=14", "FREQ=YEARLY;COUNT=3",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1;COUNT=3",
    "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=3",
)  # fmt: skip


def plan_a_year(seed: int, *, series_count: int = len(RULES)) -> list[Series]:
    chance = Random(seed)
    planned = []
    for number in range(series_count):
        rule = RULES[number % len(RULES)]
        days = chance.random() < 0.3
        lasts: timedelta = chance.choice((1, 2)) * DAY if days else chance.choice((HOUR, 2 * HOUR, 26 * HOUR))
        starts = time(0) if days else time(chance.choice((0, 7, 9, 14, 19)), chance.choice((0, 30)))
        values: dict[str, Any] = {"room_id": make_room().id} if chance.random() < 0.3 and lasts < DAY else {}
        one = series(
            name=f"活动{number}", slug=f"series-{number}", rule=rule, starts=starts, duration=lasts, all_day=days,
            first_on=NOON.date() + timedelta(days=chance.randrange(-120, 60)),
            style=Style.ISSUE if chance.random() < 0.25 else Style.ORDINAL, first_number=1, **values,
        )  # fmt: skip
        planned.append(one)
        if chance.random() < 0.5:
            add_point(one, "申报截止", NOON + chance.randrange(-60, 90) * DAY, is_deadline=True)
        if chance.random() < 0.3:
            add_date(one, NOON + chance.randrange(1, 200) * DAY, title="分会场")
        for row in chance.sample(dates(one), min(2, len(dates(one)) - 1)):
            if row.pattern_id is not None and row.starts_at > NOON:
                skip(row)
        publish(one)
        for row in dates(one):
            if row.starts_at > NOON + 2 * DAY and chance.random() < 0.15:
                disturb(row, chance)
        if rule and chance.random() < 0.3:
            change(one, chance)
    return planned


def disturb(row: Occurrence, chance: Random) -> None:
    what = chance.choice(("move", "move", "day", "cancel", "cancel", "restore", "rename", "place"))
    if what == "move":
        move(row, row.starts_at + chance.choice((-25, -24, -1, 1, 24, 49)) * (DAY if row.all_day else HOUR))
    elif what == "day":
        move(row, row.starts_at + DAY, all_day=True, room_id=None)
    elif what == "place":
        move(row, row.starts_at, room_id=None, place="线上")
    elif what == "rename":
        rename(row, f"第{row.id}场", "换了题目")
    else:
        cancel(row)
        if what == "restore":
            restore(row)


def change(one: Series, chance: Random) -> None:
    """Half an hour later from some date on, or to an end there. What cannot be is left as it is."""
    ahead = [row for row in dates(one) if row.planned_at and row.planned_at > NOON + DAY and row.pattern_id]
    ahead = [row for row in ahead if row.publication is Publication.PUBLISHED and row.status is Status.SCHEDULED]
    if not ahead:
        return
    since = chance.choice(ahead).planned_at
    try:
        wanted = terms(one, since)
        later = time((wanted.starts.hour + 1) % 23, wanted.starts.minute)
        if wanted.all_day:
            new_rule(one, None, since, reason="不再办")
        else:
            new_rule(one, terms(one, since, starts=later), since, reason="推迟")
    except DomainError:
        return
