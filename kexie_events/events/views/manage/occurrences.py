"""One occurrence: its facts, moving, cancelling, bringing back, correcting its words.

Two people at once: the form carries the revision that stood on its page. When another one stands now, the answer is
409 with both versions side by side, and saving again is a decision, not an accident.
"""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import web
from ....core.errors import Conflict, DomainError, RuleBroken
from ....core.forms import PlainForm
from ....core.web import Who, access_mark
from ... import forms, services, wording
from ...forms import CancelForm, MoveForm, SkipForm, WordsForm
from ...models import Occurrence
from ...patterns import Own
from ...plans import Sitting
from ...queries import manage as queries
from ...rules import Publication, Status
from ..lines import said_at
from .desk import bp, fill_span, offer_rooms, span_of


@dataclass
class Forms:
    """The forms of the page; the one that was sent keeps what was typed."""

    move: MoveForm
    words: WordsForm
    cancel: CancelForm
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
        starts_at, ends_at = span_of(form)
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
    form = SkipForm(prefix="skip-")
    if not form.validate_on_submit():
        return _page(found, 422, skip=form)
    try:
        services.skip_slot(
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
    restore: PlainForm | None = None,
    skip: SkipForm | None = None,
) -> ResponseReturnValue:
    """The page as it stands now, with what was typed, and why it was not done."""
    sent = move or words or cancel or restore or skip
    assert sent is not None
    forms.refuse(sent, refused)
    found = queries.occurrence(web.actor(), occurrence_id)
    differences: list[tuple[str, str, str]] = []
    if isinstance(refused, Conflict):
        differences = _differences(found, move, words)
        if (kept := move or words or cancel or skip) is not None:
            kept.revision.data = str(found.revision)
    return _page(
        found,
        refused.status,
        move=move,
        words=words,
        cancel=cancel,
        restore=restore,
        skip=skip,
        differences=differences,
    )


def _differences(found: Occurrence, move: MoveForm | None, words: WordsForm | None) -> list[tuple[str, str, str]]:
    """(what, as it stands now, as it was typed), only where they differ."""
    rows: list[tuple[str, str, str]] = []
    if move is not None:
        theirs, yours = said_at(found), wording.said_at(*span_of(move), move.all_day, web.zone())
        rooms = {choice.value: str(choice.label) for choice in move.room_id.choices}
        rows = [
            (_("开始"), web.when_words(theirs[0]), web.when_words(yours[0])),
            (_("结束"), web.when_words(theirs[1]), web.when_words(yours[1])),
            (_("场地"), rooms.get(str(found.room_id or ""), ""), rooms.get(move.room_id.data or "", "")),
            (_("地点说明"), found.place, move.place.data),
        ]
    elif words is not None:
        rows = [(_("场次名称"), found.title, words.title.data), (_("说明"), found.summary, words.summary.data)]
    return [row for row in rows if row[1] != row[2]]


def _page(
    found: Occurrence,
    status: int,
    *,
    move: MoveForm | None = None,
    words: WordsForm | None = None,
    cancel: CancelForm | None = None,
    restore: PlainForm | None = None,
    skip: SkipForm | None = None,
    differences: list[tuple[str, str, str]] | None = None,
) -> ResponseReturnValue:
    sent = move or words or cancel or restore or skip
    shown = Forms(
        move or _move_form(found),
        words or _words_form(found),
        cancel or CancelForm(formdata=None, prefix="cancel-", revision=str(found.revision)),
        restore or PlainForm(formdata=None),
        skip or SkipForm(formdata=None, prefix="skip-", revision=str(found.revision)),
    )
    page = render_template(
        "manage/occurrence.html", occurrence=found, edition=found.edition, series=found.edition.series,
        forms_of=shown, sent=sent, differences=differences or [], cancelled=found.status is Status.CANCELLED,
        public=_public(found), over=found.ends_at <= web.arrived_at(), begun=found.starts_at <= web.arrived_at(),
        own=_("、").join(web.label(own) for own in Own if own in found.own),
        draft=found.publication is Publication.DRAFT,
    )  # fmt: skip
    return page, status


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
