"""One occurrence: its facts, moving, cancelling, bringing back, correcting its words.

Two people at once: the form carries the revision that stood on its page. When another one stands now, the answer is
409 with both versions side by side, and saving again is a decision, not an accident.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from ....core import access, web
from ....core.access import Action
from ....core.errors import Conflict, DomainError, RuleBroken
from ....core.forms import PlainForm
from ....core.versions import Version, both_versions
from ....core.web import Who, access_mark
from ....days.queries import flags
from ....days.rules import together
from ... import forms, services
from ...forms import CancelForm, MoveForm, SkipForm, WindowForm, WordsForm
from ...keepers import kept
from ...kinds import Capability, can
from ...models import Occurrence
from ...offering import fill_span, offer_rooms
from ...patterns.rules import Own
from ...patterns.services import skip_slot
from ...plans import Sitting
from ...queries import manage as queries
from ...queries.places import place_of
from ...rules import EARLIEST, LATEST, LONGEST_OCCURRENCE, Publication, Status
from .desk import bp, may, typed_span


@dataclass
class Forms:
    """The forms of the page; the one that was sent keeps what was typed."""

    move: MoveForm
    words: WordsForm
    cancel: CancelForm
    window: WindowForm
    restore: PlainForm
    skip: SkipForm


@bp.get("/occurrences/<id:occurrence_id>")
@access_mark(Who.ORGANIZER)
def occurrence(occurrence_id: int) -> ResponseReturnValue:
    """What stands, and what can be done to it."""
    return _page(queries.occurrence(web.actor(), occurrence_id), 200)


@bp.post("/occurrences/<id:occurrence_id>/move")
@access_mark(Who.ORGANIZER)
def occurrence_move(occurrence_id: int) -> ResponseReturnValue:
    """Give it another time or place."""
    found = queries.occurrence(web.actor(), occurrence_id)
    form = MoveForm(prefix="move-")
    offer_rooms(form.room_id)
    if not form.validate_on_submit():
        return _page(found, 422, move=form)
    before = found.revision
    try:
        starts_at, ends_at = typed_span(form)
        to = Sitting(starts_at, ends_at, all_day=form.all_day, room_id=form.room, place=form.place.data)
        row = services.move(
            found.id, to, reason=form.reason.data, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(), zone=web.zone(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(occurrence_id, refused, move=form)
    flash(_("没有改动。") if row.revision == before else _moved(row))
    return redirect(url_for(".occurrence", occurrence_id=occurrence_id), 303)


def _moved(row: Occurrence) -> str:
    if row.publication is not Publication.PUBLISHED:
        return str(_("时间地点已改好。"))
    return str(_("时间地点已改好，日历会更新，已报名的人会收到通知。"))


@bp.post("/occurrences/<id:occurrence_id>/words")
@access_mark(Who.ORGANIZER)
def occurrence_change(occurrence_id: int) -> ResponseReturnValue:
    """Correct its name and description."""
    found = queries.occurrence(web.actor(), occurrence_id)
    form = WordsForm(prefix="words-")
    if not form.validate_on_submit():
        return _page(found, 422, words=form)
    try:
        services.change_occurrence(
            found.id, title=form.title.data, summary=form.summary.data, expected_revision=form.expected_revision,
            actor=web.actor(), now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(occurrence_id, refused, words=form)
    flash(_("已保存。"))
    return redirect(url_for(".occurrence", occurrence_id=occurrence_id), 303)


@bp.post("/occurrences/<id:occurrence_id>/window")
@access_mark(Who.ORGANIZER)
def occurrence_window(occurrence_id: int) -> ResponseReturnValue:
    """When it takes registrations, and what is said about its places."""
    found = queries.occurrence(web.actor(), occurrence_id)
    form = WindowForm(prefix="window-")
    if not form.validate_on_submit():
        return _page(found, 422, window=form)
    before = found.revision
    opens_at, closes_at = (_moment(field.data) for field in (form.opens_at, form.closes_at))
    try:
        row = services.change_window(
            found.id, opens_at=(opens_at or web.arrived_at()) if form.registration.data else None, closes_at=closes_at,
            places_note=form.places_note.data, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(), zone=web.zone(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(occurrence_id, refused, window=form)
    flash(_("没有改动。") if row.revision == before else _("报名时间已改好。"))
    return redirect(url_for(".occurrence", occurrence_id=occurrence_id), 303)


def _moment(typed: datetime | None) -> datetime | None:
    return web.instant(typed.date(), typed.time()) if typed is not None else None


@bp.post("/occurrences/<id:occurrence_id>/cancel")
@access_mark(Who.ORGANIZER)
def occurrence_cancel(occurrence_id: int) -> ResponseReturnValue:
    """It will not take place; it stays visible and says so."""
    found = queries.occurrence(web.actor(), occurrence_id)
    form = CancelForm(prefix="cancel-")
    if not form.validate_on_submit():
        return _page(found, 422, cancel=form)
    try:
        services.cancel(
            found.id, reason=form.reason.data, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(occurrence_id, refused, cancel=form)
    flash(_("已取消。公开页面会写明原因，已报名的人会收到通知。") if _public(found) else _("已取消。"))
    return redirect(url_for(".occurrence", occurrence_id=occurrence_id), 303)


@bp.post("/occurrences/<id:occurrence_id>/skip")
@access_mark(Who.ORGANIZER)
def occurrence_skip(occurrence_id: int) -> ResponseReturnValue:
    """Nothing takes place at this slot of the rule; the draft is gone, the slot can be brought back."""
    found = queries.occurrence(web.actor(), occurrence_id)
    access.require(web.actor(), Action.PLAN, place_of(found.edition.series))
    form = SkipForm(prefix="skip-")
    if not form.validate_on_submit():
        return _page(found, 422, skip=form)
    try:
        skip_slot(
            found.id, reason=form.reason.data, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(occurrence_id, refused, skip=form)
    flash(_("已跳过这个档期。系列页上可以恢复。"))
    return redirect(url_for(".series", series_id=found.series_id), 303)


@bp.post("/occurrences/<id:occurrence_id>/restore")
@access_mark(Who.ORGANIZER)
def occurrence_restore(occurrence_id: int) -> ResponseReturnValue:
    """Undo a cancellation."""
    found = queries.occurrence(web.actor(), occurrence_id)
    form = PlainForm()
    if not form.validate_on_submit():
        return _page(found, 422, restore=form)
    try:
        services.restore(found.id, actor=web.actor(), now=web.arrived_at())
    except RuleBroken as broken:
        return _refused(occurrence_id, broken, restore=form)
    flash(_("已恢复，如期举办。"))
    return redirect(url_for(".occurrence", occurrence_id=occurrence_id), 303)


def _refused(
    occurrence_id: int,
    refused: DomainError,
    *,
    move: MoveForm | None = None,
    words: WordsForm | None = None,
    cancel: CancelForm | None = None,
    window: WindowForm | None = None,
    restore: PlainForm | None = None,
    skip: SkipForm | None = None,
) -> ResponseReturnValue:
    """The page as it stands now, with what was typed, and why it was not done."""
    sent = move or words or cancel or window or restore or skip
    assert sent is not None
    forms.refuse(sent, refused)
    found = queries.occurrence(web.actor(), occurrence_id)
    versions = _versions(found, sent) if isinstance(refused, Conflict) else []
    return _page(
        found, refused.status, move=move, words=words, cancel=cancel, window=window, restore=restore, skip=skip,
        versions=versions,
    )  # fmt: skip


def _versions(found: Occurrence, sent: FlaskForm) -> list[Version]:
    """What stands now beside what was typed. Why it is moved is said anew each time."""
    if isinstance(sent, MoveForm):
        now: FlaskForm = _move_form(found)
        del now.reason
    elif isinstance(sent, WindowForm):
        now = _window_form(found)
    elif isinstance(sent, WordsForm):
        now = _words_form(found)
    elif isinstance(sent, SkipForm):
        now = SkipForm(formdata=None, prefix="skip-", revision=str(found.revision))
        del now.reason
    else:
        now = _cancel_form(found)
        del now.reason
    return both_versions(sent, now)


def _page(
    found: Occurrence,
    status: int,
    *,
    move: MoveForm | None = None,
    words: WordsForm | None = None,
    cancel: CancelForm | None = None,
    window: WindowForm | None = None,
    restore: PlainForm | None = None,
    skip: SkipForm | None = None,
    versions: list[Version] | None = None,
) -> ResponseReturnValue:
    sent = move or words or cancel or window or restore or skip
    shown = Forms(
        move or _move_form(found),
        words or _words_form(found),
        cancel or _cancel_form(found),
        window or _window_form(found),
        restore or PlainForm(formdata=None),
        skip or SkipForm(formdata=None, prefix="skip-", revision=str(found.revision)),
    )
    keeper = kept([found.id]).get(found.id)
    page = render_template(
        "manage/occurrence.html", occurrence=found, edition=found.edition, series=found.edition.series,
        forms_of=shown, sent=sent, versions=versions or [], cancelled=found.status is Status.CANCELLED,
        day_flags=together(flags(web.days_of(found))),
        typed_flags=together(flags(_typed_days(move))) if move else (),
        has_agenda=can(found.edition.series.kind, Capability.AGENDA),
        kept=keeper, kept_told=web.sentence(keeper.refusal) if keeper else "", public=_public(found),
        over=found.ends_at <= web.arrived_at(), begun=found.starts_at <= web.arrived_at(),
        own=_("、").join(web.label(own) for own in Own if own in found.own),
        draft=found.publication is Publication.DRAFT, may_rule=may(Action.PLAN, found.edition.series),
    )  # fmt: skip
    return page, status


def _typed_days(move: MoveForm) -> list[date]:
    """The days that were asked for and refused, as far as they can be read; the first of what cannot be meant."""
    first, last = move.starts_on.data, move.ends_on.data
    if first is None or not EARLIEST <= first <= LATEST:
        return []
    if last is None or not first <= last <= first + LONGEST_OCCURRENCE:
        return [first]
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _public(found: Occurrence) -> bool:
    return found.publication is Publication.PUBLISHED


def _move_form(found: Occurrence) -> MoveForm:
    form = MoveForm(formdata=None, prefix="move-")
    offer_rooms(form.room_id)
    fill_span(form, found.starts_at, found.ends_at, all_day=found.all_day)
    form.room_id.data, form.place.data = str(found.room_id or ""), found.place
    form.revision.data = str(found.revision)
    return form


def _words_form(found: Occurrence) -> WordsForm:
    return WordsForm(
        formdata=None, prefix="words-", title=found.title, summary=found.summary, revision=str(found.revision)
    )


def _cancel_form(found: Occurrence) -> CancelForm:
    return CancelForm(formdata=None, prefix="cancel-", revision=str(found.revision))


def _window_form(found: Occurrence) -> WindowForm:
    opens_at, closes_at = (
        web.local(moment).replace(tzinfo=None) if moment is not None else None
        for moment in (found.opens_at, found.closes_at)
    )
    return WindowForm(
        formdata=None, prefix="window-", registration=found.opens_at is not None, opens_at=opens_at,
        closes_at=closes_at, places_note=found.places_note, revision=str(found.revision),
    )  # fmt: skip
