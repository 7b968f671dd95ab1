"""The blueprint of the desk, and what its pages share."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import web
from ...events.models import Edition
from ...units.models import Unit
from .. import queries
from ..rules import CampaignTerms, SiteState, Step

bp = Blueprint("sites_manage", __name__, url_prefix="/manage")

# How a state looks in a list (macros/status.html).
MARKS = {
    SiteState.DRAFT: "queue", SiteState.DECLARED: "wait", SiteState.RETURNED: "back", SiteState.PASSED: "ok",
    SiteState.WITHDRAWN: "gone",
}  # fmt: skip


def last_day(until: datetime | None) -> date | None:
    return web.local(until - timedelta(seconds=1)).date() if until else None


def unit_choices(units: list[Unit]) -> list[SelectChoice]:
    return [SelectChoice(str(unit.id), unit.name) for unit in units]


def common(edition: Edition, terms: CampaignTerms, tab: str) -> dict[str, Any]:
    """What the frame of every page of a campaign shows."""
    return {
        "edition": edition, "terms": terms, "tab": tab, "marks": MARKS, "declares_on": last_day(terms.declares_until),
        "reports_on": last_day(terms.reports_until),
    }  # fmt: skip


def field_words(name: str) -> str:
    """A field of a declaration in words, for its history."""
    words: dict[str, str] = {
        "name": _("活动名称"), "starts_at": _("开始时间"), "ends_at": _("结束时间"), "all_day": _("全天"),
        "category": _("类别"), "place": _("地点"), "region_id": _("区县"), "address": _("地址"), "latitude": _("纬度"),
        "longitude": _("经度"), "audience": _("面向人群"), "summary": _("内容简介"), "contact_name": _("联系人"),
        "contact_phone": _("联系电话"), "contact_public": _("公开联系方式"), "link": _("链接"),
    }  # fmt: skip
    return words.get(name, name)


def said(rows: Any) -> list[dict[str, Any]]:
    """The history in words."""
    found = []
    for step, person, unit in rows:
        fields = _("、").join(field_words(name) for name in step.details.get("fields", []))
        who = _("、").join(part for part in (unit, person) if part)
        what = web.label(step.step)
        if fields and step.step in (Step.CORRECTED, Step.CHANGE_DECLARED, Step.CHANGED):
            what = _("%(what)s：%(fields)s", what=what, fields=fields)
        found.append({"at": step.at, "what": what, "who": who, "note": step.reason})
    return found


def board_of(campaign_id: int) -> tuple[Edition, CampaignTerms]:
    """Raises: NotFound."""
    edition = queries.edition_for_desk(web.actor(), campaign_id)
    return edition, queries.terms_of(edition)
