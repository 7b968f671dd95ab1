"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ...core import web
from ...core.errors import RuleBroken, TooMany
from ...core.web import Who, access_mark
from .. import limits, rules, services, session
from ..forms import SignInForm, refuse

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@access_mark(Who.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """One form; a wrong name and a wrong password answer the same."""
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        who, where = rules.identifier(form.identifier.data), request.remote_addr or ""
        try:
            limits.slow_down(who, where)
            _, token = services.sign_in(form.identifier.data, form.password.data, now=web.arrived_at())
        except TooMany as many:
            refuse(form, many)
            page = render_template("accounts/sign_in.html", form=form)
            return page, 429, {"Retry-After": str(many.details["retry_after_seconds"])}
        except RuleBroken as broken:
            limits.count_failure(who, where)
            refuse(form, broken)
        else:
            response = redirect(web.safe_next(form.next.data, url_for("mine.home")), 303)
            session.give(response, token)
            return response
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


@bp.post("/sign-out")
@access_mark(Who.PUBLIC)
def sign_out() -> ResponseReturnValue:
    """End this browser's session. Needs no door: without a session there is nothing to end."""
    if token := session.token():
        services.sign_out(token)
    response = redirect(url_for("accounts.sign_in", signed_out=1), 303)
    session.take(response)
    return response
