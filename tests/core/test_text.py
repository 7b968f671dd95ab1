import pytest

from kexie_events.core.text import one_line


@pytest.mark.parametrize(
    ("name", "kept"),
    [("  重庆 \u200b论坛\n ", "重庆 论坛"), ("e\u0301", "é"), ("\u202egnp.exe", "gnp.exe"), ("\x00", "")],
)
def test_a_name_loses_what_cannot_be_seen(name: str, kept: str) -> None:
    assert one_line(name) == kept
