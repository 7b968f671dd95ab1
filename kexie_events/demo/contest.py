"""The contest of the demo city: more than 300 entries from 30 districts, sixty judges, mid-way through 初评."""

import io
import random
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ..accounts import services as accounts
from ..accounts.queries import actor_for
from ..contests import services as contests
from ..core.access import SYSTEM, Actor, Role
from ..core.dates import at
from ..core.db import transaction
from ..entries import services as entries
from ..entries.services import Application
from ..events import services as events
from ..events.kinds import Kind
from ..events.models import Edition
from ..events.numbering import Numbered, Style
from ..events.plans import OccurrencePlan
from ..events.rules import Purpose
from ..events.shifting import Shift, Shifting
from ..judging import services as judging
from ..judging.queries import own_seats
from ..units.models import Unit
from . import ground, words
from .pack import NEXT_PACK, PACK
from .people import City

DISTRICTS = 30
PER_DISTRICT = 10
SEED = 41  # of the scores: two runs give the same ones


def build(city: City, now: datetime, zone: ZoneInfo) -> None:
    edition = _edition(city, now, zone)
    filed_at = at(now.astimezone(zone).date() - timedelta(days=30), time(15, 0), zone)
    _entries(city, edition, filed_at)
    _judging(city, edition, now, zone)
    _next_year(city, edition, now, zone)


def _edition(city: City, now: datetime, zone: ZoneInfo) -> Edition:
    """Last year's edition and the current one, with a timeline around today."""
    today = now.astimezone(zone).date()
    final = today + timedelta(days=45)
    number = 41 + final.year - 2026
    plan = ground.plan(
        city,
        name="重庆市青少年科技创新大赛",
        slug="innovation-contest",
        kind=Kind.CONTEST_PROJECT,
        first_on=final - timedelta(days=364),
        starts=time(8, 30),
        duration=timedelta(hours=8, minutes=30),
        style=Style.ORDINAL,
        first_number=number - 1,
        year=final.year - 1,
        place="重庆科技馆",
        opens_before=None,
        summary="面向全市中小学生和科技辅导员的年度竞赛：提交一件自己选题、自己研究、自己制作的作品，由同行专家盲评，"
        "优秀作品推荐参加全国赛。",
    )
    series = events.schedule(plan, actor=city.organizer, now=now, zone=zone)
    events.publish(ground.editions(series)[0].id, actor=city.organizer, now=now)
    edition = events.add_edition(
        series.id, Numbered(number, Style.ORDINAL, final.year), actor=city.organizer, now=now, zone=zone
    )
    for title, days, starts, hours in (("终评问辩", 0, time(8, 30), 8), ("颁奖", 14, time(14, 0), 2)):
        starts_at = at(final + timedelta(days=days), starts, zone)
        planned = OccurrencePlan(starts_at, starts_at + timedelta(hours=hours), place="重庆科技馆", title=title)
        events.add_occurrence(edition.id, planned, actor=city.organizer, now=now, zone=zone)
    for code, name, first, last, deadline in _timeline(today):
        events.add_milestone(
            edition.id, code=code, name=name, starts_at=at(*first, zone), ends_at=at(*last, zone) if last else None,
            is_deadline=deadline, actor=city.organizer, now=now, zone=zone,
        )  # fmt: skip
    contests.save_pack(edition.id, PACK, actor=city.organizer, now=now)
    events.publish(edition.id, actor=city.organizer, now=now)
    return edition


def _next_year(city: City, edition: Edition, now: datetime, zone: ZoneInfo) -> None:
    """Next year's edition, begun as a copy: a draft whose rules have changed here and there."""
    anchor = now.astimezone(zone).date() + timedelta(days=45)
    copy = events.Copy(
        Numbered(edition.number + 1, Style.ORDINAL, edition.year + 1),
        Shifting(Shift.SAME_WEEK, anchor, years=1),
        frozenset({"milestones", "occurrences", "rules"}),
    )
    draft = events.clone_edition(edition.id, copy, key="0" * 16, actor=city.organizer, now=now, zone=zone)
    contests.save_pack(draft.id, NEXT_PACK, actor=city.organizer, now=now)


def _timeline(today: date) -> list[tuple[str, str, tuple[date, time], tuple[date, time] | None, bool]]:
    def day(days: int, clock: time) -> tuple[date, time]:
        return today + timedelta(days=days), clock

    return [
        (Purpose.ENTRIES_OPEN.value, "申报开放", day(-60, time(9, 0)), None, False),
        (Purpose.ENTRIES_CLOSE.value, "申报截止", day(-20, time(12, 0)), None, True),
        ("preliminary", "初评", day(-7, time(9, 0)), day(12, time(17, 0)), False),
        ("finalists", "入围公示", day(20, time(9, 0)), day(27, time(17, 0)), False),
    ]


def _entries(city: City, edition: Edition, filed_at: datetime) -> None:
    """Ten works from each of thirty districts, filed by the district's coach; four more by coach@demo, one a draft."""
    hashed = city.password_hash
    districts = list(city.districts.items())[:DISTRICTS]
    for n, (_name, district) in enumerate(districts):
        schools = [school for school in city.schools if school.parent_id == district.id]
        coach = accounts.add_account(
            f"coach{n}@demo", hashed, words.person(n * 13 + 2), unit_id=district.id, actor=SYSTEM, now=filed_at
        )
        accounts.grant(coach.id, Role.MENTOR, unit_id=district.id, actor=SYSTEM, now=filed_at)
        actor = actor_for(coach, filed_at.date())
        with transaction():  # one commit for a district: a first start waits for this
            for k in range(PER_DISTRICT):
                _file(edition, n * PER_DISTRICT + k, schools[k % len(schools)], actor, filed_at)
    own = next(school for school in city.schools if school.path.startswith(city.coach.grants[0].unit_path or "-"))
    for k in range(4):
        _file(edition, DISTRICTS * PER_DISTRICT + k, own, city.coach, filed_at, submit=k < 3)


def _file(edition: Edition, n: int, school: Unit, actor: Actor, filed_at: datetime, *, submit: bool = True) -> None:
    group = PACK["groups"][n % 3]["code"]
    members = tuple(words.person(n * 5 + k) for k in range(1 + n % 3))
    application = Application(
        title=words.work(n),
        abstract=words.abstract(n),
        category=PACK["categories"][n % len(PACK["categories"])]["code"],
        group=group,
        discipline=PACK["disciplines"][n % len(PACK["disciplines"])]["code"],
        unit_id=school.id,
        members=members,
    )
    entry = entries.start(edition.id, application, actor=actor, now=filed_at)
    if submit:
        report = io.BytesIO(small_pdf(f"Report {n + 1}"))
        entries.add_file(entry.id, "研究报告.pdf", report, actor=actor, now=filed_at)
        entries.submit(entry.id, actor=actor, now=filed_at)


def small_pdf(text: str) -> bytes:
    """A whole PDF of one page with one line of ASCII text."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    body, offsets = b"%PDF-1.4\n", []
    for n, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + tail


def _judging(city: City, edition: Edition, now: datetime, zone: ZoneInfo) -> None:
    """The preliminary round, a week old: sixty judges, about half of the sheets handed in."""
    today = now.astimezone(zone).date()
    opens_at = at(today - timedelta(days=7), time(9, 0), zone)
    round_ = judging.set_up_round(
        edition.id,
        name="初评",
        opens_at=opens_at,
        closes_at=at(today + timedelta(days=12), time(17, 0), zone),
        judges_per_entry=PACK["judges_per_entry"],
        seed=SEED,
        actor=city.organizer,
        now=opens_at - timedelta(days=2),
    )
    codes = [row["code"] for row in PACK["disciplines"]]
    for n, account in enumerate(city.judge_accounts):
        judging.add_judge(
            round_.id,
            account.identifier,
            most_load=18,
            disciplines=[codes[n % len(codes)], codes[(n + 2) % len(codes)], codes[(n + 3) % len(codes)]],
            actor=city.organizer,
            now=opens_at - timedelta(days=2),
        )
    judging.assign(round_.id, actor=city.organizer, now=opens_at - timedelta(days=1))
    judging.open_round(round_.id, actor=city.organizer, now=opens_at)
    dice = random.Random(SEED)  # noqa: S311 -- believable scores, not secrets
    for n, account in enumerate(city.judge_accounts):
        actor = actor_for(account, today)
        severity = dice.gauss(0, 0.05)
        seats = own_seats(round_.id, account.id)
        done = len(seats) // 2 if n == 0 else round(len(seats) * dice.uniform(0.15, 0.6))
        with transaction():
            for seat in seats[:done]:
                judging.submit(
                    seat.id,
                    judging.Change(
                        points=_points(seat.entry_id, severity, dice),
                        note="思路清楚，对照实验再多几组会更有说服力。" if dice.random() < 0.3 else "",
                        base_revision=0,
                        operation=UUID(int=dice.getrandbits(128), version=4),
                    ),
                    actor=actor,
                    now=opens_at + timedelta(minutes=dice.randrange(1, 6 * 24 * 60)),
                )


def _points(entry_id: int, severity: float, dice: random.Random) -> dict[str, str]:
    """Scores of one sheet: the entry's worth, the judge's severity and some noise, in half points."""
    worth = 0.55 + (entry_id * 37 % 97) / 97 * 0.35
    points = {}
    for row in PACK["rubric"]["criteria"]:
        most = int(row["most"])
        share = min(1.0, max(0.1, worth + severity + dice.gauss(0, 0.06)))
        points[row["code"]] = f"{round(share * most * 2) / 2:g}"
    return points
