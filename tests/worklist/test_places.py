from hypothesis import given
from hypothesis import strategies as st

from kexie_events.worklist.places import Place, matched, shifted
from kexie_events.worklist.rules import Row


def row(line: int, section: str, number: int, name: str) -> Row:
    return Row(line, section, number, name, "办公室", ())


STANDING = [Place(1, "甲", 1, "年会"), Place(2, "甲", 2, "论坛"), Place(3, "乙", 1, "建设")]


def test_an_item_is_its_name_wherever_it_stands() -> None:
    rows = [row(2, "甲", 1, "论坛"), row(3, "甲", 2, "年会"), row(4, "丙", 7, "建设")]
    assert matched(rows, STANDING) == {2: 2, 3: 1, 4: 3}


def test_a_name_that_is_corrected_where_it_stands_is_the_same_item() -> None:
    assert matched([row(2, "甲", 1, "科协年会"), row(3, "甲", 2, "论坛")], STANDING) == {2: 1, 3: 2}


def test_a_row_that_is_put_in_before_others_is_the_new_one() -> None:
    rows = [row(2, "甲", 1, "新的"), row(3, "甲", 2, "年会"), row(4, "甲", 3, "论坛"), row(5, "乙", 1, "建设")]
    assert matched(rows, STANDING) == {3: 1, 4: 2, 5: 3}


def test_of_two_with_one_name_the_place_decides() -> None:
    items = [Place(1, "甲", 1, "培训"), Place(2, "乙", 1, "培训")]
    rows = [row(2, "甲", 1, "培训"), row(3, "乙", 1, "培训")]
    assert matched(rows, items) == {2: 1, 3: 2}


@given(
    st.lists(st.tuples(st.sampled_from("甲乙"), st.integers(1, 4), st.sampled_from("子丑寅")), max_size=8),
    st.lists(st.tuples(st.sampled_from("甲乙"), st.integers(1, 4), st.sampled_from("子丑寅")), max_size=8),
)
def test_no_item_is_two_rows(rows, items) -> None:
    found = matched([row(n, *each) for n, each in enumerate(rows, 2)], [Place(n, *e) for n, e in enumerate(items, 1)])
    assert len(set(found.values())) == len(found)


@given(st.sets(st.integers(1, 20)), st.integers(1, 20))
def test_what_moves_down_leaves_its_number_free_and_nobody_meets(taken: set[int], at: int) -> None:
    moves = shifted(taken, at)
    after = [moves.get(number, number) for number in taken]
    assert at not in after
    assert len(set(after)) == len(taken)
    assert shifted({1, 2, 3, 5}, 2) == {2: 3, 3: 4}
