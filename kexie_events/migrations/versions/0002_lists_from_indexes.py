"""lists are read from indexes alone

Revision: 0002, after 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Index, table, column, what it holds beside the column.
COVERING = (
    (
        "ix_occurrence_ends_at",
        "occurrence",
        "ends_at",
        ["id", "edition_id", "unit_id", "room_id", "starts_at", "opens_at", "closes_at", "publication", "status"],
    ),
    ("ix_edition_series_id", "edition", "series_id", ["publication"]),
)


def upgrade() -> None:
    for name, table, column, held in COVERING:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [column], postgresql_include=held)
    op.create_index("ix_milestone_code_starts_at", "milestone", ["code", "starts_at"])
    op.create_index("ix_milestone_starts_at", "milestone", ["starts_at"])


def downgrade() -> None:
    op.drop_index("ix_milestone_starts_at", table_name="milestone")
    op.drop_index("ix_milestone_code_starts_at", table_name="milestone")
    for name, table, column, _held in COVERING:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [column])
