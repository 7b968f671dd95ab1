"""What the host of an edition asks for: its approval, and another host to exchange."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import access, web
from ....core.access import Action
from ....core.errors import Conflict, RuleBroken
from ....core.forms import PlainForm
from ....core.web import Who, access_mark
from ...kinds import Capability, can
from ...queries import manage as queries
from ...queries.places import place_of
from ...views.manage.desk import bp, may
from .. import forms, services
from .. import queries as host_queries
from ..forms import RequestForm, ReturnForm, SwapForm
from ..rules import RequestState, SwapState
from .rotation import MOST_COMING, chosen, exchange, preview, said


@bp.route("/editions/<id:edition_id>/approval", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_approval(edition_id: int) -> ResponseReturnValue:
    """申请备案: what it is about and who comes; and what became of it."""
    found = queries.edition(web.actor(), edition_id)
    asked = host_queries.latest_request(found.id)
    form = RequestForm(theme=asked.theme if asked else found.title, guests=asked.guests if asked else "")
    status = 200
    if form.validate_on_submit():
        try:
            services.request_approval(
                found.id, theme=form.theme.data, guests=form.guests.data, actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            forms.refuse(form, broken)
            status = 422
        else:
            flash(_("已提交申请，主办单位会在“今日”里看到。"))
            return redirect(url_for(".edition", edition_id=edition_id), 303)
    elif form.errors:
        status = 422
    return _approval_page(edition_id, form, ReturnForm(formdata=None), status)


def _approval_page(edition_id: int, form: RequestForm, back: ReturnForm, status: int) -> ResponseReturnValue:
    found = queries.edition(web.actor(), edition_id)
    asked = host_queries.latest_request(found.id)
    page = render_template(
        "manage/edition_approval.html", edition=found, series=found.series, form=form, back=back, asked=asked,
        waits=asked is not None and asked.state is RequestState.ASKED, may_approve=may(Action.APPROVE, found),
        needed=can(found.series.kind, Capability.APPROVAL_FIRST),
    )  # fmt: skip
    return page, status


@bp.post("/editions/<id:edition_id>/approval/return")
@access_mark(Who.ORGANIZER)
def edition_approval_return(edition_id: int) -> ResponseReturnValue:
    """Give the request back with a reason."""
    found = queries.edition(web.actor(), edition_id)
    access.require(web.actor(), Action.APPROVE, place_of(found))
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            services.return_request(found.id, reason=form.answer.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已退回，承办单位会在“今日”里看到原因。"))
            return redirect(url_for(".edition", edition_id=edition_id), 303)
    asked = host_queries.latest_request(edition_id)
    shown = RequestForm(formdata=None, theme=asked.theme if asked else "", guests=asked.guests if asked else "")
    return _approval_page(edition_id, shown, form, 422)


@bp.route("/editions/<id:edition_id>/swap", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_swap(edition_id: int) -> ResponseReturnValue:
    """Ask the host of another issue to exchange. Only issues that one may see are there to choose from."""
    found = queries.edition(web.actor(), edition_id)
    now, zone = web.arrived_at(), web.zone()
    own, others = host_queries.to_exchange(found, web.actor(), now=now, zone=zone, limit=MOST_COMING)
    form = SwapForm(request.form if request.method == "POST" else request.args)
    form.first.choices = [SelectChoice(str(found.id), found.number_words)]
    form.first.data = str(found.id)
    form.second.choices = [SelectChoice("", _("请选择")), *(SelectChoice(str(each.id), said(each)) for each in others)]
    pair, status = chosen(form, [own, *others] if own else []), 200
    if request.method == "POST" and form.validate() and pair:
        try:
            services.ask_swap(exchange(form), reason=form.reason.data, actor=web.actor(), now=now, zone=zone)
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status, pair = refused.status, None
        else:
            flash(_("已提出对调，等对方答复。"))
            return redirect(url_for(".edition", edition_id=edition_id), 303)
    elif pair:
        pair = preview(form, pair)
        status = 422 if form.errors else 200
    found = queries.edition(web.actor(), edition_id)
    return render_template("manage/edition_swap.html", edition=found, form=form, pair=pair, others=others), status


@bp.route("/swaps/<id:swap_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def host_swap(swap_id: int) -> ResponseReturnValue:
    """Agree to an exchange, decline it, or take back that one asked."""
    host_queries.swap(swap_id, web.actor())
    form = PlainForm()
    status = 200
    if form.validate_on_submit():
        try:
            row = services.answer_swap(
                swap_id, agree=request.form.get("do") == "agree", actor=web.actor(), now=web.arrived_at(),
                zone=web.zone(),
            )  # fmt: skip
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status = refused.status
        else:
            flash(_("已对调。") if row.state is SwapState.DONE else _("已答复，期次不变。"))
            return redirect(url_for(".home"), 303)
    found = host_queries.swap(swap_id, web.actor())
    first, second = host_queries.pair_of(found)
    page = render_template(
        "manage/swap.html", swap=found, first=first, second=second, form=form,
        answers=host_queries.plans(web.actor(), found.second_edition_id), waits=found.state is SwapState.ASKED,
    )  # fmt: skip
    return page, status
