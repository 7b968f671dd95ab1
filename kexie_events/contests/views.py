"""赛事规则 on the desk: the rules of an edition in words, taken over from another one or from a file."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import SelectChoice

from ..core import web
from ..core.access import Actor
from ..core.errors import Conflict, NotFound, RuleBroken
from ..core.forms import blame
from ..core.web import Who, access_mark
from ..events.kinds import Capability, can
from ..events.models import Edition
from ..events.queries import manage as events
from . import bounds, difference, queries, rules, services
from .forms import SaveForm, SourceForm
from .rules import Pack
from .wording import METHODS, OWN_DISTRICT, TIE_BREAKS, in_words

bp = Blueprint("contests_manage", __name__)
blueprints = [bp]


@bp.get("/manage/editions/<id:edition_id>/rules")
@access_mark(Who.ORGANIZER)
def rules_of(edition_id: int) -> ResponseReturnValue:
    """The rules in words, and where other ones may come from."""
    return _page(_edition(edition_id), SourceForm(formdata=None))


def _edition(edition_id: int) -> Edition:
    """An edition of a contest that one plans. Raises: NotFound."""
    found = events.edition(web.actor(), edition_id)
    if not can(found.series.kind, Capability.ENTRIES):
        raise NotFound()
    return found


def _offer(form: SourceForm, edition: Edition) -> None:
    others = queries.editions_to_take_from(edition, web.actor())
    form.edition_id.choices = [
        SelectChoice("", _("不沿用")),
        *(SelectChoice(str(row.id), f"{row.number_words} {row.title or row.series.name}") for row in others),
    ]


def _page(edition: Edition, form: SourceForm, status: int = 200) -> ResponseReturnValue:
    _offer(form, edition)
    stored = queries.stored(edition.id)
    page = render_template(
        "contests/rules.html", edition=edition, form=form, stored=stored,
        pack=rules.read(stored.body) if stored else None,
        bound=bounds.bound_of(edition.id), methods=METHODS, ties=TIE_BREAKS, own_district=OWN_DISTRICT,
    )  # fmt: skip
    return page, status


@bp.post("/manage/editions/<id:edition_id>/rules/preview")
@access_mark(Who.ORGANIZER)
def preview(edition_id: int) -> ResponseReturnValue:
    """What would change. Nothing is kept yet."""
    edition = _edition(edition_id)
    form = SourceForm()
    _offer(form, edition)
    if form.validate_on_submit():
        try:
            body = _chosen(form)
            rules.read(body)
        except RuleBroken as broken:
            blame(form, web.sentence(broken), "file" if form.file.data else "edition_id")
        else:
            return _preview(edition, body, SaveForm(formdata=None))
    return _page(edition, form, 422)


def _chosen(form: SourceForm) -> Mapping[str, Any]:
    if form.file.data:
        return rules.parse(form.file.data.read(rules.LARGEST_BODY + 1))
    if form.edition_id.data:
        stored = queries.stored(int(form.edition_id.data))
        if stored is not None:
            return stored.body
    raise RuleBroken("rule_pack.no_source")


def _preview(edition: Edition, body: Mapping[str, Any], form: SaveForm, status: int = 200) -> ResponseReturnValue:
    stored = queries.stored(edition.id)
    before, after = rules.read(stored.body) if stored else None, rules.read(body)
    obstacle = ""
    try:
        difference.check_change(before, after, bounds.bound_of(edition.id))
    except RuleBroken as broken:
        obstacle = web.sentence(broken)
    form.body.data = json.dumps(body, ensure_ascii=False)
    form.revision.data = str(stored.revision if stored else 0)
    page = render_template(
        "contests/preview.html", edition=edition, form=form, obstacle=obstacle, first=before is None, pack=after,
        changes=[(change, *in_words(change)) for change in difference.difference(before, after)],
        methods=METHODS, ties=TIE_BREAKS, own_district=OWN_DISTRICT,
    )  # fmt: skip
    return page, 422 if obstacle and status == 200 else status


@bp.post("/manage/editions/<id:edition_id>/rules")
@access_mark(Who.ORGANIZER)
def save(edition_id: int) -> ResponseReturnValue:
    """Keep what was shown. When somebody saved in between, the difference is shown anew."""
    edition = _edition(edition_id)
    form = SaveForm()
    if not form.validate_on_submit():
        return _page(edition, SourceForm(formdata=None), 422)
    source = SourceForm(formdata=None)
    try:
        body = rules.parse((form.body.data or "").encode())
        rules.read(body)
    except RuleBroken as broken:
        blame(source, web.sentence(broken))
        return _page(edition, source, 422)
    try:
        services.save_pack(
            edition_id, body, actor=web.actor(), now=web.arrived_at(), expected_revision=form.expected_revision
        )
    except RuleBroken:
        return _preview(_edition(edition_id), body, form, 422)
    except Conflict as conflict:
        blame(form, web.sentence(conflict))
        return _preview(_edition(edition_id), body, form, 409)
    flash(_("规则已保存。"))
    return redirect(url_for(".rules_of", edition_id=edition_id), 303)


@bp.get("/manage/editions/<id:edition_id>/rules.json")
@access_mark(Who.ORGANIZER)
def download(edition_id: int) -> ResponseReturnValue:
    """The pack as a file: to keep, to change by hand, to upload again."""
    edition = _edition(edition_id)
    stored = queries.stored(edition.id)
    if stored is None:
        raise NotFound("rule_pack.none")
    return Response(
        json.dumps(stored.body, ensure_ascii=False, indent=2) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="rules-{edition.id}.json"'},
    )


def desk_panel(edition: Edition, actor: Actor, now: object) -> Markup | None:
    """The rules in a few lines, for the edition's page on the desk."""
    if not can(edition.series.kind, Capability.ENTRIES):
        return None
    pack: Pack | None = queries.find_pack(edition.id)
    page = render_template("contests/_panel.html", edition=edition, pack=pack)
    return Markup(page)  # noqa: S704 -- a rendered template
