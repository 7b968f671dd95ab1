"""全国科普日 of the demo city: hundreds of activities of units; those of last year with their
reports, the coming ones in every state of the check."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..accounts.models import Account
from ..accounts.queries import actor_for
from ..core.access import Actor
from ..core.dates import at
from ..core.db import db
from ..events.models import Edition
from ..sites import services
from ..sites.bulk import Line
from ..sites.models import Site
from ..sites.rules import MOST_AT_ONCE, Declaration, Report, SiteState
from ..units.models import Region, Unit
from .people import City

# Name, category, place, whom it is for.
KINDS = (
    ("科技馆里的一天", "exhibition", "文化馆一楼展厅", "全体市民"),
    ("院士讲：我们的星空", "lecture", "图书馆报告厅", "中小学生和家长"),
    ("实验室开放日", "open-day", "理化实验楼", "初中以上学生"),
    ("社区科普集市", "volunteer", "中心广场", "社区居民"),
    ("机器人擂台体验", "contest", "体育馆", "小学生"),
    ("云上植物园直播", "online", "线上", "全体市民"),
    ("防灾减灾大演练", "volunteer", "滨江公园", "社区居民"),
    ("食品安全小讲堂", "lecture", "社区活动中心", "老年人"),
)
OUTCOMES = ("来的人比去年多，讲解员不够，明年要早一点招志愿者。", "两个互动展品一直排队，孩子们最喜欢。", "")


def build(city: City, editions: list[Edition], days: list[date], *, now: datetime, zone: ZoneInfo) -> None:
    """``editions`` of last year and this one, with the first of the two days of each."""
    last, coming = editions
    units = _units(city)
    before = at(days[0] - timedelta(days=30), time(10), zone)
    _declare(last, units, days[0], actor=city.organizer, now=before, zone=zone)
    _decide_all(last, city.organizer, before + timedelta(days=5))
    _report_some(last, city.organizer, at(days[0] + timedelta(days=10), time(10), zone))
    _declare(coming, units, days[1], actor=city.organizer, now=now - timedelta(days=3), zone=zone)
    _check_some(coming, city, now)


def _units(city: City) -> list[Unit]:
    """Every district, every school, the societies and the museum."""
    return [*city.districts.values(), *city.schools, *city.societies, city.museum]


def _declare(edition: Edition, units: list[Unit], day: date, *, actor: Actor, now: datetime, zone: ZoneInfo) -> None:
    points = {
        id: (latitude, longitude)
        for id, latitude, longitude in db.session.execute(select(Region.id, Region.latitude, Region.longitude))
    }
    lines = []
    # Two of each unit, of different kinds: 5 and 3 have no factor in common with their number.
    for n, unit in enumerate([*units, *units]):
        name, category, place, audience = KINDS[(n % len(units) * 5 + n // len(units) * 3) % len(KINDS)]
        starts_at = at(day + timedelta(days=n % 2), time(9 + n % 7, 30 * (n % 2)), zone)
        latitude, longitude = _near(points.get(unit.region_id or 0), n)
        declared = Declaration(
            name=f"{name}（{unit.name.removeprefix('重庆市').removesuffix('科学技术协会')}）", starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2 + n % 3), all_day=False, category=category, place=place,
            audience=audience, latitude=latitude, longitude=longitude, region_id=unit.region_id,
            summary="不用报名，直接来。" if n % 3 else "", contact_name="活动咨询", contact_phone=f"023-63{n:06}",
            contact_public=n % 2 == 0,
        )  # fmt: skip
        lines.append(Line(n + 2, declared.name, "", unit.id, starts_at.date(), declared))
    services.import_sheet(edition.id, lines, actor=actor, now=now, zone=zone)


def _near(point: tuple[float | None, float | None] | None, n: int) -> tuple[float | None, float | None]:
    """A few kilometres around the district's seat; every fourth names no place of its own."""
    if point is None or point[0] is None or point[1] is None or n % 4 == 3:
        return None, None
    return round(point[0] + (n * 37 % 61 - 30) / 600, 5), round(point[1] + (n * 53 % 61 - 30) / 600, 5)


def _waiting(edition: Edition) -> list[Site]:
    query = select(Site).where(Site.edition_id == edition.id, Site.waits_unit_id.is_not(None)).order_by(Site.id)
    return list(db.session.scalars(query))


def _decide_all(edition: Edition, actor: Actor, now: datetime) -> None:
    _decide(edition, _waiting(edition), actor, now)


def _decide(edition: Edition, sites: list[Site], actor: Actor, now: datetime, *, reason: str = "") -> None:
    for first in range(0, len(sites), MOST_AT_ONCE):
        ticked = {site.id: site.revision for site in sites[first : first + MOST_AT_ONCE]}
        services.decide(edition.id, ticked, passes=not reason, reason=reason, actor=actor, now=now)


def _check_some(edition: Edition, city: City, now: datetime) -> None:
    """Of ten, six are passed, one is returned, the rest waits; 渝中区 has passed up some of its own."""
    waiting = _waiting(edition)
    own = city.districts["渝中区"].id
    kept = [site for site in waiting if site.waits_unit_id != own]
    _decide(edition, [site for n, site in enumerate(kept) if n % 10 < 6], city.organizer, now)
    returned = [site for n, site in enumerate(kept) if n % 10 == 6]
    _decide(edition, returned, city.organizer, now, reason="请写明具体地点和安全负责人")
    query = select(Account).options(joinedload(Account.person)).where(Account.identifier == "district@demo")
    district = db.session.scalars(query).one()
    schools = [site for site in waiting if site.waits_unit_id == own]
    _decide(edition, schools[:1], actor_for(district, now.date()), now)


def _report_some(edition: Edition, actor: Actor, now: datetime) -> None:
    """Every seventh has reported; the others are asked for it."""
    query = select(Site).where(Site.edition_id == edition.id, Site.state == SiteState.PASSED).order_by(Site.id)
    for n, site in enumerate(list(db.session.scalars(query))[::7]):
        given = Report(60 + n * 17 % 340, n * 29 % 800 if n % 4 == 0 else 0, 4 + n % 12, OUTCOMES[n % len(OUTCOMES)])
        services.report(site.id, given, expected_revision=site.revision, actor=actor, now=now)
