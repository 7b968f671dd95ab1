"""Series and editions as things that a role can be given for."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..core.access import Role
from ..core.db import db
from ..people.subjects import Subject, SubjectKind
from .models import Edition, Series
from .queries.places import edition_places, series_place


def describe_series(ids: Collection[int]) -> dict[int, Subject]:
    rows = db.session.scalars(select(Series).where(Series.id.in_(ids)).options(joinedload(Series.unit)))
    return {
        row.id: Subject(
            "series", row.id, row.name, series_place(row.unit.path, row.id), f"/manage/series/{row.id}"
        )
        for row in rows
    }  # fmt: skip


def describe_editions(ids: Collection[int]) -> dict[int, Subject]:
    query = select(Edition).where(Edition.id.in_(ids))
    rows = db.session.scalars(query.options(joinedload(Edition.series)))
    places = edition_places(ids)
    return {
        row.id: Subject(
            "edition", row.id, f"{row.number_words} {row.title or row.series.name}",
            places[row.id], f"/manage/editions/{row.id}",
        )
        for row in rows
    }  # fmt: skip


def series_by_slug(slug: str) -> int | None:
    return db.session.scalar(select(Series.id).where(Series.slug == slug))


SERIES = SubjectKind(_("系列"), (Role.ORGANIZER,), describe_series, series_by_slug)
EDITION = SubjectKind(_("届次"), (Role.ORGANIZER,), describe_editions)
