"""One sub-forum on the desk: its sessions, the order of their talks, who speaks and who takes the chair.

Two people at once: the form carries the revision that stood on its page. Another one now means 409 with both versions.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import web
from ...core.editing import edited, pressed
from ...core.errors import Conflict, RuleBroken
from ...core.web import Who, access_mark
from ...events.models import Occurrence
from ...events.offering import offer_rooms
from ...events.wording import last_day
from .. import forms, queries, rules, services
from ..forms import CopyForm, RowForm, SessionForm, SpeakerForm, TalkForm
from ..models import AgendaSession, Speaker, Talk
from ..rules import Direction, PersonWords, SessionKind, TalkKind
from ..services import SessionPlan, TalkPlan
from .desk import bp, chosen, tabs


@bp.get("/occurrences/<id:occurrence_id>/agenda")
@access_mark(Who.ORGANIZER)
def forum(occurrence_id: int) -> ResponseReturnValue:
    """The sessions of a sub-forum in order, with what takes place in each and when."""
    return _forum(queries.forum(web.actor(), occurrence_id))


def _forum(found: Occurrence, *, sent: Any = None, status: int = 200) -> ResponseReturnValue:
    whole = queries.whole(found.edition_id, occurrence_id=found.id)
    # A sub-forum that was withdrawn has no programme; its page says so.
    sessions = whole.programme[0].sessions if whole.programme else ()
    page = render_template(
        "agenda/forum.html", occurrence=found, edition=found.edition, sessions=sessions, sent=sent,
        revisions=queries.revisions(found.id),
    )  # fmt: skip
    return page, status


# ---- sessions


@bp.route("/occurrences/<id:occurrence_id>/sessions/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def session_new(occurrence_id: int) -> ResponseReturnValue:
    """One more session."""
    found = queries.forum(web.actor(), occurrence_id)
    form = _session_form(found)
    if request.method == "GET":
        _suggest(form, found)
    elif form.validate_on_submit():
        try:
            row = services.add_session(
                found.id, _session_plan(form), key=form.sound_key, actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("环节已加好。"))
            return redirect(f"{url_for('.forum', occurrence_id=found.id)}#s{row.id}", 303)
    found = queries.forum(web.actor(), occurrence_id)
    page = render_template("agenda/session.html", form=form, occurrence=found, edition=found.edition, session=None)
    return page, 422 if form.errors else 200


def _session_form(found: Occurrence, **values: Any) -> SessionForm:
    form = SessionForm(**values)
    offer_rooms(form.room_id, _("分会场所在的地方"))
    return form


def _suggest(form: SessionForm, found: Occurrence) -> None:
    """A new session begins where the last one ends."""
    last = queries.last_end(found.id) or found.starts_at
    start = web.local(min(last, found.ends_at))
    form.on.data, form.starts.data = start.date(), start.time()


def _session_plan(form: SessionForm) -> SessionPlan:
    return SessionPlan(
        form.name.data, SessionKind(form.kind.data), web.instant(form.on.data, form.starts.data),
        web.instant(form.on.data, form.ends.data), chosen(form.room_id),
        tuple(rules.read_people(form.chairs.data or "")),
    )  # fmt: skip


@bp.route("/sessions/<id:session_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def session(session_id: int) -> ResponseReturnValue:
    """Correct a session: its words, its time, its room, its chairs."""
    change = edited(
        lambda: queries.session(web.actor(), session_id),
        form=lambda row: _session_form(row.occurrence), filled=_filled_session, refuse=forms.refuse,
        save=lambda row, form: services.change_session(
            row.id, _session_plan(form), expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        ),
    )  # fmt: skip
    row = change.row
    if change.saved:
        flash(_("环节已改好。"))
        return redirect(f"{url_for('.forum', occurrence_id=row.occurrence_id)}#s{row.id}", 303)
    page = render_template(
        "agenda/session.html", form=change.form, occurrence=row.occurrence, edition=row.occurrence.edition,
        session=row, versions=change.versions,
    )  # fmt: skip
    return page, change.status


def _filled_session(found: AgendaSession) -> SessionForm:
    start, end = web.local(found.starts_at), web.local(found.ends_at)
    return _session_form(
        found.occurrence, formdata=None, name=found.name, kind=found.kind.value, on=start.date(), starts=start.time(),
        ends=end.time(), room_id=str(found.room_id or ""), chairs=rules.said_people(queries.chairs(found.id)),
        revision=str(found.revision),
    )  # fmt: skip


@bp.post("/sessions/<id:session_id>/cancel")
@access_mark(Who.ORGANIZER)
def session_cancel(session_id: int) -> ResponseReturnValue:
    """It does not take place, or does after all."""
    found = queries.session(web.actor(), session_id)
    cancelled = request.form.get("cancelled") != "no"

    def act(form: RowForm) -> Any:
        services.cancel_session(
            found.id, cancelled=cancelled, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
        return _("环节已取消，场地和人都空出来了。") if cancelled else _("环节已恢复。")

    return _row(found.occurrence, act)


@bp.post("/sessions/<id:session_id>/remove")
@access_mark(Who.ORGANIZER)
def session_remove(session_id: int) -> ResponseReturnValue:
    """Take a session out with its talks."""
    found = queries.session(web.actor(), session_id)

    def act(form: RowForm) -> Any:
        services.remove_session(
            found.id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
        return _("环节已删去。")

    return _row(found.occurrence, act)


def _row(occurrence: Occurrence, act: Any, anchor: str = "") -> ResponseReturnValue:
    """One press on a row of the sub-forum's page; a refusal stands at its head."""
    form = RowForm()
    status = pressed(form, lambda form: flash(act(form)), forms.refuse)
    if status == 303:
        return redirect(url_for(".forum", occurrence_id=occurrence.id) + anchor, 303)
    return _forum(queries.forum(web.actor(), occurrence.id), sent=form, status=status)


# ---- talks


@bp.route("/sessions/<id:session_id>/talks/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def talk_new(session_id: int) -> ResponseReturnValue:
    """One more at the end of a session's order."""
    found = queries.session(web.actor(), session_id)
    form = TalkForm()
    if form.validate_on_submit():
        try:
            services.add_talk(found.id, _talk_plan(form), key=form.sound_key, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已加进“%(name)s”。", name=found.name))
            if request.form.get("then") == "more":
                return redirect(url_for(".talk_new", session_id=found.id), 303)
            return redirect(f"{url_for('.forum', occurrence_id=found.occurrence_id)}#s{found.id}", 303)
    found = queries.session(web.actor(), session_id)
    page = render_template(
        "agenda/talk.html", form=form, session=found, occurrence=found.occurrence, edition=found.occurrence.edition,
        talk=None, left=queries.minutes_left(found),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _talk_plan(form: TalkForm) -> TalkPlan:
    people = tuple(rules.read_people(form.speakers.data or ""))
    return TalkPlan(form.title.data, TalkKind(form.kind.data), form.minutes.data or 0, form.abstract.data or "", people)


@bp.route("/talks/<id:talk_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def talk(talk_id: int) -> ResponseReturnValue:
    """Correct a talk: its words, its length, who speaks."""
    change = edited(
        lambda: queries.talk(web.actor(), talk_id),
        form=lambda row: TalkForm(), filled=_filled_talk, refuse=forms.refuse,
        save=lambda row, form: services.change_talk(
            row.id, _talk_plan(form), expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        ),
    )  # fmt: skip
    row, parent = change.row, change.row.session
    if change.saved:
        flash(_("已改好，后面各项的时间跟着变。"))
        return redirect(f"{url_for('.forum', occurrence_id=parent.occurrence_id)}#s{parent.id}", 303)
    page = render_template(
        "agenda/talk.html", form=change.form, session=parent, occurrence=parent.occurrence,
        edition=parent.occurrence.edition, talk=row, versions=change.versions,
        left=queries.minutes_left(parent) + row.minutes,
    )  # fmt: skip
    return page, change.status


def _filled_talk(found: Talk) -> TalkForm:
    return TalkForm(
        formdata=None, title=found.title, kind=found.kind.value, minutes=found.minutes, abstract=found.abstract,
        speakers=rules.said_people(queries.speakers_of(found.id)), revision=str(found.revision),
    )  # fmt: skip


@bp.post("/talks/<id:talk_id>/move")
@access_mark(Who.ORGANIZER)
def talk_move(talk_id: int) -> ResponseReturnValue:
    """Change places with the one before or after it."""
    found = queries.talk(web.actor(), talk_id)
    to = Direction.LATER if request.form.get("to") == Direction.LATER.value else Direction.EARLIER

    def act(form: RowForm) -> Any:
        services.move_talk(
            found.id, to, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
        return _("次序已换，时间跟着变。")

    return _row(found.session.occurrence, act, f"#s{found.session_id}")


@bp.post("/talks/<id:talk_id>/cancel")
@access_mark(Who.ORGANIZER)
def talk_cancel(talk_id: int) -> ResponseReturnValue:
    """It is not given and its minutes stay empty, or it is given after all."""
    found = queries.talk(web.actor(), talk_id)
    cancelled = request.form.get("cancelled") != "no"

    def act(form: RowForm) -> Any:
        services.cancel_talk(
            found.id, cancelled=cancelled, expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
        return _("已取消，时间空出来，后面的不变。") if cancelled else _("已恢复。")

    return _row(found.session.occurrence, act, f"#s{found.session_id}")


@bp.post("/talks/<id:talk_id>/remove")
@access_mark(Who.ORGANIZER)
def talk_remove(talk_id: int) -> ResponseReturnValue:
    """Take it out; those after it begin earlier."""
    found = queries.talk(web.actor(), talk_id)

    def act(form: RowForm) -> Any:
        services.remove_talk(
            found.id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
        return _("已删去，后面各项提前。")

    return _row(found.session.occurrence, act, f"#s{found.session_id}")


# ---- a day like another


@bp.route("/occurrences/<id:occurrence_id>/agenda/copy", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def copy(occurrence_id: int) -> ResponseReturnValue:
    """Sessions and the order of their talks as on another day: first what would come, then do it."""
    found = queries.forum(web.actor(), occurrence_id)
    form = CopyForm()
    targets = queries.forums_planned(web.actor(), found.edition_id)
    form.target_id.choices = [SelectChoice(str(row.id), row.own_name) for row in targets]
    ahead, status = None, 200
    if request.method == "GET":
        form.on.data = form.target_on.data = web.local(found.starts_at).date()
        form.target_id.data = str(found.id)
    elif not form.validate_on_submit():
        status = 422
    else:
        try:
            if form.is_seen:
                count = services.copy_day(
                    found.id, form.on.data, int(form.target_id.data), form.target_on.data, seen=form.seen_outcome,
                    key=form.sound_key,
                    actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
                )  # fmt: skip
                flash(_("已照搬 %(count)s 个环节，报告人没有搬过去。", count=count))
                return redirect(url_for(".forum", occurrence_id=int(form.target_id.data)), 303)
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status = refused.status
        if status != 422:
            ahead = queries.day_to_copy(found, form.on.data, web.zone())
            form.remember(ahead.digest)
    found = queries.forum(web.actor(), occurrence_id)
    page = render_template(
        "agenda/copy.html", form=form, occurrence=found, edition=found.edition, ahead=ahead and ahead.sessions,
        first=web.local(found.starts_at).date(), last=last_day(web.local(found.starts_at), web.local(found.ends_at)),
    )  # fmt: skip
    return page, status


# ---- people


@bp.get("/editions/<id:edition_id>/speakers")
@access_mark(Who.ORGANIZER)
def speakers(edition_id: int) -> ResponseReturnValue:
    """Who speaks or takes the chair in an edition."""
    found = queries.edition(web.actor(), edition_id)
    text = " ".join(request.args.get("q", "").split())[:60]
    page = web.page(queries.speaker_rows(found.id, text), per_page=100)
    return render_template(
        "agenda/speakers.html", edition=found, page=page, words=text, tabs=tabs(found, "speakers"),
        appearances=queries.appearances([row.id for row in page]),
    )  # fmt: skip


@bp.route("/speakers/<id:speaker_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def speaker(speaker_id: int) -> ResponseReturnValue:
    """Correct how a person is printed, wherever they speak."""
    change = edited(
        lambda: queries.speaker(web.actor(), speaker_id),
        form=lambda row: SpeakerForm(), filled=_filled_speaker, refuse=forms.refuse,
        save=lambda row, form: services.change_speaker(
            row.id, PersonWords(form.name.data, form.organization.data, form.post.data, form.words.data),
            expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
        ),
    )  # fmt: skip
    row = change.row
    if change.saved:
        flash(_("已改好。公开的日程要发布新版本才会变。"))
        return redirect(url_for(".speaker", speaker_id=row.id), 303)
    page = render_template(
        "agenda/speaker.html", form=change.form, speaker=row, edition=row.edition, versions=change.versions,
        where=queries.where_is(web.actor(), row.id),
    )  # fmt: skip
    return page, change.status


def _filled_speaker(found: Speaker) -> SpeakerForm:
    return SpeakerForm(
        formdata=None, name=found.name, organization=found.organization, post=found.post, words=found.words,
        revision=str(found.revision),
    )  # fmt: skip
