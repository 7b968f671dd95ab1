from datetime import timedelta

import pytest

from kexie_events.contests.rules import read
from kexie_events.core.errors import RuleBroken
from kexie_events.entries import rules
from kexie_events.entries.rules import FilingWindow, Part, Period
from tests.build import DAY, NOON, PACK

PERIOD = Period(NOON - DAY, NOON + DAY)


@pytest.mark.parametrize(
    ("moment", "window"),
    [
        (NOON - DAY - timedelta(microseconds=1), FilingWindow.LATER),
        (NOON - DAY, FilingWindow.OPEN),
        (NOON + DAY - timedelta(microseconds=1), FilingWindow.OPEN),
        (NOON + DAY, FilingWindow.CLOSED),
    ],
)
def test_the_opening_second_counts_and_the_closing_second_is_late(moment, window) -> None:
    assert PERIOD.window(moment) is window


def test_an_edition_without_dates_takes_nothing() -> None:
    assert Period(None, None).window(NOON) is FilingWindow.NONE
    with pytest.raises(RuleBroken, match="entry.no_period"):
        rules.check_period(Period(None, None), NOON)


def test_a_refused_team_quotes_the_clause() -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_team(["甲", "乙", "丙", "丁"], read(PACK))
    assert refused.value.code == "entry.team_size"
    assert refused.value.details == {"most": 3, "clause": PACK["clauses"]["team_size"]}


@pytest.mark.parametrize(("names", "code"), [([], "entry.no_member"), (["甲", "甲"], "entry.member_twice")])
def test_a_team_has_somebody_and_nobody_twice(names, code) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_team(names, read(PACK))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
    ],
)
def test_the_content_says_what_a_file_is(head, kind) -> None:
    assert rules.media_type(head) == kind


@pytest.mark.parametrize("head", [b"", b"MZ\x90", b"<svg onload=alert(1)>", b"PK\x03\x04", b" %PDF-1.7"])
def test_other_content_is_refused_whatever_its_name(head) -> None:
    with pytest.raises(RuleBroken, match="entry.file_type"):
        rules.media_type(head)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报告.pdf", "报告.pdf"),
        ("C:\\Users\\li\\报告.pdf", "报告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egnp.exe\x00", "agnp.exe"),
        ("...", "file"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_the_name_of_a_file_is_made_harmless(given, kept) -> None:
    assert rules.file_name(given) == kept


def test_what_is_missing_is_named_in_the_order_of_the_form() -> None:
    assert rules.missing(title="题", abstract="", members=1, files=0) == [Part.ABSTRACT, Part.FILES]


def test_a_code_of_another_edition_is_refused() -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_codes(read(PACK), category="nonsense", group="junior", discipline="MS")
    assert refused.value.details == {"code": "nonsense"}


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("报告.PDF", "application/pdf", "报告.PDF"),
        ("a.exe", "application/pdf", "a.exe.pdf"),
        ("图", "image/jpeg", "图.jpg"),
        ("图.jpeg", "image/jpeg", "图.jpeg"),
    ],
)
def test_a_name_ends_as_its_content_says(name, kind, kept) -> None:
    assert rules.named_as(name, kind) == kept
