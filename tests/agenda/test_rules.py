from datetime import timedelta

import pytest

from kexie_events.agenda.rules import PersonWords, check_fits, read_people, rows_of, said_people, seated, talk_times
from kexie_events.core.errors import RuleBroken
from tests.build import NOON

MINUTE = timedelta(minutes=1)


def test_each_talk_begins_when_the_one_before_it_ends() -> None:
    assert talk_times(NOON, [20, 10, 5]) == [
        (NOON, NOON + 20 * MINUTE),
        (NOON + 20 * MINUTE, NOON + 30 * MINUTE),
        (NOON + 30 * MINUTE, NOON + 35 * MINUTE),
    ]


def test_talks_may_fill_a_session_to_its_last_minute_and_no_further() -> None:
    check_fits(NOON, NOON + 30 * MINUTE, [20, 10])
    with pytest.raises(RuleBroken):
        check_fits(NOON, NOON + 30 * MINUTE, [20, 11])


def test_people_are_read_as_they_are_typed_and_said_the_same_way() -> None:
    people = read_people("王教授，重庆大学，教授、院长\n\n李明, 西南大学\n 王教授，重庆大学\n张三")
    assert people == [
        PersonWords("王教授", "重庆大学", "教授、院长"),
        PersonWords("李明", "西南大学"),
        PersonWords("张三"),
    ]
    assert read_people(said_people(people)) == people


@pytest.mark.parametrize("text", ["，重庆大学", "名" * 41, "甲，" + "长" * 201])
def test_a_line_that_names_nobody_is_refused_with_its_number(text: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        read_people("王教授\n" + text)
    assert broken.value.details == {"line": 2}


@pytest.mark.parametrize(
    ("count", "order"),
    [(0, []), (1, [1]), (2, [1, 2]), (5, [5, 3, 1, 2, 4]), (6, [5, 3, 1, 2, 4, 6]), (7, [7, 5, 3, 1, 2, 4, 6])],
)
def test_the_first_sits_in_the_middle_and_the_second_at_their_left_hand(count: int, order: list[int]) -> None:
    assert seated(count) == order


def test_rows_are_filled_from_the_front() -> None:
    assert [list(row) for row in rows_of(7, 3)] == [[1, 2, 3], [4, 5, 6], [7]]
