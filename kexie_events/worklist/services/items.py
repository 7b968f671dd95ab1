"""Adding, changing, moving, removing one item of a list; setting its state against what is derived."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import refused, transaction
from ...core.errors import RuleBroken, SentBefore
from ...core.text import one_line
from ...events.rules import LONGEST_NAME
from .. import places, queries, rules
from ..models import PLACE_TAKEN, WorkItem, WorkList
from ..progress import State
from ..queries.lists import live
from ..targets import Aim, aims_words, due_words
from .writing import Meanings, chain, check_revision, locked_item, locked_list, touch, write_aims

LONGEST_REASON = 200


@dataclass(frozen=True)
class Wording:
    """What the list says of an item. ``departments``: the first leads."""

    section: str
    number: int
    name: str
    departments: tuple[str, ...]
    aims: tuple[Aim, ...] = ()
    due_on: date | None = None


def _sound(wording: Wording) -> Wording:
    section, name = rules.section_name(wording.section), one_line(wording.name)
    if not 1 <= len(section) <= LONGEST_NAME:
        raise RuleBroken("worklist.section", most=LONGEST_NAME)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RuleBroken("worklist.name", most=LONGEST_NAME)
    if not 1 <= wording.number <= 999:
        raise RuleBroken("worklist.number")
    if not 1 <= len("、".join(wording.departments)) <= rules.LONGEST_CELL:
        raise RuleBroken("worklist.departments", most=rules.LONGEST_CELL)
    return Wording(section, wording.number, name, wording.departments, wording.aims, wording.due_on)


def add_item(list_id: int, wording: Wording, *, key: str | None = None, actor: Actor, now: datetime) -> WorkItem:
    """One more row; what stands at its number moves down. Locks the list.

    ``key``: of the form; the same form sent twice is one item.
    Raises: SentBefore when it made another one, RuleBroken("worklist.…"), NotFound.
    """
    asked = _sound(wording)
    with transaction() as session:
        written = locked_list(list_id, actor)
        sent = select(WorkItem).where(WorkItem.list_id == list_id, WorkItem.key == key)
        if key and (found := session.scalar(sent)):
            stands = wording_of(queries.item_of(actor, found.id)[1])
            if replace(stands, number=asked.number) != asked:  # its number follows from what was added above it since
                raise SentBefore(name=found.name)
            return found
        _check_room(session, list_id)
        item = WorkItem(list_id=list_id, revision=0, name=asked.name, key=key, changed_at=now)
        _place(session, written, item, asked, now)
        session.add(item)
        session.flush()
        _write(session, written, item, asked, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.item_added", actor=actor, now=now, item=item.id,
            after=_words(asked),
        )  # fmt: skip
    return item


def _check_room(session: Session, list_id: int) -> None:
    if (session.scalar(select(func.count()).select_from(WorkItem).where(live(list_id))) or 0) >= rules.MOST_ROWS:
        raise RuleBroken("worklist.too_many", most=rules.MOST_ROWS)


def change_item(
    item_id: int, wording: Wording, *, expected_revision: int, actor: Actor, now: datetime
) -> WorkItem:  # fmt: skip
    """What the list says of an item; another section or number moves it there. Locks the list, then the item.

    Asking for what already stands changes nothing, so a second press is harmless.
    Raises: Conflict("worklist.changed_meanwhile"), RuleBroken("worklist.…"), NotFound.
    """
    asked = _sound(wording)
    with transaction() as session:
        written, item = locked_item(item_id, actor)
        before = wording_of(queries.item_of(actor, item_id)[1])
        if before == asked:
            return item
        check_revision(item, expected_revision)
        if item.removed_at is not None:
            raise RuleBroken("worklist.is_removed")
        if (before.section, before.number) != (asked.section, asked.number):
            _place(session, written, item, asked, now)
        item.name = asked.name
        _write(session, written, item, asked, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.item_changed", actor=actor, now=now, item=item_id,
            before=_words(before), after=_words(asked),
        )  # fmt: skip
    return item


def wording_of(item: queries.Item) -> Wording:
    """What the list says of an item that was read."""
    return Wording(
        item.section, item.number, item.name, tuple(duty.words for duty in item.duties),
        tuple(Aim(goal.words, goal.value, goal.unit) for goal in item.goals), item.due_on,
    )  # fmt: skip


def _words(wording: Wording) -> dict[str, Any]:
    """As the audit keeps it."""
    return {
        **asdict(wording), "departments": list(wording.departments), "aims": aims_words(wording.aims),
        "due_on": due_words(wording.due_on),
    }  # fmt: skip


def _place(session: Session, written: WorkList, item: WorkItem, asked: Wording, now: datetime) -> None:
    """Give it its section and number, and make room there."""
    rows = session.scalars(select(WorkItem).where(live(written.id))).all()
    others = [row for row in rows if row.id != item.id]
    known = {row.section: row.section_position for row in others}
    last = max((row.section_position for row in rows), default=0)
    there = {row.number: row for row in others if row.section == asked.section}
    moves = places.shifted(there, asked.number)
    if max(moves.values(), default=0) > 999:
        raise RuleBroken("worklist.number")
    for old, new in moves.items():
        there[old].number = new
        touch(there[old], now)
    item.section, item.number = asked.section, asked.number
    item.section_position = known.get(asked.section, last + 1)


def _write(session: Session, written: WorkList, item: WorkItem, asked: Wording, now: datetime) -> None:
    item.due_on = asked.due_on
    touch(item, now)
    Meanings(written.unit_id, written.year).write(session, item.id, asked.departments)
    write_aims(session, item.id, asked.aims)
    _settle(session)


def _settle(session: Session) -> None:
    """The order of the rows is checked now, so that a refusal is told in words."""
    with refused(session, {PLACE_TAKEN: "worklist.place_taken"}):
        session.flush()
        session.execute(text(f"SET CONSTRAINTS {PLACE_TAKEN} IMMEDIATE"))
    session.execute(text(f"SET CONSTRAINTS {PLACE_TAKEN} DEFERRED"))


def remove_item(item_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> None:
    """It no longer stands in the list; what was reported stays. Locks the list, then the item."""
    with transaction():
        written, item = locked_item(item_id, actor)
        if item.removed_at is not None:
            return
        check_revision(item, expected_revision)
        item.removed_at = now
        touch(item, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.item_removed", actor=actor, now=now, item=item_id,
            name=item.name,
        )  # fmt: skip


def restore_item(item_id: int, *, actor: Actor, now: datetime) -> None:
    """Back into the list, where it stood. Locks the list, then the item.

    Raises: RuleBroken("worklist.place_taken") when another one stands there now.
    """
    with transaction() as session:
        written, item = locked_item(item_id, actor)
        if item.removed_at is None:
            return
        _check_room(session, written.id)
        item.removed_at = None
        touch(item, now)
        _settle(session)
        audit.record(
            chain(written.unit_id, written.year), "worklist.item_restored", actor=actor, now=now, item=item_id,
            name=item.name,
        )  # fmt: skip


def set_state(
    item_id: int, state: State | None, *, reason: str, expected_revision: int, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Say how an item stands against what is derived, and why; None takes that back. Locks the list, then the item.

    Raises: RuleBroken("worklist.reason"), Conflict("worklist.changed_meanwhile"), NotFound.
    """
    why = one_line(reason) if state is not None else ""
    if state is not None and not 1 <= len(why) <= LONGEST_REASON:
        raise RuleBroken("worklist.reason", most=LONGEST_REASON)
    with transaction():
        written, item = locked_item(item_id, actor)
        if (item.override, item.override_reason) == (state, why):
            return
        check_revision(item, expected_revision)
        before = item.override
        item.override, item.override_reason = state, why
        item.override_at, item.override_by_id = (now, actor.account_id) if state else (None, None)
        touch(item, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.state_set", actor=actor, now=now, item=item_id,
            before=before.value if before else None, after=state.value if state else None, reason=why,
        )  # fmt: skip
