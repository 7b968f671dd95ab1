"""Calendars: served as they are stored, and brought up to date after one change."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from kexie_events.accounts.models import Account, Person
from kexie_events.accounts.rules import token_hash
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import increments, services
from kexie_events.feeds.models import Feed, FeedRevision, Subscription
from kexie_events.feeds.tokens import new_token
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.units.models import Region, Unit
from kexie_events.units.rules import UnitKind

from .ground import House, Visitor, Web
from .load import per_second
from .table import Row

BIG = 1000  # events of the series whose feed is served
SERIES, PEOPLE, SEATS = 250, 499, 10
REGIONS, UNITS, VENUES = 40, 60, 50
RULES, DATES = 40, 50  # series that follow a weekly rule, and how many dates it has
ROUNDS = 3
TEXT = "本场论坛围绕量子信息、人工智能与先进制造，邀请高校、院所和企业的专家作报告，并安排现场提问与对接。" * 4


def rows(house: House, scale: float) -> Iterator[Row]:
    """The feed rows of the table."""
    with house.app.app_context():
        now = clock.now()
        ruled = _seed(now, scale)
        begin = time.perf_counter()
        while services.publish_stale(now=now).blocks:  # a run ends after a minute
            pass
        whole = time.perf_counter() - begin
        count, feeds = (
            db.session.scalar(select(func.count(Occurrence.id))),
            db.session.scalar(select(func.count(Feed.path))),
        )
        size = f"{count:,} occurrences, {feeds:,} feeds"
        yield Row(f"all calendars for the first time, {size}", f"{whole:.1f} s")
    house.settle()
    with house.app.app_context():
        yield from _rebuilding(now, ruled)
    house.settle()
    yield from _serving(house)


def _rebuilding(now: datetime, ruled: int) -> Iterator[Row]:
    idle = min(_publish(now)[0] for _ in range(5))
    yield Row("nothing changed, asked by the worker", f"{idle * 1000:.0f} ms")
    for name, number in (
        ("one change", 2),
        (f"one change that stands in {PEOPLE} personal feeds too", 1),
        (f"one date of a rule with {DATES} dates", ruled),
    ):
        taken, paths = zip(*(_change(number, now) for _ in range(ROUNDS)), strict=True)
        seconds = min(taken)
        yield Row(f"{name} → its {paths[0]} feeds rebuilt", f"{seconds:.2f} s", "", "2 s", seconds <= 2)


def _change(number: int, now: datetime) -> tuple[float, int]:
    row = db.session.get(Occurrence, number)
    assert row is not None
    row.title = uuid4().hex
    row.touch(now)
    db.session.commit()
    return _publish(now)


def _publish(now: datetime) -> tuple[float, int]:
    begin = time.perf_counter()
    done = services.publish_stale(now=now)
    return time.perf_counter() - begin, len(done.rebuilt)


def _serving(house: House) -> Iterator[Row]:
    path, chosen = "/feeds/series/big.ics", "/feeds/series/big~dates~no-cancelled~alarm-day.ics"
    with house.app.app_context():
        known = _older_token("series/big")
    with house.web(workers=1) as web, house.web(workers=1, target="bench.bare:app") as bare:
        web.await_page("/healthz")
        bare.await_page("/0")
        visitor = Visitor(web.port)
        begin = time.perf_counter()
        variant = visitor.get(chosen)
        made = time.perf_counter() - begin
        answer = visitor.get(path)
        visitor.leave()
        assert answer.status == variant.status == 200
        length, etag = len(answer.body), answer.headers["etag"]
        prefer = {"Prefer": "subscribe-enhanced-get", "Sync_Token": known}
        asked: dict[str, Callable[[], float]] = {
            "304": lambda: _asked(web, path, status=304, Accept_Encoding="gzip", If_None_Match=etag),
            "bare": lambda: _asked(bare, "/0"),
            "gzip": lambda: _asked(web, path, Accept_Encoding="gzip"),
            "bare gzip": lambda: _asked(bare, f"/{length}"),
            "plain": lambda: _asked(web, path),
            "variant 304": lambda: _asked(
                web, chosen, status=304, Accept_Encoding="gzip", If_None_Match=variant.headers["etag"]
            ),
            "variant": lambda: _asked(web, chosen, Accept_Encoding="gzip"),
            "changed": lambda: _asked(web, path, Accept_Encoding="gzip", **prefer),
        }
        # In turns, and the best of each: what else the machine does falls on all of them alike.
        rounds = [{name: ask() for name, ask in asked.items()} for _ in range(ROUNDS)]
    best = {name: max(one[name] for one in rounds) for name in asked}
    name, aim = f"feed of {BIG:,} events, one worker", "aim × 0.80"
    yield Row(f"{name}: 304", f"{best['304']:,.0f} req/s", "0", "1,000 req/s", best["304"] >= 1000)
    yield Row("  beside a bare WSGI answer without a body", _beside(best["304"], best["bare"]), "", aim)
    whole = best["gzip"]
    yield Row(f"{name}: 200 gzip, {length // 1000} kB", f"{whole:,.0f} req/s", "0", "600 req/s", whole >= 600)
    yield Row("  beside a bare WSGI answer of as many bytes", _beside(whole, best["bare gzip"]), "", aim)
    yield Row(f"{name}: 200 uncompressed", f"{best['plain']:,.0f} req/s", "0")
    yield Row("  a variant of it for the first time", f"{made * 1000:.0f} ms", "")
    yield Row(
        "  that variant: 304", f"{best['variant 304']:,.0f} req/s", "0", "1,000 req/s", best["variant 304"] >= 1000
    )
    size = f"200 gzip, {len(variant.body) // 1000} kB"
    yield Row(f"  that variant: {size}", f"{best['variant']:,.0f} req/s", "0", "600 req/s", best["variant"] >= 600)
    yield Row("  what changed in it, to a client that follows", f"{best['changed']:,.0f} req/s", "0")


def _asked(web: Web, path: str, *, status: int = 200, **headers: str) -> float:
    return per_second(web.port, path, status=status, seconds=0.6, **headers)


def _older_token(path: str) -> str:
    """What a client says that knows the revision before the last two."""
    number, etag = db.session.execute(
        select(FeedRevision.revision, FeedRevision.etag)
        .where(FeedRevision.path == path)
        .order_by(FeedRevision.revision.desc())
        .offset(2)
        .limit(1)
    ).one()
    return f'"data:,{increments.token(number, etag)}"'


def _beside(ours: float, bare: float) -> str:
    return f"{bare:,.0f} req/s, × {ours / bare:.2f}"


def _seat(person: int, seat: int, total: int) -> int:
    """Which occurrence: everybody has a seat in the first, the others are spread."""
    return 0 if seat == 0 else 1 + (person * 37 + seat * 1009) % (total - 1)


def _seed(now: datetime, scale: float) -> int:
    """10,000 × scale occurrences in 250 series: the first has 1,000, 40 follow a rule; units, districts, venues; people
    with ten seats each. Returns a date of a rule.
    """
    with db.engine.begin() as connection:
        units, rooms = _places(connection)
        placed = {"publication": Publication.PUBLISHED, "changed_at": now}
        kinds = list(Kind)
        slugs = ["big", *(f"s{n}" for n in range(1, SERIES))]
        series = _add(
            connection,
            Series,
            [
                {"slug": slug, "name": f"重庆科普讲座 {slug}", "kind": kinds[n % len(kinds)],
                 "unit_id": units[n % len(units)], **placed}
                for n, slug in enumerate(slugs)
            ],
        )  # fmt: skip
        editions = _add(
            connection,
            Edition,
            [
                {"series_id": one, "number": 1, "style": Style.ORDINAL, "year": 2026, "unit_id": units[n % len(units)],
                 **placed}
                for n, one in enumerate(series)
            ],
        )  # fmt: skip
        deadlines = [_deadline(now, *both, units[0]) | placed for both in zip(series, editions, strict=True)]
        _add(connection, Milestone, deadlines)
        total = max(100, int(10_000 * scale))
        dates = _rules(connection, now, series, editions, units, max(1, int(RULES * min(scale, 1))))
        rows = [_occurrence(n, now, series, editions, units, rooms) | placed for n in range(total)]
        first = len(rows) - len(dates)  # those by a rule stand in place of the last ones
        occurrences = _add(connection, Occurrence, rows[:first] + [row | placed for row in dates])
        accounts = _people(connection, now, occurrences[:first])
        subscribed = [
            {"token_hash": token_hash(new_token()), "account_id": one, "label": "手机", "created_at": now}
            for one in accounts
        ]
        _add(connection, Subscription, subscribed)
    return occurrences[first + DATES // 2]


def _add(connection: Connection, model: type[Any], values: list[dict[str, Any]]) -> list[int]:
    return list(connection.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), values))


def _places(connection: Connection) -> tuple[list[int], list[int]]:
    """Units and rooms: an association with those below it, in districts; venues with a hall each."""
    regions = _add(
        connection, Region, [{"slug": f"r{n}", "name": f"第{n + 1}区", "kind": "区"} for n in range(REGIONS)]
    )
    name = "重庆市科学技术协会"
    (root,) = _add(connection, Unit, [{"slug": "bench", "name": name, "kind": UnitKind.ASSOCIATION, "path": "/1/"}])
    below = [
        {"slug": f"u{n}", "name": f"第{n + 1}区科协", "kind": UnitKind.ASSOCIATION, "parent_id": root,
         "path": f"/1/{n + 2}/", "region_id": regions[n % REGIONS]}
        for n in range(UNITS)
    ]  # fmt: skip
    venues = _add(
        connection, Venue, [{"name": f"第{n + 1}科技馆", "region_id": regions[n % REGIONS]} for n in range(VENUES)]
    )
    rooms = _add(connection, Room, [{"venue_id": venue, "name": "报告厅"} for venue in venues])
    return _add(connection, Unit, below), rooms


def _people(connection: Connection, now: datetime, occurrences: list[int]) -> list[int]:
    """Accounts of people with seats."""
    people = _add(connection, Person, [{"name": f"市民{n}", "created_at": now} for n in range(PEOPLE)])
    seats = [
        {
            "occurrence_id": occurrences[_seat(n, seat, len(occurrences))], "person_id": person,
            "state": RegistrationState.CONFIRMED, "line": n * SEATS + seat + 1, "submit_key": f"{n}-{seat}",
            "submit_digest": "", "told_revision": 1, "created_at": now, "changed_at": now,
        }
        for n, person in enumerate(people)
        for seat in range(SEATS)
    ]  # fmt: skip
    _add(connection, Registration, seats)
    return _add(
        connection,
        Account,
        [
            {"identifier": f"p{n}@bench", "password_hash": "!", "person_id": person, "created_at": now}
            for n, person in enumerate(people)
        ],
    )


def _deadline(now: datetime, series: int, edition: int, unit: int) -> dict[str, Any]:
    at = now + timedelta(days=30)
    return {
        "series_id": series, "edition_id": edition, "unit_id": unit, "code": "entries-close", "name": "作品提交截止",
        "starts_at": at, "ends_at": at, "is_deadline": True,
    }  # fmt: skip


def _rules(
    connection: Connection, now: datetime, series: list[int], editions: list[int], units: list[int], count: int
) -> list[dict[str, Any]]:
    """Rules of series behind the first one, and all their dates."""
    begin = (now + timedelta(days=1)).astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=19, minute=0, second=0)
    rules = [
        {
            "series_id": series[n], "edition_id": editions[n], "uid": str(uuid4()), "first_on": begin.date(),
            "rule": f"FREQ=WEEKLY;COUNT={DATES}", "starts": begin.time(), "duration_minutes": 120, "changed_at": now,
        }
        for n in range(1, count + 1)
    ]  # fmt: skip
    made = _add(connection, Pattern, rules)
    return [
        {
            "series_id": rule["series_id"], "edition_id": rule["edition_id"], "title": "", "summary": TEXT,
            "unit_id": units[n % len(units)], "pattern_id": made[n], "planned_at": begin + timedelta(weeks=week),
            "starts_at": begin + timedelta(weeks=week), "ends_at": begin + timedelta(weeks=week, hours=2),
            "place": "重庆科技馆报告厅", "room_id": None, "status": Status.SCHEDULED, "revision": 1,
            "uid": str(uuid4()),
        }
        for n, rule in enumerate(rules)
        for week in range(DATES)
    ]  # fmt: skip


def _occurrence(
    n: int, now: datetime, series: list[int], editions: list[int], units: list[int], rooms: list[int]
) -> dict[str, Any]:
    where = 0 if n < BIG else n % SERIES
    starts_at = now + timedelta(days=n % 500, hours=1)
    return {
        "series_id": series[where], "edition_id": editions[where], "title": f"第{n}讲", "summary": TEXT,
        "unit_id": units[n % len(units)], "pattern_id": None, "planned_at": None,
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2),
        # No room has two at once: two hundred in a row are on different days.
        "place": "" if n % 3 == 0 else "重庆科技馆报告厅", "room_id": rooms[n // 200 % VENUES] if n % 3 == 0 else None,
        "status": Status.SCHEDULED, "revision": 1, "uid": str(uuid4()),
    }  # fmt: skip
