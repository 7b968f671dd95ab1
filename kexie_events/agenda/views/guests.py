"""Guests of an edition in protocol order: the list, letters of invitation, seats."""

from typing import Any

from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import spreadsheet, web
from ...core.errors import Conflict, RuleBroken
from ...core.forms import PlainForm
from ...core.http import csv_answer
from ...core.web import Who, access_mark
from .. import forms, queries, rules, services
from ..forms import GroupsForm, GuestForm, RowForm
from ..models import Guest
from ..rules import Answer, GuestRole
from ..services import GuestPlan
from .desk import bp, chosen, differences, tabs

USUAL_GROUPS = ("院士", "领导", "专家", "单位负责人", "其他嘉宾")
USUAL_WIDTH, MOST_WIDTH = 9, 40
MARKS = {Answer.PLANNED: "wait", Answer.INVITED: "doing", Answer.ACCEPTED: "ok", Answer.DECLINED: "gone"}


@bp.get("/editions/<id:edition_id>/guests")
@access_mark(Who.ORGANIZER)
def guests(edition_id: int) -> ResponseReturnValue:
    """Everybody who is invited, in protocol order."""
    found = queries.edition(web.actor(), edition_id)
    everybody = queries.guests(found.id, web.actor())
    answer = next((each for each in Answer if each.value == request.args.get("answer")), None)
    text = " ".join(request.args.get("q", "").split())[:60]
    shown = [
        row
        for row in everybody
        if (answer is None or row.answer is answer)
        and (not text or any(text in words for words in (row.name, row.organization, row.post)))
    ]
    return render_template(
        "agenda/guests.html", edition=found, tabs=tabs(found, "guests"), shown=shown, total=len(everybody),
        counts={each: sum(row.answer is each for row in everybody) for each in Answer}, answer=answer, words=text,
        marks=MARKS, groups=queries.groups(found.id), form=PlainForm(formdata=None),
        without=sum(row.letter_number is None and row.answer is not Answer.DECLINED for row in everybody),
    )  # fmt: skip


@bp.get("/editions/<id:edition_id>/guests.csv")
@access_mark(Who.ORGANIZER)
def guests_export(edition_id: int) -> ResponseReturnValue:
    """The same list for a spreadsheet, in the same order."""
    found = queries.edition(web.actor(), edition_id)
    rows = queries.guests(found.id, web.actor())
    head = [
        str(word)
        for word in (
            _("次序"),
            _("礼宾组"),
            _("姓名"),
            _("工作单位"),
            _("职务或职称"),
            _("身份"),
            _("邀请状态"),
            _("函号"),
        )
    ]
    lines = (
        [
            n, row.group.name, row.name, row.organization, row.post, web.label(row.role), web.label(row.answer),
            row.letter_number or "",
        ]
        for n, row in enumerate(rows, start=1)
    )  # fmt: skip
    return csv_answer(f"guests-{found.id}.csv", stream_with_context(spreadsheet.lines(head, lines)))


@bp.route("/editions/<id:edition_id>/guests/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def guest_new(edition_id: int) -> ResponseReturnValue:
    """One more guest."""
    found = queries.edition(web.actor(), edition_id)
    form = GuestForm()
    _offer(form, found.id)
    if form.validate_on_submit():
        try:
            row = services.add_guest(found.id, _plan(form), actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已加上%(name)s。", name=row.name))
            if request.form.get("then") == "more":
                return redirect(url_for(".guest_new", edition_id=found.id), 303)
            return redirect(url_for(".guests", edition_id=found.id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template("agenda/guest.html", form=form, edition=found, guest=None)
    return page, 422 if form.errors else 200


def _offer(form: GuestForm, edition_id: int) -> None:
    form.group_id.choices = [SelectChoice(str(row.id), row.name) for row in queries.groups(edition_id)]


def _plan(form: GuestForm) -> GuestPlan:
    return GuestPlan(
        form.name.data, chosen(form.group_id) or 0, form.organization.data or "", form.post.data or "",
        GuestRole(form.role.data), Answer(form.answer.data), form.position.data,
    )  # fmt: skip


@bp.route("/guests/<id:guest_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def guest(guest_id: int) -> ResponseReturnValue:
    """Correct a guest, note an answer."""
    found, edition = queries.guest(web.actor(), guest_id)
    form = GuestForm()
    _offer(form, edition.id)
    shown: list[tuple[str, str, str]] = []
    status = 200
    if request.method == "GET":
        form = _filled(found)
    elif form.validate_on_submit():
        try:
            services.change_guest(
                found.id, _plan(form), expected_revision=form.expected_revision, actor=web.actor(),
                now=web.arrived_at(),
            )  # fmt: skip
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            found, edition = queries.guest(web.actor(), guest_id)
            status = refused.status
            if isinstance(refused, Conflict):
                shown = differences(_filled(found), form)
                form.revision.data = str(found.revision)
        else:
            flash(_("已保存。"))
            return redirect(url_for(".guests", edition_id=edition.id), 303)
    page = render_template("agenda/guest.html", form=form, edition=edition, guest=found, differences=shown)
    return page, status if status != 200 else 422 if form.errors else 200


def _filled(found: Guest) -> GuestForm:
    form = GuestForm(
        formdata=None, name=found.name, organization=found.organization, post=found.post,
        group_id=str(found.group_id), position=found.position, role=found.role.value, answer=found.answer.value,
        revision=str(found.revision),
    )  # fmt: skip
    _offer(form, found.edition_id)
    return form


@bp.post("/guests/<id:guest_id>/remove")
@access_mark(Who.ORGANIZER)
def guest_remove(guest_id: int) -> ResponseReturnValue:
    """Their data is deleted; the number of their letter is not given again."""
    found, edition = queries.guest(web.actor(), guest_id)
    form: Any = RowForm()
    status = 422
    if form.validate_on_submit():
        try:
            services.remove_guest(
                found.id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
            )
        except Conflict as conflict:
            form = _filled(found)
            forms.refuse(form, conflict)
            status = 409
        else:
            flash(_("已从名单里删去。"))
            return redirect(url_for(".guests", edition_id=edition.id), 303)
    if not isinstance(form, GuestForm):
        form = _filled(found)
    page = render_template("agenda/guest.html", form=form, edition=edition, guest=found, differences=[])
    return page, status


@bp.route("/editions/<id:edition_id>/guest-groups", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def guest_groups(edition_id: int) -> ResponseReturnValue:
    """Which ranks there are, from the first to the last."""
    found = queries.edition(web.actor(), edition_id)
    form = GroupsForm()
    shown: list[tuple[str, str, str]] = []
    status = 200
    if request.method == "GET":
        form = _filled_groups(found.id)
        form.names.data = form.names.data or "\n".join(USUAL_GROUPS)
    elif form.validate_on_submit():
        try:
            services.set_groups(
                found.id, form.names.data.splitlines(), expected=(form.seen.data or "").splitlines(),
                actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status = refused.status
            if isinstance(refused, Conflict):
                now = _filled_groups(found.id)
                shown, form.seen.data = differences(now, form), now.seen.data
        else:
            flash(_("礼宾组已保存。"))
            return redirect(url_for(".guests", edition_id=found.id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template("agenda/guest_groups.html", form=form, edition=found, differences=shown)
    return page, status if status != 200 else 422 if form.errors else 200


def _filled_groups(edition_id: int) -> GroupsForm:
    names = "\n".join(row.name for row in queries.groups(edition_id))
    return GroupsForm(formdata=None, names=names, seen=names)


@bp.post("/editions/<id:edition_id>/letters/number")
@access_mark(Who.ORGANIZER)
def letters_number(edition_id: int) -> ResponseReturnValue:
    """Everybody who has no letter yet gets the next number, in protocol order."""
    found = queries.edition(web.actor(), edition_id)
    if PlainForm().validate_on_submit():
        count = services.number_letters(found.id, actor=web.actor(), now=web.arrived_at())
        flash(_("已为 %(count)s 位嘉宾编号。", count=count) if count else _("都已经编过号，没有改动。"))
    return redirect(url_for(".letters", edition_id=found.id), 303)


@bp.get("/editions/<id:edition_id>/letters")
@access_mark(Who.ORGANIZER)
def letters(edition_id: int) -> ResponseReturnValue:
    """Letters of invitation, one on each sheet, in protocol order."""
    found = queries.edition(web.actor(), edition_id)
    rows = [row for row in queries.guests(found.id, web.actor()) if row.letter_number is not None]
    return render_template(
        "agenda/letters.html", edition=found, guests=rows, span=queries.span_of(found.id), today=web.today()
    )


@bp.get("/editions/<id:edition_id>/seats")
@access_mark(Who.ORGANIZER)
def seats(edition_id: int) -> ResponseReturnValue:
    """Who sits where, as the audience sees it."""
    found = queries.edition(web.actor(), edition_id)
    rows = [row for row in queries.guests(found.id, web.actor()) if row.answer is Answer.ACCEPTED]
    width = min(MOST_WIDTH, max(1, web.whole_number(request.args.get("width"), USUAL_WIDTH)))
    seated = []
    for numbers in rules.rows_of(len(rows), width):
        order = [numbers[n - 1] for n in rules.seated(len(numbers))]
        seated.append([(number, rows[number - 1]) for number in order])
    return render_template("agenda/seats.html", edition=found, rows=seated, width=width, count=len(rows))
