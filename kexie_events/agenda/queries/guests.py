"""Guests of an edition, in protocol order."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from ...core.access import Actor, visible
from ...core.db import db
from ...core.errors import NotFound
from ...events.kinds import Capability, can
from ...events.models import Edition, Occurrence
from ...events.rules import Publication, Status
from ..models import Guest, GuestGroup
from ..rules import Answer, Invited, protocol_key


def groups(edition_id: int) -> Sequence[GuestGroup]:
    query = select(GuestGroup).where(GuestGroup.edition_id == edition_id)
    return db.session.scalars(query.order_by(GuestGroup.position)).all()


def guests(
    edition_id: int, actor: Actor, *, text: str = "", answer: Answer | None = None, group_id: int | None = None
) -> list[Guest]:
    """The guests of an edition with their groups, in protocol order; at most some thousand."""
    query = select(Guest).where(Guest.edition_id == edition_id, visible(Guest, actor))
    query = query.options(joinedload(Guest.group))
    if text:
        query = query.where(
            or_(*(field.contains(text, autoescape=True) for field in (Guest.name, Guest.organization, Guest.post)))
        )
    if answer is not None:
        query = query.where(Guest.answer == answer)
    if group_id is not None:
        query = query.where(Guest.group_id == group_id)
    return guests_in_order(db.session.scalars(query.execution_options(populate_existing=True)).all())


def guests_in_order(rows: Sequence[Guest]) -> list[Guest]:
    """Their groups must be loaded."""
    return sorted(rows, key=lambda row: protocol_key(Invited(row.id, row.group.position, row.position, row.name)))


def guest(actor: Actor, guest_id: int) -> tuple[Guest, Edition]:
    """A guest with the edition and its series. Raises: NotFound."""
    row = db.session.execute(
        select(Guest, Edition)
        .join(Edition, Edition.id == Guest.edition_id)
        .where(Guest.id == guest_id, visible(Guest, actor))
        .options(joinedload(Guest.group), joinedload(Edition.series))
        .execution_options(populate_existing=True)
    ).first()
    if row is None or not can(row[1].series.kind, Capability.AGENDA):
        raise NotFound()
    return row[0], row[1]


def edition_span(edition_id: int) -> tuple[datetime, datetime] | None:
    """From when to when an edition lasts: its first start and its last end; None while it has no date."""
    query = select(func.min(Occurrence.starts_at), func.max(Occurrence.ends_at)).where(
        Occurrence.edition_id == edition_id, Occurrence.status == Status.SCHEDULED,
        Occurrence.publication != Publication.WITHDRAWN,
    )  # fmt: skip
    first, last = db.session.execute(query).one()
    return None if first is None else (first, last)
