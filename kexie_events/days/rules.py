"""What has been entered about days, how it changes, and what it says about a day on which something is planned."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ..core import dates, workdays
from ..core.errors import RuleBroken
from ..core.workdays import DayKind, Festival
from . import named
from .named import EXAMS, Named, Span, Standing

LEAST_YEAR, MOST_YEAR = 1900, 2200
MOST_WORDS = 40  # characters of a day's name
MOST_SOURCE = 200
MOST_NAMED_DAYS = 62
# The key of a year whose whole plan was entered: what is not listed is a weekday or a weekend like any other.
ANNOUNCED = "announced"
KEYS = frozenset({ANNOUNCED, *(each.value for each in Named)})


class Ruling(enum.Enum):
    """What an administrator says of a day (更正)."""

    OFF = "off"  # 放假
    WORKING = "working"  # 上班


class Origin(enum.Enum):
    """Who says what kind of day it is (来源)."""

    PACKAGE = "package"  # the program brings it along
    ENTERED = "entered"
    LAW = "law"  # off by law, though the year is not announced


class FlagKind(enum.Enum):
    """What to think twice about when something is planned on a day (日期提示)."""

    HOLIDAY = "holiday"  # 放假
    MAKE_UP = "make_up"  # 调休上班: a weekend on which pupils have lessons
    EXAM = "exam"  # 高考, 中考
    NOT_ANNOUNCED = "not_announced"  # the year's holidays are not known yet
    NAMED = "named"  # 全国科普日 and the like: good to know


@dataclass(frozen=True)
class Flag:
    """One remark about a day. ``name``: of the holiday, the exam or the day; "" when it has none."""

    kind: FlagKind
    name: str | Festival | Named = ""

    @property
    def serious(self) -> bool:
        """Whether to ask if the day is meant."""
        return self.kind in (FlagKind.HOLIDAY, FlagKind.MAKE_UP, FlagKind.EXAM)


@dataclass(frozen=True)
class Ruled:
    """What is entered of one day."""

    kind: Ruling
    words: str = ""
    source: str = ""


@dataclass(frozen=True)
class Spanned:
    """What is entered of a year: where its named day lies, or that the plan of its holidays is whole."""

    first_on: date
    last_on: date
    source: str = ""

    @property
    def span(self) -> Span:
        return Span(self.first_on, self.last_on)


Spot = date | tuple[str, int]  # a day, or a key of a year
Entry = Ruled | Spanned


@dataclass(frozen=True)
class Step:
    """One entry as it is and as it becomes; None: there is none."""

    spot: Spot
    before: Entry | None
    after: Entry | None

    def reversed(self) -> "Step":
        return Step(self.spot, self.after, self.before)


@dataclass(frozen=True)
class Entered:
    """All that is entered of some years."""

    days: Mapping[date, Ruled] = field(default_factory=dict)
    years: Mapping[tuple[str, int], Spanned] = field(default_factory=dict)

    def at(self, spot: Spot) -> Entry | None:
        return self.years.get(spot) if isinstance(spot, tuple) else self.days.get(spot)

    def announced(self, year: int) -> bool:
        return (ANNOUNCED, year) in self.years

    def named_in(self, year: int) -> dict[Named, Span]:
        return {each: self.years[each.value, year].span for each in Named if (each.value, year) in self.years}


NOTHING = Entered()


def check_year(year: int) -> None:
    """Raises: RuleBroken for a year that no page shows."""
    if not LEAST_YEAR <= year <= MOST_YEAR:
        raise RuleBroken("days.year", least=LEAST_YEAR, most=MOST_YEAR)


def check_step(step: Step) -> None:
    """Raises: RuleBroken when what is to be entered cannot be meant."""
    entry = step.after
    if entry is not None and len(entry.source) > MOST_SOURCE:
        raise RuleBroken("days.source", most=MOST_SOURCE)
    if isinstance(step.spot, tuple):
        check_year(step.spot[1])
        if isinstance(entry, Spanned):
            check_span(entry.span, step.spot[1], most=366 if step.spot[0] == ANNOUNCED else MOST_NAMED_DAYS)
    else:
        check_year(step.spot.year)
        if isinstance(entry, Ruled) and len(entry.words) > MOST_WORDS:
            raise RuleBroken("days.words", most=MOST_WORDS)


def check_span(span: Span, year: int, *, most: int) -> None:
    """Raises: RuleBroken for days that end before they begin, leave their year, or are too many."""
    if span.last_on < span.first_on:
        raise RuleBroken("days.backwards", first=span.first_on)
    if not span.first_on.year == span.last_on.year == year:
        raise RuleBroken("days.other_year", year=year)
    if (span.last_on - span.first_on).days >= most:
        raise RuleBroken("days.too_long", most=most)


def kind_on(day: date, entered: Entered = NOTHING) -> DayKind:
    """What a day is: as entered, else as announced, else like its weekday when the year's plan was entered whole."""
    if day in entered.days:
        return DayKind.OFF if entered.days[day].kind is Ruling.OFF else DayKind.WORKING
    kind = workdays.kind_of(day)
    if kind is DayKind.NOT_ANNOUNCED and entered.announced(day.year):
        return workdays.ordinary(day)
    return kind


def overrides(first: date, last: date, entered: Entered) -> dict[date, DayKind]:
    """What ``core.workdays`` is told of the days from ``first`` to ``last`` beyond what its package knows."""
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day: kind_on(day, entered) for day in every if day in entered.days or entered.announced(day.year)}


@dataclass(frozen=True)
class DayState:
    """What a day is, why it is not like any other of its weekday, and who says so. ``name`` "": like any other."""

    kind: DayKind
    name: str | Festival = ""
    origin: Origin = Origin.PACKAGE
    source: str = ""

    def stands_out(self, day: date) -> bool:
        """Whether it is off or worked for a reason of its own."""
        return bool(self.name) or self.kind not in (DayKind.NOT_ANNOUNCED, workdays.ordinary(day))


def state_on(day: date, entered: Entered = NOTHING) -> DayState:
    kind = kind_on(day, entered)
    if day in entered.days:
        ruled = entered.days[day]
        return DayState(kind, ruled.words, Origin.ENTERED, ruled.source)
    if kind is DayKind.NOT_ANNOUNCED:
        legal = named.legal_holiday(day)
        return DayState(kind, legal or "", Origin.LAW if legal else Origin.PACKAGE)
    return DayState(kind, workdays.festival_of(day) or "")


def flags_on(day: date, entered: Entered, of_year: Mapping[Named, Standing]) -> tuple[Flag, ...]:
    """What to remark beside a planned day, the gravest first. An ordinary weekend needs no remark: forums live on
    weekends. ``of_year``: ``named.of_year`` of the day's year."""
    state = state_on(day, entered)
    found: list[Flag] = []
    if state.kind is DayKind.OFF and state.stands_out(day):
        found.append(Flag(FlagKind.HOLIDAY, state.name))
    if state.kind is DayKind.NOT_ANNOUNCED and state.name:
        found.append(Flag(FlagKind.HOLIDAY, state.name))
    if state.kind is DayKind.WORKING and workdays.is_weekend(day):
        found.append(Flag(FlagKind.MAKE_UP, state.name))
    here = [each for each, standing in of_year.items() if day in standing.span]
    found += [Flag(FlagKind.EXAM, each) for each in here if each in EXAMS]
    if state.kind is DayKind.NOT_ANNOUNCED:
        found.append(Flag(FlagKind.NOT_ANNOUNCED))
    said = {flag.name.value for flag in found if isinstance(flag.name, Festival)}
    found += [Flag(FlagKind.NAMED, each) for each in here if each not in EXAMS and each.value not in said]
    return tuple(found)


def flags(days: Iterable[date], entered: Entered) -> dict[date, tuple[Flag, ...]]:
    """The remarks about each of some days; days about which there is nothing to say are there, with none."""
    wanted = sorted(set(days))
    of_years = {year: named.of_year(year, entered.named_in(year)) for year in {day.year for day in wanted}}
    return {day: flags_on(day, entered, of_years[day.year]) for day in wanted}


def together(by_day: Mapping[date, Sequence[Flag]]) -> tuple[Flag, ...]:
    """The remarks about several days of one thing, each once, the gravest first."""
    order = list(FlagKind)
    once = dict.fromkeys(flag for day in sorted(by_day) for flag in by_day[day])
    return tuple(sorted(once, key=lambda flag: order.index(flag.kind)))


# ---- a year at a glance


@dataclass(frozen=True)
class Cell:
    """One day in the grid of a month. ``said``: its remarks, without that the whole year is not announced."""

    day: date
    state: DayState
    said: tuple[Flag, ...]

    @property
    def rest(self) -> bool:
        return self.state.kind is DayKind.OFF

    @property
    def shown(self) -> FlagKind | None:
        """What colours it: a month that has a name would colour all of its days and say nothing."""
        return next((flag.kind for flag in self.said if flag.name is not Named.SCIENCE_MONTH), None)


@dataclass(frozen=True)
class Run:
    """Days in a row of which the same is said."""

    first_on: date
    last_on: date
    state: DayState

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1


@dataclass(frozen=True)
class Year:
    """A year as it is planned with: months in whole weeks (None outside the month), what stands out, named days."""

    year: int
    months: tuple[tuple[tuple[Cell | None, ...], ...], ...]
    runs: tuple[Run, ...]
    named: Mapping[Named, Standing]
    known: bool  # the package knows it
    whole: bool  # somebody has entered it whole

    @property
    def announced(self) -> bool:
        return self.known or self.whole

    def count(self, kind: DayKind) -> int:
        cells = (cell for month in self.months for week in month for cell in week)
        return sum(cell is not None and cell.state.kind is kind for cell in cells)


def year_of(year: int, entered: Entered) -> Year:
    """Pure: about 400 days are looked at, whatever was entered."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    states = {day: state_on(day, entered) for day in every}
    said = {
        day: tuple(flag for flag in found if flag.kind is not FlagKind.NOT_ANNOUNCED)
        for day, found in flags(every, entered).items()
    }
    months = []
    for month in range(1, 13):
        days = dates.month_days(year, month)
        cells = [Cell(day, states[day], said[day]) if day.month == month else None for day in days]
        months.append(tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)))
    return Year(
        year, tuple(months), tuple(_runs(every, states)), named.of_year(year, entered.named_in(year)),
        known=workdays.kind_of(first) is not DayKind.NOT_ANNOUNCED, whole=entered.announced(year),
    )  # fmt: skip


def _runs(every: Sequence[date], states: Mapping[date, DayState]) -> list[Run]:
    found: list[Run] = []
    for day in every:
        state = states[day]
        if not state.stands_out(day):
            continue
        if found and found[-1].state == state and found[-1].last_on == day - timedelta(days=1):
            found[-1] = Run(found[-1].first_on, day, state)
        else:
            found.append(Run(day, day, state))
    return found


# ---- changes


def steps(
    wanted: Mapping[date, Ruled | None], entered: Entered, *, year: int | None = None, source: str = ""
) -> list[Step]:
    """What changes when some days are entered, or (None) given back to what was announced; in the order of days.

    What the package already says needs no entry. ``year``: this year's plan is whole with it.
    """
    found = []
    for day, ruled in sorted(wanted.items()):
        before = entered.days.get(day)
        if before is None and ruled is not None and _says_the_same(ruled, day):
            continue
        if not _alike(before, ruled):
            found.append(Step(day, before, ruled))
    if year is not None and not entered.announced(year) and workdays.kind_of(date(year, 1, 1)) is DayKind.NOT_ANNOUNCED:
        found.append(Step((ANNOUNCED, year), None, Spanned(date(year, 1, 1), date(year, 12, 31), source)))
    return found


def left_out(wanted: Mapping[date, Ruled | None], entered: Entered, year: int) -> list[Festival]:
    """The holidays by law of which no day would be off once ``wanted`` is entered as a whole year."""
    days = {**entered.days, **wanted}
    off = {day for day, ruled in days.items() if ruled is not None and ruled.kind is Ruling.OFF}
    spans = {festival: named.span_by(rule, year) for festival, rule in named.LEGAL.items()}
    return [each for each, span in spans.items() if span is not None and not any(day in span for day in off)]


def _says_the_same(ruled: Ruled, day: date) -> bool:
    wanted = DayKind.OFF if ruled.kind is Ruling.OFF else DayKind.WORKING
    if workdays.kind_of(day) is not wanted:
        return False
    return wanted is DayKind.WORKING or not ruled.words or workdays.festival_of(day) is not None


def _alike(one: Ruled | None, other: Ruled | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.kind, one.words) == (other.kind, other.words)


def as_json(step: Step) -> dict[str, Any]:
    """A step as the audit keeps it."""
    spot = "/".join(map(str, step.spot)) if isinstance(step.spot, tuple) else step.spot.isoformat()
    return {"at": spot, "before": _entry_json(step.before), "after": _entry_json(step.after)}


def _entry_json(entry: Entry | None) -> dict[str, str] | None:
    if isinstance(entry, Ruled):
        return {"kind": entry.kind.value, "words": entry.words, "source": entry.source}
    if isinstance(entry, Spanned):
        return {"from": entry.first_on.isoformat(), "to": entry.last_on.isoformat(), "source": entry.source}
    return None


def from_json(kept: Mapping[str, Any]) -> Step:
    key, _, year = kept["at"].partition("/")
    spot: Spot = (key, int(year)) if year else date.fromisoformat(key)
    return Step(spot, _entry_of(kept["before"]), _entry_of(kept["after"]))


def _entry_of(kept: Mapping[str, str] | None) -> Entry | None:
    if kept is None:
        return None
    if "kind" in kept:
        return Ruled(Ruling(kept["kind"]), kept["words"], kept["source"])
    return Spanned(date.fromisoformat(kept["from"]), date.fromisoformat(kept["to"]), kept["source"])
