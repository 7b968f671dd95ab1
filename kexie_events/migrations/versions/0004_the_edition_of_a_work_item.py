"""the edition of a work item

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edition_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_work_item_edition_id"), "edition", ["edition_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_work_item_edition_id"), ["edition_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_item_edition_id"))
        batch_op.drop_constraint(batch_op.f("fk_work_item_edition_id"), type_="foreignkey")
        batch_op.drop_column("edition_id")
