"""What stands in a personal calendar: seats, the timelines of one's works, judging duties, as the person chose."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from kexie_events.accounts.models import Account
from kexie_events.core.db import db
from kexie_events.entries.models import EntryMember
from kexie_events.feeds.choices import Alarm, Cancelled, Contents
from kexie_events.feeds.models import Subscription
from kexie_events.feeds.rules import PersonalPart
from kexie_events.feeds.services import publish_stale, subscribe
from kexie_events.judging.rules import RoundState
from kexie_events.registrations.rules import RegistrationState
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_account,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_milestone,
    make_occurrence,
    make_round,
    make_series,
)

from .calendars import change, events, feed, personal_path, register


def subscribed(account: Account, **chosen: Any) -> str:
    """The path of a new personal calendar."""
    path = personal_path(subscribe(account.id, "手机", now=NOON))
    for name, value in chosen.items():
        row = db.session.query(Subscription).filter(Subscription.account_id == account.id).one()
        setattr(row, name, value)
    db.session.commit()
    publish_stale(now=NOON)
    return path


def test_it_holds_what_an_account_filed_for_others_too(app: Flask) -> None:
    account, occurrence, other = make_account(), make_occurrence(), make_occurrence()
    register(make_account(), occurrence, account_id=account.id)  # a child
    register(make_account(), other)
    assert set(events(subscribed(account))) == {occurrence.uid}


def test_a_place_in_the_queue_is_no_date(app: Flask) -> None:
    account = make_account()
    register(account, make_occurrence(), state=RegistrationState.WAITING)
    assert events(subscribed(account)) == {}


def test_whoever_files_a_work_and_its_authors_have_the_timeline_of_its_edition(app: Flask) -> None:
    edition, other = make_edition(), make_edition()
    milestone = make_milestone(edition=edition)
    make_milestone(edition=other)
    make_occurrence(edition=edition)
    coach, author = make_account(), make_account()
    entry = make_entry(edition=edition, account_id=coach.id)
    db.session.add(EntryMember(entry_id=entry.id, person_id=author.person_id, position=9))
    db.session.commit()
    for account in (coach, author):
        assert set(events(subscribed(account))) == {milestone.uid}


def duty(account: Account, **values: Any) -> Any:
    edition = make_edition(series=make_series(name="创新大赛"), number=42)
    round_ = make_round(edition=edition, **{"name": "初评", "state": RoundState.OPEN, **values})
    judge = make_judge(round_=round_, account=account)
    make_assignment(judge=judge, entry=make_entry(edition=edition))
    return round_


def test_a_judge_has_the_day_until_which_to_score(app: Flask) -> None:
    account = make_account()
    round_ = duty(account, opens_at=NOON - DAY, closes_at=NOON + 5 * DAY)
    path = subscribed(account)
    (found,) = events(path).values()
    assert (str(found["UID"]), str(found["SUMMARY"])) == (round_.uid, "初评评分截止（第42届创新大赛）")
    assert found.decoded("DTSTART") == round_.closes_at
    assert str(found["DESCRIPTION"]).splitlines() == [
        "评分时间：2026年3月10日12:00至2026年3月16日12:00", "http://kexie.test/judge",
    ]  # fmt: skip
    assert found["CATEGORIES"].cats[-1] == "节点"
    for public in ("all", f"editions/{round_.edition_id}"):
        assert events(public) == {}


def test_a_later_end_of_the_round_reaches_its_judges_and_a_closed_round_is_gone(app: Flask) -> None:
    account = make_account()
    round_ = duty(account, opens_at=NOON - DAY, closes_at=NOON + 5 * DAY)
    path = subscribed(account)
    round_.closes_at += DAY
    db.session.commit()
    assert publish_stale(now=NOON + HOUR).rebuilt == [path]
    (found,) = events(path).values()
    assert (found["SEQUENCE"], found.decoded("LAST-MODIFIED")) == (1, NOON + HOUR)
    round_.state = RoundState.CLOSED
    db.session.commit()
    publish_stale(now=NOON + HOUR)
    assert events(path) == {}


@pytest.mark.parametrize("state", [RoundState.SETTING_UP, RoundState.CLOSED])
def test_a_round_that_is_not_open_is_no_duty(app: Flask, state: RoundState) -> None:
    account = make_account()
    duty(account, state=state)
    assert events(subscribed(account)) == {}


def test_who_stepped_back_from_all_works_has_no_duty(app: Flask) -> None:
    account = make_account()
    round_ = make_round(state=RoundState.OPEN)
    judge = make_judge(round_=round_, account=account)
    make_assignment(judge, make_entry(), withdrawn_at=NOON)
    assert events(subscribed(account)) == {}


@pytest.mark.parametrize("part", PersonalPart)
def test_only_the_chosen_parts_are_in_it(app: Flask, part: PersonalPart) -> None:
    account = make_account()
    occurrence = make_occurrence()
    register(account, occurrence)
    edition = make_edition()
    milestone = make_milestone(edition=edition)
    make_entry(edition=edition, account_id=account.id)
    round_ = duty(account, opens_at=NOON - DAY, closes_at=NOON + 5 * DAY)
    uids = {
        PersonalPart.REGISTRATIONS: occurrence.uid,
        PersonalPart.ENTRIES: milestone.uid,
        PersonalPart.JUDGING: round_.uid,
    }
    assert set(events(subscribed(account, parts=frozenset({part})))) == {uids[part]}


def test_it_comes_as_it_is_wanted_and_changes_without_a_new_address(app: Flask) -> None:
    account = make_account()
    kept, cancelled = make_occurrence(), make_occurrence()
    register(account, kept)
    register(account, cancelled)
    change(cancelled, reason="天气", status=type(cancelled.status).CANCELLED)
    path = subscribed(account, cancelled=Cancelled.REMOVED, alarm=Alarm.HALF_HOUR)
    (found,) = events(path).values()
    assert str(found["UID"]) == kept.uid
    (alarm,) = found.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-30)
    revision = feed(path).revision
    row = db.session.query(Subscription).one()
    row.cancelled, row.contents = Cancelled.MARKED, Contents.DEADLINES
    db.session.commit()
    assert publish_stale(now=NOON).rebuilt == [path]
    assert events(path) == {}
    assert feed(path).revision == revision + 1
