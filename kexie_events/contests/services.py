"""Saving the rules of an edition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from ..audit import services as audit
from ..core.access import Action, Actor
from ..core.db import expect_revision, lock, transaction
from ..events.models import Edition
from ..events.queries.places import require
from . import bounds, difference, rules
from .models import RulePack


def save_pack(
    edition_id: int, body: Mapping[str, Any], *, actor: Actor, now: datetime, expected_revision: int | None = None
) -> RulePack:
    """Validate and keep the rules of an edition; the audit keeps what stood before. Locks the edition.

    ``expected_revision``: what the difference was shown against; 0 when there were no rules. None does not ask.
    Raises: RuleBroken("rule_pack.…"), Forbidden, Conflict("rule_pack.changed_meanwhile").
    """
    pack = rules.read(body)
    with transaction() as session:
        edition = lock(Edition, edition_id)  # works are started under the same lock: none comes in between
        require(actor, Action.PLAN, edition)
        row = session.scalar(select(RulePack).where(RulePack.edition_id == edition_id))
        if expected_revision is not None:
            expect_revision(row.revision if row else 0, expected_revision, "rule_pack.changed_meanwhile")
        before = row.body if row else None
        difference.check_change(rules.read(before) if before else None, pack, bounds.bound_of(edition_id))
        if row is None:
            row = RulePack(edition_id=edition_id, body=dict(body), changed_at=now)
            session.add(row)
        elif before != body:
            row.body, row.revision, row.changed_at = dict(body), row.revision + 1, now
        audit.record(f"edition:{edition_id}", "rule_pack.saved", actor=actor, now=now, before=before, after=dict(body))
    return row


def copy_pack(source_id: int, edition_id: int, *, actor: Actor, now: datetime) -> None:
    """Locks the edition. The rules of another edition, as they stand; none when that one has none."""
    with transaction() as session:
        body = session.scalar(select(RulePack.body).where(RulePack.edition_id == source_id))
        if body is not None:
            save_pack(edition_id, body, actor=actor, now=now)


def remove_pack(edition_id: int) -> None:
    """Inside the transaction that throws a draft away, which holds its lock and has asked who may."""
    with transaction() as session:
        session.execute(delete(RulePack).where(RulePack.edition_id == edition_id))
