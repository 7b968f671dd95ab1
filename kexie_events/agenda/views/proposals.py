"""Proposals of sub-forums: the call, what units write and hand in, what the owner of the edition decides."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import access, spreadsheet, web
from ...core.access import Action, Place
from ...core.editing import edited, pressed
from ...core.errors import RuleBroken
from ...core.http import csv_answer
from ...core.web import Who, access_mark
from ...events.models import Edition
from ...events.offering import offer_rooms
from ...events.queries.places import place_of
from ...units.models import Unit
from ...units.queries import unit_path, units_in_force
from .. import forms, queries, rules, services
from ..forms import AcceptForm, CallForm, ManyForm, ProposalForm, ReasonForm, RowForm
from ..models import Proposal
from ..rules import Half, ProposalPlan, ProposalState
from ..services import Placing
from .desk import bp, chosen, tabs

MARKS = {
    ProposalState.DRAFT: "wait",
    ProposalState.SUBMITTED: "queue",
    ProposalState.RETURNED: "back",
    ProposalState.ACCEPTED: "ok",
    ProposalState.DECLINED: "stop",
    ProposalState.WITHDRAWN: "gone",
}


# ---- for the owner of the edition


@bp.get("/editions/<id:edition_id>/proposals")
@access_mark(Who.ORGANIZER)
def proposals(edition_id: int) -> ResponseReturnValue:
    """What was handed in; those that wait stand first."""
    return _proposals(edition_id, ManyForm(formdata=None))


def _proposals(edition_id: int, form: ManyForm, status: int = 200) -> ResponseReturnValue:
    found = queries.edition(web.actor(), edition_id)
    state = next((each for each in ProposalState if each.value == request.args.get("state")), None)
    text = " ".join(request.args.get("q", "").split())[:60]
    page = render_template(
        "agenda/proposals.html", edition=found, tabs=tabs(found, "proposals"), form=form, marks=MARKS,
        page=web.page(queries.proposals_of(found.id, state=state, text=text)), state=state, words=text,
        counts=queries.proposal_counts(found.id), call=queries.call(found.id), states=list(ProposalState)[1:],
    )  # fmt: skip
    return page, status


@bp.get("/editions/<id:edition_id>/proposals.csv")
@access_mark(Who.ORGANIZER)
def proposals_export(edition_id: int) -> ResponseReturnValue:
    """The same list for a spreadsheet."""
    found = queries.edition(web.actor(), edition_id)
    rows = queries.proposals_listed(found.id)
    head = [
        str(word)
        for word in (
            _("主题"), _("申报单位"), _("牵头专家"), _("预计人数"), _("希望的日期"), _("希望的时段"), _("场地要求"),
            _("经费说明"), _("状态"), _("原因"),
        )
    ]  # fmt: skip
    lines = (
        [
            row.theme, row.unit.name, row.expert, row.expected or "", row.wished_on or "", web.label(row.wished_half),
            row.needs, row.budget, web.label(row.state), row.reason,
        ]
        for row in rows
    )  # fmt: skip
    return csv_answer(f"proposals-{found.id}.csv", stream_with_context(spreadsheet.lines(head, lines)))


@bp.post("/editions/<id:edition_id>/proposals/accept")
@access_mark(Who.ORGANIZER)
def proposals_accept(edition_id: int) -> ResponseReturnValue:
    """Accept those that are ticked, each at the time that was wished for."""
    found = queries.edition(web.actor(), edition_id)
    form = ManyForm()
    form.ids.choices = [SelectChoice(id, id) for id in request.form.getlist("ids") if id.isascii() and id.isdigit()]
    if form.validate_on_submit():
        try:
            made = services.accept_all(
                found.id, [web.whole_number(id, 0) for id in form.ids.data or []], actor=web.actor(),
                now=web.arrived_at(), zone=web.zone(),
            )  # fmt: skip
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已通过 %(count)s 份，按希望的时段建好了分会场草稿，场地还没有定。", count=len(made)))
            return redirect(url_for(".proposals", edition_id=found.id), 303)
    return _proposals(edition_id, form, 422)


@bp.route("/editions/<id:edition_id>/call", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def call(edition_id: int) -> ResponseReturnValue:
    """Invite units to propose sub-forums for a time. Somebody who was slower sees both versions and decides."""
    change = edited(
        lambda: queries.edition(web.actor(), edition_id),
        form=lambda row: _call_form(), filled=_filled_call, save=_set_call, refuse=forms.refuse,
    )  # fmt: skip
    if change.saved:
        flash(_("征集已保存，受邀单位在“分会场申报”里能看到。"))
        return redirect(url_for(".proposals", edition_id=edition_id), 303)
    page = render_template("agenda/call.html", edition=change.row, form=change.form, versions=change.versions)
    return page, change.status


def _call_form(**values: Any) -> CallForm:
    form = CallForm(**values)
    form.unit_ids.choices = [SelectChoice(str(unit.id), unit.name) for unit in units_in_force(web.today())]
    return form


def _set_call(found: Edition, form: CallForm) -> None:
    services.set_call(
        found.id, opens_at=web.instant(form.opens_on.data), closes_at=web.midnight_after(form.closes_on.data),
        words=form.words.data or "", everybody=form.everybody.data,
        unit_ids=[int(id) for id in form.unit_ids.data or []], expected_revision=form.expected_revision,
        actor=web.actor(), now=web.arrived_at(),
    )  # fmt: skip


def _filled_call(found: Edition) -> CallForm:
    row = queries.call(found.id)
    form = _call_form(formdata=None, revision=str(row.revision if row else 0))
    if row is None:
        form.opens_on.data = web.today()
        return form
    form.opens_on.data = web.local(row.opens_at).date()
    form.closes_on.data = web.local(row.closes_at - timedelta(seconds=1)).date()
    form.words.data, form.everybody.data = row.words, row.everybody
    form.unit_ids.data = [str(id) for id in queries.called_units(found.id)]
    return form


# ---- for the units that propose


@bp.get("/proposals")
@access_mark(Who.ORGANIZER)
def own_proposals() -> ResponseReturnValue:
    """Calls that are open to my units, and what they have proposed."""
    calls = queries.open_calls(web.actor(), web.arrived_at(), web.today())
    return render_template(
        "agenda/own_proposals.html", calls=calls, page=web.page(queries.own_proposals(web.actor())), marks=MARKS
    )


@bp.route("/calls/<id:edition_id>/proposals/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def proposal_new(edition_id: int) -> ResponseReturnValue:
    """A draft that only one's own unit sees until it is handed in."""
    found, units = queries.the_call(web.actor(), edition_id, web.today())
    form = ProposalForm()
    _offer(form, units)
    if form.validate_on_submit():
        try:
            row = services.start_proposal(
                edition_id, int(form.unit_id.data), _plan(form), key=form.sound_key, actor=web.actor(),
                now=web.arrived_at(), zone=web.zone(),
            )  # fmt: skip
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("草稿已保存。填完以后再提交。"))
            return redirect(url_for(".proposal", proposal_id=row.id), 303)
    page = render_template("agenda/proposal_edit.html", form=form, call=found, edition=found.edition, proposal=None)
    return page, 422 if form.errors else 200


def _offer(form: ProposalForm, units: Sequence[Unit]) -> None:
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    form.partners.choices = [SelectChoice(str(unit.id), unit.name) for unit in units_in_force(web.today())]


def _plan(form: ProposalForm) -> ProposalPlan:
    return ProposalPlan(
        form.theme.data, form.summary.data or "", form.expert.data or "", form.expected.data, form.budget.data or "",
        form.wished_on.data, Half(form.wished_half.data), form.needs.data or "",
        tuple(int(id) for id in form.partners.data or []),
    )  # fmt: skip


@bp.get("/proposals/<id:proposal_id>")
@access_mark(Who.ORGANIZER)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """One proposal: what its unit may still do with it, what the owner may decide."""
    return _proposal(queries.proposal(web.actor(), proposal_id))


def _mine(found: Proposal) -> bool:
    return access.allows(web.actor(), Action.PLAN, Place(unit_path(found.unit_id)))


def _proposal(
    found: Proposal, *, accept: AcceptForm | None = None, answer: ReasonForm | None = None, sent: Any = None,
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    owner = access.allows(web.actor(), Action.PLAN, place_of(found.edition))
    deciding = owner and found.state is ProposalState.SUBMITTED
    if deciding and accept is None:
        accept = _accept_form(found)
    page = render_template(
        "agenda/proposal.html", proposal=found, edition=found.edition, partners=queries.partners(found.id),
        mine=_mine(found), owner=owner, deciding=deciding, accept=accept, sent=sent, mark=MARKS[found.state],
        answer=answer or ReasonForm(formdata=None, prefix="answer-", revision=str(found.revision)),
        call=queries.call(found.edition_id),
        missing=rules.missing(services.plan_of(found)), open_states=rules.OPEN, withdrawable=rules.WITHDRAWABLE,
    )  # fmt: skip
    return page, status


def _accept_form(found: Proposal) -> AcceptForm:
    starts, ends = rules.HOURS[found.wished_half]
    form = AcceptForm(
        formdata=None, on=found.wished_on, starts=starts, ends=ends, revision=str(found.revision)
    )  # fmt: skip
    offer_rooms(form.room_id, _("以后再定"))
    return form


@bp.route("/proposals/<id:proposal_id>/edit", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def proposal_edit(proposal_id: int) -> ResponseReturnValue:
    """Change what is still a draft or was returned."""
    change = edited(
        lambda: queries.proposal(web.actor(), proposal_id),
        form=_sent, filled=_filled, refuse=forms.refuse,
        save=lambda row, form: services.change_proposal(
            row.id, _plan(form), expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        ),
    )  # fmt: skip
    row = change.row
    if change.saved:
        flash(_("已保存。"))
        return redirect(url_for(".proposal", proposal_id=row.id), 303)
    page = render_template(
        "agenda/proposal_edit.html", form=change.form, proposal=row, edition=row.edition, versions=change.versions,
        call=queries.call(row.edition_id),
    )  # fmt: skip
    return page, change.status


def _sent(found: Proposal) -> ProposalForm:
    form = ProposalForm()
    _offer(form, [found.unit])
    return form


def _filled(found: Proposal) -> ProposalForm:
    form = ProposalForm(
        formdata=None, unit_id=str(found.unit_id), theme=found.theme, summary=found.summary, expert=found.expert,
        expected=found.expected, budget=found.budget, wished_on=found.wished_on, wished_half=found.wished_half.value,
        needs=found.needs, partners=[str(unit.id) for unit in queries.partners(found.id)],
        revision=str(found.revision),
    )  # fmt: skip
    _offer(form, [found.unit])
    return form


def _press(proposal_id: int, act: Any) -> ResponseReturnValue:
    found = queries.proposal(web.actor(), proposal_id)
    form = RowForm()
    status = pressed(form, lambda form: flash(act(found, form)), forms.refuse)
    if status == 303:
        return redirect(url_for(".proposal", proposal_id=found.id), 303)
    return _proposal(queries.proposal(web.actor(), proposal_id), sent=form, status=status)


@bp.post("/proposals/<id:proposal_id>/submit")
@access_mark(Who.ORGANIZER)
def proposal_submit(proposal_id: int) -> ResponseReturnValue:
    """Hand it in."""

    def act(found: Proposal, form: RowForm) -> Any:
        services.submit_proposal(
            found.id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
        return _("已提交，等主办单位审核。")

    return _press(proposal_id, act)


@bp.post("/proposals/<id:proposal_id>/withdraw")
@access_mark(Who.ORGANIZER)
def proposal_withdraw(proposal_id: int) -> ResponseReturnValue:
    """Its unit no longer wants it."""

    def act(found: Proposal, form: RowForm) -> Any:
        services.withdraw_proposal(
            found.id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
        return _("已撤回。")

    return _press(proposal_id, act)


@bp.post("/proposals/<id:proposal_id>/accept")
@access_mark(Who.ORGANIZER)
def proposal_accept(proposal_id: int) -> ResponseReturnValue:
    """It becomes a sub-forum at this time and place."""
    found = queries.proposal(web.actor(), proposal_id)
    form = AcceptForm()
    offer_rooms(form.room_id, _("以后再定"))

    def act(form: AcceptForm) -> None:
        to = Placing(
            web.instant(form.on.data, form.starts.data), web.instant(form.on.data, form.ends.data),
            chosen(form.room_id), form.place.data or "",
        )  # fmt: skip
        services.accept_proposal(
            found.id, to, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
            zone=web.zone(),
        )  # fmt: skip

    status = pressed(form, act, forms.refuse)
    if status == 303:
        flash(_("已通过，建好了分会场草稿，由申报单位排日程。"))
        return redirect(url_for(".proposal", proposal_id=found.id), 303)
    return _proposal(queries.proposal(web.actor(), proposal_id), accept=form, sent=form, status=status)


@bp.post("/proposals/<id:proposal_id>/answer")
@access_mark(Who.ORGANIZER)
def proposal_answer(proposal_id: int) -> ResponseReturnValue:
    """Return it to be changed, or decline it; either with a reason."""
    found = queries.proposal(web.actor(), proposal_id)
    form = ReasonForm(prefix="answer-")
    returned = request.form.get("answer") != ProposalState.DECLINED.value
    state = ProposalState.RETURNED if returned else ProposalState.DECLINED
    status = pressed(
        form,
        lambda form: services.answer_proposal(
            found.id, state, reason=form.reason.data, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        ),
        forms.refuse,
    )  # fmt: skip
    if status == 303:
        flash(_("已退回，申报单位改好后可以再提交。") if returned else _("已写明未通过。"))
        return redirect(url_for(".proposal", proposal_id=found.id), 303)
    return _proposal(queries.proposal(web.actor(), proposal_id), answer=form, sent=form, status=status)
