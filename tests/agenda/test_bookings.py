"""No room and nobody twice: the database refuses, whoever asks and however fast."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kexie_events.agenda import services
from kexie_events.agenda.models import AgendaSession, PersonBooking, Talk
from kexie_events.agenda.rules import Direction
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import constraint_of, db
from kexie_events.core.errors import Busy, RuleBroken
from kexie_events.events import services as events
from kexie_events.events.models import Occurrence, RoomBooking
from kexie_events.events.plans import Sitting
from kexie_events.events.queries.rooms import rooms_taken
from kexie_events.events.rules import Publication, Status
from tests.build import DAY, HOUR, NOON, actor_of, make_organizer, make_room, make_unit

from .build import (
    DAY_ONE,
    leads,
    make_conference,
    make_forum,
    make_session,
    make_speaker,
    make_talk,
    session_plan,
    speaks,
    talk_plan,
)

MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Asia/Shanghai")


def refused(act) -> str:
    """The constraint that refuses what is written past every service."""
    with pytest.raises(IntegrityError) as caught:
        act()
    db.session.rollback()
    return constraint_of(caught.value)


def rooms_of(occurrence: Occurrence) -> list[tuple[int, int | None]]:
    query = select(RoomBooking.layer, RoomBooking.session_id).where(RoomBooking.occurrence_id == occurrence.id)
    return sorted(((layer, id) for layer, id in db.session.execute(query)), key=lambda row: (row[0], row[1] or 0))


def test_a_session_in_the_room_and_time_of_its_sub_forum_needs_no_room_of_its_own(app: Flask) -> None:
    forum = make_forum(make_conference(), room_id=make_room().id)
    inside = make_session(forum)
    assert rooms_of(forum) == [(1, None), (2, inside.id)]


def test_a_session_elsewhere_holds_that_room_against_everything(app: Flask) -> None:
    edition, room = make_conference(), make_room()
    elsewhere = make_session(make_forum(edition), room_id=room.id)
    assert rooms_of(db.session.get(Occurrence, elsewhere.occurrence_id)) == [(1, elsewhere.id), (2, elsewhere.id)]
    assert refused(lambda: make_forum(edition, room_id=room.id)) == "ex_room_booking"
    other = make_forum(edition)
    assert refused(lambda: make_session(other, room_id=room.id, starts_at=DAY_ONE + 59 * MINUTE)) == "ex_room_booking"
    make_session(other, room_id=room.id, starts_at=DAY_ONE + HOUR)  # touching is no clash


def test_a_session_does_not_get_the_room_of_another_sub_forum(app: Flask) -> None:
    edition, room = make_conference(), make_room()
    make_forum(edition, room_id=room.id)
    assert refused(lambda: make_session(make_forum(edition), room_id=room.id)) == "ex_room_booking"


def test_two_sessions_of_one_sub_forum_do_not_share_its_room_and_hour(app: Flask) -> None:
    forum = make_forum(make_conference(), room_id=make_room().id)
    make_session(forum)
    assert refused(lambda: make_session(forum, starts_at=DAY_ONE + 30 * MINUTE)) == "ex_room_booking"
    make_session(forum, room_id=make_room().id)


def test_a_session_that_reaches_out_of_its_sub_forum_holds_only_what_lies_outside(app: Flask) -> None:
    edition, room = make_conference(), make_room()
    forum = make_forum(edition, room_id=room.id)
    late = make_session(forum, starts_at=DAY_ONE + 2 * HOUR, ends_at=DAY_ONE + 4 * HOUR)
    assert rooms_of(forum) == [(1, None), (1, late.id), (2, late.id)]
    after = {"starts_at": DAY_ONE + 3 * HOUR, "ends_at": DAY_ONE + 6 * HOUR}
    assert refused(lambda: make_forum(edition, room_id=room.id, **after)) == "ex_room_booking"


@pytest.mark.parametrize("how", ["session", "occurrence", "withdrawn"])
def test_what_is_cancelled_or_withdrawn_frees_its_room_and_its_people(app: Flask, how: str) -> None:
    edition, room = make_conference(), make_room()
    forum = make_forum(edition)
    session = make_session(forum, room_id=room.id)
    speaks(make_talk(session), make_speaker(edition))
    if how == "session":
        session.cancelled = True
    elif how == "occurrence":
        forum.status = Status.CANCELLED
    else:
        forum.publication = Publication.WITHDRAWN
    db.session.commit()
    assert rooms_of(forum) == []
    assert db.session.scalars(select(PersonBooking)).all() == []


def test_moving_a_sub_forum_moves_its_sessions_and_what_they_hold(app: Flask) -> None:
    edition = make_conference()
    forum = make_forum(edition, room_id=make_room().id)
    session = make_session(forum, starts_at=DAY_ONE + HOUR)
    speaks(make_talk(session), make_speaker(edition))
    to = Sitting(forum.starts_at + DAY, forum.ends_at + DAY, room_id=forum.room_id)
    events.move(
        forum.id, to, reason="顺延", expected_revision=forum.revision, actor=SYSTEM, now=NOON, zone=ZONE
    )  # fmt: skip
    db.session.refresh(session)
    assert (session.starts_at, session.revision) == (DAY_ONE + HOUR + DAY, 2)
    assert set(db.session.scalars(select(PersonBooking.starts_at))) == {DAY_ONE + HOUR + DAY}
    assert set(db.session.scalars(select(RoomBooking.starts_at))) == {DAY_ONE + DAY, DAY_ONE + HOUR + DAY}


def test_a_sub_forum_that_becomes_a_whole_day_leaves_its_sessions_their_clock(app: Flask) -> None:
    forum = make_forum(make_conference())
    session = make_session(forum)
    to = Sitting(forum.starts_at, forum.ends_at, all_day=True)
    moved = events.move(
        forum.id, to, reason="改为全天", expected_revision=forum.revision, actor=SYSTEM, now=NOON, zone=ZONE
    )  # fmt: skip
    db.session.refresh(session)
    assert session.starts_at == DAY_ONE
    back = Sitting(DAY_ONE + DAY, DAY_ONE + DAY + 3 * HOUR)
    events.move(forum.id, back, reason="改回", expected_revision=moved.revision, actor=SYSTEM, now=NOON, zone=ZONE)
    db.session.refresh(session)
    assert session.starts_at == DAY_ONE + DAY


def test_a_move_that_would_put_one_of_its_sessions_into_a_taken_room_is_refused_in_words(app: Flask) -> None:
    edition, room = make_conference(), make_room()
    make_forum(edition, title="院士论坛", starts_at=DAY_ONE + DAY, room_id=room.id)
    forum = make_forum(edition)
    make_session(forum, room_id=room.id)
    to = Sitting(forum.starts_at + DAY, forum.ends_at + DAY)
    with pytest.raises(RuleBroken) as broken:
        events.move(forum.id, to, reason="顺延", expected_revision=1, actor=SYSTEM, now=NOON, zone=ZONE)
    assert broken.value.code == "event.room_taken"
    assert "院士论坛" in str(broken.value.details["by"])


def test_nobody_speaks_in_two_places_at_once(app: Flask) -> None:
    edition = make_conference()
    speaker = make_speaker(edition)
    one, other = make_session(make_forum(edition)), make_session(make_forum(edition))
    make_talk(one, title="开场", minutes=10)
    speaks(make_talk(one, position=2), speaker)  # 9:10 to 9:40
    first = make_talk(other, title="致辞", minutes=30)
    assert refused(lambda: speaks(first, speaker)) == "ex_person_booking"
    make_talk(other, position=2, title="问答", minutes=10)
    speaks(make_talk(other, position=3, minutes=20), speaker)  # 9:40: touching is no clash


def test_a_chair_is_held_for_the_whole_session_and_may_speak_in_it(app: Flask) -> None:
    edition = make_conference()
    chair = make_speaker(edition)
    own, other = make_session(make_forum(edition)), make_session(make_forum(edition))
    leads(own, chair)
    speaks(make_talk(own), chair)
    assert refused(lambda: leads(other, chair)) == "ex_person_booking"
    talk = make_talk(other, minutes=5)
    assert refused(lambda: speaks(talk, chair)) == "ex_person_booking"


def test_who_gives_two_talks_in_a_session_that_they_lead_gives_them_one_after_the_other(app: Flask) -> None:
    edition = make_conference()
    chair, session = make_speaker(edition), make_session(make_forum(edition))
    leads(session, chair)
    speaks(make_talk(session), chair)
    speaks(make_talk(session, position=2, title="第二场"), chair)
    assert sorted(db.session.scalars(select(PersonBooking.layer))) == [1, 2, 2]


def test_the_times_that_are_compared_follow_every_change_of_length_and_order(app: Flask) -> None:
    edition = make_conference()
    speaker = make_speaker(edition)
    session = make_session(make_forum(edition))
    opening, talk = make_talk(session, title="开场", minutes=10), make_talk(session, position=2)
    speaks(talk, speaker)

    def at() -> object:
        return db.session.scalar(select(PersonBooking.starts_at).where(PersonBooking.layer == 2))

    assert at() == DAY_ONE + 10 * MINUTE
    opening.minutes = 25
    db.session.commit()
    assert at() == DAY_ONE + 25 * MINUTE
    services.move_talk(talk.id, Direction.EARLIER, expected_revision=1, actor=SYSTEM, now=NOON)
    assert at() == DAY_ONE
    db.session.execute(update(AgendaSession).values(starts_at=DAY_ONE + HOUR, ends_at=DAY_ONE + 2 * HOUR))
    db.session.commit()
    assert at() == DAY_ONE + HOUR


def test_a_longer_talk_that_would_push_somebody_into_another_one_is_refused(app: Flask) -> None:
    edition = make_conference()
    speaker = make_speaker(edition)
    here, there = make_session(make_forum(edition)), make_session(make_forum(edition), starts_at=DAY_ONE + HOUR)
    opening = make_talk(here, title="开场", minutes=30)
    speaks(make_talk(here, position=2), speaker)  # 9:30 to 10:00
    speaks(make_talk(there), speaker)  # 10:00
    here.ends_at = DAY_ONE + 90 * MINUTE
    db.session.commit()
    with pytest.raises(RuleBroken) as broken:
        services.change_talk(opening.id, talk_plan(45), expected_revision=1, actor=SYSTEM, now=NOON)
    assert (broken.value.code, broken.value.details["speaker"]) == ("agenda.person_taken", "王教授")
    assert db.session.get(Talk, opening.id, populate_existing=True).minutes == 30


def test_a_refusal_names_nothing_of_a_draft_that_one_may_not_see(app: Flask) -> None:
    city = make_unit()
    north, south = make_unit(parent=city), make_unit(parent=city)
    edition, room = make_conference(unit=city), make_room()
    hidden = make_forum(edition, title="秘密", unit_id=south.id, publication=Publication.DRAFT)
    speaker = make_speaker(edition, "王教授")
    held = make_session(hidden, room_id=room.id)
    leads(held, speaker)
    own = make_forum(edition, unit_id=north.id, publication=Publication.DRAFT)
    actor = actor_of(make_organizer(north))
    for plan, code in (
        (session_plan(DAY_ONE + 10 * MINUTE, room_id=room.id), "event.room_taken_unnamed"),
        (session_plan(DAY_ONE + 10 * MINUTE, chairs=["王教授"]), "agenda.person_taken_unnamed"),
    ):
        with pytest.raises(RuleBroken) as broken:
            services.add_session(own.id, plan, actor=actor, now=NOON)
        assert broken.value.code == code
        # The hours are those that were asked for, not those of the hidden one.
        assert broken.value.details["starts_at"] == DAY_ONE + 10 * MINUTE
        assert "秘密" not in str(broken.value.details)


@pytest.mark.race
def test_of_many_who_take_a_room_at_the_same_instant_one_gets_it(app: Flask, at_once) -> None:
    edition, room = make_conference(), make_room()
    forums = [make_forum(edition).id for _ in range(8)]

    def take(forum_id: int):
        return lambda: services.add_session(forum_id, session_plan(DAY_ONE, room_id=room.id), actor=SYSTEM, now=NOON)

    answers = at_once([take(id) for id in forums])
    assert sum(isinstance(answer, AgendaSession) for answer in answers) == 1
    assert all(isinstance(answer, AgendaSession | RuleBroken | Busy) for answer in answers), answers
    assert len(db.session.scalars(select(RoomBooking.id).where(RoomBooking.layer == 1)).all()) == 1


@pytest.mark.race
def test_a_sub_forum_and_a_session_of_another_do_not_both_get_a_room(app: Flask, at_once) -> None:
    edition, room = make_conference(), make_room()
    moved, other = make_forum(edition), make_forum(edition)
    to = Sitting(moved.starts_at, moved.ends_at, room_id=room.id)
    ids = moved.id, other.id, moved.revision
    answers = at_once(
        [
            lambda: events.move(
                ids[0], to, reason="换地点", expected_revision=ids[2], actor=SYSTEM, now=NOON, zone=ZONE
            ),
            lambda: services.add_session(ids[1], session_plan(DAY_ONE, room_id=room.id), actor=SYSTEM, now=NOON),
        ]
    )
    assert sum(isinstance(answer, Occurrence | AgendaSession) for answer in answers) == 1, answers


@pytest.mark.race
def test_of_many_who_engage_one_speaker_at_the_same_instant_one_does(app: Flask, at_once) -> None:
    edition = make_conference()
    sessions = [make_session(make_forum(edition)).id for _ in range(8)]

    def engage(n: int, session_id: int):
        plan = talk_plan(30, "王教授")
        if n % 2:
            return lambda: services.add_talk(session_id, plan, actor=SYSTEM, now=NOON)
        chairs = session_plan(DAY_ONE, chairs=["王教授"])
        return lambda: services.change_session(session_id, chairs, expected_revision=1, actor=SYSTEM, now=NOON)

    answers = at_once([engage(n, id) for n, id in enumerate(sessions)])
    assert sum(isinstance(answer, AgendaSession | Talk) for answer in answers) == 1, answers
    assert all(isinstance(answer, AgendaSession | Talk | RuleBroken | Busy) for answer in answers), answers
    assert len(db.session.scalars(select(PersonBooking.id).where(PersonBooking.layer == 1)).all()) == 1


def test_a_preview_knows_the_rooms_of_sessions_too(app: Flask) -> None:
    edition, hall, free = make_conference(), make_room(), make_room()
    forum = make_forum(edition, room_id=make_room().id)
    make_session(forum, room_id=hall.id)
    make_session(forum, name="休息", cancelled=True, room_id=free.id)
    hour = (DAY_ONE, DAY_ONE + HOUR)
    wanted = {
        "hall": (hall.id, *hour),
        "after": (hall.id, DAY_ONE + HOUR, DAY_ONE + 2 * HOUR),  # touching is no clash
        "free": (free.id, *hour),
        "forum": (forum.room_id, DAY_ONE + 2 * HOUR, DAY_ONE + 9 * HOUR),
    }
    assert rooms_taken(wanted) == {"hall", "forum"}
    assert rooms_taken(wanted, but=[forum.id]) == set()
    assert rooms_taken(wanted, but_edition=edition.id) == set()
    assert rooms_taken(wanted, but_edition=edition.id + 1) == {"hall", "forum"}
    assert rooms_taken({}) == set()


def test_what_is_called_off_holds_no_room_in_a_preview(app: Flask) -> None:
    rooms = [make_room() for _n in range(3)]
    edition = make_conference()
    make_forum(edition, room_id=rooms[0].id, status=Status.CANCELLED)
    make_forum(edition, room_id=rooms[1].id, publication=Publication.WITHDRAWN)
    make_forum(edition, room_id=rooms[2].id, publication=Publication.DRAFT)
    wanted = {n: (room.id, DAY_ONE, DAY_ONE + HOUR) for n, room in enumerate(rooms)}
    assert rooms_taken(wanted) == {2}
