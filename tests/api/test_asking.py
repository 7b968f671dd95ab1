from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.api import asking
from kexie_events.api.asking import OF_MILESTONES, OF_OCCURRENCES, Asked, Cursor, read
from kexie_events.core.errors import RuleBroken
from kexie_events.events.kinds import Kind, Topic
from tests.build import DAY, NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")


def asked(*pairs: tuple[str, str], known: tuple[str, ...] = OF_OCCURRENCES) -> Asked:
    return read(pairs, known, zone=SHANGHAI, now=NOON)


def refused(*pairs: tuple[str, str], known: tuple[str, ...] = OF_OCCURRENCES) -> tuple[str, object]:
    with pytest.raises(RuleBroken) as error:
        asked(*pairs, known=known)
    return error.value.code, error.value.details["parameter"]


def test_nothing_asked_is_everything() -> None:
    assert asked() == Asked()
    assert Asked().limit == 50


def test_names_are_those_of_the_calendars() -> None:
    found = asked(
        ("kind", "forum-series"), ("topic", "popular-science"), ("series", "forum"), ("edition", "12"),
        ("unit", "cast"), ("region", "yuzhong"), ("venue", "3"), ("status", "cancelled"), ("limit", "200"),
    )  # fmt: skip
    assert found == Asked(
        Kind.FORUM_SERIES, Topic.POPULAR_SCIENCE, "forum", 12, "cast", "yuzhong", 3, cancelled=True, limit=200
    )


@pytest.mark.parametrize(
    ("name", "text", "at"),
    [
        ("from", "2026-03-12", datetime(2026, 3, 11, 16, tzinfo=UTC)),
        ("to", "2026-03-12", datetime(2026, 3, 12, 16, tzinfo=UTC)),
        ("from", "2026-03-12T14:00:00+08:00", datetime(2026, 3, 12, 6, tzinfo=UTC)),
        ("to", "2026-03-12T14:00:00 08:00", datetime(2026, 3, 12, 6, tzinfo=UTC)),
        ("from", "2026-03-12t06:00z", datetime(2026, 3, 12, 6, tzinfo=UTC)),
        ("changed_since", "2026-03-12T06:00:00.5Z", datetime(2026, 3, 12, 6, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_days_are_days_of_the_zone_and_instants_are_instants(name: str, text: str, at: datetime) -> None:
    found = asked((name, text))
    assert (found.ends_after or found.starts_before or found.changed_since) == at


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        *[(name, "", code) for name, code in [
            ("kind", "choice"), ("topic", "choice"), ("status", "choice"), ("series", "name"), ("unit", "name"),
            ("region", "name"), ("edition", "number"), ("venue", "number"), ("limit", "number"), ("from", "moment"),
            ("to", "moment"), ("changed_since", "moment"), ("cursor", "cursor"),
        ]],
        ("kind", "forum_series", "choice"), ("kind", "FORUM-SERIES", "choice"), ("status", "all", "choice"),
        ("limit", "0", "number"), ("limit", "201", "number"), ("limit", "-1", "number"), ("limit", "１", "number"),
        ("limit", "1.0", "number"), ("limit", "9" * 5000, "number"), ("edition", "2147483648", "number"),
        ("series", "长" * 81, "name"), ("series", "a\x00", "name"), ("region", "a\nb", "name"),
        ("unit", "\u202e", "name"),
        ("from", "2026-02-30", "moment"), ("from", "2026-3-1", "moment"), ("from", "tomorrow", "moment"),
        ("from", "2026-03-12T14:00:00", "moment"), ("from", "20260312", "moment"), ("to", "9999-12-31", "moment"),
        ("to", "0001-01-01", "moment"), ("from", "1899-12-30", "moment"), ("from", "2026-03-12T25:00Z", "moment"),
        ("from", "2026-03-12T06:00:60Z", "moment"), ("from", "2026-03-12T06:00:00+99:00", "moment"),
        ("from", "9999-12-31T23:00:00-08:00", "moment"), ("from", "２０２６-03-12", "moment"),
        ("changed_since", "1970-01-01", "too_long_ago"), ("cursor", "x" * 5000, "cursor"),
        ("cursor", "bm9uc2Vuc2U", "cursor"), ("cursor", "长", "cursor"), ("cursor", "====", "cursor"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_name(name: str, text: str, code: str) -> None:
    assert refused((name, text)) == (f"api.{code}", name)


def test_what_is_not_known_or_said_twice_is_refused() -> None:
    assert refused(("limt", "5")) == ("api.unknown_parameter", "limt")
    assert refused(("", "")) == ("api.unknown_parameter", "")
    assert refused(("lang", "en")) == ("api.unknown_parameter", "lang")
    assert refused(("venue", "1"), known=OF_MILESTONES) == ("api.unknown_parameter", "venue")
    assert refused(("status", "cancelled"), known=OF_MILESTONES) == ("api.unknown_parameter", "status")
    assert refused(("limit", "5"), ("limit", "5")) == ("api.repeated", "limit")
    assert refused(("to", "2026-03-11"), ("from", "2026-03-12")) == ("api.from_to", "to")
    code, parameter = refused(("长" * 5000, ""))
    assert (code, len(str(parameter))) == ("api.unknown_parameter", 80)
    with pytest.raises(RuleBroken):
        asking.check_bare([("x", "")])


def test_one_day_may_be_asked_for_alone() -> None:
    found = asked(("from", "2026-03-12"), ("to", "2026-03-12"))
    assert found.starts_before is not None
    assert found.ends_after is not None
    assert found.starts_before - found.ends_after == timedelta(days=1)


@given(
    st.datetimes(timezones=st.just(UTC)), st.integers(1, asking.LARGEST_ID),
    st.none() | st.datetimes(timezones=st.just(UTC)), st.booleans(),
)  # fmt: skip
def test_a_cursor_comes_back_as_it_went_and_only_in_its_own_order(
    at: datetime, id: int, as_of: datetime | None, by_change: bool
) -> None:
    cursor = Cursor(at, id, as_of, by_change)
    given, since = ("cursor", cursor.written()), ("changed_since", NOON.isoformat())
    assert asked(given, *([since] if by_change else [])).cursor == cursor
    assert refused(given, *([] if by_change else [since])) == ("api.cursor", "cursor")


@given(st.integers(0, 9000), st.integers(0, 4000))
def test_what_a_copy_goes_on_from_is_taken_for_thirty_days(hours: int, days: int) -> None:
    now = NOON + timedelta(hours=hours)
    published_at = now - days * DAY
    as_of = asking.as_of(published_at, now)
    assert published_at <= as_of <= max(published_at, now - DAY)
    later = now + timedelta(days=30)
    found = read([("changed_since", as_of.isoformat())], OF_OCCURRENCES, zone=SHANGHAI, now=later)
    assert found.changed_since == as_of


@given(st.text())
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    for name in OF_OCCURRENCES:
        with suppress(RuleBroken):  # and nothing else
            assert isinstance(asked((name, text)), Asked)
