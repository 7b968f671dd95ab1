"""放假安排: a year at a glance; entering days, with a preview; where the named days lie."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..core import access, web
from ..core.access import Action, Place
from ..core.errors import Conflict, NotFound, RuleBroken
from ..core.forms import PlainForm
from ..core.web import Who, access_mark
from ..core.workdays import DayKind, Festival
from . import named, queries, reading, rules, services
from .forms import DayForm, NamedForm, NoticeForm, refuse
from .named import Named, Span
from .reading import Read
from .rules import ANNOUNCED, Entered, Entry, Spanned, Step

bp = Blueprint("days", __name__, url_prefix="/manage/days")
blueprints = [bp]

LATEST = 8
BESIDE = 31  # days before and after a year that its notice may name
LINES_OF_AN_AUDIT_NOTE = 6


@dataclass(frozen=True)
class Change:
    """Days in a row that change in the same way, or a named day."""

    name: str  # of a named day; "" for days
    span: Span
    before: Entry | None
    after: Entry | None
    plain: rules.DayState | None  # what holds when nothing is entered

    @property
    def days(self) -> int:
        return (self.span.last_on - self.span.first_on).days + 1


@dataclass(frozen=True)
class Line:
    """One line of the history, with the key by which it is undone."""

    at: datetime
    who: str
    undone: bool
    changes: Sequence[Change]
    more: int
    record_id: int


@bp.get("")
@access_mark(Who.ORGANIZER)
def year() -> ResponseReturnValue:
    """Twelve months, what stands out in them, the named days; for administrators, what can be changed."""
    asked = web.whole_number(request.args.get("year"), web.today().year)
    return _year_page(min(max(asked, rules.LEAST_YEAR), rules.MOST_YEAR))


def _year_page(shown: int, *, sent: DayForm | None = None, status: int = 200) -> ResponseReturnValue:
    may_set = access.allows(web.actor(), Action.SET_DAYS, Place())
    form = sent or DayForm(formdata=None)
    form.offer()
    entered = queries.entered_of(shown)
    page = render_template(
        "days/year.html", year=rules.year_of(shown, entered), entered=entered, may_set=may_set, form=form, sent=sent,
        history=_history() if may_set else [], kinds_of_day=DayKind,
        least=rules.LEAST_YEAR, most=rules.MOST_YEAR,
    )  # fmt: skip
    return page, status


def _require() -> None:
    access.require(web.actor(), Action.SET_DAYS, Place())


def _history() -> list[Line]:
    lines = []
    for done in queries.latest(LATEST):
        changes = _changes(done.steps)
        shown = changes[:LINES_OF_AN_AUDIT_NOTE]
        lines.append(
            Line(
                done.record.at, done.who or _("系统"), done.record.verb == "days.undone", shown,
                len(changes) - len(shown), done.record.id,
            )
        )  # fmt: skip
    return lines


def _changes(steps: Iterable[Step]) -> list[Change]:
    """Steps as people read them: days in a row that change alike are one line."""
    found: list[Change] = []
    for step in steps:
        if isinstance(step.spot, tuple):
            found.append(_named_change(step, *step.spot))
            continue
        now = Change("", Span(step.spot, step.spot), step.before, step.after, _plain(step.spot))
        last = found[-1] if found else None
        if last and not last.name and last.span.last_on == step.spot - timedelta(days=1) and _alike(last, now):
            found[-1] = Change("", Span(last.span.first_on, step.spot), last.before, last.after, last.plain)
        else:
            found.append(now)
    return found


def _plain(day: date) -> rules.DayState:
    """What holds of a day without an entry; of a year that is not announced, that alone."""
    state = rules.state_on(day)
    return state if state.kind is not DayKind.NOT_ANNOUNCED else rules.DayState(state.kind)


def _alike(one: Change, other: Change) -> bool:
    """Whether both read the same; what holds without an entry is said only where there is none."""
    entries = (one.before, one.after) == (other.before, other.after)
    return entries and (None not in (one.before, one.after) or one.plain == other.plain)


def _named_change(step: Step, key: str, of_year: int) -> Change:
    entry = step.after or step.before
    assert isinstance(entry, Spanned)
    words = _("%(year)s年全年安排", year=of_year) if key == ANNOUNCED else web.label(Named(key))
    return Change(words, entry.span, step.before, step.after, None)


@bp.route("/change", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def change() -> ResponseReturnValue:
    """Enter days as lines, or paste the whole notice. 预览 shows every change and saves nothing."""
    _require()
    form = NoticeForm()
    if request.method == "GET":
        form.year.data = min(
            max(web.whole_number(request.args.get("year"), web.today().year), rules.LEAST_YEAR), rules.MOST_YEAR
        )
    elif form.validate():
        return _previewed(form, saving=request.form.get("do") == "save")
    return _change_page(form)


@bp.post("/day")
@access_mark(Who.ORGANIZER)
def day() -> ResponseReturnValue:
    """One day, or several in a row: goes to the preview."""
    _require()
    form = DayForm()
    form.offer()
    if form.validate():
        try:
            span = Span(form.first.data, form.last_on)
            rules.check_year(span.first_on.year)
            rules.check_year(span.last_on.year)
            if span.last_on < span.first_on:
                raise RuleBroken("days.backwards", first=span.first_on)
            if (span.last_on - span.first_on).days >= reading.MOST_DAYS:
                raise RuleBroken("days.too_long", most=reading.MOST_DAYS)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            lines = NoticeForm(formdata=None)
            lines.year.data, lines.source.data = span.first_on.year, ""
            lines.text.data = reading.written(span, form.ruling, form.words.data or "")
            return _previewed(lines, saving=False)
    shown = form.first.data.year if form.first.data else web.today().year
    return _year_page(min(max(shown, rules.LEAST_YEAR), rules.MOST_YEAR), sent=form, status=422)


def _previewed(form: NoticeForm, *, saving: bool) -> ResponseReturnValue:
    read: Read | None = None
    steps: list[Step] | None = None
    status, again = 200, False
    try:
        read = reading.read(form.text.data, form.of_year, source=form.based_on)
        if not read.faults:
            steps = _steps(form, read)
            if saving and (not steps or form.seen.data == _digest(steps)):
                services.enter(steps, actor=web.actor(), now=web.arrived_at())
                flash(_("已保存，按新的安排提示和计算。") if steps else _("没有改动。"))
                return redirect(url_for(".year", year=form.of_year), 303)
            again, status = saving, 409 if saving else 200
    except RuleBroken as broken:
        refuse(form, broken)
    except Conflict as conflict:
        # Somebody was faster by a moment: what is shown below is what stands now.
        refuse(form, conflict)
        steps, status = _steps(form, read) if read else None, conflict.status
    return _change_page(form, read=read, steps=steps, again=again, status=status)


def _steps(form: NoticeForm, read: Read) -> list[Step]:
    """What saving would change, as things stand now."""
    entered = queries.entered_of(form.of_year, beside=BESIDE)
    return rules.steps(read.days, entered, year=form.of_year if form.whole.data else None, source=form.based_on)


def _digest(steps: Sequence[Step]) -> str:
    return hashlib.sha256(repr(steps).encode()).hexdigest()


def _change_page(
    form: NoticeForm,
    *,
    read: Read | None = None,
    steps: list[Step] | None = None,
    again: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    faults = [web.sentence(fault.error()) for fault in read.faults] if read else []
    form.seen.data = _digest(steps) if steps is not None else ""
    affected = sum(not isinstance(step.spot, tuple) for step in steps or [])
    page = render_template(
        "days/change.html", form=form, read=read, again=again, faults=faults,
        changes=_changes(steps) if steps is not None else None,
        left_out=_left_out(form, read, steps or []), affected=affected, same=len(read.days) - affected if read else 0,
    )  # fmt: skip
    return page, status if status != 200 else 422 if form.errors or faults else 200


def _left_out(form: NoticeForm, read: Read | None, steps: Sequence[Step]) -> list[Festival]:
    """Of a year that becomes whole, the holidays that its notice does not name: a line may be missing."""
    if read is None or (ANNOUNCED, form.of_year) not in {step.spot for step in steps}:
        return []
    return rules.left_out(read.days, queries.entered_of(form.of_year), form.of_year)


@bp.route("/<id:of_year>/<day_key>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def named_day(of_year: int, day_key: str) -> ResponseReturnValue:
    """Where a named day lies in a year: by its rule, or as it was set for this year."""
    _require()
    which = next((each for each in Named if each.value == day_key), None)
    if which is None or not rules.LEAST_YEAR <= of_year <= rules.MOST_YEAR:
        raise NotFound()
    entered = queries.entered_of(of_year)
    form = NamedForm()
    status = 200
    if request.method == "GET":
        _fill(form, which, of_year, entered)
    elif request.form.get("do") == "back" or form.validate():
        try:
            _set_named(form, which, of_year, entered)
        except (RuleBroken, Conflict) as refused:
            refuse(form, refused)
            status, entered = refused.status, queries.entered_of(of_year)
            form.seen.data = _stands(entered, which, of_year)
        else:
            flash(_("已保存，按新的日期提示。"))
            return redirect(url_for(".year", year=of_year), 303)
    page = render_template(
        "days/named.html", form=form, which=which, year=of_year, entered=entered.at((which.value, of_year)),
        standing=named.standing(which, of_year, entered.named_in(of_year)),
        otherwise=named.standing(which, of_year),
    )  # fmt: skip
    return page, status if status != 200 else 422 if form.errors else 200


def _stands(entered: Entered, which: Named, of_year: int) -> str:
    held = entered.at((which.value, of_year))
    return hashlib.sha256(repr(held).encode()).hexdigest()


def _fill(form: NamedForm, which: Named, of_year: int, entered: Entered) -> None:
    standing = named.standing(which, of_year, entered.named_in(of_year))
    if standing is not None:
        form.first.data, form.last.data = standing.span.first_on, standing.span.last_on
    held = entered.at((which.value, of_year))
    form.source.data = held.source if held else ""
    form.seen.data = _stands(entered, which, of_year)


def _set_named(form: NamedForm, which: Named, of_year: int, entered: Entered) -> None:
    spot = (which.value, of_year)
    wanted = None if request.form.get("do") == "back" else form.spanned
    held = entered.at(spot)
    if held != wanted and form.seen.data != _stands(entered, which, of_year):
        raise Conflict("days.changed_meanwhile")
    services.enter([Step(spot, held, wanted)], actor=web.actor(), now=web.arrived_at())


@bp.post("/undo/<id:record_id>")
@access_mark(Who.ORGANIZER)
def undo(record_id: int) -> ResponseReturnValue:
    """Take back one recorded change."""
    _require()
    shown = web.today().year
    form = PlainForm()
    if form.validate_on_submit():
        first = queries.steps_of(queries.change(record_id))[0].spot
        shown = first[1] if isinstance(first, tuple) else first.year
        try:
            services.undo(record_id, actor=web.actor(), now=web.arrived_at())
        except Conflict as conflict:
            flash(web.sentence(conflict), "bad")
            return _year_page(shown, status=409)
        flash(_("已撤销。"))
        return redirect(url_for(".year", year=shown), 303)
    return _year_page(shown, status=422)
