"""What visitors see of a campaign: its activities by day, district and kind, and their map."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import web
from ...core.access import Actor
from ...core.errors import NotFound
from ...core.paging import Page
from ...core.web import Who, access_mark
from ...events.kinds import Capability, can
from ...events.models import Edition
from .. import map as drawing
from .. import queries
from ..queries import Facets, Point, Wanted
from ..rules import CampaignTerms

bp = Blueprint("sites", __name__)

PER_PAGE = 50
LONGEST_SEARCH = 60
MOST_NAMED = 120  # below a map that shows a part of the city


@bp.get("/editions/<id:campaign_id>/sites")
@access_mark(Who.PUBLIC)
def of_edition(campaign_id: int) -> ResponseReturnValue:
    """The activities of a campaign by day and time; narrowed by day, district, kind, words, or a part of the map."""
    edition, terms = queries.public_edition(campaign_id, web.actor())
    wanted = _wanted()
    number = max(1, min(web.whole_number(request.args.get("page"), 1), 100_000))
    rows = queries.listed(campaign_id, wanted, per_page=PER_PAGE, number=number)
    if not rows and number > 1:
        raise NotFound()
    facets = queries.facets(campaign_id)
    counted = rows[0].total if rows else 0
    page: Page[Any] = Page(rows, number, PER_PAGE, facets.total if counted is None else counted)
    days = [(day, list(held)) for day, held in groupby(rows, key=attrgetter("starts_on"))]
    return render_template("sites/list.html", page=page, days=days, **_frame(edition, terms, wanted, facets))


@bp.get("/editions/<id:campaign_id>/sites/map")
@access_mark(Who.PUBLIC)
def map_of_edition(campaign_id: int) -> ResponseReturnValue:
    """The same on a map, with a table of what it shows."""
    edition, terms = queries.public_edition(campaign_id, web.actor())
    wanted, facets = _wanted(), queries.facets(campaign_id)
    # Drawn again when any of the activities has changed. Whatever is on it is public, whoever asks.
    drawn = _drawn(campaign_id, wanted, facets.total, facets.changed_at)
    frame = _frame(edition, terms, wanted, facets)
    return render_template("sites/map.html", close=bool(wanted.region or wanted.box), **vars(drawn), **frame)


@dataclass(frozen=True)
class Drawn:
    """A map, what its table says, and where its circles lead."""

    drawing: drawing.Drawing | None
    single: dict[int, Point]  # the activity of a circle that holds one
    shown: list[Point]
    total: int
    in_regions: list[tuple[str, str, int]]  # slug, name, count


@lru_cache(maxsize=32)
def _drawn(campaign_id: int, wanted: Wanted, _total: int, _changed_at: datetime | None) -> Drawn:
    points = queries.points(campaign_id, wanted)
    regions = Counter((point.region, point.region_name) for point in points)
    drawn = drawing.draw(points)
    circles = drawn.circles if drawn else ()
    return Drawn(
        drawn, {each.members[0]: points[each.members[0]] for each in circles if each.count == 1}, points[:MOST_NAMED],
        len(points), [(slug, name, count) for (slug, name), count in regions.items()],
    )  # fmt: skip


def _wanted() -> Wanted:
    """Filters from the address. What is no filter narrows nothing."""
    return Wanted(
        day=_day(request.args.get("day", "")),
        region=request.args.get("region", "").replace("\x00", "")[:80],
        category=request.args.get("category", "").replace("\x00", "")[:40],
        text=" ".join(request.args.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
        box=drawing.read_box(request.args.get("box", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _frame(edition: Edition, terms: CampaignTerms, wanted: Wanted, facets: Facets) -> dict[str, Any]:
    """What the list and the map share: the filters as links with their counts."""

    def counted(word: str, count: int) -> str:
        return f"{word} {count}"

    rows = [
        {
            "key": "day", "name": _("日期"), "all": _("全部"),
            "values": [(day.isoformat(), counted(web.day_words(day), count)) for day, count in facets.days[:40]],
        },
        {
            "key": "category", "name": _("类别"), "all": _("全部"),
            "values": [(code, counted(terms.name_of(code), count)) for code, count in facets.categories],
        },
        {
            "key": "region", "name": _("区县"), "all": _("全市"),
            "values": [(slug, counted(name.split("（")[0], count)) for slug, name, count in facets.regions],
        },
    ]  # fmt: skip
    chosen = {
        "day": wanted.day.isoformat() if wanted.day else "", "region": wanted.region, "category": wanted.category,
    }  # fmt: skip
    region = next((name for slug, name, _count in facets.regions if slug == wanted.region), "")
    return {
        "edition": edition, "terms": terms, "wanted": wanted, "facets": facets, "filters": rows, "chosen": chosen,
        "region_name": region, "kept": {name: value for name, value in chosen.items() if value},
        "box": request.args.get("box", "") if wanted.box else "", "name_of": terms.name_of,
    }  # fmt: skip


def edition_panel(edition: Edition, _actor: Actor, _now: datetime) -> Markup | None:
    """The way from an edition's page to its activities."""
    count = queries.public_count(edition.id) if can(edition.series.kind, Capability.SITES) else 0
    if not count:
        return None
    return Markup(render_template("sites/_panel.html", edition=edition, count=count))  # noqa: S704 -- a template
