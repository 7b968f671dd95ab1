"""轮值承办: the list of hosts of a series, whose turn the coming issues are, exchanges that the owner decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectChoice

from ....core import web
from ....core.editing import edited
from ....core.errors import Conflict, DomainError, RuleBroken
from ....core.forms import PlainForm
from ....core.versions import Version, both_versions
from ....core.web import Who, access_mark
from ...models import Series
from ...queries import manage as queries
from ...views.manage.desk import bp
from .. import forms, rotation, services
from .. import queries as host_queries
from ..forms import HandoverForm, JoinForm, MonthsForm, SwapForm
from ..queries import Circle, Issue
from ..rotation import Turn
from ..rules import Exchange

MOST_COMING = 36  # six years of six issues
MOST_FOUND = 12


@dataclass(frozen=True)
class Seat:
    """A unit of the list as the page shows it."""

    unit_id: int
    name: str
    months: list[str]
    had: int
    coming: int
    counts_from: date | None
    closed_on: date | None


@dataclass(frozen=True)
class Coming:
    """An issue to come: who runs it, and whose turn it would be where nobody has agreed yet."""

    issue: Issue
    due: int | None
    due_name: str


@bp.get("/series/<id:series_id>/hosts")
@access_mark(Who.ORGANIZER)
def hosts(series_id: int) -> ResponseReturnValue:
    """The list in order, the coming issues with dates and hosts, and what was exchanged."""
    return _page(queries.series(web.actor(), series_id))


def _page(
    found: Series, *, sent: FlaskForm | None = None, status: int = 200, versions: Sequence[Version] = ()
) -> ResponseReturnValue:
    circle, issues = host_queries.circle(found.id), host_queries.issues(found.id)
    now, zone = web.arrived_at(), web.zone()
    held = host_queries.turns(issues, zone)
    due = host_queries.turns_due(found.id, issues, now=now, zone=zone)
    names = {each.member.unit_id: each.name for each in circle.listed}
    coming = [
        Coming(issue, due.get(issue.id), names.get(due.get(issue.id, 0), ""))
        for issue in issues
        if issue.is_ahead(now, zone)
    ]
    text = (request.args.get("q") or "").strip()[:50]
    page = render_template(
        "manage/hosts.html", series=found, circle=circle, seats=[_seat(each, held) for each in circle.listed],
        coming=coming[:MOST_COMING], more=max(0, len(coming) - MOST_COMING), due=due, after=_after(circle, held, due),
        text=text, found=host_queries.units_to_list(found.id, text, web.today(), limit=MOST_FOUND) if text else [],
        handover=sent if isinstance(sent, HandoverForm) else _handover_form(circle), sent=sent, versions=versions,
        plain=PlainForm(formdata=None),
        swaps=host_queries.swaps(found.id), exchangeable=len({each.issue.unit_id for each in coming}) > 1,
    )  # fmt: skip
    return page, status


def _seat(each: host_queries.Listed, held: Sequence[Turn]) -> Seat:
    member, today = each.member, web.today()
    mine = [turn for turn in held if turn.unit_id == member.unit_id]
    return Seat(
        member.unit_id, each.name, [web.month_name(month) for month in sorted(member.blackout)],
        sum(turn.on <= today for turn in mine), sum(turn.on > today for turn in mine), member.counts_from,
        member.valid_to,
    )  # fmt: skip


def _after(circle: Circle, held: Sequence[Turn], due: dict[int, int]) -> list[str]:
    """Whose turns the issues after those on the page are, one round of the list; months are not known yet."""
    members = [replace(member, blackout=frozenset()) for member in circle.members]
    last = max([web.today(), *(turn.on for turn in held)])
    so_far = [*held, *(Turn(last, unit_id) for unit_id in due.values())]
    names = {each.member.unit_id: each.name for each in circle.listed}
    # Each a day after the one before: enough to say which was last.
    days = [last + timedelta(days=n) for n in range(1, len(members) + 1)]
    found = rotation.next_hosts(members, so_far, days)
    return [names[unit_id] for unit_id in found if unit_id is not None]


def _back(series_id: int, anchor: str = "") -> ResponseReturnValue:
    return redirect(url_for(".hosts", series_id=series_id, _anchor=anchor or None), 303)


def _refused(series_id: int, form: FlaskForm, refused: DomainError) -> ResponseReturnValue:
    """The page as it stands now, with why nothing was done."""
    forms.refuse(form, refused)
    versions: list[Version] = []
    if isinstance(form, HandoverForm) and isinstance(refused, Conflict):
        versions = both_versions(form, _handover_form(host_queries.circle(series_id)))
    return _page(queries.series(web.actor(), series_id), sent=form, status=refused.status, versions=versions)


def _handover_form(circle: Circle) -> HandoverForm:
    return HandoverForm(formdata=None, days=circle.handover_days, revision=str(circle.revision))


@bp.post("/series/<id:series_id>/hosts/join")
@access_mark(Who.ORGANIZER)
def host_join(series_id: int) -> ResponseReturnValue:
    """A unit comes to the end of the list."""
    found = queries.series(web.actor(), series_id)
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(found, sent=form, status=422)
    unit_id = web.whole_number(form.unit_id.data, -1)
    try:
        services.join_rotation(
            found.id, unit_id, revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
            zone=web.zone(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(series_id, form, refused)
    return _back(series_id, f"host-{unit_id}")


@bp.post("/series/<id:series_id>/hosts/<id:unit_id>/move")
@access_mark(Who.ORGANIZER)
def host_move(series_id: int, unit_id: int) -> ResponseReturnValue:
    """One place earlier or later in the list."""
    found = queries.series(web.actor(), series_id)
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(found, sent=form, status=422)
    try:
        services.move_in_rotation(
            found.id, unit_id, up=request.form.get("do") == "up", revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
    except Conflict as refused:
        return _refused(series_id, form, refused)
    return _back(series_id, f"host-{unit_id}")


@bp.route("/series/<id:series_id>/hosts/<id:unit_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def host_months(series_id: int, unit_id: int) -> ResponseReturnValue:
    """The months in which a unit has no turn; and taking it off the list."""
    found = queries.series(web.actor(), series_id)
    change = edited(
        lambda: host_queries.circle(found.id),
        form=lambda circle: MonthsForm(), filled=lambda circle: _filled_months(circle, unit_id), refuse=forms.refuse,
        save=lambda circle, form: services.set_blackout(
            found.id, circle.seat(unit_id).member.unit_id, form.months.data or (), revision=form.expected_revision,
            actor=web.actor(), now=web.arrived_at(),
        ),
    )  # fmt: skip
    if change.saved:
        flash(_("已保存。已经排定的期次不变。"))
        return _back(series_id, f"host-{unit_id}")
    page = render_template(
        "manage/host_months.html", series=queries.series(web.actor(), series_id), unit_id=unit_id,
        name=change.row.seat(unit_id).name, form=change.form, versions=change.versions, revision=change.row.revision,
    )  # fmt: skip
    return page, change.status


def _filled_months(circle: Circle, unit_id: int) -> MonthsForm:
    return MonthsForm(
        formdata=None, months=sorted(circle.seat(unit_id).member.blackout), revision=str(circle.revision)
    )  # fmt: skip


@bp.post("/series/<id:series_id>/hosts/<id:unit_id>/leave")
@access_mark(Who.ORGANIZER)
def host_leave(series_id: int, unit_id: int) -> ResponseReturnValue:
    """A unit leaves the list; the issues that it has stay with it."""
    found = queries.series(web.actor(), series_id)
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(found, sent=form, status=422)
    try:
        services.leave_rotation(
            found.id, unit_id, revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
            zone=web.zone(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(series_id, form, refused)
    flash(_("已移出轮值。已经排定的期次不变，要改请另行指定或对调。"))
    return _back(series_id)


@bp.post("/series/<id:series_id>/hosts/handover")
@access_mark(Who.ORGANIZER)
def host_handover(series_id: int) -> ResponseReturnValue:
    """For how many days after an issue its host keeps its rights on it."""
    found = queries.series(web.actor(), series_id)
    form = HandoverForm()
    if not form.validate_on_submit():
        return _page(found, sent=form, status=422)
    try:
        services.set_handover(
            found.id, form.days.data, revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
            zone=web.zone(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(series_id, form, refused)
    flash(_("已保存，各期的交接日期跟着变。"))
    return _back(series_id, "h-handover")


@bp.post("/series/<id:series_id>/hosts/give-out")
@access_mark(Who.ORGANIZER)
def hosts_give_out(series_id: int) -> ResponseReturnValue:
    """The ticked drafts get the hosts that stood beside them."""
    found = queries.series(web.actor(), series_id)
    form = PlainForm()
    if not form.validate_on_submit():
        return _page(found, sent=form, status=422)
    try:
        given = services.give_out_turns(found.id, _ticked(), actor=web.actor(), now=web.arrived_at(), zone=web.zone())
    except Conflict as refused:
        return _refused(series_id, form, refused)
    words = ngettext("已排定 %(num)s 期。", "已排定 %(num)s 期。", len(given))
    flash(words if given else _("没有新排定的期次。"))
    return _back(series_id)


def _ticked() -> dict[int, int]:
    """Edition → unit, from values like "12,7"."""
    pairs = [value.partition(",") for value in request.form.getlist("issue")[:MOST_COMING]]
    return {web.whole_number(edition, -1): web.whole_number(unit, -1) for edition, _comma, unit in pairs}


@bp.route("/series/<id:series_id>/hosts/swap", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def hosts_swap(series_id: int) -> ResponseReturnValue:
    """Two issues change hosts: choose, see what would come of it, then do it."""
    found = queries.series(web.actor(), series_id)
    now, zone = web.arrived_at(), web.zone()
    coming = [issue for issue in host_queries.issues(found.id) if issue.is_ahead(now, zone)][:MOST_COMING]
    form = SwapForm(request.form if request.method == "POST" else request.args)
    for field in (form.first, form.second):
        field.choices = [SelectChoice("", _("请选择")), *(SelectChoice(str(each.id), said(each)) for each in coming)]
    pair, status = chosen(form, coming), 200
    if request.method == "POST" and form.validate() and pair:
        try:
            services.swap_hosts(exchange(form), reason=form.reason.data, actor=web.actor(), now=now, zone=zone)
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status, pair = refused.status, None
        else:
            flash(_("已对调。两个单位打开“今日”就能看到。"))
            return _back(series_id, "h-swaps")
    elif pair:
        pair = preview(form, pair)
        status = 422 if form.errors else 200
    found = queries.series(web.actor(), series_id)
    return render_template("manage/host_swap.html", series=found, form=form, pair=pair), status


def said(issue: Issue) -> str:
    """An issue as one chooses it: number, day, host."""
    day = web.day_words(web.local(issue.first_at)) if issue.first_at else str(_("未排日期"))
    return str(_("%(number)s，%(day)s，%(unit)s", number=issue.words, day=day, unit=issue.unit_name))


def chosen(form: SwapForm, issues: Sequence[Issue]) -> tuple[Issue, Issue] | None:
    by_id = {str(issue.id): issue for issue in issues}
    first, second = by_id.get(form.first.data or ""), by_id.get(form.second.data or "")
    return (first, second) if first and second else None


def preview(form: SwapForm, pair: tuple[Issue, Issue]) -> tuple[Issue, Issue] | None:
    """The pair when it can be exchanged; else None, and the form says why."""
    form.hosts.data = f"{pair[0].unit_id},{pair[1].unit_id}"
    try:
        host_queries.checked_swap(exchange(form), now=web.arrived_at(), zone=web.zone())
    except (RuleBroken, Conflict) as refused:
        forms.refuse(form, refused)
        return None
    return pair


def exchange(form: SwapForm) -> Exchange:
    return Exchange(int(form.first.data), int(form.second.data), *form.seen)
