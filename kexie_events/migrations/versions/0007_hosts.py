"""hosts in turn, and asking for approval

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Editions that another unit than the series' own runs had no end until now: 30 days after their last date, or after the
# year that they are counted under.
HOSTED = """
UPDATE edition SET host_settled = true, hosted_until = coalesce(
    (SELECT (max(occurrence.ends_at) AT TIME ZONE 'Asia/Shanghai')::date FROM occurrence
     WHERE occurrence.edition_id = edition.id),
    make_date(edition.year, 12, 31)) + 31
FROM series WHERE series.id = edition.series_id AND series.unit_id <> edition.unit_id
"""


def upgrade() -> None:
    op.add_column("edition", sa.Column("hosted_until", sa.Date(), nullable=True))
    op.add_column("edition", sa.Column("host_settled", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(HOSTED)
    op.create_table(
        "rotation",
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("handover_days", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("handover_days BETWEEN 0 AND 365", name=op.f("ck_rotation_handover")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_rotation_series_id")),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_rotation")),
    )
    op.create_table(
        "rotation_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("blackout", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "blackout <@ ARRAY[1,2,3,4,5,6,7,8,9,10,11,12]", name=op.f("ck_rotation_member_blackout")
        ),
        sa.CheckConstraint("(position IS NULL) = (left_on IS NOT NULL)", name=op.f("ck_rotation_member_left")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_rotation_member_series_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rotation_member_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_member")),
        sa.UniqueConstraint(
            "series_id", "position", name="uq_rotation_member_position", initially="DEFERRED", deferrable=True
        ),
    )
    op.create_index(op.f("ix_rotation_member_series_id"), "rotation_member", ["series_id"], unique=False)
    op.create_index(op.f("ix_rotation_member_unit_id"), "rotation_member", ["unit_id"], unique=False)
    op.create_index(
        "uq_rotation_member_unit", "rotation_member", ["series_id", "unit_id"], unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )  # fmt: skip
    _swaps()
    _requests()


def _swaps() -> None:
    op.create_table(
        "host_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("first_edition_id", sa.Integer(), nullable=False),
        sa.Column("second_edition_id", sa.Integer(), nullable=False),
        sa.Column("first_unit_id", sa.Integer(), nullable=False),
        sa.Column("second_unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked", "done", "declined", "taken_back", name="swapstate", native_enum=False, create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "first_edition_id <> second_edition_id AND first_unit_id <> second_unit_id", name=op.f("ck_host_swap_two")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_host_swap_series_id")),
        sa.ForeignKeyConstraint(["first_edition_id"], ["edition.id"], name=op.f("fk_host_swap_first_edition_id")),
        sa.ForeignKeyConstraint(["second_edition_id"], ["edition.id"], name=op.f("fk_host_swap_second_edition_id")),
        sa.ForeignKeyConstraint(["first_unit_id"], ["unit.id"], name=op.f("fk_host_swap_first_unit_id")),
        sa.ForeignKeyConstraint(["second_unit_id"], ["unit.id"], name=op.f("fk_host_swap_second_unit_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_host_swap_asked_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("fk_host_swap_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_swap")),
    )  # fmt: skip
    for column in ("series_id", "first_edition_id", "second_edition_id"):
        op.create_index(op.f(f"ix_host_swap_{column}"), "host_swap", [column], unique=False)
    for side in ("first", "second"):
        op.create_index(
            f"uq_host_swap_{side}", "host_swap", [f"{side}_edition_id"], unique=True,
            postgresql_where=sa.text("state = 'asked'"),
        )  # fmt: skip


def _requests() -> None:
    op.create_table(
        "approval_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("guests", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked", "approved", "returned", name="requeststate", native_enum=False, create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_approval_request_edition_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_approval_request_asked_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("fk_approval_request_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
    )  # fmt: skip
    op.create_index(op.f("ix_approval_request_edition_id"), "approval_request", ["edition_id"], unique=False)
    op.create_index(
        "uq_approval_request_open", "approval_request", ["edition_id"], unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("approval_request", "host_swap", "rotation_member", "rotation"):
        op.drop_table(table)
    op.drop_column("edition", "host_settled")
    op.drop_column("edition", "hosted_until")
