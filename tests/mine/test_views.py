from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.access import Actor
from kexie_events.core.db import db
from kexie_events.entries.rules import EntryState
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Status
from kexie_events.registrations import services
from tests.build import (
    DAY,
    NOON,
    actor_of,
    make_account,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_milestone,
    make_occurrence,
    make_round,
)
from tests.queries import counted

AsUser = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is NOON for every request: the clock is the one thing that a view reads itself."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def come(occurrence: Occurrence, actor: Actor, name: str = "李明") -> int:
    return services.register(
        occurrence.id, name=name, email="li@example.org", submit_key=f"key-of-{name}", actor=actor, arrived_at=NOON
    ).id


def test_nobody_sees_it_without_signing_in(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/me")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/me")


def test_an_empty_page_says_what_to_do(app: Flask, as_user: AsUser) -> None:
    page = as_user(make_account("李明").id).get("/me").text
    assert ("还没有报名活动。" in page, "看正在报名的活动" in page) == (True, True)


def test_each_registration_says_how_it_stands_and_what_is_next(app: Flask, as_user: AsUser) -> None:
    account = make_account("李明")
    actor = actor_of(account)
    coming = make_occurrence(title="人工智能分论坛")
    full = make_occurrence(title="机器人分论坛", capacity=1)
    moved = make_occurrence(title="无人机分论坛", moved_from_at=NOON + DAY)
    cancelled = make_occurrence(title="航天分论坛")
    come(full, actor_of(make_account("王芳")), "王芳")
    for occurrence in (coming, full, moved, cancelled):
        come(occurrence, actor)
    cancelled.status, cancelled.reason = Status.CANCELLED, "台风"
    db.session.commit()
    page = as_user(account.id).get("/me").text
    expected = [
        "人工智能分论坛", "到场出示二维码签到", "机器人分论坛", "候补第 1 位", "无人机分论坛",
        "原定 3月12日（周四）12:00，请核对新时间", "航天分论坛", "不用前往。原因：台风",
    ]  # fmt: skip
    assert [words for words in expected if words not in page] == []
    assert page.count('class="card duty"') == 4


def test_what_is_over_or_given_back_stands_below(app: Flask, as_user: AsUser, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account("李明")
    actor = actor_of(account)
    over, back = make_occurrence(title="过去的"), make_occurrence(title="退出的", starts_at=NOON + 200 * DAY)
    come(over, actor)
    services.withdraw(come(back, actor), actor=actor, now=NOON)
    monkeypatch.setattr(clock, "now", lambda: NOON + 100 * DAY)
    page = as_user(account.id).get("/me").text
    assert page.count('class="card duty"') == 0
    assert page.index("退出的") < page.index("过去的")
    assert ("已结束" in page, "已退出" in page) == (True, True)


def test_nobody_elses_registration_is_on_it(app: Flask, as_user: AsUser) -> None:
    come(make_occurrence(title="别人的活动"), actor_of(make_account("王芳")), "王芳")
    assert "别人的活动" not in as_user(make_account("李明").id).get("/me").text


def test_works_to_hand_in_and_works_to_score_are_on_it(app: Flask, as_user: AsUser) -> None:
    account = make_account("李明")
    edition = make_edition()
    make_milestone(edition=edition, code="entries-close")
    draft = {"state": EntryState.DRAFT, "submitted_at": None, "account_id": account.id}
    make_entry(edition=edition, title="楼道声控灯的节能改进", **draft)
    make_entry(title="雨水花园", account_id=account.id)
    make_entry(title="别人的作品")
    judge = make_judge(make_round(name="初评"), account=account)
    for _ in range(2):
        make_assignment(judge, make_entry())
    page = as_user(account.id).get("/me").text
    expected = ["楼道声控灯的节能改进", "待提交", "雨水花园", "还有 2 件没有评", "已评 0 件，共 2 件", "初评"]
    assert [words for words in expected if words not in page] == []
    assert page.index("楼道声控灯的节能改进") < page.index("雨水花园")
    assert "别人的作品" not in page


def test_the_page_makes_the_same_queries_for_one_row_and_thirty(app: Flask, as_user: AsUser) -> None:
    account = make_account("李明")
    actor, browser = actor_of(account), as_user(account.id)
    numbers = []
    for count in (1, 30):
        for _ in range(count):
            come(make_occurrence(), actor)
        with counted() as statements:
            assert browser.get("/me").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
