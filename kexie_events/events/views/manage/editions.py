"""One edition: its timeline and dates, approval, publication, and what is added to it."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from ....accounts.queries import name_of
from ....core import web
from ....core.access import Action, allows
from ....core.editing import edited
from ....core.errors import RuleBroken
from ....core.forms import PlainForm
from ....core.web import Who, access_mark
from ... import forms, services
from ...carrying import Item, Standing
from ...forms import ApprovalForm, MilestoneForm, OccurrenceForm, ReasonForm
from ...hosting.queries import latest_request
from ...kinds import Capability, can
from ...models import Edition, Milestone
from ...offering import fill_span, offer_rooms
from ...panels import DESK_PANELS, WAITING
from ...plans import OccurrencePlan
from ...queries import manage as queries
from ...queries.places import place_of, require
from ...rules import Publication, milestone_state
from .checklist import checklist
from .desk import bp, may, typed_span

OCCURRENCES_SHOWN = 12  # a page of them: what else the edition has stays within reach


@bp.get("/editions/<id:edition_id>")
@access_mark(Who.ORGANIZER)
def edition(edition_id: int) -> ResponseReturnValue:
    """What an edition has, and what it still needs before it can be public."""
    found = queries.edition(web.actor(), edition_id)
    form = ApprovalForm(formdata=None, words=found.approval)
    return _page(found, form)


def _page(found: Edition, form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    actor, now = web.actor(), web.arrived_at()
    occurrences = web.page(queries.occurrence_rows(found.id), per_page=OCCURRENCES_SHOWN)
    waiting, counted = queries.unpublished(found.id), queries.tally(found.id, now)
    points = queries.milestones(found.id)
    place = place_of(found)
    page = render_template(
        "manage/edition.html", edition=found, series=found.series, form=form, occurrences=occurrences,
        steps=[_step(point) for point in points],
        approval_first=can(found.series.kind, Capability.APPROVAL_FIRST), waiting=waiting,
        days=_days(counted.starts_at, counted.ends_at),
        above=[each for ask in WAITING for each in ask(actor, now, found.id)],
        open=_open(found, waiting.occurrences + waiting.milestones),
        panels=[panel for make in DESK_PANELS if (panel := make(found, actor, now))],
        approved_by=name_of(found.approved_by_id), may_open_series=may(Action.PLAN, found.series),
        asked=latest_request(found.id), may_approve=allows(actor, Action.APPROVE, place),
        may_give=allows(actor, Action.GRANT, place),
        last_hosted_on=found.hosted_until - timedelta(days=1) if found.hosted_until else None,
    )  # fmt: skip
    return page, status


def _days(starts_at: datetime | None, ends_at: datetime | None) -> tuple[date, date] | None:
    """The first and the last day; what ends at midnight ends the day before."""
    if starts_at is None or ends_at is None:
        return None
    return web.local(starts_at).date(), web.local(ends_at - timedelta(microseconds=1)).date()


def _open(found: Edition, hidden: int) -> list[Item]:
    """What has to be done or looked at before everybody may see it, or what was added to it."""
    if found.publication is Publication.PUBLISHED and not hidden:
        return []
    items = checklist(found, queries.model_of(found, web.actor()))
    return [item for item in items if item.standing is not Standing.DONE]


def _step(point: Milestone) -> dict[str, object]:
    state = milestone_state(point.starts_at, point.ends_at, web.arrived_at()).value
    hidden = point.publication is not Publication.PUBLISHED
    return {
        "id": point.id, "name": point.name, "start": point.starts_at, "end": point.ends_at, "state": state,
        "hidden": hidden,
    }  # fmt: skip


@bp.post("/editions/<id:edition_id>/approve")
@access_mark(Who.ORGANIZER)
def edition_approve(edition_id: int) -> ResponseReturnValue:
    """Record the approval. A host asks for it instead."""
    found = queries.edition(web.actor(), edition_id)
    require(web.actor(), Action.APPROVE, found)
    form = ApprovalForm()
    if form.validate_on_submit():
        try:
            services.approve(found.id, form.words.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已记录备案，可以发布了。"))
            return redirect(url_for(".edition", edition_id=found.id), 303)
    return _page(queries.edition(web.actor(), edition_id), form, 422)


@bp.route("/editions/<id:edition_id>/publish", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_publish(edition_id: int) -> ResponseReturnValue:
    """Say what becomes visible, then show it to everybody."""
    found = queries.edition(web.actor(), edition_id)
    form = PlainForm()
    if form.validate_on_submit():
        try:
            services.publish(found.id, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已发布，所有人都能看到。"))
            return redirect(url_for(".edition", edition_id=edition_id), 303)
    found = queries.edition(web.actor(), edition_id)
    rows = web.page(queries.hidden_occurrence_rows(found.id), per_page=50)
    page = render_template(
        "manage/edition_publish.html", edition=found, series=found.series, form=form,
        waiting=queries.unpublished(found.id), occurrences=rows,
        milestones=[row for row in queries.milestones(found.id) if row.publication is not Publication.PUBLISHED],
        approval_missing=can(found.series.kind, Capability.APPROVAL_FIRST) and found.approved_at is None,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.route("/editions/<id:edition_id>/unpublish", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_unpublish(edition_id: int) -> ResponseReturnValue:
    """Take back what was published by mistake; what will not take place is cancelled instead."""
    found = queries.edition(web.actor(), edition_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            services.unpublish(found.id, reason=form.reason.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已撤下，公开页面和日历里都看不到了。"))
            return redirect(url_for(".edition", edition_id=edition_id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template(
        "manage/edition_unpublish.html", edition=found, form=form, waiting=queries.unpublished(found.id)
    )
    return page, 422 if form.errors else 200


@bp.route("/editions/<id:edition_id>/occurrences/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def occurrence_new(edition_id: int) -> ResponseReturnValue:
    """One more date: a sub-forum, a site, a session."""
    found = queries.edition(web.actor(), edition_id)
    form = OccurrenceForm()
    offer_rooms(form.room_id)
    if form.validate_on_submit():
        try:
            starts_at, ends_at = typed_span(form)
            plan = OccurrencePlan(
                starts_at, ends_at, all_day=form.all_day, room_id=form.room, place=form.place.data,
                title=form.title.data, summary=form.summary.data, **_registration(form),
            )  # fmt: skip
            row = services.add_occurrence(
                found.id, plan, key=form.sound_key, actor=web.actor(), now=web.arrived_at(), zone=web.zone()
            )
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("场次已加好，还是草稿。"))
            return redirect(url_for(".occurrence", occurrence_id=row.id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template("manage/occurrence_new.html", form=form, edition=found)
    return page, 422 if form.errors else 200


def _registration(form: OccurrenceForm) -> dict[str, Any]:
    """Opens at the beginning of a day, or now; closes at the end of one, or when it starts."""
    if not form.registration.data:
        return {}
    opens_on, closes_on = form.opens_on.data, form.closes_on.data
    until_start = closes_on is None or closes_on >= form.starts_on.data
    return {
        "capacity": form.capacity.data,
        "opens_at": web.instant(opens_on) if opens_on else web.arrived_at(),
        "closes_at": None if until_start else web.midnight_after(closes_on),
    }


@bp.route("/editions/<id:edition_id>/milestones/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def milestone_new(edition_id: int) -> ResponseReturnValue:
    """One more point of the timeline."""
    found = queries.edition(web.actor(), edition_id)
    form = MilestoneForm(entries=can(found.series.kind, Capability.ENTRIES))
    if form.validate_on_submit():
        try:
            services.add_milestone(
                found.id, code=form.purpose.data, key=form.sound_key, name=form.name.data,
                is_deadline=form.is_deadline.data, actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
                **_times(form),
            )  # fmt: skip
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("节点已加好，还是草稿。"))
            return redirect(url_for(".edition", edition_id=found.id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template("manage/milestone.html", form=form, edition=found, milestone=None)
    return page, 422 if form.errors else 200


def _times(form: MilestoneForm) -> dict[str, Any]:
    """An instant, or from–until when either end field is filled in."""
    starts_at = web.instant(form.starts_on.data, form.starts.data)
    if form.ends_on.data is None and form.ends.data is None:
        return {"starts_at": starts_at, "ends_at": None}
    ends_at = web.instant(form.ends_on.data or form.starts_on.data, form.ends.data or form.starts.data)
    return {"starts_at": starts_at, "ends_at": ends_at}


@bp.route("/milestones/<id:milestone_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def milestone(milestone_id: int) -> ResponseReturnValue:
    """Correct one point of the timeline. Somebody who was slower sees both versions and decides."""
    change = edited(
        lambda: queries.milestone(web.actor(), milestone_id),
        form=lambda row: _milestone_form(), filled=_filled_milestone, refuse=forms.refuse,
        save=lambda row, form: services.change_milestone(
            row.id, name=form.name.data, is_deadline=form.is_deadline.data, actor=web.actor(),
            expected_revision=form.expected_revision, now=web.arrived_at(), zone=web.zone(), **_times(form),
        ),
    )  # fmt: skip
    row = change.row
    if change.saved:
        flash(_("节点已改好。"))
        return redirect(url_for(".edition", edition_id=row.edition_id), 303)
    page = render_template(
        "manage/milestone.html", form=change.form, edition=row.edition, milestone=row, versions=change.versions
    )
    return page, change.status


def _milestone_form(**values: Any) -> MilestoneForm:
    form = MilestoneForm(**values)
    # The purpose stays as it was made: the code is by what other rooms find it.
    del form.purpose
    return form


def _filled_milestone(found: Milestone) -> MilestoneForm:
    form = _milestone_form(formdata=None)
    fill_span(form, found.starts_at, found.ends_at)
    if found.ends_at == found.starts_at:
        form.ends.data = None
    form.name.data, form.is_deadline.data = found.name, found.is_deadline
    form.revision.data = str(found.revision)
    return form
