"""The programme as everybody reads it: the version that stands, and what has changed from one to the next."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import web
from ...core.access import Actor
from ...core.errors import NotFound
from ...core.web import Who, access_mark
from ...events.kinds import Capability, can
from ...events.models import Edition
from ...events.queries.public import visible_edition
from .. import difference, programme, queries
from ..models import Release
from ..programme import Programme
from .changes import lines_of

bp = Blueprint("agenda", __name__)
LONGEST_SEARCH = 60


def _standing(edition_id: int) -> tuple[Edition, Release, Programme, set[int]]:
    """The edition, the version that stands, what of it this reader may see, and which sub-forums have changed since.

    Raises: NotFound.
    """
    edition = visible_edition(edition_id, web.actor())
    release = queries.last_release(edition_id)
    if release is None or not can(edition.series.kind, Capability.AGENDA):
        raise NotFound()
    now, body = queries.readable(edition_id, web.actor()), programme.read(release.body)
    return edition, release, programme.as_it_stands(body, now), programme.overtaken(body, now)


@bp.get("/editions/<id:edition_id>/programme")
@access_mark(Who.PUBLIC)
def show(edition_id: int) -> ResponseReturnValue:
    """One day; or all that is in a room, with a speaker, in a sub-forum, or contains a text."""
    edition, release, whole, overtaken = _standing(edition_id)
    days = programme.days(whole, web.zone())
    asked = _asked()
    shown, title = _narrowed(whole, asked)
    day = None if title else _day(days)
    if day is not None:
        shown = programme.on_day(shown, day, web.zone())
    return render_template(
        "agenda/programme.html", edition=edition, release=release, shown=shown, days=days, day=day, asked=asked,
        title=title, by=asked["by"], rows=programme.in_time(shown), rooms=programme.rooms(shown),
        speakers=programme.speakers(shown), counts=programme.counts(whole), overtaken=overtaken,
    )  # fmt: skip


BY = ("time", "room", "forum", "speaker")


def _asked() -> dict[str, Any]:
    by = request.args.get("by", "")
    return {
        "by": by if by in BY else "time",
        "q": " ".join(request.args.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
        **{name: web.whole_number(request.args.get(name), 0) for name in ("room", "speaker", "forum")},
    }


def _narrowed(whole: Programme, asked: dict[str, Any]) -> tuple[Programme, str]:
    """What was asked for, and what it is called; "" when nothing was."""
    if asked["q"]:
        return programme.matching(whole, asked["q"]), _("查找“%(text)s”", text=asked["q"])
    if asked["room"]:
        words = dict(programme.rooms(whole)).get(asked["room"])
        if words is None:
            raise NotFound()
        return programme.in_room(whole, asked["room"]), words
    if asked["speaker"]:
        who = next((who for who, _count in programme.speakers(whole) if who.id == asked["speaker"]), None)
        if who is None:
            raise NotFound()
        return programme.with_speaker(whole, who.id), " ".join(
            part for part in (who.name, who.organization, who.post) if part
        )
    if asked["forum"]:
        found = programme.only(whole, [asked["forum"]])
        if not found:
            raise NotFound()
        return found, found[0].name
    return whole, ""


def _day(days: list[date]) -> date | None:
    wanted = request.args.get("day", "")
    if not days:
        return None
    return next(
        (day for day in days if day.isoformat() == wanted), next((day for day in days if day >= web.today()), days[0])
    )


@bp.get("/editions/<id:edition_id>/programme/booklet")
@access_mark(Who.PUBLIC)
def booklet(edition_id: int) -> ResponseReturnValue:
    """Everything on paper: a table of contents, day by day with abstracts, the speakers."""
    edition, release, whole, overtaken = _standing(edition_id)
    days = [(day, programme.on_day(whole, day, web.zone())) for day in programme.days(whole, web.zone())]
    return render_template(
        "agenda/booklet.html", edition=edition, release=release, days=days, speakers=programme.speakers(whole),
        counts=programme.counts(whole), overtaken=overtaken,
    )  # fmt: skip


@bp.get("/editions/<id:edition_id>/programme/changes")
@access_mark(Who.PUBLIC)
def changes(edition_id: int) -> ResponseReturnValue:
    """The versions, the latest first, with what each changed."""
    edition = visible_edition(edition_id, web.actor())
    rows = queries.releases(edition.id, withdrawn=False)
    if not rows or not can(edition.series.kind, Capability.AGENDA):
        raise NotFound()
    seen = queries.readable(edition.id, web.actor())
    lines = {
        row.id: lines_of(change for change in difference.read(row.changes) if change.forum_id in seen) for row in rows
    }
    return render_template("agenda/changes.html", edition=edition, releases=rows, lines=lines)


def edition_section(edition: Edition, actor: Actor, now: object) -> Markup | None:
    """The way to the programme, for the edition's public page. Only what has an agenda has versions of one."""
    release = queries.has_release(edition.id) if can(edition.series.kind, Capability.AGENDA) else None
    if release is None:
        return None
    page = render_template("agenda/_section.html", edition=edition, release=release)
    return Markup(page)  # noqa: S704 -- a rendered template
