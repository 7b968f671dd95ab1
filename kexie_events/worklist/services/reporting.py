"""Reporting: one line for each item and period, all of a form at once, nothing overwritten."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import lock, transaction
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.text import one_line
from .. import queries
from ..models import WorkList, WorkReport, WorkTarget
from ..progress import Span, spans
from ..targets import number_words
from .writing import chain

LONGEST_LINE = 200  # characters
LONGEST_ADDRESS = 500
LARGEST = Decimal(10) ** 11
_ADDRESS = re.compile(r"""https?://[^\s<>"']+""")


@dataclass(frozen=True)
class Entry:
    """A line as it was typed.

    ``actuals``: by target, so far this year; ``base``: the ``n`` that stood on the page, 0 for none.
    """

    item_id: int
    words: str
    actuals: Mapping[int, Decimal | None]
    finished: bool = False
    evidence: str = ""
    base: int = 0


def check_entry(entry: Entry) -> Entry:
    """As it is kept.

    Raises: RuleBroken("worklist.line" | "worklist.line_needed" | "worklist.evidence" | "worklist.actual").
    """
    words, evidence = one_line(entry.words), entry.evidence.strip()
    if len(words) > LONGEST_LINE:
        raise RuleBroken("worklist.line", most=LONGEST_LINE)
    if not words and (entry.finished or evidence or any(each is not None for each in entry.actuals.values())):
        raise RuleBroken("worklist.line_needed")
    if evidence and (len(evidence) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(evidence)):
        raise RuleBroken("worklist.evidence")
    if any(each is not None and not 0 <= each < LARGEST for each in entry.actuals.values()):
        raise RuleBroken("worklist.actual")
    return Entry(entry.item_id, words, entry.actuals, entry.finished, evidence, entry.base)


def report(list_id: int, span: Span, entries: Sequence[Entry], *, actor: Actor, now: datetime, today: date) -> int:
    """Save the lines that say something new, all or none; how many. Locks the list.

    A line that stands already is left, so the same form sent twice is one thing; one that is other than what stands
    is a correction, and both stay. A line that somebody else has written since the page was shown is refused.
    Raises: Conflict("worklist.reported_meanwhile", items=[…]), RuleBroken, NotFound for an item that is not the
    actor's to report.
    """
    sound = [check_entry(entry) for entry in entries]
    with transaction() as session:
        chosen = queries.list_of(actor, list_id)
        written = lock(WorkList, list_id)
        if span not in spans(written.year, written.period) or span.first_on > today:
            raise RuleBroken("worklist.period")
        items = {item.id: item for item in queries.items_of(chosen, actor) if item.mine}
        if any(entry.item_id not in items for entry in sound):
            raise NotFound()
        standing = queries.reports_for([entry.item_id for entry in sound], span)
        new = [
            (entry, actuals)
            for entry in sound
            if (actuals := _actuals(entry, items[entry.item_id])) is not None
            and not _stands(entry, actuals, standing.get(entry.item_id))
        ]
        behind = [entry.item_id for entry, _ in new if entry.base != _n(standing.get(entry.item_id))]
        if behind:
            raise Conflict("worklist.reported_meanwhile", items=[items[id].name for id in behind])
        for entry, actuals in new:
            n = _n(standing.get(entry.item_id)) + 1
            session.add(
                WorkReport(
                    item_id=entry.item_id, first_on=span.first_on, last_on=span.last_on, n=n, words=entry.words,
                    actuals=actuals, finished=entry.finished, evidence=entry.evidence, account_id=actor.account_id,
                    reported_at=now,
                )
            )  # fmt: skip
            _bring(session, entry, items[entry.item_id], span)
        if new:
            audit.record(
                chain(written.unit_id, written.year), "worklist.reported", actor=actor, now=now,
                period=span.last_on.isoformat(), items=[entry.item_id for entry, _ in new],
            )  # fmt: skip
    return len(new)


def _n(standing: queries.Reported | None) -> int:
    return standing.n if standing else 0


def _actuals(entry: Entry, item: queries.Item) -> list[dict[str, str | int]] | None:
    """What of the item's targets was reached, as it is kept; None for a line that was left empty."""
    if not entry.words:
        return None
    return [
        {"id": goal.id or 0, "words": goal.words, "unit": goal.unit, "actual": number_words(actual)}
        for goal in item.goals
        if (actual := entry.actuals.get(goal.id or 0)) is not None
    ]


def _stands(entry: Entry, actuals: list[dict[str, str | int]], standing: queries.Reported | None) -> bool:
    if standing is None:
        return False
    kept = [(each["words"], each["unit"], each["actual"]) for each in actuals]
    return (standing.words, standing.finished, standing.evidence, list(standing.actuals)) == (
        entry.words, entry.finished, entry.evidence, kept,
    )  # fmt: skip


def _bring(session: Session, entry: Entry, item: queries.Item, span: Span) -> None:
    """What was reached stands at the target, when no later period says otherwise."""
    if item.last is not None and item.last.span.last_on > span.last_on:
        return
    for target in session.scalars(select(WorkTarget).where(WorkTarget.item_id == entry.item_id)):
        if target.id in entry.actuals:
            target.actual = entry.actuals[target.id]
