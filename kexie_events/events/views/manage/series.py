"""Series: the list, one of them, a new one with its dates previewed before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import web
from ....core.access import Action
from ....core.editing import edited
from ....core.errors import RuleBroken
from ....core.forms import PlainForm
from ....core.installation import feed_address
from ....core.web import Who, access_mark
from ....days.queries import flags
from ....days.rules import Flag, together
from ... import forms, numbering, plans, services
from ...forms import SeriesForm, SeriesWordsForm
from ...kinds import Kind
from ...models import Series
from ...numbering import Style
from ...offering import offer_rooms
from ...patterns import queries as patterns
from ...patterns.recurrence import Slot
from ...patterns.repeating import Repeat
from ...patterns.views.rule import said_rules
from ...plans import Plan, check_plan
from ...queries import manage as queries
from ...queries.rooms import rooms_taken
from ...rules import Publication
from .desk import bp, may, offer_units, terms_of


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
        skips=patterns.skips_of(found.id), back=PlainForm(formdata=None), feed=feed_address(f"series/{found.slug}"),
        subscribe=web.external(url_for("feeds.subscribe_page", series=found.slug)),
    )  # fmt: skip


@bp.route("/series/<id:series_id>/change", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def series_change(series_id: int) -> ResponseReturnValue:
    """Correct the name and the description of a series."""
    change = edited(
        lambda: queries.series(web.actor(), series_id),
        form=lambda row: SeriesWordsForm(), filled=_filled_words, refuse=forms.refuse,
        save=lambda row, form: services.change_series(
            row.id, name=form.name.data, summary=form.summary.data, expected_revision=form.expected_revision,
            actor=web.actor(), now=web.arrived_at(),
        ),
    )  # fmt: skip
    if change.saved:
        flash(_("已保存。"))
        return redirect(url_for(".series", series_id=series_id), 303)
    page = render_template(
        "manage/series_change.html", form=change.form, series=change.row, versions=change.versions
    )  # fmt: skip
    return page, change.status


def _filled_words(found: Series) -> SeriesWordsForm:
    return SeriesWordsForm(formdata=None, name=found.name, summary=found.summary, revision=str(found.revision))


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
    made = services.schedule(plan, key=form.sound_key, actor=web.actor(), now=web.arrived_at(), zone=web.zone())
    flash(_("已保存为草稿。发布之前，只有组织者能看到。"))
    return redirect(url_for(".series", series_id=made.id), 303)


def _plan(form: SeriesForm) -> Plan:
    """What was filled in, as a plan. Raises: RuleBroken."""
    terms = terms_of(form)
    return Plan(
        name=form.name.data,
        slug=form.slug.data,
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


def _preview(plan: Plan, slots: Sequence[Slot]) -> list[Previewed]:
    days = [web.local(slot.starts_at).date() for slot in slots]
    counted = plans.numbers(plan, days)
    room = plan.room_id
    hours = {} if room is None else {slot.starts_at: (room, slot.starts_at, slot.ends_at) for slot in slots}
    taken = rooms_taken(hours)
    remarks = flags(day for slot in slots for day in web.days_of(slot))
    return [
        Previewed(
            numbering.words(counted[min(n, len(counted) - 1)]),
            slot.starts_at,
            slot.ends_at,
            plan.all_day,
            together({day: remarks[day] for day in web.days_of(slot)}),
            slot.starts_at in taken,
        )
        for n, slot in enumerate(slots)
    ]
