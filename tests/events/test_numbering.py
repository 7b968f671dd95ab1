import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.numbering import (
    MOST,
    Numbered,
    Style,
    check,
    chinese,
    parse,
    parse_chinese,
    ring_number,
    rings,
    words,
)

years = st.integers(1900, 2200)
numbers = st.integers(1, MOST)
of_a_year = st.one_of(
    st.builds(Numbered, numbers, st.just(Style.ISSUE), years),
    years.map(lambda year: Numbered(year, Style.YEAR, year)),
)
over_all_years = st.builds(Numbered, st.integers(2, MOST), st.sampled_from([Style.ORDINAL, Style.ORDINAL_CHINESE]))


@given(st.one_of(of_a_year, over_all_years))
def test_what_is_written_is_read_back(numbered: Numbered) -> None:
    assert parse(words(numbered)) == numbered


@given(
    st.one_of(of_a_year, over_all_years),
    st.sampled_from(["", "重庆市", "“科创中国”@重庆"]),
    st.sampled_from(["", "大赛", "论坛"]),
)
def test_a_number_is_read_anywhere_in_a_name(numbered: Numbered, before: str, after: str) -> None:
    assert parse(f"{before}{words(numbered)}{after}") == numbered


@given(numbers)
def test_chinese_numbers_are_read_back(number: int) -> None:
    assert parse_chinese(chinese(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (29, "二十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (999, "九百九十九"),
    ],
)
def test_chinese_numbers_as_they_are_printed(number: int, text: str) -> None:
    assert chinese(number) == text


@pytest.mark.parametrize(
    ("text", "numbered"),
    [
        ("第35届重庆市青少年科技创新大赛", Numbered(35, Style.ORDINAL)),
        ("第十二届重庆市青少年科技创新市长奖", Numbered(12, Style.ORDINAL_CHINESE)),
        ("首届科普讲解大赛", Numbered(1, Style.ORDINAL_CHINESE)),
        ("2020年度科普工作", Numbered(2020, Style.YEAR, 2020)),
        ("“科创中国”@重庆双月论坛2023年首期", Numbered(1, Style.ISSUE, 2023)),
        ("2023年第2期", Numbered(2, Style.ISSUE, 2023)),
    ],
)
def test_numbers_as_the_documents_of_the_field_write_them(text: str, numbered: Numbered) -> None:
    assert parse(text) == numbered


@pytest.mark.parametrize("text", ["", "科普日", "2020重庆市科协年会", "第届", "第零届", "第十百届"])
def test_what_is_no_number_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        parse(text)
    assert refused.value.code == "edition.unreadable"


@pytest.mark.parametrize(
    ("numbered", "code"),
    [
        (Numbered(0, Style.ORDINAL, 2026), "edition.number"),
        (Numbered(1000, Style.ISSUE, 2026), "edition.number"),
        (Numbered(1, Style.ISSUE, None), "edition.year"),
        (Numbered(1, Style.ISSUE, 1800), "edition.year"),
        (Numbered(2300, Style.YEAR, 2300), "edition.year"),
    ],
)
def test_a_number_that_cannot_be_is_refused(numbered: Numbered, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check(numbered)
    assert refused.value.code == code


def test_an_ordinal_needs_no_year() -> None:
    assert check(Numbered(35, Style.ORDINAL)) is None


@pytest.mark.parametrize(
    ("style", "number", "grown", "inside"),
    [
        (Style.ORDINAL, 41, 41, 41),
        (Style.ORDINAL_CHINESE, 12, 12, 12),
        (Style.ISSUE, 2, 9, 2),
        (Style.YEAR, 2026, 9, None),
    ],
)
def test_a_ring_for_each_edition_and_a_number_that_says_something_of_age(
    style: Style, number: int, grown: int, inside: int | None
) -> None:
    numbered = Numbered(number, style, 2026)
    assert (rings(numbered, 9), ring_number(numbered)) == (grown, inside)


def test_a_series_that_nobody_may_see_yet_has_one_ring() -> None:
    assert rings(Numbered(2026, Style.YEAR, 2026), 0) == 1
