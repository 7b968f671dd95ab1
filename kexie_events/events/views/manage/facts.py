"""What an edition says of itself: number, theme, host, description."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import web
from ....core.access import Action
from ....core.errors import Conflict, RuleBroken
from ....core.versions import Version, both_versions
from ....core.web import Who, access_mark
from ... import forms, services
from ...forms import FactsForm
from ...models import Edition
from ...queries import manage as queries
from .desk import bp, may, numbered_of, offer_hosts


@bp.route("/editions/<id:edition_id>/facts", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def edition_facts(edition_id: int) -> ResponseReturnValue:
    """Correct them. Somebody who was slower sees both versions and decides."""
    found = queries.edition(web.actor(), edition_id)
    if request.method == "GET":
        return _page(found, _filled(found))
    form = FactsForm()
    _offer_hosts(form, found)
    if not form.validate_on_submit():
        return _page(found, form, 422)
    before = found.revision
    try:
        row = services.change_edition(
            found.id, numbered_of(form, found.numbered), title=form.title.data, summary=form.summary.data,
            unit_id=int(form.unit_id.data), expected_revision=form.expected_revision, actor=web.actor(),
            now=web.arrived_at(), zone=web.zone(),
        )  # fmt: skip
    except RuleBroken as broken:
        forms.refuse(form, broken)
        return _page(queries.edition(web.actor(), edition_id), form, 422)
    except Conflict as conflict:
        forms.refuse(form, conflict)
        found = queries.edition(web.actor(), edition_id)
        return _page(found, form, 409, both_versions(form, _filled(found)))
    flash(_("没有改动。") if row.revision == before else _("已保存，公开页面和日历会跟着更新。"))
    return redirect(url_for(".edition", edition_id=edition_id), 303)


def _filled(found: Edition) -> FactsForm:
    """What stands now."""
    form = FactsForm(
        formdata=None, number=found.number_words, year=found.year, title=found.title, unit_id=str(found.unit_id),
        summary=found.summary, revision=str(found.revision),
    )  # fmt: skip
    _offer_hosts(form, found)
    return form


def _offer_hosts(form: FactsForm, found: Edition) -> None:
    """Whoever plans the series decides who runs an edition of it; its host does not pass it on."""
    if may(Action.PLAN, found.series):
        offer_hosts(form.unit_id, queries.series(web.actor(), found.series_id), (found.unit_id, found.unit.name))
    else:
        form.unit_id.choices = [SelectChoice(str(found.unit_id), found.unit.name)]


def _page(
    found: Edition, form: FactsForm, status: int = 200, versions: list[Version] | None = None
) -> ResponseReturnValue:
    page = render_template("manage/edition_facts.html", edition=found, form=form, versions=versions or [])
    return page, status
