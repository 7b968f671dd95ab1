"""Reading days. What is asked here is no secret: it says nothing of anybody's plans, so there is no ``visible``."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Text, cast, literal, select, union_all

from ..audit.models import AuditRecord
from ..audit.queries import latest_of
from ..core.db import db
from ..core.errors import NotFound
from ..core.workdays import DayKind
from . import rules
from .models import DayRuling, YearRuling
from .rules import Entered, Flag, Ruled, Ruling, Spanned, Step

CHAIN = "days"  # of the audit
# Whose accounts these are: accounts stand above this room and tell it (wiring.py).
NAMES: list[Callable[[Collection[int]], Mapping[int, str]]] = []


def entered(first: date, last: date) -> Entered:
    """What is entered of the days from ``first`` to ``last``, and of their years. One query."""
    days = select(
        literal("").label("key"), DayRuling.day, DayRuling.day, cast(DayRuling.kind, Text), DayRuling.words,
        DayRuling.source,
    ).where(DayRuling.day.between(first, last))  # fmt: skip
    years = select(
        YearRuling.key, YearRuling.first_on, YearRuling.last_on, literal(""), literal(""), YearRuling.source
    ).where(YearRuling.year.between(first.year, last.year))
    of_days: dict[date, Ruled] = {}
    of_years: dict[tuple[str, int], Spanned] = {}
    for key, first_on, last_on, kind, words, source in db.session.execute(union_all(days, years)):
        if key:
            of_years[key, first_on.year] = Spanned(first_on, last_on, source)
        else:
            of_days[first_on] = Ruled(Ruling(kind), words, source)
    return Entered(of_days, of_years)


def entered_of(year: int, *, beside: int = 0) -> Entered:
    """What is entered of a year; ``beside``: and of so many days before and after it."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return entered(date.fromordinal(first.toordinal() - beside), date.fromordinal(last.toordinal() + beside))


def flags(days: Iterable[date]) -> dict[date, tuple[Flag, ...]]:
    """What to think twice about on each of these days, the gravest first. One query, however many days."""
    wanted = set(days)
    return rules.flags(wanted, entered(min(wanted), max(wanted))) if wanted else {}


def overrides(first: date, last: date) -> dict[date, DayKind]:
    """What ``core.workdays`` is to know of the days from ``first`` to ``last``. One query."""
    return rules.overrides(first, last, entered(first, last))


@dataclass(frozen=True)
class Done:
    """One change, as it was recorded."""

    record: AuditRecord
    who: str
    steps: tuple[Step, ...]


def latest(most: int) -> list[Done]:
    """The newest changes. Whoever asks has asked ``access``. Two queries."""
    records = latest_of(CHAIN, most)
    names: dict[int, str] = {}
    for named in NAMES:
        names |= named({row.account_id for row in records if row.account_id is not None})
    return [Done(row, names.get(row.account_id or 0, ""), steps_of(row)) for row in records]


def steps_of(record: AuditRecord) -> tuple[Step, ...]:
    return tuple(rules.from_json(kept) for kept in record.details["steps"])


def change(record_id: int) -> AuditRecord:
    """A recorded change. Raises: NotFound."""
    row = db.session.scalar(select(AuditRecord).where(AuditRecord.id == record_id, AuditRecord.chain == CHAIN))
    if row is None:
        raise NotFound()
    return row
