"""Plain builder functions with keyword overrides: one believable row each, written past the services.

NOON is 2026-03-11 12:00 in Beijing; tests count from it.
"""

import itertools
import secrets
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kexie_events.accounts.models import Account, Grant, Person, SignIn
from kexie_events.accounts.queries import signed_in_actor
from kexie_events.accounts.rules import token_hash
from kexie_events.contests.models import RulePack
from kexie_events.core.access import Actor, Role
from kexie_events.core.db import db
from kexie_events.demo.pack import PACK as DEMO_PACK
from kexie_events.entries.models import Entry
from kexie_events.entries.rules import EntryState
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.patterns.models import Pattern, Skip
from kexie_events.events.rules import Publication
from kexie_events.judging.models import Assignment, Judge, Round
from kexie_events.judging.rules import RoundState
from kexie_events.messages.models import Message
from kexie_events.people.links import token_of
from kexie_events.people.models import PasswordLink
from kexie_events.people.rules import LinkPurpose
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.units.models import Region, Unit
from kexie_events.units.rules import UnitKind

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_count = itertools.count(1)


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row


def make_region(**values: Any) -> Region:
    n = next(_count)
    return _add(Region(**{"slug": f"region-{n}", "code": None, "name": f"区县{n}", "kind": "区", **values}))


def make_unit(*, parent: Unit | None = None, **values: Any) -> Unit:
    n = next(_count)
    unit = Unit(
        **{
            "slug": f"unit-{n}",
            "name": f"单位{n}",
            "kind": UnitKind.ASSOCIATION,
            "path": f"new:{n}",
            **values,
        },
        parent_id=parent.id if parent else None,
    )
    db.session.add(unit)
    db.session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    db.session.commit()
    return unit


def make_person(name: str = "李明", **values: Any) -> Person:
    n = next(_count)
    email = values.pop("email", f"person{n}@example.org")
    return _add(Person(**{"name": name, "email": email, "contact_key": email, "created_at": NOON, **values}))


def make_account(name: str = "李明", **values: Any) -> Account:
    person = values.pop("person", None) or make_person(name)
    n = next(_count)
    defaults = {"identifier": f"account{n}@example.org", "password_hash": "!", "created_at": NOON}
    return _add(Account(**{**defaults, **values}, person=person))


def make_grant(account: Account, role: Role, **scope: Any) -> Grant:
    return _add(Grant(account_id=account.id, role=role, **scope))


def sign_in(account_id: int) -> str:
    """A token for the cookie, valid for a century, so that tests need no clock."""
    token = secrets.token_urlsafe(24)
    far = NOON + timedelta(days=36500)
    _add(SignIn(token_hash=token_hash(token), account_id=account_id, created_at=NOON, expires_at=far))
    return token


def actor_of(account: Account) -> Actor:
    found = signed_in_actor(token_hash(sign_in(account.id)), NOON, NOON.date())
    assert found is not None
    return found


def make_link(account: Account, **values: Any) -> str:
    """The token of a one-time link that holds for two hours from NOON."""
    defaults = {
        "purpose": LinkPurpose.RESET, "token_hash": f"new:{next(_count)}", "created_at": NOON,
        "expires_at": NOON + 2 * HOUR,
    }  # fmt: skip
    link = _add(PasswordLink(**{**defaults, **values}, account_id=account.id))
    token = token_of(link.id, account.id, link.created_at)
    link.token_hash = token_hash(token)
    db.session.commit()
    return token


def make_organizer(unit: Unit, name: str = "组织者") -> Account:
    account = make_account(name)
    make_grant(account, Role.ORGANIZER, unit_id=unit.id)
    return account


def make_administrator() -> Account:
    account = make_account("管理员")
    make_grant(account, Role.ADMINISTRATOR)
    return account


def make_series(*, unit: Unit | None = None, **values: Any) -> Series:
    n = next(_count)
    defaults = {
        "slug": f"series-{n}", "name": f"系列{n}", "kind": Kind.MEETING, "publication": Publication.PUBLISHED,
        "changed_at": NOON, "unit_id": (unit or make_unit()).id,
    }  # fmt: skip
    return _add(Series(**{**defaults, **values}))


def make_edition(*, series: Series | None = None, **values: Any) -> Edition:
    series = series or make_series()
    defaults = {
        "series_id": series.id, "number": next(_count) % 900 + 1, "style": Style.ORDINAL, "year": 2026,
        "publication": Publication.PUBLISHED, "changed_at": NOON, "unit_id": series.unit_id,
    }  # fmt: skip
    return _add(Edition(**{**defaults, **values}))


def make_occurrence(*, edition: Edition | None = None, **values: Any) -> Occurrence:
    """A published occurrence a week after NOON, two hours long, open for registration."""
    edition = edition or make_edition()
    starts_at = values.pop("starts_at", NOON + timedelta(days=7))
    defaults = {
        "edition_id": edition.id, "series_id": edition.series_id, "unit_id": edition.unit_id,
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "planned_at": starts_at,
        "publication": Publication.PUBLISHED, "opens_at": NOON - timedelta(days=7), "capacity": 5,
        "revision": 1, "changed_at": NOON,
    }  # fmt: skip
    return _add(Occurrence(**{**defaults, **values}))


def make_milestone(*, edition: Edition | None = None, **values: Any) -> Milestone:
    edition = edition or make_edition()
    starts_at = values.pop("starts_at", NOON + timedelta(days=9))
    defaults = {
        "edition_id": edition.id, "series_id": edition.series_id, "unit_id": edition.unit_id,
        "code": f"milestone-{next(_count)}", "name": "申报截止", "starts_at": starts_at, "ends_at": starts_at,
        "is_deadline": True, "publication": Publication.PUBLISHED, "revision": 1, "changed_at": NOON,
    }  # fmt: skip
    return _add(Milestone(**{**defaults, **values}))


def make_pattern(series: Series, **values: Any) -> Pattern:
    """One date of an edition, 100 days after NOON at 14:00."""
    defaults = {
        "series_id": series.id, "rule": "", "first_on": NOON.date() + timedelta(days=100), "starts": time(14),
        "duration_minutes": 180, "changed_at": NOON,
    }  # fmt: skip
    return _add(Pattern(**{**defaults, **values}))


def make_skip(series: Series, **values: Any) -> Skip:
    """The one date of a pattern, which is skipped."""
    pattern = make_pattern(series, **values)
    (slot,) = pattern.terms.slots(ZoneInfo("Asia/Shanghai"))
    return _add(Skip(pattern_id=pattern.id, slot_at=slot.starts_at, reason="暑期", skipped_at=NOON))


def make_room(**values: Any) -> Room:
    venue = values.pop("venue", None) or _add(Venue(name=f"场馆{next(_count)}"))
    return _add(Room(**{"venue_id": venue.id, "name": f"{next(_count)}号厅", **values}))


# The demo's rule pack with fewer choices: 30, 30, 20, 10, 10 points, three members at most.
PACK: dict[str, Any] = {
    **DEMO_PACK,
    "categories": [row for row in DEMO_PACK["categories"] if row["code"] in ("innovation-b", "robot")],
    "disciplines": [row for row in DEMO_PACK["disciplines"] if row["code"] in ("MS", "LS", "TD")],
    "clauses": {"team_size": "章程第七条：集体项目作者不超过 3 人，且不得在中途加入。"},
}


def make_rule_pack(edition: Edition, **changed: Any) -> RulePack:
    return _add(RulePack(edition_id=edition.id, body={**PACK, **changed}, changed_at=NOON))


def make_message(**values: Any) -> Message:
    """A reminder of the talk at NOON plus one hour, due since NOON."""
    n = next(_count)
    person_id = values["person_id"] if "person_id" in values else make_person().id
    defaults = {
        "dedupe": f"reminder:{n}:1", "kind": "reminder", "about": "occurrence:1",
        "created_at": NOON, "next_try_at": NOON,
        "context": {
            "name": "李明", "event": "双月论坛", "starts": (NOON + HOUR).isoformat(), "place": "科技馆报告厅",
            "link": "http://kexie.test/occurrences/1",
        },
    }  # fmt: skip
    return _add(Message(**{**defaults, **values, "person_id": person_id}))


def make_told_registration(occurrence: Occurrence, **values: Any) -> Registration:
    """A seat, taken a week before NOON, by somebody who knows of all that has changed since."""
    n = next(_count)
    person_id = values["person_id"] if "person_id" in values else make_person().id
    defaults = {
        "occurrence_id": occurrence.id, "state": RegistrationState.CONFIRMED, "line": n, "submit_key": f"key-{n}",
        "submit_digest": "", "told_revision": occurrence.revision,
        "created_at": NOON - 7 * DAY, "changed_at": NOON - 7 * DAY,
    }  # fmt: skip
    return _add(Registration(**{**defaults, **values, "person_id": person_id}))


def make_entry(*, edition: Edition | None = None, unit: Unit | None = None, **values: Any) -> Entry:
    """A submitted entry of a school of its own."""
    n = next(_count)
    school = unit or make_unit(kind=UnitKind.SCHOOL, name=f"第{n}中学")
    defaults = {
        "edition_id": (edition or make_edition()).id, "number": n, "title": f"用声音判断老旧水管的渗漏位置 {n}",
        "abstract": "用两支压电麦克风同时录音，比较声音到达的时间差。", "category": "innovation-b", "group": "junior",
        "discipline": "TD", "unit_id": school.id, "state": EntryState.SUBMITTED, "submitted_at": NOON - 20 * DAY,
        "created_at": NOON - 30 * DAY, "changed_at": NOON - 20 * DAY,
    }  # fmt: skip
    account_id = values["account_id"] if "account_id" in values else make_account("教师").id
    return _add(Entry(**{**defaults, **values, "account_id": account_id}))


def make_round(*, edition: Edition | None = None, **values: Any) -> Round:
    """A round that has been open since a day before NOON and closes in a week; its edition has the PACK."""
    if edition is None:
        edition = make_edition()
        make_rule_pack(edition)
    defaults = {
        "edition_id": edition.id, "position": 1, "name": "初评", "opens_at": NOON - DAY, "closes_at": NOON + 7 * DAY,
        "state": RoundState.OPEN, "judges_per_entry": 3, "seed": 41,
    }  # fmt: skip
    return _add(Round(**{**defaults, **values}))


def make_judge(round_: Round, name: str = "王评委", **values: Any) -> Judge:
    """A judge with the grant of the round."""
    account = values.pop("account", None) or make_account(name)
    make_grant(account, Role.JUDGE, round_id=round_.id)
    return _add(Judge(**{"round_id": round_.id, "most_load": 40, **values}, account=account))


def make_assignment(judge: Judge, entry: Entry, **values: Any) -> Assignment:
    defaults = {"round_id": judge.round_id, "code": f"A-{entry.id:03d}", "withdrawn_at": None}
    return _add(Assignment(**{**defaults, **values}, judge_id=judge.id, entry_id=entry.id))
