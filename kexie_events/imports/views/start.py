"""Bringing a calendar into an edition: a file, pasted text, an address; what was brought before."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ...core import web
from ...core.errors import Conflict, RuleBroken
from ...core.web import Who, access_mark
from ...events.queries import manage as events
from .. import queries, rules, services
from ..forms import AddressForm, UploadForm, refuse
from .desk import MARKS, bp, counted, is_stopped, masked, trouble, why

PER_PAGE = 20


@bp.get("/editions/<id:edition_id>/import")
@access_mark(Who.ORGANIZER)
def start(edition_id: int) -> ResponseReturnValue:
    """Three ways to bring one, the addresses that are kept, and what came of earlier ones."""
    return _page(edition_id, 200)


@bp.post("/editions/<id:edition_id>/import/file")
@access_mark(Who.ORGANIZER)
def upload(edition_id: int) -> ResponseReturnValue:
    """A file, or the text of one."""
    edition = events.edition(web.actor(), edition_id)
    form = UploadForm(prefix="file-")
    if not form.validate_on_submit():
        return _page(edition_id, 422, upload=form)
    try:
        run = services.upload(
            edition.id, _content(form), key=form.sound_key, actor=web.actor(), now=web.arrived_at(), zone=web.zone()
        )
    except (RuleBroken, Conflict) as refused:
        refuse(form, refused)
        return _page(edition_id, refused.status, upload=form)
    return redirect(url_for(".show", import_id=run.id), 303)


def _content(form: UploadForm) -> bytes:
    """Of the file when there is one, else of the text."""
    if sent := form.file.data:
        return bytes(sent.read(rules.MOST_BYTES + 1))
    return (form.text.data or "").encode("utf-8", "replace")


@bp.post("/editions/<id:edition_id>/import/address")
@access_mark(Who.ORGANIZER)
def add_source(edition_id: int) -> ResponseReturnValue:
    """An address is kept and asked at once, by the worker."""
    edition = events.edition(web.actor(), edition_id)
    form = AddressForm(prefix="web-")
    if not form.validate_on_submit():
        return _page(edition_id, 422, address=form)
    try:
        run = services.add_source(
            edition.id, form.address.data, label=form.label.data, is_daily=form.is_daily.data, key=form.sound_key,
            actor=web.actor(), now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        refuse(form, refused)
        return _page(edition_id, refused.status, address=form)
    return redirect(url_for(".show", import_id=run.id), 303)


def _page(
    edition_id: int, status: int, *, upload: UploadForm | None = None, address: AddressForm | None = None
) -> ResponseReturnValue:
    edition = events.edition(web.actor(), edition_id)
    page = render_template(
        "imports/start.html", edition=edition, upload=upload or UploadForm(formdata=None, prefix="file-"),
        address=address or AddressForm(formdata=None, prefix="web-"), sources=queries.sources(edition.id),
        runs=web.page(queries.import_rows(edition.id), per_page=PER_PAGE, scalars=False), marks=MARKS,
        masked=masked, trouble=trouble, is_stopped=is_stopped, why=why, counted=counted, sent=upload or address,
        megabytes=rules.MOST_BYTES >> 20, most=rules.MOST_ITEMS,
    )  # fmt: skip
    return page, status
