"""The rule pack of an edition as what comes along to the next one. ``wiring`` names it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ..core.access import Actor
from ..core.installation import label
from ..events.carrying import Carrier, Item, Line, Standing
from ..events.kinds import Capability, can
from ..events.models import Edition
from . import queries, services
from .difference import Change, difference
from .difference import Item as RuleItem
from .wording import in_words


def _told(edition: Edition) -> str:
    pack = queries.find_pack(edition.id)
    if pack is None:
        return ""
    counted = _(
        "%(categories)s 个类别、%(groups)s 个组别、%(disciplines)s 个学科，%(criteria)s 项指标",
        categories=len(pack.categories), groups=len(pack.groups), disciplines=len(pack.disciplines),
        criteria=len(pack.rubric.criteria),
    )  # fmt: skip
    return str(counted)


def _copy(
    source: Edition, edition: Edition, shift: Callable[[datetime], datetime], actor: Actor, now: datetime
) -> None:
    services.copy_pack(source.id, edition.id, actor=actor, now=now)


def _remove(edition: Edition) -> None:
    services.remove_pack(edition.id)


def _differs(before: Edition, after: Edition) -> list[Line]:
    """Every changed rule in words, in the order of the pack."""
    old, new = queries.find_pack(before.id), queries.find_pack(after.id)
    part = _("规则")
    if new is None:
        return [Line(part, _("赛事规则"), _("有"), None)] if old else []
    return [_line(part, change) for change in difference(old, new)]


def _line(part: str, change: Change) -> Line:
    """What a thing is called stands in its words; a code would say nothing to those who read. A rule that has no
    word yet is told by its name."""
    before, after = in_words(change)
    code = change.name if change.item is RuleItem.OTHER else ""
    return Line(part, " ".join(word for word in (label(change.item), code) if word), before or None, after or None)


def _items(edition: Edition, actor: Actor, now: datetime) -> Sequence[Item]:
    if not can(edition.series.kind, Capability.ENTRIES):
        return []
    told = _told(edition)
    href = url_for("contests_manage.rules_of", edition_id=edition.id)
    if not told:
        return [Item(Standing.OPEN, _("赛事规则"), _("没有规则就不能申报，也不能设评审"), href)]
    return [Item(Standing.DONE, _("赛事规则"), told, href)]


CARRIER = Carrier("rules", lazy_gettext("赛事规则"), _told, _copy, _remove, _differs, _items)
