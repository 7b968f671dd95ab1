"""忘记密码, and the page behind a one-time link. Both answer the same whether or not there is an account."""

import time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts import limits
from ...accounts import rules as account_rules
from ...accounts.forms import NewPasswordForm
from ...core import web
from ...core.errors import NotFound, RuleBroken, TooMany
from ...core.web import Who, access_mark
from .. import services
from ..forms import ForgottenForm, refuse
from ..rules import LinkPurpose
from .desk import bp

TAKES_SECONDS = 0.25  # longer than the work for an account that exists, so that the time tells nothing


@bp.route("/forgotten", methods=["GET", "POST"])
@access_mark(Who.PUBLIC)
def forgotten() -> ResponseReturnValue:
    """Ask for a link. The answer is the same for every address, and takes as long."""
    form = ForgottenForm()
    if form.validate_on_submit():
        began = time.monotonic()
        name = account_rules.identifier(form.identifier.data)
        try:
            limits.count_link(name, request.remote_addr or "")
        except TooMany as many:
            refuse(form, many)
            page = render_template("people/forgotten.html", form=form)
            return page, 429, {"Retry-After": str(many.details["retry_after_seconds"])}
        services.ask_for_link(name, now=web.arrived_at())
        time.sleep(max(0.0, TAKES_SECONDS - (time.monotonic() - began)))
        return redirect(url_for(".forgotten_sent"), 303)
    return render_template("people/forgotten.html", form=form), 422 if form.errors else 200


@bp.get("/forgotten/sent")
@access_mark(Who.PUBLIC)
def forgotten_sent() -> ResponseReturnValue:
    return render_template("people/forgotten_sent.html")


@bp.route("/set-password/<token>", methods=["GET", "POST"])
@access_mark(Who.PUBLIC)
def set_password(token: str) -> ResponseReturnValue:
    """Set a password, once. Opening the page uses nothing up: mail scanners open every link."""
    form = NewPasswordForm()
    try:
        link = services.link_of(token, now=web.arrived_at())
        opening = link.purpose is LinkPurpose.OPEN
        if form.validate_on_submit():
            try:
                services.use_link(token, form.password.data, now=web.arrived_at())
            except RuleBroken as broken:
                refuse(form, broken)
            else:
                flash(_("密码已设好，请用它登录。"))
                return redirect(url_for("accounts.sign_in"), 303)
    except NotFound:
        return render_template("people/link_over.html"), 404
    page = render_template("people/set_password.html", form=form, opening=opening)
    return page, 422 if form.errors else 200
