"""What an edition says of itself: number, theme, host, description."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import web
from ....core.access import Action
from ....core.editing import edited
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
    change = edited(
        lambda: queries.edition(web.actor(), edition_id), form=_sent, filled=_filled, refuse=forms.refuse, save=_save
    )
    if change.saved:
        flash(_("已保存，公开页面和日历会跟着更新。") if change.result else _("没有改动。"))
        return redirect(url_for(".edition", edition_id=edition_id), 303)
    page = render_template(
        "manage/edition_facts.html", edition=change.row, form=change.form, versions=change.versions
    )  # fmt: skip
    return page, change.status


def _save(found: Edition, form: FactsForm) -> bool:
    """Whether anything is otherwise now."""
    before = found.revision
    row = services.change_edition(
        found.id, numbered_of(form, found.numbered), title=form.title.data, summary=form.summary.data,
        unit_id=int(form.unit_id.data), expected_revision=form.expected_revision, actor=web.actor(),
        now=web.arrived_at(), zone=web.zone(),
    )  # fmt: skip
    return row.revision != before


def _sent(found: Edition) -> FactsForm:
    form = FactsForm()
    _offer_hosts(form, found)
    return form


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
