"""How an edition differs from an earlier one: facts and dates, as values. Pure; the words are made by the view."""

import enum
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .numbering import Numbered, words


class DateChange(enum.Enum):
    """What became of a date (日期变化)."""

    SAME = "same"  # only shifted, by as many days as most
    SHIFTED = "shifted"  # by another number of days
    RETIMED = "retimed"  # another clock time or length
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True)
class DateOf:
    """A dated thing of an edition. ``key`` is the same for what it was copied from."""

    key: str
    name: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    all_day: bool = False


@dataclass(frozen=True)
class Pair:
    """One dated thing in both editions. ``days``: by how many it shifted, 0 when it is in one only."""

    change: DateChange
    before: DateOf | None
    after: DateOf | None
    days: int = 0

    @property
    def name(self) -> str:
        one = self.after or self.before
        return one.name if one is not None else ""

    @property
    def renamed(self) -> bool:
        return self.before is not None and self.after is not None and self.before.name != self.after.name

    @property
    def elsewhere(self) -> bool:
        return self.before is not None and self.after is not None and self.before.place != self.after.place

    @property
    def differs(self) -> bool:
        return self.change is not DateChange.SAME or self.renamed or self.elsewhere


def paired(before: Sequence[DateOf], after: Sequence[DateOf], zone: ZoneInfo) -> tuple[int, list[Pair]]:
    """By how many days most of the dates shifted, and every date of the two, in the order of the later one.

    Of several shifts that are as frequent the smaller counts. Days and clock times are those of ``zone``.
    """
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    shifts = {key: _days(old[key].starts_at, new[key].starts_at, zone) for key in old if key in new}
    counted = Counter(shifts.values())
    usual = min(counted, key=lambda days: (-counted[days], abs(days)), default=0)
    pairs = [_pair(old.get(one.key), one, shifts.get(one.key, 0), usual, zone) for one in after]
    gone = [Pair(DateChange.GONE, one, None) for one in before if one.key not in new]
    return usual, pairs + gone


def _days(earlier: datetime, later: datetime, zone: ZoneInfo) -> int:
    return (later.astimezone(zone).date() - earlier.astimezone(zone).date()).days


def _pair(before: DateOf | None, after: DateOf, days: int, usual: int, zone: ZoneInfo) -> Pair:
    if before is None:
        return Pair(DateChange.ADDED, None, after)
    clocks = [
        (one.starts_at.astimezone(zone).time(), one.ends_at.astimezone(zone).time(), one.all_day)
        for one in (before, after)
    ]
    lengths = [_days(one.starts_at, one.ends_at, zone) for one in (before, after)]
    if clocks[0] != clocks[1] or lengths[0] != lengths[1]:
        return Pair(DateChange.RETIMED, before, after, days)
    return Pair(DateChange.SAME if days == usual else DateChange.SHIFTED, before, after, days)


# ---- words that were left from the earlier edition


def stale(texts: Mapping[str, str], numbered: Numbered, before: Numbered | None) -> dict[str, list[str]]:
    """Which texts still speak of the earlier edition: its number, or a year that is not the new one's.

    ``texts``: what each is called → the text. Years before the earlier edition's own are history, and stay.
    """
    found: dict[str, list[str]] = {}
    first = before.year if before is not None and before.year is not None else numbered.year
    for name, text in texts.items():
        marks = [words(before)] if before is not None and words(before) != words(numbered) else []
        odd = [mark for mark in marks if mark in text]
        for year in re.findall(r"(?<!\d)((?:19|20|21)\d{2})(?=年|度|\D*届)", text):
            if first is not None and numbered.year is not None and first <= int(year) < numbered.year:
                odd.append(f"{year}年")
        if odd:
            found[name] = list(dict.fromkeys(odd))
    return found


FEES = ("报名费", "参赛费", "服务费", "材料费", "缴费", "交费", "收费", "费用自理", "指定酒店", "统一住宿")


def fees(texts: Iterable[str]) -> list[str]:
    """Words of money in the texts of what is for pupils, where nothing may cost anything.

    Said of its absence (不收费, 不收取报名费, 免收报名费) it is none. Source: docs/sources.md#pupils-pay-nothing
    """
    whole = " ".join(texts)
    plain = re.sub(
        r"(?:不|免|禁止|严禁|零)(?:得|再|向\w{0,6})?(?:收取|收|缴|交)?(?:取|任何)?\w{0,4}?(?:费|费用)", "", whole
    )
    return [word for word in FEES if word in plain]
