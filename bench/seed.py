"""Rows in bulk, written past the services: a table of 100,000 dates is there in seconds. Whoever measures a service
measures it on top of these.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, update

from kexie_events.accounts.models import Account, Grant, Person, SignIn
from kexie_events.accounts.rules import token_hash
from kexie_events.accounts.session import COOKIE
from kexie_events.contests.models import RulePack
from kexie_events.core.access import Role
from kexie_events.core.db import db, transaction
from kexie_events.demo.pack import PACK
from kexie_events.entries.models import Entry
from kexie_events.entries.rules import EntryState
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication
from kexie_events.judging.models import Assignment, Judge, Round, Scoresheet
from kexie_events.judging.rules import FIRST, RoundState, SheetState, Version, sheet_digest
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.units.models import Region, Unit
from kexie_events.units.rules import UnitKind

REGIONS, VENUES, ROOMS_OF_VENUE = 40, 20, 5
BEFORE, AFTER = timedelta(days=365), timedelta(days=180)  # dates lie evenly between a year ago and half a year ahead
OPENS_BEFORE = timedelta(days=60)  # so that about every ninth can be joined now
DATES_OF_EDITION, EDITIONS_OF_SERIES, SEATS_OF_DATE = 10, 5, 50
ENTRIES_OF_JUDGE = 40
STEPS = (
    ("entries-open", "开始申报", -30, False),
    ("entries-close", "申报截止", 0, True),
    ("final", "终评", 10, False),
    ("notice-ends", "公示截止", 20, True),
)
KINDS = (Kind.MEETING, Kind.FORUM_SERIES, Kind.CAMPAIGN, Kind.TRAINING, Kind.LECTURE_TOUR, Kind.CONTEST_PROJECT)
SUMMARY = (
    "面向全市科技工作者、教师和学生，邀请高校与企业的研究人员介绍近期的进展，现场答疑，并开放实验室参观。"
    "请自备水杯，按时到场；需要无障碍设施的朋友请提前一天联系会务组。"
) * 2
_number = count(1)


@dataclass
class City:
    """What has been written so far."""

    now: datetime
    root: int = 0  # the unit above all others
    units: list[int] = field(default_factory=list)
    occurrences: list[int] = field(default_factory=list)


def found(now: datetime) -> City:
    """Regions, and the tree of units: the city's association and one for each region."""
    regions = add_all(
        Region,
        [{"slug": f"50{n:04d}", "code": f"50{n:04d}", "name": f"第{n}区", "kind": "区"} for n in range(1, REGIONS + 1)],
    )
    city = City(now)
    # A path holds its own id, so each is written twice.
    (city.root,) = add_all(Unit, [_unit("city", "市科协", "new", None, None)])
    city.units = add_all(
        Unit,
        [_unit(f"district-{n}", f"第{n}区科协", f"new:{n}", city.root, regions[n - 1]) for n in range(1, REGIONS + 1)],
    )
    with transaction() as session:
        session.execute(update(Unit).where(Unit.id == city.root).values(path=f"/{city.root}/"))
        session.execute(update(Unit), [{"id": unit, "path": f"/{city.root}/{unit}/"} for unit in city.units])
    return city


def _unit(slug: str, name: str, path: str, parent: int | None, region: int | None) -> dict[str, Any]:
    return {
        "slug": slug, "name": name, "kind": UnitKind.ASSOCIATION, "path": path, "parent_id": parent,
        "region_id": region,
    }  # fmt: skip


def add_events(city: City, size: int) -> list[int]:
    """``size`` published dates in series and editions of their own; two thirds are in rooms, which never clash."""
    series, editions = _series_and_editions(city, size)
    rooms = _rooms(len(city.units))
    step = (BEFORE + AFTER) / size
    rows = []
    for n in range(size):
        starts_at = (city.now - BEFORE + step * n).replace(second=0, microsecond=0)
        # Each edition has its dates side by side in time.
        edition = min(n // DATES_OF_EDITION, len(editions) - 1)
        rows.append(
            {
                "edition_id": editions[edition], "series_id": series[edition % len(series)],
                "unit_id": city.units[n % len(city.units)], "publication": Publication.PUBLISHED,
                "title": f"第{n % DATES_OF_EDITION + 1}分会场：声音、光与材料" if n % 2 else "", "summary": SUMMARY,
                "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "planned_at": starts_at,
                # A room is used again after as many dates as there are rooms.
                "room_id": rooms[n % len(rooms)] if n % 3 and step * len(rooms) > timedelta(hours=3) else None,
                "place": "" if n % 3 else "科技馆一楼报告厅", "capacity": 200, "opens_at": starts_at - OPENS_BEFORE,
                "closes_at": starts_at - timedelta(hours=6), "revision": 1, "changed_at": city.now,
            }
        )  # fmt: skip
    made = add_all(Occurrence, rows)
    city.occurrences += made
    firsts = {row["edition_id"]: row for row in reversed(rows)}
    add_all(Milestone, [step for first in firsts.values() for step in _steps(first)])
    return made


def _steps(first: dict[str, Any]) -> list[dict[str, Any]]:
    """The timeline of an edition, round its first date: works come in for a month, and it ends with a notice."""
    common = {name: first[name] for name in ("edition_id", "series_id", "unit_id", "publication", "changed_at")}
    return [
        {
            "code": code, "name": name, "starts_at": first["starts_at"] + timedelta(days=days),
            "ends_at": first["starts_at"] + timedelta(days=days), "is_deadline": deadline, **common,
        }
        for code, name, days, deadline in STEPS
    ]  # fmt: skip


def _series_and_editions(city: City, size: int) -> tuple[list[int], list[int]]:
    held = max(1, size // DATES_OF_EDITION)
    batch = next(_number)
    series = add_all(
        Series,
        [
            {
                "slug": f"series-{batch}-{n}", "name": f"重庆市科学技术普及与交流活动第{batch}辑第{n}系列",
                "kind": KINDS[n % len(KINDS)], "summary": SUMMARY, "publication": Publication.PUBLISHED,
                "changed_at": city.now, "unit_id": city.units[n % len(city.units)],
            }
            for n in range(max(1, held // EDITIONS_OF_SERIES))
        ],
    )  # fmt: skip
    editions = add_all(
        Edition,
        [
            {
                "series_id": series[n % len(series)], "number": n // len(series) + 1, "style": Style.ORDINAL,
                "year": city.now.year, "title": "", "summary": SUMMARY, "publication": Publication.PUBLISHED,
                "changed_at": city.now, "unit_id": city.units[n % len(city.units)],
            }
            for n in range(held)
        ],
    )  # fmt: skip
    return series, editions


def _rooms(regions: int) -> list[int]:
    batch = next(_number)
    venues = add_all(
        Venue,
        [
            {"name": f"第{batch}-{n}科技中心", "address": f"科学大道{n}号", "region_id": n % regions + 1}
            for n in range(VENUES)
        ],
    )
    halls = [{"venue_id": venue, "name": f"{n}号厅", "seats": 200} for venue in venues for n in range(ROOMS_OF_VENUE)]
    return add_all(Room, halls)


def add_registrations(city: City, size: int) -> None:
    """``size`` people with one seat each, and the letter that each was sent, on dates spread over the whole time."""
    people = add_people(city, size)
    dates = max(1, size // SEATS_OF_DATE)
    chosen = city.occurrences[:: max(1, len(city.occurrences) // dates)][:dates]
    rows: list[dict[str, Any]] = [
        {
            "occurrence_id": chosen[n % len(chosen)], "person_id": person, "state": RegistrationState.CONFIRMED,
            "line": n // len(chosen) + 1, "submit_key": secrets.token_urlsafe(18), "submit_digest": "", "answers": {},
            "told_revision": 1, "created_at": city.now, "changed_at": city.now,
        }
        for n, person in enumerate(people)
    ]  # fmt: skip
    made = add_all(Registration, rows)
    letters = [
        {
            "dedupe": f"registered:{row}", "kind": "registered", "about": f"occurrence:{values['occurrence_id']}",
            "person_id": values["person_id"], "context": {"name": "李明", "event": "双月论坛"},
            "state": MessageState.SENT, "created_at": city.now, "next_try_at": city.now, "sent_at": city.now,
        }
        for row, values in zip(made, rows, strict=True)
    ]  # fmt: skip
    add_all(Message, letters)
    taken: dict[int, int] = {}
    for values in rows:
        taken[values["occurrence_id"]] = values["line"]
    with transaction() as session:
        session.execute(
            update(Occurrence),
            [{"id": row, "taken": most, "arrivals": most, "capacity": most + 150} for row, most in taken.items()],
        )


def add_people(city: City, size: int) -> list[int]:
    rows = []
    for _ in range(size):
        phone = f"13{next(_number):09d}"
        rows.append({"name": "李明轩", "phone": phone, "contact_key": phone, "created_at": city.now})
    return add_all(Person, rows)


def open_date(city: City, capacity: int) -> int:
    """One more date, in two weeks, that takes registrations now."""
    (made,) = add_events(city, 1)
    city.occurrences.remove(made)
    with transaction() as session:
        row = session.get_one(Occurrence, made)
        row.starts_at, row.ends_at = city.now + timedelta(days=14), city.now + timedelta(days=14, hours=2)
        row.opens_at, row.closes_at = city.now - timedelta(days=1), None
        row.room_id, row.capacity = None, capacity
    return made


def add_accounts(city: City, size: int) -> list[int]:
    people = add_people(city, size)
    return add_all(
        Account,
        [
            {
                "identifier": f"account{person}@example.org",
                "password_hash": "!",
                "person_id": person,
                "created_at": city.now,
            }
            for person in people
        ],
    )


def organizer(city: City) -> dict[str, str]:
    """The cookie of somebody who runs everything below the city's association."""
    (account,) = add_accounts(city, 1)
    add_all(Grant, [{"account_id": account, "role": Role.ORGANIZER, "unit_id": city.root}])
    return signed_in(city, account)


def signed_in(city: City, account: int) -> dict[str, str]:
    token = secrets.token_urlsafe(24)
    until = city.now + timedelta(days=30)
    add_all(
        SignIn, [{"token_hash": token_hash(token), "account_id": account, "created_at": city.now, "expires_at": until}]
    )
    return {COOKIE: token}


@dataclass(frozen=True)
class Contest:
    """A round at work, and one judge of it."""

    judge: dict[str, str]  # the judge's cookie
    assignments: list[int]  # all of theirs, unscored


def add_contest(city: City, size: int) -> Contest:
    """``size`` entries, three judges for each; every judge but one has scored everything."""
    (series,) = add_all(
        Series,
        [
            {
                "slug": "contest", "name": "青少年科技创新大赛", "kind": Kind.CONTEST_PROJECT, "unit_id": city.root,
                "publication": Publication.PUBLISHED, "changed_at": city.now,
            }
        ],
    )  # fmt: skip
    (edition,) = add_all(
        Edition,
        [
            {
                "series_id": series, "number": 41, "style": Style.ORDINAL, "year": city.now.year,
                "unit_id": city.root, "publication": Publication.PUBLISHED, "changed_at": city.now,
            }
        ],
    )  # fmt: skip
    add_all(RulePack, [{"edition_id": edition, "body": PACK, "changed_at": city.now}])
    (round_,) = add_all(
        Round,
        [
            {
                "edition_id": edition, "position": 1, "name": "初评", "opens_at": city.now - timedelta(days=3),
                "closes_at": city.now + timedelta(days=7), "state": RoundState.OPEN, "judges_per_entry": 3, "seed": 41,
            }
        ],
    )  # fmt: skip
    entries = _entries(city, edition, size)
    pairs = [entry for entry in entries for _ in range(3)]
    accounts = add_accounts(city, max(3, -(-len(pairs) // ENTRIES_OF_JUDGE)))
    add_all(Grant, [{"account_id": account, "role": Role.JUDGE, "round_id": round_} for account in accounts])
    judges = add_all(
        Judge,
        [{"round_id": round_, "account_id": account, "disciplines": [], "most_load": 60} for account in accounts],
    )
    rows = [
        {"round_id": round_, "judge_id": judges[n % len(judges)], "entry_id": entry, "code": f"A-{entry:05d}"}
        for n, entry in enumerate(pairs)
    ]
    made = add_all(Assignment, rows)
    own = [number for number, row in zip(made, rows, strict=True) if row["judge_id"] == judges[0]]
    _score(city, [number for number, row in zip(made, rows, strict=True) if row["judge_id"] != judges[0]])
    return Contest(signed_in(city, accounts[0]), own)


def _entries(city: City, edition: int, size: int) -> list[int]:
    coaches = add_accounts(city, max(1, size // 10))
    return add_all(
        Entry,
        [
            {
                "edition_id": edition, "number": n + 1, "title": f"用声音判断老旧水管的渗漏位置之{n + 1}",
                "abstract": SUMMARY, "category": "innovation-b", "group": "junior", "discipline": "TD",
                "unit_id": city.units[n % len(city.units)], "account_id": coaches[n % len(coaches)],
                "state": EntryState.SUBMITTED, "submitted_at": city.now, "created_at": city.now, "changed_at": city.now,
            }
            for n in range(size)
        ],
    )  # fmt: skip


POINTS = {"inno": "25", "sci": "24.5", "prac": "16", "self": "8", "expr": "7.5"}


def _score(city: City, assignments: list[int]) -> None:
    sheets = []
    for assignment in assignments:
        version = Version(1, SheetState.SUBMITTED, POINTS, "", city.now)
        sheets.append(
            {
                "assignment_id": assignment, "revision": 1, "state": SheetState.SUBMITTED, "points": POINTS,
                "total": 81, "saved_at": city.now, "digest": sheet_digest(FIRST, assignment, version),
            }
        )  # fmt: skip
    add_all(Scoresheet, sheets)


def add_all(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows in batches; their ids, in the order of the rows."""
    if not rows:
        return []
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    with transaction() as session:
        # NULLs are written out: left out, each row that has another set of columns becomes a statement of its own.
        made = list(session.scalars(statement, rows, execution_options={"render_nulls": True}))
        session.expunge_all()
    return made


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


__all__ = [
    "POINTS", "City", "Contest", "add_contest", "add_events", "add_registrations", "db", "found", "now", "open_date",
    "organizer",
]  # fmt: skip
