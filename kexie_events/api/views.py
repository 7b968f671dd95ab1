"""The public read API. It reads no session and sets no cookie: the answer is the same for everybody."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..core import web
from ..core.answers import json_bytes, open_to_all, public_answer
from ..core.installation import external, feed_address, settings
from ..core.web import Who, access_mark
from ..events.kinds import Topic
from ..feeds.rules import Source, kebab
from . import asking, description, items, queries

bp = Blueprint("api", __name__)
pages = Blueprint("api_pages", __name__)
blueprints = [bp, pages]
FRESH_SECONDS = 60
JSON = "application/json"


@pages.get("/api")
@access_mark(Who.PUBLIC)
def about() -> ResponseReturnValue:
    """For people who write programs: what there is, how it is asked, how a copy is kept."""
    places = {"topic": feed_address(f"topics/{kebab(Topic.POPULAR_SCIENCE)}"), "unit": feed_address("units/yuzhong")}
    limits = {"most": asking.MOST_ITEMS, "usual": asking.USUAL_ITEMS}
    return render_template("api/about.html", shown=_examples(), places=places, **limits)


@bp.get("/api/v1/occurrences")
@access_mark(Who.PUBLIC)
def occurrences() -> ResponseReturnValue:
    """What stands in calendars and people go to, by its start; or what has changed since an instant."""
    return _page(Source.OCCURRENCE, asking.OF_OCCURRENCES)


@bp.get("/api/v1/occurrences/<uid>")
@access_mark(Who.PUBLIC)
def occurrence(uid: str) -> ResponseReturnValue:
    """One of them."""
    return _one(Source.OCCURRENCE, uid)


@bp.get("/api/v1/milestones")
@access_mark(Who.PUBLIC)
def milestones() -> ResponseReturnValue:
    """The points of timelines that stand in calendars: openings, deadlines, notices."""
    return _page(Source.MILESTONE, asking.OF_MILESTONES)


@bp.get("/api/v1/milestones/<uid>")
@access_mark(Who.PUBLIC)
def milestone(uid: str) -> ResponseReturnValue:
    """One of them."""
    return _one(Source.MILESTONE, uid)


@bp.get("/api/v1/openapi.json")
@access_mark(Who.PUBLIC)
def openapi() -> ResponseReturnValue:
    """All of this for programs."""
    asking.check_bare(_given())
    return _json(description.document(settings().base_url, settings().organization))


@bp.after_request
def public(response: Response) -> Response:
    return open_to_all(response)


def _given() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _page(source: Source, known: tuple[str, ...]) -> ResponseReturnValue:
    now, given = web.arrived_at(), _given()
    asked = asking.read(given, known, zone=web.zone(), now=now)
    found = queries.page(source, asked, now)
    following = _next(given, found.next) if found.next else None
    values = {
        "items": found.items,
        "next": following,
        "as_of": items.stamp_words(found.as_of) if found.as_of else None,
    }
    response = _json(values)
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _one(source: Source, uid: str) -> ResponseReturnValue:
    asking.check_bare(_given())
    return _json(queries.one(source, uid, web.arrived_at()))


def _json(values: Any) -> Response:
    return public_answer(json_bytes(values), JSON, fresh_seconds=FRESH_SECONDS)


def _next(given: list[tuple[str, str]], cursor: asking.Cursor) -> str:
    pairs = [(name, text) for name, text in given if name != "cursor"]
    return external(f"{request.path}?{urlencode([*pairs, ('cursor', cursor.written())])}")


def _examples() -> dict[str, str]:
    """Addresses on the page: each can be opened."""
    day = web.today()
    september = {"from": f"{day.year}-09-01", "to": f"{day.year}-09-30"}
    from_today: dict[str, Any] = {"from": day.isoformat()}
    asked: dict[str, dict[str, Any]] = {
        "next": {**from_today, "limit": 5},
        "topic": {"topic": Topic.POPULAR_SCIENCE.value, **september},
        "cancelled": {"status": "cancelled"},
        "changed": {"changed_since": (day - timedelta(days=1)).isoformat()},
    }
    lists = {name: url_for("api.occurrences", **values) for name, values in asked.items()}
    milestones = url_for("api.milestones", **from_today)
    return {**lists, "milestones": milestones, "openapi": url_for("api.openapi")}
