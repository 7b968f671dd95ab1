"""Guests of an edition in protocol order: the list, letters of invitation, seats."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import spreadsheet, web
from ...core.editing import edited, pressed
from ...core.errors import RuleBroken
from ...core.forms import PlainForm, blame
from ...core.http import csv_answer
from ...core.versions import Version
from ...core.web import Who, access_mark
from ...events.models import Edition
from .. import forms, queries, rules, services
from ..forms import GroupsForm, GuestForm, RowForm
from ..models import Guest
from ..rules import Answer, GuestRole
from ..services import GuestPlan
from .desk import bp, chosen, tabs

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
    change = edited(
        lambda: queries.guest(web.actor(), guest_id)[0],
        form=_sent, filled=_filled, refuse=forms.refuse,
        save=lambda row, form: services.change_guest(
            row.id, _plan(form), expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        ),
    )  # fmt: skip
    if change.saved:
        flash(_("已保存。"))
        return redirect(url_for(".guests", edition_id=change.row.edition_id), 303)
    return _page(change.row, change.form, change.status, change.versions)


def _sent(found: Guest) -> GuestForm:
    form = GuestForm()
    _offer(form, found.edition_id)
    return form


def _page(found: Guest, form: GuestForm, status: int, versions: Sequence[Version] = ()) -> ResponseReturnValue:
    edition = queries.edition(web.actor(), found.edition_id)
    page = render_template("agenda/guest.html", form=form, edition=edition, guest=found, versions=versions)
    return page, status


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
    _found, edition = queries.guest(web.actor(), guest_id)
    form = RowForm()
    status = pressed(
        form,
        lambda form: services.remove_guest(
            guest_id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        ),
        forms.refuse,
    )
    if status == 303:
        flash(_("已从名单里删去。"))
        return redirect(url_for(".guests", edition_id=edition.id), 303)
    shown = _filled(queries.guest(web.actor(), guest_id)[0])
    for words in form.errors.get(None, ()):  # what refused it stands at the head
        blame(shown, words)
    return _page(queries.guest(web.actor(), guest_id)[0], shown, status)


@bp.route("/editions/<id:edition_id>/guest-groups", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def guest_groups(edition_id: int) -> ResponseReturnValue:
    """Which ranks there are, from the first to the last."""
    change = edited(
        lambda: queries.edition(web.actor(), edition_id),
        form=lambda row: GroupsForm(), filled=_filled_groups, refuse=forms.refuse,
        save=lambda row, form: services.set_groups(
            row.id, form.names.data.splitlines(), expected=(form.stood.data or "").splitlines(), actor=web.actor(),
            now=web.arrived_at(),
        ),
    )  # fmt: skip
    if change.saved:
        flash(_("礼宾组已保存。"))
        return redirect(url_for(".guests", edition_id=edition_id), 303)
    page = render_template(
        "agenda/guest_groups.html", form=change.form, edition=change.row, versions=change.versions
    )  # fmt: skip
    return page, change.status


def _filled_groups(found: Edition) -> GroupsForm:
    """What stands; the usual ones as long as there are none."""
    names = "\n".join(row.name for row in queries.groups(found.id))
    return GroupsForm(formdata=None, names=names or "\n".join(USUAL_GROUPS), stood=names)


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
        "agenda/letters.html", edition=found, guests=rows, span=queries.edition_span(found.id), today=web.today()
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
