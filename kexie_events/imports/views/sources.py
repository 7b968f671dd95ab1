"""An address that is kept: how it is doing, asking it now, its name, giving it up."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.editing import edited
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from .. import queries, services
from ..forms import SourceForm, refuse
from .desk import bp, is_stopped, trouble


@bp.route("/calendar-sources/<id:source_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def source(source_id: int) -> ResponseReturnValue:
    """How it is doing; its name, and whether it is asked daily."""
    actor = web.actor()
    outcome = edited(
        lambda: queries.source(actor, source_id),
        form=lambda row: SourceForm(),
        filled=lambda row: SourceForm(formdata=None, obj=row),
        save=lambda row, form: services.change_source(
            row.id, label=form.label.data, is_daily=form.is_daily.data, expected_revision=form.expected_revision,
            actor=actor, now=web.arrived_at(),
        ),
        refuse=refuse,
    )  # fmt: skip
    if outcome.saved:
        flash(_("已保存。"))
        return redirect(url_for(".source", source_id=source_id), 303)
    page = render_template(
        "imports/source.html", source=outcome.row, edition=outcome.row.edition, form=outcome.form,
        versions=outcome.versions, trouble=trouble(outcome.row), stopped=is_stopped(outcome.row),
        latest=queries.latest_import(source_id),
    )  # fmt: skip
    return page, outcome.status


@bp.post("/calendar-sources/<id:source_id>/fetch")
@access_mark(Who.ORGANIZER)
def fetch(source_id: int) -> ResponseReturnValue:
    """Ask it now."""
    found = queries.source(web.actor(), source_id)
    if not PlainForm().validate_on_submit():
        return redirect(url_for(".source", source_id=source_id), 303)
    run = services.ask_source(found.id, actor=web.actor(), now=web.arrived_at())
    return redirect(url_for(".show", import_id=run.id), 303)


@bp.post("/calendar-sources/<id:source_id>/remove")
@access_mark(Who.ORGANIZER)
def remove(source_id: int) -> ResponseReturnValue:
    """Ask it no more and forget its address; a second press finds it done."""
    found = queries.source(web.actor(), source_id, also_removed=True)
    if not PlainForm().validate_on_submit():
        return redirect(url_for(".start", edition_id=found.edition_id), 303)
    edition_id = services.remove_source(found.id, actor=web.actor(), now=web.arrived_at())
    flash(_("已移除这个来源，地址不再保存。已经导入的场次没有变。"))
    return redirect(url_for(".start", edition_id=edition_id), 303)
