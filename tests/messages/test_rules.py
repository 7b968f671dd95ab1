"""When a failed message is tried again; what a letter may carry."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kexie_events.messages import rules

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")


class Middle(random.Random):
    """Dice that always fall in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def test_each_wait_is_twice_the_one_before_until_an_hour_and_the_eighth_failure_is_the_last() -> None:
    waits = [rules.next_try(attempts, NOON, Middle()) for attempts in range(1, 9)]
    seconds = [None if at is None else round((at - NOON).total_seconds()) for at in waits]
    assert seconds == [30, 60, 120, 240, 480, 960, 1920, None]


def test_a_thousand_failures_at_once_do_not_come_back_at_once() -> None:
    dice = random.Random(7)
    again = {rules.next_try(1, NOON, dice) for _ in range(1000)}
    assert len(again) == 1000
    assert min(again) >= NOON + timedelta(seconds=27)
    assert max(again) <= NOON + timedelta(seconds=33)


def test_a_key_is_the_same_for_every_attempt_and_tells_nothing() -> None:
    assert rules.key_of("promoted:17") == rules.key_of("promoted:17")
    assert rules.key_of("promoted:17") != rules.key_of("promoted:18")
    assert len(rules.key_of("promoted:17")) == 32


@pytest.mark.parametrize(
    ("mail_url", "base_url", "address"),
    [
        ("file:///outbox", "https://events.example.org/kexie", "noreply@events.example.org"),
        ("smtp://events:secret@mx.test", "https://events.example.org", "noreply@events.example.org"),
        ("smtps://events%40cq.test:secret@mx.test", "https://events.example.org", "events@cq.test"),
        ("smtps://events%40cq.test@mx.test?from=huodong@cq.test", "https://events.example.org", "huodong@cq.test"),
        ("file:///outbox", "http://[::1]:8000", "noreply@localhost"),
    ],
)
def test_letters_are_from_whom_the_settings_name(mail_url: str, base_url: str, address: str) -> None:
    assert rules.sender(mail_url, base_url=base_url, organization="科协") == rules.Mailbox("科协", address)


def test_instants_and_days_are_written_in_words_of_the_reader() -> None:
    context = {"starts": "2026-03-20T09:30:00+00:00", "former": "2026-12-31T16:00:00Z", "day": "2026-03-21"}
    assert rules.letter_values(context, now=NOON, zone=BEIJING, english=False) == {
        "starts": "3月20日（周五）17:30",
        "former": "2027年1月1日（周五）0:00",
        "day": "3月21日（周六）",
    }
    assert rules.letter_values(context, now=NOON, zone=BEIJING, english=True) == {
        "starts": "Fri 20 Mar 17:30",
        "former": "Fri 1 Jan 2027 0:00",
        "day": "Sat 21 Mar",
    }


def test_other_text_stays_what_it_is_even_when_it_looks_like_a_date() -> None:
    context = {"name": "20260311", "event": "2026-13-45", "position": 3, "place": "12:00\n二楼"}
    assert rules.letter_values(context, now=NOON, zone=BEIJING, english=False) == {
        "name": "20260311",
        "event": "2026-13-45",
        "position": 3,
        "place": "12:00 二楼",
    }


def test_the_first_line_of_a_letter_is_its_subject() -> None:
    assert rules.split_letter("主题：你好\n\n正文\n\n") == ("你好", "正文\n")


@pytest.mark.parametrize("text", ["正文", "主题：\n正文", ""])
def test_a_letter_without_a_subject_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a letter begins with"):
        rules.split_letter(text)
