"""States of a declared activity, who may decide next, what a sound declaration and a sound report look like. Pure."""

import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..core.errors import RuleBroken
from ..core.text import composed, one_line
from ..events import rules as events

MOST_CATEGORIES = 30
MOST_PEOPLE = 10_000_000  # of one activity, watching from afar included
LONGEST_WORDS = 120  # a name, a place, whom it is for
LONGEST_SUMMARY = 2000
MOST_PHOTOS = 9
MOST_COPY_DAYS = 800  # from one campaign to the next
MOST_AT_ONCE = 200  # declarations decided by one press
REPORT_WITHIN = timedelta(days=14)  # after the last day, where the campaign names no day of its own


class SiteState(enum.Enum):
    """Where a declared activity stands (申报状态)."""

    DRAFT = "draft"
    DECLARED = "declared"  # waits for the next unit of its chain
    RETURNED = "returned"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"


class Step(enum.Enum):
    """What happened to a declaration (经过)."""

    ADDED = "added"
    DECLARED = "declared"
    TAKEN_BACK = "taken_back"
    PASSED_UP = "passed_up"
    PASSED = "passed"
    RETURNED = "returned"
    CORRECTED = "corrected"
    CHANGE_DECLARED = "change_declared"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    REPORTED = "reported"


class Located(enum.Enum):
    """How exactly the place on the map is known (位置)."""

    EXACT = "exact"
    DISTRICT = "district"  # the district's own point
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Category:
    """A kind of activity within a campaign (活动类别); data of the edition."""

    code: str
    name: str


DEFAULT_CATEGORIES = tuple(
    Category(code, name)
    for code, name in (
        ("exhibition", "科普展览"),
        ("lecture", "讲座报告"),
        ("open-day", "开放日"),
        ("volunteer", "科技志愿服务"),
        ("contest", "竞赛体验"),
        ("online", "线上活动"),
        ("other", "其他"),
    )
)


@dataclass(frozen=True)
class CampaignTerms:
    """What an edition asks of those who declare: kinds of activity, and until when."""

    categories: tuple[Category, ...] = DEFAULT_CATEGORIES
    declares_until: datetime | None = None
    reports_until: datetime | None = None
    revision: int = 0

    def name_of(self, code: str) -> str:
        """A category's name; its code when the edition has dropped it."""
        return next((category.name for category in self.categories if category.code == code), code)

    def code_of(self, text: str) -> str | None:
        """A category by its name or code, as people type it."""
        wanted = one_line(text).casefold()
        return next((c.code for c in self.categories if wanted in (c.name.casefold(), c.code)), None)


def read_categories(text: str, before: Sequence[Category] = ()) -> tuple[Category, ...]:
    """One name a line. A name that was there keeps its code, so that what was declared under it stays.

    Raises: RuleBroken("site.categories").
    """
    codes = {category.name: category.code for category in (*DEFAULT_CATEGORIES, *before)}
    names = list(dict.fromkeys(name for line in text.splitlines() if (name := one_line(line))))
    if not 1 <= len(names) <= MOST_CATEGORIES or any(len(name) > 20 for name in names):
        raise RuleBroken("site.categories", most=MOST_CATEGORIES)
    taken = {codes[name] for name in names if name in codes}
    found = []
    for name in names:
        code = codes.get(name)
        if code is None:
            code = next(f"c{n}" for n in range(1, 1000) if f"c{n}" not in taken)
            taken.add(code)
        found.append(Category(code, name))
    return tuple(found)


# ---- the chain of those who decide


@dataclass(frozen=True)
class Checker:
    """A unit that checks declarations from below."""

    unit_id: int
    path: str
    name: str
    is_association: bool


def chain_of(unit_path: str, edition_path: str, units: Iterable[Checker]) -> tuple[Checker, ...]:
    """Who checks a declaration, the nearest first: the associations above the unit, up to whoever runs the campaign.

    Nobody checks themselves: the campaign's own unit has an empty chain, and what it declares is passed.
    Raises: RuleBroken("site.unit_outside") when the unit does not belong to the campaign.
    """
    if not unit_path.startswith(edition_path):
        raise RuleBroken("site.unit_outside")
    above = [
        unit
        for unit in units
        if unit_path.startswith(unit.path)
        and unit.path != unit_path
        and unit.path.startswith(edition_path)
        and (unit.is_association or unit.path == edition_path)
    ]
    return tuple(sorted(above, key=lambda unit: len(unit.path), reverse=True))


def deciding_as(
    chain: Sequence[Checker], waits_unit_id: int | None, reaches: Callable[[Checker], bool]
) -> Checker | None:
    """As whom somebody decides on what waits: the highest unit from the waiting one upward that they act for.

    So a step may be skipped by whoever stands higher, and by nobody else. None: they may not decide.
    """
    start = next((n for n, unit in enumerate(chain) if unit.unit_id == waits_unit_id), None)
    if start is None:
        return None
    return next((unit for unit in reversed(chain[start:]) if reaches(unit)), None)


def next_after(chain: Sequence[Checker], decider: Checker) -> Checker | None:
    """Who decides after ``decider`` has passed it; None: it is passed for good."""
    place = chain.index(decider)
    return chain[place + 1] if place + 1 < len(chain) else None


# ---- what is declared


@dataclass(frozen=True)
class Declaration:
    """What a unit declares of one activity. Instants are aware; whole days go from midnight to midnight."""

    name: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    category: str
    place: str
    region_id: int | None = None
    address: str = ""
    latitude: float | None = None  # WGS-84, degrees
    longitude: float | None = None
    audience: str = ""
    summary: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_public: bool = False
    link: str = ""


FIELDS = tuple(field.name for field in fields(Declaration))
# What may be corrected in an activity that has been passed, without a new check: nobody goes to another place at
# another time because of it.
CORRECTABLE = ("audience", "summary", "contact_name", "contact_phone", "contact_public", "link")


def sound(declared: Declaration, terms: CampaignTerms, zone: ZoneInfo) -> Declaration:
    """As it is kept: composed, on one line, whole days whole.

    Raises: RuleBroken("site.name" | "site.place" | "site.category" | "site.coordinates" | "site.link" |
    "site.phone" | "site.too_long"), and what refuses a span.
    """
    lines: dict[str, Any] = {
        name: one_line(getattr(declared, name))
        for name in ("name", "place", "address", "audience", "contact_name", "contact_phone", "link")
    }
    if not 1 <= len(lines["name"]) <= LONGEST_WORDS:
        raise RuleBroken("site.name", most=LONGEST_WORDS)
    if not 1 <= len(lines["place"]) <= LONGEST_WORDS:
        raise RuleBroken("site.place", most=LONGEST_WORDS)
    summary = composed(declared.summary).strip()
    if len(summary) > LONGEST_SUMMARY:
        raise RuleBroken("site.too_long", most=LONGEST_SUMMARY)
    if any(len(lines[name]) > LONGEST_WORDS for name in ("address", "audience", "contact_name")):
        raise RuleBroken("site.too_long", most=LONGEST_WORDS)
    if terms.name_of(declared.category) == declared.category and terms.code_of(declared.category) is None:
        raise RuleBroken("site.category")
    if not re.fullmatch(r"|\+?[0-9][0-9 ()/,、-]{4,40}", lines["contact_phone"]):
        raise RuleBroken("site.phone")
    if not re.fullmatch(r"|https?://[^\s<>\"']{4,300}", lines["link"]):
        raise RuleBroken("site.link")
    latitude, longitude = check_point(declared.latitude, declared.longitude)
    starts_at, ends_at = declared.starts_at, declared.ends_at
    if declared.all_day:
        starts_at, ends_at = events.whole_days(starts_at, ends_at, zone)
    events.check_times(starts_at, ends_at)
    events.check_day(starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date())
    return replace(
        declared, **lines, summary=summary, latitude=latitude, longitude=longitude, starts_at=starts_at, ends_at=ends_at
    )


def check_point(latitude: float | None, longitude: float | None) -> tuple[float | None, float | None]:
    """Both or none, in degrees, to a metre. Raises: RuleBroken("site.coordinates")."""
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None or not (-85 <= latitude <= 85 and -180 <= longitude <= 180):
        raise RuleBroken("site.coordinates")
    return round(latitude, 5), round(longitude, 5)


def span_of(
    first: date, last: date | None, starts: time | None, ends: time | None, zone: ZoneInfo
) -> tuple[datetime, datetime, bool]:
    """Start, end, and whether these are whole days: those without a clock time. One time alone lasts two hours.

    Raises: RuleBroken("site.end_only") for an end without a start, and what refuses a span.
    """
    last = last or first
    events.check_day(first, last)
    if starts is None:
        if ends is not None:
            raise RuleBroken("site.end_only")
        if last < first:
            raise RuleBroken("event.ends_before_start", starts_at=first, ends_at=last)
        return (
            datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone), True,
        )  # fmt: skip
    starts_at = datetime.combine(first, starts, zone)
    return starts_at, datetime.combine(last, ends, zone) if ends else starts_at + timedelta(hours=2), False


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What of a declaration is to be otherwise: the new values by their names."""
    return {name: after[name] for name in FIELDS if before.get(name) != after[name]}


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a declaration as JSON keeps them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def restored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse of ``storable``."""
    return {
        name: datetime.fromisoformat(value) if name in ("starts_at", "ends_at") else value
        for name, value in values.items()
    }


# ---- what may be done with it


def check_open(terms: CampaignTerms, now: datetime) -> None:
    """Half open: the deadline no longer counts. Raises: RuleBroken("site.closed").

    Source: docs/sources.md#half-open
    """
    if terms.declares_until is not None and now >= terms.declares_until:
        raise RuleBroken("site.closed", until=terms.declares_until)


def check_state(state: SiteState, *allowed: SiteState) -> None:
    """Raises: RuleBroken("site.state") when it has gone on meanwhile."""
    if state not in allowed:
        raise RuleBroken("site.state", state=state)


WITHDRAWABLE = tuple(state for state in SiteState if state is not SiteState.WITHDRAWN)


def check_waits(state: SiteState, *, waits: bool) -> None:
    """Only what waits for a decision can be taken back. Raises: RuleBroken("site.state")."""
    if not waits:
        raise RuleBroken("site.state", state=state)


def check_ticked(count: int) -> None:
    """How many are decided by one press. Raises: RuleBroken("site.none_ticked" | "site.too_many_ticked")."""
    if not count:
        raise RuleBroken("site.none_ticked")
    if count > MOST_AT_ONCE:
        raise RuleBroken("site.too_many_ticked", most=MOST_AT_ONCE)


def check_copy_days(days: int) -> None:
    """By how many days last year's activities are put later. Raises: RuleBroken("site.copy_days")."""
    if not 1 <= days <= MOST_COPY_DAYS:
        raise RuleBroken("site.copy_days", most=MOST_COPY_DAYS)


def check_deadlines(declares_until: datetime | None, reports_until: datetime | None) -> None:
    """Raises: RuleBroken("site.deadlines") when reports are due before everything is declared."""
    if declares_until and reports_until and reports_until < declares_until:
        raise RuleBroken("site.deadlines")


def check_reason(reason: str) -> str:
    """Why something is returned or withdrawn, on one line. Raises: RuleBroken("site.reason")."""
    why = one_line(reason)
    if not 1 <= len(why) <= 300:
        raise RuleBroken("site.reason", most=300)
    return why


# ---- the after-report


@dataclass(frozen=True)
class Report:
    """What came of an activity (总结): people on site and from afar, volunteers, in words."""

    on_site: int
    online: int
    volunteers: int
    summary: str


def check_over(ends_at: datetime, now: datetime) -> None:
    """Nothing is reported of what is still going on. Raises: RuleBroken("site.not_over")."""
    if now < ends_at:
        raise RuleBroken("site.not_over", ends_at=ends_at)


def check_photos(count: int) -> None:
    """One more photograph beside so many. Raises: RuleBroken("site.photos")."""
    if count >= MOST_PHOTOS:
        raise RuleBroken("site.photos", most=MOST_PHOTOS)


def check_report(report: Report, ends_at: datetime, now: datetime) -> Report:
    """Raises: RuleBroken("site.not_over" | "site.people" | "site.too_long")."""
    check_over(ends_at, now)
    if not all(0 <= count <= MOST_PEOPLE for count in (report.on_site, report.online, report.volunteers)):
        raise RuleBroken("site.people", most=MOST_PEOPLE)
    if len(report.summary.strip()) > LONGEST_SUMMARY:
        raise RuleBroken("site.too_long", most=LONGEST_SUMMARY)
    return replace(report, summary=report.summary.strip())


def report_due(ends_at: datetime, terms: CampaignTerms) -> datetime:
    """Until when the report is to be filled in: the campaign's day, else two weeks after the last one.

    Source: docs/sources.md#declared-sites
    """
    return terms.reports_until or ends_at + REPORT_WITHIN
