"""calendars of others: their addresses, imports on their way, which date became which occurrence

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NOTHING = sa.text("'{}'")


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    moment, document = sa.DateTime(timezone=True), postgresql.JSONB()
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("is_daily", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("content_digest", sa.Text(), server_default="", nullable=False),
        sa.Column("is_endless", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checked_at", moment, nullable=True),
        sa.Column("next_fetch_at", moment, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("last_details", document, server_default=_NOTHING, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            _one_of("state", "active", "stopped", "removed"), name=op.f("ck_calendar_source_sourcestate")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_calendar_source_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("fk_calendar_source_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_source")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_source_key")),
    )
    op.create_index(
        "uq_calendar_source_address", "calendar_source", ["edition_id", "address"], unique=True,
        postgresql_where=sa.text("state <> 'removed'"),
    )
    op.create_index("ix_calendar_source_next_fetch_at", "calendar_source", ["next_fetch_at"])
    op.create_table(
        "calendar_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("content_digest", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("by_itself", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("found", document, server_default=_NOTHING, nullable=False),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("error_details", document, server_default=_NOTHING, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Text(), server_default="", nullable=False),
        sa.Column("done", document, server_default=_NOTHING, nullable=False),
        sa.CheckConstraint(
            _one_of("state", "waiting", "read", "applied", "failed", "dropped"),
            name=op.f("ck_calendar_import_importstate"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_calendar_import_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["calendar_source.id"], name=op.f("fk_calendar_import_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_calendar_import_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_calendar_import_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_import")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_import_key")),
    )
    waiting = {"postgresql_where": sa.text("state = 'waiting'")}
    op.create_index("uq_calendar_import_waiting", "calendar_import", ["source_id"], unique=True, **waiting)
    op.create_index("ix_calendar_import_asked_at", "calendar_import", ["asked_at"], **waiting)
    op.create_index("ix_calendar_import_edition_id", "calendar_import", ["edition_id", "asked_at"])
    op.create_table(
        "imported_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.Text(), server_default="", nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("recurrence", sa.Text(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=True),
        sa.Column("said", document, nullable=False),
        sa.Column("written", document, nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_imported_date_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["calendar_source.id"], name=op.f("fk_imported_date_source_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_imported_date_occurrence_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_date")),
        sa.UniqueConstraint("edition_id", "uid", "recurrence", name=op.f("uq_imported_date_edition_id_uid_recurrence")),
        sa.UniqueConstraint("occurrence_id", name=op.f("uq_imported_date_occurrence_id")),
    )
    op.create_index(op.f("ix_imported_date_source_id"), "imported_date", ["source_id"])


def downgrade() -> None:
    for table in ("imported_date", "calendar_import", "calendar_source"):
        op.drop_table(table)
