from datetime import date
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, RuleBroken
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.naming import Wanted
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication
from kexie_events.events.services import draft_editions
from tests.build import NOON, actor_of, make_edition, make_organizer, make_series, make_unit
from tests.queries import counted

ZONE = ZoneInfo("Asia/Shanghai")


def wanted(name: str = "科协年会", number: int = 2026, style: Style = Style.YEAR) -> Wanted:
    return Wanted(name, Kind.CONFERENCE, Numbered(number, style, 2026), printed=style is not Style.YEAR)


def draft(unit, *names: Wanted, actor=SYSTEM) -> list[int]:
    return draft_editions(unit.id, names, actor=actor, now=NOON, zone=ZONE)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_name_becomes_a_draft_of_a_series_and_of_an_edition_without_dates(app: Flask) -> None:
    unit = make_unit()
    (id,) = draft(unit, wanted())
    edition = db.session.get(Edition, id)
    series = db.session.get(Series, edition.series_id)
    assert (edition.number_words, edition.publication, edition.unit_id) == ("2026年度", Publication.DRAFT, unit.id)
    assert (series.name, series.kind, series.publication) == ("科协年会", Kind.CONFERENCE, Publication.DRAFT)
    assert (count(Pattern), count(Occurrence)) == (0, 0)
    verbs = db.session.scalars(select(AuditRecord.verb).order_by(AuditRecord.id)).all()
    assert list(verbs) == ["series.drafted", "edition.added"]


def test_naming_it_again_makes_nothing(app: Flask) -> None:
    unit = make_unit()
    assert draft(unit, wanted(), wanted()) == draft(unit, wanted()) * 2
    assert (count(Series), count(Edition), count(AuditRecord)) == (1, 1, 2)


def test_a_series_of_the_unit_gets_an_edition_one_of_another_unit_does_not(app: Flask) -> None:
    unit, other = make_unit(), make_unit()
    own, foreign = make_series(unit=unit, name="科协年会"), make_series(unit=other, name="科协年会")
    make_edition(series=own, number=2025, style=Style.YEAR, year=2025)
    (id,) = draft(unit, wanted())
    assert db.session.get(Edition, id).series_id == own.id
    assert db.session.scalars(select(Edition.id).where(Edition.series_id == foreign.id)).all() == []
    assert own.publication is Publication.PUBLISHED  # as it was; only the edition is a draft


def test_a_withdrawn_series_is_taken_only_when_there_is_no_other(app: Flask) -> None:
    unit = make_unit()
    withdrawn = make_series(unit=unit, name="科协年会", publication=Publication.WITHDRAWN)
    (first,) = draft(unit, wanted())
    assert db.session.get(Edition, first).series_id == withdrawn.id
    standing = make_series(unit=unit, name="科协年会")
    (second,) = draft(unit, wanted(number=2027))
    assert db.session.get(Edition, second).series_id == standing.id


def test_two_editions_of_one_new_series_in_one_batch(app: Flask) -> None:
    unit = make_unit()
    first, second = draft(unit, wanted(number=3, style=Style.ORDINAL), wanted(number=4, style=Style.ORDINAL))
    assert first != second
    assert (count(Series), count(Edition)) == (1, 2)


def test_one_that_is_refused_and_none_is_drafted(app: Flask) -> None:
    unit = make_unit()
    with pytest.raises(RuleBroken, match="series.name"):
        draft(unit, wanted(), wanted(name="长" * 121))
    assert (count(Series), count(Edition)) == (0, 0)


def test_only_who_plans_for_the_unit_drafts_and_only_while_it_exists(app: Flask) -> None:
    city = make_unit()
    district = make_unit(parent=city)
    with pytest.raises(Forbidden):
        draft(city, wanted(), actor=actor_of(make_organizer(district)))
    closed = make_unit(parent=city, valid_to=date(2026, 1, 1))
    with pytest.raises(RuleBroken, match="unit.ended"):
        draft(closed, wanted())
    assert count(Series) == 0


def test_what_is_there_is_found_with_as_many_questions_for_thirty_as_for_one(app: Flask) -> None:
    unit = make_unit()
    names = [wanted(name=f"论坛{n}") for n in range(30)]
    draft(unit, *names)

    def asked(some: list[Wanted]) -> int:
        with counted() as statements:
            draft(unit, *some)
        return len(statements)

    assert asked(names) == asked(names[:1])
