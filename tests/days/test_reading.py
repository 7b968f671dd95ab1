from datetime import date, timedelta

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.days import reading
from kexie_events.days.named import Span
from kexie_events.days.rules import Ruled, Ruling

NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2025年11月4日
"""


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_a_whole_notice_is_read_as_it_is_pasted() -> None:
    found = reading.read(NOTICE, 2026, source="国办发明电〔2025〕7号")
    off = [
        *days(date(2026, 1, 1), date(2026, 1, 3)), *days(date(2026, 2, 15), date(2026, 2, 23)),
        *days(date(2026, 4, 4), date(2026, 4, 6)), *days(date(2026, 5, 1), date(2026, 5, 5)),
        *days(date(2026, 6, 19), date(2026, 6, 21)), *days(date(2026, 9, 25), date(2026, 9, 27)),
        *days(date(2026, 10, 1), date(2026, 10, 7)),
    ]  # fmt: skip
    worked = [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
        date(2026, 10, 10),
    ]  # fmt: skip
    assert found.faults == ()
    assert sorted(day for day, ruled in found.days.items() if ruled and ruled.kind is Ruling.OFF) == off
    assert sorted(day for day, ruled in found.days.items() if ruled and ruled.kind is Ruling.WORKING) == worked
    assert found.days[date(2026, 2, 20)] == Ruled(Ruling.OFF, "春节", "国办发明电〔2025〕7号")
    assert found.days[date(2026, 9, 20)] == Ruled(Ruling.WORKING, "国庆节", "国办发明电〔2025〕7号")
    assert found.passed == (1, 2, 3, 4, 12, 13, 14)


@pytest.mark.parametrize(
    ("line", "first", "last", "ruled"),
    [
        ("2027-02-05至2027-02-11 放假 春节", date(2027, 2, 5), date(2027, 2, 11), Ruled(Ruling.OFF, "春节")),
        ("２月７日　上班　春节", date(2027, 2, 7), date(2027, 2, 7), Ruled(Ruling.WORKING, "春节")),
        ("10.1-10.7 放假 国庆节", date(2027, 10, 1), date(2027, 10, 7), Ruled(Ruling.OFF, "国庆节")),
        ("10/1—7 放假", date(2027, 10, 1), date(2027, 10, 7), Ruled(Ruling.OFF)),
        ("2026年12月31日至2027年1月2日放假", date(2026, 12, 31), date(2027, 1, 2), Ruled(Ruling.OFF)),
        ("放假：6月9日", date(2027, 6, 9), date(2027, 6, 9), Ruled(Ruling.OFF)),
        ("6月1日 恢复", date(2027, 6, 1), date(2027, 6, 1), None),
        ("5月1日、2日放假 劳动节", date(2027, 5, 1), date(2027, 5, 2), Ruled(Ruling.OFF, "劳动节")),
        ("1月1日（周五）放假1天，不调休。", date(2027, 1, 1), date(2027, 1, 1), Ruled(Ruling.OFF)),
    ],
)
def test_ways_of_writing_a_line(line: str, first: date, last: date, ruled: Ruled | None) -> None:
    assert reading.read(line, 2027).days == dict.fromkeys(days(first, last), ruled)


@pytest.mark.parametrize(
    ("line", "code", "details"),
    [
        ("胡说八道", "days.line_no_date", {}),
        ("春节 放假", "days.line_no_date", {}),
        ("从5至6 放假", "days.line_no_date", {}),
        ("2月30日 放假", "days.line_no_such_day", {"day": "2.30"}),
        ("13月1日 放假", "days.line_no_such_day", {"day": "13.1"}),
        ("2027-01-01至2036-12-31 放假", "days.line_too_long", {"most": 31}),
        ("3月5日至3月1日 放假", "days.line_backwards", {}),
        ("3月5日", "days.line_no_kind", {}),
        ("2029-05-01 放假", "days.line_other_year", {"year": 2027}),
        ("3月5日 放假 " + "长" * 41, "days.line_words", {"most": 40}),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_reason(line: str, code: str, details: dict[str, object]) -> None:
    [fault] = reading.read(f"1月1日 放假\n\n{line}", 2027).faults
    assert (fault.line, fault.code, fault.details) == (3, code, details)


def test_a_day_named_twice_is_refused_with_both_lines() -> None:
    [fault] = reading.read("3月5日 放假\n3月6日 放假\n3月4日至3月5日 上班", 2027).faults
    assert (fault.line, fault.code, fault.details) == (3, "days.line_twice", {"day": date(2027, 3, 5), "before": 1})


def test_every_bad_line_is_told_of_at_once() -> None:
    faults = reading.read("胡说\n3月5日 放假\n3月40日 放假\n三月 放假", 2027).faults
    assert [fault.line for fault in faults] == [1, 3, 4]


@pytest.mark.parametrize("text", ["x" * 20_001, "\n" * 401])
def test_too_much_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        reading.read(text, 2027)
    assert refused.value.code == "days.too_much"


@pytest.mark.parametrize("text", ["", "  \n ", "关于放假的通知"])
def test_a_text_without_any_day_says_how_to_write_one(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        reading.read(text, 2027)
    assert refused.value.code == "days.nothing"


@pytest.mark.parametrize("kind", [Ruling.OFF, Ruling.WORKING, None])
def test_a_written_line_reads_back(kind: Ruling | None) -> None:
    line = reading.written(Span(date(2027, 2, 5), date(2027, 2, 7)), kind, "春节")
    assert set(reading.read(line, 2027).days.values()) == {Ruled(kind, "春节") if kind else None}
    assert len(reading.read(line, 2027).days) == 3
