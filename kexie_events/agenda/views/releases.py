"""Versions of the programme on the desk: what would be new, release, take back; sheets for the doors."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.web import Who, access_mark
from .. import difference, forms, outcomes, programme, queries, services
from ..forms import ReasonForm, ReleaseForm
from .changes import lines_of
from .desk import bp, tabs


@bp.get("/editions/<id:edition_id>/releases")
@access_mark(Who.ORGANIZER)
def releases(edition_id: int) -> ResponseReturnValue:
    """The versions, the latest first; what stands now and what would be new."""
    return _releases(edition_id, ReasonForm(formdata=None))


def _releases(edition_id: int, form: ReasonForm, status: int = 200) -> ResponseReturnValue:
    found = queries.edition(web.actor(), edition_id)
    rows = queries.releases(found.id, withdrawn=True)
    page = render_template(
        "agenda/releases.html", edition=found, tabs=tabs(found, "releases"), form=form, releases=rows,
        last=next((row.number for row in rows if row.withdrawn_at is None), None),
        changes={row.id: lines_of(difference.read(row.changes)) for row in rows[:5]},
    )  # fmt: skip
    return page, status


@bp.route("/editions/<id:edition_id>/releases/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def release(edition_id: int) -> ResponseReturnValue:
    """What everybody would read that they do not read now; then release it."""
    found = queries.edition(web.actor(), edition_id)
    form = ReleaseForm()
    status = 200
    if form.validate_on_submit():
        try:
            row = services.release(
                found.id, words=form.words.data, seen=form.seen_outcome, tell=form.tell.data,
                reason=form.reason.data or "", actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except (RuleBroken, Conflict) as refused:
            forms.refuse(form, refused)
            status = refused.status
        else:
            flash(_("第 %(number)s 版已发布，所有人都能看到。", number=row.number))
            return redirect(url_for(".releases", edition_id=found.id), 303)
    elif form.errors:
        status = 422
    if request.method == "POST":  # after a refusal
        found = queries.edition(web.actor(), edition_id)
    whole, last = queries.whole(edition_id), queries.last_release(edition_id)
    ahead = outcomes.releasing(programme.read(last.body) if last else None, whole.public, web.arrived_at())
    form.remember(ahead.digest)
    page = render_template(
        "agenda/release.html", edition=found, form=form, before=last, ahead=ahead, changes=lines_of(ahead.changes),
        people=sum(whole.facts[forum.id].taken for forum in ahead.told), counts=programme.counts(ahead.after),
        hidden=whole.hidden,
    )  # fmt: skip
    return page, status


@bp.post("/editions/<id:edition_id>/releases/<id:number>/withdraw")
@access_mark(Who.ORGANIZER)
def release_withdraw(edition_id: int, number: int) -> ResponseReturnValue:
    """Take back what was released by mistake; the version before stands again."""
    found = queries.edition(web.actor(), edition_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            services.withdraw_release(
                found.id, number, reason=form.reason.data, actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("已撤回，公开页面回到前一版。"))
            return redirect(url_for(".releases", edition_id=found.id), 303)
    return _releases(edition_id, form, 422)


@bp.get("/editions/<id:edition_id>/agenda/sheets")
@access_mark(Who.ORGANIZER)
def sheets(edition_id: int) -> ResponseReturnValue:
    """One sheet of paper for each door, or for each speaker, of the version that stands."""
    found = queries.edition(web.actor(), edition_id)
    last = queries.last_release(found.id)
    if last is None:
        raise NotFound("programme.none")
    whole = programme.read(last.body)
    by_speaker = request.args.get("of") == "speakers"
    if by_speaker:
        shown = [(f"{who.name}  {who.organization}".strip(), programme.with_speaker(whole, who.id))
                 for who, _count in programme.speakers(whole)]  # fmt: skip
    else:
        shown = [(words, programme.in_room(whole, id)) for id, words in programme.rooms(whole)]
    return render_template("agenda/sheets.html", edition=found, release=last, sheets=shown, by_speaker=by_speaker)
