"""The year board of the work list."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ..core import web
from ..core.web import Who, access_mark
from . import queries

bp = Blueprint("worklist", __name__)
blueprints = [bp]


@bp.get("/manage/work-list")
@access_mark(Who.ORGANIZER)
def board() -> ResponseReturnValue:
    """All items of a year at a glance, by section."""
    years = queries.years(web.actor())
    asked = web.whole_number(request.args.get("year"), 0)
    year = asked if asked in years else (years[0] if years else web.today().year)
    return render_template("worklist/board.html", year=year, years=years, sections=queries.sections(year, web.actor()))
