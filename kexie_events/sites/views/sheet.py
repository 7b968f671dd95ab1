"""Many activities at once: the template, a sheet with its preview, the same sheet with its faults; last year's."""

import hashlib
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import sheets, web
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.http import sheet_answer
from ...core.sheets import Fault, Head, Row
from ...core.web import Who, access_mark
from ...events.models import Edition
from .. import bulk, queries, services
from ..bulk import Column, Ground, Line, Wrong
from ..forms import CopyForm, ImportForm, refuse
from ..rules import CampaignTerms
from .desk import board_of, bp, common, unit_choices


@bp.get("/editions/<id:campaign_id>/sites/template.xlsx")
@access_mark(Who.ORGANIZER)
def template(campaign_id: int) -> ResponseReturnValue:
    """An empty sheet with the right heads, and one row that shows how it is done."""
    edition, terms = board_of(campaign_id)
    kinds = tuple(category.name for category in terms.categories)
    notes = {
        Column.NUMBER: _("你们自己的编号，可以不填；填了，再导一次按它认活动。"),
        Column.UNIT: _("单位全称；替下级单位报时填，不填就是导入时选的单位。"),
        Column.DAY: _("例如 2026-09-19；跨几天的再填结束日期。"),
        Column.STARTS: _("例如 14:00；整天的不填。"),
        Column.LATITUDE: _("纬度和经度一起填，不填就按区县画在地图上。"),
        Column.CONTACT_PUBLIC: _("填“是”，联系人和电话才会公开。"),
    }
    wide = {Column.NAME: 30, Column.UNIT: 26, Column.PLACE: 24, Column.ADDRESS: 26, Column.SUMMARY: 40}
    columns = [
        sheets.Column(
            bulk.HEADS[column][0] + ("*" if column in bulk.NEEDED else ""), wide.get(column, 13),
            note=notes.get(column, ""),
            choices=kinds if column is Column.CATEGORY else ("是", "否") if column is Column.CONTACT_PUBLIC else (),
        )
        for column in Column
    ]  # fmt: skip
    return sheet_answer(_("活动申报表") + ".xlsx", sheets.written("活动", columns, bulk.example(terms, edition.year)))


@bp.route("/editions/<id:campaign_id>/sites/import", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def import_sheet(campaign_id: int) -> ResponseReturnValue:
    """Read a sheet. 预览 shows what becomes of each row and saves nothing; 导入 takes all rows or none, or, when the
    organiser says so, those without faults; 下载 gives the same sheet back with its faults marked."""
    edition, terms = board_of(campaign_id)
    units = queries.units_to_declare_for(web.actor(), edition, web.today())
    form = ImportForm()
    form.unit_id.choices = unit_choices(units)
    found: services.Imported | None = None
    again = False
    if form.validate_on_submit():
        try:
            rows = _rows(form)
            head = bulk.head_of(rows)
            lines = bulk.read(rows, head, _ground(form, edition, terms, units))
            found = services.outlook(edition, lines, actor=web.actor())
            wanted = request.form.get("do")
            fresh = not _was_shown(form, found)
            if wanted == "faults":
                return sheet_answer(_("有错的行已标出") + ".xlsx", _marked(rows, head, found))
            again = wanted == "save" and fresh
            if wanted == "save" and not fresh:
                return _save(campaign_id, form, lines)
        except RuleBroken as broken:
            refuse(form, broken)
    edition, terms = board_of(campaign_id)
    form.seen.data = " ".join((_digest(form), *_overwritten(found))) if found else ""
    faults = [_fault(wrong) for wrong in bulk.faults(found.outcomes)] if found else []
    page = render_template(
        "sites/import.html", form=form, found=found, again=again, faults=faults, changes=bulk.Change,
        reasons=_by_row(faults), most=bulk.MOST_ROWS, units=units, **common(edition, terms, "import"),
    )  # fmt: skip
    return page, 422 if form.errors or faults else 200


def _rows(form: ImportForm) -> tuple[Row, ...]:
    """Of the file when there is one, else of the text; the text field then holds what was read, so that it can be
    mended and saved without choosing the file again. Raises: RuleBroken."""
    if upload := form.file.data:
        form.text.data = sheets.text_of(upload.read(bulk.BOUNDS.size + 1), bulk.BOUNDS)
        form.text.raw_data = [form.text.data]
    return sheets.read_text(form.text.data or "", bulk.BOUNDS)


def _ground(form: ImportForm, edition: Edition, terms: CampaignTerms, units: list[Any]) -> Ground:
    regions = queries.regions_for(web.today())
    return Ground(
        terms,
        {unit.name: unit.id for unit in units},
        {name: region.id for region in regions for name in (region.name.split("（")[0], region.name)},
        {unit.id: unit.region_id for unit in units},
        edition.year,
        web.zone(),
        int(form.unit_id.data) if form.unit_id.data else None,
    )


def _digest(form: ImportForm) -> str:
    return sheets.digest_of(form.text.data or "", form.unit_id.data)


def _overwritten(found: services.Imported) -> list[str]:
    """What stands now and would be replaced, activity by activity."""
    return [
        hashlib.sha256(f"{each.site_id} {sorted(each.before.items())}".encode()).hexdigest()[:16]
        for each in found.outcomes
        if each.change is bulk.Change.CHANGED
    ]


def _was_shown(form: ImportForm, found: services.Imported) -> bool:
    """Whether the preview was of this sheet, and showed everything that would be replaced now: what somebody has
    written meanwhile is not overwritten unseen. What is saved already needs no preview."""
    digest, *shown = (form.seen.data or "").split(" ")
    return digest == _digest(form) and set(_overwritten(found)) <= set(shown)


def _fault(wrong: Wrong) -> dict[str, Any]:
    return {"row": wrong.row, "column": wrong.column, "reason": web.sentence(wrong.error)}


def _by_row(faults: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for fault in faults:
        found.setdefault(fault["row"], []).append(fault)
    return found


def _marked(rows: tuple[Row, ...], head: Head[Column], found: services.Imported) -> bytes:
    faults = [
        Fault(wrong.row, head.columns.get(wrong.column) if wrong.column else None, web.sentence(wrong.error))
        for wrong in bulk.faults(found.outcomes)
    ]
    return sheets.marked(rows, faults, head=head.number, problem=_("问题"))


def _save(campaign_id: int, form: ImportForm, lines: list[Line]) -> ResponseReturnValue:
    done = services.import_sheet(
        campaign_id, lines, skip_bad=form.skip_bad.data, declare=form.declare.data, actor=web.actor(),
        now=web.arrived_at(), zone=web.zone(),
    )  # fmt: skip
    flash(
        _(
            "已导入：新增 %(added)s 项，改动 %(changed)s 项，不变 %(same)s 项，申报 %(declared)s 项，跳过 %(bad)s 行。",
            added=done.count(bulk.Change.NEW), changed=done.count(bulk.Change.CHANGED),
            same=done.count(bulk.Change.SAME), declared=done.declared, bad=done.count(bulk.Change.FAULT),
        )
    )  # fmt: skip
    return redirect(url_for(".board", campaign_id=campaign_id), 303)


@bp.route("/editions/<id:campaign_id>/sites/copy", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def copy(campaign_id: int) -> ResponseReturnValue:
    """Last year's activities as drafts: which, and how many days later."""
    edition, terms = board_of(campaign_id)
    before = queries.last_edition(edition, web.actor())
    form, ticked = CopyForm(), [web.whole_number(text, 0) for text in request.form.getlist("site")][: bulk.MOST_ROWS]
    if before is not None and form.validate_on_submit():
        try:
            if not ticked:
                raise RuleBroken("site.none_ticked")
            count = services.copy_last(
                campaign_id, ticked, days=form.days.data or 0, actor=web.actor(), now=web.arrived_at(), zone=web.zone()
            )
        except (RuleBroken, Conflict, NotFound) as broken:
            refuse(form, broken)
        else:
            flash(_("已复制 %(count)s 项，都是草稿，请核对日期和内容后申报。", count=count))
            return redirect(url_for(".board", campaign_id=campaign_id, show="draft"), 303)
    edition, terms = board_of(campaign_id)
    before = queries.last_edition(edition, web.actor())
    page = None
    if before is not None:
        page = web.page(queries.rows(web.actor(), before, queries.terms_of(before), web.arrived_at()), per_page=200)
        if request.method == "GET":
            form.days.data = 364 * max(1, edition.year - before.year)
            ticked = [site.id for site in page.items if site.state.value != "withdrawn"]
    return render_template(
        "sites/copy.html", form=form, before=before, page=page, ticked=set(ticked), **common(edition, terms, "copy")
    ), 422 if form.errors else 200
