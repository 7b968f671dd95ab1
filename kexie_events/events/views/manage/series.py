"""Series: the list, one of them, a new one with its dates previewed before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import web
from ....core.access import Action
from ....core.dates import days_touched
from ....core.errors import Conflict, RuleBroken
from ....core.forms import PlainForm
from ....core.text import composed, one_line
from ....core.versions import Version, both_versions
from ....core.web import Who, access_mark
from ....days.queries import flags
from ....days.rules import Flag, together
from ... import forms, numbering, plans, services
from ...forms import SeriesForm, SeriesWordsForm, new_series_key
from ...kinds import Kind
from ...models import Series
from ...numbering import Style
from ...patterns import queries as patterns
from ...patterns.recurrence import Slot
from ...patterns.repeating import Repeat
from ...patterns.views.rule import said_rules
from ...plans import Plan, check_plan, fallback_slug
from ...queries import manage as queries
from ...queries.rooms import rooms_taken
from ...rules import Publication
from .desk import bp, may, offer_rooms, offer_units, terms_of


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
    return render_template(
        "manage/series.html", series=found, editions=editions, may_plan=may(Action.PLAN, found),
        rules=said_rules(found), dates=patterns.next_slots(found.id, web.arrived_at(), most=6),
        skips=patterns.skips_of(found.id), back=PlainForm(formdata=None),
    )  # fmt: skip


@bp.route("/series/<id:series_id>/change", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def series_change(series_id: int) -> ResponseReturnValue:
    """Correct the name and the description of a series."""
    found = queries.series(web.actor(), series_id)
    form = SeriesWordsForm()
    if request.method == "GET":
        form.name.data, form.summary.data, form.revision.data = found.name, found.summary, str(found.revision)
    versions: list[Version] = []
    status = 200
    if form.validate_on_submit():
        try:
            services.change_series(
                found.id, name=form.name.data, summary=form.summary.data, expected_revision=form.expected_revision,
                actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            found, status = queries.series(web.actor(), series_id), refused.status
            if isinstance(refused, Conflict):
                now = SeriesWordsForm(
                    formdata=None, name=found.name, summary=found.summary, revision=str(found.revision)
                )
                versions = both_versions(form, now)
        else:
            flash(_("已保存。"))
            return redirect(url_for(".series", series_id=found.id), 303)
    elif form.errors:
        status = 422
    page = render_template("manage/series_change.html", form=form, series=found, versions=versions)
    return page, status


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
    terms = [pattern.terms for pattern in patterns.patterns_of(made.id)]
    asked = one_line(plan.name), plan.unit_id, composed(plan.summary.strip()), [plans.terms_of(plan)]
    return (made.name, made.unit_id, made.summary, terms) == asked


def _plan(form: SeriesForm) -> Plan:
    """What was filled in, as a plan. Raises: RuleBroken."""
    terms = terms_of(form)
    return Plan(
        name=form.name.data,
        slug=form.slug.data or fallback_slug(form.chosen_kind, form.sound_key),
        kind=form.chosen_kind,
        unit_id=int(form.unit_id.data),
        rule=terms.rule,
        first_on=terms.first_on,
        starts=terms.starts,
        duration=terms.duration,
        all_day=terms.all_day,
        style=Style(form.style.data),
        first_number=form.first_number.data or 0,
        year=form.year.data or 0,
        summary=form.summary.data,
        room_id=terms.room_id,
        place=terms.place,
        capacity=terms.capacity,
        opens_before=terms.opens_before,
        closes_before=terms.closes_before,
    )


def _days_of(slot: Slot) -> list[date]:
    """The civil days that a date of the plan touches."""
    return days_touched(web.local(slot.starts_at), web.local(slot.ends_at))


def _preview(plan: Plan, slots: Sequence[Slot]) -> list[Previewed]:
    days = [web.local(slot.starts_at).date() for slot in slots]
    counted = plans.numbers(plan, days)
    room = plan.room_id
    hours = {} if room is None else {slot.starts_at: (room, slot.starts_at, slot.ends_at) for slot in slots}
    taken = rooms_taken(hours)
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
