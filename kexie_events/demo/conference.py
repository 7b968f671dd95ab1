"""What takes place inside the coming annual meeting: proposals of societies, sessions and talks, two versions of the
programme, guests."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..agenda import queries, services
from ..agenda.models import AgendaSession
from ..agenda.rules import Answer, GuestRole, Half, PersonWords, ProposalPlan, ProposalState, SessionKind, TalkKind
from ..agenda.services import GuestPlan, Placing, SessionPlan, TalkPlan
from ..core.access import SYSTEM
from ..core.db import db
from ..events.models import Edition, Occurrence, Series
from . import words
from .ground import occurrences
from .people import City

MINUTE = timedelta(minutes=1)
WORKPLACES = (
    "重庆大学",
    "西南大学",
    "重庆邮电大学",
    "中国科学院重庆院",
    "重庆交通大学",
    "陆军军医大学",
    "长安汽车研究院",
)
POSTS = ("教授", "研究员", "高级工程师", "副教授", "总工程师")
TITLES = {
    "主论坛": ("新质生产力的重庆路径", "山地城市的韧性与更新", "从实验室到生产线", "青年科技人才怎样留得住"),
    "数字经济分会场": ("工业软件的国产替代", "山区物流无人机的三年", "数据要素怎样定价", "中小企业上云的账"),
    "生态长江分会场": ("长江鱼类十年禁渔的中期答卷", "三峡库区消落带植被恢复", "微塑料在支流里的去向"),
    "青年科学家分会场": ("柔性电子皮肤", "岩溶地下水的示踪", "大模型读病理切片", "极端高温下的电网"),
    "基层科普分会场": ("流动科技馆进山记", "把火锅讲成一堂化学课", "社区科普的三种失败"),
}
PROPOSALS = (
    ("山地轨道交通与低空经济分会场", "从爬坡到起飞：山城的两种出行。", 120, ProposalState.ACCEPTED),
    ("中医药现代化分会场", "川渝道地药材的标准、检测与临床。", 90, ProposalState.SUBMITTED),
    ("智慧农业与丘陵山地农机分会场", "小地块、陡坡度，机器怎么下田。", 80, ProposalState.SUBMITTED),
    ("城市更新与历史文化保护分会场", "老街、老厂、老大楼的新用法。", 150, ProposalState.RETURNED),
)
GROUPS = ("院士", "市领导", "部门和区县负责人", "特邀专家")
GUESTS = (
    ("周长明", "中国科学院重庆院", "院士", 0, GuestRole.GUEST, Answer.ACCEPTED),
    ("陈一诺", "重庆大学", "院士", 0, GuestRole.ADDRESS, Answer.ACCEPTED),
    ("刘思远", "重庆市人民政府", "副市长", 1, GuestRole.ADDRESS, Answer.ACCEPTED),
    ("王静雅", "万州区人民政府", "区长", 2, GuestRole.ADDRESS, Answer.ACCEPTED),
    ("李博文", "重庆市科学技术协会", "党组书记", 2, GuestRole.HOST, Answer.ACCEPTED),
    ("赵宇航", "重庆市科学技术局", "副局长", 2, GuestRole.GUEST, Answer.INVITED),
    ("黄诗涵", "西南大学", "教授", 3, GuestRole.GUEST, Answer.ACCEPTED),
    ("吴天佑", "长安汽车研究院", "总工程师", 3, GuestRole.GUEST, Answer.DECLINED),
)


def build(city: City, now: datetime, zone: ZoneInfo) -> None:
    query = select(Edition).join(Series).where(Series.slug == "annual-meeting").order_by(Edition.number.desc())
    edition = db.session.scalars(query.limit(1)).one()
    forums = occurrences(edition.id)
    _proposals(city, edition, forums[0], now=now, zone=zone)
    for n, forum in enumerate(forums):
        _sessions(city, forum, n, now)
    _release(city, edition, "第一版日程。", now - timedelta(days=3))
    _changes(city, forums, now)
    _release(city, edition, "数字经济分会场的第二单元推后十分钟，青年科学家分会场换了一位报告人。", now)
    _guests(city, edition, now)


def _person(n: int) -> PersonWords:
    return PersonWords(words.person(n * 5 + 2), WORKPLACES[n % len(WORKPLACES)], POSTS[n % len(POSTS)])


def _proposals(city: City, edition: Edition, forum: Occurrence, *, now: datetime, zone: ZoneInfo) -> None:
    services.set_call(
        edition.id, opens_at=now - timedelta(days=20), closes_at=now + timedelta(days=9), everybody=True, unit_ids=[],
        words="分会场每场半天，场地和会务由年会统一安排，专家劳务由申报单位负责。", expected_revision=0,
        actor=city.organizer, now=now,
    )  # fmt: skip
    day = forum.starts_at.astimezone(zone).date()
    for n, (theme, summary, expected, state) in enumerate(PROPOSALS):
        expert = _person(40 + n)
        plan = ProposalPlan(
            theme, summary, f"{expert.name}，{expert.organization}，{expert.post}", expected,
            "专家劳务约三万元，学会自筹。", day, Half.AFTERNOON, "投影、无线话筒四支",
            (city.museum.id,) if n % 2 else (),
        )  # fmt: skip
        row = services.start_proposal(edition.id, city.societies[n].id, plan, actor=SYSTEM, now=now, zone=zone)
        services.submit_proposal(row.id, expected_revision=row.revision, actor=SYSTEM, now=now)
        if state is ProposalState.RETURNED:
            services.answer_proposal(
                row.id, state, reason="请补充和万州区的结合点，并说明考察路线的安全安排",
                expected_revision=row.revision, actor=city.organizer, now=now,
            )  # fmt: skip
        elif state is ProposalState.ACCEPTED:
            hours = forum.starts_at + timedelta(hours=5), forum.starts_at + timedelta(hours=8)
            services.accept_proposal(
                row.id, Placing(*hours, place="万州区会展中心多功能厅"), expected_revision=row.revision,
                actor=city.organizer, now=now, zone=zone,
            )  # fmt: skip


def _sessions(city: City, forum: Occurrence, n: int, now: datetime) -> None:
    """An opening, then talks with a break between."""
    at, titles = forum.starts_at, TITLES[forum.title]
    chair = _person(n * 9)
    parts = (
        ("开幕式" if n == 0 else "开场", SessionKind.CEREMONY, 20, ()),
        ("主旨报告" if n == 0 else "第一单元", SessionKind.TALKS, 50, titles[:2]),
        ("茶歇", SessionKind.BREAK, 10, ()),
        ("圆桌讨论" if n == 0 else "第二单元", SessionKind.TALKS, 50, titles[2:]),
    )
    for p, (name, kind, minutes, talks) in enumerate(parts):
        chairs = (chair,) if talks else ()
        plan = SessionPlan(name, kind, at, at + minutes * MINUTE, chairs=chairs)
        row = services.add_session(forum.id, plan, actor=city.organizer, now=now)
        for t, title in enumerate(talks):
            talk = TalkPlan(title, TalkKind.TALK, 25, speakers=(_person(n * 9 + p * 2 + t + 1),))
            services.add_talk(row.id, talk, actor=city.organizer, now=now)
        at += minutes * MINUTE


def _release(city: City, edition: Edition, said: str, now: datetime) -> None:
    seen = queries.releasing(edition.id, now).digest
    services.release(edition.id, words=said, seen=seen, tell=False, reason="", actor=city.organizer, now=now)


def _changes(city: City, forums: list[Occurrence], now: datetime) -> None:
    """Between the versions: a session ten minutes later, another speaker, one talk that is not given."""
    digital, young = forums[1], next(forum for forum in forums if forum.title.startswith("青年"))
    last = _last_session(digital)
    chairs = tuple(queries.chairs(last.id))
    later = SessionPlan(
        last.name, last.kind, last.starts_at + 10 * MINUTE, last.ends_at + 10 * MINUTE, last.room_id, chairs
    )  # fmt: skip
    services.change_session(last.id, later, expected_revision=last.revision, actor=city.organizer, now=now)
    programme = queries.whole(young.edition_id, occurrence_id=young.id).programme[0]
    first, second = programme.sessions[1].talks
    changed = TalkPlan(first.title, TalkKind.TALK, 25, speakers=(_person(60),))
    services.change_talk(first.id, changed, expected_revision=1, actor=city.organizer, now=now)
    services.cancel_talk(second.id, cancelled=True, expected_revision=1, actor=city.organizer, now=now)


def _last_session(forum: Occurrence) -> AgendaSession:
    query = select(AgendaSession).where(AgendaSession.occurrence_id == forum.id)
    return db.session.scalars(query.order_by(AgendaSession.starts_at.desc()).limit(1)).one()


def _guests(city: City, edition: Edition, now: datetime) -> None:
    groups = services.set_groups(edition.id, GROUPS, actor=city.organizer, now=now)
    ids = {group.name: group.id for group in groups}
    for name, organization, post, group, role, answer in GUESTS:
        plan = GuestPlan(name, ids[GROUPS[group]], organization, post, role, answer)
        services.add_guest(edition.id, plan, actor=city.organizer, now=now)
    services.number_letters(edition.id, actor=city.organizer, now=now)
