"""Reading rule packs."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..core import access
from ..core.access import Actor
from ..core.db import db
from ..core.errors import NotFound
from ..events.models import Edition
from .models import RulePack
from .rules import Pack, read


def pack_of(edition_id: int) -> Pack:
    """The rules of an edition. Raises: NotFound("rule_pack.none") when it has none."""
    return pack_in(db.session.scalar(select(RulePack.body).where(RulePack.edition_id == edition_id)))


def pack_in(body: Mapping[str, Any] | None) -> Pack:
    """The rules in a stored body that was read beside something else. Raises: NotFound("rule_pack.none") for None."""
    if body is None:
        raise NotFound("rule_pack.none")
    return read(body)


def find_pack(edition_id: int) -> Pack | None:
    body = db.session.scalar(select(RulePack.body).where(RulePack.edition_id == edition_id))
    return None if body is None else read(body)


def stored(edition_id: int) -> RulePack | None:
    """The pack with its revision, as it is now."""
    query = select(RulePack).where(RulePack.edition_id == edition_id).execution_options(populate_existing=True)
    return db.session.scalar(query)


def editions_to_take_from(edition: Edition, actor: Actor) -> Sequence[Edition]:
    """The other editions of the series that have rules, the newest first."""
    query = (
        select(Edition)
        .join(RulePack, RulePack.edition_id == Edition.id)
        .where(Edition.series_id == edition.series_id, Edition.id != edition.id, access.visible(Edition, actor))
        .options(joinedload(Edition.series))
        .order_by(Edition.year.desc(), Edition.number.desc(), Edition.id.desc())
    )
    return db.session.scalars(query).all()
