"""The public notice 公示."""

from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ..core import web
from ..core.access import Actor
from ..core.answers import public_answer
from ..core.installation import external, settings
from ..core.web import Who, access_mark
from ..days.queries import overrides
from ..events.models import Edition
from ..events.rules import Publication
from . import atom, queries, rules
from .models import Notice

bp = Blueprint("results", __name__)
blueprints = [bp]
FRESH_SECONDS = 900


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


@bp.get("/notices.atom")
@access_mark(Who.PUBLIC)
def all_notices() -> ResponseReturnValue:
    """Every public notice, the newest first, for readers of feeds."""
    return _atom(queries.announced(atom.MOST_ENTRIES), "notices", url_for("events.home"))


@bp.get("/series/<slug>/notices.atom")
@access_mark(Who.PUBLIC)
def series_notices(slug: str) -> ResponseReturnValue:
    """Those of a series."""
    found = queries.announced_of_series(slug, atom.MOST_ENTRIES)
    return _atom(found, f"series/{slug}/notices", url_for("events.series", slug=slug))


@bp.get("/editions/<id:edition_id>/notices.atom")
@access_mark(Who.PUBLIC)
def edition_notices(edition_id: int) -> ResponseReturnValue:
    """Those of an edition."""
    found = queries.announced_of_edition(edition_id, atom.MOST_ENTRIES)
    return _atom(found, f"editions/{edition_id}/notices", url_for("events.edition", edition_id=edition_id))


def _atom(found: queries.Announced, holds: str, page: str) -> ResponseReturnValue:
    organization = settings().organization
    # Stored nowhere and read by everybody: in Chinese, like the calendars.
    what = atom.Feed(
        name=f"{found.name or organization} 公示", organization=organization, holds=holds,
        url=external(f"/{holds}.atom"), page=external(page), changed_at=found.changed_at,
    )  # fmt: skip
    body = atom.feed(what, [_entry(each) for each in found.pages])
    return public_answer(body, atom.MIMETYPE, fresh_seconds=FRESH_SECONDS)


def _entry(page: queries.NoticePage) -> atom.Entry:
    notice = page.notice
    first, last = days_of(notice)
    return atom.Entry(
        uid=notice.uid, title=notice.title, body=notice.body, unit=page.unit.name, activity=page.edition_name,
        url=external(url_for("results.notice", notice_id=notice.id)), first=first, last=last, days=notice.days,
        starts_at=notice.starts_at, changed_at=notice.changed_at,
    )  # fmt: skip


def days_of(notice: Notice) -> tuple[date, date]:
    """First and last day of a notice; it ends at the midnight after the last."""
    return web.local(notice.starts_at).date(), web.local(notice.ends_at - timedelta(microseconds=1)).date()


def edition_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """The notices of an edition, for its page."""
    notices = queries.notices_of(edition.id, actor)
    if not notices:
        return None
    rows = [(notice, *days_of(notice)) for notice in notices]
    public = all(each.publication is Publication.PUBLISHED for each in (edition, edition.series))
    feed = url_for("results.edition_notices", edition_id=edition.id) if public else ""
    return Markup(render_template("results/_panel.html", rows=rows, now_is=now, feed=feed))  # noqa: S704 -- a rendered template
