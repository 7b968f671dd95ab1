"""One item: how it stands and why, what was reported, what it is tied to; adding, changing, moving, removing it.

Two people at once: the form carries the revision that stood on its page. When another one stands now, the answer is
409 with both versions side by side, and saving again is a decision, not an accident.
"""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.errors import Conflict, DomainError, RuleBroken
from ...core.forms import PlainForm
from ...core.versions import Version, both_versions
from ...core.web import Who, access_mark
from .. import queries, rules, services, targets
from ..forms import ItemForm, StateForm, refuse
from ..progress import State
from ..queries import Item, ListOfYear
from ..queries.board import last_day, line_of
from ..services import Wording
from ..services.items import wording_of
from .board import board_url
from .desk import MARKS, bp, departments_words, facts, goal_words, span_words


@dataclass
class Forms:
    """The forms of the page; the one that was sent keeps what was typed."""

    words: ItemForm
    state: StateForm


@bp.get("/items/<id:item_id>")
@access_mark(Who.ORGANIZER)
def item(item_id: int) -> ResponseReturnValue:
    """How it stands, and why; for the list's owner, what can be done to it."""
    return _page(item_id, 200)


@bp.post("/items/<id:item_id>")
@access_mark(Who.ORGANIZER)
def item_change(item_id: int) -> ResponseReturnValue:
    """What the list says of it, and where it stands in it."""
    queries.item_of(web.actor(), item_id, own=True)
    form = ItemForm(prefix="words-")
    if not form.validate_on_submit():
        return _page(item_id, 422, words=form)
    try:
        services.change_item(
            item_id, _wording(form), expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
        )
    except (RuleBroken, Conflict) as refused:
        return _refused(item_id, refused, words=form)
    flash(_("已保存。"))
    return redirect(url_for(".item", item_id=item_id), 303)


def _wording(form: ItemForm) -> Wording:
    """Raises: RuleBroken for targets that cannot be kept."""
    names = rules.departments(f"{form.lead.data};{form.supporters.data}")
    return Wording(
        form.section.data or "", form.number.data or 0, form.name.data or "", names,
        targets.aims(form.aims.data or ""), form.due_on.data,
    )  # fmt: skip


@bp.route("/lists/<id:list_id>/items/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def item_new(list_id: int) -> ResponseReturnValue:
    """One more row; what stands at its number moves down."""
    chosen = queries.list_of(web.actor(), list_id, own=True)
    form = ItemForm()
    if form.validate_on_submit():
        try:
            added = services.add_item(
                list_id, _wording(form), key=str(form.sound_key), actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已加入清单。"))
            return redirect(url_for(".item", item_id=added.id), 303)
    elif not form.is_submitted():
        form.section.data = request.args.get("section", "")[:120]
    items = queries.items_of(chosen, web.actor())
    page = render_template(
        "worklist/item_new.html", form=form, chosen=chosen, back=board_url(chosen),
        sections=list(dict.fromkeys(each.section for each in items)),
        departments=[unit.name for unit in queries.units_below(chosen.unit_id, chosen.year)][:200],
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/items/<id:item_id>/state")
@access_mark(Who.ORGANIZER)
def item_state(item_id: int) -> ResponseReturnValue:
    """Say how it stands against what is derived, and why; or take that back."""
    queries.item_of(web.actor(), item_id, own=True)
    form = StateForm(prefix="state-")
    clear = request.form.get("do") == "clear"
    if not form.validate_on_submit() and not clear:
        return _page(item_id, 422, state=form)
    try:
        services.set_state(
            item_id, None if clear else State(form.state.data), reason=form.reason.data or "",
            expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
        )  # fmt: skip
    except (RuleBroken, Conflict) as refused:
        return _refused(item_id, refused, state=form)
    flash(_("已改回按实际推算。") if clear else _("已保存。"))
    return redirect(url_for(".item", item_id=item_id), 303)


@bp.post("/items/<id:item_id>/remove")
@access_mark(Who.ORGANIZER)
def item_remove(item_id: int) -> ResponseReturnValue:
    """It no longer stands in the list; what was reported stays, and it can come back."""
    chosen, _item = queries.item_of(web.actor(), item_id, own=True)
    if PlainForm().validate_on_submit():
        revision = web.whole_number(request.form.get("revision"), -1)
        try:
            services.remove_item(item_id, expected_revision=revision, actor=web.actor(), now=web.arrived_at())
        except Conflict as refused:
            return _page(item_id, refused.status, said=web.sentence(refused))
        flash(_("已移出清单，记录还在；可以在“移出的”里恢复。"))
    return redirect(url_for(".settings", list_id=chosen.id), 303)


@bp.post("/items/<id:item_id>/restore")
@access_mark(Who.ORGANIZER)
def item_restore(item_id: int) -> ResponseReturnValue:
    """Undo a removal."""
    queries.item_of(web.actor(), item_id, own=True)
    if PlainForm().validate_on_submit():
        try:
            services.restore_item(item_id, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            return _page(item_id, broken.status, said=web.sentence(broken))
        flash(_("已恢复到清单里。"))
    return redirect(url_for(".item", item_id=item_id), 303)


@bp.post("/items/<id:item_id>/links")
@access_mark(Who.ORGANIZER)
def item_link(item_id: int) -> ResponseReturnValue:
    """Tie it to an edition, or to all that a series has in the year."""
    queries.item_of(web.actor(), item_id, own=True)
    series_id, _mark, edition_id = request.form.get("pick", "").partition("-")
    if PlainForm().validate_on_submit() and web.whole_number(series_id, 0):
        services.link(
            item_id, web.whole_number(series_id, 0), web.whole_number(edition_id, 0) or None, actor=web.actor(),
            now=web.arrived_at(),
        )  # fmt: skip
        flash(_("已连上，进展由活动推算。"))
    return redirect(url_for(".item", item_id=item_id), 303)


@bp.post("/items/<id:item_id>/links/<id:link_id>/remove")
@access_mark(Who.ORGANIZER)
def item_unlink(item_id: int, link_id: int) -> ResponseReturnValue:
    """Take a tie back; the edition itself stays as it is."""
    queries.item_of(web.actor(), item_id, own=True)
    if PlainForm().validate_on_submit():
        services.unlink(item_id, link_id, actor=web.actor(), now=web.arrived_at())
        flash(_("已不再连着。"))
    return redirect(url_for(".item", item_id=item_id), 303)


def _refused(
    item_id: int, refused: DomainError, *, words: ItemForm | None = None, state: StateForm | None = None
) -> ResponseReturnValue:
    """The page as it stands now, with what was typed, and why it was not done."""
    sent = words or state
    assert sent is not None
    refuse(sent, refused)
    versions: list[Version] = []
    if isinstance(refused, Conflict):
        now = _forms(*queries.item_of(web.actor(), item_id))
        versions = both_versions(sent, now.words if words is not None else now.state)
    return _page(item_id, refused.status, words=words, state=state, versions=versions)


def _page(
    item_id: int,
    status: int,
    *,
    words: ItemForm | None = None,
    state: StateForm | None = None,
    versions: list[Version] | None = None,
    said: str = "",
) -> ResponseReturnValue:
    chosen, found = queries.item_of(web.actor(), item_id)
    events = queries.events_of_item(item_id, chosen.year, web.actor(), web.arrived_at()) if found.linked else None
    line = line_of(found, events, chosen.year, None, web.today())
    text = request.args.get("q", "").strip()
    filled = _forms(chosen, found)
    shown = Forms(words or filled.words, state or filled.state)
    page = render_template(
        "worklist/item.html", chosen=chosen, item=found, line=line, forms_of=shown, sent=words or state, said=said,
        versions=versions or [], back=board_url(chosen), marks=MARKS, facts=facts(line),
        aims=[goal_words(goal) for goal in line.goals],
        span_words=span_words, reports=queries.reports_of(found), due_on=last_day(found, chosen.year),
        links=queries.links_of(found, web.actor()) if chosen.own else [], text=text,
        offers=queries.offers(text, chosen, web.actor()) if chosen.own and text else [],
    )  # fmt: skip
    return page, status


def _forms(chosen: ListOfYear, found: Item) -> Forms:
    """Filled with what stands."""
    events = queries.events_of_item(found.id, chosen.year, web.actor(), web.arrived_at()) if found.linked else None
    stands = line_of(found, events, chosen.year, None, web.today()).state
    state = StateForm(
        formdata=None, prefix="state-", revision=str(found.revision), reason=found.override_reason, state=stands.value
    )
    return Forms(_words_form(found), state)


def _words_form(found: Item) -> ItemForm:
    return ItemForm(
        formdata=None, prefix="words-", section=found.section, number=found.number, name=found.name,
        lead=found.lead.words, supporters=departments_words(found), due_on=found.due_on, key="",
        aims="\n".join(targets.aim_words(aim) for aim in wording_of(found).aims), revision=str(found.revision),
    )  # fmt: skip
