"""A conference for tests: an edition whose kind has an agenda, with sub-forums, sessions, talks. Past the services."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kexie_events.agenda.models import (
    AgendaSession,
    Call,
    Guest,
    GuestGroup,
    Proposal,
    Release,
    SessionChair,
    Speaker,
    Talk,
    TalkSpeaker,
)
from kexie_events.agenda.programme import written
from kexie_events.agenda.queries import whole
from kexie_events.agenda.rules import PersonWords, ProposalState, SessionKind, TalkKind
from kexie_events.agenda.services import SessionPlan, TalkPlan
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_edition, make_occurrence, make_series

DAY_ONE = NOON + timedelta(days=20) - 3 * HOUR  # 9:00 in Beijing


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row


def make_conference(**values: Any) -> Edition:
    unit = values.pop("unit", None)
    series = make_series(kind=Kind.CONFERENCE, **({"unit": unit} if unit else {}))
    return make_edition(series=series, **values)


def make_forum(edition: Edition, **values: Any) -> Occurrence:
    """A sub-forum from 9 to 12 on the first day."""
    starts_at = values.pop("starts_at", DAY_ONE)
    defaults = {"starts_at": starts_at, "ends_at": starts_at + 3 * HOUR, "title": "数字经济分会场", "opens_at": None}
    return make_occurrence(edition=edition, **{**defaults, **values})


def make_session(forum: Occurrence, **values: Any) -> AgendaSession:
    """The first hour of the sub-forum, where it is."""
    starts_at = values.pop("starts_at", forum.starts_at)
    defaults = {
        "occurrence_id": forum.id, "name": "主旨报告", "kind": SessionKind.TALKS, "starts_at": starts_at,
        "ends_at": starts_at + HOUR,
    }  # fmt: skip
    return _add(AgendaSession(**{**defaults, **values}))


def make_talk(session: AgendaSession, **values: Any) -> Talk:
    defaults = {"session_id": session.id, "position": 1, "kind": TalkKind.TALK, "title": "山区物流", "minutes": 30}
    return _add(Talk(**{**defaults, **values}))


def make_speaker(edition: Edition, name: str = "王教授", **values: Any) -> Speaker:
    return _add(Speaker(**{"edition_id": edition.id, "unit_id": edition.unit_id, "name": name, **values}))


def speaks(talk: Talk, speaker: Speaker, position: int = 1) -> TalkSpeaker:
    return _add(TalkSpeaker(talk_id=talk.id, speaker_id=speaker.id, position=position))


def leads(session: AgendaSession, speaker: Speaker, position: int = 1) -> SessionChair:
    return _add(SessionChair(session_id=session.id, speaker_id=speaker.id, position=position))


def make_call(edition: Edition, **values: Any) -> Call:
    """Every unit may propose, from a week before NOON to a week after it."""
    defaults = {"opens_at": NOON - 7 * DAY, "closes_at": NOON + 7 * DAY, "everybody": True, "changed_at": NOON}
    return _add(Call(**{**defaults, **values}, edition_id=edition.id))


def make_proposal(edition: Edition, unit: Unit, **values: Any) -> Proposal:
    """Handed in and waiting."""
    defaults = {
        "edition_id": edition.id, "unit_id": unit.id, "theme": "山地轨道交通分会场", "summary": "爬坡、降噪、运维。",
        "expert": "周院士", "expected": 120, "wished_on": DAY_ONE.date(), "state": ProposalState.SUBMITTED,
        "submitted_at": NOON - DAY, "created_at": NOON - 2 * DAY, "changed_at": NOON - DAY,
    }  # fmt: skip
    return _add(Proposal(**{**defaults, **values}))


def make_group(edition: Edition, name: str = "院士", position: int = 1) -> GuestGroup:
    found = db.session.scalar(select(GuestGroup).where(GuestGroup.edition_id == edition.id, GuestGroup.name == name))
    return found or _add(GuestGroup(edition_id=edition.id, name=name, position=position))


def make_guest(edition: Edition, name: str = "周院士", **values: Any) -> Guest:
    group = values.pop("group", None) or make_group(edition)
    return _add(Guest(**{"edition_id": edition.id, "group_id": group.id, "name": name, **values}))


def make_release(edition: Edition, number: int = 1) -> Release:
    """What is planned now, released at NOON."""
    body = written(whole(edition.id, published=True).programme)
    return _add(Release(edition_id=edition.id, number=number, body=body, changes=[], released_at=NOON))


def session_plan(starts_at: Any, hours: float = 1, **values: Any) -> SessionPlan:
    chairs = tuple(PersonWords(name) for name in values.pop("chairs", ()))
    defaults = {"name": "主旨报告", "kind": SessionKind.TALKS}
    return SessionPlan(
        **{**defaults, **values}, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), chairs=chairs
    )


def talk_plan(minutes: int = 30, *speakers: str, **values: Any) -> TalkPlan:
    defaults = {"title": "山区物流", "kind": TalkKind.TALK}
    return TalkPlan(**{**defaults, **values}, minutes=minutes, speakers=tuple(PersonWords(name) for name in speakers))
