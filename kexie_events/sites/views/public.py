"""What visitors see of a campaign: its activities by day, district and kind, and their map."""

from datetime import date, datetime
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
from ...events.models import Edition
from .. import map as drawing
from .. import queries
from ..queries import Facets, Wanted
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
    page: Page[Any] = Page(rows, number, PER_PAGE, rows[0][-1] if rows else 0)
    return render_template(
        "sites/list.html", page=page, days=_by_day(rows), **_frame(edition, terms, wanted, queries.facets(campaign_id))
    )


def _by_day(rows: Any) -> list[tuple[Any, list[Any]]]:
    days: list[tuple[Any, list[Any]]] = []
    for row in rows:
        if not days or days[-1][0] != row[0].starts_on:
            days.append((row[0].starts_on, []))
        days[-1][1].append(row)
    return days


@bp.get("/editions/<id:campaign_id>/sites/map")
@access_mark(Who.PUBLIC)
def map_of_edition(campaign_id: int) -> ResponseReturnValue:
    """The same on a map, with a table of what it shows."""
    edition, terms = queries.public_edition(campaign_id, web.actor())
    wanted = _wanted()
    points = queries.points(campaign_id, wanted)
    close = bool(wanted.region or wanted.box)
    regions: dict[tuple[str, str], int] = {}
    for point in points:
        key = (point.region, point.region_name)
        regions[key] = regions.get(key, 0) + 1
    return render_template(
        "sites/map.html", drawing=drawing.draw(points), points=points, close=close,
        shown=points[:MOST_NAMED], in_regions=[(slug, name, count) for (slug, name), count in regions.items()],
        box_text=_box_text, **_frame(edition, terms, wanted, queries.facets(campaign_id)),
    )  # fmt: skip


def _box_text(box: drawing.Box) -> str:
    return ",".join(f"{value:g}" for value in box)


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
    count = queries.public_count(edition.id)
    if not count:
        return None
    return Markup(render_template("sites/_panel.html", edition=edition, count=count))  # noqa: S704 -- a template
