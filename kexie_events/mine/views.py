"""The signed-in person's own page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ..core import web
from ..core.web import Who, access_mark
from . import queries

bp = Blueprint("mine", __name__)
blueprints = [bp]


@bp.get("/me")
@access_mark(Who.SIGNED_IN)
def home() -> ResponseReturnValue:
    """What to do next, what is coming, what was. Each section stands in a template of its own."""
    visitor, now = web.actor(), web.arrived_at()
    seats = queries.seats_of(visitor, now)
    return render_template(
        "mine/home.html",
        ahead=seats.ahead,
        past=seats.past,
        works=queries.works_of(visitor, now),
        duties=queries.duties_of(visitor, now),
    )
