"""Registering for an occurrence, the ticket, withdrawing."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ...accounts.queries import find_person
from ...core import web
from ...core.errors import DomainError, NotFound, RuleBroken
from ...core.installation import feed_address
from ...core.web import Who, access_mark
from ...events.models import Occurrence
from ...events.numbering import ring_number
from ...events.queries.public import rings_of
from ...events.rules import last_call
from .. import codes, queries, rules, services
from ..forms import RegistrationForm, refuse
from ..models import Registration

bp = Blueprint("registrations", __name__)

# Refusals that no other answer in the form would change: the page says why, there is no form.
_SHUT = {f"registration.{why}" for why in ("not_open", "closed", "cancelled", "none", "draft")}


@bp.route("/occurrences/<id:occurrence_id>/registration", methods=["GET", "POST"])
@access_mark(Who.PUBLIC)
def register(occurrence_id: int) -> ResponseReturnValue:
    """The form, or why there is none; who is registered already sees their ticket."""
    form = RegistrationForm()
    if request.method == "POST":
        return _submitted(occurrence_id, form)
    visitor = web.actor()
    occurrence = queries.visible_occurrence(occurrence_id, visitor)
    for_another = bool(request.args.get("another"))
    own, waiting = queries.own_and_waiting(occurrence_id, visitor)
    if own and not for_another:
        return redirect(url_for(".show", code=codes.code_of(own)), 303)
    if refused := rules.refusal(occurrence, web.arrived_at()):
        return _shut(occurrence, refused, 409)
    if visitor.person_id and not for_another and (person := find_person(visitor.person_id)):
        form.name.data, form.phone.data, form.email.data = person.name, person.phone, person.email
    form.submit_key.data = secrets.token_urlsafe(18)
    return _form(occurrence, form, waiting)


def _submitted(occurrence_id: int, form: RegistrationForm) -> ResponseReturnValue:
    # A client that sends no key of ours gets one: it can then register twice only as two persons.
    if not rules.sound_key(form.submit_key.data or ""):
        form.submit_key.data = secrets.token_urlsafe(18)
    if form.validate():
        try:
            row = services.register(
                occurrence_id, name=form.name.data, phone=form.phone.data, email=form.email.data,
                submit_key=form.submit_key.data, actor=web.actor(), arrived_at=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            if broken.code in _SHUT:
                return _shut(queries.visible_occurrence(occurrence_id, web.actor()), broken, 422, form)
            refuse(form, broken)
            if broken.code == "registration.key_reused":
                form.submit_key.data = secrets.token_urlsafe(18)
        else:
            return redirect(url_for(".show", code=codes.code_of(row.id)), 303)
    occurrence = queries.visible_occurrence(occurrence_id, web.actor())
    if refused := rules.refusal(occurrence, web.arrived_at()):
        return _shut(occurrence, refused, 422, form)
    return _form(occurrence, form, queries.waiting_count(occurrence_id), 422)


def _form(occurrence: Occurrence, form: RegistrationForm, waiting: int, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "registrations/register.html",
        form=form,
        full=occurrence.capacity is not None and occurrence.taken >= occurrence.capacity,
        waiting=waiting,
        closes_at=last_call(occurrence.starts_at, occurrence.closes_at),
        **_shown(occurrence),
    )
    return page, status


def _shut(
    occurrence: Occurrence, refused: DomainError, status: int, form: RegistrationForm | None = None
) -> ResponseReturnValue:
    typed = [(field.label.text, field.data) for field in (form.name, form.phone, form.email)] if form else []
    page = render_template(
        "registrations/shut.html",
        code=refused.code,
        why=web.sentence(refused),
        typed=[(label, value) for label, value in typed if value],
        **_shown(occurrence),
    )
    return page, status


def _shown(occurrence: Occurrence) -> dict[str, object]:
    """What every page of a registration says of the occurrence."""
    return {
        "occurrence": occurrence,
        "name": occurrence.own_name,
        "series": occurrence.series.name,
        "edition": occurrence.edition,
        "place": occurrence.place_words,
        "rings_drawn": rings_of(occurrence.edition, web.actor()),
        "ring_number": ring_number(occurrence.edition.numbered),
    }


@bp.get("/registrations/<code>")
@access_mark(Who.PUBLIC)
def show(code: str) -> ResponseReturnValue:
    """The ticket: who comes, where and when, or the place in the queue."""
    row = _reached(code)
    if row is None:
        return redirect(url_for("accounts.sign_in", next=request.path), 303)
    return render_template(
        "registrations/show.html",
        row=row,
        code=code,
        position=queries.position(row),
        number=rules.number(row.occurrence_id, row.line),
        email=rules.masked_email(row.person.email),
        mine=rules.holds(row, web.actor(), codes.id_of(code)),
        over=row.occurrence.ends_at <= web.arrived_at(),
        again=rules.refusal(row.occurrence, web.arrived_at()) is None,
        feed=_feed(row.occurrence),
        **_shown(row.occurrence),
    )


@bp.route("/registrations/<code>/withdraw", methods=["GET", "POST"])
@access_mark(Who.PUBLIC)
def withdraw(code: str) -> ResponseReturnValue:
    """Ask once more, then give the place back."""
    row = _reached(code)
    if row is None:
        return redirect(url_for("accounts.sign_in", next=request.path), 303)
    if not rules.holds(row, web.actor(), codes.id_of(code)):
        raise NotFound()
    if request.method == "POST":
        services.withdraw(row.id, actor=web.actor(), code=code, now=web.arrived_at())
    if request.method == "POST" or row.state is rules.RegistrationState.WITHDRAWN:
        return redirect(url_for(".show", code=code), 303)
    rules.check_not_over(row.occurrence.ends_at, web.arrived_at())
    waiting = queries.waiting_count(row.occurrence_id)
    return render_template("registrations/withdraw.html", row=row, code=code, waiting=waiting, **_shown(row.occurrence))


def _reached(code: str) -> Registration | None:
    """The registration of a link; None when one has to sign in first to see it.

    Without an account the link is the key. With one it only names the thing. Raises: NotFound.
    """
    found = codes.id_of(code)
    if found is None:
        raise NotFound()
    row, visitor = queries.whole_registration(found), web.actor()
    if rules.holds(row, visitor, found) or (visitor.signed_in and queries.may_see(row, visitor)):
        return row
    if visitor.signed_in:
        raise NotFound()
    return None


def _feed(occurrence: Occurrence) -> str:
    """The address of the calendar that holds the occurrence; feeds are served before routing, so it is no endpoint."""
    return feed_address(f"editions/{occurrence.edition_id}")
