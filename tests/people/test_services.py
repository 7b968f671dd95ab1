import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.accounts import services as accounts
from kexie_events.accounts.models import Account, Grant, SignIn
from kexie_events.accounts.queries import account_by_identifier
from kexie_events.accounts.rules import token_hash
from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM, Action, Role, allows
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, NotFound, RuleBroken
from kexie_events.messages.models import Message
from kexie_events.messages.queries import reader
from kexie_events.messages.rules import MessageState
from kexie_events.messages.services import write
from kexie_events.people import links, queries, services
from kexie_events.people.models import PasswordLink
from kexie_events.people.services import Gift
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_administrator,
    make_grant,
    make_organizer,
    make_person,
    make_round,
    make_series,
    make_unit,
    sign_in,
)

TODAY = NOON.date()
GOOD = "我家阳台能看见嘉陵江"


def tree():
    city = make_unit(name="市科协")
    north, south = make_unit(parent=city, name="北区科协"), make_unit(parent=city, name="南区科协")
    return city, north, south, make_unit(parent=north, name="北区中学")


def verbs(chain: str) -> list[str]:
    return list(db.session.scalars(select(AuditRecord.verb).where(AuditRecord.chain == chain).order_by(AuditRecord.n)))


def opened(unit, actor, email="li@example.org", gift=None) -> Account:
    return services.open_account("李老师", email, unit_id=unit.id, gift=gift, actor=actor, now=NOON, today=TODAY)


def letter() -> tuple[str, str]:
    """The newest owed letter: its text, and the token in it."""
    row = db.session.scalar(select(Message).where(Message.state == MessageState.DUE).order_by(Message.id.desc()))
    body = write(row, reader(row.person_id), written_at=NOON).body
    token = body.split("http://kexie.test/set-password/")[1].split()[0]
    assert token not in str(row.context)
    return body, token


def test_an_organiser_opens_an_account_below_and_its_owner_sets_the_password(app: Flask) -> None:
    _city, north, _south, school = tree()
    boss = make_organizer(north, "北区组织者")
    row = opened(school, actor_of(boss), gift=Gift(Role.ORGANIZER, queries.subject_of(school)))
    body, token = letter()
    assert "北区组织者为您开了一个账号" in body
    with pytest.raises(RuleBroken, match="account.wrong"):
        accounts.sign_in("li@example.org", "", now=NOON)
    services.use_link(token, GOOD, now=NOON + DAY)
    account, _cookie = accounts.sign_in("li@example.org", GOOD, now=NOON + DAY)
    assert account.id == row.id
    assert verbs(f"account:{row.id}") == ["account.added", "grant.given", "link.sent", "password.set"]
    assert allows(actor_of(row), Action.PLAN, queries.subject_of(school).place)


def test_a_link_opens_once_and_the_hash_alone_is_stored(app: Flask) -> None:
    *_, school = tree()
    opened(school, SYSTEM)
    _body, token = letter()
    assert db.session.scalar(select(PasswordLink.token_hash)) == token_hash(token)
    services.use_link(token, GOOD, now=NOON)
    with pytest.raises(NotFound, match="account.link_over"):
        services.use_link(token, GOOD, now=NOON)


def test_a_weak_password_leaves_the_link_open(app: Flask) -> None:
    *_, school = tree()
    opened(school, SYSTEM)
    _body, token = letter()
    with pytest.raises(RuleBroken, match="account.password_short"):
        services.use_link(token, "short", now=NOON)
    services.use_link(token, GOOD, now=NOON)


def test_a_newer_link_replaces_the_older_one_and_its_unsent_letter(app: Flask) -> None:
    *_, school = tree()
    row = opened(school, SYSTEM)
    _body, first = letter()
    services.send_link(row.id, actor=SYSTEM, now=NOON + HOUR)
    _body, second = letter()
    with pytest.raises(NotFound):
        services.link_of(first, now=NOON + HOUR)
    assert services.link_of(second, now=NOON + HOUR).account_id == row.id
    states = list(db.session.scalars(select(Message.state).order_by(Message.id)))
    assert states == [MessageState.CANCELLED, MessageState.DUE]


def test_links_expire_and_a_closed_account_has_none(app: Flask) -> None:
    *_, school = tree()
    row = opened(school, SYSTEM)
    _body, token = letter()
    with pytest.raises(NotFound):
        services.link_of(token, now=NOON + 7 * DAY)
    services.close_account(row.id, actor=SYSTEM, now=NOON, today=TODAY)
    with pytest.raises(NotFound):
        services.link_of(token, now=NOON)


def test_an_id_that_comes_again_does_not_open_for_an_old_letter(app: Flask) -> None:
    assert links.token_of(5, 7, NOON) != links.token_of(5, 7, NOON + timedelta(microseconds=1))
    assert links.token_of(5, 7, NOON) != links.token_of(5, 8, NOON)


def test_asking_for_a_link_owes_one_letter_and_none_for_strangers(app: Flask) -> None:
    *_, school = tree()
    make_account(person=make_person("教师", unit_id=school.id), identifier="li@example.org")
    assert services.ask_for_link(" LI@example.org", now=NOON)
    assert not services.ask_for_link("li@example.org", now=NOON + timedelta(minutes=4))
    assert services.ask_for_link("li@example.org", now=NOON + timedelta(minutes=5))
    assert not services.ask_for_link("nobody@example.org", now=NOON)
    assert len(list(db.session.scalars(select(Message.id)))) == 2


def test_a_link_goes_to_the_address_that_signs_in_and_not_to_another_of_the_person(app: Flask) -> None:
    *_, school = tree()
    person = make_person("教师", unit_id=school.id, email="old@example.org")
    row = make_account(person=person, identifier="li@example.org")
    services.send_link(row.id, actor=SYSTEM, now=NOON)
    sent = db.session.scalar(select(Message))
    assert reader(sent.person_id, sent.address).address == "li@example.org"


def test_asking_again_writes_the_same_link_once_more_and_ends_none(app: Flask) -> None:
    *_, school = tree()
    row = opened(school, SYSTEM)
    _body, first = letter()
    assert services.ask_for_link("li@example.org", now=NOON + HOUR)
    _body, again = letter()
    assert again == first
    assert services.link_of(first, now=NOON + HOUR).account_id == row.id
    assert list(db.session.scalars(select(Message.expires_at))) == [NOON + 7 * DAY] * 2
    assert not services.ask_for_link("li@example.org", now=NOON + HOUR + timedelta(minutes=4))
    services.use_link(first, GOOD, now=NOON + 2 * HOUR)
    assert services.ask_for_link("li@example.org", now=NOON + 2 * HOUR)
    assert letter()[1] != first


def test_a_link_that_is_nearly_over_is_not_written_again(app: Flask) -> None:
    make_account("教师", identifier="li@example.org")
    services.ask_for_link("li@example.org", now=NOON)
    _body, first = letter()
    services.ask_for_link("li@example.org", now=NOON + timedelta(minutes=90))
    assert letter()[1] == first
    services.ask_for_link("li@example.org", now=NOON + timedelta(minutes=96))
    _body, second = letter()
    assert second != first
    assert services.link_of(second, now=NOON + timedelta(minutes=200))


def test_the_desk_writes_to_nobody_twice_in_five_minutes(app: Flask) -> None:
    *_, school = tree()
    row = opened(school, SYSTEM)
    with pytest.raises(RuleBroken, match="account.link_recent"):
        services.send_link(row.id, actor=SYSTEM, now=NOON + timedelta(minutes=4))
    services.send_link(row.id, actor=SYSTEM, now=NOON + timedelta(minutes=5))
    assert len(list(db.session.scalars(select(Message.id)))) == 2


@pytest.mark.race
def test_of_two_who_use_a_link_at_once_one_comes_in(app: Flask) -> None:
    *_, school = tree()
    opened(school, SYSTEM)
    _body, token = letter()
    outcomes: list[str] = []

    def use(password: str) -> None:
        with app.app_context():
            try:
                services.use_link(token, password, now=NOON)
                outcomes.append("in")
            except NotFound:
                outcomes.append("over")
            finally:
                db.session.remove()

    both = [threading.Thread(target=use, args=(f"{GOOD}{n}",)) for n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(outcomes) == ["in", "over"]


def test_nobody_opens_accounts_or_gives_roles_beyond_the_own_subtree(app: Flask) -> None:
    city, north, south, school = tree()
    boss = actor_of(make_organizer(north))
    guest = make_account("教师", identifier="guest@example.org")
    for unit in (south, city):
        with pytest.raises(Forbidden):
            opened(unit, boss)
        with pytest.raises(Forbidden):
            services.give(
                "guest@example.org", Gift(Role.MENTOR, queries.subject_of(unit)), actor=boss, now=NOON, today=TODAY
            )
    with pytest.raises(Forbidden):
        services.give("guest@example.org", Gift(Role.ADMINISTRATOR), actor=boss, now=NOON, today=TODAY)
    with pytest.raises(Forbidden, match="grant.not_held"):
        opened(school, boss, gift=Gift(Role.ADMINISTRATOR))
    assert account_by_identifier("li@example.org") is None
    assert db.session.scalar(select(Grant.id).where(Grant.account_id == guest.id)) is None


def test_a_role_that_makes_no_sense_there_is_refused(app: Flask) -> None:
    *_, school = tree()
    make_account("教师", identifier="guest@example.org")
    series = queries.subject("series", make_series(unit=school).id)
    for gift in (Gift(Role.MENTOR, series), Gift(Role.JUDGE, queries.subject_of(school)), Gift(Role.ORGANIZER)):
        with pytest.raises(RuleBroken, match="grant.role"):
            services.give("guest@example.org", gift, actor=SYSTEM, now=NOON, today=TODAY)


def test_a_role_is_given_once_for_a_time_and_ends_with_its_last_day(app: Flask) -> None:
    *_, school = tree()
    guest = make_account("教师", identifier="guest@example.org")
    gift = Gift(Role.MENTOR, queries.subject_of(school), TODAY, TODAY + timedelta(days=3))
    services.give("guest@example.org", gift, actor=SYSTEM, now=NOON, today=TODAY)
    with pytest.raises(RuleBroken, match="grant.given"):
        services.give("guest@example.org", gift, actor=SYSTEM, now=NOON, today=TODAY)
    backwards = Gift(Role.GUARDIAN, queries.subject_of(school), TODAY, TODAY)
    with pytest.raises(RuleBroken, match="grant.ends_before_start"):
        services.give("guest@example.org", backwards, actor=SYSTEM, now=NOON, today=TODAY)
    assert actor_of(guest).has(Role.MENTOR)
    row = db.session.scalar(select(Grant).where(Grant.account_id == guest.id))
    services.take(row.id, actor=SYSTEM, now=NOON, today=TODAY)
    assert not actor_of(guest).has(Role.MENTOR)
    assert verbs(f"account:{guest.id}") == ["grant.given", "grant.withdrawn"]


def test_whoever_has_a_role_for_a_time_gives_none_for_longer_and_none_to_themselves(app: Flask) -> None:
    _city, north, _south, school = tree()
    deputy, guest = make_account("代管"), make_account("教师", identifier="guest@example.org")
    end = TODAY + timedelta(days=30)
    make_grant(deputy, Role.ORGANIZER, unit_id=north.id, valid_to=end)
    boss, place = actor_of(deputy), queries.subject_of(school)
    for to in (None, end + timedelta(days=1)):
        with pytest.raises(RuleBroken, match="grant.outlasts") as refused:
            services.give("guest@example.org", Gift(Role.MENTOR, place, valid_to=to), actor=boss, now=NOON, today=TODAY)
        assert refused.value.details == {"until": TODAY + timedelta(days=29)}
        with pytest.raises(RuleBroken, match="grant.outlasts"):
            opened(school, boss, gift=Gift(Role.ORGANIZER, place, valid_to=to))
    with pytest.raises(RuleBroken, match="grant.own"):
        services.give(deputy.identifier, Gift(Role.ORGANIZER, place, valid_to=end), actor=boss, now=NOON, today=TODAY)
    assert [row.unit_path for row in boss.grants] == [row.unit_path for row in actor_of(deputy).grants]
    services.give("guest@example.org", Gift(Role.MENTOR, place, valid_to=end), actor=boss, now=NOON, today=TODAY)
    assert [row.valid_to for row in actor_of(guest).grants] == [end]


def test_a_role_without_an_end_is_taken_by_whoever_runs_the_unit_for_a_time(app: Flask) -> None:
    _city, north, _south, school = tree()
    deputy, teacher = make_account("代管"), make_account("教师")
    make_grant(deputy, Role.ORGANIZER, unit_id=north.id, valid_to=TODAY + timedelta(days=30))
    row = make_grant(teacher, Role.MENTOR, unit_id=school.id)
    services.take(row.id, actor=actor_of(deputy), now=NOON, today=TODAY)
    assert not actor_of(teacher).has(Role.MENTOR)


def test_nothing_is_added_to_a_unit_that_is_closed(app: Flask) -> None:
    *_, school = tree()
    school.valid_to = TODAY
    db.session.commit()
    make_account("教师", identifier="guest@example.org")
    with pytest.raises(RuleBroken, match="unit.closed"):
        opened(school, SYSTEM)
    gift = Gift(Role.MENTOR, queries.subject_of(school))
    with pytest.raises(RuleBroken, match="unit.closed"):
        services.give("guest@example.org", gift, actor=SYSTEM, now=NOON, today=TODAY)


def test_an_account_with_a_role_beyond_reach_is_not_for_its_school_to_close(app: Flask) -> None:
    _city, north, _south, school = tree()
    boss = actor_of(make_organizer(school))
    judge = make_account(person=make_person("评委", unit_id=school.id))
    make_grant(judge, Role.JUDGE, round_id=make_round().id)
    for service, values in (
        (services.close_account, {"today": TODAY}),
        (services.change_account, {"today": TODAY, "name": "别人", "unit_id": school.id}),
    ):
        with pytest.raises(Forbidden, match="account.above"):
            service(judge.id, actor=boss, now=NOON, **values)
    stranger = make_account(person=make_person("别处", unit_id=north.id))
    with pytest.raises(NotFound):
        services.close_account(stranger.id, actor=boss, now=NOON, today=TODAY)


def test_what_is_over_or_allows_nothing_shields_no_account_from_its_unit(app: Flask) -> None:
    _city, north, south, school = tree()
    boss = actor_of(make_organizer(north))
    teacher = make_account(person=make_person("教师", unit_id=school.id))
    make_grant(teacher, Role.MENTOR, unit_id=school.id)
    make_grant(teacher, Role.GUARDIAN, unit_id=south.id)
    make_grant(teacher, Role.ORGANIZER, unit_id=south.id, valid_to=TODAY)
    make_grant(teacher, Role.ADMINISTRATOR, valid_to=TODAY)
    assert services.may_keep(teacher, boss, TODAY)
    services.close_account(teacher.id, actor=boss, now=NOON, today=TODAY)
    services.reopen_account(teacher.id, actor=boss, now=NOON, today=TODAY)
    make_grant(teacher, Role.MENTOR, unit_id=south.id, valid_from=TODAY + timedelta(days=1))
    with pytest.raises(Forbidden, match="account.above"):
        services.close_account(teacher.id, actor=boss, now=NOON, today=TODAY)


def test_closing_an_account_ends_its_sessions_and_reopening_keeps_its_roles(app: Flask) -> None:
    _city, north, _south, school = tree()
    boss = actor_of(make_organizer(north))
    teacher = make_account(person=make_person("教师", unit_id=school.id))
    make_grant(teacher, Role.MENTOR, unit_id=school.id)
    sign_in(teacher.id)
    services.close_account(teacher.id, actor=boss, now=NOON, today=TODAY)
    assert db.session.scalar(select(SignIn.id).where(SignIn.account_id == teacher.id)) is None
    services.reopen_account(teacher.id, actor=boss, now=NOON, today=TODAY)
    assert actor_of(teacher).has(Role.MENTOR)
    assert verbs(f"account:{teacher.id}") == ["account.closed", "account.reopened"]


def test_nobody_closes_the_own_account(app: Flask) -> None:
    admin = make_administrator()
    make_administrator()
    with pytest.raises(RuleBroken, match="account.own"):
        services.close_account(admin.id, actor=actor_of(admin), now=NOON, today=TODAY)


def test_the_last_administrator_stays(app: Flask) -> None:
    first = make_administrator()
    for_a_month = make_account("代管")
    make_grant(for_a_month, Role.ADMINISTRATOR, valid_to=TODAY + timedelta(days=30))
    invited = make_account("新人", password_hash="")
    make_grant(invited, Role.ADMINISTRATOR)
    grant = db.session.scalar(select(Grant).where(Grant.account_id == first.id))
    with pytest.raises(RuleBroken, match="account.last_administrator"):
        services.take(grant.id, actor=SYSTEM, now=NOON, today=TODAY)
    with pytest.raises(RuleBroken, match="account.last_administrator"):
        services.close_account(first.id, actor=SYSTEM, now=NOON, today=TODAY)
    make_administrator()
    services.take(grant.id, actor=SYSTEM, now=NOON, today=TODAY)
    assert not actor_of(first).has(Role.ADMINISTRATOR)


@pytest.mark.race
def test_two_administrators_who_take_each_others_role_leave_one(app: Flask) -> None:
    pair = [make_administrator(), make_administrator()]
    grants = [db.session.scalar(select(Grant.id).where(Grant.account_id == one.id)) for one in pair]
    barrier, refused = threading.Barrier(2), []

    def take(grant_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                services.take(grant_id, actor=SYSTEM, now=NOON, today=TODAY)
            except RuleBroken as broken:
                refused.append(broken.code)
            finally:
                db.session.remove()

    both = [threading.Thread(target=take, args=(id,)) for id in grants]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert refused == ["account.last_administrator"]


def test_moving_somebody_needs_both_units_and_leaves_the_roles(app: Flask) -> None:
    _city, north, south, school = tree()
    boss = actor_of(make_organizer(north))
    teacher = make_account(person=make_person("教师", unit_id=school.id))
    make_grant(teacher, Role.MENTOR, unit_id=school.id)
    services.change_account(teacher.id, name="教师二", unit_id=north.id, actor=boss, now=NOON, today=TODAY)
    found = queries.account(boss, teacher.id)
    assert (found.person.name, found.person.unit_id) == ("教师二", north.id)
    with pytest.raises(Forbidden):
        services.change_account(teacher.id, name="教师二", unit_id=south.id, actor=boss, now=NOON, today=TODAY)
    assert actor_of(teacher).has(Role.MENTOR)


def test_setting_up_happens_once(app: Flask) -> None:
    row = services.set_up("某市科学技术协会", "张华", "Zhang@example.org", accounts.hash_password(GOOD), now=NOON)
    assert actor_of(row).has(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken, match="setup.done"):
        services.set_up("另一个", "张华", "other@example.org", "!", now=NOON)


def test_somebody_who_has_registered_before_is_the_same_person(app: Flask) -> None:
    *_, school = tree()
    known = accounts.find_or_add_person("李老师", email="li@example.org", now=NOON)
    assert opened(school, SYSTEM).person_id == known


def test_of_a_role_beyond_reach_no_more_is_known_than_that_there_is_one(app: Flask) -> None:
    _city, north, south, school = tree()
    boss = actor_of(make_organizer(north))
    teacher = make_account(person=make_person("教师", unit_id=school.id))
    make_grant(teacher, Role.ORGANIZER, unit_id=south.id, valid_from=date(2026, 1, 1))
    (held,) = queries.held_by(teacher, boss, TODAY)
    assert (held.subject, held.may_take, held.known) == (None, False, False)
    (seen,) = queries.held_by(teacher, SYSTEM, TODAY)
    assert (seen.subject.name, seen.known) == ("南区科协", True)
    make_grant(teacher, Role.JUDGE, round_id=make_round().id)
    make_grant(teacher, Role.MENTOR, unit_id=school.id)
    assert queries.roles_of([teacher.id], boss, TODAY) == {teacher.id: [Role.MENTOR, None]}
    assert queries.roles_of([teacher.id], SYSTEM, TODAY) == {teacher.id: [Role.ORGANIZER, Role.JUDGE, Role.MENTOR]}
