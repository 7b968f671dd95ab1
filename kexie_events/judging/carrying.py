"""The rounds of judging of an edition as what comes along to the next one. ``wiring`` names it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ..core import web
from ..core.access import Actor
from ..events.carrying import Carrier, Item, Line, Standing
from ..events.kinds import KINDS, Capability, can
from ..events.models import Edition
from . import queries, services
from .models import Round


def _told(edition: Edition) -> str:
    return str(_("、")).join(row.name for row, _judges in queries.rounds_of(edition.id))


def _copy(
    source: Edition, edition: Edition, shift: Callable[[datetime], datetime], actor: Actor, now: datetime
) -> None:
    services.copy_rounds(source.id, edition.id, shift, actor=actor, now=now)


def _remove(edition: Edition) -> None:
    services.remove_rounds(edition.id)


def _differs(before: Edition, after: Edition) -> list[Line]:
    """By name: rounds that were added, are gone, or take another number of judges or another time."""
    old, new = ({row.name: row for row, _judges in queries.rounds_of(one.id)} for one in (before, after))
    found = []
    for name in {**old, **new}:
        before_row, after_row = old.get(name), new.get(name)
        if before_row is None or after_row is None or _arranged(before_row) != _arranged(after_row):
            found.append(Line(_("评审"), name, _in_words(before_row), _in_words(after_row)))
    return found


def _arranged(row: Round) -> tuple[object, ...]:
    """What does not differ when a round only moves along by whole weeks."""
    opens_at, closes_at = web.local(row.opens_at), web.local(row.closes_at)
    return row.judges_per_entry, opens_at.weekday(), opens_at.time(), closes_at.time(), (closes_at - opens_at).days


def _in_words(row: Round | None) -> str | None:
    if row is None:
        return None
    time = web.span_words(row.opens_at, row.closes_at)
    return str(_("%(time)s，每件 %(judges)s 位评委", time=time, judges=row.judges_per_entry))


def _items(edition: Edition, actor: Actor, now: datetime) -> Sequence[Item]:
    if not can(edition.series.kind, Capability.ROUNDS):
        return []
    rows = queries.rounds_of(edition.id)
    if not rows:
        usual = str(_("、")).join(start.name for start in KINDS[edition.series.kind].rounds)
        return [
            Item(
                Standing.LOOK,
                _("评审轮"),
                _("还没有；这类活动一般有%(rounds)s", rounds=usual),
                url_for("judging_manage.new"),
            )
        ]
    items = [Item(Standing.DONE, _("评审轮"), _told(edition), url_for("judging_manage.rounds"))]
    for row, judges in rows:
        href = url_for("judging_manage.show", round_id=row.id)
        standing = Standing.DONE if judges else Standing.LOOK
        detail = _("%(count)s 位", count=judges) if judges else _("还没有评委")
        items.append(Item(standing, _("%(round)s的评委", round=row.name), detail, href))
    return items


CARRIER = Carrier("rounds", lazy_gettext("评审轮"), _told, _copy, _remove, _differs, _items)
