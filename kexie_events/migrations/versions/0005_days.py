"""days as administrators have entered them

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "working", name="ruling", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_ruling")),
        sa.UniqueConstraint("day", name=op.f("uq_day_ruling_day")),
    )
    op.create_table(
        "year_ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_year_ruling_order")),
        sa.CheckConstraint(
            "first_on >= make_date(year, 1, 1) AND last_on <= make_date(year, 12, 31)",
            name=op.f("ck_year_ruling_year"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_ruling")),
        sa.UniqueConstraint("key", "year", name=op.f("uq_year_ruling_key_year")),
    )


def downgrade() -> None:
    op.drop_table("year_ruling")
    op.drop_table("day_ruling")
