"""Is every part doing its work? Each check looks at work done, not at whether a process exists."""

import shutil
import smtplib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import redis
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from ..core import clock
from ..core.db import db
from ..core.errors import DatabaseBehind
from ..core.installation import settings
from ..core.version import VERSION
from ..messages import queries as messages
from . import queries, rules
from .rules import Part, seconds


@dataclass(frozen=True)
class Check:
    """One part, and how it is asked (检查项)."""

    name: str
    ask: Callable[[datetime], tuple[bool, str]]
    needs_database: bool = True


def examine(checks: Sequence[Check], *, now: datetime) -> list[Part]:
    """Ask one part after the other. A part that cannot even answer is not well."""
    parts: list[Part] = []
    for check in checks:
        if check.needs_database and parts and parts[0].name == "database" and not parts[0].ok:
            parts.append(Part(check.name, False, _("没有数据库，看不到")))
            continue
        try:
            parts.append(Part(check.name, *check.ask(now)))
        except DatabaseBehind:  # a table is not there; "migrations" says how far the database is behind
            db.session.rollback()
            parts.append(Part(check.name, False, _("没有这张表，请运行 flask db upgrade")))
        except (SQLAlchemyError, redis.RedisError, OSError, smtplib.SMTPException, CommandError) as error:
            db.session.rollback()
            parts.append(Part(check.name, False, _first_line(error)))
    return parts


def _first_line(error: Exception) -> str:
    """The reason without what may follow it: SQLAlchemy adds statements, and addresses may carry passwords."""
    reason = getattr(error, "orig", None) or error
    return (str(reason).strip().splitlines() or [type(error).__name__])[0][:200]


def _database(now: datetime) -> tuple[bool, str]:
    version = db.session.scalar(select(func.current_setting("server_version")))
    return True, _("PostgreSQL %(version)s", version=version)


def _migrations(now: datetime) -> tuple[bool, str]:
    script = _script(str(current_app.extensions["migrate"].directory))
    here = MigrationContext.configure(db.session.connection()).get_current_heads()
    heads = script.get_heads()
    if set(here) == set(heads):
        return True, _("已是最新（%(revision)s）", revision=_("，").join(heads) or "-")
    if not here:
        return False, _("数据库还没有建表，请运行 flask db upgrade")
    known = {revision.revision for revision in script.walk_revisions()}
    if not set(here) <= known:
        return False, _("数据库比程序新（%(revision)s），请更新程序", revision=_("，").join(here))
    missing = len(list(script.iterate_revisions(tuple(heads), tuple(here))))
    return False, _("数据库还差 %(count)s 个迁移，请运行 flask db upgrade", count=missing)


@lru_cache(maxsize=4)
def _script(directory: str) -> ScriptDirectory:
    """Read once: the scripts change only with the program."""
    config = Config()
    config.set_main_option("script_location", directory.replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def _broker(now: datetime) -> tuple[bool, str]:
    if not settings().redis_url:
        return False, _("没有 Redis 的地址，请设置 REDIS_URL")
    with redis.Redis.from_url(settings().redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        return True, _("Redis %(version)s", version=client.info("server")["redis_version"])


def _beat(now: datetime) -> tuple[bool, str]:
    last = queries.heartbeat("beat")
    if last is None:
        return False, _("还没有收到过心跳，请启动 worker 和 beat")
    age = now - last.beaten_at
    if age > rules.BEAT_AGE:
        return False, _("上次心跳在 %(seconds)s 秒前，请检查 worker 和 beat 是否在运行", seconds=seconds(age))
    return True, _("上次心跳在 %(seconds)s 秒前", seconds=seconds(age))


def _messages(now: datetime) -> tuple[bool, str]:
    wait = messages.oldest_due(now)
    if wait > rules.MESSAGE_WAIT:
        return False, _("最早一封到期消息已等 %(seconds)s 秒，请检查 worker", seconds=seconds(wait))
    return True, _("没有积压，最久的等了 %(seconds)s 秒", seconds=seconds(wait))


def _workers(now: datetime) -> tuple[bool, str]:
    rows = queries.workers_since(now - rules.BEAT_AGE)
    if not rows:
        return False, _("没有在工作的 worker")
    shown = _("，").join(f"{row.details['machine']} {row.details['version']}" for row in rows)
    if any(row.details["version"] != VERSION for row in rows):
        return False, _("版本不一致：%(workers)s，程序是 %(version)s，请重启 worker", workers=shown, version=VERSION)
    return True, shown


def _disk(now: datetime) -> tuple[bool, str]:
    folder = settings().data
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"x")
    free = shutil.disk_usage(folder).free
    words = _("%(folder)s 剩余 %(free)s MB", folder=folder, free=free // 1_000_000)
    return free >= rules.FREE_BYTES, words


def _clock(now: datetime) -> tuple[bool, str]:
    there = db.session.scalar(select(func.clock_timestamp()))
    assert there is not None
    difference = abs(there - clock.now())  # not ``now``: the checks before this one took their time
    words = _("与数据库相差 %(seconds)s 秒", seconds=f"{difference.total_seconds():.1f}")
    return difference <= rules.CLOCK_DIFFERENCE, words


def _mail(now: datetime) -> tuple[bool, str]:
    url = urlsplit(settings().mail_url)
    if url.scheme == "file":
        folder = Path(unquote(url.path))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True, _("信件写入 %(folder)s", folder=folder)
    secure = url.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with kind(url.hostname or "localhost", url.port or (465 if secure else 25), timeout=5) as server:
        code, _words = server.noop()
    return code == 250, _("%(host)s 有应答", host=url.hostname)


READINESS = (
    Check("database", _database, needs_database=False),
    Check("migrations", _migrations),
    Check("broker", _broker, needs_database=False),
    Check("beat", _beat),
    Check("messages", _messages),
)
EVERYTHING = (
    *READINESS,
    Check("workers", _workers),
    Check("disk", _disk, needs_database=False),
    Check("clock", _clock),
    Check("mail", _mail, needs_database=False),
)
