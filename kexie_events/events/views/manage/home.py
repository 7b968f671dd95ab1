"""今日: what waits for somebody, what comes, what changed, and the year of editions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ....core import web
from ....core.web import Who, access_mark
from ... import numbering, wording, year
from ...hosting import queries as host_queries
from ...models import Edition, Milestone, Series
from ...numbering import Numbered, Style
from ...panels import WAITING
from ...queries import manage as queries
from ...queries.manage import DayHeld, ToDo
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
    requests = queries.waiting_requests(actor, now)
    waiting = [
        (_("待备案"), queries.waiting_for_approval(actor, now)),
        (_("待发布"), queries.waiting_for_publication(actor, now)),
        (_("新增场次待发布"), queries.waiting_additions(actor, now)),
    ]
    days = _days_of_the_year()
    series_ids = {todo.series_id for _what, todos in waiting for todo in todos} | {row.series_id for row in days[0]}
    own = queries.series_planned(actor, series_ids)
    tasks = [
        *(_request(todo) for todo in requests),
        *_swap_tasks(),
        *_tasks_above(),
        *(task for what, todos in waiting for task in _tasks(todos, what, own)),
    ]
    tasks.sort(key=lambda task: task.due_at or now)
    coming = queries.coming(actor, now, now + SOON)
    today = [row for row in coming if web.local(row.starts_at).date() <= web.today()]
    return render_template(
        "manage/home.html", tasks=tasks, hosted=host_queries.hosted_by(actor, now, web.today()),
        edition_words=_edition_words, coming=coming, busy_today=len(today),
        changed=queries.changed_lately(actor, now - SOON), lanes=_lanes(*days, own),
        now_x=year.share(web.today(), web.today().year),
    )  # fmt: skip


def _edition_words(edition: Edition, series: Series) -> str:
    return wording.edition_name(edition.numbered, series.name)


def _request(todo: ToDo) -> Task:
    """A request for approval that waits for us."""
    href = url_for(".edition_approval", edition_id=todo.edition_id)
    urgent = todo.due_at is not None and todo.due_at < web.arrived_at() + SOON
    return Task(1, _("备案申请"), todo.series_name, todo.due_at, href, urgent)


def _tasks(waiting: list[ToDo], what: str, own: set[int]) -> list[Task]:
    """``own``: the series that the actor plans; of another there is only the page of the edition that it runs."""
    soon = web.arrived_at() + SOON
    return [
        Task(
            todo.count,
            what,
            todo.series_name,
            todo.due_at,
            url_for(".edition", edition_id=todo.edition_id)
            if todo.count == 1 or todo.series_id not in own
            else url_for(".series", series_id=todo.series_id),
            todo.due_at is not None and todo.due_at < soon,
        )
        for todo in waiting
    ]


def _tasks_above() -> list[Task]:
    """What waits in higher rooms: proposals to decide, activities to check."""
    now = web.arrived_at()
    return [
        Task(each.count, each.what, each.where, each.due_at, each.href, bool(each.due_at and each.due_at < now + SOON))
        for ask in WAITING
        for each in ask(web.actor(), now, None)
    ]


def _swap_tasks() -> list[Task]:
    """Exchanges that somebody asks of us."""
    return [
        Task(
            1,
            _("对调申请"),
            _(
                "%(unit)s想用%(theirs)s换%(ours)s",
                unit=swap.first_unit,
                theirs=swap.first_words,
                ours=swap.second_words,
            ),
            None,
            url_for(".host_swap", swap_id=swap.id),
            False,
        )
        for swap in host_queries.asked_of(web.actor())
    ]


def _days_of_the_year() -> tuple[list[DayHeld], Sequence[Milestone]]:
    start = web.local(web.arrived_at()).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(year=web.today().year + 1)
    return queries.days_of_lanes(web.actor(), web.arrived_at(), start, end, web.zone(), lanes=MOST_LANES)


def _lanes(days: list[DayHeld], points: Sequence[Milestone], own: set[int]) -> list[Lane]:
    """One for each series, the one that comes next first."""
    by_series: dict[int, list[DayHeld]] = {}
    for day in days:
        by_series.setdefault(day.series_id, []).append(day)
    held = queries.editions_held(list(by_series))
    lanes = [
        (_next_at(rows), _lane(rows, [p for p in points if p.series_id == id], held[id], opens_series=id in own))
        for id, rows in by_series.items()
    ]
    far = datetime.max.replace(tzinfo=UTC)
    lanes.sort(key=lambda pair: (pair[0] or far, pair[1].name))
    return [lane for _at, lane in lanes]


def _next_at(rows: Sequence[DayHeld]) -> datetime | None:
    return next((row.starts_at for row in rows if row.ends_at > web.arrived_at()), None)


def _lane(rows: Sequence[DayHeld], points: Sequence[Milestone], held: int, *, opens_series: bool) -> Lane:
    upcoming = next((row for row in rows if row.ends_at > web.arrived_at()), None)
    current = upcoming or rows[-1]
    return Lane(
        name=current.series_name,
        edition=_counted(current.numbered, len({row.edition_id for row in rows})),
        rings=numbering.rings(current.numbered, held),
        next=_("下一场 %(day)s", day=web.day_words(upcoming.starts_at)) if upcoming else "",
        href=_place_of(current, opens_series),
        marks=_marks(rows, points),
    )


def _place_of(day: DayHeld, opens_series: bool) -> str:
    """The desk's page of the series or the edition where the reader plans it, else the public one."""
    if opens_series:
        return url_for(".series", series_id=day.series_id)
    return url_for(".edition" if day.is_own else "events.edition", edition_id=day.edition_id)


def _counted(numbered: Numbered, issues: int) -> str:
    if numbered.style is Style.ISSUE:
        return str(ngettext("%(num)s 期", "%(num)s 期", issues))
    return numbering.words(numbered)


def _marks(rows: Sequence[DayHeld], points: Sequence[Milestone]) -> list[year.Mark]:
    when: dict[str, Any] = {"year": web.today().year, "today": web.today()}
    issues = [row for row in rows if row.numbered.style is Style.ISSUE]
    others = [row for row in rows if row.numbered.style is not Style.ISSUE]
    days = [(web.local(row.starts_at).date(), web.local(row.ends_at).date()) for row in others]
    return year.lane(
        [
            *(
                year.issue(
                    row.numbered.number,
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
