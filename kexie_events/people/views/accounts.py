"""Accounts that one keeps: the list, one account, opening one, correcting, closing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...accounts.models import Account
from ...accounts.rules import AccountState
from ...core import access, web
from ...core.access import Action, Place, Role
from ...core.errors import Forbidden, RuleBroken
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from ...units.queries import unit_path, units_for
from .. import queries, services
from ..forms import AccountForm, PersonForm, refuse
from ..services import Gift
from .audit import latest
from .desk import alive, bp, last_day, roles_to_give

PER_PAGE = 50


@bp.get("/manage/accounts")
@access_mark(Who.ORGANIZER)
def accounts() -> ResponseReturnValue:
    """Everybody whose account one keeps."""
    text = (request.args.get("q") or "").strip()
    state = next((state for state in AccountState if state.value == request.args.get("state")), None)
    rows = web.page(queries.account_rows(web.actor(), text=text, state=state), per_page=PER_PAGE, scalars=False)
    return render_template(
        "people/accounts.html", rows=rows, text=text, state=state, states=list(AccountState),
        roles=queries.roles_of([account.id for account, _unit in rows], web.actor(), web.today()),
    )  # fmt: skip


@bp.get("/manage/accounts/<id:account_id>")
@access_mark(Who.ORGANIZER)
def account(account_id: int) -> ResponseReturnValue:
    """One account: whose, whether it can sign in, its roles."""
    return _page(queries.account(web.actor(), account_id))


def _page(found: Account, *, sent: PlainForm | None = None, status: int = 200) -> ResponseReturnValue:
    actor, today = web.actor(), web.today()
    held = queries.held_by(found, actor, today)
    home = queries.describe_units([found.person.unit_id]).get(found.person.unit_id) if found.person.unit_id else None
    page = render_template(
        "people/account.html", account=found, home=home, last_day=last_day,
        held=[row for row in held if row.known],
        beyond=any(row.counts(today) for row in held if not row.known),
        form=sent or PlainForm(formdata=None), own=found.id == actor.account_id,
        may_keep=queries.within_reach(held, today), link=queries.live_link(found.id, web.arrived_at()),
        may_rule=access.may_give(actor, Role.ADMINISTRATOR, Place()),
        done=latest("account", found.id, unit_path(found.person.unit_id) if found.person.unit_id else ""),
    )  # fmt: skip
    return page, status


@bp.route("/manage/units/<id:unit_id>/accounts/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def account_new(unit_id: int) -> ResponseReturnValue:
    """An account for a person of a unit; a letter with a link goes out at once."""
    unit = queries.unit(web.actor(), unit_id)
    form = AccountForm()
    _offer(form, unit_id)
    if form.validate_on_submit():
        try:
            row = services.open_account(
                form.name.data, form.email.data, unit_id=unit_id, gift=_gift(form, unit_id), actor=web.actor(),
                now=web.arrived_at(), today=web.today(),
            )  # fmt: skip
        except (RuleBroken, Forbidden) as broken:
            refuse(form, broken)
        else:
            flash(_("账号已加好，设密码的链接正寄往 %(email)s。", email=row.identifier))
            return redirect(url_for(".account", account_id=row.id), 303)
    unit = queries.unit(web.actor(), unit_id)
    page = render_template("people/account_new.html", form=form, unit=unit, alive=alive(unit))
    return page, 422 if form.errors else 200


def _offer(form: AccountForm, unit_id: int) -> None:
    roles = roles_to_give(web.actor(), queries.subject("unit", unit_id))
    if access.may_give(web.actor(), Role.ADMINISTRATOR, Place()):
        roles.append(Role.ADMINISTRATOR)
    form.role.choices = [
        SelectChoice("", _("暂时没有授权")),
        *(SelectChoice(role.value, web.label(role)) for role in roles),
    ]


def _gift(form: AccountForm, unit_id: int) -> Gift | None:
    if not form.role.data:
        return None
    role = Role(form.role.data)
    subject = None if role is Role.ADMINISTRATOR else queries.subject("unit", unit_id)
    return Gift(role, subject, form.valid_from, form.valid_to)


@bp.route("/manage/accounts/<id:account_id>/change", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def account_change(account_id: int) -> ResponseReturnValue:
    """Correct the name, or move somebody to another unit."""
    found = queries.account(web.actor(), account_id)
    form = PersonForm(name=found.person.name, unit_id=str(found.person.unit_id or ""))
    units = [(str(row.id), row.name) for row in units_for(web.actor(), Action.GRANT, web.today())]
    home = found.person.unit_id
    if str(home or "") not in dict(units):
        # Who belongs to a closed unit, or to none, stays there while only the name is corrected.
        units.insert(0, (str(home or ""), queries.unit_names([home])[home] if home else _("没有注明")))
    form.unit_id.choices = [SelectChoice(id, name) for id, name in units]
    if form.validate_on_submit():
        try:
            services.change_account(
                account_id, name=form.name.data, unit_id=int(form.unit_id.data) if form.unit_id.data else None,
                actor=web.actor(), now=web.arrived_at(), today=web.today(),
            )  # fmt: skip
        except (RuleBroken, Forbidden) as broken:
            refuse(form, broken)
        else:
            flash(_("已改好。"))
            return redirect(url_for(".account", account_id=account_id), 303)
    found = queries.account(web.actor(), account_id)
    return render_template("people/account_change.html", form=form, account=found), 422 if form.errors else 200


@bp.post("/manage/accounts/<id:account_id>/link")
@access_mark(Who.ORGANIZER)
def account_link(account_id: int) -> ResponseReturnValue:
    """Send a new link; the earlier one opens no more."""
    return _press(account_id, services.send_link, _("链接正寄往本人邮箱，以前的链接不再有效。"))


@bp.post("/manage/accounts/<id:account_id>/close")
@access_mark(Who.ORGANIZER)
def account_close(account_id: int) -> ResponseReturnValue:
    """Sign somebody out for good."""
    return _press(account_id, services.close_account, _("账号已停用，已登录的设备也都退出了。"), today=web.today())


@bp.post("/manage/accounts/<id:account_id>/reopen")
@access_mark(Who.ORGANIZER)
def account_reopen(account_id: int) -> ResponseReturnValue:
    return _press(account_id, services.reopen_account, _("账号已恢复，可以用原来的密码登录。"), today=web.today())


@bp.post("/manage/accounts/<id:account_id>/administrator")
@access_mark(Who.ORGANIZER)
def account_rule(account_id: int) -> ResponseReturnValue:
    """Make somebody an administrator: the role without a place."""

    def make(id: int, *, actor: access.Actor, now: object) -> None:
        services.give(
            queries.account(actor, id).identifier, Gift(Role.ADMINISTRATOR), actor=actor, now=web.arrived_at(),
            today=web.today(),
        )  # fmt: skip

    return _press(account_id, make, _("已成为系统管理员，下一次打开页面就生效。"))


def _press(account_id: int, service: object, words: str, **more: object) -> ResponseReturnValue:
    queries.account(web.actor(), account_id)
    form = PlainForm()
    if form.validate_on_submit():
        try:
            service(account_id, actor=web.actor(), now=web.arrived_at(), **more)  # type: ignore[operator]
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(words)
            return redirect(url_for(".account", account_id=account_id), 303)
    return _page(queries.account(web.actor(), account_id), sent=form, status=422)
