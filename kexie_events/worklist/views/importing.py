"""Importing a list: a file or a pasted table, a preview, all rows or none."""

from pathlib import Path

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import sheets, web
from ...core.access import Action
from ...core.errors import RuleBroken
from ...core.http import sheet_answer
from ...core.web import Who, access_mark
from ...events.kinds import Kind
from ...events.numbering import words
from ...units.queries import units_for
from .. import queries, reading, rules, services
from ..forms import ImportForm, refuse
from ..queries import Imported
from ..rules import Change, Column, Sheet
from .desk import bp

NO_EVENT = "none"
_DOCUMENT = (Column.SECTION, Column.NUMBER, Column.NAME, Column.DEPARTMENTS)


@bp.route("/import", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def import_list() -> ResponseReturnValue:
    """Read a file or a pasted table. 预览 shows what becomes of each row and saves nothing; 保存 takes all or none."""
    form = ImportForm()
    units = units_for(web.actor(), Action.REPORT, web.today())
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    sheet: Sheet | None = None
    outlook: Imported | None = None
    again = False
    if form.validate_on_submit():
        try:
            year, sheet = _read(form)
            if sheet.faults and request.form.get("do") == "marked":
                return _marked(form, sheet)
            if not sheet.faults:
                unit_id = int(form.unit_id.data)
                fresh = form.seen.data != _digest(form)
                saving = request.form.get("do") == "save"
                drafts, kinds, remove = (None, {}, set()) if fresh else _said(sheet)
                if saving and not fresh:
                    return _save(form, year, sheet, drafts, kinds, remove)
                again = saving
                outlook = queries.outlook(
                    year, sheet, unit_id=unit_id, drafts=drafts, kinds=kinds, remove=remove, actor=web.actor()
                )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
    form.seen.data = _digest(form) if outlook else ""
    faults = [web.sentence(fault.error()) for fault in sheet.faults] if sheet else []
    page = render_template(
        "worklist/import.html", form=form, outlook=outlook, again=again, faults=faults, changes=Change, words=words,
        choices=[(NO_EVENT, _("不是活动")), *((kind.value, web.label(kind)) for kind in Kind)],
        taken_for=lambda line: line.kind.value if line.kind else NO_EVENT,
        usual_of=lambda line: line.usual.value if line.usual else NO_EVENT,
    )  # fmt: skip
    return page, 422 if form.errors or faults else 200


def _read(form: ImportForm) -> tuple[int, Sheet]:
    """The year and the rows of what was sent: the file when there is one, else the text.

    The fields then hold what was read, so that it can be mended and saved.

    Raises: RuleBroken.
    """
    name = ""
    if upload := form.file.data:
        name = Path(upload.filename or "").stem
        form.text.data = sheets.text_of(upload.read(reading.BOUNDS.size + 1), reading.BOUNDS)
    text = form.text.data or ""
    year: int = form.year.data or reading.year_in(name, reading.title_of(text)) or web.today().year
    form.year.data, form.year.raw_data = year, [str(year)]  # what was sent would be shown otherwise, also when empty
    return year, rules.read_rows(reading.read(text), year)


def _digest(form: ImportForm) -> str:
    return sheets.digest_of(form.text.data or "", form.unit_id.data, form.year.data)


def _said(sheet: Sheet) -> tuple[set[int], dict[int, Kind | None], set[int]]:
    """What was ticked and picked in the preview: the rows that may get a draft, what rows are, the items that go.

    A row that is taken for an event only because somebody said so had no tick to set: it gets its draft.
    """
    drafts = {web.whole_number(text, 0) for text in request.form.getlist("draft")}
    kinds: dict[int, Kind | None] = {}
    known = {kind.value: kind for kind in Kind}
    for row in sheet.rows:
        picked, usual = request.form.get(f"kind-{row.line}"), request.form.get(f"usual-{row.line}", "")
        if picked is None or picked == usual or (picked != NO_EVENT and picked not in known):
            continue
        kinds[row.line] = known.get(picked)
        if f"tick-{row.line}" not in request.form:
            drafts.add(row.line)
    return drafts, kinds, {web.whole_number(text, 0) for text in request.form.getlist("remove")}


def _save(
    form: ImportForm, year: int, sheet: Sheet, drafts: set[int] | None, kinds: dict[int, Kind | None], remove: set[int]
) -> ResponseReturnValue:
    unit_id = int(form.unit_id.data)
    done = services.import_list(
        year, sheet, unit_id=unit_id, title=reading.list_title(form.text.data or ""), drafts=drafts, kinds=kinds,
        remove=remove, actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
    )  # fmt: skip
    flash(
        _(
            "已导入：新增 %(added)s 项，改动 %(changed)s 项，不变 %(same)s 项；建了 %(drafted)s 个活动草稿。",
            added=done.count(Change.NEW), changed=done.count(Change.CHANGED), same=done.count(Change.SAME),
            drafted=len(done.drafted),
        )
    )  # fmt: skip
    if done.removed:
        flash(_("移出清单 %(count)s 项，记录还在。", count=len(done.removed)))
    lists = queries.lists(web.actor())
    slug = next((each.unit_slug for each in lists if each.unit_id == unit_id), None)
    return redirect(url_for(".board", year=year, unit=slug), 303)


def _marked(form: ImportForm, sheet: Sheet) -> ResponseReturnValue:
    """The list that was sent, with what is wrong at each cell."""
    content = reading.marked(
        form.text.data or "", [(fault, web.label(fault.reason)) for fault in sheet.faults], problem=_("问题"),
        heads={column: web.label(column) for column in _DOCUMENT},
    )  # fmt: skip
    return sheet_answer("worklist-marked.xlsx", content)
