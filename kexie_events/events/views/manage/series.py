"""Series: the list, one of them, a new one with its dates previewed before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import web
from ....core.access import Action
from ....core.dates import days_touched
from ....core.errors import RuleBroken
from ....core.text import composed, one_line
from ....core.web import Who, access_mark
from ....days.queries import flags
from ....days.rules import Flag, together
from ... import forms, numbering, plans, rules, services
from ...forms import SeriesForm, new_series_key
from ...kinds import Kind
from ...models import Series
from ...numbering import Style
from ...plans import Nth, Plan, Repeat, check_plan, fallback_slug
from ...queries import manage as queries
from ...recurrence import Slot
from ...rules import Publication
from .desk import bp, instant, may, offer_rooms, offer_units


@dataclass(frozen=True)
class Previewed:
    """One date of a plan as it would become."""

    number: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    flags: tuple[Flag, ...]
    room_taken: bool


@bp.get("/series")
@access_mark(Who.ORGANIZER)
def series_list() -> ResponseReturnValue:
    """Everything that recurs, what comes next first."""
    actor, text = web.actor(), (request.args.get("q") or "").strip()[:100]
    kind, publication = _member(Kind, "kind"), _member(Publication, "state")
    rows = web.page(
        queries.series_rows(actor, text=text, kind=kind, publication=publication, now=web.arrived_at()),
        per_page=30,
        scalars=False,
    )
    kinds = sorted(queries.kinds_in_use(actor), key=list(Kind).index)
    return render_template(
        "manage/series_list.html", rows=rows, kinds=kinds, text=text, kind=kind, publication=publication,
        publications=list(Publication),
    )  # fmt: skip


def _member(members: Any, argument: str) -> Any:
    """The enum member that the query names; None when it names none."""
    asked = request.args.get(argument)
    return next((member for member in members if member.value == asked), None)


@bp.get("/series/<id:series_id>")
@access_mark(Who.ORGANIZER)
def series(series_id: int) -> ResponseReturnValue:
    """What a series is, and its editions, the latest first."""
    found = queries.series(web.actor(), series_id)
    editions = web.page(queries.edition_rows(found.id), per_page=30, scalars=False)
    return render_template("manage/series.html", series=found, editions=editions, may_plan=may(Action.PLAN, found))


@bp.route("/series/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def series_new() -> ResponseReturnValue:
    """Plan a series. 预览日期 shows the dates and saves nothing; 保存 makes drafts."""
    form = SeriesForm()
    offer_units(form.unit_id)
    offer_rooms(form.room_id)
    if request.method == "GET":
        _suggest(form)
    preview: list[Previewed] = []
    if form.validate_on_submit():
        try:
            plan = _plan(form)
            slots = check_plan(plan, web.zone())
            if request.form.get("do") == "save":
                return _save(form, plan)
            preview = _preview(plan, slots)
        except RuleBroken as broken:
            forms.refuse(form, broken)
    page = render_template("manage/series_new.html", form=form, preview=preview)
    return page, 422 if form.errors else 200


def _suggest(form: SeriesForm) -> None:
    form.year.data = web.today().year
    form.style.data, form.repeat.data = Style.ORDINAL.value, Repeat.ONCE.value
    form.starts.data = time(14)
    form.ends.data = time(17)


def _save(form: SeriesForm, plan: Plan) -> ResponseReturnValue:
    try:
        made = services.schedule(plan, actor=web.actor(), now=web.arrived_at(), zone=web.zone())
    except RuleBroken as broken:
        # Its own fallback address is taken: this very form was sent before, and what it asked for is there.
        before = queries.series_by_slug(web.actor(), plan.slug)
        if broken.code != "series.slug_taken" or form.slug.data or before is None:
            raise
        if not _is_of(before, plan):
            form.key.data = new_series_key()
            raise RuleBroken("series.key_reused", name=before.name) from None
        return redirect(url_for(".series", series_id=before.id), 303)
    flash(_("已保存为草稿。发布之前，只有组织者能看到。"))
    return redirect(url_for(".series", series_id=made.id), 303)


def _is_of(made: Series, plan: Plan) -> bool:
    """Whether a series is what this plan asks for, as far as the series itself tells."""
    return (
        made.name, made.unit_id, made.summary, made.rule, made.first_on, made.starts, made.duration_minutes,
    ) == (
        one_line(plan.name), plan.unit_id, composed(plan.summary.strip()), plan.rule, plan.first_on, plan.starts,
        int(plan.duration.total_seconds()) // 60,
    )  # fmt: skip


def _plan(form: SeriesForm) -> Plan:
    """What was filled in, as a plan. Raises: RuleBroken."""
    rules.check_day(form.first_on.data)
    repeat = Repeat(form.repeat.data)
    day = form.first_on.data
    starts, length = form.starts.data or time(), _days(form.lasts_days.data or 1)
    if not form.all_day:
        length += instant(day, form.ends.data) - instant(day, starts) - _days(1)
    if length <= timedelta(0):
        starts_at = instant(day, starts)
        raise RuleBroken("event.ends_before_start", starts_at=starts_at, ends_at=starts_at + length)
    return Plan(
        name=form.name.data,
        slug=form.slug.data or fallback_slug(form.chosen_kind, form.sound_key),
        kind=form.chosen_kind,
        unit_id=int(form.unit_id.data),
        rule=plans.rule_text(
            repeat,
            weekday=int(form.weekday.data) if form.weekday.data else day.weekday(),
            nth=Nth(int(form.nth.data)),
            every=form.every.data or 0,
            count=form.count.data,
            until=form.until.data,
        ),
        first_on=day,
        starts=starts,
        duration=length,
        all_day=form.all_day,
        style=Style(form.style.data),
        first_number=form.first_number.data or 0,
        year=form.year.data or 0,
        summary=form.summary.data,
        room_id=form.room,
        place=form.place.data,
        capacity=form.capacity.data if form.registration.data else None,
        opens_before=_days(form.opens_days.data or 30) if form.registration.data else None,
        closes_before=_days(form.closes_days.data or 0),
    )


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _days_of(slot: Slot) -> list[date]:
    """The civil days that a date of the plan touches."""
    return days_touched(web.local(slot.starts_at), web.local(slot.ends_at))


def _preview(plan: Plan, slots: Sequence[Slot]) -> list[Previewed]:
    days = [web.local(slot.starts_at).date() for slot in slots]
    counted = plans.numbers(plan, days)
    taken = queries.taken_slots(plan.room_id, slots) if plan.room_id is not None else set()
    remarks = flags(day for slot in slots for day in _days_of(slot))
    return [
        Previewed(
            numbering.words(counted[min(n, len(counted) - 1)]),
            slot.starts_at,
            slot.ends_at,
            plan.all_day,
            together({day: remarks[day] for day in _days_of(slot)}),
            slot.starts_at in taken,
        )
        for n, slot in enumerate(slots)
    ]
