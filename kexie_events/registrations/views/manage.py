"""The organiser's list of an occurrence: look up, take somebody off, change the places, take the list away."""

from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.rules import masked_phone
from ...core import spreadsheet, web
from ...core.access import Action
from ...core.errors import NotFound, RuleBroken
from ...core.http import csv_answer
from ...core.web import Who, access_mark
from ...events.models import Occurrence
from ...events.rules import check_capacity
from .. import queries, rules, services
from ..forms import CapacityForm, ReasonForm, refuse
from ..models import Registration
from ..rules import RegistrationState

bp = Blueprint("registrations_manage", __name__, url_prefix="/manage/occurrences/<id:occurrence_id>/registrations")

PER_PAGE = 50
LONGEST_SEARCH = 100


@bp.get("")
@access_mark(Who.ORGANIZER)
def of_occurrence(occurrence_id: int) -> ResponseReturnValue:
    """Who comes and who waits, in the order of arrival."""
    return _list(occurrence_id)


@bp.post("/<id:registration_id>/withdraw")
@access_mark(Who.ORGANIZER)
def withdraw(occurrence_id: int, registration_id: int) -> ResponseReturnValue:
    """Take somebody off the list; the reason goes into their letter."""
    occurrence = _managed(occurrence_id)
    name = _row_of(occurrence, registration_id).person.name
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            services.withdraw_by_organizer(
                registration_id, reason=form.reason.data, actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已为 %(name)s 退出报名，并写信说明原因。", name=name))
            return redirect(url_for(".of_occurrence", occurrence_id=occurrence_id), 303)
    return _list(occurrence_id, opened=registration_id, withdraw_form=form, status=422)


@bp.route("/capacity", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def capacity(occurrence_id: int) -> ResponseReturnValue:
    """Change the number of places: first what it would do, then do it."""
    occurrence = _managed(occurrence_id, Action.MANAGE_REGISTRATIONS)
    asked = request.method == "POST" or "capacity" in request.args
    # A preview changes nothing, so it needs no token in its address.
    form = CapacityForm(
        request.form if request.method == "POST" else request.args if asked else None,
        meta={} if request.method == "POST" else {"csrf": False},
    )
    if not asked:
        form.capacity.data = str(occurrence.capacity or "")
    preview: int | None = None
    waiting = queries.waiting_count(occurrence_id)
    if asked and form.validate():
        try:
            if request.method == "POST":
                promoted = services.set_capacity(occurrence_id, form.number, actor=web.actor(), now=web.arrived_at())
                flash(_("名额已改，%(promoted)s 人递补成功，已通知他们。", promoted=promoted))
                return redirect(url_for(".of_occurrence", occurrence_id=occurrence_id), 303)
            check_capacity(form.number, occurrence.taken)
            preview = rules.to_promote(form.number, occurrence.taken, waiting)
        except RuleBroken as broken:
            refuse(form, broken)
            occurrence = _managed(occurrence_id)
    page = render_template(
        "registrations/capacity.html",
        form=form,
        preview=preview,
        waiting=waiting,
        name=occurrence.whole_name,
        occurrence=occurrence,
    )
    return page, 422 if form.errors else 200


@bp.get("/list.csv")
@access_mark(Who.ORGANIZER)
def export(occurrence_id: int) -> ResponseReturnValue:
    """The list as a spreadsheet, contacts masked as on the page."""
    return _sheet(_managed(occurrence_id), masked=True)


@bp.post("/list.csv")
@access_mark(Who.ORGANIZER)
def export_whole(occurrence_id: int) -> ResponseReturnValue:
    """The list with whole contacts, for a reason that is written down."""
    occurrence = _managed(occurrence_id, Action.MANAGE_REGISTRATIONS)
    form = ReasonForm(prefix="export-")
    if form.validate_on_submit():
        try:
            services.record_export(occurrence_id, reason=form.reason.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return _sheet(occurrence, masked=False)
    return _list(occurrence_id, export_form=form, status=422)


def _managed(occurrence_id: int, action: Action = Action.SEE_REGISTRATIONS) -> Occurrence:
    return queries.managed_occurrence(occurrence_id, web.actor(), action)


def _row_of(occurrence: Occurrence, registration_id: int) -> Registration:
    """Raises: NotFound for a registration of another occurrence."""
    row = queries.whole_registration(registration_id)
    if row.occurrence_id != occurrence.id:
        raise NotFound()
    return row


def _list(
    occurrence_id: int,
    *,
    opened: int | None = None,
    withdraw_form: ReasonForm | None = None,
    export_form: ReasonForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    occurrence = _managed(occurrence_id)  # again after a refusal, which ended the transaction that it was read in
    chosen = _state(request.args.get("state"))
    words = request.args.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
    opened = opened or web.whole_number(request.args.get("open"), 0)
    side = _row_of(occurrence, opened) if opened else None
    counts = queries.counts(occurrence.id, web.actor())
    rows = web.page(
        queries.of_occurrence(occurrence.id, web.actor(), state=chosen, words=words),
        per_page=PER_PAGE,
        scalars=False,
    )
    page = render_template(
        "registrations/of_occurrence.html",
        occurrence=occurrence,
        name=occurrence.whole_name,
        rows=rows,
        chosen=chosen,
        words=words,
        filters=[(None, sum(counts.values())), *counts.items()],
        waiting=counts[RegistrationState.WAITING],
        opened=side,
        opened_position=queries.position(side) if side else 0,
        withdraw_form=withdraw_form or ReasonForm(formdata=None),
        export_form=export_form or ReasonForm(formdata=None, prefix="export-"),
        over=occurrence.ends_at <= web.arrived_at(),
        phone_of=_phone,
        email_of=_email,
        number=rules.number,
    )
    return page, status


def _state(text: str | None) -> RegistrationState | None:
    return next((state for state in RegistrationState if state.value == text), None)


def _phone(row: Registration) -> str:
    return masked_phone(str(row.answers.get("phone") or row.person.phone))


def _email(row: Registration) -> str:
    return rules.masked_email(str(row.answers.get("email") or row.person.email))


def _sheet(occurrence: Occurrence, *, masked: bool) -> Response:
    head = [_("报名号"), _("姓名"), _("手机号"), _("邮箱"), _("状态"), _("登记时间")]
    pieces = spreadsheet.lines(head, _cells(occurrence.id, masked=masked))
    return csv_answer(f"registrations-{occurrence.id}.csv", stream_with_context(pieces))


def _cells(occurrence_id: int, *, masked: bool) -> Iterator[tuple[str, ...]]:
    words = {state: web.label(state) for state in RegistrationState}
    for line, name, phone, email, state, created_at in queries.export_rows(occurrence_id, web.actor()):
        yield (
            rules.number(occurrence_id, line),
            name,
            masked_phone(phone) if masked else phone,
            rules.masked_email(email) if masked else email,
            words[state],
            f"{web.local(created_at):%Y-%m-%d %H:%M:%S}",
        )
