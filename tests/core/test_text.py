import pytest

from kexie_events.core.text import bounded, one_line, storable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("李明", "李明"),
        ("李明\r\nBcc: all@example.org", "李明 Bcc: all@example.org"),
        ("一\u2028二\u2029三\x00四\x1b[31m", "一 二 三四[31m"),
        ("\u202e反\u200b向\ufeff", "反向"),
        ("\u202egnp.exe", "gnp.exe"),
        ("  两  个\t空格 ", "两 个 空格"),
        ("e\u0301", "é"),
        ("\x00", ""),
    ],
)
def test_text_from_people_is_one_visible_line(given: str, kept: str) -> None:
    assert one_line(given) == kept


def test_texts_of_a_document_are_composed_wherever_they_stand() -> None:
    given = {"e\u0301": ["a\x00b", ("x", 1), None], "n": 2}
    assert storable(given) == {"é": ["ab", ["x", 1], None], "n": 2}


@pytest.mark.parametrize(
    ("given", "kept"), [("", ""), ("一二三四", "一二三四"), ("一二三四五", "一二三…"), ("一二 四五六", "一二…")]
)
def test_what_is_too_long_is_cut_and_says_so(given: str, kept: str) -> None:
    assert bounded(given, 4) == kept
