"""Bring the database up to this program: migrate it, and load the demo when it is empty, unless KEXIE_DEMO=no.

A process of its own, so that the supervisor keeps no database connection and can stop even a long migration.
"""

import sys

import flask_migrate
from sqlalchemy.exc import OperationalError

import config
from kexie_events import create_app, demo
from kexie_events.core import clock

from .children import say


def main() -> int:
    settings = config.read()
    app = create_app(settings)
    try:
        with app.app_context():
            flask_migrate.upgrade()
            if settings.demo and demo.is_empty():
                say("the database is empty: loading the demo, which takes a moment")
                demo.load(clock.now())
            holds = "nothing" if demo.is_empty() else "demo" if demo.is_loaded() else "own"
            record = settings.data / "run" / "holds"  # what the supervisor tells people depends on it
            record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            record.write_text(holds)
    except OperationalError as error:
        say(f"the database does not answer: {error.orig}")
        say("check DATABASE_URL, or unset it: then a PostgreSQL of our own is started")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
