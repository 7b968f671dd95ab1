"""Drafts for what is only named so far: the series, and its edition of a year, without dates."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor, Place
from ...core.db import lock, transaction
from ...core.text import one_line
from ...units.models import Unit
from .. import numbering, plans, rules
from ..hosting.services.hosts import require_host
from ..kinds import Kind
from ..models import Series
from ..naming import Step, Wanted, decide
from ..queries.drafting import series_named
from .clashes import refused_in_words
from .planning import add_edition


def draft_editions(unit_id: int, wanted: Sequence[Wanted], *, actor: Actor, now: datetime, zone: ZoneInfo) -> list[int]:
    """Locks the unit: two who name the same activity at once make one series. The editions' ids, in order.

    All or none. An edition that is there is left as it is; naming the same again makes nothing.
    Raises: RuleBroken("unit.ended"), Forbidden, NotFound, and what refuses a series or an edition.
    """
    with transaction() as session:
        lock(Unit, unit_id)
        require_host(actor, unit_id, Place(), now=now, zone=zone)
        decisions = decide(wanted, series_named(unit_id, [want.name for want in wanted]))
        series_ids: list[int] = []
        made: dict[tuple[int, str], int] = {}
        found: list[int] = []
        for want, decision in zip(wanted, decisions, strict=True):
            series_id = decision.series_id if decision.earlier is None else series_ids[decision.earlier]
            if series_id is None:
                series_id = _series(session, decision.name, want.kind, unit_id, actor=actor, now=now).id
            series_ids.append(series_id)
            named = series_id, numbering.words(decision.numbered)
            if decision.step is not Step.NOTHING:
                made[named] = add_edition(series_id, decision.numbered, actor=actor, now=now, zone=zone).id
            found.append(decision.edition_id or made[named])
    return found


def _series(session: Session, name: str, kind: Kind, unit_id: int, *, actor: Actor, now: datetime) -> Series:
    """A series that has a name and a kind and no rule yet."""
    name = one_line(name)
    rules.check_name(name)
    slug = plans.fallback_slug(kind, secrets.token_hex(4))
    series = Series(slug=slug, name=name, kind=kind, unit_id=unit_id, changed_at=now)
    with refused_in_words(session, actor=actor, slug=slug):
        session.add(series)
    audit.record(
        f"series:{series.id}", "series.drafted", actor=actor, now=now, slug=slug, name=name, kind=kind.value,
        unit=unit_id,
    )  # fmt: skip
    return series
