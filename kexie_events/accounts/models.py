"""People, the accounts of those who sign in, their sessions and their grants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Action, Role, Scope
from ..core.db import Base, Validity
from ..units.queries import path_of
from .rules import AccountState, account_state


class Person(Base):
    """A human being (人员). Needs no account; is known by name and one way to reach them."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "uq_person_contact_name",
            "contact_key",
            "name",
            unique=True,
            postgresql_where=text("contact_key <> ''"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    contact_key: Mapped[str] = mapped_column(default="", server_default="")  # normalised phone, else e-mail
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    created_at: Mapped[datetime]


class Account(Base):
    """What signs in (账号): one person, one identifier, one password."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(unique=True)  # e-mail address, lower case
    password_hash: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    language: Mapped[str] = mapped_column(default="zh", server_default="zh")  # of the letters we send
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="raise")

    @property
    def state(self) -> AccountState:
        return account_state(active=self.active, password_hash=self.password_hash)

    @classmethod
    def scope(cls) -> Scope:
        # Kept by whoever gives roles in the unit that its person belongs to; without a unit, by administrators.
        home = select(Person.unit_id).where(Person.id == cls.person_id).correlate(cls).scalar_subquery()
        return Scope(Action.GRANT, public=false(), unit_path=path_of(home))


class SignIn(Base):
    """One signed-in browser (登录). The cookie holds the token, the row only its hash."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Grant(Validity, Base):
    """A role of an account in one scope, for a time (授权). Exactly one scope; an administrator has none."""

    __tablename__ = "role_grant"  # GRANT is a word of SQL
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(unit_id, series_id, edition_id, round_id) = CASE role WHEN 'administrator' THEN 0 ELSE 1 END",
            name="one_scope",
        ),
        CheckConstraint("valid_to > valid_from", name="validity"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    # Their tables stand in higher rooms; the key is named, nothing is imported.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
