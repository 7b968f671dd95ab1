"""Plan, register, judge, remind, subscribe: by HTTP alone, over the real web, worker and beat."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from kexie_events.demo import PASSWORD

from .conftest import House
from .visitor import Visitor

pytestmark = [pytest.mark.processes]

PATIENCE_SECONDS = 60


def await_that(reached: Callable[[], bool], what: str) -> None:
    """Look again until it is so. Beat ticks every few seconds; a busy machine may take longer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.3)


def letters(house: House, address: str) -> list[EmailMessage]:
    """The letters to one address, in the order of their subjects."""
    found = []
    for path in house.outbox.glob("*.eml"):
        letter = email.message_from_bytes(Path(path).read_bytes(), policy=email.policy.default)
        if f"<{address}>" in letter["To"]:
            found.append(letter)
    return sorted(found, key=lambda letter: letter["Subject"])


def subjects(house: House, address: str, word: str) -> list[str]:
    return [letter["Subject"] for letter in letters(house, address) if word in letter["Subject"]]


def first_of_next_month() -> date:
    return (date.today().replace(day=1) + timedelta(days=45)).replace(day=1)  # noqa: DTZ011 -- a day far ahead


def plan_six_dates(organizer: Visitor, name: str) -> list[str]:
    """The 双月论坛 as drafts: every second month, third Friday, six times. The paths of its editions."""
    organizer.get("/manage/series/new")
    filled = {
        "name": name, "kind": "forum_series", "style": "issue", "first_number": "1",
        "year": str(first_of_next_month().year), "first_on": first_of_next_month().isoformat(), "starts": "14:00",
        "ends": "17:00", "lasts_days": "1", "repeat": "months", "nth": "3", "weekday": "4", "every": "2", "count": "6",
        "place": "重庆科学会堂", "registration": "y", "capacity": "1", "opens_days": "400", "closes_days": "1",
    }  # fmt: skip
    organizer.send("/manage/series/new", **filled, do="preview")
    assert organizer.page.count("（周五）") >= 6
    organizer.send("/manage/series/new", **filled, do="save")
    assert organizer.status == 200, organizer.page
    editions = list(dict.fromkeys(re.findall(r'href="(/manage/editions/\d+)"', organizer.page)))
    assert len(editions) == 6
    return editions[::-1]  # the page shows the latest first


def publish(organizer: Visitor, edition: str) -> str:
    """Approve and publish an edition; the id of its only occurrence."""
    organizer.get(edition)
    organizer.send(f"{edition}/approve", words="渝科协审〔2026〕7号")
    organizer.get(f"{edition}/publish")
    organizer.send("")
    organizer.get(edition)
    found = re.search(r"/manage/occurrences/(\d+)", organizer.page)
    assert found is not None
    return found[1]


def register(house: House, occurrence: str, name: str, address: str) -> Visitor:
    visitor = Visitor(house.base_url)
    visitor.get(f"/occurrences/{occurrence}/registration")
    visitor.send("/registration", name=name, phone="", email=address)
    assert visitor.status == 200, visitor.page
    return visitor


def state(visitor: Visitor) -> str:
    found = re.search(r'<main[^>]* data-state="(\w+)"', visitor.page)
    assert found is not None, visitor.page
    return found[1]


def test_one_real_way_through_the_whole_house(house: House) -> None:
    organizer = Visitor(house.base_url)
    organizer.sign_in("organizer@demo", PASSWORD)
    name = "产业主题双月论坛"
    editions = plan_six_dates(organizer, name)
    full, moved, cancelled = (publish(organizer, edition) for edition in editions[:3])

    # A full occurrence: the second waits, moves up when the first withdraws, and gets exactly one letter.
    first = register(house, full, "甲先生", "first@example.org")
    second = register(house, full, "乙女士", "second@example.org")
    assert (state(first), state(second)) == ("confirmed", "waiting")
    ticket = second.path
    first.get(f"{first.path.split('?')[0].rstrip('/')}/withdraw")
    first.send("/withdraw")
    assert state(first) == "withdrawn"
    second.get(ticket)
    assert state(second) == "confirmed"

    # One is moved, one is cancelled; who registered hears of it.
    register(house, moved, "丙先生", "third@example.org")
    organizer.get(f"/manage/occurrences/{moved}")
    move = next(form for form in organizer.forms() if form.action.endswith("/move"))
    old = date.fromisoformat(move.values["move-starts_on"])
    new = old + timedelta(days=7)
    organizer.send("/move", **{"move-starts_on": new.isoformat(), "move-reason": "与全市活动冲突"})
    assert organizer.status == 200, organizer.page
    organizer.get(f"/manage/occurrences/{cancelled}")
    organizer.send("/cancel", **{"cancel-reason": "主讲人无法到场"})
    assert organizer.status == 200, organizer.page

    await_that(lambda: subjects(house, "second@example.org", "递补"), "the letter of who moved up")
    await_that(lambda: subjects(house, "third@example.org", "安排有变"), "the letter about the move")
    assert len(subjects(house, "second@example.org", "递补")) == 1
    assert len(subjects(house, "third@example.org", "安排有变")) == 1

    # The feed has the moved and the cancelled one right; nothing changed is 304.
    slug = re.search(r'href="(/series/[\w-]+)"', Visitor(house.base_url).get(f"/occurrences/{full}"))
    assert slug is not None
    feed = Visitor(house.base_url)
    address = f"/feeds{slug[1]}.ics"

    def feed_is_right() -> bool:
        calendar = feed.get(address)
        blocks = {uid_block(calendar, n) for n in (moved, cancelled)} if "BEGIN:VEVENT" in calendar else set()
        return (
            len(blocks) == 2
            and f"DTSTART;TZID=Asia/Shanghai:{new:%Y%m%d}T140000" in calendar
            and "STATUS:CANCELLED" in calendar
        )

    await_that(feed_is_right, "the feed with the moved and the cancelled date")
    calendar = feed.page.replace("\r\n ", "")
    assert calendar.count("BEGIN:VEVENT") == 3
    assert calendar.count("T140000\r\n") == 3
    assert f":{old:%Y%m%d}T140000" not in calendar
    assert "【已取消】" in uid_block(calendar, cancelled)
    feed.get(address, **{"If-None-Match": feed.headers["etag"]})
    assert (feed.status, feed.page) == (304, "")


def uid_block(calendar: str, occurrence: str) -> str:
    """The VEVENT whose address is that of the occurrence; "" when there is none."""
    plain = calendar.replace("\r\n ", "")
    return next((b for b in plain.split("BEGIN:VEVENT") if f"/occurrences/{occurrence}\r\n" in b), "")


def test_a_judge_scores_three_entries_and_the_ranking_shows_them(house: House) -> None:
    judge, organizer = Visitor(house.base_url), Visitor(house.base_url)
    judge.sign_in("judge@demo", PASSWORD)
    organizer.sign_in("organizer@demo", PASSWORD)
    organizer.get("/manage/rounds")
    round_ = re.search(r'href="(/manage/rounds/\d+)', organizer.page)
    assert round_ is not None
    judge.get("/judge?state=todo")
    sheets = list(dict.fromkeys(re.findall(r'href="(/judge/assignments/\d+)"', judge.page)))[:3]
    assert len(sheets) == 3
    scored = {}
    for path in sheets:
        judge.get(path)
        code = re.search(r'<span class="code">([A-Z]-\d+)</span>', judge.page)
        assert code is not None
        before = ranked(organizer, round_[1]).get(code[1], 0)
        judge.send("", **points(judge))
        assert judge.status == 200, judge.page
        assert f"{code[1]} 的评分已提交" in judge.page
        scored[code[1]] = before
    after = ranked(organizer, round_[1])
    assert {code: after[code] for code in scored} == {code: n + 1 for code, n in scored.items()}


def points(judge: Visitor) -> dict[str, str]:
    """Full marks less one for every criterion of the sheet on this page."""
    fields = re.findall(r'data-max="(\d+)"', judge.page)
    names = re.findall(r'<input id="[\w-]+" name="([\w-]+)"[^>]*data-max=', judge.page.replace("\n", " "))
    assert len(fields) == len(names) > 0, judge.page
    return {name: str(int(most) - 1) for name, most in zip(names, fields, strict=True)}


def ranked(organizer: Visitor, round_: str) -> dict[str, int]:
    """Code → number of sheets, as the ranking pages of all groups show them."""
    groups = set(re.findall(r'href="[^"]*[?&;]group=([\w-]+)', organizer.get(f"{round_}/ranking")))
    found: dict[str, int] = {}
    for group in groups:
        page = organizer.get(f"{round_}/ranking?group={group}")
        rows = re.findall(r'<th scope="row">([A-Z]-\d+)</th>\s*<td class="n hint">(\d+)', page)
        found |= {code: int(sheets) for code, sheets in rows}
    return found
