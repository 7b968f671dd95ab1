"""What an entry lacks, by what it has."""

from typing import Any

from flask import Flask
from sqlalchemy import event

from kexie_events.core.db import db
from kexie_events.entries.models import EntryFile, EntryMember
from kexie_events.entries.queries import missing
from kexie_events.entries.rules import Part
from tests.build import NOON, make_entry, make_person


def test_what_is_missing_is_told_by_one_query(app: Flask) -> None:
    bare, whole = make_entry(abstract=""), make_entry()
    db.session.add(EntryMember(entry_id=whole.id, person_id=make_person().id, position=1))
    db.session.add(
        EntryFile(
            entry_id=whole.id, name="报告.pdf", media_type="application/pdf", size=9, sha256="0" * 64, added_at=NOON
        )
    )
    db.session.commit()
    db.session.refresh(whole)
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert missing(whole) == []
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1
    assert missing(bare) == [Part.ABSTRACT, Part.MEMBERS, Part.FILES]
