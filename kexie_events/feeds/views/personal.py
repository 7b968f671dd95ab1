"""Calendars of one's own: made, changed, given another address, ended."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.access import Role
from ...core.calendar_links import webcal
from ...core.editing import edited
from ...core.errors import RuleBroken
from ...core.installation import feed_address
from ...core.web import Who, access_mark
from .. import queries, rules, services
from ..forms import AddForm, ChangeForm, refuse
from ..models import Subscription
from ..personal import chosen_parts, offered_parts
from ..rules import PersonalPart
from ..ways import device_of, ways
from .public import bp


@bp.get("/subscribe/personal")
@access_mark(Who.SIGNED_IN)
def personal() -> ResponseReturnValue:
    """One's addresses, what each holds, and a form for another one."""
    form = AddForm(formdata=None, data={"parts": [part.value for part in _offered()]})
    return _page(form), 200


@bp.post("/subscribe/personal")
@access_mark(Who.SIGNED_IN)
def add_personal() -> ResponseReturnValue:
    """A new personal address, shown on the answer and stored nowhere; the same form again shows it again."""
    form = AddForm()
    form.offer(_offered())
    if form.validate_on_submit():
        try:
            token = services.subscribe(
                _account_id(), form.label.data, parts=chosen_parts(form.ticked, _offered()), choice=form.choice,
                key=form.sound_key, now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return _address(rules.label(form.label.data), token)
    return _page(form), 422


@bp.get("/subscribe/personal/<id:subscription_id>")
@access_mark(Who.SIGNED_IN)
def own(subscription_id: int) -> ResponseReturnValue:
    """One calendar: what it holds, and the two ways to end its address."""
    return _change(subscription_id)


@bp.post("/subscribe/personal/<id:subscription_id>")
@access_mark(Who.SIGNED_IN)
def change_personal(subscription_id: int) -> ResponseReturnValue:
    """Change what it holds; nothing has to be done on the device."""
    return _change(subscription_id)


@bp.post("/subscribe/personal/<id:subscription_id>/rotate")
@access_mark(Who.SIGNED_IN)
def rotate_personal(subscription_id: int) -> ResponseReturnValue:
    """A new address in the place of one that others may know."""
    try:
        return _address(*services.rotate(subscription_id, _account_id(), now=web.arrived_at()), replaced=True)
    except RuleBroken as broken:
        form = AddForm(formdata=None, data={"parts": [part.value for part in _offered()]})
        refuse(form, broken)
        return _page(form), 422


@bp.post("/subscribe/personal/<id:subscription_id>/revoke")
@access_mark(Who.SIGNED_IN)
def revoke_personal(subscription_id: int) -> ResponseReturnValue:
    """The address is dead from now on."""
    services.revoke(subscription_id, _account_id(), now=web.arrived_at())
    return redirect(url_for(".ended", subscription_id=subscription_id), 303)


@bp.get("/subscribe/personal/<id:subscription_id>/ended")
@access_mark(Who.SIGNED_IN)
def ended(subscription_id: int) -> ResponseReturnValue:
    """What an ended address means, and what is left to do on the device."""
    row = queries.own_subscription(subscription_id, _account_id())
    if row.revoked_at is None:
        return redirect(url_for(".own", subscription_id=row.id), 303)
    return render_template("feeds/ended.html", row=row)


def _account_id() -> int:
    account_id = web.actor().account_id
    assert account_id is not None  # the door asks for it
    return account_id


def _offered() -> tuple[PersonalPart, ...]:
    return offered_parts(judges=web.actor().has(Role.JUDGE))


def _page(form: AddForm) -> str:
    form.offer(_offered())
    return render_template("feeds/personal.html", form=form, calendars=queries.own_calendars(_account_id()))


def _change(subscription_id: int) -> ResponseReturnValue:
    account_id, offered = _account_id(), _offered()

    def filled(row: Subscription) -> ChangeForm:
        return _offering(ChangeForm.of(row))

    def save(row: Subscription, form: ChangeForm) -> Subscription:
        return services.change(
            row.id, account_id, label=form.label.data, parts=chosen_parts(form.ticked, offered, row.parts),
            choice=form.choice, revision=form.expected_revision, now=web.arrived_at(),
        )  # fmt: skip

    change = edited(
        lambda: queries.own_subscription(subscription_id, account_id),
        form=lambda row: _offering(ChangeForm()), filled=filled, save=save, refuse=refuse,
    )  # fmt: skip
    if change.saved:
        flash(_("已保存。地址没有变，设备上不用动，日历下次来取时就是新的。"))
        return redirect(url_for(".own", subscription_id=subscription_id), 303)
    if change.row.revoked_at is not None and request.method == "GET":
        return redirect(url_for(".ended", subscription_id=subscription_id), 303)
    page = render_template("feeds/own.html", row=change.row, form=change.form, versions=change.versions)
    return page, change.status


def _offering(form: ChangeForm) -> ChangeForm:
    form.offer(_offered())
    return form


def _address(label: str, token: str, *, replaced: bool = False) -> ResponseReturnValue:
    feed = feed_address(f"p/{token}")
    own = ways(device_of(request.user_agent.string), feed, _("我的活动"))
    page = render_template(
        "feeds/address.html", label=label, feed=feed, webcal=webcal(feed), ways=own, replaced=replaced
    )
    # The address is a key: no cache keeps it, no link on the page carries it away.
    return page, 200, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
