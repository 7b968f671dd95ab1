"""Points, windows, the chain of versions, blind codes, derived recusals."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kexie_events.contests.rules import read
from kexie_events.core.errors import RuleBroken
from kexie_events.judging import rules
from kexie_events.judging.rules import Belongs, RecusalSource, RoundState, SheetState, Version
from tests.build import DAY, HOUR, NOON, PACK

RUBRIC = read(PACK).rubric
FULL = {"inno": "23.5", "sci": "28.5", "prac": "16.5", "self": "9", "expr": "8"}


def refusal(points: dict[str, str], *, complete: bool = True) -> tuple[str, dict[str, object]]:
    with pytest.raises(RuleBroken) as caught:
        rules.check_points(RUBRIC, points, complete=complete)
    return caught.value.code, caught.value.details


def test_a_complete_sheet_adds_up_exactly() -> None:
    checked = rules.check_points(RUBRIC, FULL)
    assert checked.total == Decimal("85.5")
    assert checked.as_text() == {"inno": "23.5", "sci": "28.5", "prac": "16.5", "self": "9", "expr": "8"}


@pytest.mark.parametrize("text", ["２３．５", "23.5", " 23.50 ", "23。5", "23,5", "023.5"])
def test_points_are_read_as_people_type_them(text: str) -> None:
    assert rules.check_points(RUBRIC, {**FULL, "inno": text}).points["inno"] == Decimal("23.5")


@pytest.mark.parametrize("text", ["30.5", "-1", "12.3", "abc", "1e1", "NaN", "٣", "1_0", "∞", "..", "+3"])
def test_points_outside_the_criterion_name_it_its_full_mark_and_the_step(text: str) -> None:
    assert refusal({**FULL, "inno": text}) == (
        "judging.points_range",
        {"criterion": "创新性", "most": "30", "step": Decimal("0.5")},
    )


def test_nothing_and_the_full_mark_are_points_too() -> None:
    assert rules.check_points(RUBRIC, {**FULL, "inno": "0", "sci": "30"}).total == Decimal("63.5")


def test_a_missing_criterion_is_named_when_the_sheet_must_be_complete() -> None:
    assert refusal({**FULL, "self": " "}) == ("judging.points_missing", {"criterion": "自主完成"})


def test_a_draft_may_have_gaps_but_no_wrong_points() -> None:
    assert rules.check_points(RUBRIC, {"inno": "20"}, complete=False) == rules.Checked({"inno": Decimal(20)}, None)
    assert refusal({"inno": "99"}, complete=False)[0] == "judging.points_range"


def test_every_fault_of_a_sheet_is_told_at_once() -> None:
    sound, faults = rules.points_faults(RUBRIC, {**FULL, "inno": "99", "sci": ""}, complete=True)
    assert sorted(sound) == ["expr", "prac", "self"]
    assert {code: fault.code for code, fault in faults.items()} == {
        "inno": "judging.points_range",
        "sci": "judging.points_missing",
    }


def test_what_is_no_criterion_of_the_rubric_is_dropped() -> None:
    assert "style" not in rules.check_points(RUBRIC, {**FULL, "style": "5"}).points


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=6)))
def test_any_text_is_either_points_in_range_or_refused(points: dict[str, str]) -> None:
    sound, faults = rules.points_faults(RUBRIC, points, complete=True)
    assert len(sound) + len(faults) == len(RUBRIC.criteria)
    for criterion in RUBRIC.criteria:
        if criterion.code in sound:
            assert 0 <= sound[criterion.code] <= criterion.most
            assert sound[criterion.code] % RUBRIC.step == 0


def test_a_remark_has_a_length() -> None:
    assert rules.check_note(" 很好\r\n继续 \x00") == "很好\n继续"
    with pytest.raises(RuleBroken, match=r"judging\.note_length"):
        rules.check_note("好" * 2001)


@pytest.mark.parametrize(
    ("state", "hours", "code"),
    [
        (RoundState.OPEN, 0, None),
        (RoundState.OPEN, -1, "judging.not_open"),
        (RoundState.OPEN, 23, None),
        (RoundState.OPEN, 24, "judging.closed"),
        (RoundState.SETTING_UP, 1, "judging.not_open"),
        (RoundState.CLOSED, 1, "judging.closed"),
    ],
)
def test_scores_are_taken_from_the_opening_to_the_closing_instant(
    state: RoundState, hours: int, code: str | None
) -> None:
    if code is None:
        assert rules.check_open(state, NOON, NOON + DAY, NOON + hours * HOUR) is None  # type: ignore[func-returns-value]
        return
    with pytest.raises(RuleBroken) as caught:
        rules.check_open(state, NOON, NOON + DAY, NOON + hours * HOUR)
    assert caught.value.code == code


# ---- the chain


def versions(count: int) -> list[Version]:
    made: list[Version] = []
    for n in range(count):
        plain = Version(n + 1, SheetState.DRAFT, {"inno": str(n)}, "", NOON + timedelta(seconds=n))
        before = made[-1].digest if made else rules.FIRST
        made.append(replace(plain, digest=rules.sheet_digest(before, 7, plain)))
    return made


def test_the_digest_of_a_sheet_never_changes_its_meaning() -> None:
    first = Version(1, SheetState.SUBMITTED, {"inno": "20", "expr": "8"}, "好", NOON)
    assert rules.sheet_digest(rules.FIRST, 7, first) == (
        "afe441a60c14f3db7fbd5bff8e38abbedc4a0cb27ea5b51fe14059f394a1ee03"
    )


class Chain(RuleBasedStateMachine):
    """Versions are added, and now and then somebody changes, drops or swaps one."""

    @initialize()
    def empty(self) -> None:
        self.kept: list[Version] = []
        self.harmed = False

    @rule(inno=st.integers(0, 60), state=st.sampled_from(SheetState), note=st.text(max_size=3))
    def add(self, inno: int, state: SheetState, note: str) -> None:
        plain = Version(len(self.kept) + 1, state, {"inno": str(inno / 2)}, note, NOON + DAY * len(self.kept))
        before = self.kept[-1].digest if self.kept else rules.FIRST
        self.kept.append(replace(plain, digest=rules.sheet_digest(before, 7, plain)))

    @rule(choose=st.integers(0, 99), how=st.sampled_from(["points", "note", "state", "when"]))
    def tamper(self, choose: int, how: str) -> None:
        if not self.kept or self.harmed:
            return
        n = choose % len(self.kept)
        row = self.kept[n]
        changed = {
            "points": replace(row, points={**row.points, "inno": "29.5x"}),
            "note": replace(row, note=row.note + "改"),
            "state": replace(row, state=next(state for state in SheetState if state is not row.state)),
            "when": replace(row, saved_at=row.saved_at + timedelta(seconds=1)),
        }
        self.kept[n] = changed[how]
        self.harmed = True

    @rule(choose=st.integers(0, 99))
    def drop_one_from_the_middle(self, choose: int) -> None:
        if len(self.kept) > 1 and not self.harmed:
            del self.kept[choose % (len(self.kept) - 1)]
            self.harmed = True

    @invariant()
    def harm_shows_and_only_harm(self) -> None:
        assert (rules.first_broken(7, getattr(self, "kept", [])) is not None) == getattr(self, "harmed", False)


TestChain = Chain.TestCase


def test_the_zone_in_which_an_instant_is_given_does_not_change_a_digest() -> None:
    made = versions(1)[0]
    there = replace(made, saved_at=made.saved_at.astimezone(ZoneInfo("Asia/Shanghai")))
    assert rules.sheet_digest(rules.FIRST, 7, there) == made.digest


def test_a_chain_that_is_moved_to_another_sheet_is_broken() -> None:
    assert rules.first_broken(7, versions(3)) is None
    assert rules.first_broken(8, versions(3)) == 0


def test_the_rounds_digest_shows_a_missing_newest_version() -> None:
    whole, cut = versions(3)[-1].digest, versions(3)[-2].digest
    assert rules.round_digest({7: whole, 8: "a"}) == rules.round_digest({8: "a", 7: whole})
    assert rules.round_digest({7: cut, 8: "a"}) != rules.round_digest({7: whole, 8: "a"})


# ---- codes and recusals


def test_blind_codes_cover_the_round_and_do_not_follow_the_entries() -> None:
    codes = rules.blind_codes("A", range(1, 301), {}, "secret")
    assert sorted(codes.values()) == [f"A-{n:03d}" for n in range(1, 301)]
    assert sum(int(code[2:]) == entry for entry, code in codes.items()) < 6
    assert rules.blind_codes("A", reversed(range(1, 301)), {}, "secret") == codes
    assert rules.blind_codes("A", range(1, 301), {}, "other") != codes


def test_codes_that_were_given_stay_and_new_entries_get_the_next_ones() -> None:
    first = rules.blind_codes("A", [1, 2, 3], {}, "secret")
    later = rules.blind_codes("A", [1, 2, 3, 8, 9], first, "secret")
    assert {entry: later[entry] for entry in first} == first
    assert {later[8], later[9]} == {"A-004", "A-005"}


def test_more_than_a_thousand_entries_have_longer_codes() -> None:
    assert len(set(rules.blind_codes("B", range(1200), {}, "x").values())) == 1200


SCHOOL = Belongs("/1/5/20/", 3)


@pytest.mark.parametrize(
    ("judge", "own_district", "expected"),
    [
        (Belongs("/1/5/20/", 9), "allow", RecusalSource.OWN_UNIT),
        (Belongs("/1/5/20/31/", 9), "allow", RecusalSource.OWN_UNIT),
        (Belongs("/1/5/2/", 9), "forbid", None),
        (Belongs("/1/", None), "forbid", None),
        (Belongs("/1/6/", 3), "forbid", RecusalSource.OWN_DISTRICT),
        (Belongs("/1/6/", 3), "allow", None),
        (Belongs(), "forbid", None),
    ],
)
def test_recusals_follow_from_the_tree_of_units(
    judge: Belongs, own_district: str, expected: RecusalSource | None
) -> None:
    assert rules.derived_recusal(judge, SCHOOL, own_district) is expected
