import pytest
from flask import Response

from kexie_events.core.http import csv_answer, sheet_answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (csv_answer("list-1.csv", iter([b"a"])), 'attachment; filename="list-1.csv"'),
        (sheet_answer("list.xlsx", b"PK"), 'attachment; filename="list.xlsx"'),
        (sheet_answer("活动 表.xlsx", b"PK"), "attachment; filename*=UTF-8''%E6%B4%BB%E5%8A%A8%20%E8%A1%A8.xlsx"),
    ],
)
def test_every_file_to_be_saved_says_its_name_and_is_neither_kept_nor_guessed_at(answer: Response, said: str) -> None:
    assert answer.headers["Content-Disposition"] == said
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
