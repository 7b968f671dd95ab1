"""Figures of a campaign, and its official table."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import sheets, web
from ...core.http import sheet_answer
from ...core.installation import installation
from ...core.web import Who, access_mark
from ...events import wording
from .. import queries
from ..rules import CampaignTerms, SiteState
from .desk import board_of, bp, common

WAYS = ("region", "category", "day")


@bp.get("/editions/<id:campaign_id>/sites/figures")
@access_mark(Who.ORGANIZER)
def figures(campaign_id: int) -> ResponseReturnValue:
    """By district in the order of codes, by kind, by day: of what the reader sees."""
    edition, terms = board_of(campaign_id)
    found = queries.figures(web.actor(), edition, web.arrived_at())
    way = request.args.get("by", "")
    way = way if way in WAYS else WAYS[0]
    rows = {"region": found.regions, "category": found.categories, "day": found.days}[way]
    names = []
    for row in rows:
        if way == "day":
            names.append(web.day_words(row.key))
        else:
            names.append(terms.name_of(row.key) if way == "category" else row.name or _("没有注明区县"))
    return render_template(
        "sites/figures.html", total=found.total, rows=list(zip(names, rows, strict=True)), way=way,
        bars=[(name, row.passed) for name, row in zip(names, rows, strict=True)], **common(edition, terms, "figures"),
    )  # fmt: skip


@bp.get("/editions/<id:campaign_id>/sites/table.xlsx")
@access_mark(Who.ORGANIZER)
def table(campaign_id: int) -> ResponseReturnValue:
    """The official table of what was passed, or of everything, below the reader's own units."""
    edition, terms = board_of(campaign_id)
    everything = request.args.get("all") == "1"
    rows = queries.official_rows(web.actor(), edition, state=None if everything else SiteState.PASSED)
    columns = [
        sheets.Column(_("序号"), 6, centred=True), sheets.Column(_("区县"), 11, centred=True),
        sheets.Column(_("活动名称"), 32), sheets.Column(_("主办单位"), 24), sheets.Column(_("时间"), 22),
        sheets.Column(_("地点"), 24), sheets.Column(_("类别"), 12, centred=True), sheets.Column(_("面向人群"), 14),
        sheets.Column(_("现场人数"), 10, centred=True), sheets.Column(_("线上人数"), 10, centred=True),
        sheets.Column(_("志愿者"), 9, centred=True), sheets.Column(_("联系人"), 10), sheets.Column(_("联系电话"), 15),
    ]  # fmt: skip
    if everything:
        columns.append(sheets.Column(_("状态"), 10, centred=True))
    official = sheets.Official(
        _("%(name)s活动汇总表", name=edition.whole_name),
        above=(
            _("填报单位：%(unit)s", unit=_reader() or edition.unit.name),
            _("填报日期：%(day)s", day=web.today().isoformat()),
        ),
        below=(_("填表人：　　　　　　审核人：　　　　　　（盖章）"),),
    )  # fmt: skip
    content = sheets.written(_("汇总表"), columns, list(_cells(rows, terms, everything)), official)
    return sheet_answer(_("活动汇总表") + ".xlsx", content)


def _reader() -> str:
    """The unit for which the reader reports: that of their own highest grant, when it is one."""
    return queries.unit_of(web.actor()) or installation().settings.organization


def _cells(rows: Sequence[Any], terms: CampaignTerms, everything: bool) -> Iterator[list[object]]:
    for n, (site, unit, region) in enumerate(rows, start=1):
        reported = site.reported_at is not None
        first, last = wording.said_at(site.starts_at, site.ends_at, site.all_day, web.zone())
        yield [
            n, region or "", site.name, unit, _span(first, last), site.place, terms.name_of(site.category),
            site.audience, site.on_site if reported else "", site.online if reported else "",
            site.volunteers if reported else "", site.contact_name, site.contact_phone,
            *([web.label(site.state)] if everything else []),
        ]  # fmt: skip


def _span(first: date, last: date) -> str:
    if isinstance(first, datetime) and isinstance(last, datetime):
        return web.span_words(first, last)
    start, end = web.when_words(first), web.when_words(last)
    return start if start == end else _("%(first)s至%(last)s", first=start, last=end)
