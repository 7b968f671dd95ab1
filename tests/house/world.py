"""One small world for the house tests: a northern district that owns everything, a southern one, every role."""

import io
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from kexie_events.accounts.models import Account
from kexie_events.agenda.rules import Answer
from kexie_events.audit import services as audit
from kexie_events.core.access import SYSTEM, Role
from kexie_events.core.db import db
from kexie_events.days import queries as days_queries
from kexie_events.days import services as days
from kexie_events.days.rules import Ruled, Ruling, Step
from kexie_events.entries.models import EntryFile, EntryMember
from kexie_events.entries.rules import EntryState
from kexie_events.events.hosting.models import ApprovalRequest, HostSwap, Rotation, RotationMember
from kexie_events.events.hosting.rules import RequestState, SwapState
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.rules import Publication, Purpose
from kexie_events.feeds.models import Subscription
from kexie_events.imports import services as imports
from kexie_events.imports.models import CalendarImport, CalendarSource
from kexie_events.imports.reading import read
from kexie_events.imports.rules import ImportState, SourceState
from kexie_events.imports.storing import read_values
from kexie_events.judging.models import Assignment, Judge, Round, Scoresheet
from kexie_events.judging.rules import SheetState
from kexie_events.registrations.codes import code_of
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.results.models import Notice
from kexie_events.sites.models import Site, SitePhoto, SiteStep
from kexie_events.sites.rules import Located, SiteState
from kexie_events.sites.rules import Step as SiteDone
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind
from kexie_events.worklist.models import (
    DepartmentAlias,
    WorkDuty,
    WorkItem,
    WorkLink,
    WorkList,
    WorkReport,
    WorkTarget,
)
from tests.agenda import build as agenda
from tests.build import (
    DAY,
    NOON,
    make_account,
    make_administrator,
    make_assignment,
    make_edition,
    make_entry,
    make_grant,
    make_judge,
    make_link,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_person,
    make_room,
    make_round,
    make_rule_pack,
    make_series,
    make_skip,
    make_unit,
)
from tests.imports import build as calendars

PDF = b"%PDF-1.7\nreport"


@dataclass(frozen=True)
class World:
    """Who there is, and the values that fill the routes."""

    accounts: dict[str, Account | None]  # role → account; "visitor" has none
    # Route variable → value; "blueprint:variable" where a blueprint needs a thing of its own, "endpoint:variable" where
    # one route does.
    values: dict[str, str]

    def value_for(self, endpoint: str, name: str, *, other: bool) -> str:
        for own in (f"{endpoint}:{'other_' if other else ''}{name}", f"{endpoint.split('.')[0]}:{name}"):
            if own in self.values:
                return self.values[own]
        return self.values[f"other_{name}" if other and f"other_{name}" in self.values else name]


def build(app: Flask) -> World:
    """Everything belongs to the north. Drafts stand beside public things where a route shows both."""
    city = make_unit(name="市科协")
    north, south = make_unit(parent=city, name="北区科协"), make_unit(parent=city, name="南区科协")
    school = make_unit(parent=north, kind=UnitKind.SCHOOL, name="北区中学")
    series = make_series(unit=north, kind=Kind.CONTEST_PROJECT)
    edition = make_edition(series=series)
    make_rule_pack(edition)
    opens = make_milestone(edition=edition, code=Purpose.ENTRIES_OPEN.value, starts_at=NOON - 60 * DAY)
    make_milestone(edition=edition, code=Purpose.ENTRIES_CLOSE.value, starts_at=NOON + 60 * DAY)
    draft_edition = make_edition(series=series, publication=Publication.DRAFT)
    draft = make_occurrence(edition=draft_edition, publication=Publication.DRAFT, room_id=make_room().id)
    public = make_occurrence(edition=edition)
    skipped = make_skip(series)
    milestone = make_milestone(edition=draft_edition, publication=Publication.DRAFT)
    coach, participant = make_account("教练"), make_account("参与者")
    make_grant(coach, Role.MENTOR, unit_id=school.id)
    entry = make_entry(edition=edition, unit=school, account_id=coach.id, state=EntryState.DRAFT, submitted_at=None)
    judged = make_entry(edition=edition, unit=school, account_id=coach.id)
    stored = _file(app, entry.id)
    _file(app, judged.id)
    rotation = Rotation(series_id=series.id, handover_days=30, changed_at=NOON)
    _add(rotation)
    _add(RotationMember(series_id=series.id, unit_id=school.id, position=0, blackout=[]))
    swap = _add(
        HostSwap(
            series_id=series.id, first_edition_id=edition.id, second_edition_id=draft_edition.id,
            first_unit_id=north.id, second_unit_id=school.id, state=SwapState.ASKED, asked_at=NOON,
        )
    )  # fmt: skip
    round_ = make_round(edition=edition)
    judge = make_judge(round_, account=make_account("评委"))
    assignment = make_assignment(judge, judged)
    registration = _registration(public, participant)
    by_link = _registration(public, make_account("路人"), line=3, account_id=None)
    waiting = _registration(public, make_account("候补"), line=2, state=RegistrationState.WAITING)
    notice = _notice(edition, "拟获奖名单公示")
    department = make_unit(parent=north, kind=UnitKind.DEPARTMENT, name="学会部")
    work_list = WorkList(unit_id=north.id, year=2026, changed_at=NOON)
    _add(work_list)
    alias = DepartmentAlias(unit_id=north.id, words="学会处", department_id=department.id)
    _add(alias)
    tied = _work_item(work_list, 1, "双月论坛", "重大活动", department, edition)
    item = _work_item(work_list, 2, "阵地建设", "重大活动", department, None)
    link = db.session.scalar(select(WorkLink).where(WorkLink.item_id == tied.id))
    campaign = make_edition(series=make_series(unit=north, kind=Kind.CAMPAIGN))
    site = _site(campaign, school, "走进实验室", 0)
    photo = _add(
        SitePhoto(
            site_id=site.id, sha256=app.extensions["kexie"].storage.keep(io.BytesIO(PDF), largest=1000).sha256,
            media_type="image/png", size=len(PDF), added_at=NOON,
        )
    )  # fmt: skip
    subscription = _add(
        Subscription(token_hash=uuid.uuid4().hex, account_id=participant.id, label="手机", created_at=NOON)
    )
    conference = _conference(north)
    source, imported = _calendar(draft_edition)
    days.enter([Step(NOON.date() + 9 * DAY, None, Ruled(Ruling.OFF, "校庆"))], actor=SYSTEM, now=NOON)
    teacher = make_account("教师", person=make_person("教师", unit_id=school.id))
    given = make_grant(teacher, Role.ORGANIZER, unit_id=school.id)
    make_grant(teacher, Role.ORGANIZER, series_id=series.id)
    referee = make_account("裁判", person=make_person("裁判", unit_id=school.id))
    make_grant(referee, Role.ORGANIZER, unit_id=south.id)
    db.session.commit()
    return World(
        accounts={
            "visitor": None,
            "participant": participant,
            "coach": coach,
            "judge": judge.account,
            "own": make_organizer(north),
            "foreign": make_organizer(south),
            "admin": make_administrator(),
        },
        values={
            "series_id": str(series.id), "slug": series.slug, "edition_id": str(edition.id),
            "other_edition_id": str(draft_edition.id), "occurrence_id": str(public.id),
            "other_occurrence_id": str(draft.id), "skip_id": str(skipped.id),
            "venue_id": str(make_room().venue_id), "milestone_id": str(milestone.id), "entry_id": str(entry.id),
            "file_id": str(stored), "round_id": str(round_.id), "assignment_id": str(assignment.id), "number": "1",
            "registration_id": str(waiting.id), "code": code_of(by_link.id), "other_code": code_of(registration.id),
            "list_id": str(work_list.id), "item_id": str(item.id), "alias_id": str(alias.id), "link_id": str(link.id),
            "notice_id": str(notice.id), "subscription_id": str(subscription.id),
            "campaign_id": str(campaign.id), "site_id": str(site.id), "photo_id": str(photo.id),
            "unit_id": str(school.id), "other_unit_id": str(north.id), "kind": "unit", "thing_id": str(school.id),
            "other_kind": "series", "other_thing_id": str(series.id), "account_id": str(teacher.id),
            "other_account_id": str(referee.id), "grant_id": str(given.id), "token": make_link(teacher),
            **conference,
            "of_year": "2026", "day_key": "gaokao", "record_id": str(days_queries.latest(1)[0].record.id),
            "swap_id": str(swap.id), "source_id": str(source.id), "import_id": str(imported.id),
            "uid": public.uid, "other_uid": draft.uid,
            "api.milestone:uid": opens.uid, "api.milestone:other_uid": milestone.uid,
        },
    )  # fmt: skip


def _calendar(edition: Edition) -> tuple[CalendarSource, CalendarImport]:
    """An address that is kept, and a calendar whose preview waits: with something new, and something not readable."""
    read = calendars.event("a"), calendars.event("b", DTSTART="soon"), calendars.event("c", RRULE="FREQ=WEEKLY;COUNT=2")
    run = imports.upload(
        edition.id, calendars.calendar(*read), key=uuid.uuid4(), actor=SYSTEM, now=NOON, zone=calendars.ZONE
    )  # fmt: skip
    return calendars.make_source(edition), run


def _conference(unit: Unit) -> dict[str, str]:
    """A conference with one of everything that its agenda holds."""
    edition = agenda.make_conference(unit=unit)
    forum = agenda.make_forum(edition, room_id=make_room().id)
    session = agenda.make_session(forum)
    talk, speaker = agenda.make_talk(session), agenda.make_speaker(edition)
    agenda.speaks(talk, speaker)
    agenda.make_session(forum, name="茶歇", starts_at=forum.starts_at + timedelta(hours=1))
    agenda.make_call(edition)
    proposal = agenda.make_proposal(edition, unit)
    guest = agenda.make_guest(edition, letter_number=1)
    agenda.make_release(edition)
    ids = {"edition_id": edition.id, "occurrence_id": forum.id, "session_id": session.id, "talk_id": talk.id}
    ids |= {"speaker_id": speaker.id, "proposal_id": proposal.id, "guest_id": guest.id}
    return {f"{blueprint}:{name}": str(id) for blueprint in ("agenda", "agenda_manage") for name, id in ids.items()}


def _add(row: object) -> object:
    db.session.add(row)
    db.session.flush()
    return row


def _notice(edition: Edition, title: str) -> Notice:
    return _add(
        Notice(
            edition_id=edition.id, unit_id=edition.unit_id, title=title, body="现予公示。",
            columns=["序号", "姓名"], rows=[["1", "李*明"]], starts_at=NOON - DAY, ends_at=NOON + 5 * DAY, days=5,
            publication=Publication.PUBLISHED, changed_at=NOON,
        )
    )  # fmt: skip


def _work_item(
    work_list: WorkList, number: int, name: str, section: str, department: Unit | None, edition: Edition | None
) -> WorkItem:
    """An item with its department, a target, and its edition or a report."""
    item = WorkItem(
        list_id=work_list.id, section=section, section_position=1, number=number, name=name, changed_at=NOON
    )
    _add(item)
    unit_id = department.id if department else None
    _add(WorkDuty(item_id=item.id, position=0, words="学会部", unit_id=unit_id))
    _add(WorkTarget(item_id=item.id, position=0, words="建成", value=10, unit="个", actual=4))
    if edition is not None:
        _add(WorkLink(item_id=item.id, series_id=edition.series_id, edition_id=edition.id))
    else:
        span = {"first_on": date(2026, 1, 1), "last_on": date(2026, 3, 31)}
        actuals = [{"id": 0, "words": "建成", "unit": "个", "actual": "4"}]
        report = {"n": 1, "words": "已建四个", "actuals": actuals, "finished": False, "reported_at": NOON}
        _add(WorkReport(item_id=item.id, **span, **report))
    return item


def _site(campaign: Edition, unit: Unit, name: str, day: int) -> Site:
    """An activity that was passed and is over, its report still owed."""
    starts_at = NOON - (3 + day) * DAY
    occurrence = make_occurrence(
        edition=campaign, unit_id=unit.id, title=name, starts_at=starts_at, opens_at=None, capacity=None
    )
    row = Site(
        key=uuid.uuid4().hex, edition_id=campaign.id, series_id=campaign.series_id, unit_id=unit.id, name=name,
        starts_at=starts_at, ends_at=occurrence.ends_at, starts_on=starts_at.date(), category="lecture", place="礼堂",
        latitude=29.5, longitude=106.5 + day / 50, located=Located.EXACT, state=SiteState.PASSED,
        occurrence_id=occurrence.id, revision=1, changed_at=NOON,
    )  # fmt: skip
    _add(row)
    _add(SiteStep(site_id=row.id, at=NOON, step=SiteDone.PASSED, unit_id=campaign.unit_id))
    return row


def _file(app: Flask, entry_id: int) -> int:
    """An entry with an author and a stored file: the file's id."""
    stored = app.extensions["kexie"].storage.keep(io.BytesIO(PDF), largest=1000)
    _add(EntryMember(entry_id=entry_id, person_id=make_person("学生甲").id, position=1))
    row = EntryFile(
        entry_id=entry_id, name="报告.pdf", media_type="application/pdf", size=stored.size, sha256=stored.sha256,
        added_at=NOON,
    )  # fmt: skip
    _add(row)
    return row.id


def _registration(
    occurrence: Occurrence,
    account: Account,
    *,
    line: int = 1,
    state: RegistrationState = RegistrationState.CONFIRMED,
    **values: object,
) -> Registration:
    defaults: dict[str, object] = {
        "occurrence_id": occurrence.id, "person_id": account.person_id, "account_id": account.id, "state": state,
        "line": line, "submit_key": uuid.uuid4().hex, "submit_digest": "", "told_revision": occurrence.revision,
        "created_at": NOON - timedelta(hours=1), "changed_at": NOON - timedelta(hours=1),
    }  # fmt: skip
    row = Registration(**{**defaults, **values})
    _add(row)
    occurrence.arrivals = line
    occurrence.taken += state is RegistrationState.CONFIRMED
    return row


def grow(world: World, count: int) -> None:
    """Thirty more, say, of everything that stands in a list of the owning district."""
    at = {name: int(value) for name, value in world.values.items() if value.isdigit()}
    series, edition = db.session.get(Series, at["series_id"]), db.session.get(Edition, at["edition_id"])
    public = db.session.get(Occurrence, at["occurrence_id"])
    round_ = db.session.get(Round, at["round_id"])
    north = db.session.get(Unit, series.unit_id)
    judge = db.session.scalar(select(Judge).where(Judge.round_id == round_.id))
    participant, coach = world.accounts["participant"], world.accounts["coach"]
    teacher = db.session.get(Account, at["account_id"])
    public.capacity = None
    conference = db.session.get(Edition, int(world.values["agenda:edition_id"]))
    forum = db.session.get(Occurrence, int(world.values["agenda:occurrence_id"]))
    forum.ends_at = forum.starts_at + 5 * DAY
    campaign, school = db.session.get(Edition, at["campaign_id"]), db.session.get(Unit, at["unit_id"])
    for n in range(count):
        _site(campaign, school, f"活动{n}", n + 1)
        other = make_edition(series=make_series(unit=north))
        make_occurrence(edition=other, starts_at=NOON + (n + 1) * DAY)
        _registration(make_occurrence(edition=make_edition(series=series)), participant)
        make_occurrence(edition=edition, starts_at=NOON + (n + 2) * DAY)
        make_skip(series, first_on=NOON.date() + (n + 100) * DAY)
        make_milestone(edition=edition, starts_at=NOON + n * DAY)
        _notice(edition, f"公示{n}")
        entry = make_entry(edition=edition, unit=make_unit(parent=north, kind=UnitKind.SCHOOL), account_id=coach.id)
        _sheet(make_assignment(judge, entry), n)
        make_judge(round_)
        make_round(edition=edition, position=n + 2)
        _registration(public, make_account("路人"), line=n + 10)
        make_room()
        _add(RotationMember(series_id=series.id, unit_id=make_unit(parent=north).id, position=n + 1, blackout=[7]))
        asked = {"theme": "主题", "guests": "无", "state": RequestState.ASKED, "asked_at": NOON}
        _add(ApprovalRequest(edition_id=make_edition(series=series).id, **asked))
        _add(
            HostSwap(
                series_id=series.id, first_edition_id=edition.id, second_edition_id=make_edition(series=series).id,
                first_unit_id=north.id, second_unit_id=at["unit_id"], state=SwapState.DONE, asked_at=NOON,
            )
        )  # fmt: skip
        _grow_conference(conference, forum, n)
        member = make_account(person=make_person(f"教师{n}", unit_id=at["unit_id"]))
        make_grant(member, Role.MENTOR, unit_id=at["unit_id"])
        make_grant(teacher, Role.ORGANIZER, series_id=other.series_id)
        day = NOON.date() + (n + 20) * DAY
        days.enter([Step(day, None, Ruled(Ruling.OFF, f"假{n}"))], actor=SYSTEM, now=NOON)
        audit.record(f"unit:{at['unit_id']}", "unit.changed", actor=SYSTEM, now=NOON, before={}, after={"name": str(n)})
        work_list = db.session.get(WorkList, at["list_id"])
        _work_item(work_list, n + 1, f"工作{n}", f"板块{n % 4}", None, other if n % 2 else None)
        _add(DepartmentAlias(unit_id=north.id, words=f"简称{n}", department_id=None))
        removed = _work_item(work_list, n + 1, f"旧工作{n}", "移出", None, None)
        removed.removed_at = NOON
        report = {"words": f"又建{n}个", "actuals": [], "finished": False, "reported_at": NOON}
        span = {"first_on": date(2026, 1, 1), "last_on": date(2026, 3, 31)}
        _add(WorkReport(item_id=at["item_id"], n=n + 2, **span, **report))
        _add(Subscription(token_hash=uuid.uuid4().hex, account_id=participant.id, label=f"设备{n}", created_at=NOON))
    _grow_calendars(db.session.get(Edition, at["edition_id"]), at["import_id"], count)
    db.session.commit()


def _grow_calendars(edition: Edition, import_id: int, count: int) -> None:
    run = db.session.get(CalendarImport, import_id)
    dates = [calendars.event(str(n), LOCATION=f"礼堂{n}") for n in range(count)]
    found = read(calendars.calendar(*dates), zone=calendars.ZONE, today=NOON.date())
    run.found = read_values(found)
    for n in range(count):
        source = calendars.make_source(edition, address=f"https://{n}.example.org/", state=SourceState.STOPPED)
        _add(CalendarImport(edition_id=edition.id, source_id=source.id, asked_at=NOON, state=ImportState.FAILED))


def _grow_conference(edition: Edition, forum: Occurrence, n: int) -> None:
    session = agenda.make_session(forum, starts_at=forum.starts_at + timedelta(hours=n + 2))
    agenda.speaks(agenda.make_talk(session), agenda.make_speaker(edition, f"报告人{n}"))
    other = agenda.make_forum(edition, room_id=make_room().id, starts_at=forum.starts_at)
    agenda.make_talk(agenda.make_session(other))
    agenda.make_proposal(edition, db.session.get(Unit, edition.unit_id))
    agenda.make_guest(edition, name=f"嘉宾{n}", answer=Answer.ACCEPTED)
    agenda.make_release(edition, number=n + 2)


def _sheet(assignment: Assignment, n: int) -> None:
    _add(
        Scoresheet(
            assignment_id=assignment.id, revision=1, state=SheetState.SUBMITTED, saved_at=NOON, digest="0" * 64,
            points={"inno": "20", "sci": "20", "prac": "10", "self": "5", "expr": str(n % 9)}, total=55 + n % 9,
        )
    )  # fmt: skip
