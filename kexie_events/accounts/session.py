"""The cookie of a signed-in browser: who sends a request, and how the cookie is given and taken."""

from flask import current_app, request
from werkzeug.wrappers import Response

from ..core import web
from ..core.access import ANYBODY, Actor
from . import queries, rules

COOKIE = "sign-in"


def token() -> str:
    """The token that this browser sent; "" without one."""
    return request.cookies.get(COOKIE, "")


def actor_of_request() -> Actor:
    """Who sends this request: one query with a cookie, none without."""
    sent = token()
    if not sent:
        return ANYBODY
    return queries.signed_in_actor(rules.token_hash(sent), web.arrived_at(), web.today()) or ANYBODY


def give(response: Response, new_token: str) -> None:
    response.set_cookie(
        COOKIE,
        new_token,
        max_age=int(rules.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )


def take(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/")
