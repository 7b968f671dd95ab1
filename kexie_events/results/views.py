"""The public notice 公示."""

from datetime import date, datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ..core import web
from ..core.access import Actor
from ..core.web import Who, access_mark
from ..days.queries import overrides
from ..events.models import Edition
from . import queries, rules
from .models import Notice

bp = Blueprint("results", __name__)
blueprints = [bp]


@bp.get("/notices/<id:notice_id>")
@access_mark(Who.PUBLIC)
def notice(notice_id: int) -> ResponseReturnValue:
    """A list that everybody can check for a number of days. It stays after its end and says so."""
    page = queries.notice_page(notice_id, web.actor())
    first, last = days_of(page.notice)
    return render_template(
        "results/notice.html",
        page=page,
        notice=page.notice,
        first=first,
        last=last,
        clock=rules.clock(first, last, web.today(), overrides(first, last)),
    )


def days_of(notice: Notice) -> tuple[date, date]:
    """First and last day of a notice; it ends at the midnight after the last."""
    return web.local(notice.starts_at).date(), web.local(notice.ends_at - timedelta(microseconds=1)).date()


def edition_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """The notices of an edition, for its page."""
    notices = queries.notices_of(edition.id, actor)
    if not notices:
        return None
    rows = [(notice, *days_of(notice)) for notice in notices]
    return Markup(render_template("results/_panel.html", rows=rows, now_is=now))  # noqa: S704 -- a rendered template
