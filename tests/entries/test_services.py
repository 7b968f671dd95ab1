import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.accounts.models import Person
from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import Role
from kexie_events.core.db import db
from kexie_events.core.errors import NotFound, RuleBroken, TooLarge
from kexie_events.entries import queries, services
from kexie_events.entries.rules import EntryState, Part
from kexie_events.events.rules import Purpose
from kexie_events.units.rules import UnitKind
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_edition,
    make_grant,
    make_milestone,
    make_organizer,
    make_rule_pack,
    make_unit,
)

PDF = b"%PDF-1.7\nreport"


@pytest.fixture
def contest(app: Flask):
    """An edition that takes entries until tomorrow, a school, and the mentor who files for it."""
    city = make_unit()
    district = make_unit(parent=city)
    school = make_unit(parent=district, kind=UnitKind.SCHOOL)
    edition = make_edition()
    make_rule_pack(edition)
    make_milestone(edition=edition, code=Purpose.ENTRIES_OPEN.value, starts_at=NOON - DAY)
    make_milestone(edition=edition, code=Purpose.ENTRIES_CLOSE.value, starts_at=NOON + DAY)
    coach = make_account("教练")
    make_grant(coach, Role.MENTOR, unit_id=school.id)
    return edition, school, actor_of(coach)


def application(school, **changed) -> services.Application:
    values = {
        "title": "用声音判断水管的渗漏", "abstract": "两支麦克风。", "category": "innovation-b", "group": "junior",
        "discipline": "TD", "unit_id": school.id, "members": ("学生甲", "学生乙"),
    }  # fmt: skip
    return services.Application(**{**values, **changed})


def whole(contest):
    edition, school, coach = contest
    entry = services.start(edition.id, application(school), actor=coach, now=NOON)
    services.add_file(entry.id, "报告.pdf", io.BytesIO(PDF), actor=coach, now=NOON)
    return entry, coach


def test_numbers_are_gapless_within_an_edition(contest) -> None:
    edition, school, coach = contest
    titles = ("一", "二", "三")
    numbers = [
        services.start(edition.id, application(school, title=title), actor=coach, now=NOON).number for title in titles
    ]
    assert numbers == [1, 2, 3]


def test_a_whole_entry_is_submitted_and_leaves_its_hashes_in_the_audit(contest) -> None:
    entry, coach = whole(contest)
    services.submit(entry.id, actor=coach, now=NOON + HOUR)
    assert (entry.state, entry.submitted_at) == (EntryState.SUBMITTED, NOON + HOUR)
    record = db.session.scalar(select(AuditRecord).where(AuditRecord.verb == "entry.submitted"))
    assert record.details == {"files": [queries.files_of(entry.id)[0].sha256]}


def test_what_lacks_is_named_and_nothing_is_submitted(contest) -> None:
    edition, school, coach = contest
    entry = services.start(edition.id, application(school, abstract=" "), actor=coach, now=NOON)
    with pytest.raises(RuleBroken) as refused:
        services.submit(entry.id, actor=coach, now=NOON)
    assert refused.value.details == {"lacks": [Part.ABSTRACT, Part.FILES]}
    assert entry.state is EntryState.DRAFT


@pytest.mark.parametrize(("when", "accepted"), [(DAY - timedelta(microseconds=1), True), (DAY, False)])
def test_the_closing_second_decides(contest, when, accepted) -> None:
    entry, coach = whole(contest)
    if accepted:
        services.submit(entry.id, actor=coach, now=NOON + when)
    else:
        with pytest.raises(RuleBroken, match="entry.closed"):
            services.submit(entry.id, actor=coach, now=NOON + when)
    assert (entry.state is EntryState.SUBMITTED) is accepted


def test_a_submitted_entry_is_not_changed_until_it_is_taken_back(contest) -> None:
    entry, coach = whole(contest)
    services.submit(entry.id, actor=coach, now=NOON)
    changed = application(contest[1], title="新名字")
    with pytest.raises(RuleBroken, match="entry.submitted"):
        services.change(entry.id, changed, actor=coach, now=NOON)
    services.take_back(entry.id, actor=coach, now=NOON)
    services.change(entry.id, changed, actor=coach, now=NOON)
    assert (entry.title, entry.state) == ("新名字", EntryState.DRAFT)


def test_nobody_else_changes_an_entry(contest) -> None:
    entry, _ = whole(contest)
    stranger = actor_of(make_account())
    for attempt in (
        lambda: services.submit(entry.id, actor=stranger, now=NOON),
        lambda: services.take_back(entry.id, actor=stranger, now=NOON),
        lambda: services.add_file(entry.id, "x.pdf", io.BytesIO(PDF), actor=stranger, now=NOON),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert len(queries.files_of(entry.id)) == 1


def test_nobody_files_for_a_school_without_a_grant_there(contest) -> None:
    edition, _, coach = contest
    other = make_unit(kind=UnitKind.SCHOOL)
    with pytest.raises(RuleBroken, match="entry.school"):
        services.start(edition.id, application(other), actor=coach, now=NOON)


def test_the_district_sees_its_schools_entries_and_another_district_does_not(contest) -> None:
    entry, _ = whole(contest)
    school = contest[1]
    district = db.session.get(type(school), school.parent_id)
    own = actor_of(make_organizer(district))
    foreign = actor_of(make_organizer(make_unit()))
    assert queries.visible_entry(entry.id, own).id == entry.id
    with pytest.raises(NotFound):
        queries.visible_entry(entry.id, foreign)


@pytest.mark.parametrize(
    ("content", "code"), [(b"MZ\x90\x00", "entry.file_type"), (b"", "entry.empty_file"), (b"<html>", "entry.file_type")]
)
def test_a_refused_file_leaves_nothing(contest, content, code) -> None:
    edition, school, coach = contest
    entry = services.start(edition.id, application(school), actor=coach, now=NOON)
    with pytest.raises(RuleBroken) as refused:
        services.add_file(entry.id, "report.pdf", io.BytesIO(content), actor=coach, now=NOON)
    assert refused.value.code == code
    assert queries.files_of(entry.id) == []


def test_a_file_over_the_limit_is_refused_while_it_is_read(contest, app) -> None:
    edition, school, coach = contest
    entry = services.start(edition.id, application(school), actor=coach, now=NOON)
    with pytest.raises(TooLarge) as refused:
        services.add_file(entry.id, "big.pdf", io.BytesIO(PDF + b"0" * (20 << 20)), actor=coach, now=NOON)
    assert refused.value.details == {"largest_megabytes": 20}
    drafts = [path for path in app.extensions["kexie"].storage.folder.glob("tmp*")]
    assert drafts == []


def test_an_author_who_leaves_is_forgotten_and_one_who_stays_keeps_the_row(contest) -> None:
    edition, school, coach = contest
    entry = services.start(edition.id, application(school), actor=coach, now=NOON)
    before = queries.members_of(entry.id)[1].id
    services.change(entry.id, application(school, members=("学生乙", "学生丙")), actor=coach, now=NOON)
    assert [person.name for person in queries.members_of(entry.id)] == ["学生乙", "学生丙"]
    assert queries.members_of(entry.id)[0].id == before
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.name == "学生甲")) == 0
