"""What changed, asked of the server: from the rebuild to the answer, for public, personal and chosen calendars."""

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client, TestResponse

from kexie_events.core.db import db, transaction
from kexie_events.events.models import Occurrence, Series
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import increments, library, pieces, queries, services
from kexie_events.feeds.house import house
from kexie_events.feeds.library import Library
from kexie_events.feeds.middleware import Feeds
from kexie_events.feeds.models import Feed, FeedLog, FeedRevision
from kexie_events.feeds.services import forget_increments, publish_stale
from kexie_events.feeds.services.publishing import rebuild
from kexie_events.feeds.shelf import Shelf
from kexie_events.operations.services import tidy
from tests.build import DAY, NOON, make_account, make_edition, make_occurrence, make_series
from tests.conftest import AtOnce, _empty
from tests.feeds.calendars import change, register
from tests.feeds.test_increments import replay, whole
from tests.feeds.test_middleware import SHANGHAI, door, later, sent_sql, shelf, token_of

__all__ = ["shelf"]
PREFER = {"Prefer": "subscribe-enhanced-get"}
NO_SHELF = Shelf("")


def ask(client: Client, path: str = "all", known: str = "", **headers: str) -> TestResponse:
    token = {"Sync-Token": known} if known else {}
    return client.get(f"/feeds/{path}.ics", headers={**PREFER, **token, **headers})


def token_in(answer: TestResponse) -> str:
    return answer.headers["Sync-Token"]


@pytest.fixture
def fresh(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A process that asks the database each time, so that a change shows itself at once."""
    monkeypatch.setattr(library, "FRESH_SECONDS", 0.0)
    app.extensions["kexie_feed_shelf"] = NO_SHELF
    return door(app, NO_SHELF)


@pytest.fixture
def row(app: Flask) -> Occurrence:
    made = make_occurrence(edition=make_edition(series=make_series(slug="forum")))
    app.extensions["kexie_feed_shelf"] = NO_SHELF
    publish_stale(now=NOON)
    return made


# ---- what is answered


def test_the_first_answer_is_the_whole_with_a_token(row: Occurrence, fresh: Client) -> None:
    plain, first = fresh.get("/feeds/all.ics"), ask(fresh)
    assert first.data == plain.data
    assert first.headers["Preference-Applied"] == "subscribe-enhanced-get"
    check = increments.check(plain.headers["ETag"])
    assert token_in(first) == f'"data:,1-{check}"'
    assert first.headers["ETag"] == f'W/"1-{check}"'
    assert first.headers["Cache-Control"] == "private, no-store"
    assert first.headers["Vary"] == "Accept-Encoding, Prefer, Sync-Token"
    assert "Link" not in first.headers


def test_whoever_asks_plainly_is_told_of_it_and_else_notices_nothing(row: Occurrence, app: Flask) -> None:
    on = Client(Feeds(lambda *_: [], Library(lambda: db.engine, NO_SHELF, SHANGHAI), secure=False), TestResponse)
    off = Client(
        Feeds(lambda *_: [], Library(lambda: db.engine, NO_SHELF, SHANGHAI), secure=False, increments=False),
        TestResponse,
    )
    conditions: list[dict[str, str]] = [
        {},
        {"Accept-Encoding": "gzip"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"x"'},
    ]
    for path in ("/feeds/all.ics", "/feeds/series/forum~deadlines.ics", f"/feeds/p/{token_of(make_account().id)}.ics"):
        for headers in conditions:
            with_it, without = on.get(path, headers=headers), off.get(path, headers=headers)
            link = with_it.headers.pop("Link", None)
            assert (with_it.status_code, with_it.data) == (without.status_code, without.data)
            assert list(with_it.headers) == list(without.headers)
            target = "" if "/p/" in path else path
            assert link == (f'<{target}>; rel="subscribe-enhanced-get"' if with_it.status_code == 200 else None)
    switched_off = off.get("/feeds/all.ics", headers=PREFER)
    assert dict(switched_off.headers) == dict(off.get("/feeds/all.ics").headers)


@pytest.mark.parametrize(
    "header",
    ["subscribe-enhanced-get", "respond-async, Subscribe-Enhanced-Get", "limit=5, subscribe-enhanced-get;x=1"],
)
def test_the_preference_is_found_among_others(row: Occurrence, fresh: Client, header: str) -> None:
    assert "Preference-Applied" in fresh.get("/feeds/all.ics", headers={"Prefer": header}).headers


@pytest.mark.parametrize("header", ["", "respond-async", "subscribe-enhanced-getter", "x=subscribe-enhanced-get"])
def test_another_preference_is_none(row: Occurrence, fresh: Client, header: str) -> None:
    assert "Sync-Token" not in fresh.get("/feeds/all.ics", headers={"Prefer": header}).headers


def test_nothing_new_is_a_304_without_a_look_at_the_database(row: Occurrence, app: Flask) -> None:
    client = door(app, NO_SHELF)
    first = ask(client)
    with sent_sql() as seen:
        again = ask(client, known=token_in(first))
    assert (again.status_code, again.data, token_in(again)) == (304, b"", token_in(first))
    assert again.headers["Preference-Applied"] == "subscribe-enhanced-get"
    assert seen == []


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("weak", [True, False])
def test_what_moved_comes_alone_to_whoever_sends_the_token_or_the_etag(
    row: Occurrence, fresh: Client, coding: str, weak: bool
) -> None:
    make_occurrence()
    publish_stale(now=NOON + DAY)
    first = ask(fresh, **{"Accept-Encoding": coding})
    change(row, NOON + 2 * DAY, title="换了题目")
    publish_stale(now=NOON + 2 * DAY)
    etag = first.headers["ETag"] if weak else first.headers["ETag"].removeprefix("W/")
    by_token = ask(fresh, known=token_in(first), **{"Accept-Encoding": coding})
    by_tag = ask(fresh, **{"Accept-Encoding": coding, "If-None-Match": f'"x", {etag}'})
    assert (by_token.status_code, by_token.headers["Preference-Applied"]) == (200, "subscribe-enhanced-get")
    assert dict(by_token.headers) == dict(by_tag.headers)
    assert by_token.data == by_tag.data
    body = gzip.decompress(by_token.data) if coding else by_token.data
    assert [unit.uid for unit in pieces.apart(body).units] == [row.uid.encode()]
    assert b"VTIMEZONE" not in body
    assert "换了题目".encode() in body
    assert ask(fresh, known=token_in(by_token)).status_code == 304


def test_the_etag_of_a_plain_answer_is_a_token_too(row: Occurrence, fresh: Client) -> None:
    for coding in ("", "gzip"):
        plain = fresh.get("/feeds/all.ics", headers={"Accept-Encoding": coding}).headers["ETag"]
        assert ask(fresh, **{"If-None-Match": plain}).status_code == 304
        change(row, NOON + DAY, title=f"又换{coding}")
        publish_stale(now=NOON + DAY)
        answer = ask(fresh, **{"If-None-Match": plain})
        assert answer.headers["Preference-Applied"] == "subscribe-enhanced-get"
        assert answer.data.count(b"BEGIN:VEVENT") == 1


def test_what_went_is_a_tombstone_and_not_sent_twice(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh)
    change(row, NOON + DAY, publication=Publication.DRAFT)
    publish_stale(now=NOON + DAY)
    answer = ask(fresh, known=token_in(first))
    assert replay(whole(first.data), answer.data) == whole(fresh.get("/feeds/all.ics").data) == {}
    assert f"UID:{row.uid}\r\n".encode() in answer.data
    assert b"STATUS:DELETED\r\n" in answer.data
    make_occurrence()
    publish_stale(now=NOON + 2 * DAY)
    assert b"STATUS:DELETED" not in ask(fresh, known=token_in(answer)).data


def test_what_came_back_is_no_tombstone(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh)
    for day, publication in ((1, Publication.DRAFT), (2, Publication.PUBLISHED)):
        change(row, NOON + day * DAY, publication=publication)
        publish_stale(now=NOON + day * DAY)
    answer = ask(fresh, known=token_in(first))
    assert b"STATUS:DELETED" not in answer.data
    assert list(whole(answer.data)) == [row.uid.encode()]


UNKNOWN = [
    '"data:,1-00000000"', '"data:,99-{check}"', '"data:,0-{check}"', "1-{check}", "data:,", '"data:,x"', "nonsense", "",
    '"data:,999999999999999999-{check}"', "\x00", "é" * 3000, "*",
]  # fmt: skip


@pytest.mark.parametrize("known", UNKNOWN)
def test_a_token_that_nobody_knows_gets_the_whole_and_is_told_so(row: Occurrence, fresh: Client, known: str) -> None:
    first = ask(fresh)
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    check = token_in(first)[-9:-1]
    answer = fresh.get("/feeds/all.ics", headers={**PREFER, "Sync-Token": known.format(check=check)})
    assert answer.status_code == 200
    assert answer.data == fresh.get("/feeds/all.ics").data
    assert "Preference-Applied" not in answer.headers
    assert ask(fresh, known=token_in(answer)).status_code == 304


def test_an_etag_that_nobody_knows_gets_the_whole_and_a_star_304(row: Occurrence, fresh: Client) -> None:
    for tag in ('"x"', "", '"0123456789abcdef0123456789abcdef"', ", ".join(['"1-00000000"'] * 500)):
        answer = ask(fresh, **{"If-None-Match": tag})
        assert (answer.status_code, "Preference-Applied" in answer.headers) == (200, False)
    assert ask(fresh, **{"If-None-Match": "*"}).status_code == 304


def test_head_has_the_headers_of_get(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh)
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    headers = {**PREFER, "Sync-Token": token_in(first)}
    got, asked = fresh.get("/feeds/all.ics", headers=headers), fresh.head("/feeds/all.ics", headers=headers)
    assert (asked.status_code, asked.data, dict(asked.headers)) == (200, b"", dict(got.headers))


def test_a_calendar_that_is_called_otherwise_says_so(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh, "series/forum")
    db.session.scalars(select(Series)).one().name = "三月论坛"
    db.session.commit()
    publish_stale(now=NOON + DAY)
    answer = ask(fresh, "series/forum", token_in(first))
    assert "X-WR-CALNAME:三月论坛".encode() in answer.data


# ---- variants and personal feeds


def test_a_variant_is_followed_with_the_same_token(row: Occurrence, fresh: Client) -> None:
    other = make_occurrence(status=Status.CANCELLED)
    publish_stale(now=NOON)
    path = "all~no-cancelled~alarm-day"
    first = ask(fresh, path)
    assert token_in(first) == token_in(ask(fresh))
    assert list(whole(first.data)) == [row.uid.encode()]
    change(row, NOON + DAY, status=Status.CANCELLED)
    change(other, NOON + DAY, status=Status.SCHEDULED)
    publish_stale(now=NOON + DAY)
    answer = ask(fresh, path, token_in(first))
    assert replay(whole(first.data), answer.data) == whole(fresh.get(f"/feeds/{path}.ics").data)
    assert b"BEGIN:VALARM" in answer.data
    assert b"STATUS:DELETED" in answer.data


def test_a_personal_feed_is_followed_too_and_tells_nobody(row: Occurrence, fresh: Client) -> None:
    account = make_account()
    token = token_of(account.id)
    first = ask(fresh, f"p/{token}")
    register(account, row)
    publish_stale(now=NOON + DAY)
    answer = ask(fresh, f"p/{token}", token_in(first))
    assert list(whole(answer.data)) == [row.uid.encode()]
    assert token not in str(answer.headers) + str(first.headers)
    assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    services.revoke(queries.subscriptions(account.id)[0].id, account.id, now=NOON + DAY)
    assert ask(fresh, f"p/{token}", token_in(answer)).status_code == 410
    assert db.session.scalar(select(func.count()).where(FeedLog.path.startswith("p/"))) == 0
    assert db.session.scalar(select(func.count()).where(FeedRevision.path.startswith("p/"))) == 0


def test_a_token_of_one_calendar_says_nothing_about_another(row: Occurrence, fresh: Client) -> None:
    foreign = token_in(ask(fresh, "all"))
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    assert "Preference-Applied" not in ask(fresh, "series/forum", foreign).headers


# ---- what is stored


def test_only_the_feeds_that_changed_say_what_changed(row: Occurrence) -> None:
    make_occurrence(edition=make_edition(series=make_series(slug="other")))
    publish_stale(now=NOON + DAY)
    db.session.execute(delete(FeedLog))
    db.session.commit()
    change(row, NOON + 2 * DAY, title="换了题目")
    done = publish_stale(now=NOON + 2 * DAY)
    lines = db.session.execute(select(FeedLog.path, FeedLog.uid, FeedLog.tombstone)).all()
    assert sorted(line.path for line in lines) == sorted(done.rebuilt)
    assert {(line.uid, line.tombstone) for line in lines} == {(row.uid, None)}


def test_a_calendar_made_anew_does_not_take_an_old_number_for_its_own(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh)
    db.session.execute(delete(Feed).where(Feed.path == "all"))
    db.session.commit()
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    change(row, NOON + 2 * DAY, title="再换题目")
    publish_stale(now=NOON + 2 * DAY)
    answer = ask(fresh, known=token_in(first))
    assert answer.data == fresh.get("/feeds/all.ics").data
    assert "Preference-Applied" not in answer.headers


def test_a_restored_backup_does_not_take_a_lost_revision_for_its_own(row: Occurrence, fresh: Client) -> None:
    """The number 2 meant something that was lost; by now it means something else."""
    change(row, NOON + DAY, title="丢失的题目")
    publish_stale(now=NOON + DAY)
    lost = ask(fresh)
    services.forget_increments(now=NOON)  # touches nothing
    db.session.execute(delete(Feed))
    db.session.commit()
    publish_stale(now=NOON)  # revision 1
    for day in (2, 3):
        change(row, NOON + day * DAY, title=f"题目{day}")
        publish_stale(now=NOON + day * DAY)
    assert token_in(lost).startswith('"data:,2-')
    answer = ask(fresh, known=token_in(lost))
    assert "Preference-Applied" not in answer.headers
    assert answer.data == fresh.get("/feeds/all.ics").data


def test_after_thirty_days_nobody_knows_any_more_what_changed(row: Occurrence, fresh: Client) -> None:
    oldest = ask(fresh)
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    middle = ask(fresh)
    change(make_occurrence(), NOON + 20 * DAY, title="新")
    publish_stale(now=NOON + 20 * DAY)
    assert forget_increments(now=NOON + 31 * DAY) == 0  # a day of grace: exactly thirty days are kept
    assert tidy(now=NOON + 32 * DAY) >= 3  # in all, in the series, in the edition
    assert "Preference-Applied" not in ask(fresh, known=token_in(oldest)).headers
    answer = ask(fresh, known=token_in(middle))
    assert answer.headers["Preference-Applied"] == "subscribe-enhanced-get"
    assert replay(whole(middle.data), answer.data) == whole(fresh.get("/feeds/all.ics").data)
    numbers = db.session.scalars(select(FeedRevision.revision).where(FeedRevision.path == "all")).all()
    assert sorted(numbers) == [2, 3]


def test_an_entry_that_changes_every_week_does_not_keep_all_revisions_for_ever(row: Occurrence, fresh: Client) -> None:
    """The line of such an entry in the log never grows old."""
    answers = [ask(fresh)]
    for week in range(1, 11):
        change(row, NOON + 7 * week * DAY, title=f"第{week}周")
        publish_stale(now=NOON + 7 * week * DAY)
        answers.append(ask(fresh))
    assert forget_increments(now=NOON + 70 * DAY) > 0
    numbers = db.session.scalars(select(FeedRevision.revision).where(FeedRevision.path == "all")).all()
    assert sorted(numbers) == [6, 7, 8, 9, 10, 11]  # the sixth was replaced 28 days ago
    assert forget_increments(now=NOON + 70 * DAY) == 0
    assert "Preference-Applied" not in ask(fresh, known=token_in(answers[4])).headers
    answer = ask(fresh, known=token_in(answers[5]))
    assert answer.headers["Preference-Applied"] == "subscribe-enhanced-get"
    assert replay(whole(answers[5].data), answer.data) == whole(fresh.get("/feeds/all.ics").data)


def test_a_calendar_that_did_not_change_for_a_year_is_still_followed(row: Occurrence, fresh: Client) -> None:
    first = ask(fresh)
    forget_increments(now=NOON + 365 * DAY)
    assert ask(fresh, known=token_in(first)).status_code == 304
    make_occurrence()
    publish_stale(now=NOON + 5 * DAY)
    assert ask(fresh, known=token_in(first)).headers["Preference-Applied"] == "subscribe-enhanced-get"


def test_without_the_database_the_whole_comes_and_is_called_so(
    row: Occurrence, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door(app, NO_SHELF)
    first = ask(client)
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    monkeypatch.setattr(library.time, "monotonic", later(5))
    body = client.get("/feeds/all.ics").data

    def refuse(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(Library, "_changes", refuse)
    answer = ask(client, known=token_in(first))
    assert (answer.status_code, answer.data) == (200, body)
    assert "Preference-Applied" not in answer.headers


def test_a_process_that_knows_an_older_revision_looks_again_instead_of_mixing_two(row: Occurrence, app: Flask) -> None:
    """The log is newer than the bytes that the process knows: with those bytes, what came back would be lost."""
    client = door(app, NO_SHELF)
    change(row, NOON + DAY, publication=Publication.DRAFT)
    publish_stale(now=NOON + DAY)
    token = token_in(ask(client))
    second = make_occurrence()
    publish_stale(now=NOON + 2 * DAY)
    change(row, NOON + 3 * DAY, publication=Publication.PUBLISHED)
    publish_stale(now=NOON + 3 * DAY)
    old = client.application._library.find("all")
    assert old is not None
    assert old.base.revision == 2  # it still serves what it knows
    answer = ask(client, known=f'"data:,1-{_check_of(1)}"')
    assert set(whole(answer.data)) == {row.uid.encode(), second.uid.encode()}
    assert token_in(answer) != token
    assert ask(client, known=token_in(answer)).status_code == 304


def _check_of(revision: int) -> str:
    etag = db.session.scalars(
        select(FeedRevision.etag).where(FeedRevision.path == "all", FeedRevision.revision == revision)
    )
    return increments.check(etag.one())


def test_an_answer_costs_one_statement_and_the_same_question_none(row: Occurrence, app: Flask) -> None:
    first = ask(door(app, NO_SHELF))
    change(row, NOON + DAY, title="换了题目")
    publish_stale(now=NOON + DAY)
    client = door(app, NO_SHELF)
    client.get("/feeds/all.ics")
    counts = []
    for _ in range(2):
        with sent_sql() as seen:
            assert ask(client, known=token_in(first)).headers["Preference-Applied"]
        counts.append(len(seen))
    assert counts == [1, 0]


# ---- a client that follows for a long time

steps = st.lists(
    st.tuples(
        st.sampled_from(["title", "cancel", "restore", "hide", "show", "new", "follow", "follow"]), st.integers(0, 3)
    ),
    min_size=4,
    max_size=14,
)
SUFFIXES = ["", "~deadlines", "~dates~no-cancelled", "~no-cancelled~alarm-day"]
VALUES: dict[str, dict[str, Any]] = {
    "cancel": {"status": Status.CANCELLED}, "restore": {"status": Status.SCHEDULED},
    "hide": {"publication": Publication.DRAFT}, "show": {"publication": Publication.PUBLISHED},
}  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from(SUFFIXES))
def test_whoever_replays_the_increments_holds_what_a_new_subscriber_gets(
    fresh: Client, story: list[tuple[str, int]], suffix: str
) -> None:
    db.session.rollback()
    _empty()
    edition = make_edition(series=make_series(slug="forum"))
    rows = [make_occurrence(edition=edition) for _ in range(2)]
    moment: datetime = NOON
    publish_stale(now=moment)
    path = f"series/forum{suffix}"
    first = ask(fresh, path)
    held, token = whole(first.data), token_in(first)
    for what, number in [*story, ("follow", 0)]:
        moment += timedelta(minutes=1)
        if what == "follow":
            publish_stale(now=moment)
            answer = ask(fresh, path, token)
            if answer.status_code == 200:
                assert answer.headers["Preference-Applied"]
                held, token = replay(held, answer.data), token_in(answer)
            assert held == whole(fresh.get(f"/feeds/{path}.ics").data)
        elif what == "new":
            rows.append(make_occurrence(edition=edition))
        else:
            row = rows[number % len(rows)]
            change(row, moment, **VALUES.get(what, {"title": f"题目{moment:%H%M}"}))


@pytest.mark.race
def test_two_who_rebuild_one_calendar_at_once_make_one_revision_of_it(row: Occurrence, at_once: AtOnce) -> None:
    db.session.execute(update(Feed).values(etag='"what it was called before"'))
    db.session.commit()
    built = threading.Event()

    def first() -> int:
        with transaction() as session:
            made = rebuild(session, ["all"], house(), NOON + DAY)
            built.set()
            time.sleep(0.3)  # the other one is in the middle of it by now
        return len(made)

    def second() -> int:
        built.wait(10)
        with transaction() as session:
            return len(rebuild(session, ["all"], house(), NOON + DAY))

    assert at_once([first, second]) == [1, 0]
    numbers = db.session.scalars(select(FeedRevision.revision).where(FeedRevision.path == "all")).all()
    assert sorted(numbers) == [1, 2]
