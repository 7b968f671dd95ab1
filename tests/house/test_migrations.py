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
