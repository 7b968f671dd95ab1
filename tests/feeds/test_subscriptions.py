"""Addresses of one's own: made, replaced, ended, and never more than there may be."""

import threading

import pytest
from flask import Flask
from sqlalchemy import text

from kexie_events.core.db import db
from kexie_events.core.errors import NotFound, RuleBroken
from kexie_events.feeds import queries, rules, services
from kexie_events.feeds.services import publish_stale
from kexie_events.feeds.tokens import can_be_token
from kexie_events.registrations.rules import RegistrationState
from tests.build import DAY, NOON, make_account, make_occurrence

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


def test_revoking_one_address_leaves_the_others(app: Flask) -> None:
    account = make_account()
    kept, dead = services.subscribe(account.id, "手机", now=NOON), services.subscribe(account.id, "电脑", now=NOON)
    newest = queries.subscriptions(account.id)[0]
    services.revoke(newest.id, account.id, now=NOON)
    services.revoke(newest.id, account.id, now=NOON)
    publish_stale(now=NOON)
    assert paths() == ["all", personal_path(kept)]
    assert personal_path(dead) not in paths()
    assert [row.label for row in queries.subscriptions(account.id)] == ["手机"]


def test_a_rotated_address_keeps_its_label(app: Flask) -> None:
    account = make_account()
    old = services.subscribe(account.id, "手机", now=NOON)
    label, new = services.rotate(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    publish_stale(now=NOON)
    assert label == "手机"
    assert paths() == ["all", personal_path(new)]
    assert personal_path(old) not in paths()


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
    assert paths() == ["all"]
