"""A list itself: its title and how often it is reported, what its names mean, what was removed from it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import access, web
from ...core.access import Action, Place
from ...core.errors import Conflict, RuleBroken
from ...core.forms import PlainForm
from ...core.versions import Version, both_versions
from ...core.web import Who, access_mark
from ...units.queries import unit_path
from .. import departments, queries, services
from ..departments import Alias
from ..forms import AliasForm, ListForm, refuse
from ..progress import Period
from ..queries import ListOfYear
from .board import board_url
from .desk import bp, title_of

EVERYBODY = "everybody"


@bp.get("/lists/<id:list_id>/settings")
@access_mark(Who.ORGANIZER)
def settings(list_id: int) -> ResponseReturnValue:
    """What its names mean, its title, what was removed."""
    return _page(queries.list_of(web.actor(), list_id, own=True), 200)


@bp.post("/lists/<id:list_id>/settings")
@access_mark(Who.ORGANIZER)
def settings_change(list_id: int) -> ResponseReturnValue:
    """Its title, and how often it is reported."""
    chosen = queries.list_of(web.actor(), list_id, own=True)
    form = ListForm(prefix="list-")
    if not form.validate_on_submit():
        return _page(chosen, 422, list_form=form)
    try:
        services.change_list(
            list_id, title=form.title.data or "", period=Period(form.period.data),
            expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        refuse(form, refused)
        now = queries.list_of(web.actor(), list_id, own=True)
        versions = both_versions(form, _list_form(now)) if isinstance(refused, Conflict) else []
        return _page(now, refused.status, list_form=form, versions=versions)
    flash(_("已保存。"))
    return redirect(url_for(".settings", list_id=list_id), 303)


@bp.post("/lists/<id:list_id>/aliases")
@access_mark(Who.ORGANIZER)
def alias_add(list_id: int) -> ResponseReturnValue:
    """Say what a name means; every row that has it follows."""
    chosen = queries.list_of(web.actor(), list_id, own=True)
    form = _alias_form(chosen)
    if not form.validate_on_submit():
        return _page(chosen, 422, alias=form)
    unit_id = None if form.unit_id.data == EVERYBODY else int(form.unit_id.data)
    try:
        changed = services.add_alias(
            chosen.unit_id, Alias(form.words.data or "", unit_id, form.year_from.data, form.year_to.data),
            actor=web.actor(), now=web.arrived_at(),
        )  # fmt: skip
    except RuleBroken as broken:
        refuse(form, broken)
        return _page(chosen, broken.status, alias=form)
    flash(_("已保存，%(count)s 处跟着改了。", count=changed))
    return redirect(url_for(".settings", list_id=list_id, _anchor="h-names"), 303)


@bp.post("/lists/<id:list_id>/aliases/<id:alias_id>/remove")
@access_mark(Who.ORGANIZER)
def alias_remove(list_id: int, alias_id: int) -> ResponseReturnValue:
    """Take back what a name means."""
    chosen = queries.list_of(web.actor(), list_id, own=True)
    own = alias_id in {known.id for known in queries.aliases_of(chosen.unit_id)}
    if PlainForm().validate_on_submit() and own:
        changed = services.drop_alias(alias_id, actor=web.actor(), now=web.arrived_at())
        flash(_("已删去，%(count)s 处跟着改了。", count=changed))
    return redirect(url_for(".settings", list_id=list_id, _anchor="h-names"), 303)


@bp.post("/lists/<id:list_id>/departments")
@access_mark(Who.ORGANIZER)
def department_add(list_id: int) -> ResponseReturnValue:
    """Make a department of a name that stands in the list."""
    chosen = queries.list_of(web.actor(), list_id, own=True)
    if PlainForm().validate_on_submit():
        try:
            changed = services.add_department(
                list_id, request.form.get("words", ""), actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            return _page(chosen, broken.status, said=web.sentence(broken))
        flash(_("已建为部室，%(count)s 处跟着改了。", count=changed))
    return redirect(url_for(".settings", list_id=list_id, _anchor="h-names"), 303)


def _list_form(chosen: ListOfYear) -> ListForm:
    return ListForm(
        formdata=None, prefix="list-", title=chosen.title, period=chosen.period.value, revision=str(chosen.revision)
    )


def _alias_form(chosen: ListOfYear) -> AliasForm:
    form = AliasForm(prefix="alias-")
    _offer(form, chosen)
    return form


def _offer(form: AliasForm, chosen: ListOfYear) -> None:
    units = queries.units_below(chosen.unit_id, chosen.year)
    form.unit_id.choices = [
        SelectChoice("", _("请选择")), SelectChoice(EVERYBODY, _("各部室，没有牵头部室")),
        *(SelectChoice(str(unit.id), unit.name, optgroup=web.label(unit.kind)) for unit in units),
    ]  # fmt: skip


def _page(
    chosen: ListOfYear,
    status: int,
    *,
    list_form: ListForm | None = None,
    alias: AliasForm | None = None,
    versions: list[Version] | None = None,
    said: str = "",
) -> ResponseReturnValue:
    sent: ListForm | AliasForm | None = list_form or alias
    fresh = alias or AliasForm(formdata=None, prefix="alias-", words=request.args.get("words", "")[:60], unit_id="")
    if alias is None:
        _offer(fresh, chosen)
    page = render_template(
        "worklist/settings.html", chosen=chosen, back=board_url(chosen), title=title_of(chosen), sent=sent, said=said,
        list_form=list_form or _list_form(chosen),
        alias_form=fresh, versions=versions or [], unknown=queries.unknown_names(chosen),
        aliases=queries.aliases_of(chosen.unit_id), usual=departments.USUAL, everybody=departments.EVERYBODY,
        removed=queries.removed_from(chosen, web.actor()),
        adds=access.allows(web.actor(), Action.MANAGE_UNITS, Place(unit_path(chosen.unit_id))),
    )  # fmt: skip
    return page, status
