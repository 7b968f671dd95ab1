"""Calendars: served as they are stored, and brought up to date after one change."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select

from kexie_events.accounts.models import Account, Person
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import services
from kexie_events.feeds.models import Feed
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind

from .ground import House, Visitor
from .load import per_second
from .table import Row

BIG = 1000  # events of the series whose feed is served
SERIES, PEOPLE, SEATS = 250, 499, 10  # 1 + 250 + 250 + 499 feeds
ROUNDS = 3
TEXT = "本场论坛围绕量子信息、人工智能与先进制造，邀请高校、院所和企业的专家作报告，并安排现场提问与对接。" * 4


def rows(house: House, scale: float) -> Iterator[Row]:
    """The feed rows of the table."""
    with house.app.app_context():
        now = clock.now()
        _seed(now, scale)
        begin = time.perf_counter()
        services.publish_stale(now=now)
        whole = time.perf_counter() - begin
        count, feeds = (
            db.session.scalar(select(func.count(Occurrence.id))),
            db.session.scalar(select(func.count(Feed.path))),
        )
        size = f"{count:,} occurrences, {feeds:,} feeds"
        yield Row(f"all calendars for the first time, {size}", f"{whole:.1f} s")
    house.settle()
    with house.app.app_context():
        yield from _rebuilding(now, size)
    yield from _serving(house)


def _rebuilding(now: datetime, size: str) -> Iterator[Row]:
    idle = min(_publish(now)[0] for _ in range(5))
    yield Row("nothing changed, asked by the worker", f"{idle * 1000:.0f} ms")
    for name, number in (("one change", 2), (f"one change that stands in {PEOPLE} personal feeds too", 1)):
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
    path = "/feeds/series/big.ics"
    with house.web(workers=1) as web, house.web(workers=1, target="bench.bare:app") as bare:
        web.await_page("/healthz")
        bare.await_page("/0")
        visitor = Visitor(web.port)
        answer = visitor.get(path)
        visitor.leave()
        assert answer.status == 200
        length, etag = len(answer.body), answer.headers["etag"]
        asked = {
            "304": lambda: per_second(web.port, path, status=304, Accept_Encoding="gzip", If_None_Match=etag),
            "bare": lambda: per_second(bare.port, "/0", status=200),
            "gzip": lambda: per_second(web.port, path, status=200, Accept_Encoding="gzip"),
            "bare gzip": lambda: per_second(bare.port, f"/{length}", status=200),
            "plain": lambda: per_second(web.port, path, status=200),
        }
        # In turns, and the best of each: what else the machine does falls on all of them alike.
        rounds = [{name: ask() for name, ask in asked.items()} for _ in range(ROUNDS)]
    best = {name: max(one[name] for one in rounds) for name in asked}
    unchanged, least_0, whole, least, plain = best.values()
    name = f"feed of {BIG:,} events, one worker"
    aim = "aim × 0.80"
    yield Row(f"{name}: 304", f"{unchanged:,.0f} req/s", "0", "1,000 req/s", unchanged >= 1000)
    yield Row("  beside a bare WSGI answer without a body", _beside(unchanged, least_0), "", aim)
    yield Row(f"{name}: 200 gzip, {length // 1000} kB", f"{whole:,.0f} req/s", "0", "600 req/s", whole >= 600)
    yield Row("  beside a bare WSGI answer of as many bytes", _beside(whole, least), "", aim)
    yield Row(f"{name}: 200 uncompressed", f"{plain:,.0f} req/s", "0")


def _beside(ours: float, bare: float) -> str:
    return f"{bare:,.0f} req/s, × {ours / bare:.2f}"


def _seat(person: int, seat: int, total: int) -> int:
    """Which occurrence: everybody has a seat in the first, the others are spread."""
    return 0 if seat == 0 else 1 + (person * 37 + seat * 1009) % (total - 1)


def _seed(now: datetime, scale: float) -> None:
    """10,000 × scale occurrences in 250 series, the first of them with 1,000; people with ten seats each."""
    with db.engine.begin() as connection:

        def add(model: type[Any], values: list[dict[str, Any]]) -> list[int]:
            return list(connection.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), values))

        unit = add(
            Unit, [{"slug": "bench", "name": "重庆市科学技术协会", "kind": UnitKind.ASSOCIATION, "path": "/1/"}]
        )[0]
        placed = {"unit_id": unit, "publication": Publication.PUBLISHED, "changed_at": now}
        slugs = ["big", *(f"s{n}" for n in range(1, SERIES))]
        series = add(
            Series,
            [{"slug": slug, "name": f"重庆科普讲座 {slug}", "kind": Kind.LECTURE_TOUR, **placed} for slug in slugs],
        )
        editions = add(
            Edition,
            [{"series_id": one, "number": 1, "style": Style.ORDINAL, "year": 2026, **placed} for one in series],
        )
        total = max(100, int(10_000 * scale))
        occurrences = add(Occurrence, [_occurrence(n, now, series, editions, placed) for n in range(total)])
        people = add(Person, [{"name": f"市民{n}", "created_at": now} for n in range(PEOPLE)])
        accounts = add(
            Account,
            [
                {"identifier": f"p{n}@bench", "password_hash": "!", "person_id": person, "created_at": now}
                for n, person in enumerate(people)
            ],
        )
        add(
            Registration,
            [
                {
                    "occurrence_id": occurrences[_seat(n, seat, total)],
                    "person_id": person,
                    "state": RegistrationState.CONFIRMED, "line": n * SEATS + seat + 1, "submit_key": f"{n}-{seat}",
                    "submit_digest": "", "told_revision": 1, "created_at": now, "changed_at": now,
                }
                for n, person in enumerate(people)
                for seat in range(SEATS)
            ],
        )  # fmt: skip
    for account in accounts:
        services.subscribe(account, "手机", now=now)


def _occurrence(
    n: int, now: datetime, series: list[int], editions: list[int], placed: dict[str, Any]
) -> dict[str, Any]:
    where = 0 if n < BIG else n % SERIES
    starts_at = now + timedelta(days=n % 500, hours=1)
    return {
        "series_id": series[where], "edition_id": editions[where], "title": f"第{n}讲", "summary": TEXT,
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "place": "重庆科技馆报告厅",
        "status": Status.SCHEDULED, "revision": 1, "uid": str(uuid4()), **placed,
    }  # fmt: skip
