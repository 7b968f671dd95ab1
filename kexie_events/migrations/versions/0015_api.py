"""a notice has a name of its own in feeds

Revision: 0015, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("uid", sa.Text(), nullable=True))
    op.execute("UPDATE notice SET uid = gen_random_uuid()::text")
    op.alter_column("notice", "uid", nullable=False)
    op.create_unique_constraint(op.f("uq_notice_uid"), "notice", ["uid"])


def downgrade() -> None:
    op.drop_column("notice", "uid")
