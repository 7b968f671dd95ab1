"""The rule of a series: what it says, its dates, and changing it from a date on. Nothing is saved unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import access, web
from ....core.access import Action
from ....core.errors import Conflict, NotFound, RuleBroken
from ....core.forms import PlainForm
from ....core.versions import Version
from ....core.web import Who, access_mark
from ....days.queries import flags
from ....days.rules import Flag, together
from ... import forms, holders, numbering, wording
from ...models import Occurrence, Series
from ...offering import offer_rooms
from ...queries import manage as queries
from ...queries.places import place_of
from ...queries.rooms import rooms_taken
from ...views.manage.desk import bp, may, show_terms, terms_of
from .. import queries as patterns
from .. import services
from ..forms import RuleForm
from ..repeating import Repeat, is_weekend
from ..revising import TELLING, Change, Fate, Revised
from ..rules import Facts, Own, Scope, Terms
from .rule_words import rule_words

SHOWN = (Fate.ADDED, Fate.RETIMED, Fate.MOVED, Fate.CHANGED, Fate.REMOVED, Fate.SKIPPED, Fate.KEPT_OWN,
         Fate.KEPT_CANCELLED)  # fmt: skip
MARKS = {
    Fate.ADDED: "info", Fate.RETIMED: "doing", Fate.MOVED: "doing", Fate.CHANGED: "doing", Fate.REMOVED: "stop",
    Fate.SKIPPED: "gone", Fate.KEPT_OWN: "ok", Fate.KEPT_CANCELLED: "gone",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One date of the preview, in values that the template shows."""

    fate: Fate
    mark: str
    number: str
    now: Facts | None  # as it will be; None: it goes, or is skipped
    before: Facts | None  # where that is another one
    slot_at: datetime | None  # planned, where it is not when it takes place
    place: str
    place_before: str
    own: list[Own]
    flags: tuple[Flag, ...]
    room_taken: bool
    people: int  # who are written to

    @property
    def is_clash(self) -> bool:
        return self.room_taken or any(flag.serious for flag in self.flags)


@dataclass(frozen=True)
class Preview:
    """What the page shows of a change."""

    lines: list[Line]
    counts: list[tuple[Fate, int]]
    people: int
    tells: bool
    is_nothing: bool


@bp.get("/series/<id:series_id>/dates")
@access_mark(Who.ORGANIZER)
def series_dates(series_id: int) -> ResponseReturnValue:
    """Every date of a series: when it was planned, when it takes place, under which number, by whom."""
    found = queries.series(web.actor(), series_id)
    rows = web.page(patterns.slot_rows(found.id), per_page=50, scalars=False)
    return render_template("manage/series_dates.html", series=found, rows=rows, may_plan=may(Action.PLAN, found))


@bp.route("/series/<id:series_id>/rule", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def series_rule(series_id: int) -> ResponseReturnValue:
    """Another rule for what is still to come. 预览改动 shows each date and saves nothing; 保存 does exactly that."""
    found = queries.series(web.actor(), series_id)
    access.require(web.actor(), Action.PLAN, place_of(found))
    form = RuleForm()
    offer_rooms(form.room_id)
    origin = _origin(found, form)
    if origin is None:
        form.scope.choices = [choice for choice in form.scope.choices if choice.value == Scope.ALL.value]
    if request.method == "GET":
        _suggest(form, found, origin)
        return _page(found, form, origin)
    if not form.validate_on_submit():
        return _page(found, form, origin, 422)
    try:
        terms = None if form.stop.data else terms_of(form)
        if request.form.get("do") == "save" and form.is_seen:
            return _save(found, form, terms, origin)
        preview = _preview(found, form, terms, origin)
    except (RuleBroken, Conflict) as refused:
        forms.refuse(form, refused)
        if isinstance(refused, Conflict):
            return _conflict(series_id, form, origin)
        return _page(found, form, origin, 422)
    if request.form.get("do") == "save" and form.seen.data:
        flash(_("内容改过了，请先看下面新的预览，再按保存。"))
    return _page(found, form, origin, preview=_remember(form, preview, found))


def _origin(series: Series, form: RuleForm) -> Occurrence | None:
    """The date that the change begins with, when one was named. Raises: NotFound for one of another series."""
    named = request.args.get("from") if request.method == "GET" else form.origin.data
    if not named:
        return None
    row = queries.occurrence(web.actor(), web.whole_number(named, 0))
    if row.series_id != series.id or row.planned_at is None:
        raise NotFound()
    form.origin.data = str(row.id)
    return row


def _since(form: RuleForm, origin: Occurrence | None) -> datetime | None:
    return origin.planned_at if origin is not None and form.scope.data == Scope.FOLLOWING.value else None


def _suggest(form: RuleForm, series: Series, origin: Occurrence | None) -> None:
    """What holds now, so that only the difference has to be typed."""
    form.scope.data = Scope.FOLLOWING.value if origin is not None else Scope.ALL.value
    form.revision.data = str(series.revision)
    try:
        found = patterns.going_on(series.id, since=_since(form, origin), now=web.arrived_at(), zone=web.zone())
    except RuleBroken as refused:
        forms.refuse(form, refused)
        return
    if found is None:
        form.first_on.data, form.starts.data, form.ends.data = web.today(), datetime.min.time(), None
        form.starts.data = None
        return
    terms, chosen = found
    show_terms(form, terms)
    if chosen is not None:
        form.show(chosen)
        if is_weekend(chosen, form.lasts_days.data or 1):
            form.repeat.data = Repeat.YEAR_WEEKEND.value


def _save(series: Series, form: RuleForm, terms: Terms | None, origin: Occurrence | None) -> ResponseReturnValue:
    made = services.change_rule(
        series.id, terms, since=_since(form, origin), reason=form.reason.data,
        expected_revision=form.expected_revision, seen=form.seen_outcome, actor=web.actor(),
        now=web.arrived_at(), zone=web.zone(),
    )  # fmt: skip
    changes = _counted(made)
    flash(_("已保存：%(changes)s。", changes=changes) if changes else _("已保存。"))
    return redirect(url_for(".series", series_id=series.id), 303)


def _counted(made: Revised) -> str:
    said = [
        _("%(what)s %(count)s 场", what=web.label(fate), count=len(made.of(fate)))
        for fate in (Fate.ADDED, Fate.RETIMED, Fate.MOVED, Fate.CHANGED, Fate.REMOVED)
        if made.of(fate)
    ]
    return str(_("，").join(said))


def _preview(series: Series, form: RuleForm, terms: Terms | None, origin: Occurrence | None) -> Revised:
    return patterns.revised(
        series.id, terms, since=_since(form, origin), now=web.arrived_at(), zone=web.zone()
    )  # fmt: skip


def _remember(form: RuleForm, made: Revised, series: Series) -> Preview:
    """The preview for the page; the form takes note of what was shown, and of the revision that it was shown for."""
    form.revision.data = str(series.revision)
    form.remember(made.digest)
    changes = [change for change in made.changes if change.fate in SHOWN]
    ids = [change.held.id for change in changes if change.held]
    after = [change.after for change in changes if change.after and change.fate in (Fate.ADDED, *TELLING)]
    taken = rooms_taken(
        {(f.room_id, f.starts_at): (f.room_id, f.starts_at, f.ends_at) for f in after if f.room_id is not None},
        but=[change.held.id for change in made.changes if change.held],
    )
    people = holders.people_to_tell([change.held.id for change in made.told if change.held])
    rooms = patterns.room_names(
        sorted(
            {facts.room_id for change in changes for facts in (change.before, change.after) if facts and facts.room_id}
        )
    )
    numbers = {id: numbering.words(one) for id, one in patterns.numbers_by_occurrence(ids).items()}
    new = iter(patterns.numbers_of(series.id, made, web.zone()))
    remarks = flags(day for change in changes if change.after for day in web.days_of(change.after))
    lines = [_line(change, numbers, new, taken, remarks, people, rooms) for change in changes]
    counts = [(fate, len(made.of(fate))) for fate in Fate if made.of(fate)]
    return Preview(
        lines, counts, sum(people.values()), bool(made.told), not made.of(*(set(Fate) - {Fate.SAME, Fate.KEPT_OVER}))
    )  # fmt: skip


def _line(
    change: Change, numbers: dict[int, str], new: Any, taken: set[tuple[int, datetime]],
    remarks: dict[date, tuple[Flag, ...]], people: dict[int, int],
    rooms: dict[int, tuple[str, str]],
) -> Line:  # fmt: skip
    after, before, held = change.after, change.before, change.held
    is_written = change.fate in (Fate.ADDED, Fate.RETIMED, Fate.MOVED, Fate.CHANGED)
    if change.fate is Fate.ADDED:
        number = next(new, None)
        counted = numbering.words(number) if number else ""
    else:
        counted = numbers.get(held.id, "") if held else ""
    return Line(
        fate=change.fate,
        mark=MARKS[change.fate],
        number=counted,
        now=after,
        before=before if before is not None and (after is None or before.times != after.times) else None,
        slot_at=change.slot_after if after is None or change.slot_after != after.starts_at else None,
        place=_place(after, rooms),
        place_before=_place(before, rooms) if before and after and before.spot != after.spot else "",
        own=[own for own in Own if own in change.own],
        flags=together({day: remarks.get(day, ()) for day in web.days_of(after)}) if after and is_written else (),
        room_taken=after is not None and is_written and (after.room_id, after.starts_at) in taken,
        people=people.get(held.id, 0) if held is not None and change.is_told else 0,
    )


def _place(facts: Facts | None, rooms: dict[int, tuple[str, str]]) -> str:
    if facts is None:
        return ""
    return wording.place_words(*rooms.get(facts.room_id or 0, ("", "")), facts.place)


def _conflict(series_id: int, form: RuleForm, origin: Occurrence | None) -> ResponseReturnValue:
    """What stands now beside what was typed, and the preview as it is by now."""
    found = queries.series(web.actor(), series_id)
    current = patterns.going_on(found.id, since=None, now=web.arrived_at(), zone=web.zone())
    preview, versions = None, []
    try:
        terms = None if form.stop.data else terms_of(form)
        theirs = current[0] if current else None
        versions = [
            Version(_("排期规则"), rule_words(theirs) if theirs else "", rule_words(terms) if terms else _("不再办")),
            Version(_("地点"), _spot(theirs), _spot(terms)),
            Version(_("每场名额"), _places(theirs), _places(terms)),
        ]
        preview = _remember(form, _preview(found, form, terms, origin), found)
    except RuleBroken as refused:
        forms.refuse(form, refused)
    return _page(found, form, origin, 409, preview=preview, versions=versions)


def _spot(terms: Terms | None) -> str:
    if terms is None:
        return ""
    rooms = patterns.room_names([terms.room_id] if terms.room_id is not None else [])
    return wording.place_words(*rooms.get(terms.room_id or 0, ("", "")), terms.place)


def _places(terms: Terms | None) -> str:
    return "" if terms is None or terms.capacity is None else str(terms.capacity)


def _page(
    series: Series,
    form: RuleForm,
    origin: Occurrence | None,
    status: int = 200,
    *,
    preview: Preview | None = None,
    versions: Sequence[Version] = (),
) -> ResponseReturnValue:
    page = render_template(
        "manage/series_rule.html", form=form, series=series, origin=origin, preview=preview, versions=versions,
        said=said_rules(series),
    )  # fmt: skip
    return page, status


def said_rules(series: Series) -> list[tuple[date, str]]:
    """The rules of a series in words, with the day that each counts from."""
    return [(row.first_on, rule_words(row.terms)) for row in patterns.patterns_of(series.id)]


@bp.post("/series/<id:series_id>/skips/<id:skip_id>/back")
@access_mark(Who.ORGANIZER)
def skip_back(series_id: int, skip_id: int) -> ResponseReturnValue:
    """A skipped slot takes place after all."""
    found = queries.series(web.actor(), series_id)
    if PlainForm().validate_on_submit():
        try:
            services.bring_back(found.id, skip_id, actor=web.actor(), now=web.arrived_at(), zone=web.zone())
        except RuleBroken as refused:
            flash(web.sentence(refused))
        except NotFound:  # pressed twice
            flash(_("这个档期已经恢复了。"))
        else:
            flash(_("已恢复成草稿，按现在的规则排。"))
    return redirect(url_for(".series", series_id=found.id), 303)
