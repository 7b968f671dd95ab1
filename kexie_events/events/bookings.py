"""Who has which room and which person when, kept by the database itself: no service can forget it.

``keep_bookings`` writes the rows of ``room_booking`` and ``person_booking`` anew for some occurrences; triggers call it
after every change of what it reads. One exclusion constraint on each table refuses what would be in two places. Both
may be deferred, for changes that are sound only as a whole. Source: docs/decisions/0014-what-is-booked.md

Two layers of one constraint. HELD: an occurrence in its room; a session where its occurrence does not have the room
already; a chair for a whole session; a speaker for a talk in a session that they do not chair. INSIDE: sessions among
each other, talks among each other. What is cancelled or withdrawn holds nothing.
"""

HELD, INSIDE = 1, 2  # as they stand in the statements below

_KEEP = """CREATE OR REPLACE FUNCTION keep_bookings(changed integer[]) RETURNS void LANGUAGE plpgsql AS $$
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
END $$"""

# A session keeps its place in its occurrence when that is moved; to and from whole days it keeps its clock.
_MOVED = """CREATE OR REPLACE FUNCTION occurrence_moved() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$"""

_ADDED = """CREATE OR REPLACE FUNCTION occurrences_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM keep_bookings(array(SELECT id FROM new_rows WHERE room_id IS NOT NULL));
  RETURN NULL;
END $$"""

# Which occurrences the changed rows of a table belong to.
_SOURCES = {
    "agenda_session": "SELECT occurrence_id FROM {rows}",
    "talk": "SELECT s.occurrence_id FROM {rows} r JOIN agenda_session s ON s.id = r.session_id",
    "session_chair": "SELECT s.occurrence_id FROM {rows} r JOIN agenda_session s ON s.id = r.session_id",
    "talk_speaker": "SELECT s.occurrence_id FROM {rows} r JOIN talk t ON t.id = r.talk_id"
    " JOIN agenda_session s ON s.id = t.session_id",
}


def _changed(table: str) -> str:
    new, old = (_SOURCES[table].format(rows=rows) for rows in ("new_rows", "old_rows"))
    return f"""CREATE OR REPLACE FUNCTION {table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN PERFORM keep_bookings(array({new}));
  ELSIF TG_OP = 'DELETE' THEN PERFORM keep_bookings(array({old}));
  ELSE PERFORM keep_bookings(array({new} UNION {old}));
  END IF;
  RETURN NULL;
END $$"""


def _triggers(table: str) -> list[str]:
    given = {"insert": "NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
    given["update"] = f"{given['insert']} {given['delete']}"
    return [
        f"CREATE TRIGGER {table}_{event} AFTER {event.upper()} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_changed()"
        for event, rows in given.items()
    ]


# For each table, in the order of the migration: what is to be run once it is there. Functions name tables that come
# later; PostgreSQL looks them up when they run.
KEPT: dict[str, tuple[str, ...]] = {
    "occurrence": (
        _KEEP,
        _MOVED,
        _ADDED,
        "CREATE TRIGGER occurrence_insert AFTER INSERT ON occurrence REFERENCING NEW TABLE AS new_rows "
        "FOR EACH STATEMENT EXECUTE FUNCTION occurrences_added()",
        # Row by row, because only then does the rush of registrations, which changes ``taken``, cost nothing.
        "CREATE TRIGGER occurrence_update AFTER UPDATE OF room_id, starts_at, ends_at, all_day, status, publication "
        "ON occurrence FOR EACH ROW WHEN ((OLD.room_id, OLD.starts_at, OLD.ends_at, OLD.status, OLD.publication = "
        "'withdrawn') IS DISTINCT FROM (NEW.room_id, NEW.starts_at, NEW.ends_at, NEW.status, NEW.publication = "
        "'withdrawn')) EXECUTE FUNCTION occurrence_moved()",
    ),
    **{table: (_changed(table), *_triggers(table)) for table in _SOURCES},
}
