"""a notice has a name of its own in feeds; programs ask what was written since

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("uid", sa.Text(), nullable=True))
    op.execute("UPDATE notice SET uid = gen_random_uuid()::text")
    op.alter_column("notice", "uid", nullable=False)
    op.create_unique_constraint(op.f("uq_notice_uid"), "notice", ["uid"])
    op.add_column("feed_block", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE feed_block SET written_at = now()")
    op.alter_column("feed_block", "written_at", nullable=False)
    op.create_index("ix_feed_block_written_at", "feed_block", ["source", "written_at"])


def downgrade() -> None:
    op.drop_column("feed_block", "written_at")
    op.drop_column("notice", "uid")
