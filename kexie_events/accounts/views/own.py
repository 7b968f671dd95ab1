"""One's own account: the password, and where one is signed in."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.errors import RuleBroken
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from .. import limits, queries, rules, services, session
from ..forms import OwnPasswordForm, refuse
from .sign import bp


@bp.get("/me/account")
@access_mark(Who.SIGNED_IN)
def own() -> ResponseReturnValue:
    """Name, address, signed-in browsers, the form for a new password."""
    return _page(OwnPasswordForm(formdata=None)), 200


def _page(form: OwnPasswordForm, ending: PlainForm | None = None) -> str:
    account = queries.own_account(web.actor())
    here = rules.token_hash(session.token())
    return render_template(
        "accounts/own.html", form=form, ending=ending or PlainForm(formdata=None), account=account, here=here,
        sign_ins=queries.sign_ins_of(account.id, web.arrived_at()),
    )  # fmt: skip


@bp.post("/me/account/password")
@access_mark(Who.SIGNED_IN)
def own_password() -> ResponseReturnValue:
    """Set a new password; all other browsers are signed out. Wrong guesses count as failed sign-ins."""
    form = OwnPasswordForm()
    if form.validate_on_submit():
        name = queries.own_account(web.actor()).identifier
        limits.slow_down(name, request.remote_addr or "")
        try:
            services.change_password(
                form.current.data, form.password.data, keep=session.token(),
                actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            if broken.code == "account.password_wrong":
                limits.count_failure(name, request.remote_addr or "")
            refuse(form, broken)
        else:
            flash(_("密码已改好，别的设备都已退出登录。"))
            return redirect(url_for(".own"), 303)
    return _page(form), 422


@bp.post("/me/account/sessions")
@access_mark(Who.SIGNED_IN)
def own_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    form = PlainForm()
    if not form.validate_on_submit():
        return _page(OwnPasswordForm(formdata=None), form), 422
    ended = services.end_sessions(keep=session.token(), actor=web.actor(), now=web.arrived_at())
    flash(_("已退出 %(count)s 台其他设备。", count=ended) if ended else _("没有别的设备登录着。"))
    return redirect(url_for(".own"), 303)
