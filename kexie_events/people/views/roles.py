"""Who has which role for one thing: a unit, a series, an edition, a round. Giving one, taking one away."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import access, web
from ...core.access import Action, Place, Role
from ...core.errors import Forbidden, NotFound, RuleBroken
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from .. import queries, services
from ..forms import RoleForm, refuse
from ..services import Gift
from ..subjects import KINDS, Subject
from .desk import bp, last_day, roles_to_give


@bp.route("/manage/roles/<any(unit, series, edition, round):kind>/<id:thing_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def roles(kind: str, thing_id: int) -> ResponseReturnValue:
    """The list, and the form that gives a role."""
    subject = _subject(kind, thing_id)
    form = RoleForm(identifier=request.args.get("account", ""))
    form.role.choices = [SelectChoice(role.value, web.label(role)) for role in roles_to_give(web.actor(), subject)]
    if form.validate_on_submit():
        try:
            services.give(
                form.identifier.data, Gift(Role(form.role.data), subject, form.valid_from, form.valid_to),
                actor=web.actor(), now=web.arrived_at(), today=web.today(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            # The address, not the name: whoever tries addresses learns no names from it.
            flash(_("已给%(email)s授权，下一次打开页面就生效。", email=form.identifier.data))
            return redirect(url_for(".roles", kind=kind, thing_id=thing_id), 303)
    return _page(subject, form, 422 if form.errors else 200)


def _subject(kind: str, id: int) -> Subject:
    """The thing, where one may give roles. Raises: NotFound."""
    subject = queries.subject(kind, id)
    if not access.allows(web.actor(), Action.GRANT, subject.place):
        raise NotFound()
    return subject


def _page(subject: Subject, form: RoleForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "people/roles.html", subject=subject, word=KINDS[subject.kind].word, form=form, last_day=last_day,
        held=queries.held_at(subject, web.actor(), web.today()),
    )  # fmt: skip
    return page, status


@bp.post("/manage/roles/<id:grant_id>/withdraw")
@access_mark(Who.ORGANIZER)
def role_withdraw(grant_id: int) -> ResponseReturnValue:
    """Take a role away, and go back to where it was listed."""
    row = queries.grant(grant_id)
    back = web.safe_next(request.form.get("back"), url_for(".accounts"))
    form = PlainForm()
    place = queries.place_of(row, queries.subjects_of([row])) if row else Place()
    if not access.allows(web.actor(), Action.GRANT, place):
        raise NotFound()
    if not form.validate_on_submit():
        raise Forbidden("access.denied")
    try:
        if row is not None:  # pressed twice: it is gone already, which administrators may know
            services.take(grant_id, actor=web.actor(), now=web.arrived_at(), today=web.today())
    except RuleBroken as broken:
        flash(web.sentence(broken), "bad")
        return redirect(back, 303)
    flash(_("授权已收回，下一次打开页面就生效。"))
    return redirect(back, 303)
