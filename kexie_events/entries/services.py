"""Filing an entry: start, fill in, attach, submit, take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import delete, func, select

from ..accounts import services as accounts
from ..accounts.rules import person_name
from ..audit import services as audit
from ..contests import queries as contests
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import db, lock, one, transaction
from ..core.errors import NotFound, RuleBroken
from ..core.installation import installation
from ..core.text import one_line
from ..events.models import Edition
from ..units.models import Unit
from . import queries, rules
from .models import Entry, EntryFile, EntryMember
from .rules import EntryState


@dataclass(frozen=True)
class Application:
    """What a person fills in (申报书). ``members``: names in order; ``unit_id``: the school."""

    title: str
    abstract: str
    category: str
    group: str
    discipline: str
    unit_id: int
    members: tuple[str, ...]


def start(edition_id: int, application: Application, *, actor: Actor, now: datetime) -> Entry:
    """A draft with the next number of its edition; the same application again is the same draft.

    Locks the edition: numbers are gapless.
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        _check(edition_id, application, actor=actor, now=now)
        if actor.account_id is None:
            raise NotFound()
        if twin := _twin(edition_id, application, actor.account_id):
            return twin
        last = session.scalar(select(func.max(Entry.number)).where(Entry.edition_id == edition_id)) or 0
        entry = Entry(
            edition_id=edition.id, number=last + 1, account_id=actor.account_id, state=EntryState.DRAFT,
            created_at=now, changed_at=now, **_values(application),
        )  # fmt: skip
        session.add(entry)
        session.flush()
        _write_members(entry.id, application.members, now)
        audit.record(
            f"entry:{entry.id}",
            "entry.started",
            actor=actor,
            now=now,
            edition_id=edition_id,
            number=entry.number,
        )
    return entry


def change(entry_id: int, application: Application, *, actor: Actor, now: datetime) -> Entry:
    """Fill in a draft. Locks the entry."""
    with transaction():
        entry = _own_draft(entry_id, actor=actor)
        _check(entry.edition_id, application, actor=actor, now=now)
        for name, value in _values(application).items():
            setattr(entry, name, value)
        entry.changed_at = now
        _write_members(entry.id, application.members, now)
        audit.record(f"entry:{entry.id}", "entry.changed", actor=actor, now=now)
    return entry


def add_file(entry_id: int, name: str, content: BinaryIO, *, actor: Actor, now: datetime) -> EntryFile:
    """Attach a file to a draft. The content is stored and its type told before the lock is taken."""
    entry = one(Entry, entry_id)
    pack = contests.pack_of(entry.edition_id)
    stored = installation().storage.keep(content, largest=pack.most_megabytes << 20)
    if not stored.size:
        raise RuleBroken("entry.empty_file")
    kind = rules.media_type(stored.head)
    with transaction() as session:
        entry = _own_draft(entry_id, actor=actor)
        rules.check_period(queries.period_of(entry.edition_id), now)
        if len(queries.files_of(entry_id)) >= rules.MOST_FILES:
            raise RuleBroken("entry.too_many_files", most=rules.MOST_FILES)
        file = EntryFile(
            entry_id=entry_id, name=rules.named_as(rules.file_name(name), kind), media_type=kind, size=stored.size,
            sha256=stored.sha256,
            added_at=now,
        )  # fmt: skip
        session.add(file)
        entry.changed_at = now
        session.flush()
        audit.record(f"entry:{entry_id}", "entry.file_added", actor=actor, now=now, file_id=file.id, sha256=file.sha256)
    return file


def remove_file(entry_id: int, file_id: int, *, actor: Actor, now: datetime) -> None:
    """Detach a file from a draft; its content stays for the audit. Locks the entry."""
    with transaction() as session:
        entry = _own_draft(entry_id, actor=actor)
        rules.check_period(queries.period_of(entry.edition_id), now)
        file = queries.file_of(entry_id, file_id)
        session.delete(file)
        entry.changed_at = now
        audit.record(
            f"entry:{entry_id}",
            "entry.file_removed",
            actor=actor,
            now=now,
            file_id=file_id,
            sha256=file.sha256,
        )


def submit(entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Hand in a complete draft before the deadline. Locks the entry; ``now`` is when the request arrived."""
    with transaction():
        entry = _own_draft(entry_id, actor=actor)
        rules.check_period(queries.period_of(entry.edition_id), now)
        lacks = queries.missing(entry)
        if lacks:
            raise RuleBroken("entry.incomplete", lacks=lacks)
        entry.state, entry.submitted_at, entry.changed_at = EntryState.SUBMITTED, now, now
        hashes = [file.sha256 for file in queries.files_of(entry_id)]
        audit.record(f"entry:{entry_id}", "entry.submitted", actor=actor, now=now, files=hashes)
    return entry


def take_back(entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Make a submitted entry a draft again, before the deadline. Locks the entry."""
    with transaction():
        entry = lock(Entry, entry_id)
        _check_owner(entry, actor)
        if entry.state is EntryState.SUBMITTED:
            rules.check_period(queries.period_of(entry.edition_id), now)
            entry.state, entry.submitted_at, entry.changed_at = EntryState.DRAFT, None, now
            audit.record(f"entry:{entry_id}", "entry.taken_back", actor=actor, now=now)
    return entry


def _twin(edition_id: int, application: Application, account_id: int) -> Entry | None:
    """The draft that this very application made before: a second press, or the page sent again after "back"."""
    same = [getattr(Entry, name) == value for name, value in _values(application).items()]
    query = select(Entry).where(
        Entry.edition_id == edition_id, Entry.account_id == account_id, Entry.state == EntryState.DRAFT, *same
    )
    names = [person_name(name) for name in application.members]
    drafts = db.session.scalars(query.order_by(Entry.id)).all()
    return next((row for row in drafts if [member.name for member in queries.members_of(row.id)] == names), None)


def _values(application: Application) -> dict[str, object]:
    return {
        "title": one_line(application.title),
        "abstract": application.abstract.strip(),
        "category": application.category,
        "group": application.group,
        "discipline": application.discipline,
        "unit_id": application.unit_id,
    }


def _check(edition_id: int, application: Application, *, actor: Actor, now: datetime) -> None:
    pack = contests.pack_of(edition_id)
    rules.check_period(queries.period_of(edition_id), now)
    rules.check_title(one_line(application.title))
    rules.check_codes(pack, category=application.category, group=application.group, discipline=application.discipline)
    rules.check_team([person_name(name) for name in application.members], pack)
    school = one(Unit, application.unit_id)
    if not access.allows(actor, Action.SUBMIT_ENTRY, Place(school.path)):
        raise RuleBroken("entry.school")


def _write_members(entry_id: int, names: Sequence[str], now: datetime) -> None:
    """The authors in order. Who stays keeps the row of the person; who goes is forgotten."""
    with transaction() as session:
        known = {person.name: person.id for person in queries.members_of(entry_id)}
        wanted = [person_name(name) for name in names]
        if list(known) == wanted:
            return
        session.execute(delete(EntryMember).where(EntryMember.entry_id == entry_id))
        for position, name in enumerate(wanted, start=1):
            person_id = known.pop(name, None) or accounts.find_or_add_person(name, now=now)
            session.add(EntryMember(entry_id=entry_id, person_id=person_id, position=position))
        accounts.forget_people(known.values())


def _own_draft(entry_id: int, *, actor: Actor) -> Entry:
    entry = lock(Entry, entry_id)
    _check_owner(entry, actor)
    if entry.state is not EntryState.DRAFT:
        raise RuleBroken("entry.submitted")
    return entry


def _check_owner(entry: Entry, actor: Actor) -> None:
    """Only who filed it changes it; for others it does not exist."""
    if actor.account_id is None or entry.account_id != actor.account_id:
        raise NotFound()
