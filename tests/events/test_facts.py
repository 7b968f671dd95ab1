"""An edition's own facts and an occurrence's registration window; two people at once, over HTTP."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, RuleBroken
from kexie_events.events import services
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.rules import Publication, Status
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_series,
    make_unit,
)

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="重庆市科协")


@pytest.fixture
def series(city: Unit) -> Series:
    row: Series = make_series(unit=city, name="科普讲解大赛")
    return row


@pytest.fixture
def edition(series: Series) -> Edition:
    row: Edition = make_edition(series=series, number=8)
    return row


@pytest.fixture
def desk(city: Unit, as_user: Callable[[int], FlaskClient]) -> FlaskClient:
    return as_user(make_organizer(city).id)


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)).split())


def again(row: Any) -> Any:
    db.session.refresh(row)
    return row


def change(edition: Edition, **changed: Any) -> Edition:
    values = {
        "title": "", "summary": "", "unit_id": edition.unit_id, "expected_revision": edition.revision, "now": NOON,
        "actor": actor_of(make_organizer(edition_unit(edition))), "zone": ZONE, **changed,
    }  # fmt: skip
    return services.change_edition(edition.id, values.pop("numbered", edition.numbered), **values)


def edition_unit(edition: Edition) -> Unit:
    unit = db.session.get(Unit, edition.unit_id)
    assert unit is not None
    return unit


def test_a_new_number_is_a_visible_change_of_every_published_date_and_of_no_draft(edition: Edition) -> None:
    shown, draft = make_occurrence(edition=edition), make_occurrence(edition=edition, publication=Publication.DRAFT)
    point, other = make_milestone(edition=edition), make_occurrence()
    change(edition, numbered=Numbered(9, Style.ORDINAL, 2026))
    assert [again(row).revision for row in (shown, draft, point, other)] == [2, 1, 2, 1]
    assert (again(edition).number, edition.revision, shown.changed_at, shown.moved_revision) == (9, 1, NOON, 0)


def test_another_description_changes_no_calendar(edition: Edition) -> None:
    shown = make_occurrence(edition=edition)
    change(edition, summary="改了简介")
    assert (again(edition).revision, again(shown).revision) == (1, 1)


def test_the_same_facts_sent_twice_are_one_change(edition: Edition) -> None:
    make_occurrence(edition=edition)
    change(edition, title="创新")
    change(edition, title="创新", expected_revision=0)
    assert again(edition).revision == 1


def test_a_number_used_twice_is_refused_whatever_its_style(series: Series, edition: Edition) -> None:
    make_edition(series=series, number=9, style=Style.ORDINAL_CHINESE)
    with pytest.raises(RuleBroken) as refused:
        change(edition, numbered=Numbered(9, Style.ORDINAL, 2030))
    assert (refused.value.code, again(edition).number) == ("edition.number_taken", 8)


def test_whoever_was_slower_is_told(edition: Edition) -> None:
    change(edition, title="创新")
    with pytest.raises(Conflict):
        change(edition, title="创造", expected_revision=0)
    assert again(edition).title == "创新"


def test_a_new_host_takes_over_the_dates_of_the_old_one_and_no_others(city: Unit, edition: Edition) -> None:
    district, other = make_unit(parent=city), make_unit(parent=city)
    own, theirs = make_occurrence(edition=edition), make_occurrence(edition=edition, unit_id=other.id)
    point = make_milestone(edition=edition)
    change(edition, unit_id=district.id)
    assert [again(row).unit_id for row in (edition, own, theirs, point)] == [
        district.id, district.id, other.id, district.id,
    ]  # fmt: skip


def test_a_closed_unit_hosts_nothing_new_and_stays_where_it_stood(city: Unit) -> None:
    closed = make_unit(parent=city, name="江北区科协", valid_to=(NOON - DAY).date())
    old = make_edition(series=make_series(unit=city), unit_id=closed.id)
    actor = actor_of(make_organizer(city))
    change(old, summary="补记", actor=actor)
    assert again(old).unit_id == closed.id
    with pytest.raises(RuleBroken) as refused:
        change(make_edition(series=make_series(unit=city)), unit_id=closed.id, actor=actor)
    assert refused.value.code == "unit.ended"


# ---- over HTTP


def typed(**values: str) -> dict[str, str]:
    return {"number": "第8届", "year": "2026", "title": "", "summary": "", "revision": "0", **values}


def test_the_form_changes_the_edition_and_asking_for_what_stands_changes_nothing(
    desk: FlaskClient, edition: Edition
) -> None:
    address = f"/manage/editions/{edition.id}/facts"
    assert 'value="第8届"' in desk.get(address).text
    data = typed(number="第 九 届", title="一次讲清一件事", unit_id=str(edition.unit_id))
    assert desk.post(address, data=data).status_code == 303
    assert (again(edition).number, edition.style, edition.title) == (9, Style.ORDINAL_CHINESE, "一次讲清一件事")
    assert "没有改动。" in words(desk.post(address, data=data, follow_redirects=True))


def test_the_first_edition_keeps_how_the_next_one_is_written(desk: FlaskClient, series: Series) -> None:
    first = make_edition(series=series, number=1, style=Style.ORDINAL)
    data = typed(number="首届", title="新", unit_id=str(first.unit_id))
    assert desk.post(f"/manage/editions/{first.id}/facts", data=data).status_code == 303
    assert (again(first).title, first.style) == ("新", Style.ORDINAL)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "请填写届次"),
        ("三十六", "看不懂届次"),
        ("第12届", "这个系列已有第12届"),
        ("第0届", "届次要在 1 到 999 之间"),
    ],
)
def test_a_number_that_cannot_be_is_refused_at_its_field(
    desk: FlaskClient, series: Series, edition: Edition, number: str, said: str
) -> None:
    make_edition(series=series, number=12)
    data = typed(number=number, unit_id=str(edition.unit_id))
    answer = desk.post(f"/manage/editions/{edition.id}/facts", data=data)
    assert (answer.status_code, again(edition).number) == (422, 8)
    assert re.search(rf'id="number-e">[^<]*{said}', answer.text)


def test_the_second_of_two_sees_both_versions_of_the_edition_and_decides(desk: FlaskClient, edition: Edition) -> None:
    address, unit = f"/manage/editions/{edition.id}/facts", str(edition.unit_id)
    assert desk.post(address, data=typed(title="甲", unit_id=unit)).status_code == 303
    answer = desk.post(address, data=typed(title="乙", number="第9届", unit_id=unit))
    page = words(answer)
    assert answer.status_code == 409
    assert "届次 现在：第8届 你填的：第9届 不同" in page
    assert "主题 现在：甲 你填的：乙 不同" in page
    assert "计入哪一年 现在：2026 你填的：2026 相同" in page
    assert 'value="乙"' in answer.text
    assert again(edition).title == "甲"
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert revision is not None
    decided = typed(title="乙", number="第9届", unit_id=unit, revision=revision[1])
    assert desk.post(address, data=decided).status_code == 303
    assert (again(edition).title, edition.number, edition.revision) == ("乙", 9, 2)


# ---- when registrations are taken


@pytest.fixture
def lecture(edition: Edition) -> Occurrence:
    row: Occurrence = make_occurrence(edition=edition)
    return row


def window(**values: str) -> dict[str, str]:
    given = {
        "registration": "y", "opens_at": "2026-03-12T09:00", "closes_at": "2026-03-16T18:00", "places_note": "",
        "revision": "1", **values,
    }  # fmt: skip
    return {f"window-{name}": value for name, value in given.items() if value != "-"}


def test_the_window_and_the_note_change_and_the_public_page_says_so(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}/window"
    assert desk.post(address, data=window(places_note="每校限报 3 人")).status_code == 303
    assert (again(lecture).opens_at, lecture.closes_at, lecture.revision, lecture.moved_revision) == (
        datetime(2026, 3, 12, 1, tzinfo=UTC), datetime(2026, 3, 16, 10, tzinfo=UTC), 2, 0,
    )  # fmt: skip
    assert "每校限报 3 人" in words(desk.get(f"/occurrences/{lecture.id}"))
    again_sent = desk.post(address, data=window(places_note="每校限报 3 人"), follow_redirects=True)
    assert ("没有改动。" in words(again_sent), again(lecture).revision) == (True, 2)


def test_the_second_of_two_sees_both_windows(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}/window"
    desk.post(address, data=window())
    answer = desk.post(address, data=window(closes_at="2026-03-17T12:00"))
    assert answer.status_code == 409
    assert "报名截止 现在：3月16日（周一）18:00 你填的：3月17日（周二）12:00 不同" in words(answer)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"closes_at": "2026-03-12T09:00"}, "要晚于报名开放"),
        ({"closes_at": "2026-04-12T09:00"}, "不能晚于场次结束"),
        ({"opens_at": "0201-03-12T09:00", "closes_at": ""}, "日期的年份要在 1900 到 2200 之间"),
        ({"opens_at": "明天"}, "请填写存在的日期和时间"),
        ({"places_note": "多" * 201}, "最多 200 个字"),
    ],
)
def test_a_window_that_cannot_be_is_refused(
    desk: FlaskClient, lecture: Occurrence, changed: dict[str, str], said: str
) -> None:
    answer = desk.post(f"/manage/occurrences/{lecture.id}/window", data=window(**changed))
    assert (answer.status_code, said in words(answer), again(lecture).revision) == (422, True, 1)


def test_registration_ends_by_a_deadline_and_not_by_forgetting_who_has_a_place(
    desk: FlaskClient, lecture: Occurrence
) -> None:
    address, none = f"/manage/occurrences/{lecture.id}/window", window(registration="-", opens_at="", closes_at="")
    lecture.taken = 2
    db.session.commit()
    answer = desk.post(address, data=none)
    assert (answer.status_code, "已有 2 人占用名额" in words(answer)) == (422, True)
    lecture.taken = 0
    db.session.commit()
    assert desk.post(address, data=none).status_code == 303
    assert (again(lecture).opens_at, lecture.closes_at) == (None, None)


def test_what_is_over_takes_no_other_window(desk: FlaskClient, edition: Edition) -> None:
    over = make_occurrence(edition=edition, starts_at=NOON - timedelta(days=2))
    answer = desk.post(f"/manage/occurrences/{over.id}/window", data=window(opens_at="2026-03-01T09:00", closes_at=""))
    assert (answer.status_code, again(over).revision) == (422, 1)


def test_a_cancelled_meeting_is_compared_too(desk: FlaskClient, lecture: Occurrence) -> None:
    """Cancelling on a stale page is refused and says what to look at."""
    desk.post(f"/manage/occurrences/{lecture.id}/window", data=window())
    stale = {"cancel-reason": "暴雨", "cancel-revision": "1"}
    answer = desk.post(f"/manage/occurrences/{lecture.id}/cancel", data=stale)
    assert (answer.status_code, again(lecture).status) == (409, Status.SCHEDULED)
    assert "别人改过它" in words(answer)
    assert lecture.starts_at + 2 * HOUR == lecture.ends_at
