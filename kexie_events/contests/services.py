"""Saving the rules of an edition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import lock, transaction
from ..events.models import Edition
from ..units.queries import unit_path
from . import rules
from .models import RulePack


def save_pack(edition_id: int, body: Mapping[str, Any], *, actor: Actor, now: datetime) -> RulePack:
    """Validate and keep the rules of an edition; the audit keeps what stood before. Locks the edition."""
    rules.read(body)
    with transaction() as session:
        edition = lock(Edition, edition_id)
        place = Place(unit_path(edition.unit_id), edition.series_id, edition.id)
        access.require(actor, Action.PLAN, place)
        pack = session.scalar(select(RulePack).where(RulePack.edition_id == edition_id))
        before = pack.body if pack else None
        if pack is None:
            pack = RulePack(edition_id=edition_id, body=dict(body), changed_at=now)
            session.add(pack)
        elif before != body:
            pack.body, pack.revision, pack.changed_at = dict(body), pack.revision + 1, now
        audit.record(f"edition:{edition_id}", "rule_pack.saved", actor=actor, now=now, before=before, after=dict(body))
    return pack
