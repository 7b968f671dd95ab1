from datetime import timedelta

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.imports import rules, zones
from kexie_events.imports.rules import label_of, next_fetch
from tests.build import DAY, HOUR, NOON


def test_after_a_success_a_day_passes() -> None:
    assert next_fetch(0, NOON, None) == NOON + DAY


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (60, 24)])
def test_after_failures_it_waits_longer_and_never_more_than_a_day(failures: int, hours: int) -> None:
    assert next_fetch(failures, NOON, NOON) == NOON + hours * HOUR


def test_after_a_week_of_failures_it_is_given_up() -> None:
    since = NOON - rules.GIVES_UP_AFTER
    assert next_fetch(9, NOON, since) is None
    assert next_fetch(9, NOON, since + timedelta(seconds=1)) == NOON + DAY


def test_a_source_has_a_name_of_its_own_or_that_of_its_host() -> None:
    assert label_of("  科技馆\n排期 ", "x.org") == "科技馆 排期"
    assert label_of("", "x.org") == "x.org"
    for text in ("字" * (rules.LONGEST_LABEL + 1), ""):
        with pytest.raises(RuleBroken) as refused:
            label_of(text, "")
        assert refused.value.code == "import.label"


@pytest.mark.parametrize(
    ("name", "key"),
    [("Asia/Shanghai", "Asia/Shanghai"), ("China Standard Time", "Asia/Shanghai"), ("UTC", "UTC"),
     ("/freeassociation.sourceforge.net/Asia/Shanghai", "Asia/Shanghai"), ("GMT+0800", "UTC+08:00"),
     ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires")],
)  # fmt: skip
def test_a_zone_is_known_by_the_names_that_programs_give_it(name: str, key: str) -> None:
    assert str(zones.named(name)) == key


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "America", "/", "a" * 5000, "x\x00y", "UTC+99:99", "北京"])
def test_what_names_no_zone_is_none_and_no_file_is_opened(name: str) -> None:
    assert zones.named(name) is None
