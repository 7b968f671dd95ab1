"""Letters to a real SMTP server on loopback, and to files."""

import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from kexie_events.messages.rules import Enclosure, Letter, Passing, Permanent
from worker.channels import mail

from .conftest import PEM, StartMail, free_port

LETTER = Letter(
    key="0" * 31 + "7",
    name="李明",
    address="liming@example.org",
    subject="报名成功：“科创中国”双月论坛 2026年第2期",
    body="李明，您好：\n\n您已报名成功。\n.\n以点开头的行也要原样送到。\n",
    language="zh",
    written_at=datetime(2026, 3, 11, 4, 0, tzinfo=UTC),
)
OURS = {"base_url": "https://events.example.org/kexie", "organization": "重庆市科学技术协会"}


def test_a_letter_arrives_whole(start_mail: StartMail) -> None:
    server = start_mail()
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        provider_id = send(LETTER)
    letter = server.letters[0]
    assert {name: str(value) for name, value in letter.items() if name != "X-Peer"} == {
        "From": "重庆市科学技术协会 <noreply@events.example.org>",
        "To": "李明 <liming@example.org>",
        "Subject": "报名成功：“科创中国”双月论坛 2026年第2期",
        "Date": "Wed, 11 Mar 2026 04:00:00 +0000",
        "Message-ID": "<00000000000000000000000000000007@events.example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "zh-Hans",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
        "MIME-Version": "1.0",
    }
    assert letter.get_content().replace("\r\n", "\n") == LETTER.body
    assert server.recipients == [["liming@example.org"]]
    assert server.senders == ["noreply@events.example.org"]
    assert provider_id == "<00000000000000000000000000000007@events.example.org>"


CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-WORDS:第一\\n第二\r\n.\r\nEND:VCALENDAR\r\n".encode()


def test_what_is_enclosed_arrives_as_an_alternative_and_as_a_file_to_the_byte(start_mail: StartMail) -> None:
    server = start_mail()
    letter = replace(LETTER, enclosed=Enclosure("REQUEST", CALENDAR))
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        send(letter)
        send(letter)
    sent, again = server.letters
    parts = [(part.get_content_type(), part.get_param("method"), part.get_filename()) for part in sent.walk()]
    assert parts == [
        ("multipart/mixed", None, None),
        ("multipart/alternative", None, None),
        ("text/plain", None, None),
        ("text/calendar", "REQUEST", None),
        ("application/ics", None, "invite.ics"),
    ]
    _, _, words, calendar, file = sent.walk()
    assert words.get_content().replace("\r\n", "\n") == LETTER.body
    assert calendar["content-type"] == 'text/calendar; method="REQUEST"; charset="utf-8"'
    for part in (calendar, file):
        assert (part["content-transfer-encoding"], part.get_payload(decode=True)) == ("base64", CALENDAR)
    assert (sent["subject"], sent["content-language"]) == (LETTER.subject, "zh-Hans")
    assert sent.as_bytes() == again.as_bytes()


def test_all_letters_of_one_run_go_through_one_connection(start_mail: StartMail) -> None:
    server = start_mail()
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        for n in range(5):
            send(replace(LETTER, key=str(n)))
    assert [letter["Message-ID"].partition("@")[0] for letter in server.letters] == ["<0", "<1", "<2", "<3", "<4"]
    assert len(server.sessions) == 1


@pytest.mark.parametrize("step", ["recipient", "data"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 4.7.1 greylisted, come back", Passing), ("550 5.1.1 no such mailbox", Permanent)],
)
def test_what_the_server_refuses_for_now_and_for_ever(
    start_mail: StartMail, step: str, answer: str, error: type[Exception]
) -> None:
    server = start_mail()
    getattr(server, step).append(answer)
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        with pytest.raises(error, match=answer):
            send(LETTER)
        send(replace(LETTER, key="next"))
    assert [letter["Message-ID"] for letter in server.letters] == ["<next@events.example.org>"]


def test_a_line_that_is_cut_in_the_middle_passes_and_the_next_letter_opens_a_new_one(start_mail: StartMail) -> None:
    server = start_mail()
    server.data.append("drop")
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        with pytest.raises(Passing, match="SMTPServerDisconnected"):
            send(LETTER)
        send(replace(LETTER, key="next"))
    assert [letter["Message-ID"] for letter in server.letters] == ["<next@events.example.org>"]
    assert len(server.sessions) == 2


def test_nobody_at_the_address_is_a_passing_error() -> None:
    with (
        mail.channel(f"smtp://127.0.0.1:{free_port()}", **OURS) as send,
        pytest.raises(Passing, match="ConnectionRefusedError"),
    ):
        send(LETTER)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr(mail, "STEP_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        with mail.channel(url, **OURS) as send, pytest.raises(Passing, match="timed out"):
            send(LETTER)


@pytest.mark.parametrize("address", ["li ming", "李明", "@", "a@b@c", "liming@example.org\r\nBcc: all@example.org"])
def test_what_is_no_address_is_refused_for_ever(start_mail: StartMail, address: str) -> None:
    server = start_mail()
    with (
        mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send,
        pytest.raises(Permanent),
    ):
        send(replace(LETTER, address=address))
    assert server.letters == []


def test_a_subject_that_cannot_be_one_is_blamed_and_not_the_address(start_mail: StartMail) -> None:
    server = start_mail()
    with (
        mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send,
        pytest.raises(Permanent, match="no subject"),
    ):
        send(replace(LETTER, subject="报名成功\r\nBcc: all@example.org"))
    assert server.letters == []


# ---- who we are


def test_the_password_goes_through_tls_and_the_user_is_the_sender(
    start_mail: StartMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    server = start_mail(tls=True, auth_required=True)
    with mail.channel(f"smtp://events%40cq.test:secret@127.0.0.1:{server.port}", **OURS) as send:
        send(LETTER)
    assert server.logins == [(b"events@cq.test", b"secret")]
    assert server.senders == ["events@cq.test"]


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_letter(
    start_mail: StartMail,
) -> None:
    server = start_mail(tls=True)
    with (
        mail.channel(f"smtp://events:secret@127.0.0.1:{server.port}", **OURS) as send,
        pytest.raises(Passing, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(LETTER)
    assert (server.logins, server.letters) == ([], [])


def test_a_password_is_not_sent_in_the_clear_to_another_machine(start_mail: StartMail) -> None:
    server = start_mail(auth_require_tls=False)
    # 0.0.0.0 leads here, but is no loopback address.
    with mail.channel(f"smtp://events:secret@0.0.0.0:{server.port}", **OURS) as send:
        for n in range(2):  # what was refused for one letter is not open to the next
            with pytest.raises(Passing, match="not sent in the clear"):
                send(replace(LETTER, key=str(n)))
    assert (server.logins, server.letters) == ([], [])


def test_a_wrong_password_is_ours_to_mend_so_letters_wait(start_mail: StartMail) -> None:
    server = start_mail(auth_require_tls=False, auth_exclude_mechanism=["LOGIN"])
    with (
        mail.channel(f"smtp://events:wrong@127.0.0.1:{server.port}", **OURS) as send,
        pytest.raises(Passing, match="535"),
    ):
        send(LETTER)
    assert server.logins[0] == (b"events", b"wrong")


def test_where_nobody_can_sign_in_no_letter_goes_without_it(start_mail: StartMail) -> None:
    server = start_mail()  # offers sign-in behind TLS only, and has none
    with mail.channel(f"smtp://events:secret@127.0.0.1:{server.port}", **OURS) as send:
        for n in range(2):
            with pytest.raises(Passing, match="AUTH"):
                send(replace(LETTER, key=str(n)))
    assert server.letters == []


def test_the_sender_can_be_named(start_mail: StartMail) -> None:
    server = start_mail()
    with mail.channel(f"smtp://127.0.0.1:{server.port}?from=huodong@cq.test", **OURS) as send:
        send(LETTER)
    assert server.letters[0]["From"] == "重庆市科学技术协会 <huodong@cq.test>"


# ---- files


def test_a_letter_as_a_file_is_whole_and_a_repeat_is_the_same_file(tmp_path: Path) -> None:
    folder = tmp_path / "信 件"
    with mail.channel(f"file://{folder}", **OURS) as send:
        assert [send(LETTER), send(LETTER)] == [f"{LETTER.key}.eml"] * 2
    assert os.listdir(folder) == [f"{LETTER.key}.eml"]
    letter = message_from_bytes((folder / f"{LETTER.key}.eml").read_bytes(), policy=policy.default)
    assert letter["Subject"] == LETTER.subject
    assert letter.get_content().replace("\r\n", "\n") == LETTER.body


def test_a_folder_that_cannot_be_written_is_a_passing_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with mail.channel(f"file://{tmp_path / 'outbox'}", **OURS) as send, pytest.raises(Passing, match="File exists"):
        send(LETTER)
