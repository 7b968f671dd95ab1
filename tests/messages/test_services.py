"""Owing, claiming, sending once, failing, giving up."""

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from kexie_events.core.db import db, transaction
from kexie_events.messages import queries, services
from kexie_events.messages.models import Message
from kexie_events.messages.rules import Enclosure, Letter, MessageState, Passing, Permanent, key_of
from tests.build import DAY, HOUR, NOON, make_account, make_message, make_person

SECOND = timedelta(seconds=1)
ABOUT = "occurrence:1"


class Outbox:
    """A provider that keeps what it is given, or fails as it is told."""

    def __init__(self, *failures: Exception | None) -> None:
        self.letters: list[Letter] = []
        self.failures = list(failures)

    def __call__(self, letter: Letter) -> str:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.letters.append(letter)
        return f"provider-{len(self.letters)}"


def reread(message: Message) -> Message:
    db.session.expire_all()
    return db.session.get_one(Message, message.id)


def end_leases() -> None:
    """As if a minute had passed: the lease is kept by the database's own clock."""
    db.session.execute(update(Message).values(lease_until=func.clock_timestamp() - SECOND))
    db.session.commit()


# ---- owing


def test_the_same_thing_is_owed_once(app: Flask) -> None:
    person = make_person()
    twice = [
        services.owe("promoted:1", "promoted", person.id, about=ABOUT, context={"event": word}, now=NOON)
        for word in ("一", "二")
    ]
    assert twice == [True, False]
    rows = db.session.scalars(select(Message)).all()
    assert [(row.dedupe, row.context, row.state, row.next_try_at) for row in rows] == [
        ("promoted:1", {"event": "一"}, MessageState.DUE, NOON)
    ]


def test_what_is_owed_in_a_transaction_that_fails_was_never_owed(app: Flask) -> None:
    person = make_person()

    def promote_and_fail() -> None:
        with transaction():
            services.owe("promoted:1", "promoted", person.id, about=ABOUT, context={}, now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        promote_and_fail()
    assert db.session.scalars(select(Message)).all() == []


def test_thousands_are_owed_at_once_and_only_the_new_ones_count(app: Flask) -> None:
    person = make_person()
    owed = [services.Owed(f"moved:{n}:2", "moved", person.id, ABOUT) for n in range(2500)]
    assert services.owe_all(owed[:10], now=NOON) == 10
    assert services.owe_all(owed, now=NOON) == 2490
    assert services.owe_all([], now=NOON) == 0


def test_a_link_that_does_not_lead_to_us_is_refused_when_it_is_owed(app: Flask) -> None:
    person = make_person()
    with pytest.raises(ValueError, match=r"installation\.external"):
        services.owe("promoted:1", "promoted", person.id, about=ABOUT, context={"link": "http://else.test/x"}, now=NOON)


# ---- superseding


def test_newer_news_withdraws_what_is_not_sent_yet_about_the_same_thing_to_the_same_people(app: Flask) -> None:
    old, other_person = make_message(), make_message()
    other_kind = make_message(person_id=old.person_id, kind="withdrawn")
    other_thing = make_message(person_id=old.person_id, about="occurrence:11")
    sent = make_message(person_id=old.person_id, state=MessageState.SENT)
    assert services.supersede(ABOUT, ["reminder", "moved"], now=NOON, people=[old.person_id]) == 1
    assert reread(old).state is MessageState.CANCELLED
    others = [reread(row).state for row in (other_person, other_kind, other_thing, sent)]
    assert others == [MessageState.DUE, MessageState.DUE, MessageState.DUE, MessageState.SENT]
    assert services.supersede(ABOUT, ["reminder"], now=NOON) == 1
    assert reread(other_person).state is MessageState.CANCELLED


def test_what_was_superseded_after_it_was_claimed_is_not_sent(app: Flask) -> None:
    first, second = make_message(), make_message(next_try_at=NOON + SECOND)
    outbox = Outbox()

    def send(letter: Letter) -> str:
        services.supersede(ABOUT, ["reminder"], now=NOON, people=[second.person_id])
        return outbox(letter)

    assert services.send_due(send, now=NOON + 2 * SECOND) == 1
    assert [letter.key for letter in outbox.letters] == [key_of(first.dedupe)]
    assert reread(second).state is MessageState.CANCELLED


def test_a_letter_that_went_out_while_it_was_superseded_is_sent(app: Flask) -> None:
    message = make_message()

    def send(letter: Letter) -> str:
        services.supersede(ABOUT, ["reminder"], now=NOON)
        return "gone"

    assert services.send_due(send, now=NOON) == 1
    assert (reread(message).state, message.provider_id) == (MessageState.SENT, "gone")


# ---- claiming


def test_a_claim_takes_what_is_due_oldest_first_and_no_more_than_asked(app: Flask) -> None:
    make_message(next_try_at=NOON + HOUR)
    late, later = make_message(next_try_at=NOON - HOUR), make_message(next_try_at=NOON - SECOND)
    make_message(state=MessageState.SENT)
    make_message(next_try_at=NOON)
    _, ids = services.claim(2, now=NOON)
    assert ids == [late.id, later.id]
    assert [reread(row).state for row in (late, later)] == [MessageState.SENDING, MessageState.SENDING]


def test_what_somebody_holds_is_not_claimed_until_the_lease_is_over(app: Flask) -> None:
    message = make_message()
    first, _ = services.claim(10, now=NOON)
    assert services.claim(10, now=NOON)[1] == []
    end_leases()
    second, ids = services.claim(10, now=NOON)
    assert (ids, reread(message).claim) == ([message.id], second)
    assert first != second


@pytest.mark.race
def test_many_who_claim_at_once_never_get_the_same_row(app: Flask) -> None:
    person = make_person()
    services.owe_all((services.Owed(f"moved:{n}:1", "moved", person.id, ABOUT) for n in range(300)), now=NOON)
    got: list[int] = []
    together = threading.Barrier(6)

    def work() -> None:
        with app.app_context():
            together.wait()
            while ids := services.claim(7, now=NOON)[1]:
                got.extend(ids)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(got) == dict.fromkeys(db.session.scalars(select(Message.id)), 1)
    assert len(got) == 300


# ---- sending


@pytest.mark.race
def test_two_senders_at_once_send_every_letter_once(app: Flask) -> None:
    people = [make_person(f"参与者{n}").id for n in range(120)]
    services.owe_all(
        (services.Owed(f"reminder:{n}:1", "reminder", id, ABOUT, {"event": "论坛"}) for n, id in enumerate(people)),
        now=NOON,
    )
    outbox, sent = Outbox(), []
    together = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            together.wait()
            sent.append(services.send_due(outbox, now=NOON))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 120
    assert Counter(letter.key for letter in outbox.letters) == {key_of(f"reminder:{n}:1"): 1 for n in range(120)}
    assert queries.messages_by_state()[MessageState.SENT] == 120


def test_a_sent_message_says_when_and_what_the_provider_calls_it(app: Flask) -> None:
    message = make_message()
    assert services.send_due(Outbox(), now=NOON) == 1
    row = reread(message)
    assert (row.state, row.attempts, row.provider_id, row.last_error) == (MessageState.SENT, 1, "provider-1", None)
    assert (row.claim, row.lease_until) == (None, None)
    assert NOON <= row.sent_at < NOON + 5 * SECOND
    assert services.send_due(Outbox(), now=NOON + DAY) == 0


def test_what_is_not_due_yet_waits(app: Flask) -> None:
    message = make_message(next_try_at=NOON + HOUR)
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON + HOUR - 5 * SECOND) == 0
    assert services.send_due(outbox, now=NOON + HOUR) == 1
    assert [letter.key for letter in outbox.letters] == [key_of(message.dedupe)]


def test_a_passing_error_is_tried_again_later_and_the_next_letter_goes_out(app: Flask) -> None:
    first, second = make_message(), make_message()
    outbox = Outbox(Passing("451 greylisted"))
    assert services.send_due(outbox, now=NOON) == 1
    row = reread(first)
    assert (row.state, row.attempts, row.last_error) == (MessageState.DUE, 1, "Passing: 451 greylisted")
    assert NOON + 27 * SECOND <= row.next_try_at <= NOON + 34 * SECOND
    assert reread(second).state is MessageState.SENT
    assert services.send_due(outbox, now=row.next_try_at) == 1
    assert (reread(first).state, first.attempts) == (MessageState.SENT, 2)


def test_a_letter_has_the_time_of_its_first_attempt_at_every_other(app: Flask) -> None:
    make_message()
    written: list[Letter] = []

    def cut(letter: Letter) -> str:
        written.append(letter)
        raise Passing("cut")

    for hours in range(3):
        services.send_due(cut, now=NOON + hours * HOUR)
    assert len(written) == 3
    assert {letter.written_at for letter in written} == {written[0].written_at}
    assert written[0] == written[2]


def test_what_is_not_handed_over_is_no_attempt(app: Flask) -> None:
    rows = [make_message(expires_at=NOON), make_message(person_id=make_person(email="").id)]
    assert services.send_due(Outbox(), now=NOON) == 0
    assert [reread(row).attempts for row in rows] == [0, 0]


def test_what_is_enclosed_goes_along_and_a_letter_goes_without_what_fails(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calendar = Enclosure("REQUEST", b"BEGIN:VCALENDAR\r\n")

    def enclose(message: Message, reader: queries.Reader) -> Enclosure | None:
        if message.id == broken.id:
            raise ValueError("no such\nday")
        return calendar if message.id == whole.id else None

    whole, broken, plain = make_message(), make_message(), make_message()
    monkeypatch.setattr(services, "ENCLOSING", [enclose])
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON) == 3
    why = "without its enclosure: ValueError: no such day"
    assert [(letter.enclosed, letter.flaw) for letter in outbox.letters] == [(calendar, ""), (None, why), (None, "")]
    assert [reread(row).last_error for row in (whole, broken, plain)] == [None, why, None]
    assert [record.message for record in caplog.records] == [f"message {broken.id} goes without its enclosure"]


def test_a_permanent_error_ends_it_at_once(app: Flask) -> None:
    message = make_message()
    assert services.send_due(Outbox(Permanent("550 no such user")), now=NOON) == 0
    assert (reread(message).state, message.attempts) == (MessageState.DEAD, 1)
    assert message.last_error == "Permanent: 550 no such user"


def test_after_eight_attempts_it_is_given_up(app: Flask) -> None:
    message, now = make_message(), NOON
    outbox = Outbox(*[Passing("later")] * 8)
    for attempt in range(1, 9):
        assert services.send_due(outbox, now=now) == 0
        assert reread(message).attempts == attempt
        now += HOUR + DAY
    assert (message.state, outbox.failures) == (MessageState.DEAD, [])
    assert services.send_due(outbox, now=now + DAY) == 0


def test_an_error_that_nobody_foresaw_is_a_passing_one(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    first, second = make_message(), make_message()
    assert services.send_due(Outbox(KeyError("provider")), now=NOON) == 1
    assert (reread(first).state, first.last_error) == (MessageState.DUE, "KeyError: 'provider'")
    assert reread(second).state is MessageState.SENT
    assert [record.message for record in caplog.records] == [f"letter {key_of(first.dedupe)}"]


def test_a_letter_that_cannot_be_written_does_not_stop_the_ones_behind_it(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = make_message(kind="no-such-letter"), make_message()
    assert services.send_due(Outbox(), now=NOON) == 1
    assert (reread(first).state, first.last_error) == (
        MessageState.DUE,
        "TemplateNotFound: email/no-such-letter.txt",
    )
    assert reread(second).state is MessageState.SENT
    assert len(caplog.records) == 1


def test_a_letter_that_kills_its_worker_is_not_tried_for_ever(app: Flask) -> None:
    message = make_message()

    def kill(letter: Letter) -> str:
        raise SystemExit  # not an Exception: nothing is marked afterwards, as after kill -9

    for _ in range(8):
        with pytest.raises(SystemExit):
            services.send_due(kill, now=NOON)
        db.session.rollback()
        end_leases()
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON) == 0
    assert (reread(message).state, message.last_error) == (MessageState.DEAD, "too many attempts")
    assert outbox.letters == []


def test_nothing_is_sent_at_or_after_its_hour(app: Flask) -> None:
    over, useful = make_message(expires_at=NOON), make_message(expires_at=NOON + HOUR)
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON) == 1
    assert [letter.key for letter in outbox.letters] == [key_of(useful.dedupe)]
    assert (reread(over).state, over.last_error) == (MessageState.DEAD, "expired")


def test_a_failure_whose_next_try_would_come_too_late_ends_it(app: Flask) -> None:
    message = make_message(expires_at=NOON + 20 * SECOND)
    assert services.send_due(Outbox(Passing("busy")), now=NOON) == 0
    assert (reread(message).state, message.last_error) == (MessageState.DEAD, "Passing: busy")


def test_whoever_lost_the_lease_does_not_send(app: Flask) -> None:
    make_message()
    taken_over = make_message(next_try_at=NOON + SECOND)
    sent: list[str] = []

    def slow(letter: Letter) -> str:
        end_leases()
        services.claim(10, now=NOON + SECOND)  # somebody else found the leases over
        sent.append(letter.key)
        return "slow"

    assert services.send_due(slow, now=NOON + SECOND) == 1
    assert len(sent) == 1
    assert reread(taken_over).state is MessageState.SENDING


def test_who_has_no_address_is_shown_as_unreachable_and_not_as_sent(app: Flask) -> None:
    message = make_message(person_id=make_person(email="").id)
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON) == 0
    assert (reread(message).state, message.last_error) == (MessageState.UNREACHABLE, "no address")
    assert outbox.letters == []


@pytest.mark.race
def test_a_row_that_somebody_holds_is_left_and_one_that_is_out_is_marked_however_long_it_takes(app: Flask) -> None:
    held, free = make_message(), make_message(next_try_at=NOON + SECOND)
    outbox = Outbox()
    claimed, ids = services.claim(1, now=NOON)
    assert ids == [held.id]
    release = threading.Event()

    def hold(id: int, locked: threading.Event) -> None:
        with app.app_context(), db.engine.begin() as other:
            other.execute(update(Message).where(Message.id == id).values(about="x"))
            locked.set()
            release.wait(20)

    def send(letter: Letter) -> str:
        locked = threading.Event()
        threads.append(threading.Thread(target=hold, args=(free.id, locked)))
        threads[-1].start()
        locked.wait(20)
        threading.Timer(3.5, release.set).start()  # longer than anybody else waits for a row
        return outbox(letter)

    threads: list[threading.Thread] = []
    assert services.send_due(send, now=NOON + SECOND) == 1
    for thread in threads:
        thread.join()
    assert [letter.key for letter in outbox.letters] == [key_of(free.dedupe)]
    assert (reread(free).state, reread(held).claim) == (MessageState.SENT, claimed)


# ---- the words


def letter_about(kind: str, **values: object) -> Letter:
    account = make_account("李明", language=str(values.pop("language", "zh")))
    context = {
        "name": "李明",
        "event": "“科创中国”双月论坛 2026年第2期",
        "starts": "2026-03-20T06:30:00+00:00",
        "place": "重庆科技馆 报告厅",
        "link": "http://kexie.test/registrations/abc",
        **values,
    }
    make_message(kind=kind, person_id=account.person_id, context=context)
    outbox = Outbox()
    assert services.send_due(outbox, now=NOON) == 1
    return outbox.letters[0]


EXPECTED = Path(__file__).with_name("expected")
LETTERS: dict[str, dict[str, object]] = {
    "registered": {},
    "waiting": {"position": 3},
    "promoted": {},
    "withdrawn": {"reason": "主办单位调整了参会范围。"},
    "moved": {"former": "2026-03-18T06:30:00+00:00", "reason": "报告人的航班取消。"},
    "cancelled": {"reason": "场馆临时检修。"},
    "reminder": {},
}


@pytest.mark.parametrize("kind", LETTERS)
def test_the_whole_letter(app: Flask, kind: str) -> None:
    letter = letter_about(kind, **LETTERS[kind])
    assert f"{letter.subject}\n\n{letter.body}" == (EXPECTED / f"{kind}.txt").read_text("utf-8")
    assert (letter.name, letter.language) == ("李明", "zh")


@pytest.mark.usefixtures("english_words")
@pytest.mark.parametrize("kind", LETTERS)
def test_the_whole_letter_in_english(app: Flask, kind: str) -> None:
    values = {**LETTERS[kind], "language": "en", "name": "Li Ming", "event": "Forum 2026-2", "place": "Hall 1"}
    letter = letter_about(kind, **{**values, **({"reason": "The hall is closed."} if "reason" in values else {})})
    assert f"{letter.subject}\n\n{letter.body}" == (EXPECTED / f"{kind}.en.txt").read_text("utf-8")
    assert letter.language == "en"


def test_what_is_not_known_leaves_no_empty_line_behind(app: Flask) -> None:
    letter = letter_about("moved", place="", reason="")
    assert letter.body.splitlines()[5:7] == ["现定时间：3月20日（周五）14:30", ""]
    assert "\n\n\n" not in letter.body


def test_text_of_strangers_forges_neither_subject_nor_paragraph(app: Flask) -> None:
    letter = letter_about("registered", event="论坛\n\n点击 http://else.test\r\nBcc: x@y.z", name="<b>&李")
    assert letter.subject == "报名成功：论坛 点击 http://else.test Bcc: x@y.z"
    assert letter.body.splitlines()[0] == "<b>&李，您好："
    assert len(letter.body.splitlines()) == len((EXPECTED / "registered.txt").read_text("utf-8").splitlines()) - 2


# ---- forgetting


def test_after_90_days_what_was_said_is_forgotten_and_that_it_was_sent_is_not(app: Flask) -> None:
    old, waiting = make_message(state=MessageState.SENT, sent_at=NOON), make_message()
    new = make_message(state=MessageState.SENT, created_at=NOON + DAY)
    assert services.forget_old(now=NOON + 90 * DAY + HOUR) == 1
    assert services.forget_old(now=NOON + 90 * DAY + HOUR) == 0
    assert (reread(old).context, old.sent_at) == ({}, NOON)
    assert [reread(row).context["name"] for row in (waiting, new)] == ["李明", "李明"]


def test_after_90_days_nothing_tells_where_a_letter_went(app: Flask) -> None:
    refused = "Permanent: 550 <liming@example.org> no such mailbox"
    old = make_message(state=MessageState.DEAD, context={}, address="liming@example.org", last_error=refused)
    waiting = make_message(address="liming@example.org", last_error="Passing: 451 liming@example.org: later")
    assert services.forget_old(now=NOON + 89 * DAY) == 0
    assert services.forget_old(now=NOON + 90 * DAY + HOUR) == 1
    assert (reread(old).address, old.last_error, old.state) == ("", None, MessageState.DEAD)
    assert (reread(waiting).address, waiting.last_error is None) == ("liming@example.org", False)
