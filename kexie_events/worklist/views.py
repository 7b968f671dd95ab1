"""The year board of the work list; its import with a preview; its export."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ..core import spreadsheet, web
from ..core.access import Action
from ..core.errors import RuleBroken
from ..core.http import csv_answer
from ..core.web import Who, access_mark
from ..events.numbering import words
from ..units.queries import units_for
from . import queries, reading, rules, services
from .forms import ImportForm, refuse
from .models import WorkItem
from .queries import Held, Imported, ListOfYear
from .rules import Change, Sheet

bp = Blueprint("worklist", __name__, url_prefix="/manage/work-list")
blueprints = [bp]


@bp.get("")
@access_mark(Who.ORGANIZER)
def board() -> ResponseReturnValue:
    """All items of a unit's year at a glance, by section, and where their events stand."""
    lists = queries.lists(web.actor())
    chosen = _chosen(lists)
    sections = queries.sections(chosen, web.actor()) if chosen else {}
    items = [item for each in sections.values() for item in each]
    return render_template(
        "worklist/board.html", lists=lists, chosen=chosen, year=chosen.year if chosen else web.today().year,
        sections=sections, held=queries.held(items, web.actor(), web.arrived_at()),
    )  # fmt: skip


def _chosen(lists: list[ListOfYear]) -> ListOfYear | None:
    """The list that the query names: of that year and unit, else the first of that year, else the first of all."""
    year, unit = web.whole_number(request.args.get("year"), 0), request.args.get("unit")
    of_year = [each for each in lists if each.year == year] or [each for each in lists if each.year == lists[0].year]
    return next((each for each in of_year if each.unit_slug == unit), of_year[0] if of_year else None)


@bp.route("/import", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def import_list() -> ResponseReturnValue:
    """Read a file or a pasted table. 预览 shows what becomes of each row and saves nothing; 保存 takes all or none."""
    form = ImportForm()
    units = units_for(web.actor(), Action.PLAN, web.today())
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    sheet: Sheet | None = None
    outlook: Imported | None = None
    again = False
    if form.validate_on_submit():
        try:
            year, sheet = _read(form)
            if not sheet.faults:
                unit_id = int(form.unit_id.data)
                fresh = form.seen.data != _digest(form)
                drafts = None if fresh else _ticked()
                saving = request.form.get("do") == "save"
                if saving and not fresh:
                    return _save(year, sheet, unit_id, drafts)
                again = saving
                outlook = queries.outlook(year, sheet, unit_id=unit_id, drafts=drafts, actor=web.actor())
        except RuleBroken as broken:
            refuse(form, broken)
    form.seen.data = _digest(form) if outlook else ""
    faults = [web.sentence(fault.error()) for fault in sheet.faults] if sheet else []
    page = render_template(
        "worklist/import.html", form=form, outlook=outlook, again=again, faults=faults, changes=Change, words=words
    )
    return page, 422 if form.errors or faults else 200


def _read(form: ImportForm) -> tuple[int, Sheet]:
    """The year and the rows of what was sent: the file when there is one, else the text.

    The fields then hold what was read, so that it can be mended and saved.

    Raises: RuleBroken.
    """
    name = ""
    if upload := form.file.data:
        name = Path(upload.filename or "").stem
        form.text.data = reading.decode(upload.read(reading.MOST_BYTES + 1))
    text = form.text.data or ""
    year: int = form.year.data or reading.year_in(name, reading.title_of(text)) or web.today().year
    form.year.data, form.year.raw_data = year, [str(year)]  # what was sent would be shown otherwise, also when empty
    return year, rules.read_rows(reading.read(text))


def _digest(form: ImportForm) -> str:
    """Of the list, its year and unit, however the browser ends its lines."""
    text = "\n".join((form.text.data or "").split())
    return hashlib.sha256(f"{form.unit_id.data}\n{form.year.data}\n{text}".encode()).hexdigest()


def _ticked() -> set[int]:
    """The lines of the rows that may get a draft."""
    return {web.whole_number(text, 0) for text in request.form.getlist("draft")}


def _save(year: int, sheet: Sheet, unit_id: int, drafts: set[int] | None) -> ResponseReturnValue:
    done = services.import_list(
        year, sheet, unit_id=unit_id, drafts=drafts, actor=web.actor(), now=web.arrived_at(), zone=web.zone()
    )
    flash(
        _(
            "已导入：新增 %(added)s 项，改动 %(changed)s 项，不变 %(same)s 项；建了 %(drafted)s 个活动草稿。",
            added=done.count(Change.NEW), changed=done.count(Change.CHANGED), same=done.count(Change.SAME),
            drafted=len(done.drafted),
        )
    )  # fmt: skip
    lists = queries.lists(web.actor())
    slug = next((each.unit_slug for each in lists if each.unit_id == unit_id), None)
    return redirect(url_for(".board", year=year, unit=slug), 303)


@bp.get("/list.csv")
@access_mark(Who.ORGANIZER)
def export() -> ResponseReturnValue:
    """A list as a spreadsheet that can be read back in; the last columns say where its events stand."""
    chosen = _chosen(queries.lists(web.actor()))
    items = [item for each in (queries.sections(chosen, web.actor()) if chosen else {}).values() for item in each]
    held = queries.held(items, web.actor(), web.arrived_at())
    head = [_("板块"), _("序号"), _("名称"), _("责任部室"), _("活动"), _("届次"), _("进展"), _("下一日期")]
    rows = list(_cells(items, held))  # words are for the reader, who is gone when the pieces are sent
    name = f"worklist-{chosen.year}.csv" if chosen else "worklist.csv"
    return csv_answer(name, spreadsheet.lines(head, rows))


def _cells(items: list[WorkItem], held: dict[int, Held]) -> Iterator[list[object]]:
    for item in items:
        row: list[object] = [item.section, item.number, item.name, "、".join([item.lead, *item.supporters])]
        if event := held.get(item.edition_id or 0):
            next_on = web.local(event.next_at).date().isoformat() if event.next_at else ""
            row += [event.series_name, event.number_words, web.label(event.standing), next_on]
        else:
            row += ["", "", "", ""]
        yield row
