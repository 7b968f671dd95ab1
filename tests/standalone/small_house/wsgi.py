"""The smallest web program that the supervisor can run: it tells which process answered."""

import json
import os
from collections.abc import Callable, Iterable

import psycopg
import redis

import config


def app(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    settings = config.read()
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), connect_timeout=5) as connection:
        row = connection.execute("SELECT current_database(), pg_postmaster_start_time()").fetchone()
        assert row is not None
    with redis.Redis.from_url(settings.redis_url) as client:
        pong = client.ping()
    start_response("200 OK", [("Content-Type", "application/json")])
    answer = {"database": row[0], "since": str(row[1]), "redis": pong, "pid": os.getpid(), "base": settings.base_url}
    return [json.dumps(answer).encode()]
