"""The days of an edition on the desk: a board of rooms and hours, a part of a day moved, what to think about."""

from datetime import date, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import web
from ...core.errors import Conflict, RuleBroken
from ...core.paging import Page
from ...core.web import Who, access_mark
from ...events.rules import Status
from .. import forms, outcomes, planned, programme, queries, rules, services
from ..board import Part
from ..board import board as board_of
from ..forms import ShiftForm
from ..outcomes import Shift
from ..travel import RemarkKind
from .desk import bp, tabs

ROOMS_SHOWN = 20
MOST_REMARKS = 300


def asked_day(days: list[date]) -> date | None:
    """The day in the address when something takes place on it, else the first that is not over, else the last."""
    wanted = request.args.get("day", "")
    if not days:
        return None
    return next(
        (day for day in days if day.isoformat() == wanted), next((day for day in days if day >= web.today()), days[-1])
    )


@bp.get("/editions/<id:edition_id>/agenda")
@access_mark(Who.ORGANIZER)
def board(edition_id: int) -> ResponseReturnValue:
    """One day: rooms down, parts of the day across."""
    found = queries.edition(web.actor(), edition_id)
    whole = queries.whole(found.id)
    days = programme.days(whole.programme, web.zone())
    day = asked_day(days)
    lines = board_of(whole.programme, day, web.zone()) if day else []
    number = max(1, min(web.whole_number(request.args.get("page"), 1), max(1, -(-len(lines) // ROOMS_SHOWN))))
    first = (number - 1) * ROOMS_SHOWN
    return render_template(
        "agenda/board.html", edition=found, days=days, day=day, parts_of_day=[web.label(part) for part in Part],
        tabs=tabs(found, "board"),
        page=Page(lines[first : first + ROOMS_SHOWN], number, ROOMS_SHOWN, len(lines)),
        counts=programme.counts(whole.programme), rooms=whole.rooms, facts=whole.facts,
    )  # fmt: skip


@bp.route("/editions/<id:edition_id>/agenda/shift", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def shift(edition_id: int) -> ResponseReturnValue:
    """Everything after an hour of a day earlier or later: first what would move, then do it."""
    found = queries.edition(web.actor(), edition_id)
    form = ShiftForm()
    forums = [row for row in queries.forums_of(found.id) if row.status is Status.SCHEDULED]
    form.forum_id.choices = [
        SelectChoice("", _("所有分会场")),
        *(SelectChoice(str(row.id), row.own_name) for row in forums),
    ]
    ahead, status = None, 200
    if request.method == "GET":
        form.on.data = asked_day(sorted({web.local(row.starts_at).date() for row in forums}))
        form.after.data = time(11)
    elif not form.validate_on_submit():
        status = 422
    else:
        by = _shift(form)
        try:
            if form.is_seen and request.form.get("then") == "save":
                count = services.shift(
                    found.id, by, seen=form.seen_outcome, actor=web.actor(), now=web.arrived_at()
                )  # fmt: skip
                flash(_("已移动 %(count)s 个环节。", count=count))
                return redirect(url_for(".board", edition_id=found.id, day=form.on.data.isoformat()), 303)
            rules.check_shift(by.minutes)
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status = refused.status
        if status != 422:
            ahead = outcomes.shifting(queries.whole(found.id).programme, by)
            form.remember(ahead.digest)
            if status == 200 and not ahead.sessions:
                forms.refuse(form, RuleBroken("agenda.shift_nothing"))
                status = 422
    found = queries.edition(web.actor(), edition_id)
    page = render_template("agenda/shift.html", edition=found, form=form, ahead=ahead and ahead.sessions)
    return page, status


def _shift(form: ShiftForm) -> Shift:
    forum_id = int(form.forum_id.data) if form.forum_id.data else None
    return Shift(
        web.instant(form.on.data, form.after.data), web.midnight_after(form.on.data), form.minutes.data or 0, forum_id
    )  # fmt: skip


# ---- what to think about


@bp.get("/editions/<id:edition_id>/agenda/checks")
@access_mark(Who.ORGANIZER)
def checks(edition_id: int) -> ResponseReturnValue:
    """What is possible but will not go well. Nothing here refuses anything."""
    found = queries.edition(web.actor(), edition_id)
    whole = queries.whole(found.id)
    remarks = planned.remarks_on(whole)
    shown = request.args.get("kind", "")
    kinds = {kind: sum(1 for remark in remarks if remark.kind is kind) for kind in RemarkKind}
    return render_template(
        "agenda/checks.html", edition=found, tabs=tabs(found, "checks"), kinds=kinds, shown=shown,
        remarks=[remark for remark in remarks if not shown or remark.kind.value == shown][:MOST_REMARKS],
        total=len(remarks),
    )  # fmt: skip
