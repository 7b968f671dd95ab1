"""Changing the rules of an edition: the difference that people read, and what binds the rules once works are in.

Pure, as rules are: values in, values out.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..core.errors import RuleBroken
from .rules import Choice, Criterion, Pack


class Item(enum.Enum):
    """What of a rule pack changes (规则项)."""

    CATEGORY = "categories"
    GROUP = "groups"
    DISCIPLINE = "disciplines"
    MOST_MEMBERS = "most_members"
    MOST_MEGABYTES = "most_megabytes"
    JUDGES_PER_ENTRY = "judges_per_entry"
    OWN_DISTRICT = "own_district"
    METHOD = "method"
    TIE_BREAKS = "tie_breaks"
    STEP = "step"
    MAIN = "main"
    CRITERION = "criterion"
    CLAUSE = "clauses"
    OTHER = "other"


@dataclass(frozen=True)
class Change:
    """One line of a difference. ``before`` None: added; ``after`` None: removed. ``name``: of several things which."""

    item: Item
    name: str
    before: Any
    after: Any


LISTS = {"categories": Item.CATEGORY, "groups": Item.GROUP, "disciplines": Item.DISCIPLINE}


def difference(before: Pack | None, after: Pack) -> list[Change]:
    """What a reader of both would find, in the order of the pack; all of it added when there was none before.

    Every field of a pack is compared: one that this file does not know is told as a whole.
    """
    found: list[Change] = []
    for field in fields(Pack):
        old, new = (getattr(before, field.name) if before else None), getattr(after, field.name)
        if old == new:
            continue
        if field.name in LISTS:
            found += _choices(LISTS[field.name], old or (), new)
        elif field.name == "rubric":
            found += _rubric(old, new)
        elif field.name == "clauses":
            found += _mapping(Item.CLAUSE, old or {}, new)
        else:
            found.append(Change(_item(field.name), "" if _item(field.name) is not Item.OTHER else field.name, old, new))
    return found


def _item(name: str) -> Item:
    return Item(name) if name in {item.value for item in Item} else Item.OTHER


def _choices(item: Item, old: Iterable[Choice], new: Iterable[Choice]) -> list[Change]:
    """A code that stays keeps its thing: another name for it is a change, not an end and a beginning."""
    was, now = {row.code: row.name for row in old}, {row.code: row.name for row in new}
    return _mapping(item, was, now)


def _mapping(item: Item, was: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    changed = [Change(item, key, was.get(key), now.get(key)) for key in {**was, **now} if was.get(key) != now.get(key)]
    # The same things in another order are a change, too: lists are shown in their order.
    if not changed and list(was) != list(now):
        changed.append(Change(item, "", "、".join(was.values()), "、".join(now.values())))
    return changed


def _rubric(old: Any, new: Any) -> list[Change]:
    found = []
    if old is None or old.step != new.step:
        found.append(Change(Item.STEP, "", old and old.step, new.step))
    was = {row.code: row for row in old.criteria} if old else {}
    now = {row.code: row for row in new.criteria}
    found += [
        Change(Item.CRITERION, key, _told(was.get(key)), _told(now.get(key)))
        for key in {**was, **now}
        if was.get(key) != now.get(key)
    ]
    if old is not None and not found and list(was) != list(now):
        names = ["、".join(row.name for row in rows.values()) for rows in (was, now)]
        found.append(Change(Item.CRITERION, "", *names))
    main = [next(row.name for row in one.criteria if row.code == one.main) if one else None for one in (old, new)]
    if main[0] != main[1]:
        found.append(Change(Item.MAIN, "", *main))
    return found


def _told(row: Criterion | None) -> str | None:
    """A criterion in one line: 创新性 30；方法是否可靠；27–30 突出，…"""
    if row is None:
        return None
    bands = "，".join(f"{band.low}–{band.high} {band.word}" for band in row.bands)
    return "；".join(part for part in (f"{row.name} {row.most:f}", row.hint, bands) if part)


@dataclass(frozen=True)
class Bound:
    """What works and scores of an edition rest on. Codes come with how many works use them, drafts included."""

    categories: Mapping[str, int]
    groups: Mapping[str, int]
    disciplines: Mapping[str, int]
    most_members: int = 0  # authors of the largest team
    largest_bytes: int = 0  # of the largest file
    sheets: int = 0  # score sheets that were saved

    @property
    def free(self) -> bool:
        return not (self.categories or self.groups or self.disciplines or self.sheets)


FREE = Bound({}, {}, {})


def together(parts: Iterable[Bound]) -> Bound:
    """What several rooms tell, as one."""
    found = FREE
    for part in parts:
        found = Bound(
            {**found.categories, **part.categories},
            {**found.groups, **part.groups},
            {**found.disciplines, **part.disciplines},
            max(found.most_members, part.most_members),
            max(found.largest_bytes, part.largest_bytes),
            found.sheets + part.sheets,
        )
    return found


def check_change(before: Pack | None, after: Pack, bound: Bound) -> None:
    """Once works are in, the rules may grow and be worded better, but not take away what a work rests on.

    Names may change, things may be added. A code in use stays; limits do not fall below what is there; what scores
    were given and counted by stays when there are scores.
    Raises: RuleBroken("rule_pack.code_in_use", …), ("rule_pack.team_in_use", …), ("rule_pack.file_in_use", …),
    ("rule_pack.scored", …).  Source: docs/sources.md#rules-in-use
    """
    for name in LISTS:
        kept = {choice.code for choice in getattr(after, name)}
        for code, works in getattr(bound, name).items():
            if code not in kept:
                called = before.name_of(name, code) if before else code
                raise RuleBroken("rule_pack.code_in_use", name=called, works=works)
    if after.most_members < bound.most_members:
        raise RuleBroken("rule_pack.team_in_use", members=bound.most_members, most=after.most_members)
    if after.most_megabytes * 1024 * 1024 < bound.largest_bytes:
        used = -(-bound.largest_bytes // (1024 * 1024))
        raise RuleBroken("rule_pack.file_in_use", used=used, most=after.most_megabytes)
    if bound.sheets and before is not None and _counting(before) != _counting(after):
        raise RuleBroken("rule_pack.scored", sheets=bound.sheets)


def _counting(pack: Pack) -> Any:
    """What a score means and how places follow from it; the words around it are free."""
    criteria = [(row.code, row.most) for row in pack.rubric.criteria]
    return criteria, pack.rubric.step, pack.rubric.main, pack.method, pack.tie_breaks
