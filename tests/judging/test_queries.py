"""What a round is set up from."""

from flask import Flask
from sqlalchemy import update

from kexie_events.accounts.models import Grant
from kexie_events.core.db import db
from kexie_events.entries.rules import EntryState
from kexie_events.judging import queries
from kexie_events.judging.models import Recusal
from kexie_events.judging.queries.setup import Filled
from kexie_events.judging.rules import RecusalSource
from tests.build import DAY, NOON, make_assignment, make_entry, make_judge, make_round

from .test_services import City, draft, submit


def test_a_round_is_filled_when_every_submitted_entry_has_its_judges(app: Flask) -> None:
    city = City(entries=2, judges=2)
    city.round.judges_per_entry = 2
    make_entry(edition=city.edition, state=EntryState.DRAFT)
    first, second = city.entries
    assert queries.filled(city.round) == Filled(short=2, seats=0)
    rows = [make_assignment(judge, entry) for judge in city.judges for entry in (first, second)]
    assert queries.filled(city.round) == Filled(short=0, seats=4)
    rows[0].withdrawn_at = NOON
    db.session.commit()
    assert queries.filled(city.round) == Filled(short=1, seats=3)
    assert {row.id for row in queries.all_seats(city.round.id)} == {row.id for row in rows}


def test_the_seats_of_another_round_do_not_count(app: Flask) -> None:
    city = City(entries=1, judges=1)
    other = make_judge(make_round(edition=city.edition, position=2, name="复评"))
    make_assignment(other, city.entries[0])
    assert queries.filled(city.round).seats == 0
    assert queries.all_seats(city.round.id) == []
    assert [judge.id for judge in queries.judge_rows(city.round.id)] == [city.judge.id]
    assert queries.accounts_with_grant(city.round.id, NOON.date()) == {city.judge.account_id}


def test_a_grant_lets_score_on_its_days_alone(app: Flask) -> None:
    city, today = City(entries=0, judges=3), NOON.date()
    ends = (today, today + DAY, None)
    for judge, end in zip(city.judges, ends, strict=True):
        db.session.execute(update(Grant).where(Grant.account_id == judge.account_id).values(valid_to=end))
    db.session.commit()
    assert queries.accounts_with_grant(city.round.id, today) == {judge.account_id for judge in city.judges[1:]}
    assert [row.granted for row in queries.judges_of(city.round.id, today)] == [False, True, True]


def test_a_seat_is_scored_from_its_first_sheet_on(app: Flask) -> None:
    city = City()
    city.assign()
    city.open()
    assert queries.scored_seats(city.round.id) == {}
    seat = city.seat()
    draft(seat, city.judge, {"inno": "20"})
    assert queries.scored_seats(city.round.id) == {seat.id: False}
    submit(seat, city.judge, base=1)
    draft(seat, city.judge, {"inno": "21"}, base=2)
    assert queries.scored_seats(city.round.id) == {seat.id: True}


def test_recusals_are_asked_for_by_judge(app: Flask) -> None:
    city = City(entries=1, judges=2)
    (entry,), (first, second) = city.entries, city.judges
    db.session.add(Recusal(judge_id=first.id, entry_id=entry.id, source=RecusalSource.ORGANIZER, created_at=NOON))
    db.session.commit()
    assert queries.recused_pairs([first.id, second.id]) == {(entry.id, first.id)}
    assert queries.recused_pairs([second.id]) == set()
