"""The blueprint of the desk, and what several of its pages need."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field

from ...core import web
from ...core.access import Actor
from ...events.kinds import Capability, can
from ...events.models import Edition
from ...events.panels import MOST_WAITING, Waiting
from .. import queries
from ..rules import ProposalState

bp = Blueprint("agenda_manage", __name__, url_prefix="/manage")

Tab = tuple[str, str, bool]


def tabs(edition: Edition, here: str) -> list[Tab]:
    """The pages of an edition's agenda, side by side."""
    pages = (
        ("board", _("日程")),
        ("proposals", _("分会场申报")),
        ("speakers", _("报告人")),
        ("checks", _("提醒")),
        ("releases", _("版本")),
        ("guests", _("嘉宾")),
    )
    return [(word, url_for(f".{name}", edition_id=edition.id), name == here) for name, word in pages]


def chosen(field: Field) -> int | None:
    return int(field.data) if field.data else None


def edition_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """The agenda in a few lines, for the edition's page on the desk."""
    if not can(edition.series.kind, Capability.AGENDA):
        return None
    page = render_template(
        "agenda/_panel.html", edition=edition, counts=queries.counted(edition.id),
        release=queries.has_release(edition.id),
    )  # fmt: skip
    return Markup(page)  # noqa: S704 -- a rendered template


def waiting(actor: Actor, now: datetime, edition_id: int | None) -> list[Waiting]:
    """Proposals that nobody has decided; on the first page also the calls that our own units may answer."""
    state = ProposalState.SUBMITTED.value
    found = [
        Waiting(
            count, _("分会场申报待审"), edition.name, None,
            url_for("agenda_manage.proposals", edition_id=edition.id, state=state),
        )
        for edition, count in queries.proposals_waiting(actor, edition_id, MOST_WAITING)
    ]  # fmt: skip
    if edition_id is not None:
        return found
    calls = queries.calls_of_others(actor, now, web.today(), MOST_WAITING)
    return found + [
        Waiting(1, _("征集分会场"), call.edition.name, call.closes_at, url_for("agenda_manage.own_proposals"))
        for call in calls
    ]
