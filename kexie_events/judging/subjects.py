"""Rounds as things that a role can be given for: who runs one. Judges are named on the round's own page."""

from collections.abc import Collection
from dataclasses import replace

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..core.access import Role
from ..core.db import db
from ..events.models import Edition
from ..events.queries.places import edition_places
from ..people.subjects import Subject, SubjectKind
from .models import Round


def describe_rounds(ids: Collection[int]) -> dict[int, Subject]:
    query = select(Round).where(Round.id.in_(ids))
    rows = db.session.scalars(query.options(joinedload(Round.edition).joinedload(Edition.series))).all()
    places = edition_places({row.edition_id for row in rows})
    return {
        row.id: Subject(
            "round", row.id, f"{row.edition.number_words} {row.edition.series.name} {row.name}",
            replace(places[row.edition_id], round_id=row.id), f"/manage/rounds/{row.id}",
        )
        for row in rows
    }  # fmt: skip


ROUND = SubjectKind(_("评审轮"), (Role.ORGANIZER,), describe_rounds)
