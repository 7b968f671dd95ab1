"""What changed between two calendars, and a client that follows it: it holds what one holds that fetches everything."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kexie_events.events.wording import POINT
from kexie_events.feeds import ical, increments, pieces, variants
from kexie_events.feeds.choices import CHOICES, PLAIN, Choice, Contents
from kexie_events.feeds.ical import TAIL, Stamp, stamped
from kexie_events.feeds.increments import difference
from tests.feeds import test_variants
from tests.feeds.test_ical import DAY_19, DAY_20, SHANGHAI, START
from tests.feeds.test_variants import NIGHTS, calendar, crlf

CHANGED = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
MOVED = {"starts_at": START + timedelta(days=1), "ends_at": START + timedelta(days=1, hours=1), "revision": 2}


def meeting(revision: int = 1, **changed: object) -> bytes:
    return stamped(test_variants.meeting(**changed), Stamp(revision, CHANGED))


def deadline() -> bytes:
    return stamped(test_variants.deadline(), Stamp(1, CHANGED))


def replay(held: Mapping[bytes, bytes], answer: bytes) -> dict[bytes, bytes]:
    """What a client holds after an answer with increments: UID → VEVENTs."""
    after = dict(held)
    for unit in pieces.apart(answer).units:
        if b"\r\nSTATUS:DELETED\r\n" in unit.body:
            after.pop(unit.uid, None)
        else:
            after[unit.uid] = unit.body
    return after


def whole(body: bytes) -> dict[bytes, bytes]:
    """What a client holds that fetches everything."""
    return {unit.uid: unit.body for unit in pieces.apart(body).units}


# ---- differences


def test_equal_calendars_do_not_differ_and_neither_does_their_order() -> None:
    one, other = calendar(meeting(), deadline()), calendar(deadline(), meeting())
    assert difference(one, other).changed == difference(one, one).changed == frozenset()
    assert difference(calendar(), calendar(name="新的名称")) == difference(one, other)


def test_what_is_new_moved_or_gone_is_named() -> None:
    before = calendar(meeting(), deadline(), meeting(uid="stays"))
    after = calendar(meeting(**MOVED), meeting(uid="stays"), meeting(uid="new"))
    found = difference(before, after)
    assert found.changed == {b"meeting", b"new"}
    assert list(found.gone) == [b"deadline"]


def test_the_first_and_the_last_entry_differ_like_any_other() -> None:
    assert difference(calendar(), calendar(meeting())).changed == {b"meeting"}
    assert list(difference(calendar(meeting()), calendar()).gone) == [b"meeting"]


def test_a_rule_whose_one_date_changed_is_one_change() -> None:
    before = crlf(NIGHTS)
    for after in (before.replace(b"T210000\r\nSUMMARY", b"T220000\r\nSUMMARY"), before[: before.rindex(b"BEGIN:VEV")]):
        found = difference(calendar(before, meeting()), calendar(after, meeting()))
        assert (found.changed, found.gone) == ({b"nights"}, {})


def test_a_long_uid_is_found_again() -> None:
    uid = "u" * 200
    assert difference(calendar(meeting(uid=uid)), calendar(meeting(uid=uid, **MOVED))).changed == {uid.encode()}
    assert list(difference(calendar(meeting(uid=uid)), calendar(meeting(uid="u"))).gone) == [uid.encode()]


@pytest.mark.parametrize(
    ("gone", "start"),
    [
        (meeting(), "DTSTART;TZID=Asia/Shanghai:20260320T140000"),
        (meeting(all_day=True, starts_at=DAY_19, ends_at=DAY_20), "DTSTART;VALUE=DATE:20260919"),
        (crlf(NIGHTS), "DTSTART;TZID=Asia/Shanghai:20260306T190000"),
    ],
)
def test_a_tombstone_has_what_an_entry_must_have_and_no_more(gone: bytes, start: str) -> None:
    ((uid, stone),) = difference(calendar(gone), calendar()).gone.items()
    assert stone.decode().split("\r\n") == [
        "BEGIN:VEVENT", f"UID:{uid.decode()}", "DTSTAMP:20260311T040000Z", start, "STATUS:DELETED", "END:VEVENT", "",
    ]  # fmt: skip


# ---- answers


def test_an_answer_has_the_head_without_the_zone_what_changed_and_tombstones() -> None:
    before, after = calendar(meeting(), deadline()), calendar(meeting(**MOVED), meeting(uid="stays"), name="新名")
    found = difference(before, after)
    answer = increments.delta(after, after, {b"meeting": None, **found.gone})
    head = ical.head("新名", SHANGHAI)
    assert b"VTIMEZONE" in head
    assert b"VTIMEZONE" not in answer
    assert answer.startswith(head[: head.index(b"BEGIN:VTIMEZONE")])
    assert answer.endswith(meeting(**MOVED) + found.gone[b"deadline"] + TAIL)
    assert b"UID:stays" not in answer


def test_what_a_variant_leaves_out_is_a_tombstone_there() -> None:
    base = calendar(meeting(), deadline())
    shown = variants.apply(base, Choice(contents=Contents.DEADLINES))
    answer = increments.delta(base, shown, {b"meeting": None, b"deadline": None})
    assert b"\r\nUID:meeting\r\n" in answer
    assert replay({b"meeting": b"x"}, answer) == {b"deadline": deadline()}


def test_nothing_to_say_is_a_calendar_with_nothing_in_it() -> None:
    body = calendar(meeting())
    assert pieces.apart(increments.delta(body, body, {})).units == ()


# ---- a client that follows

entries = st.fixed_dictionaries(
    {},
    optional={
        f"uid-{n}": st.builds(
            lambda title, hours, cancelled, point: {
                "title": title, "ends_at": START + timedelta(hours=hours), "cancelled": cancelled,
                "categories": ("讲座", POINT) if point else ("讲座",),
            },
            st.sampled_from(["甲", "乙", "END:VEVENT", "长" * 60]), st.sampled_from([0, 1, 72]), st.booleans(),
            st.booleans(),
        )
        for n in range(6)
    },
)  # fmt: skip


def built(things: Mapping[str, dict[str, object]]) -> bytes:
    return calendar(*(meeting(uid=uid, **values) for uid, values in things.items()))


@settings(max_examples=60)
@given(st.lists(entries, min_size=2, max_size=6), st.sampled_from(list(CHOICES.values())))
def test_whoever_follows_from_any_revision_holds_what_a_new_subscriber_holds(
    history: list[dict[str, dict[str, object]]], choice: Choice
) -> None:
    bodies = [built(one) for one in history]
    log: dict[bytes, tuple[int, bytes | None]] = {}  # as the table: the last change of each entry
    for revision, (before, after) in enumerate(pairwise(bodies), start=2):
        found = difference(before, after)
        for uid, stone in {**dict.fromkeys(found.changed), **found.gone}.items():
            log[uid] = (revision, stone)
    last = variants.apply(bodies[-1], choice)
    for revision, body in enumerate(bodies, start=1):
        since = {uid: stone for uid, (changed, stone) in log.items() if changed > revision}
        answer = increments.delta(bodies[-1], last, since)
        assert replay(whole(variants.apply(body, choice)), answer) == whole(last)


class Follower(RuleBasedStateMachine):
    """A feed that changes, and a client that comes now and then and asks what is new."""

    @initialize()
    def begin(self) -> None:
        self.things: dict[str, int] = {}
        self.revision = 1
        self.body = self.rendered()
        self.log: dict[bytes, tuple[int, bytes | None]] = {}
        self.held, self.knows = whole(self.body), 1

    def rendered(self) -> bytes:
        return calendar(*(meeting(uid=uid, revision=number) for uid, number in sorted(self.things.items())))

    @rule(uid=st.sampled_from("abcd"))
    def change(self, uid: str) -> None:
        self.things[uid] = self.things.get(uid, 0) + 1
        self.rebuild()

    @precondition(lambda self: self.things)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        del self.things[data.draw(st.sampled_from(sorted(self.things)))]
        self.rebuild()

    def rebuild(self) -> None:
        before, self.body = self.body, self.rendered()
        if before == self.body:
            return
        self.revision += 1
        found = difference(before, self.body)
        for uid, stone in {**dict.fromkeys(found.changed), **found.gone}.items():
            self.log[uid] = (self.revision, stone)

    @rule()
    def follow(self) -> None:
        since = {uid: stone for uid, (changed, stone) in self.log.items() if changed > self.knows}
        self.held = replay(self.held, increments.delta(self.body, self.body, since))
        self.knows = self.revision
        assert self.held == whole(self.body)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Whatever the client does not hold as it is stands in the log as newer than what it knows."""
        now = whole(self.body)
        differing = {uid for uid in now.keys() | self.held.keys() if now.get(uid) != self.held.get(uid)}
        assert all(self.log[uid][0] > self.knows for uid in differing)


TestFollower = Follower.TestCase
TestFollower.settings = settings(max_examples=30, stateful_step_count=25)


def test_the_plain_choice_is_answered_from_the_same_bytes() -> None:
    body = calendar(meeting())
    assert increments.delta(body, variants.apply(body, PLAIN), {b"meeting": None}).count(b"BEGIN:VEVENT") == 1
