"""Campaigns, the board of one, its terms, and deciding on many declarations at once."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import access, web
from ...core.access import Action, Actor
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.forms import PlainForm
from ...core.versions import Version, both_versions
from ...core.web import Who, access_mark
from ...events.kinds import Capability, can
from ...events.models import Edition
from ...events.panels import MOST_WAITING, Waiting
from ...events.queries.places import loaded_place
from .. import queries, rules, services
from ..forms import TermsForm, refuse
from ..rules import CampaignTerms, Checker
from .desk import board_of, bp, common, last_day

PER_PAGE = 50
LONGEST_SEARCH = 60
FILTERS = ("", "district", "top", "returned", "passed", "report", "late", "draft", "withdrawn")


@bp.get("/sites")
@access_mark(Who.ORGANIZER)
def campaigns() -> ResponseReturnValue:
    """The campaigns in which one declares or checks."""
    return render_template("sites/campaigns.html", boards=queries.campaigns(web.actor()))


@bp.get("/editions/<id:campaign_id>/sites")
@access_mark(Who.ORGANIZER)
def board(campaign_id: int) -> ResponseReturnValue:
    """Every declaration that one sees, by what is to be done with it."""
    return _board(campaign_id, PlainForm(formdata=None))


def _board(
    campaign_id: int, form: PlainForm, *, ticked: set[int] | None = None, status: int = 200
) -> ResponseReturnValue:
    edition, terms = board_of(campaign_id)
    now, actor = web.arrived_at(), web.actor()
    chosen = request.args.get("show", "")
    chosen = chosen if chosen in FILTERS else ""
    text = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    query = queries.rows(actor, edition, terms, now, chosen=chosen, text=text)
    reaches = queries.reaches(actor, edition)
    runs = reaches(queries.root_of(edition))

    def may_decide(site: Any) -> bool:
        unit = site.waits_unit
        return bool(unit) and (runs or reaches(Checker(unit.id, unit.path, unit.name, True)))

    counts = queries.counts(actor, edition, terms, now)
    page = web.page(query, per_page=PER_PAGE, total=None if text else counts[chosen])
    return render_template(
        "sites/board.html", form=form, page=page, chosen=chosen, text=text, ticked=ticked or set(),
        counts=counts, filters=FILTERS, now=now, report_due=rules.report_due,
        decidable={site.id for site in page.items if may_decide(site)}, runs=runs, **common(edition, terms, "board"),
    ), status  # fmt: skip


@bp.post("/editions/<id:campaign_id>/sites/check")
@access_mark(Who.ORGANIZER)
def check(campaign_id: int) -> ResponseReturnValue:
    """Pass or return what is ticked: all of it, or nothing when some was changed meanwhile."""
    form = PlainForm()
    ticked = _ticked()
    status = 422
    if form.validate_on_submit():
        passes = request.form.get("do") != "return"
        try:
            done = services.decide(
                campaign_id, ticked, passes=passes, reason=request.form.get("reason", ""), actor=web.actor(),
                now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        except Conflict as conflict:
            refuse(form, conflict)
            status = 409
        else:
            flash(_said(done))
            if one := request.form.get("back"):
                return redirect(url_for(".site", site_id=web.whole_number(one, 0)), 303)
            return redirect(url_for(".board", campaign_id=campaign_id, show=request.args.get("show") or None), 303)
    return _board(campaign_id, form, ticked=set(ticked), status=status)


def _said(done: services.Decided) -> str:
    if done.returned:
        return str(_("已退回 %(count)s 项，理由写给了申报单位。", count=done.returned))
    parts = []
    if done.passed_up:
        parts.append(_("%(count)s 项已同意，报上级审核", count=done.passed_up))
    if done.passed:
        parts.append(_("%(count)s 项已通过", count=done.passed))
    return str(_("，").join(parts) + _("。"))


def _ticked() -> dict[int, int]:
    """id → revision, as "5:2"."""
    found = {}
    for text in request.form.getlist("tick"):
        number, _sign, revision = text.partition(":")
        found[web.whole_number(number, 0)] = web.whole_number(revision, -1)
    return found


@bp.route("/editions/<id:campaign_id>/sites/terms", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def terms(campaign_id: int) -> ResponseReturnValue:
    """Kinds of activity and deadlines; for whoever runs the campaign."""
    edition, current = board_of(campaign_id)
    if not access.allows(web.actor(), Action.PLAN, loaded_place(edition)):
        raise NotFound()
    form, status = TermsForm(), 422
    if form.validate_on_submit():
        declares_on, reports_on = form.declares_on.data, form.reports_on.data
        try:
            services.set_terms(
                campaign_id, rules.read_categories(form.categories.data, current.categories),
                declares_until=web.midnight_after(declares_on) if declares_on else None,
                reports_until=web.midnight_after(reports_on) if reports_on else None,
                expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        except Conflict as conflict:
            refuse(form, conflict)
            status = 409
        else:
            flash(_("申报要求已保存。"))
            return redirect(url_for(".board", campaign_id=campaign_id), 303)
    elif request.method == "GET":
        _fill(form, current)
    edition, current = board_of(campaign_id)
    versions: list[Version] = []
    if status == 409:
        now = TermsForm(formdata=None)
        _fill(now, current)
        versions = both_versions(form, now)
    page = render_template("sites/terms.html", form=form, versions=versions, **common(edition, current, "terms"))
    return page, status if form.errors else 200


def _fill(form: TermsForm, terms: CampaignTerms) -> None:
    form.categories.data = "\n".join(category.name for category in terms.categories)
    form.declares_on.data, form.reports_on.data = last_day(terms.declares_until), last_day(terms.reports_until)
    form.revision.data = str(terms.revision)


def desk_panel(edition: Edition, _actor: Actor, _now: object) -> Markup | None:
    """The way from an edition's desk to its activities."""
    if not can(edition.series.kind, Capability.SITES):
        return None
    return Markup(render_template("sites/_desk_panel.html", edition=edition))  # noqa: S704 -- a rendered template


def waiting(actor: Actor, now: datetime, edition_id: int | None) -> list[Waiting]:
    """What campaigns ask of this actor: to decide, to mend what was returned, to report on what was held."""
    found = []
    for each in queries.duties(actor, now, edition_id, MOST_WAITING):
        top = access.allows(actor, Action.APPROVE, loaded_place(each.edition))
        for count, what, show in (
            (each.decide, _("申报的活动待审"), "top" if top else "district"),
            (each.mend, _("申报的活动被退回"), "returned"),
            (each.report, _("活动总结待填"), "report"),
        ):
            if count:
                href = url_for("sites_manage.board", campaign_id=each.edition.id, show=show)
                found.append(Waiting(count, str(what), each.edition.name, None, href))
    return found
