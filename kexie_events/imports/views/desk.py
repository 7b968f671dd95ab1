"""The blueprint, and what stands of imports on the pages of the desk."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import web
from ...core.access import Actor
from ...core.errors import RuleBroken
from ...events.models import Edition
from ...events.panels import MOST_WAITING, Waiting
from .. import addresses, queries
from ..models import CalendarSource
from ..rules import Change, ImportState, SourceState

bp = Blueprint("imports", __name__, url_prefix="/manage")

# How a state looks in a list (macros/status.html).
MARKS = {
    ImportState.WAITING: "doing", ImportState.READ: "wait", ImportState.APPLIED: "ok", ImportState.FAILED: "stop",
    ImportState.DROPPED: "gone",
}  # fmt: skip


def why(code: str, details: dict[str, object]) -> str:
    """A reason that was kept, in words; "" for none."""
    return web.sentence(RuleBroken(code, **details)) if code else ""


def trouble(source: CalendarSource) -> str:
    """Why a source could not be read last time."""
    return why(source.last_error, source.last_details)


def masked(source: CalendarSource) -> str:
    return addresses.masked(source.address)


def counted(done: dict[str, int]) -> str:
    """What an import did, in words."""
    words = [f"{web.label(change)} {done[change.value]}" for change in Change if done.get(change.value)]
    return (", " if web.english() else "、").join(words) or _("没有改动")


def desk_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """Where dates of this edition may come from, for its page on the desk."""
    kept, taken = queries.counts(edition.id)
    page = render_template("imports/_panel.html", edition=edition, kept=kept, taken=taken)
    return Markup(page)  # noqa: S704 -- a rendered template


def waiting(actor: Actor, now: datetime, edition_id: int | None) -> list[Waiting]:
    """Calendars that changed by themselves and wait for a decision; addresses that were given up."""
    changed = [
        Waiting(
            run.changes, _("日历来源有改动"), edition.name, None, url_for("imports.show", import_id=run.id)
        )
        for run, edition in queries.undecided(actor, edition_id, MOST_WAITING)
    ]  # fmt: skip
    given_up = [
        Waiting(1, _("日历来源读不到，已停止"), edition.name, None, url_for("imports.source", source_id=source.id))
        for source, edition in queries.stopped(actor, edition_id, MOST_WAITING)
    ]
    return changed + given_up


def is_stopped(source: CalendarSource) -> bool:
    return source.state is SourceState.STOPPED
