"""What visitors see: the front page, a series, an edition, an occurrence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import dates, web
from ...core.installation import feed_address
from ...core.web import Who, access_mark
from ...units.models import Unit
from .. import numbering
from ..kinds import KINDS, Capability, Topic, can
from ..models import Edition, Milestone, Series, Venue
from ..panels import PANELS
from ..queries import lists
from ..queries import public as queries
from ..queries.lines import Line
from ..queries.picking import Wanted
from ..rules import Publication, Purpose, last_call, milestone_state, window
from . import described
from .lines import Writer, address_of, said_at, said_before
from .month import asked_day, asked_month, marks_of, neighbours, next_month, span

bp = Blueprint("events", __name__)

SHOWN_OPEN, SHOWN_SOON, SHOWN_A_DAY = 8, 6, 3
SHOWN_OCCURRENCES, SHOWN_EDITIONS, SHOWN_NEXT, SHOWN_SERIES = 60, 6, 12, 8
PER_PAGE = 100
LONGEST_SEARCH = 60
LISTS = ("open", "soon", "month")


@bp.get("/")
@access_mark(Who.PUBLIC)
def home() -> ResponseReturnValue:
    """What can be joined now, what comes, and a month; or one of the three as a whole list."""
    wanted = _wanted()
    shown = request.args.get("list", "")
    if shown in LISTS:
        return _whole_list(shown, wanted)
    now, actor = web.arrived_at(), web.actor()
    writer = Writer()
    can_join = lists.open_lines(actor, wanted, now, per_page=SHOWN_OPEN)
    comes = lists.soon_lines(actor, wanted, now, per_page=SHOWN_SOON)
    values = {
        **_frame(wanted),
        "can_join": writer.lines(can_join.items),
        "can_join_total": can_join.total,
        "comes": writer.lines(comes.items),
        "comes_total": comes.total,
    }
    if wanted.text:
        found = queries.series_containing(actor, wanted.text, SHOWN_SERIES)
        return render_template("events/home.html", **values, found=found)
    month = asked_month(request.args.get("month"), web.today())
    days = lists.month(actor, wanted, month, next_month(month), zone=web.zone(), per_day=SHOWN_A_DAY)
    return render_template(
        "events/home.html",
        **values,
        **neighbours(month),
        days=dates.month_days(month.year, month.month),
        by_day={day: marks_of(writer, day, things) for day, things in days.items()},
    )


@bp.get("/series/<slug>")
@access_mark(Who.PUBLIC)
def series(slug: str) -> ResponseReturnValue:
    now, actor = web.arrived_at(), web.actor()
    found, unit, region = queries.series_page(slug, actor)
    editions, total = queries.editions_of_series(found.id, actor, SHOWN_OCCURRENCES)
    newest = editions[0] if editions else None
    coming = lists.next_of_series(found.id, actor, now, SHOWN_NEXT)
    return render_template(
        "events/series.html",
        series=found,
        unit=unit,
        region=region,
        topic=KINDS[found.kind].topic,
        editions=editions,
        total=total,
        newest=newest,
        rings_grown=numbering.rings(newest.numbered, total) if newest else 1,
        ring_number=numbering.ring_number(newest.numbered) if newest else None,
        coming=coming,
        structured=described.series(found, unit, region, coming.items),
        window=window,
        **_calendar(found, _by_unit(unit)),
    )


@bp.get("/editions/<id:edition_id>")
@access_mark(Who.PUBLIC)
def edition(edition_id: int) -> ResponseReturnValue:
    now, actor = web.arrived_at(), web.actor()
    page = queries.edition_page(edition_id, actor)
    milestones = queries.milestones_of(edition_id, actor)
    occurrences = lists.occurrences_of_edition(
        edition_id, actor, now, per_page=SHOWN_OCCURRENCES, number=_page_number()
    )
    others, held = queries.editions_of_series(page.series.id, actor, SHOWN_EDITIONS + 1)
    return render_template(
        "events/edition.html",
        page=page,
        edition=page.edition,
        series=page.series,
        unit=page.unit,
        topic=KINDS[page.series.kind].topic,
        rings_grown=numbering.rings(page.edition.numbered, page.held),
        ring_number=numbering.ring_number(page.edition.numbered),
        steps=[_step(milestone, now) for milestone in milestones],
        lasts=_lasts(milestones, occurrences.items),
        entries=_entries(page, milestones, now),
        occurrences=occurrences,
        others=[other for other in others if other.id != edition_id][:SHOWN_EDITIONS],
        held=held,
        is_public=all(each.publication is Publication.PUBLISHED for each in (page.edition, page.series)),
        structured=described.edition(page, occurrences.items),
        panels=[panel for make in PANELS if (panel := make(page.edition, actor, now))],
        window=window,
        **_calendar(page.series, *_by_edition(page.edition), _by_unit(page.unit)),
    )


@bp.get("/occurrences/<id:occurrence_id>")
@access_mark(Who.PUBLIC)
def occurrence(occurrence_id: int) -> ResponseReturnValue:
    now, actor = web.arrived_at(), web.actor()
    page = queries.occurrence_page(occurrence_id, actor)
    row = page.occurrence
    state = window(row, now)
    left = None if row.capacity is None else max(row.capacity - row.taken, 0)
    return render_template(
        "events/occurrence.html",
        page=page,
        occurrence=row,
        edition=page.edition,
        series=page.series,
        topic=KINDS[page.series.kind].topic,
        rings_grown=numbering.rings(page.edition.numbered, page.held),
        ring_number=numbering.ring_number(page.edition.numbered),
        state=state,
        last_call=last_call(row.starts_at, row.closes_at),
        left=left,
        place=page.place,
        registration=url_for("registrations.register", occurrence_id=row.id),
        structured=described.occurrence(page, state, left),
        **_calendar(page.series, *_by_edition(page.edition), _by_unit(page.unit), *_by_venue(page.venue)),
    )


ROBOTS = """User-agent: *
Allow: /feeds/
Disallow: /manage
Disallow: /judge
Disallow: /me
"""


@bp.get("/robots.txt")
@access_mark(Who.PUBLIC)
def robots() -> ResponseReturnValue:
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})


# ---- the front page


def _whole_list(shown: str, wanted: Wanted) -> ResponseReturnValue:
    now, actor, number = web.arrived_at(), web.actor(), _page_number()
    month = asked_month(request.args.get("month"), web.today())
    day = asked_day(request.args.get("day"))
    if shown == "open":
        page = lists.open_lines(actor, wanted, now, per_page=PER_PAGE, number=number)
    elif shown == "soon":
        page = lists.soon_lines(actor, wanted, now, per_page=PER_PAGE, number=number)
    else:
        month = day.replace(day=1) if day else month
        start, end = span(day, day + timedelta(days=1)) if day else span(month, next_month(month))
        page = lists.dated_lines(actor, wanted, start, end, per_page=PER_PAGE, number=number)
    return render_template(
        "events/list.html",
        **_frame(wanted),
        **neighbours(month),
        shown=shown,
        day=day,
        page=page,
        lines=Writer().lines(page.items, dated=shown == "month"),
    )


def _page_number() -> int:
    return max(1, min(web.whole_number(request.args.get("page"), 1), 100_000))


def _wanted() -> Wanted:
    """Filters from the address. What is no filter narrows nothing."""
    kind = request.args.get("kind", "")
    return Wanted(
        topic=next((topic for topic in Topic if topic.value == kind), None),
        region=request.args.get("region", "")[:80],
        text=" ".join(request.args.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
    )


def _frame(wanted: Wanted) -> dict[str, Any]:
    """What the front page and its lists share: the filters, as links."""
    regions = lists.regions_with_something(web.actor(), web.arrived_at(), web.today(), wanted.region)
    slugs = [slug for slug, _name in regions]
    rows = [
        {"key": "kind", "name": _("类别"), "all": _("全部"), "values": [(t.value, web.label(t)) for t in Topic]},
        {"key": "region", "name": _("区县"), "all": _("全市"), "values": regions},
    ]
    chosen = {
        "kind": wanted.topic.value if wanted.topic else "",
        "region": wanted.region if wanted.region in slugs else "",
    }
    return {
        "wanted": wanted,
        "filters": rows if regions else rows[:1],
        "chosen": chosen,
        "mine": url_for("mine.home"),
        **_calendar_of(wanted, dict(regions)),
    }


def _calendar_of(wanted: Wanted, regions: dict[str, str]) -> dict[str, str]:
    """The feed of what the filters leave. None is of a topic in a region: then that of the topic."""
    if wanted.topic is not None:
        value = wanted.topic.value
        scope = {"feed": feed_address(f"topics/{value}"), "subscribe": url_for("feeds.subscribe_page", topic=value)}
        return {**scope, "feed_name": web.label(wanted.topic)}
    if wanted.region in regions:
        slug = wanted.region
        scope = {"feed": feed_address(f"regions/{slug}"), "subscribe": url_for("feeds.subscribe_page", region=slug)}
        return {**scope, "feed_name": regions[slug]}
    return {"feed": feed_address("all"), "subscribe": url_for("feeds.subscribe_page"), "feed_name": _("全部活动")}


for _words in (said_at, said_before, address_of):
    bp.add_app_template_global(_words)


# ---- one edition, one occurrence


@dataclass(frozen=True)
class Entries:
    """When an edition takes works."""

    opens_at: datetime | None
    closes_at: datetime
    href: str

    def later(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def open(self, now: datetime) -> bool:
        return not self.later(now) and now < self.closes_at


def _entries(page: queries.EditionPage, milestones: Any, now: datetime) -> Entries | None:
    by_code: dict[str, Milestone] = {milestone.code: milestone for milestone in milestones}
    closes = by_code.get(Purpose.ENTRIES_CLOSE.value)
    if closes is None or not can(page.series.kind, Capability.ENTRIES):
        return None
    opens = by_code.get(Purpose.ENTRIES_OPEN.value)
    href = url_for("entries.start", edition_id=page.edition.id)
    return Entries(opens.starts_at if opens else None, closes.starts_at, href)


def _step(milestone: Milestone, now: datetime) -> dict[str, Any]:
    return {
        "name": milestone.name,
        "start": milestone.starts_at,
        "end": None if milestone.starts_at == milestone.ends_at else milestone.ends_at,
        "state": milestone_state(milestone.starts_at, milestone.ends_at, now).value,
        "note": "",
    }


def _lasts(milestones: Any, occurrences: list[Line]) -> tuple[datetime, datetime] | None:
    """From the first date of an edition to the last."""
    things = [*milestones, *occurrences]
    return (min(t.starts_at for t in things), max(t.ends_at for t in things)) if things else None


def _calendar(series: Series, *others: tuple[str, str]) -> dict[str, Any]:
    """The series' feed, the page of subscriptions with this series already chosen, and (words, address) of narrower
    and wider choices. What is not published has no calendar: its feed is ""."""
    if series.publication is not Publication.PUBLISHED:
        return {"feed": "", "feed_name": "", "subscribe": url_for("feeds.subscribe_page"), "other_calendars": ()}
    return {
        "feed": feed_address(f"series/{series.slug}"),
        "feed_name": series.name,
        "subscribe": url_for("feeds.subscribe_page", series=series.slug),
        "other_calendars": others,
    }


def _by_edition(edition: Edition) -> list[tuple[str, str]]:
    if edition.publication is not Publication.PUBLISHED:
        return []
    words = _("只要%(number)s", number=edition.number_words)
    return [(words, url_for("feeds.subscribe_page", edition=edition.id))]


def _by_unit(unit: Unit) -> tuple[str, str]:
    return _("%(unit)s的全部活动", unit=unit.name), url_for("feeds.subscribe_page", unit=unit.slug)


def _by_venue(venue: Venue | None) -> list[tuple[str, str]]:
    if venue is None:
        return []
    return [(_("在%(venue)s的全部活动", venue=venue.name), url_for("feeds.subscribe_page", venue=venue.id))]
