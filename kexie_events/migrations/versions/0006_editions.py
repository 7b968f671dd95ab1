"""editions keep what they were made from; two who change one see both versions

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copied_from_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_edition_copied_from_id"), ["copied_from_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_edition_key"), ["key"])
        batch_op.create_foreign_key(batch_op.f("fk_edition_copied_from_id"), "edition", ["copied_from_id"], ["id"], ondelete="SET NULL")

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("places_note", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("copied_from_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_occurrence_copied_from_id"), ["copied_from_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_occurrence_copied_from_id"), "occurrence", ["copied_from_id"], ["id"], ondelete="SET NULL")



def downgrade() -> None:
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_occurrence_copied_from_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_occurrence_copied_from_id"))
        batch_op.drop_column("copied_from_id")
        batch_op.drop_column("places_note")

    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_edition_copied_from_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_edition_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_edition_copied_from_id"))
        batch_op.drop_column("revision")
        batch_op.drop_column("key")
        batch_op.drop_column("copied_from_id")

