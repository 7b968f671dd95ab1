"""an occurrence with an agenda cannot be thrown away

Revision: 0012, after 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NAME = "fk_agenda_session_occurrence_id"


def upgrade() -> None:
    _bind(None)


def downgrade() -> None:
    _bind("CASCADE")


def _bind(ondelete: str | None) -> None:
    op.drop_constraint(op.f(_NAME), "agenda_session", type_="foreignkey")
    op.create_foreign_key(op.f(_NAME), "agenda_session", "occurrence", ["occurrence_id"], ["id"], ondelete=ondelete)
