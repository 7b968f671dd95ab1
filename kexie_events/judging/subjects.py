"""Rounds as things that a role can be given for: who runs one. Judges are named on the round's own page."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..core.access import Role
from ..core.db import db
from ..events.models import Edition
from ..events.queries.places import place_in
from ..people.subjects import Subject, SubjectKind
from .models import Round


def describe_rounds(ids: Collection[int]) -> dict[int, Subject]:
    edition = joinedload(Round.edition)
    query = select(Round).where(Round.id.in_(ids))
    rows = db.session.scalars(query.options(edition.joinedload(Edition.unit), edition.joinedload(Edition.series)))
    return {
        row.id: Subject(
            "round", row.id, f"{row.edition.number_words} {row.edition.series.name} {row.name}",
            place_in(row.edition.unit.path, row.edition, row.id), f"/manage/rounds/{row.id}",
        )
        for row in rows
    }  # fmt: skip


ROUND = SubjectKind(_("评审轮"), (Role.ORGANIZER,), describe_rounds)
