"""a feed remembers its revisions by name, and what is known of a feed goes with it

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM feed_log WHERE path NOT IN (SELECT path FROM feed)")
    op.create_foreign_key(
        op.f("fk_feed_log_path"), "feed_log", "feed", ["path"], ["path"], ondelete="CASCADE"
    )
    op.create_table(
        "feed_revision",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("etag_gzip", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["path"], ["feed.path"], name=op.f("fk_feed_revision_path"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("path", "revision", name=op.f("pk_feed_revision")),
    )
    op.execute("INSERT INTO feed_revision SELECT path, revision, etag, etag_gzip, modified_at FROM feed")
    op.execute("UPDATE feed SET increments_from = revision")


def downgrade() -> None:
    op.drop_table("feed_revision")
    op.drop_constraint(op.f("fk_feed_log_path"), "feed_log", type_="foreignkey")
