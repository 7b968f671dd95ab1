"""Drafts that vanish with their slots, and issues that have nothing else."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ....core.errors import RuleBroken
from ...models import Edition, Occurrence
from ...rules import Publication
from .. import queries


def vanish(session: Session, drafts: Sequence[Occurrence], *, with_editions: bool) -> None:
    """Raises: RuleBroken("pattern.in_use") when something else hangs on one of them."""
    if not drafts:
        return
    ids = [row.id for row in drafts]
    editions = list(session.scalars(select(Edition.id).where(queries.vanishing(ids)))) if with_editions else []
    starts_at = drafts[0].starts_at
    try:
        with session.begin_nested():
            session.execute(
                delete(Occurrence).where(Occurrence.id.in_(ids)).execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise RuleBroken("pattern.in_use", starts_at=starts_at) from error
    for row in drafts:
        session.expunge(row)
    for id in editions:
        try:
            with session.begin_nested():
                session.execute(delete(Edition).where(Edition.id == id, Edition.publication == Publication.DRAFT))
        except IntegrityError:
            continue  # it has a timeline or rules: it stays, without a date
