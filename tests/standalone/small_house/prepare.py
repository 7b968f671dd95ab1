"""Stands in for ``standalone/prepare.py``: this house has no tables, only a database that must answer."""

import psycopg

import config

settings = config.read()
with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (start int GENERATED ALWAYS AS IDENTITY)")
    connection.execute("INSERT INTO kept DEFAULT VALUES")
    row = connection.execute("SELECT count(*) FROM kept").fetchone()
(settings.data / "run" / "holds").write_text("demo" if settings.demo else "nothing")
print(f"start number {row[0] if row else None} on this database", flush=True)
