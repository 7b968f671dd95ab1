"""The days of an edition on the desk: a board of rooms and hours, a part of a day moved, what to think about."""

from datetime import date, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import web
from ...core.errors import Conflict, RuleBroken
from ...core.paging import Page
from ...core.web import Who, access_mark
from ...events.rules import Status
from .. import forms, programme, queries, services
from ..board import Part
from ..board import board as board_of
from ..forms import ShiftForm
from ..services import Shift
from ..travel import Gathering, Remark, RemarkKind, Spot, Stay, room_remarks, same_names, travel_remarks
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
    ahead = None
    status = 200
    if request.method == "GET":
        form.on.data = asked_day(sorted({web.local(row.starts_at).date() for row in forums}))
        form.after.data = time(11)
    elif form.validate_on_submit():
        by = _shift(form)
        if form.seen.data and request.form.get("then") == "save":
            try:
                count = services.shift(found.id, by, seen=form.seen.data, actor=web.actor(), now=web.arrived_at())
            except (RuleBroken, Conflict) as refused:
                forms.refuse(form, refused)
                status = refused.status
            else:
                flash(_("已移动 %(count)s 个环节。", count=count))
                return redirect(url_for(".board", edition_id=found.id, day=form.on.data.isoformat()), 303)
        if status in (200, 409):
            ahead = queries.to_shift(found.id, by)
            form.seen.data = services.digest_of(ahead)
            if status == 200 and not ahead:
                forms.refuse(form, RuleBroken("agenda.shift_nothing"))
    found = queries.edition(web.actor(), edition_id)
    page = render_template(
        "agenda/shift.html", edition=found, form=form, ahead=ahead,
        by=timedelta(minutes=form.minutes.data or 0),
    )  # fmt: skip
    return page, status if status != 200 else 422 if form.errors else 200


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
    remarks = remarks_on(whole)
    shown = request.args.get("kind", "")
    kinds = {kind: sum(1 for remark in remarks if remark.kind is kind) for kind in RemarkKind}
    return render_template(
        "agenda/checks.html", edition=found, tabs=tabs(found, "checks"), kinds=kinds, shown=shown,
        remarks=[remark for remark in remarks if not shown or remark.kind.value == shown][:MOST_REMARKS],
        total=len(remarks),
    )  # fmt: skip


def remarks_on(whole: queries.Whole) -> list[Remark]:
    """Everything that stands on the page, the most pressing kind first."""
    held = [forum for forum in whole.programme if not forum.cancelled]
    found = [*travel_remarks(_stays(whole, held)), *room_remarks(_gatherings(whole, held))]
    people = [(who.name, who.organization) for who, _count in programme.speakers(tuple(held))]
    for name, units in same_names(people):
        where = next(
            forum for forum in held if any(who.name == name for who, _n in programme.speakers((forum,)))
        )  # fmt: skip
        found.append(
            Remark(RemarkKind.SAME_NAME, where.name, where.id, "、".join(unit or "—" for unit in units), person=name)
        )
    order = list(RemarkKind)
    return sorted(found, key=lambda remark: order.index(remark.kind))


def _spot(whole: queries.Whole, room_id: int | None) -> Spot:
    return whole.rooms[room_id].spot if room_id in whole.rooms else Spot(None)


def _stays(whole: queries.Whole, held: list[programme.Forum]) -> Any:
    for forum in held:
        for part in forum.sessions:
            if part.cancelled:
                continue
            spot = _spot(whole, part.room_id)
            for who in part.chairs:
                yield Stay(who.id, who.name, part.name, forum.id, part.starts_at, part.ends_at, spot)
            led = {who.id for who in part.chairs}
            for talk in part.talks:
                for who in talk.speakers if not talk.cancelled else ():
                    if who.id not in led:
                        yield Stay(who.id, who.name, talk.title, forum.id, talk.starts_at, talk.ends_at, spot)


def _gatherings(whole: queries.Whole, held: list[programme.Forum]) -> Any:
    for forum in held:
        facts = whole.facts[forum.id]
        known = [count for count in (facts.taken, facts.capacity, facts.expected) if count]
        people = max(known) if known else None
        room = whole.rooms.get(forum.room_id) if forum.room_id else None
        yield Gathering(
            forum.name, forum.id, room.words if room else "", room.seats if room else None, people,
            has_place=bool(forum.place or (forum.sessions and all(part.place for part in forum.sessions))),
        )  # fmt: skip
        for part in forum.sessions:
            if part.cancelled:
                continue
            outside = part.starts_at < forum.starts_at or part.ends_at > forum.ends_at
            elsewhere = whole.rooms.get(part.room_id) if part.room_id and part.room_id != forum.room_id else None
            # A session elsewhere is for those who came to the sub-forum, unless several run beside each other.
            alone = not any(
                other.id != part.id and other.starts_at < part.ends_at and other.ends_at > part.starts_at
                for other in forum.sessions
            )
            yield Gathering(
                part.name, forum.id, elsewhere.words if elsewhere else "", elsewhere.seats if elsewhere else None,
                people if elsewhere and alone else None, outside=outside,
            )  # fmt: skip
