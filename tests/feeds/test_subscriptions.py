"""Addresses of one's own: made, changed, replaced, ended, and never more than there may be."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from kexie_events.audit.models import AuditRecord
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, NotFound, RuleBroken, SentBefore
from kexie_events.feeds import queries, rules, services
from kexie_events.feeds.choices import PLAIN, Alarm, Cancelled, Choice, Contents
from kexie_events.feeds.models import FeedDue, Subscription
from kexie_events.feeds.personal import EVERY_PART
from kexie_events.feeds.rules import PersonalPart
from kexie_events.feeds.services import publish_stale
from kexie_events.feeds.tokens import can_be_token
from kexie_events.registrations.rules import RegistrationState
from tests.build import DAY, NOON, make_account, make_occurrence
from tests.conftest import AtOnce

from .calendars import change, events, feed, paths, personal_path, register


def test_a_personal_feed_holds_the_seats_of_its_person_and_is_ready_at_once(app: Flask) -> None:
    account, other = make_account(), make_account()
    mine, queued, theirs, filed = (make_occurrence(starts_at=NOON + n * DAY) for n in (1, 2, 3, 4))
    register(account, mine)
    register(account, queued, state=RegistrationState.WAITING)
    register(other, theirs)
    register(make_account("孩子"), filed, account_id=account.id)
    publish_stale(now=NOON)
    token = services.subscribe(account.id, "我的手机", now=NOON)
    assert set(events(personal_path(token))) == {mine.uid, filed.uid}
    assert token not in feed(personal_path(token)).body.decode()


def test_a_personal_feed_follows_its_registrations_and_its_occurrences(app: Flask) -> None:
    account = make_account()
    first, second = make_occurrence(), make_occurrence()
    token = services.subscribe(account.id, "手机", now=NOON)
    path = personal_path(token)
    assert path not in publish_stale(now=NOON).rebuilt
    row = register(account, first)
    assert publish_stale(now=NOON).rebuilt == [path]
    assert set(events(path)) == {first.uid}
    change(first, title="改了名")
    assert path in publish_stale(now=NOON).rebuilt
    change(second, title="与我无关")
    assert path not in publish_stale(now=NOON).rebuilt
    row.state = RegistrationState.WITHDRAWN
    db.session.commit()
    assert publish_stale(now=NOON).rebuilt == [path]
    assert events(path) == {}


def test_a_token_has_160_random_bits_and_is_stored_only_as_its_hash(app: Flask) -> None:
    account = make_account()
    tokens = {services.subscribe(account.id, f"第{n}个", now=NOON) for n in range(5)}
    assert len(tokens) == 5
    assert all(can_be_token(token) and len(token) == 32 for token in tokens)
    stored = db.session.execute(
        text("SELECT string_agg(s::text, ' ') || (SELECT string_agg(path, ' ') FROM feed) FROM subscription s")
    ).scalar()
    assert not any(token in stored for token in tokens)


QUIET = Choice(Contents.DATES, Cancelled.REMOVED, Alarm.DAY)
KEY = UUID("6f1c1f0e-9d0d-4a5e-8f57-111111111111")


def change_it(row: Subscription, account: Any, **values: Any) -> Subscription:
    asked = {"label": row.label, "parts": row.parts, "choice": row.choice, "revision": row.revision, **values}
    return services.change(row.id, account.id, **asked, now=NOON)


def records(account: Any) -> list[tuple[str, dict[str, Any]]]:
    of_account = select(AuditRecord).where(AuditRecord.chain == f"account:{account.id}").order_by(AuditRecord.n)
    return [(row.verb, row.details) for row in db.session.scalars(of_account)]


def test_the_same_form_twice_is_one_address(app: Flask) -> None:
    account, other = make_account(), make_account()
    first = services.subscribe(account.id, "手机", key=KEY, now=NOON)
    assert services.subscribe(account.id, "手机", key=KEY, now=NOON) == first
    assert can_be_token(first)
    assert len(queries.subscriptions(account.id)) == 1
    with pytest.raises(SentBefore):
        services.subscribe(account.id, "电脑", key=KEY, now=NOON)
    with pytest.raises(SentBefore):
        services.subscribe(account.id, "手机", choice=QUIET, key=KEY, now=NOON)
    assert services.subscribe(account.id, "手机", key=uuid4(), now=NOON) != first
    assert services.subscribe(other.id, "手机", key=KEY, now=NOON) != first
    services.revoke(queries.subscriptions(account.id)[-1].id, account.id, now=NOON)
    with pytest.raises(RuleBroken) as refused:
        services.subscribe(account.id, "手机", key=KEY, now=NOON)
    assert refused.value.code == "feed.ended"


@pytest.mark.race
def test_one_form_pressed_many_times_at_once_is_one_address(app: Flask, at_once: AtOnce) -> None:
    account_id = make_account().id
    answers = at_once([lambda: services.subscribe(account_id, "手机", key=KEY, now=NOON)] * 8)
    assert len(set(answers)) == 1
    assert queries.live_count(account_id) == 1


@pytest.mark.race
def test_of_two_who_save_at_once_one_is_told(app: Flask, at_once: AtOnce) -> None:
    account_id = make_account().id
    services.subscribe(account_id, "手机", now=NOON)
    row_id = queries.subscriptions(account_id)[0].id

    def save(label: str) -> Callable[[], object]:
        return lambda: services.change(
            row_id, account_id, label=label, parts=EVERY_PART, choice=PLAIN, revision=1, now=NOON
        )

    answers = at_once([save(f"第{n}台") for n in range(6)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 5 + ["Subscription"]
    db.session.expire_all()
    assert queries.subscriptions(account_id)[0].revision == 2


@pytest.mark.race
def test_one_address_is_replaced_once_however_many_press(app: Flask, at_once: AtOnce) -> None:
    account_id = make_account().id
    services.subscribe(account_id, "手机", now=NOON)
    row_id = queries.subscriptions(account_id)[0].id
    answers = at_once([lambda: services.rotate(row_id, account_id, now=NOON)] * 6)
    assert sum(isinstance(answer, tuple) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, RuleBroken)} == {"feed.ended"}
    assert queries.live_count(account_id) == 1


@pytest.mark.race
def test_what_is_changed_while_it_is_ended_stays_ended(app: Flask, at_once: AtOnce) -> None:
    account_id = make_account().id
    token = services.subscribe(account_id, "手机", now=NOON)
    row_id = queries.subscriptions(account_id)[0].id

    def save() -> object:
        return services.change(row_id, account_id, label="平板", parts=EVERY_PART, choice=QUIET, revision=1, now=NOON)

    at_once([save, lambda: services.revoke(row_id, account_id, now=NOON)])
    publish_stale(now=NOON)
    assert personal_path(token) not in paths()
    assert queries.live_count(account_id) == 0


def test_what_is_chosen_stands_in_the_row_and_can_be_changed_without_a_new_address(app: Flask) -> None:
    account = make_account()
    token = services.subscribe(account.id, "手机", parts=[PersonalPart.REGISTRATIONS], choice=QUIET, now=NOON)
    row = queries.subscriptions(account.id)[0]
    assert (row.parts, row.choice, row.revision) == ({PersonalPart.REGISTRATIONS}, QUIET, 1)
    publish_stale(now=NOON)
    changed = change_it(row, account, label=" 平板 ", parts=EVERY_PART, choice=PLAIN)
    assert (changed.label, changed.parts, changed.choice, changed.revision) == ("平板", EVERY_PART, PLAIN, 2)
    assert db.session.get(FeedDue, personal_path(token)) is not None
    publish_stale(now=NOON)
    assert personal_path(token) in paths()


def test_saving_what_stands_changes_nothing(app: Flask) -> None:
    account = make_account()
    token = services.subscribe(account.id, "手机", now=NOON)
    publish_stale(now=NOON)
    assert change_it(queries.subscriptions(account.id)[0], account).revision == 1
    assert db.session.get(FeedDue, personal_path(token)) is None
    assert [verb for verb, _ in records(account)] == ["subscription.added"]


def test_two_who_change_one_calendar_do_not_lose_each_others_words(app: Flask) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    change_it(row, account, label="平板")
    with pytest.raises(Conflict) as refused:
        change_it(row, account, label="电脑", revision=1)
    assert (refused.value.code, refused.value.details) == ("feed.changed", {"yours": 1, "theirs": 2})
    assert queries.subscriptions(account.id)[0].label == "平板"


@pytest.mark.parametrize(
    ("values", "code"), [({"label": "\u200b"}, "feed.label"), ({"parts": []}, "feed.parts")], ids=["label", "parts"]
)
def test_what_is_refused_changes_nothing(app: Flask, values: dict[str, Any], code: str) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    with pytest.raises(RuleBroken) as refused:
        change_it(queries.subscriptions(account.id)[0], account, **values)
    assert refused.value.code == code
    db.session.expire_all()
    row = queries.subscriptions(account.id)[0]
    assert (row.label, row.parts, row.revision) == ("手机", EVERY_PART, 1)


def test_a_dead_address_and_that_of_another_are_not_changed(app: Flask) -> None:
    account, other = make_account(), make_account()
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    with pytest.raises(NotFound):
        change_it(row, other, label="我的")
    services.revoke(row.id, account.id, now=NOON)
    with pytest.raises(RuleBroken) as refused:
        change_it(row, account, label="电脑")
    assert refused.value.code == "feed.over"


def test_what_is_done_to_an_address_is_written_down_without_its_label_and_its_token(app: Flask) -> None:
    account = make_account()
    first = services.subscribe(account.id, "小明的手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    change_it(row, account, choice=QUIET)
    _, second = services.rotate(row.id, account.id, now=NOON)
    successor = queries.subscriptions(account.id)[0]
    services.revoke(successor.id, account.id, now=NOON)
    services.revoke(successor.id, account.id, now=NOON)
    plain = {
        "parts": ["entries", "judging", "registrations"], "contents": "all", "cancelled": "marked", "alarm": "none",
    }  # fmt: skip
    quiet = {**plain, "contents": "dates", "cancelled": "removed", "alarm": "day"}
    assert records(account) == [
        ("subscription.added", {"subscription": row.id, **plain}),
        ("subscription.changed", {"subscription": row.id, "before": plain, "after": quiet}),
        ("subscription.rotated", {"subscription": row.id, "successor": successor.id}),
        ("subscription.revoked", {"subscription": successor.id}),
    ]
    written = str(records(account))
    assert not any(secret in written for secret in (first, second, "小明"))


def test_revoking_one_address_leaves_the_others(app: Flask) -> None:
    account = make_account()
    kept, dead = services.subscribe(account.id, "手机", now=NOON), services.subscribe(account.id, "电脑", now=NOON)
    newest = queries.subscriptions(account.id)[0]
    services.revoke(newest.id, account.id, now=NOON)
    services.revoke(newest.id, account.id, now=NOON)
    publish_stale(now=NOON)
    assert personal_path(kept) in paths()
    assert personal_path(dead) not in paths()
    assert [row.label for row in queries.subscriptions(account.id)] == ["手机"]


def test_a_rotated_address_keeps_its_label(app: Flask) -> None:
    account = make_account()
    old = services.subscribe(account.id, "手机", now=NOON)
    label, new = services.rotate(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    publish_stale(now=NOON)
    assert label == "手机"
    assert personal_path(new) in paths()
    assert personal_path(old) not in paths()


def test_a_rotated_address_keeps_what_was_chosen(app: Flask) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", parts=[PersonalPart.ENTRIES], choice=QUIET, now=NOON)
    services.rotate(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    row = queries.subscriptions(account.id)[0]
    assert (row.parts, row.choice) == ({PersonalPart.ENTRIES}, QUIET)


def test_nobody_revokes_the_address_of_another(app: Flask) -> None:
    owner, other = make_account(), make_account()
    services.subscribe(owner.id, "手机", now=NOON)
    with pytest.raises(NotFound):
        services.revoke(queries.subscriptions(owner.id)[0].id, other.id, now=NOON)
    assert len(queries.subscriptions(owner.id)) == 1


@pytest.mark.parametrize("label", ["", "   ", "长" * 41, "\x00", "\u202e\u200b"])
def test_a_label_is_short_and_visible(app: Flask, label: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.subscribe(make_account().id, label, now=NOON)
    assert refused.value.code == "feed.label"


def test_an_account_has_at_most_twenty_addresses(app: Flask) -> None:
    account = make_account()
    for n in range(rules.MOST_SUBSCRIPTIONS):
        services.subscribe(account.id, str(n), now=NOON)
    with pytest.raises(RuleBroken) as refused:
        services.subscribe(account.id, "再一个", now=NOON)
    assert refused.value.code == "feed.too_many"


@pytest.mark.race
def test_many_at_once_get_no_more_than_twenty_addresses(app: Flask) -> None:
    account = make_account()
    together = threading.Barrier(30)
    answers: list[str] = []

    def press() -> None:
        with app.app_context():
            together.wait()
            try:
                services.subscribe(account.id, "手机", now=NOON)
                answers.append("made")
            except RuleBroken as refused:
                answers.append(refused.code)

    threads = [threading.Thread(target=press) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["feed.too_many"] * 10 + ["made"] * rules.MOST_SUBSCRIPTIONS
    assert len(queries.subscriptions(account.id)) == rules.MOST_SUBSCRIPTIONS


def test_a_second_press_does_not_rotate_a_dead_address(app: Flask) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    first = queries.subscriptions(account.id)[0].id
    services.rotate(first, account.id, now=NOON)
    with pytest.raises(RuleBroken) as refused:
        services.rotate(first, account.id, now=NOON)
    assert refused.value.code == "feed.ended"
    assert len(queries.subscriptions(account.id)) == 1


def test_the_feed_of_a_closed_account_is_removed(app: Flask) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    publish_stale(now=NOON)
    account.active = False
    db.session.commit()
    publish_stale(now=NOON)
    assert not any(path.startswith("p/") for path in paths())
