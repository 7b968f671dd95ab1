"""Guests in protocol order: ranks, who is in them, letters of invitation with numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, one, refused, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import one_line
from ...events.models import Edition
from ...events.queries.places import require
from .. import rules
from ..models import Guest, GuestGroup, GuestList
from ..rules import Answer, GuestRole

MOST_GROUPS, MOST_GUESTS = 30, 2000
# What the database refuses of ranks, and of a guest.
_RANKS = {"uq_guest_group_edition_id_name": "guest.group_twice", "fk_guest_group_id_edition_id": "guest.group_in_use"}
_TWICE = {"uq_guest_edition_id_name_organization": "guest.twice"}


@dataclass(frozen=True)
class GuestPlan:
    """What an organiser writes down of a guest: no more than is printed."""

    name: str
    group_id: int
    organization: str = ""
    post: str = ""
    role: GuestRole = GuestRole.GUEST
    answer: Answer = Answer.PLANNED
    position: int | None = None


def set_groups(
    edition_id: int, names: Sequence[str], *, expected: Sequence[str] | None = None, actor: Actor, now: datetime
) -> list[GuestGroup]:
    """Locks the edition. The ranks from the first to the last; a name that stays keeps its guests.

    ``expected``: those that stood on the page, in order; asking for what stands by now changes nothing.
    Raises: RuleBroken("guest.groups" | "guest.group_twice" | "guest.group_in_use"),
    Conflict("agenda.changed_meanwhile").
    """
    wanted = [clean for name in names if (clean := one_line(name))]
    if not 1 <= len(wanted) <= MOST_GROUPS or max(map(len, wanted)) > 40:
        raise RuleBroken("guest.groups", most=MOST_GROUPS)
    if len(set(wanted)) < len(wanted):
        raise RuleBroken("guest.group_twice")
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        query = select(GuestGroup).where(GuestGroup.edition_id == edition_id).order_by(GuestGroup.position)
        rows = session.scalars(query.execution_options(populate_existing=True)).all()
        known = {row.name: row for row in rows}
        if [*known] == wanted:
            return list(rows)
        if expected is not None and [*known] != [*expected]:
            raise Conflict("agenda.changed_meanwhile")
        with refused(session, _RANKS):
            gone = [row.id for name, row in known.items() if name not in wanted]
            if gone:
                session.execute(delete(GuestGroup).where(GuestGroup.id.in_(gone)))
            for n, name in enumerate(wanted, start=1):
                row = known.get(name) or GuestGroup(edition_id=edition_id, name=name, position=n)
                row.position = n
                session.add(row)
        audit.record(f"edition:{edition_id}", "guest.groups_set", actor=actor, now=now, names=wanted)
    return list(session.scalars(select(GuestGroup).where(GuestGroup.edition_id == edition_id)))


def _sound(session: Session, edition_id: int, plan: GuestPlan) -> GuestPlan:
    plan = replace(
        plan, name=one_line(plan.name), organization=one_line(plan.organization), post=one_line(plan.post)
    )  # fmt: skip
    if not 1 <= len(plan.name) <= 40 or max(len(plan.organization), len(plan.post)) > rules.LONGEST_WORDS:
        raise RuleBroken("guest.name")
    if plan.position is not None and not 1 <= plan.position <= MOST_GUESTS:
        raise RuleBroken("guest.position", most=MOST_GUESTS)
    group = session.get(GuestGroup, plan.group_id)
    if group is None or group.edition_id != edition_id:
        raise RuleBroken("guest.group")
    return plan


def add_guest(edition_id: int, plan: GuestPlan, *, actor: Actor, now: datetime) -> Guest:
    """Locks the edition. The same person of the same unit is invited once; the same form sent twice is one guest.

    Raises: RuleBroken("guest.twice" | "guest.name" | "guest.group" | "guest.too_many").
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        plan = _sound(session, edition_id, plan)
        if before := _same_guest(session, edition_id, plan):
            return before
        held = session.scalar(select(func.count()).where(Guest.edition_id == edition_id)) or 0
        if held >= MOST_GUESTS:
            raise RuleBroken("guest.too_many", most=MOST_GUESTS)
        row = Guest(
            edition_id=edition_id, group_id=plan.group_id, name=plan.name, organization=plan.organization,
            post=plan.post, role=plan.role, answer=plan.answer, position=plan.position,
        )  # fmt: skip
        with refused(session, _TWICE, name=plan.name):
            session.add(row)
        audit.record(f"edition:{edition_id}", "guest.added", actor=actor, now=now, guest=row.id)
    return row


def _same_guest(session: Session, edition_id: int, plan: GuestPlan) -> Guest | None:
    """Who is on the list with just these words."""
    return session.scalar(
        select(Guest).where(
            Guest.edition_id == edition_id, Guest.name == plan.name, Guest.organization == plan.organization,
            Guest.group_id == plan.group_id, Guest.post == plan.post, Guest.role == plan.role,
            Guest.answer == plan.answer, Guest.position.is_not_distinct_from(plan.position),
        )
    )  # fmt: skip


def _locked(guest_id: int, actor: Actor, expected_revision: int) -> Guest:
    edition = lock(Edition, one(Guest, guest_id).edition_id)
    require(actor, Action.PLAN, edition)
    row = lock(Guest, guest_id)
    if row.revision != expected_revision:
        raise Conflict("agenda.changed_meanwhile", yours=expected_revision, theirs=row.revision)
    return row


def change_guest(guest_id: int, plan: GuestPlan, *, expected_revision: int, actor: Actor, now: datetime) -> Guest:
    """Locks the edition and the guest. Raises: Conflict, RuleBroken."""
    with transaction() as session:
        row = _locked(guest_id, actor, expected_revision)
        plan = _sound(session, row.edition_id, plan)
        before = {"answer": row.answer.value, "group": row.group_id, "position": row.position}
        with refused(session, _TWICE, name=plan.name):
            row.name, row.organization, row.post, row.group_id = plan.name, plan.organization, plan.post, plan.group_id
            row.role, row.answer, row.position, row.revision = plan.role, plan.answer, plan.position, row.revision + 1
        audit.record(
            f"edition:{row.edition_id}", "guest.changed", actor=actor, now=now, guest=row.id, before=before,
            after={"answer": row.answer.value, "group": row.group_id, "position": row.position},
        )  # fmt: skip
    return row


def remove_guest(guest_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> int:
    """Locks the edition and the guest. Their data is deleted; the number of their letter is never given again."""
    with transaction() as session:
        row = _locked(guest_id, actor, expected_revision)
        session.execute(delete(Guest).where(Guest.id == row.id))
        audit.record(
            f"edition:{row.edition_id}", "guest.removed", actor=actor, now=now, guest=row.id, letter=row.letter_number
        )
    return row.edition_id


def number_letters(edition_id: int, *, actor: Actor, now: datetime) -> int:
    """Locks the edition. Everybody who has no letter yet gets the next number, in protocol order, and counts as
    invited. How many. Pressing again changes nothing.

    Numbers are counted in the edition, so that one that was removed leaves a gap.
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        rows = list(
            session.execute(
                select(Guest, GuestGroup.position)
                .join(GuestGroup, GuestGroup.id == Guest.group_id)
                .where(Guest.edition_id == edition_id, Guest.letter_number.is_(None), Guest.answer != Answer.DECLINED)
                .execution_options(populate_existing=True)
            )
        )
        rows.sort(key=lambda row: rules.protocol_key(rules.Invited(row[0].id, row[1], row[0].position, row[0].name)))
        counter = session.get(GuestList, edition_id, populate_existing=True) or GuestList(
            edition_id=edition_id, letters=0
        )
        last, counter.letters = counter.letters, counter.letters + len(rows)
        session.add(counter)
        for n, (guest, _) in enumerate(rows, start=last + 1):
            guest.letter_number, guest.revision = n, guest.revision + 1
            if guest.answer is Answer.PLANNED:
                guest.answer = Answer.INVITED
        if rows:
            audit.record(
                f"edition:{edition_id}", "guest.letters_numbered", actor=actor, now=now, first=last + 1,
                last=last + len(rows),
            )  # fmt: skip
    return len(rows)
