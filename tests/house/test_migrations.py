"""The migrations, run from an empty database, make what the models say."""

from collections.abc import Callable
from dataclasses import replace

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from config import Settings
from kexie_events import create_app, tables
from kexie_events.core.db import db

SHAPE = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'""",
    "indexes": """SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'""",
    "triggers": """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal""",
    "functions": """SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
}


def shape() -> dict[str, set[tuple[object, ...]]]:
    return {name: {tuple(row) for row in db.session.execute(text(query))} for name, query in SHAPE.items()}


def test_migrating_up_from_empty_equals_the_models(settings: Settings, new_database: Callable[[], str]) -> None:
    migrated = create_app(replace(settings, database_url=new_database()))
    modelled = create_app(replace(settings, database_url=new_database()))
    with modelled.app_context():
        tables.metadata.create_all(db.engine)
        wanted = shape()
        db.session.remove()
        db.engine.dispose()
    with migrated.app_context():
        upgrade()
        found = shape()
        db.session.remove()
        for part in SHAPE:
            assert found[part] == wanted[part], part
        downgrade(revision="base")
        left = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        assert list(left) == ["alembic_version"]
        db.session.remove()
        db.engine.dispose()


def test_the_rule_of_a_series_becomes_its_pattern_and_moved_dates_keep_their_own(
    settings: Settings, new_database: Callable[[], str]
) -> None:
    app = create_app(replace(settings, database_url=new_database()))
    with app.app_context():
        upgrade(revision="0004")
        run = db.session.execute
        run(text("""INSERT INTO unit (id, slug, name, kind, path) VALUES (1, 'u', '市科协', 'association', '/1/')"""))
        run(
            text("""INSERT INTO series (id, slug, name, kind, rule, first_on, starts, duration_minutes, unit_id,
            publication, changed_at) VALUES (1, 's', '论坛', 'forum_series', 'FREQ=MONTHLY;BYDAY=3FR;COUNT=3',
            '2027-01-01', '14:00', 180, 1, 'draft', now())""")
        )
        for n, (planned, starts, capacity) in enumerate((("15", "15", 200), ("19", "26", 200), ("19", "19", 50)), 1):
            month = "01" if n == 1 else "02" if n == 2 else "03"
            run(
                text("""INSERT INTO edition (id, series_id, number, style, year, unit_id, publication, changed_at)
                VALUES (:n, 1, :n, 'issue', 2027, 1, 'draft', now())"""),
                {"n": n},
            )
            run(
                text("""INSERT INTO occurrence (uid, edition_id, series_id, unit_id, planned_at, starts_at, ends_at,
                opens_at, closes_at, capacity, publication, status, changed_at)
                VALUES (:uid, :n, 1, 1, :planned, :starts, CAST(:starts AS timestamptz) + interval '3 hours',
                CAST(:starts AS timestamptz) - interval '14 days', CAST(:starts AS timestamptz), :capacity,
                'draft', 'scheduled', now())"""),
                {
                    "uid": f"u{n}",
                    "n": n,
                    "capacity": capacity,
                    "planned": f"2027-{month}-{planned}T14:00+08",
                    "starts": f"2027-{month}-{starts}T14:00+08",
                },
            )
        db.session.commit()
        upgrade()
        assert run(
            text("""SELECT series_id, edition_id, year_shift, rule, duration_minutes, capacity,
            opens_before_minutes, closes_before_minutes FROM pattern""")
        ).all() == [(1, None, 0, "FREQ=MONTHLY;BYDAY=3FR;COUNT=3", 180, 200, 14 * 24 * 60, 0)]
        own = run(text("SELECT pattern_id IS NOT NULL, own FROM occurrence ORDER BY id")).all()
        assert own == [(True, []), (True, ["time"]), (True, ["seats"])]
        db.session.commit()
        downgrade(revision="0004")
        assert run(text("SELECT rule, first_on::text, starts::text, duration_minutes FROM series")).all() == [
            ("FREQ=MONTHLY;BYDAY=3FR;COUNT=3", "2027-01-01", "14:00:00", 180)
        ]
        db.session.remove()
        db.engine.dispose()
