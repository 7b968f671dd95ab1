"""A further edition: as a copy of an earlier one, or from nothing with the milestones of its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import web
from ....core.errors import RuleBroken
from ....core.web import Who, access_mark
from ... import carrying, forms, numbering, rules, services, shifting, starting
from ...forms import CloneForm, StartForm
from ...kinds import KINDS, Capability, Point, can
from ...models import Edition, Series
from ...numbering import Numbered
from ...queries import manage as queries
from ...queries.manage import Source
from ...rules import Publication
from ...services.cloning import MILESTONES, MOST_COPIED, OCCURRENCES
from ...shifting import Shift, Shifting
from .desk import bp, numbered_of, offer_hosts


@dataclass(frozen=True)
class Offered:
    """One thing that may come along."""

    key: str
    words: str
    told: str
    ticked: bool


@bp.route("/series/<id:series_id>/editions/clone", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_clone(series_id: int) -> ResponseReturnValue:
    """The first of three pages: from which edition, its number, what comes along. Saving makes a draft."""
    found = queries.series(web.actor(), series_id)
    sources = queries.sources(found.id)
    if not sources:
        return redirect(url_for(".edition_new", series_id=found.id), 303)
    form = CloneForm()
    form.source.choices = [(str(one.edition.id), one.edition.number_words) for one in sources]
    source = _chosen(form, sources)
    offered = _offered(source)
    form.take.choices = [SelectChoice(one.key, one.words) for one in offered]
    suggested = _suggested(found, source)
    if request.method == "GET":
        form.source.data = str(source.edition.id)
        form.take.data = [one.key for one in offered if one.ticked]
        form.number.data, form.year.data = numbering.words(suggested), suggested.year
    elif form.validate_on_submit():
        try:
            edition = _clone(form, source)
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("%(number)s建好了，还是草稿，只有组织者能看到。", number=edition.number_words))
            return redirect(url_for(".edition_dates", edition_id=edition.id), 303)
    page = render_template(
        "manage/edition_clone.html", form=form, sources=sources,
        series=queries.series(web.actor(), series_id) if form.errors else found,
        chosen=source, offered=offered, rings_of=numbering.rings(suggested, len(sources) + 1),
        ring_number=numbering.ring_number(suggested), most=MOST_COPIED,
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _chosen(form: CloneForm, sources: Sequence[Source]) -> Source:
    """The one that was asked for; else the latest that was held, before drafts and what was called off."""
    asked = form.source.data if request.method == "POST" else request.args.get("from", "")
    held = [one for one in sources if one.edition.publication is Publication.PUBLISHED and not one.called_off]
    return next((one for one in sources if str(one.edition.id) == asked), (held or sources)[0])


def _suggested(series: Series, source: Source) -> Numbered:
    """Only suggested: which number an edition has, nobody can compute."""
    return numbering.following(queries.numbers_of(series.id), web.today().year) or source.edition.numbered


def _offered(source: Source) -> list[Offered]:
    """What the chosen edition has. The activities of many sites are declared anew each year."""
    found = []
    if source.milestones:
        told = _("%(count)s 个节点", count=source.milestones)
        found.append(Offered(MILESTONES, _("时间线"), told, True))
    held = source.occurrences - (0 if source.called_off else source.cancelled)
    if held:
        told = _("%(count)s 场，带时间、地点、名额", count=held)
        few = held <= MOST_COPIED and not can(source.edition.series.kind, Capability.SITES)
        found.append(Offered(OCCURRENCES, _("场次"), told, few))
    for carrier in carrying.CARRIERS:
        if told := carrier.told(source.edition):
            found.append(Offered(carrier.key, str(carrier.words), told, True))
    return found


def _clone(form: CloneForm, source: Source) -> Edition:
    numbered = numbered_of(form)
    numbering.check(numbered)
    copy = services.Copy(
        numbered, usual_shifting(source.edition, first_day(source), numbered.year or source.edition.year),
        frozenset(form.take.data or ()), form.title.data,
    )  # fmt: skip
    return services.clone_edition(
        source.edition.id, copy, key=str(form.sound_key), actor=web.actor(), now=web.arrived_at(), zone=web.zone()
    )


def first_day(source: Source) -> date:
    return web.local(source.first_at).date() if source.first_at is not None else web.today()


def usual_shifting(source: Edition, anchor: date, year: int) -> Shifting:
    """By the series' own rule where it has a date near; else by whole weeks; within a year by the usual gap."""
    years = year - source.year
    by_rule = rule_shift(source, anchor, years)
    if by_rule is not None:
        return Shifting(Shift.RULE, anchor, years, by_rule)
    if years:
        return Shifting(Shift.SAME_WEEK, anchor, years)
    return Shifting(Shift.DAYS, anchor, 0, shifting.usual_gap(queries.first_days(source.series_id, web.zone())))


def rule_shift(source: Edition, anchor: date, years: int) -> int | None:
    """Days to the date of the series' rule; None when it has none near."""
    rules.check_day(anchor)
    until = shifting.same_date(anchor, years) + timedelta(days=370)
    return shifting.days_to_rule(anchor, years, queries.rule_days(source.series, until, web.zone()))


@bp.route("/series/<id:series_id>/editions/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_new(series_id: int) -> ResponseReturnValue:
    """One more edition from nothing; its number is typed as it is printed: 第36届, 2026年第2期."""
    found = queries.series(web.actor(), series_id)
    form, points = StartForm(), KINDS[found.kind].points
    offer_hosts(form.unit_id, found)
    form.points.choices = [SelectChoice(point.code, _said(point, points)) for point in points]
    if request.method == "GET":
        next_one = numbering.following(queries.numbers_of(found.id), web.today().year)
        form.number.data = numbering.words(next_one) if next_one else ""
        form.year.data = next_one.year if next_one else web.today().year
        form.points.data = [point.code for point in points]
    if form.validate_on_submit():
        try:
            edition = _start(form, found, points)
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已加上%(number)s，现在加场次和节点。", number=edition.number_words))
            return redirect(url_for(".edition", edition_id=edition.id), 303)
    found = queries.series(web.actor(), series_id)
    page = render_template("manage/edition_new.html", form=form, series=found, copied_from=queries.sources(found.id))
    return page, 422 if form.errors else 200


def _start(form: StartForm, series: Series, points: Sequence[Point]) -> Edition:
    """The edition and, once a first day is known, the milestones that were ticked. Raises: RuleBroken."""
    first_on = form.first_on.data
    if first_on is not None:
        rules.check_day(first_on)
    chosen = frozenset(form.points.data or ())
    dated = starting.dated(points, first_on, web.zone(), chosen=chosen) if first_on is not None else []
    return services.start_edition(
        series.id, numbered_of(form), dated, title=form.title.data, summary=form.summary.data,
        unit_id=int(form.unit_id.data), actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
    )  # fmt: skip


def _said(point: Point, points: Sequence[Point]) -> str:
    """申报截止（申报开放后 25 天）."""
    other = next((one.name for one in points if one.code == point.after), "")
    after = other or _("活动开始")
    if point.days == 0:
        when = _("%(after)s当天", after=after)
    elif point.days > 0:
        when = _("%(after)s后 %(days)s 天", after=after, days=point.days)
    else:
        when = _("%(after)s前 %(days)s 天", after=after, days=-point.days)
    return str(_("%(name)s（%(when)s）", name=point.name, when=when))
