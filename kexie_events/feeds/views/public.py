"""The page of subscriptions: which calendar, what of it, and how it gets into the device in hand."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.installation import feed_address
from ...core.web import Who, access_mark
from .. import queries
from ..asked import Asked, Scope, arguments_of, asked, choice, topic_around
from ..choices import PLAIN, Choice
from ..forms import ShownChoiceForm, choice_values
from ..queries import SEARCHED, Chosen, Name, Offered
from ..ways import device_of, ways

bp = Blueprint("feeds", __name__)
SHOWN_COMING = 5
LONGEST_SEARCH = 60
SHELVES = (Scope.ALL, Scope.TOPIC, Scope.SERIES, Scope.UNIT, Scope.REGION, Scope.VENUE)  # of the page, by ?by=
# Where a calendar is found again: a kind beside its topic, an edition beside its series.
_SHELF_OF = {Scope.KIND: Scope.TOPIC, Scope.EDITION: Scope.SERIES}


@bp.get("/subscribe")
@access_mark(Who.PUBLIC)
def subscribe_page() -> ResponseReturnValue:
    """One calendar, named by the address: ``?series=slug``, ``?unit=slug`` …; everything when it names none.

    ``contents``, ``cancelled``, ``alarm`` choose of it; ``by``, ``q``, ``page`` turn the shelves to choose from.
    """
    chosen = queries.chosen(asked(request.args))
    picked = choice(request.args)
    feed = feed_address(chosen.path + picked.suffix)
    name = _said(chosen.name) or _("全部活动")
    return render_template(
        "feeds/subscribe.html",
        chosen=chosen,
        name=name,
        narrowed=picked.contents is not PLAIN.contents or picked.cancelled is not PLAIN.cancelled,
        unfolded=picked.cancelled is not PLAIN.cancelled or picked.alarm is not PLAIN.alarm,
        options=ShownChoiceForm(formdata=None, data=choice_values(picked)),
        feed=feed,
        ways=ways(device_of(request.user_agent.string), feed, name),
        here=web.external(_address(chosen.asked, picked)),
        whole=_address(Asked(), picked),
        preview=queries.coming(chosen.path, picked, web.arrived_at(), SHOWN_COMING),
        **_shelf(chosen, picked),
    )


def _address(asked: Asked, choice: Choice, **more: str) -> str:
    """Of this page with another calendar and the same choice."""
    values: dict[str, Any] = {**asked.arguments, **arguments_of(choice), **more}
    return url_for("feeds.subscribe_page", **values)


def _shelf(chosen: Chosen, choice: Choice) -> dict[str, Any]:
    """What there is to choose from on the shelf that is open, and the ways to the others."""
    scope = chosen.asked.scope
    shown = next((shelf for shelf in SHELVES if shelf.value == request.args.get("by")), _SHELF_OF.get(scope, scope))
    tabs = [
        (web.label(shelf), _address(chosen.asked, choice, by=shelf.value), shelf is shown) for shelf in SHELVES
    ]  # fmt: skip
    values: dict[str, Any] = {"shelf": shown.value, "tabs": tabs, "picks": [], "kinds": [], "found": None}
    if shown in SEARCHED:
        text = " ".join(request.args.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH]
        page = max(1, min(web.whole_number(request.args.get("page"), 1), 100_000))
        found = queries.offered(shown, text, page)
        return {
            **values, "found": found, "picks": _picks(found.items, chosen, choice), "text": text,
            "kept": {**chosen.asked.arguments, **arguments_of(choice), "by": shown.value},
            "unsearched": _address(chosen.asked, choice, by=shown.value),
        }  # fmt: skip
    if shown is Scope.REGION:
        return {**values, "picks": _picks(queries.offered_regions(), chosen, choice)}
    if shown is Scope.TOPIC:
        topics, kinds = queries.offered_kinds()
        around = topic_around(chosen.asked)
        of_topic = [kind for kind in kinds if topic_around(kind.asked) is around]
        return {**values, "picks": _picks(topics, chosen, choice), "kinds": _picks(of_topic, chosen, choice)}
    return values


def _picks(offers: list[Offered], chosen: Chosen, choice: Choice) -> list[dict[str, Any]]:
    return [
        {
            "name": _said(offer.name), "note": _said(offer.note), "empty": not offer.entries,
            "href": _address(offer.asked, choice), "current": offer.asked == chosen.asked,
        }
        for offer in offers
    ]  # fmt: skip


def _said(name: Name) -> str:
    return name if isinstance(name, str) else web.label(name)
