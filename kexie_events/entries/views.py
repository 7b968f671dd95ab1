"""Filing an entry, its receipt, and the organiser's list of entries."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from ..accounts.queries import name_of
from ..contests import queries as contests
from ..contests.rules import Pack
from ..core import web
from ..core.access import Actor
from ..core.errors import NotFound, RuleBroken, TooLarge
from ..core.forms import PlainForm
from ..core.http import plain_headers
from ..core.installation import installation
from ..core.web import Who, access_mark
from ..events.kinds import Capability, can
from ..events.models import Edition
from ..events.numbering import ring_number
from ..events.queries.public import rings_of, visible_edition
from . import queries, services
from .forms import EntryForm, FileForm, refuse
from .models import Entry
from .rules import EntryState

bp = Blueprint("entries", __name__)
manage = Blueprint("entries_manage", __name__)
blueprints = [bp, manage]


@bp.route("/editions/<id:edition_id>/entries/new", methods=["GET", "POST"])
@access_mark(Who.SIGNED_IN)
def start(edition_id: int) -> ResponseReturnValue:
    """Begin an application; it is kept as a draft."""
    visible_edition(edition_id, web.actor())
    pack = contests.pack_of(edition_id)
    form = _form(pack, members=name_of(web.actor().account_id))
    if form.validate_on_submit():
        try:
            entry = services.start(edition_id, form.application(), actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("草稿已保存。接下来上传文件，再提交。"))
            return redirect(url_for(".show", entry_id=entry.id), 303)
    return _form_page(form, edition_id, pack)


@bp.route("/entries/<id:entry_id>/edit", methods=["GET", "POST"])
@access_mark(Who.SIGNED_IN)
def edit(entry_id: int) -> ResponseReturnValue:
    """Fill in a draft."""
    entry = _own(entry_id)
    pack = contests.pack_of(entry.edition_id)
    names = "\n".join(person.name for person in queries.members_of(entry_id))
    form = _form(pack, obj=entry, members=names)
    if form.validate_on_submit():
        try:
            services.change(entry_id, form.application(), actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已保存。"))
            return redirect(url_for(".show", entry_id=entry_id), 303)
    return _form_page(form, entry.edition_id, pack, entry_id)


@bp.get("/entries/<id:entry_id>")
@access_mark(Who.SIGNED_IN)
def show(entry_id: int) -> ResponseReturnValue:
    """The task list of an entry: what is done, what is missing, how long there is."""
    return _task_list(entry_id, FileForm())


@bp.post("/entries/<id:entry_id>/files")
@access_mark(Who.SIGNED_IN)
def add_file(entry_id: int) -> ResponseReturnValue:
    """Attach one file; a refused one leaves everything as it was."""
    _own(entry_id)
    form = FileForm()
    if form.validate_on_submit():
        upload = form.file.data
        try:
            services.add_file(entry_id, upload.filename or "", upload.stream, actor=web.actor(), now=web.arrived_at())
        except (RuleBroken, TooLarge) as refused:
            refuse(form, refused)
        else:
            flash(_("文件已收到。"))
            return redirect(url_for(".show", entry_id=entry_id) + "#files", 303)
    return _task_list(entry_id, form), 422


@bp.post("/entries/<id:entry_id>/files/<id:file_id>/remove")
@access_mark(Who.SIGNED_IN)
def remove_file(entry_id: int, file_id: int) -> ResponseReturnValue:
    return _do(entry_id, lambda: services.remove_file(entry_id, file_id, actor=web.actor(), now=web.arrived_at()))


@bp.post("/entries/<id:entry_id>/submit")
@access_mark(Who.SIGNED_IN)
def submit(entry_id: int) -> ResponseReturnValue:
    """Hand in; the answer is a receipt."""
    _own(entry_id)
    form = FileForm()
    try:
        services.submit(entry_id, actor=web.actor(), now=web.arrived_at())
    except RuleBroken as broken:
        refuse(form, broken)
        return _task_list(entry_id, form), 422
    return redirect(url_for(".receipt", entry_id=entry_id), 303)


@bp.post("/entries/<id:entry_id>/take-back")
@access_mark(Who.SIGNED_IN)
def take_back(entry_id: int) -> ResponseReturnValue:
    """Make it a draft again, before the deadline."""
    return _do(entry_id, lambda: services.take_back(entry_id, actor=web.actor(), now=web.arrived_at()))


@bp.get("/entries/<id:entry_id>/receipt")
@access_mark(Who.SIGNED_IN)
def receipt(entry_id: int) -> ResponseReturnValue:
    """What was received, when, and by which hash it can be proved."""
    entry = queries.visible_entry(entry_id, web.actor())
    if entry.state is not EntryState.SUBMITTED:
        return redirect(url_for(".show", entry_id=entry_id), 303)
    return render_template(
        "entries/receipt.html",
        entry=entry,
        pack=contests.pack_of(entry.edition_id),
        members=queries.members_of(entry_id),
        files=queries.files_of(entry_id),
        period=queries.period_of(entry.edition_id),
    )


@bp.get("/entries/<id:entry_id>/files/<id:file_id>")
@access_mark(Who.SIGNED_IN)
def download(entry_id: int, file_id: int) -> ResponseReturnValue:
    """The file as it was received: always an attachment, in a sandbox."""
    queries.visible_entry(entry_id, web.actor())
    file = queries.file_of(entry_id, file_id)
    content = installation().storage.open(file.sha256)
    response = send_file(content, mimetype=file.media_type, as_attachment=True, download_name=file.name)
    response.headers.update(plain_headers())
    return response


@manage.get("/manage/editions/<id:edition_id>/entries")
@access_mark(Who.ORGANIZER)
def of_edition(edition_id: int) -> ResponseReturnValue:
    """The entries of an edition that the organiser may see."""
    edition = visible_edition(edition_id, web.actor())
    known = {state.value: state for state in EntryState}
    chosen = known.get(request.args.get("state", ""))
    words = request.args.get("q", "").strip()[:80]
    query = queries.edition_entries(edition_id, web.actor(), state=chosen, words=words)
    return render_template(
        "entries/list.html",
        edition=edition,
        pack=contests.find_pack(edition_id),
        page=web.page(query),
        counts=queries.counts(edition_id, web.actor()),
        chosen=chosen,
        words=words,
    )


def _form_page(form: EntryForm, edition_id: int, pack: Pack, entry_id: int | None = None) -> ResponseReturnValue:
    """The application form. What it shows is read here: a refusal has undone, and forgotten, what was read before."""
    period, edition = queries.period_of(edition_id), visible_edition(edition_id, web.actor())
    page = render_template(
        "entries/form.html",
        form=form,
        edition=edition,
        rings_drawn=rings_of(edition, web.actor()),
        ring_number=ring_number(edition.numbered),
        entry=_own(entry_id) if entry_id else None,
        pack=pack,
        period=period,
        window=period.window(web.arrived_at()),
    )
    return page, 422 if form.errors else 200


def _task_list(entry_id: int, form: FileForm) -> str:
    entry = queries.visible_entry(entry_id, web.actor())
    own = entry.account_id == web.actor().account_id
    period = queries.period_of(entry.edition_id)
    return render_template(
        "entries/show.html",
        entry=entry,
        pack=contests.pack_of(entry.edition_id),
        members=queries.members_of(entry.id),
        files=queries.files_of(entry.id),
        missing=queries.missing(entry),
        period=period,
        window=period.window(web.arrived_at()),
        own=own,
        form=form,
        action=PlainForm(),
    )


def _do(entry_id: int, service: Callable[[], object]) -> ResponseReturnValue:
    _own(entry_id)
    try:
        service()
    except RuleBroken as broken:
        flash(web.sentence(broken), "bad")
    return redirect(url_for(".show", entry_id=entry_id), 303)


def _own(entry_id: int) -> Entry:
    """The entry when the actor filed it; for everybody else it does not exist."""
    entry = queries.visible_entry(entry_id, web.actor())
    if entry.account_id != web.actor().account_id:
        raise NotFound()
    return entry


def _form(pack: Pack, **values: object) -> EntryForm:
    form = EntryForm(**values)
    form.offer(pack, [(unit.id, unit.name) for unit in queries.schools_to_file_for(web.actor(), web.today())])
    return form


def edition_panel(edition: Edition, actor: Actor, now: datetime) -> Markup | None:
    """What can be filed in an edition and how it is judged, for its page."""
    if not can(edition.series.kind, Capability.ENTRIES):
        return None
    found = queries.rules_and_submitted(edition.id)
    if found is None:
        return None
    pack, submitted = found
    lines = [(criterion.name, int(criterion.most), criterion.hint) for criterion in pack.rubric.criteria]
    page = render_template("entries/_panel.html", pack=pack, lines=lines, submitted=submitted)
    return Markup(page)  # noqa: S704 -- a rendered template
