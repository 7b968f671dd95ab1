"""What search engines are told, as values. Fields: docs/sources.md#structured-data."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kexie_events.core.web import json_ld
from kexie_events.events import structured
from kexie_events.events.rules import Status, Window
from kexie_events.events.structured import Described, Located, Offered, Part, Series, Whole

START = datetime(2026, 3, 20, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
URL = "https://kexie.test/occurrences/1"


def part(**changed: Any) -> Part:
    values = {
        "name": "第3届双月论坛", "url": URL, "starts": START, "ends": START + timedelta(hours=2),
        "where": Located(place="科技馆 报告厅", hall=True, address="文星门街7号", region="江北区"),
    }  # fmt: skip
    return Part(**{**values, **changed})


def described(of: Part | None = None, **changed: Any) -> Described:
    values = {
        "part": of or part(), "uid": "0f8e3c52", "summary": "介绍", "organizer": "重庆市科协",
        "edition_url": "https://kexie.test/editions/1", "series": Series("双月论坛", "https://kexie.test/series/forum"),
        "capacity": 200, "left": 12, "offered": Offered(Window.OPEN, f"{URL}/registration"),
    }  # fmt: skip
    return Described(**{**values, **changed})


def places(values: dict[str, Any]) -> list[dict[str, Any]]:
    found = values["location"]
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize(
    "where",
    [Located(), Located(place="科技馆"), Located(address="文星门街7号"), Located(region="江北区", place="线上")],
)
def test_what_a_search_engine_requires_is_always_there(where: Located) -> None:
    one = structured.occurrence(described(part(where=where)))
    whole = structured.edition(Whole(part(where=where), "", "重庆市科协", Series("双月论坛"), [part(where=where)]))
    for values in (one, whole, *whole["subEvent"]):
        assert values["name"]
        assert values["startDate"] == "2026-03-20T14:00:00+08:00"
        for place in places(values):
            assert place.get("address", {}).get("addressCountry") == "CN" or place["@type"] == "VirtualLocation"
            assert place.get("name") or place["url"] == URL


@pytest.mark.parametrize(
    ("status", "before", "said", "former"),
    [
        (Status.SCHEDULED, None, "EventScheduled", None),
        (Status.SCHEDULED, date(2026, 3, 13), "EventRescheduled", "2026-03-13"),
        (Status.CANCELLED, date(2026, 3, 13), "EventCancelled", None),
    ],
)
def test_the_former_start_stands_with_a_move_alone(
    status: Status, before: date | None, said: str, former: str | None
) -> None:
    values = structured.occurrence(described(part(status=status, before=before)))
    assert values["eventStatus"] == f"https://schema.org/{said}"
    assert values.get("previousStartDate") == former


@pytest.mark.parametrize(
    ("where", "mode", "kinds"),
    [
        (Located(), "Offline", ["Place"]),
        (Located(place="科技馆", hall=True), "Offline", ["Place"]),
        (Located(place="线上（腾讯会议）"), "Online", ["VirtualLocation"]),
        (Located(place="科技馆 报告厅，同时网上直播", hall=True), "Mixed", ["Place", "VirtualLocation"]),
    ],
)
def test_online_is_what_the_words_for_the_place_say(where: Located, mode: str, kinds: list[str]) -> None:
    values = structured.occurrence(described(part(where=where)))
    assert values["eventAttendanceMode"] == f"https://schema.org/{mode}EventAttendanceMode"
    assert [place["@type"] for place in places(values)] == kinds


@pytest.mark.parametrize("state", list(Window))
def test_an_offer_stands_while_something_is_offered(state: Window) -> None:
    offered = Offered(state, f"{URL}/registration", START - timedelta(days=9), START)
    values = structured.occurrence(described(offered=offered)).get("offers")
    expected = {Window.LATER: "PreOrder", Window.OPEN: "InStock", Window.FULL: "SoldOut"}.get(state)
    if expected is None:
        assert values is None
    else:
        assert values == {
            "@type": "Offer", "url": f"{URL}/registration", "price": "0", "priceCurrency": "CNY",
            "availability": f"https://schema.org/{expected}", "validFrom": "2026-03-11T14:00:00+08:00",
            "validThrough": "2026-03-20T14:00:00+08:00",
        }  # fmt: skip


def test_long_texts_are_bounded_and_so_is_the_number_of_parts() -> None:
    long = "长" * 100_000
    parts = [part(name=long, where=Located(place=long, address=long))] * 500
    whole = structured.edition(Whole(part(name=long), long, long, Series(long), parts))
    recurring = structured.series(Series(long), summary=long, organizer=long, where=Located(), parts=parts)
    for values in (whole, recurring):
        assert len(values["subEvent"]) == structured.MOST_PARTS
        assert len(values["description"]) == structured.LONGEST_TEXT
        assert len(json.dumps(values, ensure_ascii=False)) < 20_000


def test_nothing_that_is_not_public_is_pointed_at() -> None:
    values = structured.occurrence(described(edition_url="", series=Series("双月论坛")))
    assert values["superEvent"] == {"@type": "EventSeries", "name": "双月论坛"}


def test_no_text_ends_the_script_that_it_stands_in(app: Flask) -> None:
    bad = "</script><!--\u2028\x00<script>alert(1)//\"'\\"
    values = structured.occurrence(described(part(name=bad, where=Located(place=bad)), summary=bad, organizer=bad))
    written = str(json_ld(values))
    body = written.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert "<" not in body
    assert json.loads(body) == values
