import io

import pytest
from flask.testing import FlaskClient

from kexie_events.entries import queries
from tests.build import actor_of, make_account, make_organizer, make_unit
from tests.entries.test_services import PDF, contest, whole  # noqa: F401

FORM = {
    "title": "声音与水管", "category": "innovation-b", "group": "junior", "discipline": "TD",
    "members": "学生甲\n学生乙", "abstract": "两支麦克风。",
}  # fmt: skip


def enter(as_user, contest) -> FlaskClient:  # noqa: F811
    return as_user(contest[2].account_id)


def freeze(monkeypatch) -> None:
    from kexie_events.core import clock
    from tests.build import NOON

    monkeypatch.setattr(clock, "now", lambda: NOON)


def test_an_entry_is_filed_filled_and_handed_in(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    coach = enter(as_user, contest)
    edition, school, _ = contest
    answer = coach.post(f"/editions/{edition.id}/entries/new", data={**FORM, "unit_id": school.id})
    assert answer.status_code == 303
    page = answer.headers["Location"]
    assert "还差 1 项：文件。" in coach.get(page).text
    upload = coach.post(f"{page}/files", data={"file": (io.BytesIO(PDF), "报告.pdf")})
    assert upload.status_code == 303
    handed_in = coach.post(f"{page}/submit")
    assert handed_in.headers["Location"] == f"{page}/receipt"
    receipt = coach.get(f"{page}/receipt").text
    entry = queries.entries_of(contest[2].account_id)[0]
    assert queries.files_of(entry.id)[0].sha256 in receipt
    assert 'data-state="submitted"' in receipt


def test_a_wrong_form_keeps_what_was_typed_and_says_why(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    coach = enter(as_user, contest)
    edition, school, _ = contest
    typed = {**FORM, "unit_id": school.id, "members": "甲\n乙\n丙\n丁"}
    answer = coach.post(f"/editions/{edition.id}/entries/new", data=typed)
    assert answer.status_code == 422
    assert 'id="members-e">作者最多 3 人。章程第七条' in answer.text
    assert "甲\r\n乙\r\n丙\r\n丁" in answer.text or "甲\n乙\n丙\n丁" in answer.text
    assert queries.entries_of(contest[2].account_id) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"category": "zz"}, "请从列表里选一项。"),
        ({"unit_id": "999"}, "请从列表里选一项。"),
        ({"title": "   "}, "请填写作品名称，最多 80 个字。"),
        ({"title": "\u200b\u202e"}, "请填写作品名称，最多 80 个字。"),
    ],
)
def test_a_wrong_application_is_told_in_words(as_user, contest, monkeypatch, typed, said) -> None:  # noqa: F811
    freeze(monkeypatch)
    coach = enter(as_user, contest)
    edition, school, _ = contest
    answer = coach.post(f"/editions/{edition.id}/entries/new", data={**FORM, "unit_id": school.id, **typed})
    assert (answer.status_code, said in answer.text, "Not a valid" in answer.text) == (422, True, False)
    assert queries.entries_of(contest[2].account_id) == []


def test_an_application_sent_twice_is_one_draft(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    coach = enter(as_user, contest)
    edition, school, _ = contest
    body = {**FORM, "unit_id": school.id, "title": "声音\u202e与水管"}
    address = f"/editions/{edition.id}/entries/new"
    pages = [coach.post(address, data=sent).headers["Location"] for sent in (body, body, {**body, "members": "学生丙"})]
    assert (pages[0] == pages[1], pages[0] == pages[2]) == (True, False)
    assert [entry.title for entry in queries.entries_of(contest[2].account_id)] == ["声音与水管"] * 2


def test_a_file_of_the_wrong_kind_is_refused_at_its_field(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    entry, _ = whole(contest)
    coach = enter(as_user, contest)
    answer = coach.post(f"/entries/{entry.id}/files", data={"file": (io.BytesIO(b"MZ\x90"), "报告.pdf")})
    assert answer.status_code == 422
    assert 'id="file-e">不支持这种文件。可以上传：PDF、JPG、PNG。' in answer.text


def test_a_file_comes_back_as_it_was_and_only_as_an_attachment(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    entry, _ = whole(contest)
    file = queries.files_of(entry.id)[0]
    with enter(as_user, contest).get(f"/entries/{entry.id}/files/{file.id}") as answer:
        assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_entry_of_somebody_else_does_not_exist(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    entry, _ = whole(contest)
    file = queries.files_of(entry.id)[0]
    stranger = as_user(make_account().id)
    for path in ("", "/edit", "/receipt", f"/files/{file.id}"):
        assert stranger.get(f"/entries/{entry.id}{path}").status_code == 404
    for path in ("/submit", "/take-back", f"/files/{file.id}/remove"):
        assert stranger.post(f"/entries/{entry.id}{path}").status_code == 404


def test_an_organizer_may_read_but_not_hand_in(as_user, contest, monkeypatch) -> None:  # noqa: F811
    freeze(monkeypatch)
    entry, _ = whole(contest)
    city = contest[1].path.split("/")[1]
    from kexie_events.core.db import db
    from kexie_events.units.models import Unit

    organizer = as_user(make_organizer(db.session.get(Unit, int(city))).id)
    assert organizer.get(f"/entries/{entry.id}").status_code == 200
    assert organizer.post(f"/entries/{entry.id}/submit").status_code == 404
    assert actor_of(make_organizer(make_unit())).organizes
