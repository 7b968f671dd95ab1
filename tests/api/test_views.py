"""The public read API over HTTP: filters, pages, keeping a copy, refusals, caches, other sites."""

import gzip
import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kexie_events.api.asking import OF_OCCURRENCES
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Edition, Occurrence, Room, Series
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds.services import publish_stale
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_region,
    make_room,
    make_series,
    make_unit,
)
from tests.conftest import _empty
from tests.feeds.calendars import change
from tests.queries import counted

from .test_agreement import listed

LIST = "/api/v1/occurrences"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def uids(client: FlaskClient, query: str = "", path: str = LIST) -> list[str]:
    return [item["uid"] for item in listed(client, f"{path}?{query}" if query else path)]


def refusal(answer: Any) -> tuple[int, str, str]:
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["type"] == "about:blank"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.status_code, answer.json.get("code", ""), answer.json.get("parameter", "")


# ---- what is asked


def test_everything_by_its_start(client: FlaskClient) -> None:
    rows = [make_occurrence(starts_at=NOON + n * DAY) for n in (5, 1, 3, -2)]
    assert uids(client) == [rows[n].uid for n in (3, 1, 2, 0)]


def test_from_and_to_are_half_open_and_days_are_whole(client: FlaskClient) -> None:
    # NOON is 12:00 on the 11th in Beijing; each lasts two hours.
    rows = [make_occurrence(starts_at=NOON + n * DAY) for n in range(4)]
    names = [row.uid for row in rows]
    assert uids(client, "from=2026-03-12&to=2026-03-13") == names[1:3]
    assert uids(client, "from=2026-03-12T14:00:00%2B08:00") == names[2:]  # over at that instant
    assert uids(client, "from=2026-03-12T13:59:59%2B08:00") == names[1:]  # still under way
    assert uids(client, "to=2026-03-12T12:00:00%2B08:00") == names[:1]
    assert uids(client, "to=2026-03-12T12:00:01%2B08:00") == names[:2]
    point = make_milestone(starts_at=NOON + DAY)
    path = "/api/v1/milestones"
    assert uids(client, "from=2026-03-12T12:00:00%2B08:00", path) == [point.uid]
    assert uids(client, "from=2026-03-12T12:00:01%2B08:00", path) == []


def test_several_filters_must_all_hold(client: FlaskClient) -> None:
    forum = make_edition(series=make_series(slug="forum"))
    off = make_occurrence(edition=forum, status=Status.CANCELLED)
    on = make_occurrence(edition=forum)
    make_occurrence(status=Status.CANCELLED)
    assert uids(client, "series=forum&status=cancelled") == [off.uid]
    assert uids(client, "series=forum&status=confirmed") == [on.uid]
    assert uids(client, f"series=forum&edition={forum.id}&topic=training") == []


def test_a_unit_stands_for_those_below_it_and_an_owner_for_its_hosts(client: FlaskClient) -> None:
    city = make_unit(slug="city")
    district = make_unit(slug="district", parent=city)
    host = make_unit(slug="host")
    series = make_series(unit=city)
    lent = make_occurrence(edition=make_edition(series=series, unit_id=host.id), unit_id=host.id)
    own = make_occurrence(edition=make_edition(series=make_series(unit=district)), starts_at=NOON + 30 * DAY)
    assert uids(client, "unit=city") == [lent.uid, own.uid]
    assert uids(client, "unit=district") == [own.uid]
    assert uids(client, "unit=host") == [lent.uid]


def test_a_name_that_names_nothing_is_refused_and_one_without_anything_is_empty(client: FlaskClient) -> None:
    make_series(slug="empty")
    make_series(slug="draft", publication=Publication.DRAFT)
    make_region(slug="yuzhong")
    hidden = make_edition(series=make_series(), publication=Publication.DRAFT)
    make_occurrence()
    assert uids(client, "series=empty") == []
    assert uids(client, "region=yuzhong") == []
    for query, parameter in [
        ("series=none", "series"), ("series=draft", "series"), (f"edition={hidden.id}", "edition"),
        ("edition=999999", "edition"), ("unit=none", "unit"), ("region=none", "region"), ("venue=999999", "venue"),
    ]:  # fmt: skip
        assert refusal(client.get(f"{LIST}?{query}")) == (422, "api.names_nothing", parameter)


@pytest.mark.parametrize("hidden", [Occurrence, Edition, Series])
@pytest.mark.parametrize("publication", [Publication.DRAFT, Publication.WITHDRAWN])
def test_what_the_public_does_not_see_is_not_there_also_for_its_organizer(
    client: FlaskClient, as_user: Callable[[int], FlaskClient], hidden: type[Any], publication: Publication
) -> None:
    unit = make_unit()
    row = make_occurrence(edition=make_edition(series=make_series(unit=unit)))
    milestone = make_milestone(edition=db.session.get(Edition, row.edition_id))
    publish_stale(now=NOON)
    at = {Occurrence: row.id, Edition: row.edition_id, Series: row.series_id}[hidden]
    db.session.get(hidden, at).publication = publication
    milestone.publication = publication
    db.session.commit()
    for visitor in (client, as_user(make_organizer(unit).id)):
        assert uids(visitor) == []
        assert uids(visitor, path="/api/v1/milestones") == []
        assert visitor.get(f"{LIST}/{row.uid}").status_code == 404
        assert visitor.get(f"/api/v1/milestones/{milestone.uid}").status_code == 404


def test_one_is_the_same_as_in_the_list(client: FlaskClient) -> None:
    row, point = make_occurrence(), make_milestone()
    assert client.get(f"{LIST}/{row.uid}").json == listed(client, LIST)[0]
    assert client.get(f"/api/v1/milestones/{point.uid}").json == listed(client, "/api/v1/milestones")[0]
    assert client.get(f"{LIST}/{point.uid}").status_code == 404


# ---- pages


def test_pages_are_the_whole_list_in_order_and_end(client: FlaskClient) -> None:
    same = [make_occurrence() for _ in range(5)]  # all at one instant
    rows = [*same, *(make_occurrence(starts_at=NOON + (8 + n) * DAY) for n in range(6))]
    for limit in (1, 2, 3, 10, 11, 200):
        assert uids(client, f"limit={limit}") == [row.uid for row in rows]
    answer = client.get(f"{LIST}?limit=3&from=2026-03-01")
    assert answer.json is not None
    following = answer.json["next"]
    assert following.startswith(f"http://kexie.test{LIST}?limit=3&from=2026-03-01&cursor=")
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    last = client.get(f"{LIST}?limit=11")
    assert (last.json or {})["next"] is None
    assert "Link" not in last.headers


def test_a_page_that_is_turned_while_rows_come_and_go_repeats_and_skips_none_of_the_others(client: FlaskClient) -> None:
    rows = [make_occurrence(starts_at=NOON + n * DAY) for n in range(1, 10)]
    first = client.get(f"{LIST}?limit=4").json
    assert first is not None
    change(rows[0], publication=Publication.WITHDRAWN)
    make_occurrence(starts_at=NOON + HOUR)
    rest = listed(client, first["next"])
    assert [item["uid"] for item in [*first["items"], *rest]] == [row.uid for row in rows]


# ---- keeping a copy


class Copy:
    """A program that keeps a copy as the page about the API says."""

    def __init__(self, client: FlaskClient, query: str = "", limit: int = 200) -> None:
        self.client, self.query, self.limit = client, query, limit
        self.held: dict[str, dict[str, Any]] = {}
        self.as_of = ""

    def fetch(self) -> int:
        """Everything, or what has changed; how many lines that took."""
        asked = [f"limit={self.limit}", *([self.query] if self.query else [])]
        if self.as_of:
            asked.append(f"changed_since={self.as_of}")
        address, lines, as_of = f"{LIST}?{'&'.join(asked)}", 0, ""
        while address:
            page = self.client.get(address)
            if page.status_code == 422 and (page.json or {})["code"] == "api.too_long_ago":
                self.held, self.as_of = {}, ""
                return self.fetch()
            assert page.status_code == 200, page.text
            assert page.json is not None
            as_of = as_of or page.json["as_of"]
            assert page.json["as_of"] == as_of
            for item in page.json["items"]:
                lines += 1
                if item.get("gone"):
                    self.held.pop(item["uid"], None)
                else:
                    self.held[item["uid"]] = item  # whatever its sequence: what is told last counts
            address = page.json["next"] or ""
        self.as_of = as_of
        return lines

    def is_true(self) -> None:
        query = f"{LIST}?limit=200" + (f"&{self.query}" if self.query else "")
        assert self.held == {item["uid"]: item for item in listed(self.client, query)}


def test_a_copy_is_brought_up_to_date_by_what_has_changed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        publish_stale(now=moment)

    rows = [make_occurrence(starts_at=NOON + n * DAY) for n in range(1, 9)]
    at(NOON)
    change(rows[7], NOON + HOUR, title="第八场")
    at(NOON + HOUR)
    copy = Copy(client)
    assert (copy.fetch(), copy.as_of) == (8, "2026-03-11T05:00:00Z")
    change(rows[0], NOON + 2 * HOUR, title="新名称")
    change(rows[1], NOON + 2 * HOUR, publication=Publication.WITHDRAWN)
    change(rows[2], NOON + 2 * HOUR, status=Status.CANCELLED, reason="天气")
    new = make_occurrence(starts_at=NOON + 4 * DAY, changed_at=NOON - 100 * DAY)  # old, but only now to be seen
    at(NOON + 2 * HOUR)
    assert copy.fetch() == 5  # these, and what was written within the minutes before
    copy.is_true()
    assert {new.uid, rows[0].uid} <= set(copy.held)
    assert rows[1].uid not in copy.held
    assert copy.fetch() == 4  # as long as nothing else is published; the same question, so a 304
    change(rows[7], NOON + 3 * HOUR, title="末场")
    at(NOON + 3 * HOUR)
    assert [copy.fetch(), copy.fetch()] == [5, 1]
    copy.is_true()


@pytest.mark.parametrize("then", ["再改", "讲座"])  # changed once more, or back
def test_what_is_told_before_it_stands_in_calendars_is_put_right_by_what_is_told_after(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    unit = make_unit(name="学会")
    edition = make_edition(series=make_series(unit=unit))
    row = make_occurrence(edition=edition, unit_id=unit.id, title="讲座")
    publish_stale(now=NOON)
    for n in range(1, 4):  # its SEQUENCE rises above its revision
        unit.name = f"学会{n}"
        db.session.commit()
        publish_stale(now=NOON + n * HOUR)
    later = NOON + 4 * HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    copy = Copy(client)
    change(row, later, title="改过")
    copy.fetch()
    forecast = copy.held[row.uid]
    change(row, later, title=then)
    publish_stale(now=later)
    copy.fetch()
    copy.is_true()
    written = copy.held[row.uid]
    assert written["title"].startswith(then)
    assert forecast["sequence"] - written["sequence"] == (1 if then == "讲座" else 0)


def test_a_copy_is_kept_also_where_nothing_is_published_for_months(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_occurrence(starts_at=NOON + 300 * DAY)
    publish_stale(now=NOON)
    copy = Copy(client)
    for quiet in range(100, 107):
        now = NOON + quiet * DAY
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        copy.as_of = ""
        assert copy.fetch() == 1
        monkeypatch.setattr(clock, "now", lambda now=now: now + 30 * DAY)
        assert copy.fetch() == 0
    later = now + 30 * DAY
    change(row, later, title="新名称")
    publish_stale(now=later)
    assert copy.fetch() == 1
    copy.is_true()


def test_what_leaves_the_question_is_gone_from_its_copy(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    row, moved = make_occurrence(room_id=make_room().id), make_occurrence(starts_at=NOON + DAY)
    publish_stale(now=NOON)
    venue = listed(client, LIST)
    assert len(venue) == 2
    here = db.session.get(Room, row.room_id).venue_id
    at_venue, this_week = Copy(client, f"venue={here}"), Copy(client, "to=2026-03-13")
    at_venue.fetch(), this_week.fetch()
    assert (set(at_venue.held), set(this_week.held)) == ({row.uid}, {moved.uid})
    now = NOON + HOUR
    monkeypatch.setattr(clock, "now", lambda: now)
    change(row, now, room_id=make_room().id)
    change(moved, now, starts_at=NOON + 9 * DAY, ends_at=NOON + 9 * DAY + HOUR)
    publish_stale(now=now)
    at_venue.fetch(), this_week.fetch()
    assert (at_venue.held, this_week.held) == ({}, {})


def test_what_ages_out_of_the_calendars_is_gone_from_a_copy(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_occurrence(starts_at=NOON - 89 * DAY)
    publish_stale(now=NOON)
    copy = Copy(client)
    copy.fetch()
    assert set(copy.held) == {row.uid}
    now = NOON + 2 * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    publish_stale(now=now)
    copy.fetch()
    assert copy.held == {}


CHANGES: list[Callable[[datetime], dict[str, Any]]] = [
    lambda now: {"title": str(now)},
    lambda now: {"publication": Publication.WITHDRAWN},
    lambda now: {"publication": Publication.PUBLISHED},
    lambda now: {"status": Status.CANCELLED},
    lambda now: {"status": Status.SCHEDULED},
    lambda now: {"starts_at": now, "ends_at": now + HOUR},
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([timedelta(seconds=1), HOUR, 9 * DAY]), st.integers(0, 5), st.sampled_from(CHANGES),
        st.booleans(), st.integers(0, 2),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_copy_is_true_whatever_happens_and_however_it_is_paged(app: Flask, steps: list[Any]) -> None:
    """Days pass, things change, the worker comes or not; after it came, a copy that asks is the list."""
    db.session.rollback()
    _empty()
    client, now, edition = app.test_client(), NOON, make_edition()
    rows = [make_occurrence(edition=edition, starts_at=NOON + n * DAY) for n in range(-2, 4)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        publish_stale(now=now)
        copies = [Copy(client, limit=2), Copy(client), Copy(client, "status=confirmed", limit=3)]
        for copy in copies:
            copy.fetch()
        for later, which, changed, worker_comes, asks in steps:
            now += later
            change(rows[which], now, **changed(now))
            if worker_comes:
                publish_stale(now=now)
            copies[asks].fetch()
        now += timedelta(seconds=2)
        publish_stale(now=now)
        for copy in copies:
            copy.fetch()
            copy.is_true()


# ---- refusals


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{LIST}?limt=5", (422, "api.unknown_parameter", "limt")),
        (f"{LIST}?lang=en", (422, "api.unknown_parameter", "lang")),
        (f"{LIST}?limit=5&limit=5", (422, "api.repeated", "limit")),
        (f"{LIST}?limit=201", (422, "api.number", "limit")),
        (f"{LIST}?kind=%00", (422, "api.choice", "kind")),
        (f"{LIST}?series=%ff%fe", (422, "api.names_nothing", "series")),
        (f"{LIST}?series=%00", (422, "api.name", "series")),
        (f"{LIST}?from=yesterday", (422, "api.moment", "from")),
        (f"{LIST}?from=2026-03-12&to=2026-03-11", (422, "api.from_to", "to")),
        (f"{LIST}?changed_since=2026-01-01", (422, "api.too_long_ago", "changed_since")),
        (f"{LIST}?cursor=x", (422, "api.cursor", "cursor")),
        ("/api/v1/milestones?status=cancelled", (422, "api.unknown_parameter", "status")),
        (f"{LIST}/none?x=1", (422, "api.takes_none", "x")),
        ("/api/v1/openapi.json?x=1", (422, "api.takes_none", "x")),
        (f"{LIST}/none", (404, "core.not_found", "")),
        (f"{LIST}/%00%ff{'9' * 3000}", (404, "core.not_found", "")),
        ("/api/v1/nothing", (404, "", "")),
        ("/api/v1/", (404, "", "")),
    ],
)  # fmt: skip
def test_a_refusal_is_a_problem_that_names_the_parameter(
    client: FlaskClient, path: str, expected: tuple[int, str, str]
) -> None:
    answer = client.get(path)
    assert refusal(answer) == expected
    assert "Set-Cookie" not in answer.headers
    assert "<" not in (answer.json or {}).get("detail", "")


def test_a_refusal_is_said_in_the_language_of_who_asks(client: FlaskClient) -> None:
    path = f"{LIST}?limit=0"
    chinese = client.get(path).json or {}
    english = client.get(path, headers={"Accept-Language": "en"}).json or {}
    assert chinese["detail"] == "参数“limit”要写 1 到 200 之间的整数。"
    assert "limit" in english["detail"]
    assert english["detail"].isascii() or "“" in english["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_nothing_can_be_written(client: FlaskClient, app: Flask, method: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client.open(LIST, method=method)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert refusal(answer)[0] == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


# ---- caches, and other sites


def test_who_has_it_gets_a_304_until_something_changes(client: FlaskClient) -> None:
    row = make_occurrence()
    publish_stale(now=NOON)
    for path in (LIST, f"{LIST}/{row.uid}", f"{LIST}?limit=1"):
        first = client.get(path)
        assert "Last-Modified" not in first.headers
        assert first.headers["Cache-Control"].startswith("public, max-age=60")
        has = {"If-None-Match": first.headers["ETag"]}
        for headers in (has, {"If-None-Match": "*"}, {"If-None-Match": f'"x", W/{first.headers["ETag"]}'}):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    change(row, title="新名称")  # told at once, whatever the date of the calendars
    dated = {"If-Modified-Since": "Thu, 12 Mar 2026 04:00:00 GMT"}
    for headers in (has, dated, {**has, **dated}):
        assert client.get(path, headers=headers).status_code == 200


def test_the_same_question_a_day_later_is_the_same_bytes(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    make_occurrence()
    publish_stale(now=NOON)
    before = client.get(LIST)
    monkeypatch.setattr(clock, "now", lambda: NOON + DAY)
    publish_stale(now=NOON + DAY)
    after = client.get(LIST)
    assert (before.data, before.headers["ETag"]) == (after.data, after.headers["ETag"])


def test_each_form_has_its_own_tag_and_head_has_no_body(client: FlaskClient) -> None:
    make_occurrence(summary="介绍" * 500)
    plain, squeezed = client.get(LIST), client.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(squeezed.data) == plain.data
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert client.get(LIST, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data
    head = client.head(LIST)
    assert (head.status_code, head.data, head.headers["ETag"], head.headers["Content-Length"]) == (
        200, b"", plain.headers["ETag"], str(len(plain.data)),
    )  # fmt: skip


def test_scripts_of_every_site_may_read_it_and_no_cookie_is_looked_at(
    client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    make_occurrence(edition=make_edition(series=make_series(unit=unit)))
    signed_in = as_user(make_organizer(unit).id)
    signed_in.set_cookie("lang", "en")
    with counted() as statements:
        own = signed_in.get(LIST, headers={"Origin": "https://elsewhere.test"})
    assert not any("sign_in" in statement for statement in statements)
    assert own.data == client.get(LIST).data
    for answer in (own, client.get(LIST), client.get("/api/v1/openapi.json")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers["Vary"]
    asked = client.options(LIST, headers={"Origin": "https://elsewhere.test", "Access-Control-Request-Method": "GET"})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    assert "Set-Cookie" not in asked.headers


def test_strangers_text_stays_text(client: FlaskClient) -> None:
    bad = '</script><script>alert(1)</script>\u2028"\\'
    make_occurrence(title=bad, summary=bad, place=bad)
    answer = client.get(LIST)
    [item] = json.loads(answer.data)["items"]
    assert item["title"].startswith("</script><script>alert(1)</script>")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# ---- cost


def test_as_many_questions_for_one_row_as_for_two_hundred(client: FlaskClient) -> None:
    edition = make_edition(series=make_series(slug="forum"))
    make_occurrence(edition=edition), make_milestone(edition=edition)
    publish_stale(now=NOON)
    asked = ["limit=200", "series=forum&limit=200", "changed_since=2026-03-10&limit=200", "status=cancelled"]
    paths = [*(f"{LIST}?{query}" for query in asked), "/api/v1/milestones?limit=200"]

    def costs() -> list[int]:
        found = []
        for path in paths:
            with counted() as statements:
                assert client.get(path).status_code == 200
            found.append(len(statements))
        return found

    once = costs()
    for n in range(250):
        db.session.add_all(
            [
                Occurrence(
                    edition_id=edition.id, series_id=edition.series_id, unit_id=edition.unit_id, revision=1,
                    starts_at=NOON + n * HOUR, ends_at=NOON + (n + 1) * HOUR, publication=Publication.PUBLISHED,
                    changed_at=NOON, summary="介绍" * 200,
                )
            ]
        )  # fmt: skip
    db.session.commit()
    publish_stale(now=NOON)
    assert costs() == once
    assert max(once) <= 6
    client.get(f"{LIST}?limit=100")
    took = []
    for _ in range(10):
        began = time.perf_counter()
        assert client.get(f"{LIST}?limit=100").status_code == 200
        took.append(time.perf_counter() - began)
    assert min(took) < 0.2  # on a machine that does other things besides; 20 ms on a quiet one


# ---- the page about it


def test_every_example_on_the_page_can_be_opened(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.get("/api").text
    examples = [address.replace("&amp;", "&") for address in re.findall(r'<a href="(/api/v1/[^"]+)">', page)]
    assert len(examples) == 8
    for address in examples:
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 200)

    told = {
        name for cell in re.findall(r'<td class="c-name"[^>]*><code[^>]*>([^<]*)<', page) for name in cell.split(", ")
    }
    assert told == set(OF_OCCURRENCES)
