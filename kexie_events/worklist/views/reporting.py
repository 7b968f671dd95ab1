"""One form for a period: a line for each open item that the reader reports, all saved at once."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import web
from ...core.errors import Conflict, RuleBroken
from ...core.fields import half_width
from ...core.forms import PlainForm
from ...core.web import Who, access_mark
from .. import progress, queries, services
from ..progress import Goal, Span, State
from ..queries import ListOfYear, Reported
from ..queries.board import Line
from ..queries.board import board as board_of
from ..services import Entry
from ..services.reporting import check_entry
from ..targets import number_words
from .board import board_url
from .desk import MARKS, bp, goal_words, span_words

PER_PAGE = 50  # lines of one form


@dataclass
class Row:
    """A line of the form: what is typed, what stands, what is wrong with it."""

    line: Line
    words: str
    evidence: str
    finished: bool
    base: int
    standing: Reported | None
    typed: dict[int, str] = field(default_factory=dict)  # by target
    errors: list[str] = field(default_factory=list)

    @property
    def goals(self) -> list[Goal]:
        """What people count."""
        return [goal for goal in self.line.goals if goal.value is not None and not goal.derived]


@bp.route("/lists/<id:list_id>/report", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def report(list_id: int) -> ResponseReturnValue:
    """One line for each open item of a period. Nothing that was reported is overwritten."""
    chosen = queries.list_of(web.actor(), list_id)
    spans = progress.begun(chosen.year, chosen.period, web.today())
    span = _span(chosen, spans)
    rows = _rows(chosen, span) if span else []
    pages = max(1, -(-len(rows) // PER_PAGE))
    number = max(1, min(web.whole_number(request.args.get("page"), 1), pages))
    shown = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
    form = PlainForm()
    status, said = 200, ""
    if form.validate_on_submit() and span:
        for row in shown:
            _fill(row)
        if not any(row.errors for row in shown):
            try:
                saved = _save(chosen, span, shown)
            except RuleBroken as broken:
                said, status = web.sentence(broken), broken.status
            except Conflict as refused:
                said, status = web.sentence(refused), refused.status
                _show_both(shown, span)
            else:
                flash(_("已保存 %(count)s 项。", count=saved) if saved else _("没有改动。"))
                following = number + 1 if number < pages else None
                return redirect(url_for(".report", list_id=list_id, period=_key(span), page=following), 303)
        else:
            status = 422
    page = render_template(
        "worklist/report.html", form=form, chosen=chosen, back=board_url(chosen), spans=spans, span=span, rows=shown,
        turned=web.Page(shown, number, PER_PAGE, len(rows)), key=_key, span_words=span_words, goal_words=goal_words,
        marks=MARKS, said=said, number_words=number_words, bad=sum(bool(row.errors) for row in shown),
    )  # fmt: skip
    return page, status


def _key(span: Span) -> str:
    return span.last_on.isoformat()


def _span(chosen: ListOfYear, spans: list[Span]) -> Span | None:
    """The period that the query names; else the one that is owed; else the one that runs."""
    named = next((span for span in spans if _key(span) == request.args.get("period")), None)
    owed = progress.asked(chosen.year, chosen.period, web.today())
    return named or owed or (spans[-1] if spans else None)


def _rows(chosen: ListOfYear, span: Span) -> list[Row]:
    """The items that the reader reports: those that are not done, and those that were reported for the period."""
    whole = board_of(chosen, web.actor(), web.arrived_at(), web.today())
    mine = [line for line in whole.lines if line.item.mine and line.is_reported]
    standing = queries.reports_for([line.item.id for line in mine], span)
    return [
        _row(line, standing.get(line.item.id))
        for line in mine
        if line.item.id in standing or line.state is not State.DONE
    ]


def _row(line: Line, standing: Reported | None) -> Row:
    row = Row(line, "", "", finished=False, base=0, standing=standing)
    if standing:
        row.words, row.evidence = standing.words, standing.evidence
        row.finished, row.base = standing.finished, standing.n
        kept = {(words, unit): actual for words, unit, actual in standing.actuals}
        row.typed = {goal.id or 0: kept.get((goal.words, goal.unit), "") for goal in row.goals}
    return row


def _fill(row: Row) -> None:
    """What was typed into the form, and what is wrong with it."""
    id = row.line.item.id
    row.words, row.evidence = request.form.get(f"words-{id}", ""), request.form.get(f"evidence-{id}", "").strip()
    row.finished = f"finished-{id}" in request.form
    row.base = web.whole_number(request.form.get(f"base-{id}"), -1)
    row.typed = {goal.id or 0: half_width(request.form.get(f"actual-{goal.id}", "")) for goal in row.goals}
    try:
        check_entry(_entry(row))
    except RuleBroken as broken:
        row.errors.append(web.sentence(broken))


def _entry(row: Row) -> Entry:
    """Raises: RuleBroken("worklist.actual")."""
    actuals = {id: _number(text) for id, text in row.typed.items()}
    return Entry(row.line.item.id, row.words, actuals, row.finished, row.evidence, row.base)


def _number(text: str) -> Decimal | None:
    plain = text.replace(",", "")
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise RuleBroken("worklist.actual") from None
    exponent = number.as_tuple().exponent
    if not number.is_finite() or not isinstance(exponent, int) or exponent < -2:
        raise RuleBroken("worklist.actual")
    return number


def _save(chosen: ListOfYear, span: Span, rows: list[Row]) -> int:
    """How many lines say something new. Raises: RuleBroken, Conflict, NotFound."""
    sent = [row for row in rows if f"words-{row.line.item.id}" in request.form]
    return services.report(
        chosen.id, span, [_entry(row) for row in sent], actor=web.actor(), now=web.arrived_at(), today=web.today()
    )


def _show_both(rows: list[Row], span: Span) -> None:
    """Somebody else has written meanwhile: what stands now beside what was typed; saving again is a correction."""
    standing = queries.reports_for([row.line.item.id for row in rows], span)
    for row in rows:
        row.standing = standing.get(row.line.item.id)
        now = row.standing.n if row.standing else 0
        if row.base != now and row.words.strip():
            row.errors.append(_("刚才有人填了这一项：%(words)s", words=row.standing.words if row.standing else ""))
        row.base = now
