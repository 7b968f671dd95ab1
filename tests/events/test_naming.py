import pytest

from kexie_events.events.kinds import Kind
from kexie_events.events.naming import Decision, HeldEdition, HeldSeries, Step, Wanted, decide, name_key
from kexie_events.events.numbering import Numbered, Style

CONTEST = "青少年科技创新大赛"


def wanted(name: str, number: int, style: Style, year: int = 2020, *, printed: bool = True) -> Wanted:
    return Wanted(name, Kind.CONTEST_PROJECT, Numbered(number, style, year), printed)


def of_year(name: str, year: int = 2020) -> Wanted:
    return wanted(name, year, Style.YEAR, year, printed=False)


def held(*editions: Numbered, name: str = CONTEST) -> HeldSeries:
    return HeldSeries(7, name, tuple(HeldEdition(n, numbered) for n, numbered in enumerate(editions, start=70)))


@pytest.mark.parametrize("name", ["“三长” 论坛", "‘三长’论坛", "三长论坛活动", "三长　论坛"])
def test_marks_and_a_closing_word_do_not_make_another_series(name: str) -> None:
    assert name_key(name) == name_key("三长论坛")


def test_names_that_differ_in_a_word_are_two_series() -> None:
    assert name_key("重庆市科协年会") != name_key("重庆科协年会")
    assert name_key("活动") == "活动"


def test_what_nobody_knows_is_a_series_with_its_edition() -> None:
    asked = wanted(CONTEST, 35, Style.ORDINAL)
    assert decide([asked], []) == [Decision(Step.SERIES, None, None, CONTEST, asked.numbered)]


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (wanted(CONTEST, 35, Style.ORDINAL), Numbered(35, Style.ORDINAL, 2020)),
        (wanted(CONTEST, 35, Style.ORDINAL), Numbered(35, Style.ORDINAL_CHINESE, 2021)),  # counted under another year
        (wanted(CONTEST, 35, Style.ORDINAL), Numbered(2020, Style.YEAR, 2020)),  # drafted before its number was known
        (wanted(CONTEST, 2, Style.ISSUE), Numbered(2, Style.ISSUE, 2020)),
        (wanted(CONTEST, 2020, Style.YEAR), Numbered(35, Style.ORDINAL, 2020)),
        (of_year(CONTEST), Numbered(35, Style.ORDINAL, 2020)),
        (of_year(CONTEST), Numbered(3, Style.ISSUE, 2020)),
    ],
)
def test_an_edition_that_is_there_is_found(asked: Wanted, there: Numbered) -> None:
    assert decide([asked], [held(there)]) == [Decision(Step.NOTHING, 7, 70, CONTEST, there)]


@pytest.mark.parametrize(
    ("asked", "there", "made"),
    [
        (wanted(CONTEST, 35, Style.ORDINAL), Numbered(34, Style.ORDINAL, 2019), Numbered(35, Style.ORDINAL, 2020)),
        (wanted(CONTEST, 36, Style.ORDINAL), Numbered(35, Style.ORDINAL, 2020), Numbered(36, Style.ORDINAL, 2020)),
        (wanted(CONTEST, 2, Style.ISSUE), Numbered(1, Style.ISSUE, 2020), Numbered(2, Style.ISSUE, 2020)),
        # 届 cannot be computed: without a number the year stands for it.
        (of_year(CONTEST), Numbered(34, Style.ORDINAL, 2019), Numbered(2020, Style.YEAR, 2020)),
        (of_year(CONTEST), Numbered(6, Style.ISSUE, 2019), Numbered(1, Style.ISSUE, 2020)),
    ],
)
def test_a_known_series_gets_an_edition_not_a_second_series(asked: Wanted, there: Numbered, made: Numbered) -> None:
    assert decide([asked], [held(there)]) == [Decision(Step.EDITION, 7, None, CONTEST, made)]


def test_of_several_issues_of_a_year_the_first_is_meant() -> None:
    there = held(*(Numbered(n, Style.ISSUE, 2020) for n in (3, 1, 2)))
    assert decide([of_year(CONTEST)], [there])[0].edition_id == 71


def test_what_one_row_makes_later_rows_find() -> None:
    first, again, next_one = (wanted(CONTEST, n, Style.ORDINAL) for n in (35, 35, 36))
    assert [(d.step, d.series_id, d.edition_id, d.earlier) for d in decide([first, again, next_one], [])] == [
        (Step.SERIES, None, None, None), (Step.NOTHING, None, None, 0), (Step.EDITION, None, None, 0),
    ]  # fmt: skip


def test_of_two_series_with_one_name_the_first_counts() -> None:
    assert decide([of_year(CONTEST)], [held(), HeldSeries(8, CONTEST)])[0].series_id == 7
