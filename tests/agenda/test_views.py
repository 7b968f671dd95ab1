"""Pages of an agenda: a conference of 40 sub-forums, 400 talks and 60 rooms; what is public and what is not."""

import re
import time
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from kexie_events.agenda import queries, services
from kexie_events.agenda.models import AgendaSession, PersonBooking, Proposal, Speaker, Talk, TalkSpeaker
from kexie_events.agenda.programme import written
from kexie_events.agenda.rules import ProposalState, SessionKind, TalkKind
from kexie_events.core import clock
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import constraint_of, db
from kexie_events.core.errors import RuleBroken
from kexie_events.events.models import Edition, Occurrence, Room, RoomBooking, Venue
from kexie_events.events.rules import Publication, Status
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_administrator, make_organizer, make_unit
from tests.queries import counted

from .build import (
    DAY_ONE,
    make_call,
    make_conference,
    make_forum,
    make_guest,
    make_proposal,
    make_release,
    make_session,
    make_speaker,
    make_talk,
    session_plan,
    speaks,
    talk_plan,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def make_large() -> Edition:
    """40 sub-forums on two days in 40 of 60 rooms; in each, five sessions, two of them elsewhere; 400 talks, each with
    a speaker of its own."""
    edition = make_conference()
    venue = Venue(name="会展中心", latitude=29.5, longitude=106.5)
    db.session.add(venue)
    db.session.flush()
    rooms = [Room(venue_id=venue.id, name=f"{n:02d}厅", seats=100) for n in range(60)]
    db.session.add_all(rooms)
    db.session.flush()
    forums = [
        make_forum(
            edition, title=f"第{n}分会场", room_id=rooms[n].id, starts_at=DAY_ONE + (n % 2) * DAY,
            ends_at=DAY_ONE + (n % 2) * DAY + 8 * HOUR,
        )
        for n in range(40)
    ]  # fmt: skip
    sessions = [
        AgendaSession(
            occurrence_id=forum.id, name=f"单元{part}", kind=SessionKind.TALKS, starts_at=forum.starts_at + part * HOUR,
            ends_at=forum.starts_at + (part + 1) * HOUR, room_id=rooms[40 + n // 2].id if part == n % 2 * 2 else None,
        )
        for n, forum in enumerate(forums)
        for part in range(5)
    ]  # fmt: skip
    db.session.add_all(sessions)
    db.session.flush()
    unit_id = edition.unit_id
    speakers = [Speaker(edition_id=edition.id, unit_id=unit_id, name=f"报告人{n}") for n in range(400)]
    talks = [
        Talk(session_id=sessions[n // 2].id, position=n % 2 + 1, kind=TalkKind.TALK, title=f"题目{n}", minutes=25)
        for n in range(400)
    ]
    db.session.add_all([*speakers, *talks])
    db.session.flush()
    pairs = [
        {"talk_id": talk.id, "speaker_id": who.id, "position": 1} for talk, who in zip(talks, speakers, strict=True)
    ]
    db.session.execute(insert(TalkSpeaker), pairs)
    db.session.commit()
    make_release(edition)
    return edition


def test_every_attempt_at_a_double_booking_is_refused_in_a_large_conference(app: Flask) -> None:
    """Each hour that one of 60 rooms has, and the speaker of each of 400 talks at the hour of the talk, once more."""
    edition = make_large()
    free = make_forum(edition, ends_at=DAY_ONE + 2 * DAY)
    tried = refused = 0
    for room_id, starts_at in db.session.execute(
        select(RoomBooking.room_id, RoomBooking.starts_at).where(RoomBooking.layer == 1)
    ).all():
        tried += 1
        with pytest.raises(RuleBroken, match=r"event\.room_taken"):
            services.add_session(free.id, session_plan(starts_at + MINUTE, room_id=room_id), actor=SYSTEM, now=NOON)
        refused += 1
    assert tried == refused == 80
    session = make_session(free, ends_at=free.ends_at)
    busy: dict[datetime, list[int]] = {}
    for speaker_id, starts_at in db.session.execute(
        select(PersonBooking.speaker_id, PersonBooking.starts_at).where(PersonBooking.layer == 1)
    ):
        busy.setdefault(starts_at, []).append(speaker_id)
    first = min(busy)
    name = db.session.get_one(Speaker, busy[first][0]).name
    session.starts_at, session.ends_at = first, first + HOUR
    db.session.commit()
    with pytest.raises(RuleBroken, match=r"agenda\.person_taken"):
        services.add_talk(session.id, talk_plan(30, name), actor=SYSTEM, now=NOON)
    talk = make_talk(session, minutes=30)
    refusals = []
    for starts_at, speaker_ids in busy.items():
        session.starts_at, session.ends_at = starts_at, starts_at + HOUR
        db.session.commit()
        for speaker_id in speaker_ids:
            with pytest.raises(IntegrityError) as refusal, db.session.begin_nested():
                db.session.execute(insert(TalkSpeaker), {"talk_id": talk.id, "speaker_id": speaker_id, "position": 2})
            refusals.append(constraint_of(refusal.value))
    assert refusals == ["ex_person_booking"] * 400


# What is read most, and the heaviest.
LARGE = [
    "/manage/editions/{e}/agenda",
    "/manage/editions/{e}/agenda/checks",
    "/manage/editions/{e}/releases/new",
    "/manage/editions/{e}/speakers",
    "/manage/occurrences/{f}/agenda",
    "/editions/{e}/programme",
    "/editions/{e}/programme?by=room",
    "/editions/{e}/programme?q=题目7",
    "/editions/{e}/programme?room={r}",
    "/editions/{e}/programme/changes",
]


def test_pages_of_a_large_conference_ask_six_questions_at_most_and_are_quick(app: Flask, as_user) -> None:
    edition = make_large()
    forum = db.session.scalars(select(Occurrence).where(Occurrence.edition_id == edition.id)).first()
    account = make_administrator().id
    told = []
    for path in LARGE:
        address = path.format(e=edition.id, f=forum.id, r=forum.room_id)
        client = as_user(account)
        client.get(address)
        with counted() as statements:
            begun = time.process_time()
            answer = client.get(address)
            took = (time.process_time() - begun) * 1000
        told.append((path, len(statements), round(took), len(answer.data)))
        assert answer.status_code == 200
    print(*told, sep="\n")  # path, statements, milliseconds of this process, bytes
    assert [row for row in told if row[1] > 6] == []
    assert [row for row in told if row[2] > 800] == []  # a bound against the square of something, no measurement


def test_the_public_programme_of_a_large_conference_fits_the_budget(app: Flask) -> None:
    edition = make_large()
    answer = app.test_client().get(f"/editions/{edition.id}/programme", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 20_000  # compressed; styles and script take the rest of 30 kB


# ---- who sees what


def test_before_its_first_version_there_is_no_programme_and_no_link_to_one(app: Flask) -> None:
    edition = make_conference()
    make_session(make_forum(edition))
    visitor = app.test_client()
    for page in ("", "/changes", "/booklet"):
        assert visitor.get(f"/editions/{edition.id}/programme{page}").status_code == 404
    assert "/programme" not in visitor.get(f"/editions/{edition.id}").text
    make_release(edition)
    assert f"/editions/{edition.id}/programme" in visitor.get(f"/editions/{edition.id}").text


def test_a_sub_forum_that_is_taken_back_is_gone_from_every_version_at_once(app: Flask) -> None:
    edition = make_conference()
    gone = make_forum(edition, title="撤下的分会场")
    session = make_session(gone)
    speaks(make_talk(session), make_speaker(edition))
    make_session(make_forum(edition, title="照常"))
    make_release(edition)
    services.change_session(session.id, session_plan(DAY_ONE + HOUR), expected_revision=1, actor=SYSTEM, now=NOON)
    seen = queries.releasing(edition.id, NOON).digest
    services.release(edition.id, words="", seen=seen, tell=False, reason="", actor=SYSTEM, now=NOON)
    gone.publication = Publication.WITHDRAWN
    db.session.commit()
    for page in ("", "?by=room", "?by=speaker", "?q=王教授", "/changes", "/booklet"):
        text = app.test_client().get(f"/editions/{edition.id}/programme{page}").text
        assert "撤下的分会场" not in text
        assert page.startswith("?q") or "王教授" not in text
    assert app.test_client().get(f"/editions/{edition.id}/programme?forum={gone.id}").status_code == 404


def test_what_was_cancelled_or_moved_since_the_version_says_so_at_once(app: Flask) -> None:
    edition = make_conference()
    cancelled, moved, same = (make_forum(edition, title=title) for title in ("甲分会场", "乙分会场", "丙分会场"))
    for forum in (cancelled, moved, same):
        make_session(forum)
    make_release(edition)
    cancelled.status = Status.CANCELLED
    moved.starts_at, moved.ends_at = moved.starts_at + DAY, moved.ends_at + DAY
    db.session.commit()

    def said(forum: Occurrence) -> str:
        return app.test_client().get(f"/editions/{edition.id}/programme?forum={forum.id}").text

    assert "已取消" in said(cancelled)
    assert "时间地点有变" in said(moved)
    assert f'href="/occurrences/{moved.id}"' in said(moved)
    assert "已取消" not in said(same)
    assert "有变" not in said(same)


def test_drafts_of_the_agenda_are_not_public(app: Flask) -> None:
    edition = make_conference()
    forum = make_forum(edition)
    make_session(forum, name="公开环节")
    make_release(edition)
    make_session(forum, name="草稿环节", starts_at=DAY_ONE + HOUR)
    text = app.test_client().get(f"/editions/{edition.id}/programme").text
    assert "公开环节" in text
    assert "草稿环节" not in text


# ---- forms


def test_two_people_who_change_one_session_see_both_versions(app: Flask, as_user) -> None:
    edition = make_conference()
    session = make_session(make_forum(edition))
    client = as_user(make_organizer(db.session.get(Unit, edition.unit_id)).id)
    page = client.get(f"/manage/sessions/{session.id}").text
    fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page)) | {
        "kind": "talks",
        "room_id": "",
        "chairs": "",
    }
    services.change_session(
        session.id, session_plan(DAY_ONE, name="别人改的"), expected_revision=1, actor=SYSTEM, now=NOON
    )
    answer = client.post(f"/manage/sessions/{session.id}", data=fields | {"name": "我改的"})
    assert answer.status_code == 409
    assert "别人改的" in answer.text
    assert "我改的" in answer.text
    fields["revision"] = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)[1]
    assert client.post(f"/manage/sessions/{session.id}", data=fields | {"name": "我改的"}).status_code == 303


def seen_in(page) -> str:
    return re.search(r'name="seen"[^>]*value="([\w:]+)"', page.text)[1]


def test_a_day_whose_sessions_changed_after_the_preview_is_shown_anew_and_not_copied(app: Flask, as_user) -> None:
    edition = make_conference()
    source, target = make_forum(edition), make_forum(edition, starts_at=DAY_ONE + DAY)
    session = make_session(source)
    client = as_user(make_administrator().id)
    path = f"/manage/occurrences/{source.id}/agenda/copy"
    asked = {"on": "2026-03-31", "target_id": str(target.id), "target_on": "2026-04-01"}
    shown = client.post(path, data=asked)
    services.change_session(session.id, session_plan(DAY_ONE, name="新名"), expected_revision=1, actor=SYSTEM, now=NOON)
    late = client.post(path, data=asked | {"seen": seen_in(shown)})
    assert late.status_code == 409
    assert "新名" in late.text
    assert "你看过预览以后" in late.text
    assert client.post(path, data=asked | {"seen": seen_in(late)}).status_code == 303
    names = select(AgendaSession.name).where(AgendaSession.occurrence_id == target.id)
    assert db.session.scalars(names).all() == ["新名"]


def test_a_form_changed_after_it_was_sent_is_said_and_makes_a_second_session_at_the_next_press(
    app: Flask, as_user
) -> None:
    forum = make_forum(make_conference())
    client = as_user(make_administrator().id)
    path = f"/manage/occurrences/{forum.id}/sessions/new"
    data = {
        "name": "开幕式", "kind": "talks", "on": "2026-03-31", "starts": "9:00", "ends": "10:00", "room_id": "",
        "chairs": "", "key": re.search(r'name="key"[^>]*value="([\w-]+)"', client.get(path).text)[1],
    }  # fmt: skip
    assert client.post(path, data=data).status_code == 303
    assert client.post(path, data=data).status_code == 303
    said = client.post(path, data=data | {"name": "主旨报告"})
    assert said.status_code == 422
    assert "已经保存成“开幕式”" in said.text
    assert 'value="主旨报告"' in said.text
    key = re.search(r'name="key"[^>]*value="([\w-]+)"', said.text)[1]
    assert client.post(path, data=data | {"name": "主旨报告", "key": key}).status_code == 303
    assert db.session.scalars(select(AgendaSession.name).order_by(AgendaSession.id)).all() == ["开幕式", "主旨报告"]


def test_two_who_change_one_call_see_both_versions_before_one_replaces_the_other(app: Flask, as_user) -> None:
    edition = make_conference()
    make_call(edition)
    client = as_user(make_administrator().id)
    path = f"/manage/editions/{edition.id}/call"
    data = {"opens_on": "2026-03-01", "closes_on": "2026-03-20", "everybody": "y", "revision": "1"}
    assert client.post(path, data=data | {"words": "别人写的"}).status_code == 303
    late = client.post(path, data=data | {"words": "我写的"})
    assert late.status_code == 409
    assert "现在：别人写的" in late.text
    assert "你填的：我写的" in late.text
    assert client.post(path, data=data | {"words": "我写的", "revision": "2"}).status_code == 303


def test_a_shift_is_shown_before_it_is_done(app: Flask, as_user) -> None:
    edition = make_conference()
    session = make_session(make_forum(edition), starts_at=DAY_ONE + HOUR)
    client = as_user(make_administrator().id)
    path = f"/manage/editions/{edition.id}/agenda/shift"
    asked = {"on": "2026-03-31", "after": "9:30", "minutes": "15", "forum_id": ""}
    shown = client.post(path, data=asked)
    assert "10:00–11:00" in shown.text
    assert "10:15–11:15" in shown.text
    assert db.session.get(AgendaSession, session.id, populate_existing=True).starts_at == DAY_ONE + HOUR
    seen = seen_in(shown)
    other = client.post(path, data=asked | {"seen": seen, "then": "save", "minutes": "30"})
    assert "10:30–11:30" in other.text  # something else was typed: shown, not done
    assert db.session.get(AgendaSession, session.id, populate_existing=True).starts_at == DAY_ONE + HOUR
    assert client.post(path, data=asked | {"seen": seen, "then": "save"}).status_code == 303
    assert db.session.get(AgendaSession, session.id, populate_existing=True).starts_at == DAY_ONE + 75 * MINUTE
    assert client.post(path, data=asked | {"seen": seen, "then": "save"}).status_code == 409  # pressed again


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=HYPERLINK(1)", "名" * 121, "\u202eabc"])
def test_hostile_words_are_shown_as_words_or_refused(app: Flask, as_user, text: str) -> None:
    edition = make_conference()
    forum = make_forum(edition)
    client = as_user(make_administrator().id)
    data = {
        "name": text,
        "kind": "talks",
        "on": "2026-03-31",
        "starts": "9:00",
        "ends": "10:00",
        "room_id": "",
        "chairs": text,
    }
    answer = client.post(f"/manage/occurrences/{forum.id}/sessions/new", data=data)
    assert answer.status_code in (303, 422)
    assert "<script>alert" not in client.get(f"/manage/occurrences/{forum.id}/agenda").text


def test_a_unit_proposes_hands_in_and_the_owner_accepts(app: Flask, as_user) -> None:
    edition, unit = make_conference(), make_unit(name="机械工程学会")
    make_call(edition)
    own = as_user(make_organizer(unit).id)
    owner = as_user(make_organizer(db.session.get(Unit, edition.unit_id)).id)
    assert "机械工程学会" in own.get(f"/manage/calls/{edition.id}/proposals/new").text
    data = {
        "unit_id": str(unit.id), "theme": "山地农机", "summary": "陡坡怎么下田", "expert": "周院士", "expected": "80",
        "wished_on": "2026-03-31", "wished_half": "morning",
    }  # fmt: skip
    address = own.post(f"/manage/calls/{edition.id}/proposals/new", data=data).headers["Location"]
    assert owner.get(address).status_code == 404
    assert own.post(f"{address}/submit", data={"revision": "1"}).status_code == 303
    accept = {"on": "2026-03-31", "starts": "9:00", "ends": "12:00", "room_id": "", "revision": "2"}
    assert owner.post(f"{address}/accept", data=accept).status_code == 303
    row = db.session.scalars(select(Proposal)).one()
    assert row.state is ProposalState.ACCEPTED
    assert own.get(f"/manage/occurrences/{row.occurrence_id}/agenda").status_code == 200


def test_today_shows_the_owner_what_to_decide_and_a_unit_the_call_it_may_answer(app: Flask, as_user) -> None:
    edition, unit = make_conference(), make_unit(name="机械工程学会")
    make_call(edition)
    own = as_user(make_organizer(unit).id)
    owner = as_user(make_organizer(db.session.get(Unit, edition.unit_id)).id)

    def asked() -> list[tuple[bool, bool]]:
        pages = (own.get("/manage").text, owner.get("/manage").text, owner.get(f"/manage/editions/{edition.id}").text)
        return [("征集分会场" in page, "分会场申报待审" in page) for page in pages]

    assert asked() == [(True, False), (False, False), (False, False)]
    make_proposal(edition, unit)
    assert asked() == [(False, False), (False, True), (False, True)]


def test_a_proposal_of_a_unit_that_is_closed_or_not_yet_there_is_refused_in_words(app: Flask, as_user) -> None:
    edition, today = make_conference(), clock.now().date()
    owner = as_user(make_organizer(db.session.get(Unit, edition.unit_id)).id)
    for validity, words in (
        ({"valid_to": today - timedelta(days=1)}, "起不再使用"),
        ({"valid_from": today + timedelta(days=9)}, "起才使用"),
    ):
        proposal = make_proposal(edition, make_unit(name="机械工程学会", **validity))
        accept = {"on": "2026-03-31", "starts": "9:00", "ends": "12:00", "room_id": "", "revision": "1"}
        answer = owner.post(f"/manage/proposals/{proposal.id}/accept", data=accept)
        assert answer.status_code == 422
        assert words in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_that_nobody_means_are_refused_at_their_field(app: Flask, as_user, day: str) -> None:
    edition = make_conference()
    forum, proposal = make_forum(edition), make_proposal(edition, make_unit())
    make_call(edition)
    client = as_user(make_administrator().id)
    for path, data in {
        f"/manage/occurrences/{forum.id}/sessions/new": {"name": "甲", "kind": "talks", "on": day},
        f"/manage/editions/{edition.id}/agenda/shift": {"on": day, "after": "9:00", "minutes": "5", "forum_id": ""},
        f"/manage/occurrences/{forum.id}/agenda/copy": {"on": day, "target_id": str(forum.id), "target_on": day},
        f"/manage/editions/{edition.id}/call": {"opens_on": day, "closes_on": day, "everybody": "y", "revision": "1"},
        f"/manage/proposals/{proposal.id}/accept": {"on": day, "revision": "1", "room_id": ""},
    }.items():
        answer = client.post(path, data={"starts": "9:00", "ends": "10:00", **data})
        assert answer.status_code == 422, path
        assert "1900" in answer.text, path


def test_a_list_for_a_spreadsheet_holds_no_formula(app: Flask, as_user) -> None:
    edition = make_conference()
    make_guest(edition, "=1+1")
    make_proposal(edition, make_unit(), theme="=2+2")
    client = as_user(make_administrator().id)
    assert "'=1+1" in client.get(f"/manage/editions/{edition.id}/guests.csv").text
    assert "'=2+2" in client.get(f"/manage/editions/{edition.id}/proposals.csv").text


def test_nothing_of_a_snapshot_is_lost(app: Flask) -> None:
    edition = make_large()
    assert written(queries.whole(edition.id).programme) == queries.last_release(edition.id).body
