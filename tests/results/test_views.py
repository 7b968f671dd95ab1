from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.events.rules import Publication
from kexie_events.results.models import Notice
from tests.build import NOON, _add, make_edition, make_organizer, make_series, make_unit
from tests.queries import counted


def make_notice(**values: Any) -> Notice:
    """Published on Wednesday 11 March 2026 at noon for five working days, until the midnight after the 17th."""
    edition = values.pop("edition", None) or make_edition()
    defaults = {
        "edition_id": edition.id, "unit_id": edition.unit_id, "title": "获奖作品公示", "body": "现予公示。",
        "columns": ["编号", "作者"], "rows": [["XC-0107", "学生甲*"]], "starts_at": NOON,
        "ends_at": NOON + timedelta(days=6, hours=12), "days": 5,
        "publication": Publication.PUBLISHED, "changed_at": NOON,
    }  # fmt: skip
    return _add(Notice(**{**defaults, **values}))


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON - timedelta(days=1), ["公示还没有开始", "3月17日（周二） 24:00 截止"]),
        (NOON, ["公示第 1 天，共 5 天", "3月17日（周二） 24:00 截止", "还有 6 天"]),
        (NOON + timedelta(days=3), ["公示中，今天是休息日"]),
        (NOON + timedelta(days=6), ["公示第 5 天，共 5 天", "今天截止"]),
        (NOON + timedelta(days=6, hours=12), ["公示期已结束", "本页继续保留", "不再受理异议"]),
    ],
)
def test_the_page_says_how_long_it_still_hangs(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, moment: datetime, words: list[str]
) -> None:
    notice = make_notice()
    at(monkeypatch, moment)
    page = client.get(f"/notices/{notice.id}")
    assert page.status_code == 200
    assert [word for word in words if word not in page.text] == []
    assert "公示期为3月11日（周三）至3月17日（周二），共 5 个工作日，含发布当日。" in page.text
    assert "学生甲*" in page.text


def test_texts_of_people_are_escaped(app: Flask, client: FlaskClient) -> None:
    bad = "<script>alert(1)</script>"
    notice = make_notice(title=bad, body=bad, columns=[bad], rows=[[bad]])
    page = client.get(f"/notices/{notice.id}").text
    assert bad not in page
    assert page.count("&lt;script&gt;alert(1)") == 5  # title twice, body, column, cell


def test_a_draft_or_withdrawn_notice_is_not_found_for_visitors_and_marked_for_organizers(
    app: Flask, client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    organizer = as_user(make_organizer(unit).id)
    stranger = as_user(make_organizer(make_unit()).id)
    edition = make_edition(series=make_series(unit=unit))
    for publication, word in ((Publication.DRAFT, "草稿"), (Publication.WITHDRAWN, "已撤下")):
        notice = make_notice(edition=edition, publication=publication)
        assert [visitor.get(f"/notices/{notice.id}").status_code for visitor in (client, stranger)] == [404, 404]
        page = organizer.get(f"/notices/{notice.id}")
        assert page.status_code == 200
        assert word in page.text


def test_the_page_of_the_edition_leads_to_its_notices(app: Flask, client: FlaskClient) -> None:
    edition = make_edition()
    notice = make_notice(edition=edition)
    make_notice(edition=edition, publication=Publication.WITHDRAWN, title="撤下的公示")
    page = client.get(f"/editions/{notice.edition_id}").text
    assert f'href="/notices/{notice.id}"' in page
    assert "撤下的公示" not in page


def test_a_long_list_costs_no_more_queries(app: Flask, client: FlaskClient) -> None:
    short, long = make_notice(), make_notice(rows=[[f"XC-{n}", "学生*"] for n in range(491)])
    costs = []
    for notice in (short, long):
        with counted() as statements:
            assert client.get(f"/notices/{notice.id}").status_code == 200
        costs.append(len(statements))
    assert costs == [2, 2]  # the notice, and what was entered of its days


def test_it_is_there_in_english_too(app: Flask, client: FlaskClient) -> None:
    assert '<html lang="en"' in client.get(f"/notices/{make_notice().id}?lang=en").text
