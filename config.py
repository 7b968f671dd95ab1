"""Settings: read once from the environment. Nothing else in the program reads ``os.environ``.

Every name is documented in docs/operating.md; a house test keeps the two lists equal.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class WrongSetting(Exception):
    """A setting is missing or cannot be used; the message says which, what is expected, and what was given."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations."""

    database_url: str  # postgresql+psycopg://…
    redis_url: str  # redis://…
    secret_key: str  # at least 32 characters; signs cookies and keys the audit chain
    data: Path  # all state on disk: own servers, files, letters
    base_url: str  # no trailing slash; every absolute link starts with it
    mail_url: str  # smtp://… or file:///…
    organization: str  # whose installation it is; stands at the head of every page
    timezone: str  # IANA name; every civil date is read in it
    host: str
    port: int
    web_concurrency: int
    proxies: int = 0  # trusted ones in front; each adds the visitor's address to X-Forwarded-For
    feed_increments: bool = True  # whether calendar clients that ask for it get only what changed
    demo: bool = True  # whether `make run` fills an empty database with the demo city


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises: WrongSetting naming the variable, what it should look like and what it was.
    """
    env = os.environ if environ is None else environ
    data = Path(env.get("KEXIE_DATA") or "var").resolve()
    host = env.get("HOST") or "127.0.0.1"
    port = _number(env, "PORT", default=8000, low=1, high=65535)
    return Settings(
        database_url=_database_url(env, data),
        redis_url=_url(env, "REDIS_URL", _recorded(data, "redis_url"), ("redis", "rediss", "unix")),
        secret_key=_secret(env, data),
        data=data,
        base_url=_base_url(env, data, host, port),
        mail_url=_url(env, "KEXIE_MAIL_URL", f"file://{data / 'outbox'}", ("smtp", "smtps", "file")),
        organization=env.get("KEXIE_ORGANIZATION", "").strip() or "重庆市科学技术协会",
        timezone=_timezone(env),
        host=host,
        port=port,
        web_concurrency=_number(env, "WEB_CONCURRENCY", default=2, low=1, high=64),
        proxies=_number(env, "KEXIE_PROXIES", default=0, low=0, high=5),
        feed_increments=_yes_or_no(env, "KEXIE_FEED_INCREMENTS", default=True),
        demo=_yes_or_no(env, "KEXIE_DEMO", default=True),
    )


def _yes_or_no(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in ("", "yes", "no"):
        raise WrongSetting(f"{name} must be yes or no, not {text!r}")
    return default if not text else text == "yes"


def _number(env: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
        raise WrongSetting(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _url(env: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    text = env.get(name, "").strip() or default
    if text and _parts(name, text).scheme not in schemes:
        expected = ", ".join(f"{scheme}://…" for scheme in schemes)
        raise WrongSetting(f"{name} must be one of {expected}, not {text!r}")
    return text


def _parts(name: str, url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise WrongSetting(f"{name} is no address: {error} in {url!r}") from None


def _database_url(env: Mapping[str, str], data: Path) -> str:
    url = _url(env, "DATABASE_URL", _recorded(data, "database_url"), ("postgresql", "postgres", "postgresql+psycopg"))
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)


def _recorded(data: Path, name: str) -> str:
    """An address that a running ``make run`` with the same KEXIE_DATA wrote down; empty when none did."""
    record = data / "run" / name
    return record.read_text().strip() if record.exists() else ""


def _secret(env: Mapping[str, str], data: Path) -> str:
    """SECRET_KEY, or one made once and kept under KEXIE_DATA."""
    given = env.get("SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise WrongSetting("SECRET_KEY must have at least 32 characters; `openssl rand -hex 32` makes one")
        return given
    kept = data / "secret-key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            _write_once(kept, secrets.token_hex(32))
    except OSError as error:
        raise WrongSetting(f"KEXIE_DATA must be a folder that can be written, but {data} is not: {error}") from None
    return kept.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Create ``path`` whole or not at all; of two processes at once the first one wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _base_url(env: Mapping[str, str], data: Path, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    given = env.get("KEXIE_BASE_URL", "") or _recorded(data, "base_url") or f"http://{shown}:{port}"
    url = given.rstrip("/")
    parts = _parts("KEXIE_BASE_URL", url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise WrongSetting(f"KEXIE_BASE_URL must look like https://events.example.org, not {url!r}")
    return url


def _timezone(env: Mapping[str, str]) -> str:
    name = env.get("KEXIE_TZ", "") or "Asia/Shanghai"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as America
        raise WrongSetting(f"KEXIE_TZ must be an IANA time zone such as Asia/Shanghai, not {name!r}") from None
    return name
