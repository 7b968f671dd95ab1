"""A Flask app with the globals that templates are promised, and nothing behind them: no database, one fixed time."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kexie_events.core import dates, drawing
from kexie_events.core.calendar_links import calendar_links

HOUSE = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 11, 5, 5, tzinfo=UTC)
TODAY = date(2026, 3, 11)

# where the frames lead
FRAME = {
    "events.home": "/", "feeds.subscribe_page": "/subscribe", "mine.home": "/me", "manage.home": "/manage",
    "judging.queue": "/judge", "accounts.own": "/me/account", "accounts.sign_in": "/sign-in",
    "accounts.sign_out": "/sign-out", "api_pages.about": "/api",
}  # fmt: skip

VISITOR = SimpleNamespace(signed_in=False, name="", organizes=False, has=lambda role: False)
EVERYTHING = SimpleNamespace(signed_in=True, name="组织者甲", organizes=True, has=lambda role: True)


def _civil(value: date | datetime) -> date:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


def _span_tag(start: datetime, end: datetime, *, english: bool) -> Markup:
    words = dates.span(start, end, today=TODAY, english=english)
    return Markup('<time datetime="%s">%s</time>') % (start.isoformat(), words)


def build(
    *, actor: Any = VISITOR, english: bool = False, extra_templates: str | None = None, strict: bool = True
) -> Flask:
    """The look without the house. ``actor`` is who asks; ``extra_templates`` is a folder that comes first."""
    app = Flask("look", template_folder=str(HOUSE / "templates"), static_folder=str(HOUSE / "static"))
    app.config.update(SECRET_KEY="only-for-looking", WTF_CSRF_ENABLED=True)
    Babel(app, locale_selector=lambda: "en" if english else "zh")
    CSRFProtect(app)
    if extra_templates:
        app.jinja_loader = ChoiceLoader([FileSystemLoader(extra_templates), app.jinja_loader])
    if strict:
        app.jinja_env.undefined = _Forgiving
    app.jinja_env.globals.update(
        rings=drawing.rings,
        qr=drawing.qr,
        calendar_addresses=calendar_links,
        actor=lambda: actor,
        who_is=lambda role: actor.has(role),
        english=lambda: english,
        now=lambda: NOW,
        today=lambda: TODAY,
        label=str,
        external=lambda path: f"https://events.example.org{path}",
        organization=lambda: "重庆市科学技术协会",
        json_ld=lambda values: "",
        static_url=lambda name: f"/static/{name}",
        page_url=_page_url,
        span_tag=lambda start, end: _span_tag(start.astimezone(ZONE), end.astimezone(ZONE), english=english),
        soon_days=dates.SOON_DAYS,
        month_words=lambda year, month: dates.month(year, month, english=english),
        month_name=lambda month: dates.month_name(month, english=english),
    )
    app.jinja_env.filters.update(
        day=lambda value: dates.day(_civil(value), today=TODAY, english=english),
        moment=lambda value: dates.moment(value.astimezone(ZONE), today=TODAY, english=english),
        days_left=lambda value: dates.days_between(TODAY, _civil(value)),
        local=lambda value: value.astimezone(ZONE),
        plain=lambda text: text,
    )

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "manage_nav": [("home", "今日"), ("series", "届次"), ("rounds", "评审"), ("worklist", "清单")],
            "wechat": False,
        }

    for endpoint in ("home", "series", "rounds", "worklist"):
        app.add_url_rule(f"/manage/{endpoint}", endpoint, lambda: "")
    for endpoint, address in FRAME.items():
        app.add_url_rule(address, endpoint, lambda: "")
    return app


class _Forgiving(StrictUndefined):
    """A missing name may be asked whether it is there; using it is an error."""

    def __bool__(self) -> bool:
        return False


def _page_url(**changed: Any) -> str:
    query = {**request.args.to_dict(), **{key: value for key, value in changed.items() if value is not None}}
    for key, value in changed.items():
        if value is None:
            query.pop(key, None)
    pairs = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{request.path}?{pairs}" if pairs else request.path
