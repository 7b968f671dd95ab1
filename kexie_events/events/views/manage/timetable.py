"""The dates of a draft edition on one page, beside those that they come from; what to think twice about stands at each.

Shifting by another rule and choosing another day only show what would be; nothing is saved before 保存.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import dates, web
from ....core.errors import Conflict, RuleBroken
from ....core.forms import blame
from ....core.versions import Version
from ....core.web import Who, access_mark
from ... import forms, services, shifting, wording
from ...forms import DatesForm, dates_form
from ...models import Edition, Milestone, Occurrence
from ...offering import fill_span
from ...queries import manage as queries
from ...queries.rooms import rooms_taken
from ...rules import Publication, Purpose
from ...services.cloning import MOST_COPIED
from ...services.dating import NewDate, key_of
from ...shifting import DatedThing, Shift, Shifting
from .beginning import rule_shift
from .desk import bp
from .marks import Mark, marks_of

MOST_DAYS_LOOKED_AT = 14  # of one date; a month of science days is looked at where it begins and ends
MOST_MONTHS = 4


@dataclass(frozen=True)
class DateLine:
    """One date of the page: what stands now, and what it comes from."""

    key: str
    name: str
    row: Occurrence | Milestone
    source: Occurrence | Milestone | None

    @property
    def all_day(self) -> bool:
        return isinstance(self.row, Occurrence) and self.row.all_day

    @property
    def place(self) -> str:
        return self.row.place_words if isinstance(self.row, Occurrence) else ""

    @property
    def before(self) -> tuple[date, date] | tuple[datetime, datetime] | None:
        if self.source is None:
            return None
        return wording.said_at(self.source.starts_at, self.source.ends_at, self.all_day, web.zone())

    @property
    def room_id(self) -> int | None:
        """The room that it has, or had in the edition that it was copied from."""
        if not isinstance(self.row, Occurrence):
            return None
        return self.row.room_id or (self.source.room_id if isinstance(self.source, Occurrence) else None)


@dataclass(frozen=True)
class Table:
    """The dates of an edition that are not public yet, in order, and what they come from."""

    edition: Edition
    source: Edition | None  # where whoever asks may see it
    lines: list[DateLine]

    @property
    def keys(self) -> list[str]:
        return [line.key for line in self.lines]

    @property
    def anchor(self) -> date | None:
        """The first day of the earlier edition: of what takes place, else of its milestones."""
        sources = [line.source for line in self.lines if line.source is not None]
        held = [source for source in sources if isinstance(source, Occurrence)] or sources
        first = min((source.starts_at for source in held), default=None)
        return None if first is None else web.local(first).date()

    @property
    def years(self) -> int:
        return 0 if self.source is None else self.edition.year - self.source.year


@bp.route("/editions/<id:edition_id>/dates", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_dates(edition_id: int) -> ResponseReturnValue:
    """The second of three pages."""
    table = table_of(queries.edition(web.actor(), edition_id))
    do = request.form.get("do", "")
    if request.method == "GET":
        return _page(table, as_they_stand(table))
    # What somebody has added since the page was opened is not on it, and stays as it is.
    table = replace(table, lines=[line for line in table.lines if f"{line.key}-starts_on" in request.form])
    form = dates_form(table.keys)
    _offer_shifts(form, table)
    if do == "shift":
        return _shifted(table, form)
    if not form.validate_on_submit():
        return _page(table, form, 422)
    if do.startswith("fix:"):
        return _page(table, _with_another_day(table, form, do.removeprefix("fix:")))
    return _save(table, form)


def table_of(found: Edition) -> Table:
    """Three queries, whatever the number of dates."""
    source = queries.model_of(found, web.actor())
    held = [
        DateLine(key_of(one.row), one.row.title or found.own_name, one.row, one.source if source else None)
        for one in queries.draft_occurrences(found.id, MOST_COPIED)
    ]
    points = [
        DateLine(key_of(one.row), one.row.name, one.row, one.source if source else None)
        for one in queries.draft_milestones(found)
    ]
    return Table(found, source, sorted(held + points, key=lambda line: (line.row.starts_at, line.key)))


# ---- the form


def as_they_stand(table: Table) -> DatesForm:
    """What stands now."""
    return _with_spans(table, {line.key: (line.row.starts_at, line.row.ends_at) for line in table.lines})


def _with_spans(table: Table, spans: Mapping[str, tuple[datetime, datetime]]) -> DatesForm:
    """A form that shows these dates; nothing is saved."""
    form = dates_form(table.keys, fresh=True)
    _offer_shifts(form, table)
    for line in table.lines:
        row = form.row(line.key).form
        starts_at, ends_at = spans[line.key]
        fill_span(row, starts_at, ends_at, all_day=line.all_day)
        if isinstance(line.row, Milestone) and starts_at == ends_at:
            row.ends.data = None
        row.revision.data = str(line.row.revision)
    return form


def _offer_shifts(form: DatesForm, table: Table) -> None:
    offered = [how for how in Shift if how is not Shift.RULE or _by_rule(table) is not None]
    form.how.choices = [SelectChoice(how.value, web.label(how)) for how in offered]
    form.how.data = form.how.data or offered[0].value


def _by_rule(table: Table) -> int | None:
    if table.source is None or table.anchor is None:
        return None
    return rule_shift(table.source, table.anchor, table.years)


def _shifted(table: Table, form: DatesForm) -> ResponseReturnValue:
    """All dates by another rule, from those of the earlier edition."""
    if table.anchor is None:
        return _page(table, as_they_stand(table))
    how = next((how for how in Shift if how.value == form.how.data), Shift.SAME_WEEK)
    days = form.days.data if how is Shift.DAYS else _by_rule(table) if how is Shift.RULE else 0
    try:
        if days is None:
            raise RuleBroken("clone.days_missing")
        by = Shifting(how, table.anchor, table.years, days)
        shifting.check(by)
        spans = {line.key: _span_from_source(line, by) for line in table.lines}
    except RuleBroken as broken:
        forms.refuse(form, broken)
        return _page(table, form, 422)
    shown = _with_spans(table, spans)
    shown.how.data, shown.days.data = how.value, form.days.data
    return _page(table, shown, shifted=True)


def _span_from_source(line: DateLine, by: Shifting) -> tuple[datetime, datetime]:
    if line.source is None:
        return line.row.starts_at, line.row.ends_at
    days = by.days_of(web.local(line.source.starts_at).date())
    return (
        shifting.moved(line.source.starts_at, days, web.zone()),
        shifting.moved(line.source.ends_at, days, web.zone()),
    )


def _with_another_day(table: Table, form: DatesForm, key: str) -> DatesForm:
    """The dates as typed, and one of them on the nearest day that nothing speaks against."""
    spans = _typed(form, table.lines)
    if key not in spans:
        return as_they_stand(table)
    day = web.local(spans[key][0]).date()
    around = [day + timedelta(days=n) for n in range(-21, 22)]
    other = shifting.free_day(day, {one: marks for one, marks in marks_of(around).items() if _clashing(marks)})
    if other is not None:
        by = (other - day).days
        spans[key] = shifting.moved(spans[key][0], by, web.zone()), shifting.moved(spans[key][1], by, web.zone())
    return _with_spans(table, spans)


def _typed(form: DatesForm, lines: Sequence[DateLine]) -> dict[str, tuple[datetime, datetime]]:
    """The spans that were typed, of the rows that can be read."""
    return {line.key: _span(form.row(line.key).form, line) for line in lines if form.row(line.key).form.starts_on.data}


def _span(row: Any, line: DateLine) -> tuple[datetime, datetime]:
    first = row.starts_on.data
    last = row.ends_on.data or first
    if isinstance(line.row, Milestone):
        starts_at = web.instant(first, row.starts.data or time())
        if row.ends_on.data is None and row.ends.data is None:
            return starts_at, starts_at
        return starts_at, web.instant(last, row.ends.data or row.starts.data or time())
    if line.all_day:
        return web.instant(first), web.midnight_after(last)
    return web.instant(first, row.starts.data or time()), web.instant(last, row.ends.data or time())


def _save(table: Table, form: DatesForm) -> ResponseReturnValue:
    spans = _typed(form, table.lines)
    wanted = {
        line.key: NewDate(line.row.id, *spans[line.key], web.whole_number(form.row(line.key).form.revision.data, -1))
        for line in table.lines
    }
    try:
        count = services.set_dates(
            table.edition.id,
            occurrences=[wanted[line.key] for line in table.lines if isinstance(line.row, Occurrence)],
            milestones=[wanted[line.key] for line in table.lines if isinstance(line.row, Milestone)],
            actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
        )  # fmt: skip
    except RuleBroken as broken:
        row = form.row(str(broken.details["row"])).form if "row" in broken.details else form
        blame(row, web.sentence(broken), "starts_on")
        return _page(table_of(queries.edition(web.actor(), table.edition.id)), form, 422)
    except Conflict as conflict:
        forms.refuse(form, conflict)
        return _both(table.edition.id, form, spans, conflict)
    flash(_("改了 %(count)s 个日期。", count=count) if count else _("日期没有改动。"))
    return redirect(url_for(".edition_checklist", edition_id=table.edition.id), 303)


def _both(
    edition_id: int, form: DatesForm, spans: Mapping[str, tuple[datetime, datetime]], conflict: Conflict
) -> ResponseReturnValue:
    """Somebody else saved dates meanwhile: theirs and mine, of those that both changed; mine stay in the form."""
    table = table_of(queries.edition(web.actor(), edition_id))
    table = replace(table, lines=[line for line in table.lines if line.key in spans])
    stale = set(conflict.details["keys"]) if isinstance(conflict.details["keys"], list) else set()
    versions = [
        Version(line.name, _said(line.row.starts_at, line.row.ends_at, line), _said(*spans[line.key], line))
        for line in table.lines
        if line.key in stale
    ]
    return _page(table, _with_spans(table, spans), 409, versions=versions, refused=form)


def _said(starts_at: datetime, ends_at: datetime, line: DateLine) -> str:
    first, last = wording.said_at(starts_at, ends_at, line.all_day, web.zone())
    return dates.span(first, last, today=web.today(), english=web.english())


# ---- what to think twice about


@dataclass(frozen=True)
class Doubt:
    """What stands beside a date; ``other_day`` when another day may help."""

    words: str
    other_day: bool = False


def _clashing(marks: Iterable[Mark]) -> bool:
    return any(mark.clashes for mark in marks)


@dataclass(frozen=True)
class Looked:
    """What there is to say of the dates of an edition."""

    doubts: dict[str, list[Doubt]]  # by the key of a date
    unannounced: int  # dates of years whose holidays nobody knows yet


def looked_at(table: Table, form: DatesForm) -> Looked:
    """Two queries, whatever the number of dates."""
    spans = _typed(form, table.lines)
    days = {key: _days_that_matter(*span) for key, span in spans.items()}
    marks = marks_of({day for some in days.values() for day in some})
    rooms = {
        line.key: (line.room_id, *spans[line.key])
        for line in table.lines
        if line.room_id is not None and line.key in spans and spans[line.key][0] < spans[line.key][1]
    }
    things = [_thing(line, *spans[line.key]) for line in table.lines if line.key in spans]
    taken = rooms_taken(rooms, but_edition=table.edition.id)
    odd = shifting.clashes(things, web.arrived_at(), rooms_taken=taken)
    said: dict[str, list[Doubt]] = {}
    for key, some in days.items():
        on_days = [Doubt(mark.words, mark.clashes) for day in some for mark in marks.get(day, ()) if mark.clashes]
        said[key] = [*dict.fromkeys(on_days), *(Doubt(web.label(clash)) for clash in odd[key])]
    unknown = sum(any(mark.open for day in some for mark in marks.get(day, ())) for some in days.values())
    return Looked({key: some for key, some in said.items() if some}, unknown)


def _days_that_matter(starts_at: datetime, ends_at: datetime) -> list[date]:
    """The days that matter: all of a short span, else the first and the last. An end at midnight touches no day."""
    first, last = wording.said_at(starts_at, max(starts_at, ends_at), True, web.zone())
    count = (last - first).days + 1
    if count > MOST_DAYS_LOOKED_AT:
        return [first, last]
    return [first + timedelta(days=n) for n in range(max(count, 1))]


def _thing(line: DateLine, starts_at: datetime, ends_at: datetime) -> DatedThing:
    row = line.row
    closes_at = None
    if isinstance(row, Occurrence) and row.closes_at is not None:
        closes_at = row.closes_at + (starts_at - row.starts_at)
    return DatedThing(
        line.key, starts_at, ends_at, line.source.starts_at if line.source is not None else None,
        closes_entries=isinstance(row, Milestone) and row.code == Purpose.ENTRIES_CLOSE.value,
        is_occurrence=isinstance(row, Occurrence), closes_at=closes_at,
    )  # fmt: skip


def _page(
    table: Table,
    form: DatesForm,
    status: int = 200,
    *,
    shifted: bool = False,
    versions: Sequence[Version] = (),
    refused: DatesForm | None = None,
) -> ResponseReturnValue:
    looked = looked_at(table, form)
    page = render_template(
        "manage/edition_dates.html", edition=table.edition, source=table.source, lines=table.lines, form=form,
        looked=looked, months=_months(table.lines, form, looked.doubts), shifted=shifted, versions=versions,
        refused=refused or form, public=table.edition.publication is Publication.PUBLISHED,
    )  # fmt: skip
    return page, status


def _months(
    lines: Sequence[DateLine], form: DatesForm, said: Mapping[str, list[Doubt]]
) -> list[tuple[date, list[list[tuple[date, bool, Mark | None]]]]]:
    """(first of the month, weeks of (day, has a date, its mark)): months with something to think about go before."""
    spans = _typed(form, lines)
    busy = {day for span in spans.values() for day in _days_that_matter(*span)}
    wanted = sorted(spans, key=lambda key: (key not in said, spans[key][0]))
    firsts = list(dict.fromkeys(web.local(spans[key][0]).date().replace(day=1) for key in wanted))[:MOST_MONTHS]
    grids = {first: dates.month_days(first.year, first.month) for first in sorted(firsts)}
    marks = marks_of({day for days in grids.values() for day in days})
    return [
        (
            first,
            [
                [
                    (day, day in busy, next((mark for mark in marks.get(day, ()) if mark.sign), None))
                    for day in days[n : n + 7]
                ]
                for n in range(0, len(days), 7)
            ],
        )
        for first, days in grids.items()
    ]
