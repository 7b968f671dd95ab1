"""What a new edition has and what is still open before everybody may see it; and throwing a draft away."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import web
from ....core.access import Action
from ....core.errors import RuleBroken
from ....core.forms import PlainForm
from ....core.web import Who, access_mark
from ....units.rules import in_force
from ... import forms, services, unlike
from ...carrying import CARRIERS, Item, Standing
from ...kinds import KINDS, Capability, can
from ...models import Edition
from ...numbering import Numbered
from ...queries import manage as queries
from ...rules import Publication, Purpose
from .comparing import difference_of
from .desk import bp, may
from .timetable import as_they_stand, looked_at, table_of


@bp.get("/editions/<id:edition_id>/checklist")
@access_mark(Who.ORGANIZER)
def edition_checklist(edition_id: int) -> ResponseReturnValue:
    """The third of three pages. Publishing stays an act of its own, with its own preview."""
    found = queries.edition(web.actor(), edition_id)
    before = queries.model_of(found, web.actor())
    items = checklist(found, before)
    waiting = queries.unpublished(found.id)
    return render_template(
        "manage/edition_checklist.html", edition=found, series=found.series, before=before,
        found=difference_of(before, found) if before is not None else None, items=items,
        open=sum(item.standing is Standing.OPEN for item in items),
        look=sum(item.standing is Standing.LOOK for item in items), standing=Standing,
        public=found.publication is Publication.PUBLISHED, hidden=waiting.occurrences + waiting.milestones,
        draft=found.publication is Publication.DRAFT and may(Action.PLAN, found.series),
    )  # fmt: skip


def checklist(found: Edition, before: Edition | None) -> list[Item]:
    """In the order in which it is done: dates, places, rules and judging, words, approval."""
    items = [*_dates(found), *_points(found)]
    for carrier in CARRIERS:
        items += carrier.items(found, web.actor(), web.arrived_at())
    items += _words(found, before.numbered if before is not None else None)
    return [*items, *_host(found), *_approval(found)]


def _dates(found: Edition) -> list[Item]:
    counted = queries.tally(found.id, web.arrived_at())
    add, page = (url_for(f".{name}", edition_id=found.id) for name in ("occurrence_new", "edition_dates"))
    of_edition = url_for(".edition", edition_id=found.id)
    if not counted.occurrences:
        standing = Standing.LOOK if can(found.series.kind, Capability.SITES) else Standing.OPEN
        return [Item(standing, _("场次"), _("还没有"), add)]
    items = [Item(Standing.DONE, _("场次"), _("%(count)s 场", count=counted.occurrences), of_edition)]
    table = table_of(found)
    looked = looked_at(table, as_they_stand(table))
    odd = looked.doubts
    if odd:
        names = [line.name for line in table.lines if line.key in odd]
        some = str(_("、")).join(names[:3]) + ("…" if len(names) > 3 else "")
        items.append(Item(Standing.LOOK, _("%(count)s 个日期要看", count=len(odd)), some, page))
    elif table.lines:
        items.append(Item(Standing.DONE, _("日期没有冲突"), "", page))
    if looked.unannounced:
        unknown = _("%(count)s 个日期，公布后请再看一眼", count=looked.unannounced)
        items.append(Item(Standing.LOOK, _("放假安排未公布"), unknown, page))
    if counted.without_place:
        items.append(Item(Standing.LOOK, _("没有地点"), _("%(count)s 场", count=counted.without_place), of_edition))
    if can(found.series.kind, Capability.REGISTRATION) and not counted.with_registration:
        items.append(Item(Standing.LOOK, _("不接受报名"), _("没有一场设了报名时间"), of_edition))
    return items


def _points(found: Edition) -> list[Item]:
    """What its kind usually has; without a deadline no works are taken."""
    codes = {row.code for row in queries.milestones(found.id)}
    add = url_for(".milestone_new", edition_id=found.id)
    usual = KINDS[found.series.kind].points
    if can(found.series.kind, Capability.ENTRIES) and Purpose.ENTRIES_CLOSE.value not in codes:
        return [Item(Standing.OPEN, _("申报截止"), _("没有这个节点，就不能申报"), add)]
    if not codes and usual:
        names = str(_("、")).join(point.name for point in usual)
        return [Item(Standing.LOOK, _("没有节点"), _("这类活动一般有：%(names)s", names=names), add)]
    if not codes:
        return []
    page = url_for(".edition_dates", edition_id=found.id)
    return [Item(Standing.DONE, _("节点"), _("%(count)s 个", count=len(codes)), page)]


def _words(found: Edition, before: Numbered | None) -> list[Item]:
    """Texts that still speak of the last edition; words of money where nothing may cost anything."""
    own = {_("主题"): found.title, _("简介"): found.summary}
    texts = {**own, **queries.texts_of(found)}
    facts = url_for(".edition_facts", edition_id=found.id)
    items = []
    if before is not None:
        old = unlike.stale(texts, found.numbered, before)
        said = [f"{name}{_('：')}{str(_('、')).join(marks)}" for name, marks in old.items()]
        items.append(
            Item(Standing.LOOK, _("还写着上一届"), str(_("；")).join(said[:4]), facts)
            if said
            else Item(Standing.DONE, _("文字里没有上一届的届次和年份"))
        )
    if can(found.series.kind, Capability.PUPILS):
        money = unlike.fees(texts.values())
        said = [_("“%(word)s”", word=word) for word in money]
        items.append(
            Item(
                Standing.LOOK, _("提到了费用"), _("面向学生的活动不收费，请核对：%(words)s", words="".join(said)), facts
            )
            if money
            else Item(Standing.DONE, _("没有提到收费"))
        )
    return items


def _host(found: Edition) -> list[Item]:
    unit = found.unit
    if in_force(unit.valid_from, unit.valid_to, web.today()):
        return []
    return [Item(Standing.LOOK, _("承办单位已不再使用"), unit.name, url_for(".edition_facts", edition_id=found.id))]


def _approval(found: Edition) -> list[Item]:
    if not can(found.series.kind, Capability.APPROVAL_FIRST):
        return []
    href = f"{url_for('.edition', edition_id=found.id)}#h-state"
    if found.approved_at is None:
        return [Item(Standing.OPEN, _("备案"), _("备案以后才能发布"), href)]
    return [Item(Standing.DONE, _("备案"), found.approval, href)]


@bp.route("/editions/<id:edition_id>/discard", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_discard(edition_id: int) -> ResponseReturnValue:
    """Say what goes, then throw the draft away."""
    found = queries.edition(web.actor(), edition_id)
    series_id, number = found.series_id, found.number_words
    form = PlainForm()
    if form.validate_on_submit():
        try:
            services.discard(found.id, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("%(number)s的草稿已丢弃。", number=number))
            return redirect(url_for(".series", series_id=series_id), 303)
    found = queries.edition(web.actor(), edition_id)
    page = render_template(
        "manage/edition_discard.html", edition=found, form=form, waiting=queries.unpublished(found.id),
        brought=[(carrier.words, told) for carrier in CARRIERS if (told := carrier.told(found))],
        draft=found.publication is Publication.DRAFT,
    )  # fmt: skip
    return page, 422 if form.errors else 200
