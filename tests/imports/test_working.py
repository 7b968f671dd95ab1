"""The worker's part, against a real server on loopback, with the clock as an argument."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.imports import rules, services
from kexie_events.imports.fetching import Fetched, fetch
from kexie_events.imports.models import CalendarImport, CalendarSource
from kexie_events.imports.rules import ImportState, SourceState
from kexie_events.imports.services import finding
from tests.build import DAY, HOUR, NOON
from tests.imports.build import ADDRESS, Ground, calendar, event, make_source
from tests.imports.servers import Server, serving


@pytest.fixture
def ground(app: Flask) -> Ground:
    return Ground()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as told:
        yield told


def worked(server: Server, now: datetime = NOON) -> int:
    done = services.work(now=now, fetch=partial(fetch, limits=server.limits))
    db.session.expire_all()
    return done


def runs() -> list[CalendarImport]:
    return list(db.session.scalars(select(CalendarImport).order_by(CalendarImport.id)))


def add(ground: Ground, address: str = ADDRESS, **values: Any) -> CalendarImport:
    defaults = {"label": "科技馆", "is_daily": True, "key": uuid4(), "actor": ground.actor, "now": NOON}
    return services.add_source(ground.edition.id, address, **{**defaults, **values})


def test_an_address_is_fetched_by_the_worker_and_its_preview_waits(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")), ETag='"1"')
    run = add(ground)
    assert (run.state, run.source_id is not None) == (ImportState.WAITING, True)
    assert (worked(server), worked(server)) == (1, 0)
    assert (run.state, run.name, run.changes, run.by_itself) == (ImportState.READ, "科技馆排期", 1, False)
    source = db.session.get_one(CalendarSource, run.source_id)
    assert (source.checked_at, source.next_fetch_at, source.etag) == (NOON, NOON + DAY, '"1"')
    ground.apply(run)
    assert [row.title for row in ground.rows()] == ["讲座a"]


def test_an_address_is_asked_once_a_day_and_a_change_waits_for_somebody(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")))
    ground.apply(_read(add(ground), server))
    assert worked(server, NOON + DAY - timedelta(seconds=1)) == 0
    server.says(calendar(event("a", SUMMARY="新题目")))
    assert worked(server, NOON + DAY) == 1
    late = runs()[-1]
    assert (late.state, late.changes, late.by_itself) == (ImportState.READ, 1, True)
    assert [row.title for row in ground.rows()] == ["讲座a"]


def _read(run: CalendarImport, server: Server) -> CalendarImport:
    worked(server)
    assert run.state is ImportState.READ
    return run


def test_a_day_without_a_change_leaves_nothing_to_look_at(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")), ETag='"1"')
    ground.apply(_read(add(ground), server))
    for n, answer in enumerate((calendar(event("a")), calendar(event("a"), name="改了名"), b""), 1):
        server.says(answer, 304 if not answer else 200, ETag='"1"')
        assert worked(server, NOON + n * DAY) == 1
        assert len(runs()) == 1
    assert server.asked[-1]["If-None-Match"] == '"1"'
    assert db.session.scalars(select(CalendarSource)).one().checked_at == NOON + 3 * DAY


def test_what_was_dropped_is_not_brought_up_again_until_it_changes(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")))
    services.drop(_read(add(ground), server).id, actor=ground.actor, now=NOON)
    worked(server, NOON + DAY)
    assert len(runs()) == 1
    server.says(calendar(event("a"), event("b")))
    worked(server, NOON + 2 * DAY)
    assert [run.changes for run in runs()][1:] == [2]


def test_whoever_presses_sees_the_whole_preview_also_when_nothing_changed(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")), ETag='"1"')
    run = _read(add(ground), server)
    ground.apply(run)
    again = services.ask_source(run.source_id or 0, actor=ground.actor, now=NOON + HOUR)
    worked(server, NOON + HOUR)
    assert "If-None-Match" not in server.asked[-1]
    assert (again.state, again.changes) == (ImportState.READ, 0)


def test_a_rule_without_an_end_is_read_anew_each_day(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a", RRULE="FREQ=WEEKLY")), ETag='"1"')
    ground.apply(_read(add(ground), server))
    worked(server, NOON + 8 * DAY)
    assert "If-None-Match" not in server.asked[-1]
    assert [run.changes for run in runs()] == [52, 1]


def test_a_newer_reading_takes_the_place_of_an_undecided_one(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")))
    first = _read(add(ground), server)
    server.says(calendar(event("a"), event("b")))
    worked(server, NOON + DAY)
    assert [run.state for run in runs()] == [ImportState.DROPPED, ImportState.READ]
    assert first.found == {}


def test_a_second_press_while_it_is_under_way_finds_the_first(ground: Ground, server: Server) -> None:
    run = add(ground)
    assert services.ask_source(run.source_id or 0, actor=ground.actor, now=NOON).id == run.id
    server.says(calendar(event("a")))
    assert (worked(server), worked(server)) == (1, 0)


# ---- failures


def test_a_failure_is_said_in_words_and_tried_again_later_and_later(ground: Ground, server: Server) -> None:
    server.says(b"", 503)
    run = add(ground)
    worked(server)
    assert (run.state, run.error, run.error_details) == (
        ImportState.FAILED, "import.status", {"host": "calendar.example.org", "status": 503}
    )  # fmt: skip
    source = db.session.scalars(select(CalendarSource)).one()
    waits = []
    while source.state is SourceState.ACTIVE:
        assert source.next_fetch_at is not None
        waits.append(source.next_fetch_at)
        worked(server, source.next_fetch_at)
    assert [(at - NOON) / HOUR for at in waits[:5]] == [1, 3, 7, 15, 31]
    assert source.failing_since == NOON
    assert waits[-1] - NOON >= rules.GIVES_UP_AFTER
    assert len(runs()) == 1
    verbs = db.session.scalars(select(AuditRecord.verb).order_by(AuditRecord.id)).all()
    assert verbs[-1] == "calendar_source.stopped"
    assert worked(server, waits[-1] + 30 * DAY) == 0


def test_a_press_that_succeeds_starts_a_given_up_address_again(ground: Ground, server: Server) -> None:
    source = make_source(ground.edition, state=SourceState.STOPPED, failures=9, failing_since=NOON - 8 * DAY,
                         last_error="import.slow", last_details={"host": "x"}, next_fetch_at=None)  # fmt: skip
    server.says(calendar(event("a")))
    services.ask_source(source.id, actor=ground.actor, now=NOON)
    worked(server)
    assert (source.state, source.failures, source.last_error) == (SourceState.ACTIVE, 0, "")
    assert source.next_fetch_at == NOON + DAY


def test_an_answer_that_is_no_calendar_is_a_failure_of_the_source(ground: Ground, server: Server) -> None:
    server.says(b"<html>login</html>")
    run = add(ground)
    worked(server)
    assert (run.state, run.error) == (ImportState.FAILED, "import.not_calendar")
    assert db.session.scalars(select(CalendarSource)).one().failures == 1


# ---- killed workers, late workers


def test_a_killed_worker_leaves_a_lease_and_another_one_reads(ground: Ground, server: Server) -> None:
    run = add(ground)

    def killed(*_: object, **__: object) -> Fetched:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.work(now=NOON, fetch=killed)
    db.session.rollback()
    server.says(calendar(event("a")))
    assert worked(server, NOON + rules.LEASE - timedelta(seconds=1)) == 0
    assert worked(server, NOON + rules.LEASE) == 1
    assert (run.state, run.attempts) == (ImportState.READ, 2)


def test_what_ends_the_worker_each_time_is_given_up(ground: Ground, server: Server) -> None:
    run = add(ground, is_daily=False)

    def killed(*_: object, **__: object) -> Fetched:
        raise KeyboardInterrupt

    for n in range(rules.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            services.work(now=NOON + n * rules.LEASE, fetch=killed)
        db.session.rollback()
    worked(server, NOON + 9 * rules.LEASE)
    assert (run.state, run.error) == (ImportState.FAILED, "import.given_up")
    assert server.asked == []


def test_whoever_comes_late_writes_nothing(ground: Ground) -> None:
    """While one worker fetches, its lease runs out, another takes over and is done; the first finds that out."""
    run = add(ground)
    id = run.id

    def slow(*_: object, **__: object) -> Fetched:
        services.work(now=NOON + rules.LEASE, fetch=lambda *_, **__: Fetched(calendar(event("b")), "", ""))
        return Fetched(calendar(event("a"), event("c")), "", "")

    services.work(now=NOON, fetch=slow)
    db.session.expire_all()
    found = db.session.get_one(CalendarImport, id)
    assert [item["uid"] for item in found.found["items"]] == ["b"]


def test_what_was_dropped_while_it_was_read_stays_dropped(ground: Ground) -> None:
    run = add(ground)
    id, actor = run.id, ground.actor

    def dropped(*_: object, **__: object) -> Fetched:
        services.drop(id, actor=actor, now=NOON)
        return Fetched(calendar(event("a")), "", "")

    services.work(now=NOON, fetch=dropped)
    db.session.expire_all()
    assert db.session.get_one(CalendarImport, id).state is ImportState.DROPPED


def test_one_calendar_at_a_time_is_read(ground: Ground) -> None:
    add(ground)
    add(ground, "https://other.example.org/")
    asked = []

    def meanwhile(address: str, **_: object) -> Fetched:
        asked.append(address)
        assert services.work(now=NOON, fetch=meanwhile) == 0
        return Fetched(calendar(event("a")), "", "")

    assert services.work(now=NOON, fetch=meanwhile) == 1
    assert len(asked) == 1


def test_whoever_presses_does_not_wait_behind_the_daily_ones(ground: Ground) -> None:
    sources = [make_source(ground.edition, address=f"https://{n}.example.org/") for n in range(3)]
    asked: list[str] = []

    def answer(address: str, **_: object) -> Fetched:
        asked.append(address)
        return Fetched(calendar(event(address[8])), "", "")

    services.work(now=NOON, fetch=answer)  # now all three wait, and the first is read
    add(ground, "https://new.example.org/", now=NOON + HOUR)
    services.ask_source(sources[2].id, actor=ground.actor, now=NOON + HOUR)  # a daily one becomes a person's
    while services.work(now=NOON + HOUR, fetch=answer):
        pass
    assert [address[8] for address in asked] == ["0", "2", "n", "1"]


@pytest.mark.race
def test_workers_at_the_same_instant_read_each_calendar_once(ground: Ground, at_once) -> None:  # type: ignore[no-untyped-def]
    make_source(ground.edition)
    asked = []

    def answer(address: str, **_: object) -> Fetched:
        asked.append(address)
        return Fetched(calendar(event("a")), "", "")

    at_once([lambda: services.work(now=NOON, fetch=answer)] * 4)
    services.work(now=NOON, fetch=answer)
    assert asked == [ADDRESS]
    assert len(runs()) == 1


@pytest.mark.race
def test_a_reading_that_ends_while_its_source_is_removed_waits_for_it(ground: Ground, at_once) -> None:  # type: ignore[no-untyped-def]
    for n in range(5):
        run = add(ground, f"https://{n}.example.org/")
        source_id, actor = run.source_id or 0, ground.actor
        db.session.commit()
        answers = at_once(
            [
                lambda: services.work(now=NOON, fetch=lambda *_, **__: Fetched(calendar(event("a")), "", "")),
                lambda id=source_id, actor=actor: services.remove_source(id, actor=actor, now=NOON),
            ]
        )
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        db.session.expire_all()
        assert db.session.get_one(CalendarImport, run.id).state is ImportState.DROPPED


# ---- big files


def test_a_big_file_is_read_by_the_worker(ground: Ground, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "IN_A_REQUEST", 100)
    run = ground.read(event("a"))
    assert (run.state, run.content is not None) == (ImportState.WAITING, True)
    worked(server)
    assert (run.state, run.content, run.changes) == (ImportState.READ, None, 1)
    broken = ground.read_bytes(b"<html>" * 30)
    worked(server)
    assert (broken.state, broken.error) == (ImportState.FAILED, "import.not_calendar")


def test_many_rules_are_walked_by_the_worker(ground: Ground) -> None:
    many = [event(str(n), RRULE="FREQ=WEEKLY;COUNT=2") for n in range(41)]
    assert ground.read(*many).state is ImportState.WAITING


# ---- keeping and giving up


@pytest.mark.parametrize(
    ("address", "refusal"),
    [("hello", "import.address"), ("http://x.org:22/", "import.address_port"),
     ("http://a:b@x.org/", "import.address_secret")],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused_at_once(ground: Ground, address: str, refusal: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        add(ground, address)
    assert refused.value.code == refusal
    assert runs() == []


def test_one_address_is_kept_once_in_an_edition(ground: Ground) -> None:
    key = uuid4()
    assert add(ground, key=key).id == add(ground, key=key).id
    with pytest.raises(RuleBroken) as refused:
        add(ground)
    assert refused.value.code == "import.source_twice"
    source = db.session.scalars(select(CalendarSource)).one()
    services.remove_source(source.id, actor=ground.actor, now=NOON)
    assert (source.address, source.state) == ("", SourceState.REMOVED)
    assert add(ground).source_id != source.id


@pytest.mark.parametrize("state", [SourceState.ACTIVE, SourceState.STOPPED])
def test_another_name_neither_starts_an_address_nor_puts_it_off(ground: Ground, state: SourceState) -> None:
    due = NOON + HOUR if state is SourceState.ACTIVE else None
    source = make_source(ground.edition, state=state, failures=9, failing_since=NOON - 8 * DAY, next_fetch_at=due)

    def change(**values: Any) -> tuple[SourceState, int, datetime | None]:
        values = {"label": "新名字", "is_daily": True, **values}
        services.change_source(source.id, expected_revision=source.revision, actor=ground.actor, now=NOON, **values)
        return source.state, source.failures, source.next_fetch_at

    assert change() == (state, 9, due)
    assert source.label == "新名字"
    assert change(is_daily=False)[::2] == (SourceState.ACTIVE, None)
    assert change()[::2] == (SourceState.ACTIVE, NOON + DAY)


def test_only_so_many_addresses_are_kept(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_SOURCES", 1)
    add(ground)
    with pytest.raises(RuleBroken) as refused:
        add(ground, "https://other.example.org/")
    assert refused.value.code == "import.too_many_sources"


def test_what_came_from_a_removed_source_stays_and_its_previews_go(ground: Ground, server: Server) -> None:
    server.says(calendar(event("a")))
    run = _read(add(ground), server)
    ground.apply(run)
    late = services.ask_source(run.source_id or 0, actor=ground.actor, now=NOON)
    services.remove_source(run.source_id or 0, actor=ground.actor, now=NOON)
    assert late.state is ImportState.DROPPED
    assert len(ground.rows()) == 1
    assert worked(server, NOON + 9 * DAY) == 0


def test_the_record_holds_no_secret(ground: Ground, server: Server) -> None:
    server.says(b"", 302, Location="https://elsewhere.example.org/private/key")
    run = add(ground)
    worked(server)
    services.remove_source(run.source_id or 0, actor=ground.actor, now=NOON)
    said = str([record.details for record in db.session.scalars(select(AuditRecord))]) + str(run.error_details)
    assert "calendar.example.org" in said
    assert [word for word in ("private-7", "secret", "private/key") if word in said] == []


def test_what_nobody_decided_on_is_forgotten_in_time(ground: Ground) -> None:
    old, new = ground.read(event("a")), ground.read(event("b"))
    new.asked_at = NOON + DAY
    db.session.commit()
    assert services.forget_old(now=NOON + rules.KEPT + timedelta(seconds=1)) == 1
    assert (old.state, old.found) == (ImportState.DROPPED, {})
    assert new.state is ImportState.READ
    assert db.session.scalar(select(func.count()).select_from(CalendarImport)) == 2
