"""Venues and rooms: the list, and adding to it. A room that is in the list cannot be booked twice."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ....core import web
from ....core.editing import edited
from ....core.errors import RuleBroken
from ....core.web import Who, access_mark
from ....units.queries import regions_in_force
from ... import forms, services
from ...forms import RoomForm, VenueForm
from ...models import Venue
from ...queries import manage as queries
from .desk import bp


@bp.get("/venues")
@access_mark(Who.ORGANIZER)
def venues() -> ResponseReturnValue:
    """Every venue with its rooms."""
    return _page()


def _page(
    venue_form: VenueForm | None = None, room_form: RoomForm | None = None, status: int = 200
) -> ResponseReturnValue:
    rows = web.page(queries.venue_rows(), per_page=50, scalars=False)
    page = render_template(
        "manage/venues.html", rows=rows, rooms=queries.rooms_of([venue.id for venue, _region in rows]),
        venue_form=venue_form or _venue_form(fresh=True), room_form=room_form or _room_form(fresh=True),
        sent=venue_form or room_form,
    )  # fmt: skip
    return page, status


def _venue_form(*, fresh: bool = False) -> VenueForm:
    form = VenueForm(formdata=None) if fresh else VenueForm()
    form.region_id.choices = [
        SelectChoice("", _("不注明")),
        *(SelectChoice(str(region.id), region.name) for region in regions_in_force(web.today())),
    ]
    return form


def _room_form(*, fresh: bool = False) -> RoomForm:
    form = RoomForm(formdata=None) if fresh else RoomForm()
    form.venue_id.choices = [SelectChoice(str(venue.id), venue.name) for venue in queries.venues()]
    return form


@bp.post("/venues")
@access_mark(Who.ORGANIZER)
def venue_add() -> ResponseReturnValue:
    """A building."""
    form = _venue_form()
    if form.validate_on_submit():
        try:
            services.add_venue(
                form.venue_name.data, address=form.address.data,
                region_id=int(form.region_id.data) if form.region_id.data else None,
                actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("场馆已加好，现在可以加它的场地。"))
            return redirect(url_for(".venues"), 303)
    return _page(venue_form=form, status=422)


@bp.route("/venues/<id:venue_id>", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def venue(venue_id: int) -> ResponseReturnValue:
    """Correct what a building is called and where it stands."""
    change = edited(
        lambda: queries.venue(venue_id), form=_sent, filled=_filled, refuse=forms.refuse,
        save=lambda row, form: services.change_venue(
            row.id, form.venue_name.data, address=form.address.data,
            region_id=int(form.region_id.data) if form.region_id.data else None,
            expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
        ),
    )  # fmt: skip
    if change.saved:
        flash(_("已保存。"))
        return redirect(url_for(".venues"), 303)
    page = render_template("manage/venue.html", form=change.form, venue=change.row, versions=change.versions)
    return page, change.status


def _sent(found: Venue) -> VenueForm:
    form = _venue_form()
    _offer_own(form, found)
    return form


def _filled(found: Venue) -> VenueForm:
    """The form as the venue stands now."""
    form = _venue_form(fresh=True)
    form.venue_name.data, form.address.data = found.name, found.address
    form.region_id.data, form.revision.data = str(found.region_id or ""), str(found.revision)
    _offer_own(form, found)
    return form


def _offer_own(form: VenueForm, found: Venue) -> None:
    """A district that is closed since stays on offer until another one is chosen."""
    offered = {choice.value for choice in form.region_id.choices}
    if found.region_id is not None and str(found.region_id) not in offered:
        form.region_id.choices.append(SelectChoice(str(found.region_id), queries.region_name(found.region_id)))


@bp.post("/rooms")
@access_mark(Who.ORGANIZER)
def room_add() -> ResponseReturnValue:
    """A hall in a building."""
    form = _room_form()
    if form.validate_on_submit():
        try:
            services.add_room(
                int(form.venue_id.data), form.room_name.data, seats=form.seats.data, actor=web.actor(),
                now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            forms.refuse(form, broken)
        else:
            flash(_("场地已加好，排场次时可以选它。"))
            return redirect(url_for(".venues"), 303)
    return _page(room_form=form, status=422)
