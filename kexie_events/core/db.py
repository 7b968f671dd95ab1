"""The database: base class, column types, one transaction, one lock."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from psycopg import Error as PostgresError
from psycopg import errors as postgres
from sqlalchemy import (
    DDL,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Text,
    and_,
    event,
    literal_column,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import Dialect, ExceptionContext
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from .errors import Busy, Conflict, DatabaseBehind, NotFound, RuleBroken
from .text import composed, storable

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Day = date | BindParameter[date]


class Instant(TypeDecorator[datetime]):
    """A point in time: aware, UTC. A naive one is refused, because nobody can say what it means.

    So is one outside the years 1 to 9999 of UTC: PostgreSQL would keep it, and no list that holds it could be read.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: say which time zone is meant")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"{value.isoformat()} cannot be said in UTC") from None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Words(TypeDecorator[str]):
    """Text as people type it, stored composed (NFC) and without NUL, which PostgreSQL refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else composed(value)


class Document(TypeDecorator[Any]):
    """A JSON value; its texts are stored like ``Words``."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)


class Base(DeclarativeBase):
    """A table. Its row points at its parent; the parent never lists its children."""

    # Flask-SQLAlchemy refuses a type_annotation_map on the base itself, so it comes with a registry.
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: Instant(),
            str: Words(),
            dict[str, Any]: Document(),
            list[Any]: Document(),
            enum.Enum: Enum(
                enum.Enum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


class Validity:
    """Rows that hold from a day to a day, and stay when they hold no longer."""

    valid_from: Mapped[date | None] = mapped_column(Date, sort_order=1)  # None: always has
    valid_to: Mapped[date | None] = mapped_column(Date, sort_order=1)  # the first day on which it no longer holds

    @classmethod
    def in_force(cls, day: Day, last: Day | None = None) -> ColumnElement[bool]:
        """Those that hold on a day; with ``last``, at some time from that day to it."""
        last = day if last is None else last
        return and_(
            or_(cls.valid_from.is_(None), cls.valid_from <= last), or_(cls.valid_to.is_(None), cls.valid_to > day)
        )

    @classmethod
    def over(cls, day: Day) -> ColumnElement[bool]:
        """Those that hold no longer; one that does not hold yet is not over."""
        return and_(cls.valid_to.is_not(None), cls.valid_to <= day)


# Expiring every row at each commit would cost a SELECT per row that a view then shows.
db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False, "autoflush": True},
    disable_autonaming=True,
)


@event.listens_for(Engine, "handle_error")
def say_that_it_is_behind(context: ExceptionContext) -> None:
    """One place for the page, the worker and the command line: what is missing, and what to run."""
    error = context.original_exception
    if isinstance(error, postgres.UndefinedTable | postgres.UndefinedColumn) and not _migrating(context):
        raise DatabaseBehind(str(error).splitlines()[0]) from error


def _migrating(context: ExceptionContext) -> bool:
    """Alembic asks what is there and reads the answer itself."""
    return "alembic_version" in (context.statement or "")


R = TypeVar("R", bound=Base)


def only_added(table: type[R]) -> type[R]:
    """Rows of this table are written once: the database refuses to change, remove or truncate, whoever asks."""
    name = table.__tablename__
    for statement in (
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME; END $$""",
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ):
        event.listen(table.__table__, "after_create", DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]
    return table


def constant(member: enum.Enum) -> ColumnElement[Any]:
    """A member of an enum, written into a statement rather than sent beside it.

    For what most rows have: a plan that is kept for all values takes an unseen one for rare, and joins thousands of
    rows as if they were one. Never for what comes from outside.
    """
    return literal_column(f"'{member.value}'")


_DEPTH = "transaction_depth"


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing. A service inside a service joins the outer one.

    Raises: Busy (503) when a lock was not had within ``lock_timeout``.
    """
    session = cast(Session, db.session())
    depth = session.info.get(_DEPTH, 0)
    session.info[_DEPTH] = depth + 1
    try:
        yield session
        if depth == 0:
            session.commit()
        else:
            session.flush()
    except OperationalError as error:
        session.rollback()
        if isinstance(error.orig, postgres.LockNotAvailable | postgres.DeadlockDetected):
            raise Busy() from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_DEPTH] = depth


@contextmanager
def refused(session: Session, taken: Mapping[str, str], **named: object) -> Iterator[None]:
    """Write inside. What a constraint refuses is told by its code: ``taken`` maps the one to the other.

    The constraints decide, not a look beforehand: two who write at the same instant are both told the truth. ``named``
    are the values that the sentence mentions. A savepoint keeps the transaction usable after a refusal.

    Raises: RuleBroken; IntegrityError as it came for a constraint that is not in ``taken``.
    """
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        code = taken.get(constraint_of(error))
        if code is None:
            raise
        raise RuleBroken(code, **named) from error


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused; "" when the database names none."""
    name = error.orig.diag.constraint_name if isinstance(error.orig, PostgresError) else None
    return name or ""


def lock(model: type[R], id: int) -> R:
    """The row, held until the transaction ends: one writer at a time. Parent before child, lower id first.

    Raises: NotFound.
    """
    row = db.session.get(model, id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def expect_revision(stands: int, expected: int, code: str, **named: object) -> None:
    """``stands``: the revision of a row that is locked; ``expected``: the one that was on the page.

    Raises: Conflict(code) with both and ``named`` when somebody changed the row in between.
    """
    if stands != expected:
        raise Conflict(code, yours=expected, theirs=stands, **named)


def one(model: type[R], id: int) -> R:
    """The row by its key. Raises: NotFound."""
    row = db.session.get(model, id)
    if row is None:
        raise NotFound()
    return row


def upsert(session: Session, model: type[Any], rows: Sequence[Mapping[str, Any]], key: tuple[str, ...]) -> None:
    """Write these rows, whether they are there or not. ``key``: the columns by which a row is known.

    One prepared statement for all; VALUES lists would be compiled anew for every number of rows.
    """
    if not rows:
        return
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    session.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def hold_still() -> None:
    """See the database as it is now until the end of the request, whoever writes in between. Call it before the first
    of several statements whose answers must fit together."""
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def end_by_commit(app: Flask) -> None:
    """End a request that reads with COMMIT instead of ROLLBACK.

    psycopg forgets its prepared statements at every ROLLBACK, and planning a list takes several times as long as
    running it. Only GET and HEAD, which write nothing, and only when nothing is waiting to be written.
    """

    @app.teardown_request
    def finish(error: BaseException | None) -> None:
        if error is not None or request.method not in ("GET", "HEAD"):
            return
        session = cast(Session, db.session())
        unsaved = session.new or session.dirty or session.deleted
        if session.in_transaction() and session.is_active and not unsaved:
            session.commit()
