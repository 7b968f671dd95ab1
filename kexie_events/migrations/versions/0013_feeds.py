"""calendars keep the stamps of their entries and what changed in each revision; personal ones what is in them

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SOURCES = ("occurrence", "milestone", "pattern", "round")
CHOICES = {
    "contents": ("all", "dates", "deadlines"),
    "cancelled": ("marked", "removed"),
    "alarm": ("none", "30min", "day"),
}


def _one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.add_column("pattern", sa.Column("uid", sa.Text(), nullable=True))
    op.execute("UPDATE pattern SET uid = gen_random_uuid()::text")
    op.alter_column("pattern", "uid", nullable=False)
    op.create_unique_constraint(op.f("uq_pattern_uid"), "pattern", ["uid"])
    op.add_column("pattern", sa.Column("follows_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_pattern_follows_id"), "pattern", "pattern", ["follows_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("round", sa.Column("uid", sa.Text(), nullable=True))
    op.execute("UPDATE round SET uid = gen_random_uuid()::text")
    op.alter_column("round", "uid", nullable=False)
    op.create_unique_constraint(op.f("uq_round_uid"), "round", ["uid"])
    # Until now the number in a block was the revision of its row, from which the new ones go on.
    op.execute("DELETE FROM feed_block")
    op.drop_constraint(op.f("ck_feed_block_source"), "feed_block", type_="check")
    op.create_check_constraint(op.f("ck_feed_block_source"), "feed_block", _one_of("source", SOURCES))
    op.add_column("feed_block", sa.Column("sequence", sa.Integer(), nullable=False))
    op.add_column("feed_block", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False))
    op.add_column("feed_block", sa.Column("pattern_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_feed_block_pattern_id"), "feed_block", ["pattern_id"])
    op.create_index("ix_feed_block_sort_at", "feed_block", ["sort_at"])
    op.add_column("feed", sa.Column("increments_from", sa.Integer(), server_default="1", nullable=False))
    op.execute("UPDATE feed SET increments_from = revision")
    op.create_table(
        "feed_log",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tombstone", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("path", "uid", name=op.f("pk_feed_log")),
    )
    op.create_index("ix_feed_log_changed_at", "feed_log", ["changed_at"])
    parts = sa.Column(
        "parts", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{entries,judging,registrations}'"),
        nullable=False,
    )
    op.add_column("subscription", parts)
    op.create_check_constraint(
        op.f("ck_subscription_parts"), "subscription",
        "parts <@ ARRAY['entries', 'judging', 'registrations']::text[]",
    )
    for name, values in CHOICES.items():
        op.add_column(
            "subscription", sa.Column(name, sa.String(length=40), server_default=values[0], nullable=False)
        )
        op.create_check_constraint(op.f(f"ck_subscription_{name}"), "subscription", _one_of(name, values))
    op.add_column("subscription", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    for name in ("revision", *reversed(CHOICES), "parts"):
        op.drop_column("subscription", name)
    op.drop_table("feed_log")
    op.drop_column("feed", "increments_from")
    op.execute("DELETE FROM feed_block")
    op.drop_index("ix_feed_block_sort_at", "feed_block")
    op.drop_column("feed_block", "pattern_id")
    op.drop_column("feed_block", "changed_at")
    op.drop_column("feed_block", "sequence")
    op.drop_constraint(op.f("ck_feed_block_source"), "feed_block", type_="check")
    op.create_check_constraint(op.f("ck_feed_block_source"), "feed_block", _one_of("source", SOURCES[:2]))
    op.drop_column("round", "uid")
    op.drop_constraint(op.f("fk_pattern_follows_id"), "pattern", type_="foreignkey")
    op.drop_column("pattern", "follows_id")
    op.drop_column("pattern", "uid")
