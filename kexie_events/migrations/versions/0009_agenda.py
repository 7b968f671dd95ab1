"""who has which room and which person when, kept by the database; sub-forums, sessions, talks, programmes, guests

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As events/bookings.py said them when this was written.
KEEP_BOOKINGS = (
    """CREATE OR REPLACE FUNCTION keep_bookings(changed integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM room_booking WHERE occurrence_id = ANY (changed);
  DELETE FROM person_booking WHERE occurrence_id = ANY (changed);
  INSERT INTO room_booking (layer, room_id, occurrence_id, starts_at, ends_at)
    SELECT 1, room_id, id, starts_at, ends_at FROM occurrence
    WHERE id = ANY (changed) AND room_id IS NOT NULL AND status = 'scheduled' AND publication <> 'withdrawn';
  INSERT INTO room_booking (layer, room_id, occurrence_id, session_id, starts_at, ends_at)
    WITH held AS (
      SELECT s.id, s.occurrence_id, coalesce(s.room_id, o.room_id) AS room_id, s.starts_at, s.ends_at,
        CASE WHEN coalesce(s.room_id, o.room_id) = o.room_id THEN o.starts_at END AS own_from,
        CASE WHEN coalesce(s.room_id, o.room_id) = o.room_id THEN o.ends_at END AS own_to
      FROM agenda_session s JOIN occurrence o ON o.id = s.occurrence_id
      WHERE o.id = ANY (changed) AND o.status = 'scheduled' AND o.publication <> 'withdrawn' AND NOT s.cancelled
        AND coalesce(s.room_id, o.room_id) IS NOT NULL)
    SELECT 2, room_id, occurrence_id, id, starts_at, ends_at FROM held
    UNION ALL SELECT 1, room_id, occurrence_id, id, starts_at, ends_at FROM held WHERE own_from IS NULL
    UNION ALL SELECT 1, room_id, occurrence_id, id, starts_at, least(ends_at, own_from) FROM held
      WHERE starts_at < own_from
    UNION ALL SELECT 1, room_id, occurrence_id, id, greatest(starts_at, own_to), ends_at FROM held
      WHERE ends_at > own_to;
  INSERT INTO person_booking (layer, speaker_id, occurrence_id, session_id, talk_id, starts_at, ends_at)
    WITH held AS (
      SELECT s.id, s.occurrence_id, s.starts_at, s.ends_at
      FROM agenda_session s JOIN occurrence o ON o.id = s.occurrence_id
      WHERE o.id = ANY (changed) AND o.status = 'scheduled' AND o.publication <> 'withdrawn' AND NOT s.cancelled),
    timed AS (
      SELECT t.id, t.session_id, h.occurrence_id, t.cancelled, t.minutes, h.starts_at + make_interval(
        mins => (sum(t.minutes) OVER (PARTITION BY t.session_id ORDER BY t.position) - t.minutes)::integer) AS starts_at
      FROM talk t JOIN held h ON h.id = t.session_id),
    spoken AS (
      SELECT p.speaker_id, t.occurrence_id, t.session_id, t.id, t.starts_at,
        t.starts_at + make_interval(mins => t.minutes) AS ends_at,
        EXISTS (SELECT FROM session_chair c WHERE c.session_id = t.session_id AND c.speaker_id = p.speaker_id) AS chairs
      FROM talk_speaker p JOIN timed t ON t.id = p.talk_id WHERE NOT t.cancelled)
    SELECT 2, speaker_id, occurrence_id, session_id, id, starts_at, ends_at FROM spoken
    UNION ALL SELECT 1, speaker_id, occurrence_id, session_id, id, starts_at, ends_at FROM spoken WHERE NOT chairs
    UNION ALL SELECT 1, c.speaker_id, h.occurrence_id, h.id, NULL, h.starts_at, h.ends_at
      FROM session_chair c JOIN held h ON h.id = c.session_id;
END $$""",
    """CREATE OR REPLACE FUNCTION occurrence_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  days double precision := extract(epoch FROM NEW.starts_at - OLD.starts_at) / 86400;
  shift interval := CASE
    WHEN NEW.all_day AND NOT OLD.all_day THEN make_interval(days => ceil(days)::integer)
    WHEN OLD.all_day AND NOT NEW.all_day THEN make_interval(days => floor(days)::integer)
    ELSE NEW.starts_at - OLD.starts_at END;
BEGIN
  IF shift <> interval '0' THEN
    UPDATE agenda_session SET starts_at = starts_at + shift, ends_at = ends_at + shift, revision = revision + 1
    WHERE occurrence_id = NEW.id;
  END IF;
  PERFORM keep_bookings(ARRAY[NEW.id]);
  RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION occurrences_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM keep_bookings(array(SELECT id FROM new_rows WHERE room_id IS NOT NULL));
  RETURN NULL;
END $$""",
    """CREATE TRIGGER occurrence_insert AFTER INSERT ON occurrence REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION occurrences_added()""",
    """CREATE TRIGGER occurrence_update AFTER UPDATE OF room_id, starts_at, ends_at, all_day, status, publication ON occurrence FOR EACH ROW WHEN ((OLD.room_id, OLD.starts_at, OLD.ends_at, OLD.status, OLD.publication = 'withdrawn') IS DISTINCT FROM (NEW.room_id, NEW.starts_at, NEW.ends_at, NEW.status, NEW.publication = 'withdrawn')) EXECUTE FUNCTION occurrence_moved()""",
    """CREATE OR REPLACE FUNCTION agenda_session_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM keep_bookings(array(SELECT occurrence_id FROM new_rows));
  ELSIF TG_OP = 'DELETE' THEN PERFORM keep_bookings(array(SELECT occurrence_id FROM old_rows));
  ELSE PERFORM keep_bookings(array(SELECT occurrence_id FROM new_rows UNION SELECT occurrence_id FROM old_rows));
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER agenda_session_insert AFTER INSERT ON agenda_session REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION agenda_session_changed()""",
    """CREATE TRIGGER agenda_session_delete AFTER DELETE ON agenda_session REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION agenda_session_changed()""",
    """CREATE TRIGGER agenda_session_update AFTER UPDATE ON agenda_session REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION agenda_session_changed()""",
    """CREATE OR REPLACE FUNCTION talk_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN agenda_session s ON s.id = r.session_id));
  ELSIF TG_OP = 'DELETE' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM old_rows r JOIN agenda_session s ON s.id = r.session_id));
  ELSE PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN agenda_session s ON s.id = r.session_id UNION SELECT s.occurrence_id FROM old_rows r JOIN agenda_session s ON s.id = r.session_id));
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER talk_insert AFTER INSERT ON talk REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_changed()""",
    """CREATE TRIGGER talk_delete AFTER DELETE ON talk REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_changed()""",
    """CREATE TRIGGER talk_update AFTER UPDATE ON talk REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_changed()""",
    """CREATE OR REPLACE FUNCTION session_chair_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN agenda_session s ON s.id = r.session_id));
  ELSIF TG_OP = 'DELETE' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM old_rows r JOIN agenda_session s ON s.id = r.session_id));
  ELSE PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN agenda_session s ON s.id = r.session_id UNION SELECT s.occurrence_id FROM old_rows r JOIN agenda_session s ON s.id = r.session_id));
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER session_chair_insert AFTER INSERT ON session_chair REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION session_chair_changed()""",
    """CREATE TRIGGER session_chair_delete AFTER DELETE ON session_chair REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION session_chair_changed()""",
    """CREATE TRIGGER session_chair_update AFTER UPDATE ON session_chair REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION session_chair_changed()""",
    """CREATE OR REPLACE FUNCTION talk_speaker_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN talk t ON t.id = r.talk_id JOIN agenda_session s ON s.id = t.session_id));
  ELSIF TG_OP = 'DELETE' THEN PERFORM keep_bookings(array(SELECT s.occurrence_id FROM old_rows r JOIN talk t ON t.id = r.talk_id JOIN agenda_session s ON s.id = t.session_id));
  ELSE PERFORM keep_bookings(array(SELECT s.occurrence_id FROM new_rows r JOIN talk t ON t.id = r.talk_id JOIN agenda_session s ON s.id = t.session_id UNION SELECT s.occurrence_id FROM old_rows r JOIN talk t ON t.id = r.talk_id JOIN agenda_session s ON s.id = t.session_id));
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER talk_speaker_insert AFTER INSERT ON talk_speaker REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_speaker_changed()""",
    """CREATE TRIGGER talk_speaker_delete AFTER DELETE ON talk_speaker REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_speaker_changed()""",
    """CREATE TRIGGER talk_speaker_update AFTER UPDATE ON talk_speaker REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION talk_speaker_changed()""",
)
FUNCTIONS = (
    "keep_bookings(integer[])",
    "occurrence_moved()",
    "occurrences_added()",
    "agenda_session_changed()",
    "talk_changed()",
    "session_chair_changed()",
    "talk_speaker_changed()",
)


def upgrade() -> None:
    op.create_table(
        "agenda_call",
        sa.Column("edition_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("everybody", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_agenda_call_window")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_agenda_call_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_agenda_call")),
    )
    op.create_table(
        "guest_list",
        sa.Column("edition_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letters", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_guest_list_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_guest_list")),
    )
    op.create_table(
        "guest_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_guest_group_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_group")),
        sa.UniqueConstraint("edition_id", "name", name=op.f("uq_guest_group_edition_id_name")),
        sa.UniqueConstraint(
            "edition_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_guest_group_edition_id_position"),
        ),
        sa.UniqueConstraint("id", "edition_id", name=op.f("uq_guest_group_id_edition_id")),
    )
    op.create_table(
        "programme_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_programme_release_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_release")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_programme_release_edition_id_number")),
    )
    op.create_table(
        "speaker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), server_default="", nullable=False),
        sa.Column("post", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_speaker_edition_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_speaker_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
        sa.UniqueConstraint("edition_id", "name", "organization", name=op.f("uq_speaker_edition_id_name_organization")),
    )
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speaker_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "agenda_call_unit",
        sa.Column("edition_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["agenda_call.edition_id"], name=op.f("fk_agenda_call_unit_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_agenda_call_unit_unit_id")),
        sa.PrimaryKeyConstraint("edition_id", "unit_id", name=op.f("pk_agenda_call_unit")),
    )
    with op.batch_alter_table("agenda_call_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_call_unit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "agenda_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "talks",
                "ceremony",
                "discussion",
                "poster",
                "break",
                "other",
                name="sessionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_agenda_session_order")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_agenda_session_occurrence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_agenda_session_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_session")),
        sa.UniqueConstraint("id", "occurrence_id", name=op.f("uq_agenda_session_id_occurrence_id")),
        sa.UniqueConstraint("key", name=op.f("uq_agenda_session_key")),
    )
    with op.batch_alter_table("agenda_session", schema=None) as batch_op:
        batch_op.create_index("ix_agenda_session_occurrence_id_starts_at", ["occurrence_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_agenda_session_room_id"), ["room_id"], unique=False)

    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), server_default="", nullable=False),
        sa.Column("post", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "role",
            sa.Enum("guest", "host", "address", name="guestrole", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.Enum(
                "planned",
                "invited",
                "accepted",
                "declined",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("letter_number", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_guest_edition_id")),
        sa.ForeignKeyConstraint(
            ["group_id", "edition_id"],
            ["guest_group.id", "guest_group.edition_id"],
            name=op.f("fk_guest_group_id_edition_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
        sa.UniqueConstraint("edition_id", "letter_number", name=op.f("uq_guest_edition_id_letter_number")),
        sa.UniqueConstraint("edition_id", "name", "organization", name=op.f("uq_guest_edition_id_name_organization")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_group_id"), ["group_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("expert", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("budget", sa.Text(), server_default="", nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=True),
        sa.Column(
            "wished_half",
            sa.Enum("morning", "afternoon", "day", name="half", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "accepted",
                "declined",
                "withdrawn",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurrence_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'accepted') = (occurrence_id IS NOT NULL)", name=op.f("ck_proposal_accepted")),
        sa.CheckConstraint("expected > 0", name=op.f("ck_proposal_expected")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_proposal_edition_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_proposal_occurrence_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_proposal_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("key", name=op.f("uq_proposal_key")),
        sa.UniqueConstraint("occurrence_id", name=op.f("uq_proposal_occurrence_id")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "proposal_partner",
        sa.Column("proposal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_partner_proposal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_proposal_partner_unit_id")),
        sa.PrimaryKeyConstraint("proposal_id", "unit_id", name=op.f("pk_proposal_partner")),
    )
    op.create_table(
        "room_booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(room_id::bigint, room_id::bigint, '[]')"), "&&"),
            (sa.text("int4range(layer, layer, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="ex_room_booking",
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_room_booking_order")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_room_booking_occurrence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_booking_room_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_room_booking_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_booking")),
    )
    with op.batch_alter_table("room_booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_booking_occurrence_id"), ["occurrence_id"], unique=False)

    op.create_table(
        "session_chair",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("speaker_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_session_chair_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name=op.f("fk_session_chair_speaker_id")),
        sa.PrimaryKeyConstraint("session_id", "speaker_id", name=op.f("pk_session_chair")),
    )
    with op.batch_alter_table("session_chair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_chair_speaker_id"), ["speaker_id"], unique=False)

    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "talk", "discussion", "break", name="talkkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_talk_minutes")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agenda_session.id"], name=op.f("fk_talk_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("key", name=op.f("uq_talk_key")),
        sa.UniqueConstraint(
            "session_id", "position", deferrable=True, initially="DEFERRED", name=op.f("uq_talk_session_id_position")
        ),
    )
    op.create_table(
        "person_booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(speaker_id::bigint, speaker_id::bigint, '[]')"), "&&"),
            (sa.text("int4range(layer, layer, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="ex_person_booking",
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_person_booking_order")),
        sa.ForeignKeyConstraint(
            ["session_id", "occurrence_id"],
            ["agenda_session.id", "agenda_session.occurrence_id"],
            name=op.f("fk_person_booking_session_id_occurrence_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name=op.f("fk_person_booking_speaker_id")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_person_booking_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_booking")),
    )
    with op.batch_alter_table("person_booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_booking_occurrence_id"), ["occurrence_id"], unique=False)

    op.create_table(
        "talk_speaker",
        sa.Column("talk_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("speaker_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name=op.f("fk_talk_speaker_speaker_id")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_speaker_talk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("talk_id", "speaker_id", name=op.f("pk_talk_speaker")),
    )
    with op.batch_alter_table("talk_speaker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talk_speaker_speaker_id"), ["speaker_id"], unique=False)
    op.execute("ALTER TABLE occurrence DROP CONSTRAINT ex_occurrence_room")
    for statement in KEEP_BOOKINGS:
        op.execute(statement)
    op.execute("SELECT keep_bookings(array(SELECT id FROM occurrence))")


def downgrade() -> None:
    op.execute("DROP TRIGGER occurrence_update ON occurrence")
    op.execute("DROP TRIGGER occurrence_insert ON occurrence")
    op.drop_table("talk_speaker")
    op.drop_table("person_booking")
    op.drop_table("talk")
    op.drop_table("session_chair")
    op.drop_table("room_booking")
    op.drop_table("proposal_partner")
    op.drop_table("proposal")
    op.drop_table("guest")
    op.drop_table("agenda_session")
    op.drop_table("agenda_call_unit")
    op.drop_table("speaker")
    op.drop_table("programme_release")
    op.drop_table("guest_group")
    op.drop_table("guest_list")
    op.drop_table("agenda_call")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(
        "ALTER TABLE occurrence ADD CONSTRAINT ex_occurrence_room EXCLUDE USING gist ("
        "int8range(room_id::bigint, room_id::bigint, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
        "WHERE (room_id IS NOT NULL AND status = 'scheduled' AND publication <> 'withdrawn')"
    )
