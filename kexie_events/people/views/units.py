"""The tree of units that one keeps: the list, one unit, adding below it, changing and closing it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, SelectChoice

from ...core import access, web
from ...core.access import Action, Place
from ...core.errors import RuleBroken
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from ...units import services as units_services
from ...units.models import Unit
from ...units.queries import regions_in_force
from ...units.rules import UnitKind, depth, path_above
from .. import queries
from ..forms import CloseForm, NewUnitForm, UnitForm, refuse
from .audit import latest
from .desk import alive, bp, last_day, may_change, roles_to_give

PER_PAGE = 50


@bp.get("/manage/units")
@access_mark(Who.ORGANIZER)
def units() -> ResponseReturnValue:
    """The tree, with a search; closed ones on demand."""
    text = (request.args.get("q") or "").strip()
    kind = next((kind for kind in UnitKind if kind.value == request.args.get("kind")), None)
    closed = request.args.get("state") == "closed"
    rows = web.page(
        queries.unit_rows(web.actor(), text=text, kind=kind, closed=closed, today=web.today()), per_page=PER_PAGE
    )
    top = min((depth(row.path) for row in rows), default=0)
    return render_template(
        "people/units.html", rows=rows, text=text, kind=kind, kinds=list(UnitKind), closed=closed,
        level=lambda row: 0 if text or kind or closed else min(depth(row.path) - top, 4), last_day=last_day,
        counts=queries.accounts_in([row.id for row in rows]),
    )  # fmt: skip


@bp.get("/manage/units/<id:unit_id>")
@access_mark(Who.ORGANIZER)
def unit(unit_id: int) -> ResponseReturnValue:
    """One unit: what it is, who belongs to it, who has a role there."""
    return _page(queries.unit(web.actor(), unit_id))


def _page(row: Unit, *, sent: UnitForm | CloseForm | PlainForm | None = None, status: int = 200) -> ResponseReturnValue:
    actor, today = web.actor(), web.today()
    change = sent if isinstance(sent, UnitForm) else UnitForm(formdata=None, obj=row)
    if not isinstance(sent, UnitForm):
        change.kind.data, change.region_id.data = row.kind.value, str(row.region_id or "")
    _offer(change)
    subject = queries.subject_of(row)
    people = web.page(queries.account_rows(actor, unit=row), per_page=20, scalars=False)
    page = render_template(
        "people/unit.html", unit=row, above=queries.ancestors(row), below=queries.units_below(row, today),
        alive=alive(row), last_day=last_day, may_change=may_change(row), sent=sent, change=change,
        close=sent if isinstance(sent, CloseForm) else CloseForm(formdata=None, on=today),
        reopen=PlainForm(formdata=None),
        people=people, held=queries.held_at(subject, actor, today), may_give=bool(roles_to_give(actor, subject)),
        done=latest("unit", row.id),
    )  # fmt: skip
    return page, status


def _offer(form: UnitForm) -> None:
    form.offer_kinds()
    _offer_regions(form.region_id)


def _offer_regions(field: Field) -> None:
    field.choices = [
        SelectChoice("", _("不注明")),
        *(SelectChoice(str(region.id), region.name) for region in regions_in_force(web.today())),
    ]


@bp.route("/manage/units/<id:unit_id>/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def unit_new(unit_id: int) -> ResponseReturnValue:
    """One more unit below this one."""
    above = queries.unit(web.actor(), unit_id)
    form = NewUnitForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            row = units_services.add_unit(
                form.name.data, UnitKind(form.kind.data), slug=form.slug.data, parent_id=unit_id,
                region_id=form.region, valid_from=form.valid_from.data, actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("单位已加好，可以给它的人员开账号。"))
            return redirect(url_for(".unit", unit_id=row.id), 303)
    above = queries.unit(web.actor(), unit_id)
    return render_template("people/unit_new.html", form=form, above=above), 422 if form.errors else 200


@bp.post("/manage/units/<id:unit_id>/change")
@access_mark(Who.ORGANIZER)
def unit_change(unit_id: int) -> ResponseReturnValue:
    """Correct the name, the kind, the region, the first day."""
    row = queries.unit(web.actor(), unit_id)
    form = UnitForm()
    _offer(form)
    if row.region is not None and str(row.region_id) not in {choice.value for choice in form.region_id.choices}:
        # An abolished region stays what it was.
        form.region_id.choices.append(SelectChoice(str(row.region_id), row.region.name))
    if form.validate_on_submit():
        try:
            units_services.change_unit(
                unit_id, name=form.name.data, kind=UnitKind(form.kind.data), region_id=form.region,
                valid_from=form.valid_from.data, actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("单位已改好。"))
            return redirect(url_for(".unit", unit_id=unit_id), 303)
    _need_standing_above(row)
    return _page(queries.unit(web.actor(), unit_id), sent=form, status=422)


def _need_standing_above(row: Unit) -> None:
    access.require(web.actor(), Action.MANAGE_UNITS, Place(path_above(row.path)))


@bp.post("/manage/units/<id:unit_id>/close")
@access_mark(Who.ORGANIZER)
def unit_close(unit_id: int) -> ResponseReturnValue:
    """End it on a day."""
    row = queries.unit(web.actor(), unit_id)
    form = CloseForm()
    if form.validate_on_submit():
        try:
            units_services.close_unit(unit_id, on=form.on.data, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已记下撤销日期。从那天起不能再选它，以前的记录不变。"))
            return redirect(url_for(".unit", unit_id=unit_id), 303)
    _need_standing_above(row)
    return _page(queries.unit(web.actor(), unit_id), sent=form, status=422)


@bp.post("/manage/units/<id:unit_id>/reopen")
@access_mark(Who.ORGANIZER)
def unit_reopen(unit_id: int) -> ResponseReturnValue:
    """Take back the closing."""
    queries.unit(web.actor(), unit_id)
    form = PlainForm()
    if form.validate_on_submit():
        units_services.reopen_unit(unit_id, actor=web.actor(), now=web.arrived_at())
        flash(_("撤销已取消，可以照常使用。"))
        return redirect(url_for(".unit", unit_id=unit_id), 303)
    return _page(queries.unit(web.actor(), unit_id), sent=form, status=422)
