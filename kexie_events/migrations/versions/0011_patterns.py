"""the rule of a series becomes a pattern, which its occurrences know

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kexie_events.core.installation import installation

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What most of a series' planned dates have is its pattern's; what one has otherwise becomes its own.
PATTERNS = """
    INSERT INTO pattern (series_id, edition_id, year_shift, rule, first_on, starts, duration_minutes, all_day, room_id,
                         place, capacity, opens_before_minutes, closes_before_minutes, changed_at)
    SELECT s.id,
           CASE WHEN first.style <> 'issue' THEN first.edition_id END,
           CASE WHEN first.style = 'issue'
                THEN first.year - extract(year FROM first.planned_at AT TIME ZONE :zone)::int ELSE 0 END,
           s.rule, s.first_on, s.starts, s.duration_minutes, most.all_day, nullif(most.room_id, 0), most.place,
           nullif(most.capacity, 0), nullif(most.opens, 0),
           CASE WHEN most.opens > 0 AND most.closes BETWEEN 0 AND most.opens - 1 THEN most.closes ELSE 0 END,
           s.changed_at
    FROM series s
    JOIN LATERAL (
        SELECT o.planned_at, o.edition_id, e.style, e.year FROM occurrence o JOIN edition e ON e.id = o.edition_id
        WHERE o.series_id = s.id AND o.planned_at IS NOT NULL ORDER BY o.planned_at, o.id LIMIT 1
    ) first ON true
    JOIN LATERAL (
        SELECT mode() WITHIN GROUP (ORDER BY all_day) AS all_day,
               mode() WITHIN GROUP (ORDER BY coalesce(room_id, 0)) AS room_id,
               mode() WITHIN GROUP (ORDER BY place) AS place,
               mode() WITHIN GROUP (ORDER BY coalesce(capacity, 0)) AS capacity,
               mode() WITHIN GROUP (
                   ORDER BY greatest(coalesce(extract(epoch FROM starts_at - opens_at)::int / 60, 0), 0)) AS opens,
               mode() WITHIN GROUP (
                   ORDER BY coalesce(extract(epoch FROM starts_at - closes_at)::int / 60, 0)) AS closes
        FROM occurrence o WHERE o.series_id = s.id AND o.planned_at IS NOT NULL
    ) most ON true
    WHERE s.first_on IS NOT NULL AND s.starts IS NOT NULL AND s.duration_minutes > 0
"""
OWN = """
    UPDATE occurrence o SET pattern_id = p.id, own = array_remove(ARRAY[
        CASE WHEN o.starts_at <> o.planned_at OR o.all_day <> p.all_day
                  OR o.ends_at <> o.planned_at + p.duration_minutes * interval '1 minute' THEN 'time' END,
        CASE WHEN o.room_id IS DISTINCT FROM p.room_id OR o.place <> p.place THEN 'place' END,
        CASE WHEN o.unit_id <> e.unit_id THEN 'host' END,
        CASE WHEN o.capacity IS DISTINCT FROM p.capacity THEN 'seats' END,
        CASE WHEN o.opens_at IS DISTINCT FROM o.starts_at - p.opens_before_minutes * interval '1 minute'
                  OR (o.opens_at IS NOT NULL
                      AND coalesce(o.closes_at, o.starts_at)
                          <> o.starts_at - p.closes_before_minutes * interval '1 minute') THEN 'window' END,
        CASE WHEN o.title <> '' OR o.summary <> '' THEN 'words' END
    ], NULL)
    FROM pattern p, edition e
    WHERE p.series_id = o.series_id AND e.id = o.edition_id AND o.planned_at IS NOT NULL
"""
BACK = """
    UPDATE series s SET rule = p.rule, first_on = p.first_on, starts = p.starts, duration_minutes = p.duration_minutes
    FROM (SELECT DISTINCT ON (series_id) * FROM pattern ORDER BY series_id, first_on DESC, id DESC) p
    WHERE p.series_id = s.id
"""


def upgrade() -> None:
    op.create_table(
        "pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("year_shift", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("all_day", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("opens_before_minutes", sa.Integer(), nullable=True),
        sa.Column("closes_before_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_pattern_capacity")),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_pattern_duration")),
        sa.CheckConstraint("opens_before_minutes > closes_before_minutes", name=op.f("ck_pattern_window")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_pattern_edition_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_pattern_room_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_pattern_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
    )
    with op.batch_alter_table("pattern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pattern_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pattern_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pattern_series_id"), ["series_id"], unique=False)
    op.create_table(
        "skip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pattern_id", sa.Integer(), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skipped_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], name=op.f("fk_skip_pattern_id")),
        sa.ForeignKeyConstraint(["skipped_by_id"], ["account.id"], name=op.f("fk_skip_skipped_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skip")),
        sa.UniqueConstraint("pattern_id", "slot_at", name=op.f("uq_skip_pattern_id_slot_at")),
    )
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pattern_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("own", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
        )
        batch_op.create_foreign_key(batch_op.f("fk_occurrence_pattern_id"), "pattern", ["pattern_id"], ["id"])
    zone = sa.bindparam("zone", installation().zone.key, sa.Text())
    op.execute(sa.text(PATTERNS).bindparams(zone))
    op.execute(OWN)
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_occurrence_slot"), "pattern_id IS NULL OR planned_at IS NOT NULL"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_occurrence_own"),
            "own <@ ARRAY['time', 'place', 'host', 'seats', 'window', 'words']::text[]",
        )
        batch_op.create_index(
            "uq_occurrence_slot", ["pattern_id", "planned_at"], unique=True,
            postgresql_where=sa.text("pattern_id IS NOT NULL"),
        )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("last_change", sa.Text(), server_default="", nullable=False))
        batch_op.drop_column("first_on")
        batch_op.drop_column("rule")
        batch_op.drop_column("duration_minutes")
        batch_op.drop_column("starts")
    with op.batch_alter_table("venue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("venue", schema=None) as batch_op:
        batch_op.drop_column("revision")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starts", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("duration_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rule", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("first_on", sa.Date(), nullable=True))
        batch_op.drop_column("last_change")
        batch_op.drop_column("revision")
    op.execute(BACK)
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_index("uq_occurrence_slot", postgresql_where=sa.text("pattern_id IS NOT NULL"))
        batch_op.drop_constraint(batch_op.f("ck_occurrence_own"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_occurrence_slot"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_occurrence_pattern_id"), type_="foreignkey")
        batch_op.drop_column("own")
        batch_op.drop_column("pattern_id")
    op.drop_table("skip")
    with op.batch_alter_table("pattern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pattern_series_id"))
        batch_op.drop_index(batch_op.f("ix_pattern_room_id"))
        batch_op.drop_index(batch_op.f("ix_pattern_edition_id"))
    op.drop_table("pattern")
