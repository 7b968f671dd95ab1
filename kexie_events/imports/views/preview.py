"""One import: being read, its preview, what was done with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import web
from ...core.errors import Conflict, RuleBroken
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from ...events.wording import said_at
from .. import comparing, queries, services
from ..comparing import Facts, Outcome
from ..forms import ApplyForm, refuse
from ..models import CalendarImport
from ..rules import MOST_ITEMS, MOST_ONE_BY_ONE, Change, ImportState
from ..services import Choice
from ..storing import read_from
from .desk import MARKS, bp, counted, why

REFRESH_SECONDS = 3
# What wants a decision first, then what needs none. (change, id of its heading)
ORDER = (
    Change.BOTH, Change.CANCELLED, Change.GONE, Change.CHANGED, Change.RESTORED, Change.NEW, Change.KEPT,
)  # fmt: skip
MOST_SAME = 100
LONGEST_EXCERPT, BEFORE = 160, 24  # characters of a description, and of them what both say


@dataclass(frozen=True)
class Line:
    """One part of a date: what stands here, what the source says."""

    name: str
    here: str | Markup
    there: str | Markup
    both: bool


@dataclass(frozen=True)
class Row:
    """One date in the preview."""

    outcome: Outcome
    name: str
    when: str | Markup
    place: str
    lines: Sequence[Line]
    ticked: bool


@bp.get("/imports/<id:import_id>")
@access_mark(Who.ORGANIZER)
def show(import_id: int) -> ResponseReturnValue:
    """Where it stands; while it is being read the page looks again by itself."""
    run = queries.calendar_import(web.actor(), import_id)
    if run.state is ImportState.READ:
        return _preview(run, ApplyForm(formdata=None), 200, _asked(run))
    answer = make_response(render_template("imports/state.html", marks=MARKS, error=_error(run), **_common(run)))
    if run.state is ImportState.WAITING:
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def _asked(run: CalendarImport) -> Collection[str] | None:
    """What a link asks to be ticked: everything or nothing; without one, what the preview ticks by itself."""
    asked = request.args.get("tick", "")
    if asked == "all":
        return {each.key for each in queries.outlook(run, now=web.arrived_at(), zone=web.zone()) if each.choosable}
    return set() if asked == "none" else None


@bp.post("/imports/<id:import_id>/apply")
@access_mark(Who.ORGANIZER)
def apply(import_id: int) -> ResponseReturnValue:
    """Do what is ticked, all of it or nothing."""
    run = queries.calendar_import(web.actor(), import_id)
    form, keys = ApplyForm(), frozenset(request.form.getlist("take")[: MOST_ITEMS * 2])
    if not form.validate_on_submit():
        return _preview(run, form, 422, keys)
    choice = Choice(keys, form.seen_outcome, form.reason.data, form.uses_rooms.data)
    try:
        done = services.apply(run.id, choice, actor=web.actor(), now=web.arrived_at(), zone=web.zone())
    except (RuleBroken, Conflict) as refused:
        if refused.code == "import.decided":
            flash(web.sentence(refused))
            return redirect(url_for(".show", import_id=import_id), 303)
        refuse(form, refused)
        return _preview(queries.calendar_import(web.actor(), import_id), form, refused.status, keys)
    flash(_("已按勾选的导入：%(what)s。", what=counted(done.done)))
    return redirect(url_for("manage.edition", edition_id=done.edition_id), 303)


@bp.post("/imports/<id:import_id>/drop")
@access_mark(Who.ORGANIZER)
def drop(import_id: int) -> ResponseReturnValue:
    """Nothing of it is wanted."""
    run = queries.calendar_import(web.actor(), import_id)
    if PlainForm().validate_on_submit():
        try:
            services.drop(run.id, actor=web.actor(), now=web.arrived_at())
        except Conflict as refused:
            flash(web.sentence(refused))
        else:
            flash(_("没有导入，什么都没有改。"))
    return redirect(url_for(".start", edition_id=run.edition_id), 303)


def _preview(
    run: CalendarImport, form: ApplyForm, status: int, keys: Collection[str] | None = None
) -> ResponseReturnValue:
    """``keys``: what was ticked when the form was sent."""
    if run.state is not ImportState.READ:
        return redirect(url_for(".show", import_id=run.id), 303)
    outcomes = queries.outlook(run, now=web.arrived_at(), zone=web.zone())
    form.remember(comparing.digest(outcomes))
    rooms = queries.room_words(sorted(_rooms(outcomes)))
    found = read_from(run.name, run.found)
    groups = [(change, [_row(each, rooms, keys) for each in outcomes if each.change is change]) for change in ORDER]
    same = [_row(each, rooms, keys) for each in outcomes if each.change is Change.SAME]
    page = render_template(
        "imports/preview.html", form=form, groups=[pair for pair in groups if pair[1]], same=same[:MOST_SAME],
        same_count=len(same), faults=[(fault, why(fault.code, dict(fault.details))) for fault in found.faults],
        notes=found.notes, tells=any(each.tells and each.choosable for each in outcomes),
        has_rooms=any(each.wanted and each.wanted.room_id for each in outcomes if each.choosable),
        slow=MOST_ONE_BY_ONE if sum(each.one_by_one and each.choosable for each in outcomes) > MOST_ONE_BY_ONE else 0,
        choosable=sum(each.choosable for each in outcomes), **_common(run),
    )  # fmt: skip
    return page, status


def _common(run: CalendarImport) -> dict[str, Any]:
    return {
        "run": run, "edition": run.edition, "changes": Change,
        "name": run.source.label if run.source else run.name or _("日历文件"), "counted": counted,
    }  # fmt: skip


def _error(run: CalendarImport) -> str:
    return why(run.error, run.error_details)


# ---- rows


def _row(outcome: Outcome, rooms: dict[int, str], keys: Collection[str] | None) -> Row:
    facts = outcome.wanted or outcome.stands
    assert facts is not None
    said = outcome.item or (outcome.known.said if outcome.known else None)
    name = (outcome.stands or facts).title or (said.title if said else "") or _("没有名称")
    ticked = outcome.ticked if keys is None else outcome.key in keys
    shown = facts if outcome.change is Change.NEW or outcome.stands is None else outcome.stands
    return Row(outcome, name, _when(shown), _place(shown, rooms), _lines(outcome, rooms), ticked)


def _lines(outcome: Outcome, rooms: dict[int, str]) -> list[Line]:
    """Both versions of the parts that would change."""
    if outcome.stands is None or outcome.wanted is None:
        return []
    names = {"title": _("名称"), "summary": _("说明"), "time": _("时间"), "where": _("地点")}
    found = []
    for part in outcome.parts:
        here, there = (_words(facts, part, rooms) for facts in (outcome.stands, outcome.wanted))
        if part == "summary":
            here, there = excerpts(here, there)
        found.append(Line(names[part], here, there, part in outcome.both))
    return found


def excerpts(here: str, there: str) -> tuple[str, str]:
    """Two long texts from shortly before the place where they part, so that what differs is seen."""
    pairs = enumerate(zip(here, there, strict=False))
    same = next((n for n, (ours, theirs) in pairs if ours != theirs), min(len(here), len(there)))
    begin = max(0, same - BEFORE) if max(len(here), len(there)) > LONGEST_EXCERPT else 0
    return _excerpt(here, begin), _excerpt(there, begin)


def _excerpt(text: str, begin: int) -> str:
    shown = text[begin : begin + LONGEST_EXCERPT]
    return f"{'…' if begin and shown else ''}{shown}{'…' if len(text) > begin + LONGEST_EXCERPT else ''}"


def _words(facts: Facts, part: str, rooms: dict[int, str]) -> str | Markup:
    if part == "time":
        return _when(facts)
    if part == "where":
        return _place(facts, rooms)
    return facts.title if part == "title" else facts.summary


def _when(facts: Facts) -> str | Markup:
    first, last = said_at(facts.starts_at, facts.ends_at, facts.all_day, web.zone())
    if facts.all_day:
        return web.day_words(first) if first == last else f"{web.day_words(first)}{_('至')}{web.day_words(last)}"
    return web.span_tag(facts.starts_at, facts.ends_at)


def _place(facts: Facts, rooms: dict[int, str]) -> str:
    return "，".join(part for part in (rooms.get(facts.room_id or 0, ""), facts.place) if part)


def _rooms(outcomes: Sequence[Outcome]) -> set[int]:
    both = (facts for each in outcomes for facts in (each.wanted, each.stands) if facts is not None)
    return {facts.room_id for facts in both if facts.room_id is not None}
