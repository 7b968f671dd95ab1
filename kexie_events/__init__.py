"""kexie-events: recurring events and competitions of an association for science and technology."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import Babel
from flask_babel import lazy_gettext as _
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

from . import cli, tables, wiring
from .accounts import views as accounts_views
from .accounts.session import actor_of_request
from .agenda import views as agenda_views
from .api import views as api_views
from .contests import views as contests_views
from .core import frame, http
from .core.db import db, end_by_commit
from .core.installation import Installation
from .core.storage import Storage
from .days import views as days_views
from .entries import views as entries_views
from .events import views as events_views
from .feeds import middleware
from .feeds import views as feeds_views
from .imports import views as imports_views
from .judging import views as judging_views
from .mine import views as mine_views
from .operations import views as operations_views
from .people import links
from .people import views as people_views
from .registrations import views as registrations_views
from .results import views as results_views
from .sentences import LABELS, SENTENCES
from .sites import views as sites_views
from .worklist import views as worklist_views

ROOT = Path(__file__).resolve().parent.parent


# The organiser's desk: endpoint and word, in the order of a year's work.
MANAGE_NAV = (
    ("manage.home", _("今日")),
    ("manage.series_list", _("系列与届次")),
    ("sites_manage.campaigns", _("多点活动")),
    ("judging_manage.rounds", _("评审")),
    ("worklist.board", _("清单")),
    ("people.units", _("单位与人员")),
)
# In the order of the house.
VIEWS = (
    days_views,
    accounts_views,
    people_views,
    events_views,
    sites_views,
    imports_views,
    registrations_views,
    contests_views,
    agenda_views,
    entries_views,
    judging_views,
    results_views,
    feeds_views,
    worklist_views,
    mine_views,
    operations_views,
    api_views,
)


def create_app(settings: Settings) -> Flask:
    """Wire extensions, blueprints and errors; decide nothing. Opens no connection."""
    app = Flask(__name__, root_path=str(ROOT), static_folder=None)
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url or "postgresql+psycopg://localhost/kexie",
        SQLALCHEMY_ENGINE_OPTIONS=ENGINE_OPTIONS,
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=3 * 512 * 1024,  # a sheet in a field (sheets.MOST_TEXT) and what is ticked beside it
        MAX_FORM_PARTS=5000,  # the preview of a work list: four values for each of a thousand rows
        WTF_I18N_ENABLED=False,  # our forms bring their own words; the library's catalogue would be read per request
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open all day; the session is what expires
        SESSION_COOKIE_NAME="__Host-form" if secure else "form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        BABEL_DEFAULT_LOCALE="zh_Hans",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "kexie_events" / "translations"),
    )
    app.extensions["kexie"] = Installation(
        settings=settings,
        zone=ZoneInfo(settings.timezone),
        load_actor=actor_of_request,
        sentences=SENTENCES,
        labels=LABELS,
        storage=Storage(settings.data / "files"),
    )
    wiring.connect()
    db.init_app(app)
    end_by_commit(app)
    Migrate(app, db, directory=str(ROOT / "kexie_events" / "migrations"))
    CSRFProtect(app)
    Babel(app, locale_selector=frame.chosen_language, default_timezone=settings.timezone)
    frame.speak(app)
    http.equip(app, ROOT / "static", secure=secure)
    frame.dress(app)
    frame.guard(app)
    frame.answer_errors(app)
    app.after_request(frame.remember_language)
    app.context_processor(lambda: {"manage_nav": MANAGE_NAV})
    app.jinja_env.globals["password_link"] = links.address  # for letters: computed when one is written, never stored
    for views in VIEWS:
        for blueprint in views.blueprints:
            app.register_blueprint(blueprint)
    frame.check_marks(app)
    cli.register(app)
    if settings.proxies:
        # Limits go by the visitor's address, not by that of the proxy that all visitors share.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]
    middleware.install(app, settings)  # outermost: calendars are served before sessions, routing and pages
    return app


# lock_timeout: nobody waits longer than 3 s for a row; the answer is then 503 with Retry-After (core.db).
# idle_in_transaction_session_timeout: a process that stands still (kill -STOP, a frozen machine) keeps no row locked.
ENGINE_OPTIONS: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 8,
    "pool_pre_ping": True,
    "connect_args": {
        "options": "-c lock_timeout=3s -c timezone=UTC -c statement_timeout=30s "
        "-c idle_in_transaction_session_timeout=120s"
    },
}

__all__ = ["create_app", "tables"]
