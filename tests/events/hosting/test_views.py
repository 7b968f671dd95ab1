"""The pages of host rotation, of exchanges and of asking for approval, as people use them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock, installation
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events.hosting import queries
from kexie_events.events.hosting import services as hosting
from kexie_events.events.hosting.rules import SwapState
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Series
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from tests.build import DAY, NOON, make_edition, make_occurrence, make_organizer, make_series, make_unit

As = Callable[[int], FlaskClient]
DRAFT = Publication.DRAFT


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text(response)).split())


class Desk:
    """A society's forum with three drafts, two hosts beside it, and a browser for each."""

    def __init__(self, as_user: As) -> None:
        self.city = make_unit(name="市科协")
        self.owner, self.a, self.b = (make_unit(parent=self.city, name=name) for name in ("计算机学会", "甲区", "乙区"))
        self.series: Series = make_series(unit=self.owner, kind=Kind.FORUM_SERIES, publication=DRAFT)
        self.editions: list[Edition] = []
        for n in range(3):
            edition = make_edition(series=self.series, publication=DRAFT)
            make_occurrence(edition=edition, publication=DRAFT, starts_at=NOON + (30 + 60 * n) * DAY)
            self.editions.append(edition)
        self._as = as_user
        self.browser = as_user(make_organizer(self.owner).id)

    @property
    def page(self) -> str:
        return f"/manage/series/{self.series.id}/hosts"

    def host(self, unit: Unit) -> FlaskClient:
        return self._as(make_organizer(unit).id)

    def join(self, *units: Unit) -> None:
        for unit in units:
            hosting.join_rotation(self.series.id, unit.id, actor=SYSTEM, now=NOON, zone=_zone())

    def post(self, path: str, **data: Any) -> Any:
        return self.browser.post(path, data={"revision": queries.circle(self.series.id).revision, **data})

    @property
    def hosts(self) -> list[str]:
        db.session.expire_all()
        return [issue.unit_name for issue in queries.issues(self.series.id)]

    def give_out(self) -> None:
        self.join(self.a, self.b)
        values = {"actor": SYSTEM, "now": NOON, "zone": _zone()}
        found = queries.issues(self.series.id)
        hosting.give_out_turns(
            self.series.id, queries.turns_due(self.series.id, found, now=NOON, zone=_zone()), **values
        )
        db.session.expire_all()


def _zone() -> Any:
    return installation.zone()


@pytest.fixture
def desk(app: Flask, as_user: As) -> Desk:
    return Desk(as_user)


def test_units_are_found_by_name_added_ordered_and_taken_off(desk: Desk) -> None:
    assert "还没有轮值单位" in words(desk.browser.get(desk.page))
    found = desk.browser.get(f"{desk.page}?q=区")
    assert "甲区" in words(found)
    assert "没有找到叫“丁区”的单位" in words(desk.browser.get(f"{desk.page}?q=丁区"))
    for unit in (desk.a, desk.b):
        assert desk.post(f"{desk.page}/join", unit_id=unit.id).status_code == 303
    moved = desk.post(f"{desk.page}/{desk.b.id}/move", do="up")
    assert moved.headers["Location"].endswith(f"#host-{desk.b.id}")
    assert [each.name for each in queries.circle(desk.series.id).listed] == ["乙区", "甲区"]
    assert desk.post(f"{desk.page}/{desk.b.id}/leave").status_code == 303
    assert [each.name for each in queries.circle(desk.series.id).listed] == ["甲区"]


def test_the_page_says_whose_turn_it_is_and_gives_out_what_is_ticked(desk: Desk) -> None:
    desk.join(desk.a, desk.b)
    page = desk.browser.get(desk.page)
    assert "轮到甲区" in words(page)
    ticks = re.findall(r'name="issue" value="([\d,]+)"', text(page))
    assert [tick.split(",")[1] for tick in ticks] == [str(unit.id) for unit in (desk.a, desk.b, desk.a)]
    done = desk.browser.post(f"{desk.page}/give-out", data={"issue": ticks[:2]}, follow_redirects=True)
    assert "已排定 2 期。" in words(done)
    assert desk.hosts == ["甲区", "乙区", "计算机学会"]
    again = desk.browser.post(f"{desk.page}/give-out", data={"issue": ticks[:2]}, follow_redirects=True)
    assert "没有新排定的期次。" in words(again)


def test_what_changed_meanwhile_is_said_and_nothing_is_given(desk: Desk) -> None:
    desk.join(desk.a, desk.b)
    ticks = re.findall(r'name="issue" value="([\d,]+)"', text(desk.browser.get(desk.page)))
    desk.post(f"{desk.page}/{desk.b.id}/move", do="up")
    answer = desk.browser.post(f"{desk.page}/give-out", data={"issue": ticks})
    assert answer.status_code == 409
    assert "别人改过轮值" in words(answer)
    assert set(desk.hosts) == {"计算机学会"}
    stale = desk.browser.post(f"{desk.page}/{desk.b.id}/move", data={"do": "down", "revision": "0"})
    assert stale.status_code == 409


def test_months_off_are_ticked_and_a_month_without_anybody_is_refused_at_the_field(desk: Desk) -> None:
    desk.join(desk.a, desk.b)
    assert desk.post(f"{desk.page}/{desk.a.id}", months=["4", "5"]).status_code == 303
    assert "不承办：4月、5月" in words(desk.browser.get(desk.page))
    refused = desk.post(f"{desk.page}/{desk.b.id}", months=["5"])
    assert refused.status_code == 422
    assert "5月没有单位能承办了" in words(refused)
    assert 'href="#months-0"' in text(refused)
    assert desk.browser.get(f"{desk.page}/{desk.owner.id}").status_code == 404


def test_days_of_hand_over_are_kept_and_bounded(desk: Desk) -> None:
    desk.give_out()
    assert desk.post(f"{desk.page}/handover", days="7").status_code == 303
    first = queries.issues(desk.series.id)[0]
    assert first.hosted_until == (NOON + 30 * DAY).date() + timedelta(days=8)
    assert "在 0 到 365 之间" in words(desk.post(f"{desk.page}/handover", days="9999"))
    assert desk.post(f"{desk.page}/handover", days="很久").status_code == 422


def test_the_owner_exchanges_two_issues_after_a_preview(desk: Desk) -> None:
    desk.give_out()
    first, second = (edition.id for edition in desk.editions[:2])
    chosen = desk.browser.get(f"{desk.page}/swap?first={first}&second={second}")
    assert "对调以后" in words(chosen)
    assert desk.hosts == ["甲区", "乙区", "甲区"]  # a look changes nothing
    data = {"first": first, "second": second, "hosts": f"{desk.a.id},{desk.b.id}", "reason": "年会撞期"}
    assert desk.browser.post(f"{desk.page}/swap", data=data).status_code == 303
    assert desk.hosts == ["乙区", "甲区", "甲区"]
    assert "年会撞期" in words(desk.browser.get(desk.page))
    same = desk.browser.get(f"{desk.page}/swap?first={second}&second={desk.editions[2].id}")
    assert (same.status_code, "同一个单位承办" in words(same)) == (422, True)


def test_a_host_finds_its_issue_asks_for_approval_and_the_owner_answers(desk: Desk) -> None:
    desk.give_out()
    edition = desk.editions[0]
    host = desk.host(desk.a)
    home = words(host.get("/manage"))
    assert ("由我们承办" in home, "待申请备案" in home, "主办：计算机学会" in home) == (True, True, True)
    page = host.get(f"/manage/editions/{edition.id}")
    assert "申请备案" in words(page)
    assert f"/manage/editions/{edition.id}/approve" not in text(page)
    assert "谁有权限" not in words(page)
    path = f"/manage/editions/{edition.id}/approval"
    assert host.post(path, data={"theme": "", "guests": ""}).status_code == 422
    assert host.post(path, data={"theme": "低空经济", "guests": "院士 1 人"}).status_code == 303
    assert "等主办单位办理" in words(host.get("/manage"))

    todo = desk.browser.get("/manage")
    assert "备案申请" in words(todo)
    assert path in text(todo)
    assert "院士 1 人" in words(desk.browser.get(path))
    assert desk.browser.post(f"{path}/return", data={"answer": " "}).status_code == 422
    assert desk.browser.post(f"{path}/return", data={"answer": "缺嘉宾职务"}).status_code == 303
    assert "缺嘉宾职务" in words(host.get("/manage"))
    assert host.post(f"/manage/editions/{edition.id}/approve", data={"words": "自己批"}).status_code == 403

    host.post(path, data={"theme": "低空经济", "guests": "院士张某，市科协主席"})
    approved = desk.browser.post(f"/manage/editions/{edition.id}/approve", data={"words": "渝科协审1号"})
    assert approved.status_code == 303
    assert host.post(f"/manage/editions/{edition.id}/publish").status_code == 303
    assert "备案申请" not in words(desk.browser.get("/manage"))


def test_after_its_time_the_host_finds_nothing_at_the_next_request(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.give_out()
    edition, host = desk.editions[0], desk.host(desk.a)
    assert host.get(f"/manage/editions/{edition.id}").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOON + 61 * DAY)
    assert host.get(f"/manage/editions/{edition.id}").status_code == 404
    assert desk.browser.get(f"/manage/editions/{edition.id}").status_code == 200


def test_the_desk_of_a_host_links_only_to_what_it_can_open(desk: Desk) -> None:
    desk.give_out()
    host = desk.host(desk.a)
    links = set(re.findall(r'href="(/manage/(?:series|editions)/[^"#]+)"', text(host.get("/manage"))))
    assert links - {"/manage/series/new"}
    assert {path: host.get(path).status_code for path in links} == dict.fromkeys(links, 200)


def test_a_host_asks_another_to_exchange_what_it_can_see_and_that_one_agrees(desk: Desk) -> None:
    desk.give_out()
    ours, theirs = desk.editions[:2]
    host, other = desk.host(desk.a), desk.host(desk.b)
    path = f"/manage/editions/{ours.id}/swap"
    assert "请联系主办单位" in words(host.get(path))  # drafts of others are not shown
    theirs.publication = Publication.PUBLISHED
    db.session.commit()
    assert "对调以后" in words(host.get(f"{path}?second={theirs.id}"))
    data = {"first": ours.id, "second": theirs.id, "hosts": f"{desk.a.id},{desk.b.id}", "reason": "撞期"}
    assert host.post(path, data=data).status_code == 303
    (asked,) = queries.swaps(desk.series.id)
    assert "对调申请" in words(other.get("/manage"))
    assert "对调申请" not in words(host.get("/manage"))
    stranger = desk.host(make_unit(parent=desk.city))
    assert stranger.get(f"/manage/swaps/{asked.id}").status_code == 404
    assert host.post(f"/manage/swaps/{asked.id}", data={"do": "agree"}).status_code == 403
    assert other.post(f"/manage/swaps/{asked.id}", data={"do": "agree"}).status_code == 303
    assert desk.hosts[:2] == ["乙区", "甲区"]
    assert queries.swaps(desk.series.id)[0].state is SwapState.DONE


def test_the_owner_names_another_host_and_hosts_do_not(desk: Desk) -> None:
    desk.give_out()
    edition = desk.editions[0]
    path = f"/manage/editions/{edition.id}/facts"
    page = text(desk.browser.get(path))
    chosen = re.search(r"<option selected value=\"(\d+)\">", page)
    assert (chosen is not None and chosen[1], "乙区（轮到）" in page) == (str(desk.a.id), True)
    data = {"number": edition.number_words, "year": edition.year, "unit_id": desk.b.id, "revision": edition.revision}
    assert desk.browser.post(path, data=data).status_code == 303
    assert desk.hosts[0] == "乙区"
    assert "甲区" not in text(desk.host(desk.b).get(path))


def test_a_new_issue_is_offered_to_whose_turn_it_is(desk: Desk) -> None:
    desk.give_out()
    page = text(desk.browser.get(f"/manage/series/{desk.series.id}/editions/new"))
    first = re.search(r'<select[^>]*name="unit_id".*?<option[^>]*>([^<]+)</option>', page, re.DOTALL)
    assert first is not None
    assert first[1] == "乙区（轮到）"


def test_a_closed_unit_is_not_on_offer_but_stands_where_it_was(desk: Desk) -> None:
    desk.join(desk.a, desk.b)
    old = make_edition(series=desk.series, unit_id=desk.b.id, year=2024)
    make_occurrence(edition=old, starts_at=NOON - 400 * DAY, unit_id=desk.b.id)
    desk.b.valid_to = date(2025, 11, 6)
    db.session.commit()
    page = desk.browser.get(desk.page)
    assert "11月6日" in words(page)
    assert "轮到乙区" not in words(page)
    assert "乙区" in words(desk.browser.get(f"/manage/editions/{old.id}"))
    edition = desk.editions[0]
    data = {"number": edition.number_words, "year": edition.year, "unit_id": desk.b.id, "revision": edition.revision}
    refused = desk.browser.post(f"/manage/editions/{edition.id}/facts", data=data)
    assert refused.status_code == 422
    assert "11月6日" in words(refused)
    assert queries.units_to_list(desk.series.id, "乙区", NOON.date(), limit=3) == []
