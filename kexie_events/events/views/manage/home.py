"""今日: what waits for somebody, what comes, what changed, and the year of editions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ....core import web
from ....core.web import Who, access_mark
from ... import numbering, year
from ...models import Edition, Milestone, Occurrence
from ...numbering import Style
from ...queries import manage as queries
from ...queries.manage import ToDo
from .desk import bp

SOON = timedelta(days=14)
MOST_LANES = 12


@dataclass(frozen=True)
class Task:
    """One line of the to-do list."""

    count: int
    what: str
    where: str
    due_at: datetime | None
    href: str
    urgent: bool


@dataclass(frozen=True)
class Lane:
    """One series in the picture of the year."""

    name: str
    edition: str
    rings: int
    next: str
    href: str
    marks: list[year.Mark]


@bp.get("")
@access_mark(Who.ORGANIZER)
def home() -> ResponseReturnValue:
    """What needs me today; computed from the data, nobody writes it."""
    actor, now = web.actor(), web.arrived_at()
    tasks = [
        *_tasks(queries.waiting_for_approval(actor, now), _("待备案")),
        *_tasks(queries.waiting_for_publication(actor, now), _("待发布")),
        *_tasks(queries.waiting_additions(actor, now), _("新增场次待发布")),
    ]
    tasks.sort(key=lambda task: task.due_at or now)
    coming = queries.coming(actor, now, now + SOON)
    today = [row for row in coming if web.local(row.starts_at).date() <= web.today()]
    return render_template(
        "manage/home.html", tasks=tasks, coming=coming, busy_today=len(today),
        changed=queries.changed_lately(actor, now - SOON), lanes=_lanes(),
        now_x=year.share(web.today(), web.today().year),
    )  # fmt: skip


def _tasks(waiting: list[ToDo], what: str) -> list[Task]:
    soon = web.arrived_at() + SOON
    return [
        Task(
            todo.count,
            what,
            todo.series_name,
            todo.due_at,
            url_for(".edition", edition_id=todo.edition_id)
            if todo.count == 1
            else url_for(".series", series_id=todo.series_id),
            todo.due_at is not None and todo.due_at < soon,
        )
        for todo in waiting
    ]


def _lanes() -> list[Lane]:
    """The series with dates this year, the one that comes next first; ``MOST_LANES`` of them."""
    this = web.today().year
    start = web.local(web.arrived_at()).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    occurrences, points = queries.dates_between(web.actor(), start, start.replace(year=this + 1))
    by_series: dict[int, list[Occurrence]] = {}
    for row in occurrences:
        by_series.setdefault(row.series_id, []).append(row)
    held = queries.editions_held(list(by_series))
    lanes = [
        (_next_at(rows), _lane(rows, [point for point in points if point.series_id == series_id], held[series_id]))
        for series_id, rows in by_series.items()
    ]
    far = datetime.max.replace(tzinfo=start.tzinfo)
    lanes.sort(key=lambda pair: (pair[0] or far, pair[1].name))
    return [lane for _at, lane in lanes[:MOST_LANES]]


def _next_at(rows: Sequence[Occurrence]) -> datetime | None:
    return next((row.starts_at for row in rows if row.ends_at > web.arrived_at()), None)


def _lane(rows: Sequence[Occurrence], points: Sequence[Milestone], held: int) -> Lane:
    upcoming = next((row for row in rows if row.ends_at > web.arrived_at()), None)
    current = upcoming or rows[-1]
    return Lane(
        name=current.series.name,
        edition=_counted(current.edition, len({row.edition_id for row in rows})),
        rings=numbering.rings(current.edition.numbered, held),
        next=_("下一场 %(day)s", day=web.day_words(upcoming.starts_at)) if upcoming else "",
        href=url_for(".series", series_id=current.series_id),
        marks=_marks(rows, points),
    )


def _counted(edition: Edition, issues: int) -> str:
    if edition.style is Style.ISSUE:
        return str(ngettext("%(num)s 期", "%(num)s 期", issues))
    return edition.number_words


def _marks(rows: Sequence[Occurrence], points: Sequence[Milestone]) -> list[year.Mark]:
    when: dict[str, Any] = {"year": web.today().year, "today": web.today()}
    issues = [row for row in rows if row.edition.style is Style.ISSUE]
    others = [row for row in rows if row.edition.style is not Style.ISSUE]
    days = [(web.local(row.starts_at).date(), web.local(row.ends_at).date()) for row in others]
    return year.lane(
        [
            *(
                year.issue(
                    row.edition.number,
                    web.local(row.starts_at).date(),
                    web.local(row.planned_at).date() if row.planned_at else None,
                    **when,
                )
                for row in issues
            ),
            *year.spans(days, **when),
            *(
                year.milestone(row.name, web.local(row.starts_at).date(), web.local(row.ends_at).date(), **when)
                for row in points
            ),
        ]
    )
