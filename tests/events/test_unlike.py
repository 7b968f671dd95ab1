from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.unlike import DateChange, DateOf, fees, paired, stale

ZONE = ZoneInfo("Asia/Shanghai")
LAST = datetime(2025, 3, 14, 12, tzinfo=ZONE)


def one(key: str, at: datetime, hours: int = 0, **values: str) -> DateOf:
    return DateOf(key, values.get("name", key), at, at + timedelta(hours=hours), values.get("place", ""))


def test_what_only_shifted_like_most_is_no_difference_and_the_rest_is_named() -> None:
    before = [one("opens", LAST), one("closes", LAST + timedelta(days=20)), one("final", LAST + timedelta(days=60), 8)]
    before += [one("draw", LAST + timedelta(days=30))]
    year = timedelta(days=364)
    after = [
        one("opens", LAST + year),
        one("closes", LAST + timedelta(days=20) + year),
        one("final", LAST + timedelta(days=67) + year, 8),
        one("notice", LAST + timedelta(days=80) + year),
    ]
    usual, pairs = paired(before, after, ZONE)
    assert usual == 364
    assert [(pair.name, pair.change, pair.days) for pair in pairs] == [
        ("opens", DateChange.SAME, 364), ("closes", DateChange.SAME, 364), ("final", DateChange.SHIFTED, 371),
        ("notice", DateChange.ADDED, 0), ("draw", DateChange.GONE, 0),
    ]  # fmt: skip
    assert [pair.name for pair in pairs if pair.differs] == ["final", "notice", "draw"]


def test_another_hour_another_length_another_name_and_another_place_differ() -> None:
    before = [one("a", LAST, 2), one("b", LAST, 2), one("c", LAST, name="初评"), one("d", LAST, place="科技馆")]
    after = [
        one("a", LAST + timedelta(days=364, hours=1), 2),
        one("b", LAST + timedelta(days=364), 26),
        one("c", LAST + timedelta(days=364), name="网络初评"),
        one("d", LAST + timedelta(days=364), place="会堂"),
    ]
    _usual, pairs = paired(before, after, ZONE)
    assert [(pair.change, pair.renamed, pair.elsewhere) for pair in pairs] == [
        (DateChange.RETIMED, False, False), (DateChange.RETIMED, False, False), (DateChange.SAME, True, False),
        (DateChange.SAME, False, True),
    ]  # fmt: skip
    assert all(pair.differs for pair in pairs)


@given(st.lists(st.integers(0, 300), max_size=10, unique=True), st.integers(-800, 800))
def test_a_uniform_shift_is_no_difference(offsets: list[int], days: int) -> None:
    before = [one(str(n), LAST + timedelta(days=n), 3) for n in offsets]
    after = [one(str(n), LAST + timedelta(days=n + days), 3) for n in offsets]
    usual, pairs = paired(before, after, ZONE)
    assert usual == (days if offsets else 0)
    assert [pair for pair in pairs if pair.differs] == []


def test_two_empty_editions_do_not_differ() -> None:
    assert paired([], [], ZONE) == (0, [])


NEW, OLD = Numbered(36, Style.ORDINAL, 2021), Numbered(35, Style.ORDINAL, 2020)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("第35届大赛面向全市中小学生", ["第35届"]),
        ("第36届大赛，2021年3月起申报", []),
        ("作品完成于2020年7月1日以后", ["2020年"]),
        ("大赛创办于1985年", []),
        ("2020年度重点工作", ["2020年"]),
        ("热线 20201234", []),
        ("", []),
    ],
)
def test_texts_that_still_speak_of_the_last_edition(text: str, odd: list[str]) -> None:
    assert stale({"简介": text}, NEW, OLD) == ({"简介": odd} if odd else {})


def test_without_an_earlier_edition_nothing_is_left_over() -> None:
    assert stale({"简介": "第35届，2020年"}, NEW, None) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("每队报名费 200 元", ["报名费"]),
        ("费用自理，入住指定酒店", ["费用自理", "指定酒店"]),
        ("大赛不收费", []),
        ("不收取报名费", []),
        ("不得收取任何费用", []),
        ("免收参赛费", []),
        ("免费参观", []),
    ],
)
def test_words_of_money_are_found_unless_they_say_that_there_is_none(text: str, found: list[str]) -> None:
    assert fees([text]) == found
