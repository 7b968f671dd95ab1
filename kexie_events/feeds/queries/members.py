"""What stands in personal calendars, and in whose a thing stands."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Subquery, Text, any_, exists, literal, select, tuple_, type_coerce, union

from ...accounts.models import Account
from ...core.db import db
from ...entries.models import Entry, EntryMember
from ...events.models import Milestone
from ...judging.models import Assignment, Judge
from ...registrations.models import Registration
from ...registrations.rules import RegistrationState
from ..models import Subscription
from ..rules import PERSONAL, PersonalPart, Source
from .stale import Key, Query


def live_addresses() -> Query:
    """(token_hash) of the personal calendars that are neither ended nor of a closed account."""
    return (
        select(Subscription.token_hash)
        .select_from(Subscription)
        .join(Account, Account.id == Subscription.account_id)
        .where(Subscription.revoked_at.is_(None), Account.active)
    )


def members() -> Subquery:
    """What stands in personal feeds: (token_hash, source, source_id). One arm for each reason to be in it.

    A seat counts, a place in the queue does not: a calendar that shows it would promise it. The seats that an account
    filed for others, for children or a class, are among its own. Of a work, its authors and whoever files it have the
    whole timeline of its edition; of judging, who still has works to score.
    """

    def arm(part: PersonalPart, source: Source, source_id: Any) -> Query:
        chosen = literal(part.value, Text) == any_(type_coerce(Subscription.parts, ARRAY(Text)))
        return live_addresses().add_columns(literal(source.value, Text).label("source"), source_id).where(chosen)

    seat = (PersonalPart.REGISTRATIONS, Source.OCCURRENCE, Registration.occurrence_id.label("source_id"))
    confirmed = Registration.state == RegistrationState.CONFIRMED
    point = (PersonalPart.ENTRIES, Source.MILESTONE, Milestone.id.label("source_id"))
    of_edition = Milestone.edition_id == Entry.edition_id
    duty = (PersonalPart.JUDGING, Source.ROUND, Judge.round_id.label("source_id"))
    has_works = exists().where(Assignment.judge_id == Judge.id, Assignment.withdrawn_at.is_(None))
    return union(
        arm(*seat).join(Registration, Registration.person_id == Account.person_id).where(confirmed),
        arm(*seat).join(Registration, Registration.account_id == Account.id).where(confirmed),
        arm(*point).join(Entry, Entry.account_id == Account.id).join(Milestone, of_edition),
        arm(*point)
        .join(EntryMember, EntryMember.person_id == Account.person_id)
        .join(Entry, Entry.id == EntryMember.entry_id)
        .join(Milestone, of_edition),
        arm(*duty).join(Judge, Judge.account_id == Account.id).where(has_works),
    ).subquery("member")


def personal_feeds_of(keys: Collection[Key]) -> set[str]:
    """Paths of the personal feeds that hold any of these things."""
    if not keys:
        return set()
    member = members()
    plain = [(source.value, number) for source, number in keys]
    rows = db.session.scalars(
        select(member.c.token_hash).distinct().where(tuple_(member.c.source, member.c.source_id).in_(plain))
    )
    return {f"{PERSONAL}{token_hash}" for token_hash in rows}
