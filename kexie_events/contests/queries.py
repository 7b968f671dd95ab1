"""Reading rule packs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..core.db import db
from ..core.errors import NotFound
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
