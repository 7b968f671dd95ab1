"""What a judge sees: the queue, the sheet, the files. Blind: no school, author or entry number on any of it."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...contests.queries import pack_of
from ...contests.rules import Criterion, Pack
from ...core import web
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.forms import blame
from ...core.http import plain_headers
from ...core.installation import installation
from ...core.web import Who, access_mark
from ...entries import queries as entries
from ...entries.models import EntryFile
from ...entries.rules import endings
from .. import queries, rules, services
from ..forms import RecuseForm, Sheet, operation_key, refuse, sheet_form
from ..models import Assignment, Round, Scoresheet
from ..pictures import following, tens
from ..queries import Duty, Task
from ..services import Change

bp = Blueprint("judging", __name__)

STATES = ("todo", "draft", "done")


def _me() -> int:
    return web.actor().account_id or 0


@bp.get("/judge")
@access_mark(Who.JUDGE)
def queue() -> ResponseReturnValue:
    """What is to be scored, how far one is, and the next one."""
    duties = queries.duties_of(web.actor())
    asked = web.whole_number(request.args.get("round"), 0)
    duty = next((row for row in duties if row.round_id == asked), duties[0] if duties else None)
    if duty is None:
        return render_template("judge/queue.html", duty=None, duties=[], tasks=[])
    tasks = queries.tasks(duty.round_id, _me())
    chosen = request.args.get("state", "")
    return render_template(
        "judge/queue.html",
        duty=duty,
        duties=duties,
        tasks=[task for task in tasks if not chosen or _state(task) == chosen],
        next=following(tasks),
        chosen=chosen,
        counts={state: sum(_state(task) == state for task in tasks) for state in STATES},
        bins=tens([task.total for task in tasks if task.total is not None]),
        pack=pack_of(duty.edition_id),
        taking=_taking(duty),
    )


def _state(task: Task) -> str:
    return "done" if task.done else "draft" if task.state else "todo"


def _taking(duty: Duty | Round) -> bool:
    try:
        rules.check_open(duty.state, duty.opens_at, duty.closes_at, web.arrived_at())
    except RuleBroken:
        return False
    return True


@dataclass(frozen=True)
class _Line:
    """A criterion as ``macros/score.html`` wants it."""

    key: str
    name: str
    hint: str
    max: str
    bands: list[tuple[str, str, str]]
    weight: int = 1


def _line(criterion: Criterion) -> _Line:
    number = rules.plain_number
    bands = [(number(band.low), number(band.high), band.word) for band in criterion.bands]
    return _Line(criterion.code, criterion.name, criterion.hint, number(criterion.most), bands)


@bp.route("/judge/assignments/<id:assignment_id>", methods=["GET", "POST"])
@access_mark(Who.JUDGE)
def sheet(assignment_id: int) -> ResponseReturnValue:
    """The score sheet: works without script; each POST is a submission."""
    found = queries.own_sheet(assignment_id, web.actor())
    row, pack, stored = found.assignment, found.pack, found.stored
    tasks = queries.tasks(row.round_id, _me())
    form = sheet_form(
        pack.rubric, stored.points if stored else {}, stored.note if stored else "", stored.revision if stored else 0
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                status = _submit(row, form, pack)
            except Conflict as conflict:
                status = 409
                refuse(form, conflict)
                form.renew()
                stored = queries.newest_sheet(assignment_id)
                form.base.data = str(conflict.details["revision"])
            except RuleBroken as broken:
                form.renew()
                refuse(form, broken)
        if status == 303:
            to_do = following([task for task in tasks if task.id != row.id], row.code)
            target = url_for(".sheet", assignment_id=to_do.id, saved=row.code) if to_do else None
            if target is None:
                flash(_("%(code)s 的评分已提交。全部评完了，截止前仍可修改。", code=row.code))
            return redirect(target or url_for(".queue", round=row.round_id), 303)
    return _page(row, found.round, pack, stored, form, tasks), status


def _submit(row: Assignment, form: Sheet, pack: Pack) -> int:
    """303 when it was taken, 422 with the faults at their fields."""
    points = form.points(pack.rubric)
    _, faults = rules.points_faults(pack.rubric, points, complete=True)
    for code, fault in faults.items():
        blame(form, web.sentence(fault), f"c_{code}")
    if faults:
        return 422
    change = Change(points, form.note.data or "", form.base_revision(), form.key())
    services.submit(row.id, change, actor=web.actor(), now=web.arrived_at())
    return 303


def _page(row: Assignment, round_: Round, pack: Pack, stored: Scoresheet | None, form: Sheet, tasks: list[Task]) -> str:
    here = next(n for n, task in enumerate(tasks) if task.id == row.id)
    return render_template(
        "judge/sheet.html",
        row=row,
        round=round_,
        pack=pack,
        form=form,
        lines=[_line(criterion) for criterion in pack.rubric.criteria],
        most=rules.plain_number(pack.rubric.most),
        step=rules.plain_number(pack.rubric.step),
        stored=stored,
        task=tasks[here],
        position=here + 1,
        done=sum(task.done for task in tasks),
        total=len(tasks),
        before=tasks[here - 1] if here else None,
        after=tasks[here + 1] if here + 1 < len(tasks) else None,
        files=[(n, endings(file.media_type)[0][1:], file.size) for n, file in _files(row)],
        taking=_taking(round_),
        saved=_own_code(request.args.get("saved", ""), tasks),
    )


def _own_code(code: str, tasks: list[Task]) -> str:
    """Only what is a code of one's own is repeated on the page."""
    return code if any(task.code == code for task in tasks) else ""


def _files(row: Assignment) -> list[tuple[int, EntryFile]]:
    return list(enumerate(entries.files_of(row.entry_id), start=1))


@bp.put("/judge/assignments/<id:assignment_id>/draft")
@access_mark(Who.JUDGE)
def draft(assignment_id: int) -> ResponseReturnValue:
    """What the device has typed: ``{base, points, note}`` under an ``Idempotency-Key``; answers ``{revision}``."""
    queries.own_assignment(assignment_id, web.actor())
    body, key = web.sent_json(), request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not 1 <= len(key) <= 100:
        abort(400)
    points, note, base = body.get("points"), body.get("note", ""), body.get("base")
    if not isinstance(points, dict) or not isinstance(note, str) or type(base) is not int:
        abort(400)
    if not all(isinstance(text, str) and len(text) < 20 for text in points.values()):
        abort(400)
    try:
        change = Change(points, note, base, operation_key(key))
        saved = services.save_draft(assignment_id, change, actor=web.actor(), now=web.arrived_at())
    except Conflict as conflict:
        return jsonify(conflict.details), 409
    except RuleBroken as broken:
        return jsonify(error=web.sentence(broken), code=broken.code), 422
    return jsonify(revision=saved.revision)


@bp.get("/judge/assignments/<id:assignment_id>/files/<id:number>")
@access_mark(Who.JUDGE)
def file(assignment_id: int, number: int) -> ResponseReturnValue:
    """A file of the work, by its place in the list: neither its name nor its own number gets out."""
    row = queries.own_assignment(assignment_id, web.actor())
    files = entries.files_of(row.entry_id)
    if number > len(files):
        raise NotFound()
    kept = files[number - 1]
    answer = send_file(
        installation().storage.open(kept.sha256),
        mimetype=kept.media_type,
        as_attachment=True,
        download_name=f"{row.code}-{_('材料')}{number}{endings(kept.media_type)[0]}",
        etag=False,  # no date or hash of the upload: two judges' copies would tell when it was filed
        conditional=False,
    )
    answer.content_length = kept.size
    answer.headers.update(plain_headers(**{"Cache-Control": "private, no-store"}))
    return answer


@bp.route("/judge/assignments/<id:assignment_id>/recuse", methods=["GET", "POST"])
@access_mark(Who.JUDGE)
def recuse(assignment_id: int) -> ResponseReturnValue:
    """Step back from an entry whose author one knows."""
    if request.method == "POST" and queries.has_stepped_back(assignment_id, web.actor()):
        return redirect(url_for(".queue"), 303)
    row = queries.own_assignment(assignment_id, web.actor())
    form = RecuseForm()
    if form.validate_on_submit():
        try:
            services.recuse(assignment_id, reason=form.reason.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("%(code)s 已回避，组织者会另请评委。", code=row.code))
            return redirect(url_for(".queue", round=row.round_id), 303)
    page = render_template("judge/recuse.html", row=row, form=form, scored=queries.newest_sheet(row.id) is not None)
    return page, 422 if form.errors else 200
