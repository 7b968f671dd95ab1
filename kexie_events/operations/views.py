"""For machines that watch: alive, ready, figures. They carry counts only, and nobody signs in for them."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from ..core import web
from ..core.web import Who, access_mark
from . import figures, health

bp = Blueprint("operations", __name__)
blueprints = [bp]
_FRESH = {"Cache-Control": "no-store"}


@bp.get("/healthz")
@access_mark(Who.PUBLIC)
def alive() -> ResponseReturnValue:
    """The process answers. Asks nobody else: a broken database is no reason to restart the web process."""
    return jsonify(alive=True), 200, _FRESH


@bp.get("/readyz")
@access_mark(Who.PUBLIC)
def ready() -> ResponseReturnValue:
    parts = health.examine(health.READINESS, now=web.arrived_at())
    well = all(part.ok for part in parts)
    body = {part.name: {"ok": part.ok, "says": part.says} for part in parts}
    return jsonify(ready=well, parts=body), 200 if well else 503, _FRESH


@bp.get("/metrics")
@access_mark(Who.PUBLIC)
def metrics() -> ResponseReturnValue:
    headers = {**_FRESH, "Content-Type": figures.CONTENT_TYPE}
    return figures.exposition(now=web.arrived_at()), 200, headers
