"""The cookie of a signed-in browser: who sends a request, and how the cookie is given and taken."""

from flask import current_app, request
from werkzeug.wrappers import Response

from ..core import web
from ..core.access import ANYBODY, Actor
from . import queries, rules

COOKIE = "sign-in"


def cookie() -> str:
    """The cookie's name. Behind TLS it belongs to this host alone: no neighbour can hand a visitor another session."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def token() -> str:
    """The token that this browser sent; "" without one."""
    return request.cookies.get(cookie(), "")


def actor_of_request() -> Actor:
    """Who sends this request: one query with a cookie, none without."""
    sent = token()
    if not sent:
        return ANYBODY
    return queries.signed_in_actor(rules.token_hash(sent), web.arrived_at(), web.today()) or ANYBODY


def give(response: Response, new_token: str) -> None:
    response.set_cookie(
        cookie(),
        new_token,
        max_age=int(rules.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )


def take(response: Response) -> None:
    # A __Host- cookie is taken back only by one that could set it.
    response.delete_cookie(cookie(), path="/", secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True)
