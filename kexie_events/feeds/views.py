"""The page of subscriptions, and personal addresses. The calendars themselves are served by ``middleware``."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..core import web
from ..core.calendar_links import webcal
from ..core.errors import RuleBroken
from ..core.installation import feed_address
from ..core.web import Who, access_mark
from . import queries, rules, services
from .forms import AddressForm, ChoiceForm, refuse
from .ways import device_of, ways

bp = Blueprint("feeds", __name__)
blueprints = [bp]
SHOWN_COMING = 4


@bp.get("/subscribe")
@access_mark(Who.PUBLIC)
def subscribe_page() -> ResponseReturnValue:
    """One tap into a calendar: everything, a series (``?series=slug``) or an edition (``?edition=id``)."""
    return _page(AddressForm())


@bp.post("/subscribe/personal")
@access_mark(Who.SIGNED_IN)
def add_personal() -> ResponseReturnValue:
    """A new personal address, shown on the answer and never again."""
    form = AddressForm()
    if form.validate_on_submit():
        try:
            token = services.subscribe(_account_id(), form.label.data or "", now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return _address(rules.label(form.label.data or ""), token)
    return make_response(_page(form), 422)


@bp.post("/subscribe/personal/<id:subscription_id>/rotate")
@access_mark(Who.SIGNED_IN)
def rotate_personal(subscription_id: int) -> ResponseReturnValue:
    """A new address in the place of one that others may know."""
    try:
        return _address(*services.rotate(subscription_id, _account_id(), now=web.arrived_at()))
    except RuleBroken as broken:
        form = AddressForm(formdata=None)
        refuse(form, broken)
        return make_response(_page(form), 422)


@bp.post("/subscribe/personal/<id:subscription_id>/revoke")
@access_mark(Who.SIGNED_IN)
def revoke_personal(subscription_id: int) -> ResponseReturnValue:
    """The address is dead from now on."""
    row = services.revoke(subscription_id, _account_id(), now=web.arrived_at())
    flash(_("“%(label)s”的地址已停用，其他地址不受影响。", label=row.label))
    return redirect(url_for(".subscribe_page", _anchor="mine"), 303)


def _account_id() -> int:
    account_id = web.actor().account_id
    assert account_id is not None  # the door asks for it
    return account_id


def _asked_edition() -> int | None:
    """``?edition=12``; what is no number names nothing, which is answered like an edition that is not there."""
    asked = request.args.get("edition", "")
    return web.whole_number(asked, 0) if asked else None


def _page(form: AddressForm) -> str:
    chosen = queries.chosen(request.args.get("series", ""), _asked_edition())
    feed = feed_address(chosen.path)
    name = chosen.name or _("全部活动")
    choice = ChoiceForm(request.args)
    choice.series.choices = [("", _("全部活动")), *queries.series_to_choose()]
    choice.series.data = chosen.series_slug
    device = device_of(request.user_agent.string)
    visitor = web.actor()
    return render_template(
        "feeds/subscribe.html",
        choice=choice,
        form=form,
        name=name,
        is_edition=chosen.path.startswith("editions/"),
        feed=feed,
        ways=ways(device, feed, name),
        here=web.external(request.full_path.rstrip("?") if request.method == "GET" else url_for(".subscribe_page")),
        coming=queries.coming(chosen.path, web.arrived_at(), SHOWN_COMING),
        mine=queries.subscriptions(visitor.account_id) if visitor.account_id is not None else None,
    )


def _address(label: str, token: str) -> ResponseReturnValue:
    feed = feed_address(f"p/{token}")
    own = ways(device_of(request.user_agent.string), feed, _("我的活动"))
    page = render_template("feeds/address.html", label=label, feed=feed, webcal=webcal(feed), ways=own)
    # The address is a key: no cache keeps it, no link on the page carries it away.
    return page, 200, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
