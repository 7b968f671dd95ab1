"""The year of the demo city: forums, the annual meeting, 科普日, lectures, a training, an award with its notice."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from ..core.access import ANYBODY
from ..core.dates import at
from ..core.db import db
from ..core.errors import RuleBroken
from ..events import services as events
from ..events.hosting import queries as hosts
from ..events.hosting import services as hosting
from ..events.hosting.rules import Exchange
from ..events.kinds import Kind
from ..events.models import Occurrence, Room, Series
from ..events.numbering import Numbered, Style
from ..events.patterns import queries as patterns
from ..events.patterns.recurrence import expand
from ..events.patterns.services import change_rule, skip_slot
from ..events.plans import OccurrencePlan, Sitting
from ..events.rules import Publication
from ..messages.models import Message
from ..messages.rules import MessageState
from ..registrations import letters
from ..registrations import services as registrations
from ..results import services as results
from . import sites, words
from .ground import add_rooms, editions, occurrences, plan
from .people import City

LECTURES = (
    "嫦娥为什么要去月球背面",
    "长江里的江豚",
    "人工智能会不会做梦",
    "山火是怎样烧起来的",
    "显微镜下的火锅",
    "桥都的桥",
)


def build(city: City, now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    rooms = add_rooms(city, now)
    _forums(city, rooms, today, now=now, zone=zone)
    _moon_evenings(city, today, now=now, zone=zone)
    _annual_meetings(city, rooms, today, now=now, zone=zone)
    _science_days(city, today, now=now, zone=zone)
    _lectures(city, rooms, today, now=now, zone=zone)
    _training(city, rooms, today, now=now, zone=zone)
    _award(city, today, now=now, zone=zone)


def _forums(city: City, rooms: dict[str, Room], today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """Three years of six issues: every second month, third Friday. The next one is moved, the one after cancelled."""
    series = events.schedule(
        plan(
            city,
            name="“科创中国”@重庆双月论坛",
            slug="bimonthly-forum",
            kind=Kind.FORUM_SERIES,
            rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=18",
            first_on=date(today.year - 1, 1, 1),
            style=Style.ISSUE,
            year=today.year - 1,
            room_id=rooms["重庆科学会堂报告厅"].id,
            capacity=200,
            summary="市级学会、区县科协和企事业科协轮流承办，一期一个产业主题：院士报告、成果路演、供需对接。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    _hosts_in_turn(city, series, today, zone=zone)
    coming: list[Occurrence] = []
    for edition in editions(series):
        occurrence = occurrences(edition.id)[0]
        if occurrence.starts_at > now + timedelta(days=200):
            break
        events.approve(edition.id, f"渝科协审〔{edition.year}〕{edition.number}号", actor=city.organizer, now=now)
        events.publish(edition.id, actor=city.organizer, now=now)
        if occurrence.starts_at > now + timedelta(days=10):
            coming.append(occurrence)
    for each in [each for each in editions(series) if each.approved_at is None][:1]:
        hosting.request_approval(
            each.id, theme="山地城市的智能交通",
            guests="院士 1 人，高校和企业专家 6 人，对接企业 40 家；没有境外嘉宾。",
            actor=city.organizer, now=now,
        )  # fmt: skip
    moved, cancelled = coming[0], coming[1]
    events.move(
        moved.id,
        Sitting(
            moved.starts_at + timedelta(days=7),
            moved.ends_at + timedelta(days=7),
            room_id=moved.room_id,
            place=moved.place,
        ),
        reason="主讲专家行程调整，顺延一周",
        expected_revision=moved.revision,
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    events.cancel(
        cancelled.id, reason="与全市科技活动安排冲突，本期取消，主题并入下一期", expected_revision=cancelled.revision,
        actor=city.organizer, now=now,
    )  # fmt: skip
    _later_forums(city, series, now=now, zone=zone)


def _later_forums(city: City, series: Series, *, now: datetime, zone: ZoneInfo) -> None:
    """From the first issue on that nobody knows of yet the forum begins at three; the last but one is skipped."""
    drafts = [
        row
        for edition in editions(series)
        for row in occurrences(edition.id)
        if row.publication is Publication.DRAFT and row.starts_at > now
    ]
    if len(drafts) < 3:
        return
    since = drafts[0].planned_at
    found = patterns.going_on(series.id, since=since, now=now, zone=zone)
    assert found is not None
    terms = replace(found[0], starts=time(15, 0))
    seen = patterns.revised(series.id, terms, since=since, now=now, zone=zone)
    change_rule(
        series.id, terms, since=since, reason="", expected_revision=series.revision, seen=seen.digest,
        actor=city.organizer, now=now, zone=zone,
    )  # fmt: skip
    skip_slot(
        drafts[-2].id, reason="与中国科协年会同一周，本期不办", expected_revision=drafts[-2].revision,
        actor=city.organizer, now=now,
    )  # fmt: skip


def _moon_evenings(city: City, today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """A date of the Chinese calendar: 农历八月十五, three years of it, the first one public."""
    rule, first_on = "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=3", today + timedelta(days=20)
    first = expand(rule, first_on=first_on, starts=time(19, 0), duration=timedelta(hours=2), zone=zone)[0]
    series = events.schedule(
        plan(
            city,
            name="中秋天文科普夜",
            slug="moon-evening",
            kind=Kind.CAMPAIGN,
            rule=rule,
            first_on=first_on,
            starts=time(19, 0),
            duration=timedelta(hours=2, minutes=30),
            style=Style.ISSUE,
            year=first.starts_at.astimezone(zone).year,
            place="重庆科技馆广场",
            capacity=150,
            summary="月亮怎么圆的，环形山叫什么名字：望远镜一人一台，老师讲，孩子看。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    events.publish(editions(series)[0].id, actor=city.organizer, now=now)


def _hosts_in_turn(city: City, series: Series, today: date, *, zone: ZoneInfo) -> None:
    """Six units in turn since the forum began, one with a month off, two that exchanged; one asks for its approval."""
    when: dict[str, Any] = {"now": at(date(today.year - 1, 1, 1), time(9, 0), zone), "zone": zone}
    by: dict[str, Any] = {"actor": city.organizer, **when}
    for unit in (
        city.districts["渝中区"], city.societies[0], city.districts["万州区"], city.societies[1],
        city.districts["九龙坡区"], city.societies[2],
    ):  # fmt: skip
        hosting.join_rotation(series.id, unit.id, **by)
    circle = hosts.circle(series.id)
    hosting.set_blackout(
        series.id, city.districts["万州区"].id, [5], revision=circle.revision, actor=city.organizer, now=when["now"]
    )
    hosting.give_out_turns(series.id, hosts.turns_due(series.id, hosts.issues(series.id), **when), **by)
    first, second = hosts.issues(series.id)[12:14]
    exchange = Exchange(first.id, second.id, first.unit_id, second.unit_id)
    hosting.swap_hosts(exchange, reason="承办单位的年会在同一周", **by)


def _annual_meetings(city: City, rooms: dict[str, Room], today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """Last year's meeting and the coming one in 万州区, with its sub-forums."""
    coming = today + timedelta(days=38)
    last = coming - timedelta(days=364)
    series = events.schedule(
        plan(
            city,
            name="重庆市科协年会",
            slug="annual-meeting",
            kind=Kind.CONFERENCE,
            first_on=last,
            starts=time(9, 0),
            style=Style.YEAR,
            first_number=last.year,
            year=last.year,
            place="南岸区，国际会展中心",
            capacity=800,
            summary="全市科技工作者一年一次的聚会：主论坛、分会场、青年论坛和科普活动，由市科协和区县政府联合主办。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    number = max(coming.year, last.year + 1)
    edition = events.add_edition(
        series.id,
        Numbered(number, Style.YEAR, number),
        title="新质生产力与山水之城",
        unit_id=city.districts["万州区"].id,
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    halls = ("主会场", "第一分会场", "第二分会场")
    themes = ("主论坛", "数字经济分会场", "生态长江分会场", "青年科学家分会场", "基层科普分会场")
    for n, theme in enumerate(themes):
        starts_at = at(coming, time(9 if n < 3 else 14, 0), zone) + timedelta(minutes=0 if n == 0 else 30)
        forum = OccurrencePlan(
            starts_at,
            starts_at + timedelta(hours=2, minutes=30),
            room_id=rooms[f"万州区会展中心{halls[n % 3]}"].id,
            title=theme,
            capacity=(600, 120, 120)[n % 3],
            opens_at=now - timedelta(days=10),
            closes_at=at(coming - timedelta(days=5), time(17, 0), zone),
        )
        events.add_occurrence(edition.id, forum, actor=city.organizer, now=now, zone=zone)
    for each in editions(series):
        events.approve(each.id, f"渝科协审〔{each.year}〕年会", actor=city.organizer, now=now)
        events.publish(each.id, actor=city.organizer, now=now)


def _science_days(city: City, today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """全国科普日: the last one, and the next, with the activities that units declare for them."""
    this = _third_saturday(today.year)
    coming = this if this > today + timedelta(days=7) else _third_saturday(today.year + 1)
    last = _third_saturday(coming.year - 1)
    series = events.schedule(
        plan(
            city,
            name="全国科普日重庆活动",
            slug="science-day",
            kind=Kind.CAMPAIGN,
            first_on=last,
            starts=time(),
            duration=timedelta(days=2),
            all_day=True,
            style=Style.YEAR,
            first_number=last.year,
            year=last.year,
            place="重庆科技馆广场",
            summary="九月第三个周末，全市各区县的科技场馆、学校和社区同时开放。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    edition = events.add_edition(
        series.id, Numbered(coming.year, Style.YEAR, coming.year), actor=city.organizer, now=now, zone=zone
    )
    both = editions(series)
    for each in both:
        events.publish(each.id, actor=city.organizer, now=now)
    sites.build(city, [both[0], edition], [last, coming], now=now, zone=zone)


def _third_saturday(year: int) -> date:
    """The Saturday of the third weekend of September. Source: docs/sources.md#science-day"""
    first = date(year, 9, 1)
    return first + timedelta(days=(5 - first.weekday()) % 7 + 14)


def _lectures(city: City, rooms: dict[str, Room], today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """Six open lectures in the coming weeks; the first is full, with a waiting list."""
    first = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    series = events.schedule(
        plan(
            city,
            name="院士专家科普校园行",
            slug="campus-lectures",
            kind=Kind.LECTURE_TOUR,
            rule="FREQ=WEEKLY;COUNT=6",
            first_on=first,
            starts=time(9, 30),
            duration=timedelta(hours=1, minutes=30),
            style=Style.YEAR,
            first_number=first.year,
            year=first.year,
            room_id=rooms["重庆科学会堂一会议室"].id,
            capacity=40,
            summary="请科学家到孩子们中间去：一场报告，半小时提问，免费参加。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    edition = editions(series)[0]
    lectures = occurrences(edition.id)
    for n, occurrence in enumerate(lectures):
        events.change_occurrence(
            occurrence.id,
            title=LECTURES[n % len(LECTURES)],
            summary="适合小学四年级以上，家长可以陪同。",
            expected_revision=occurrence.revision,
            actor=city.organizer,
            now=now,
        )
    events.publish(edition.id, actor=city.organizer, now=now)
    registrations.set_capacity(lectures[0].id, 30, actor=city.organizer, now=now)
    for n in range(36):
        registrations.register(
            lectures[0].id,
            name=words.person(n),
            phone=f"138{n:08d}",
            email=f"visitor{n}@demo",
            submit_key=f"demo-{n}",
            actor=city.participant if n == 33 else ANYBODY,
            arrived_at=now,
        )
    _told_before(lectures[1:3], city, now=now, zone=zone)


def _told_before(lectures: list[Occurrence], city: City, *, now: datetime, zone: ZoneInfo) -> None:
    """Two lectures whose guests have had their letters: the first begins later, from the second somebody withdraws.
    So the outbox shows what becomes of an entry in their calendars.
    """
    guests = [
        registrations.register(
            lecture.id, name=words.person(40 + n), phone=f"139{n:08d}", email=f"guest{n}@demo",
            submit_key=f"demo-guest-{n}-{lecture.id}", actor=ANYBODY, arrived_at=now,
        )
        for lecture in lectures
        for n in range(3)
    ]  # fmt: skip
    # The letters that went out before the city was here: nobody can hand them over now.
    out = update(Message).where(Message.about.in_([letters.about(lecture.id) for lecture in lectures]))
    db.session.execute(out.values(state=MessageState.SENT, attempts=1, sent_at=now))
    moved, later = lectures[0], timedelta(minutes=30)
    events.move(
        moved.id,
        Sitting(moved.starts_at + later, moved.ends_at + later, room_id=moved.room_id, place=moved.place),
        reason="科学家上午从外地赶来，推迟半小时", expected_revision=moved.revision, actor=city.organizer, now=now,
        zone=zone,
    )  # fmt: skip
    registrations.withdraw_by_organizer(guests[-1].id, reason="来电说明当天有事", actor=city.organizer, now=now)


def _training(city: City, rooms: dict[str, Room], today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """A training for coaches that opens next week, and a robot contest of the museum: still a draft."""
    starts = today + timedelta(days=50)
    series = events.schedule(
        plan(
            city,
            name="科技辅导员专业水平认证培训",
            slug="coach-training",
            kind=Kind.TRAINING,
            first_on=starts,
            starts=time(9, 0),
            duration=timedelta(days=2, hours=8),
            style=Style.ORDINAL,
            first_number=13,
            year=starts.year,
            room_id=rooms["重庆科技馆学术报告厅"].id,
            capacity=100,
            opens_before=timedelta(days=43),
            summary="初级、中级两个班，三天二十四学时，结业后可参加认证考试。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    events.publish(editions(series)[0].id, actor=city.organizer, now=now)
    events.schedule(
        plan(
            city,
            name="重庆市青少年机器人竞赛",
            slug="robot-contest",
            kind=Kind.CONTEST_MATCH,
            first_on=today + timedelta(days=80),
            starts=time(8, 30),
            duration=timedelta(days=1, hours=9),
            style=Style.ORDINAL,
            first_number=24,
            year=(today + timedelta(days=80)).year,
            room_id=rooms["重庆科技馆多功能厅"].id,
            capacity=300,
            summary="学校代表队参加，分小学、初中、高中三组。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )


def _award(city: City, today: date, *, now: datetime, zone: ZoneInfo) -> None:
    """An award whose winners hang out in a public notice right now."""
    held = today + timedelta(days=25)
    series = events.schedule(
        plan(
            city,
            name="重庆市青少年科技创新市长奖",
            slug="mayor-award",
            kind=Kind.AWARD,
            first_on=held,
            style=Style.ORDINAL_CHINESE,
            first_number=14,
            year=held.year,
            place="市政府新闻发布厅",
            opens_before=None,
            summary="奖励在科技创新上表现突出的中小学生，学校推荐、专家评审、社会公示后由市政府决定。",
        ),
        actor=city.organizer,
        now=now,
        zone=zone,
    )
    edition = editions(series)[0]
    events.publish(edition.id, actor=city.organizer, now=now)
    names = [words.person(n * 11 + 5) for n in range(10)]
    rows = [
        [f"{n:02d}", f"{name[0]}*{name[-1] if len(name) > 2 else ''}", city.schools[n * 7].name]
        for n, name in enumerate(names, start=1)
    ]
    for back in range(2, 40):  # near New Year the coming year may not be announced: the notice then began earlier
        published_on = today - timedelta(days=back)
        try:
            results.publish_notice(
                edition.id,
                f"{series.name}（{edition.number_words}）拟获奖人选公示",
                "经学校推荐、资格审查和专家评审，拟确定以下 10 名同学为本届市长奖获奖人选，现予公示。\n\n"
                "对公示内容有异议的，请在公示期内以书面形式实名提出，写明单位、联系电话和事实依据。",
                ["序号", "姓名", "学校"],
                rows,
                working_days=7,
                published_on=published_on,
                actor=city.organizer,
                now=at(published_on, time(9, 0), zone),
            )
        except RuleBroken as broken:
            if broken.code != "workdays.not_announced":
                raise
        else:
            return
