"""The year board of the work list; its export."""

from collections.abc import Iterator
from math import pi

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...core import sheets, spreadsheet, web
from ...core.access import Action
from ...core.http import csv_answer, sheet_answer
from ...core.paging import Page
from ...core.web import Who, access_mark
from ...events.numbering import chinese
from ...units.queries import units_for
from .. import queries, targets
from ..progress import State
from ..queries import ListOfYear
from ..queries.board import Board, Line
from ..queries.board import board as board_of
from .desk import MARKS, bp, chosen_of, departments_words, facts, goal_words, span_words, title_of

PER_PAGE = 200  # items: a year has forty
MOST_RINGS, MOST_ARCS = 8, 25
_ORDER = {State.LATE: 0, State.DOING: 1, State.PLANNED: 2, State.DONE: 3}


@bp.get("")
@access_mark(Who.ORGANIZER)
def board() -> ResponseReturnValue:
    """All items of a unit's year at a glance: by section, or narrowed to a department, a state, a word."""
    lists = queries.lists(web.actor())
    chosen = chosen_of(lists)
    whole = board_of(chosen, web.actor(), web.arrived_at(), web.today()) if chosen else Board((), None)
    wanted = {key: request.args.get(key, "") for key in ("state", "department", "section", "q")}
    lines = _narrowed(whole, wanted)
    if any(wanted.values()):
        lines = sorted(lines, key=lambda line: _ORDER[line.state])  # late first
    shown = _page(lines)
    return render_template(
        "worklist/board.html", lists=lists, chosen=chosen, year=chosen.year if chosen else web.today().year,
        whole=whole, shown=shown, sections=Board(tuple(shown.items), None).sections, wanted=wanted, states=State,
        marks=MARKS, facts=facts, ring=_ring(whole), push=[line for line in whole.lines if line.behind][:8],
        pushes=sum(line.behind for line in whole.lines), title=title_of(chosen) if chosen else "",
        asked=span_words(whole.asked) if whole.asked else "", departments=whole.departments,
        reports=bool(chosen and any(line.item.mine and line.is_reported for line in whole.lines)),
        imports=bool(chosen.own if chosen else units_for(web.actor(), Action.REPORT, web.today())),
        derived=sum(line.events is not None for line in whole.lines), goal_words=goal_words,
    )  # fmt: skip


def _narrowed(whole: Board, wanted: dict[str, str]) -> list[Line]:
    sections = list(whole.sections)
    number = web.whole_number(wanted["section"], 0)
    section = sections[number - 1] if 0 < number <= len(sections) else None
    word = wanted["q"].strip().casefold()
    return [
        line
        for line in whole.lines
        if (not wanted["state"] or line.state.value == wanted["state"])
        and (not wanted["department"] or wanted["department"] in [duty.shown for duty in line.item.duties])
        and (section is None or line.item.section == section)
        and (not word or word in line.item.name.casefold() or any(word in duty.shown for duty in line.item.duties))
    ]


def _page(lines: list[Line]) -> Page[Line]:
    pages = max(1, -(-len(lines) // PER_PAGE))
    number = max(1, min(web.whole_number(request.args.get("page"), 1), pages))
    return Page(lines[(number - 1) * PER_PAGE : number * PER_PAGE], number, PER_PAGE, len(lines))


def _ring(whole: Board) -> list[dict[str, object]]:
    """The year as rings: one for each section, from within, one arc for each item, filled as far as it has come.

    [] for a list that would only be a grey disc.
    """
    sections = list(whole.sections.values())
    if not sections or len(sections) > MOST_RINGS or max(map(len, sections)) > MOST_ARCS:
        return []
    arcs: list[dict[str, object]] = []
    step = min(23.5, 94 / len(sections))
    for n, lines in enumerate(sections):
        radius = 75 + step * n
        around = 2 * pi * radius
        full = around / len(lines) - 5
        for i, line in enumerate(lines):
            turn = round(360 / len(lines) * i - 89, 1)
            share = 1.0 if line.state is State.DONE else line.outcome.share or 0.0
            for kind, length in (("slot", full), (line.state.value, full * share)):
                if length > 0.5:
                    arcs.append(
                        {"kind": kind, "r": round(radius, 1), "length": round(length, 1), "around": round(around, 1),
                         "turn": turn}
                    )  # fmt: skip
    return arcs


@bp.get("/list.csv")
@access_mark(Who.ORGANIZER)
def export() -> ResponseReturnValue:
    """A list as a spreadsheet that can be read back in; the last columns say where its events stand."""
    chosen = chosen_of(queries.lists(web.actor()))
    whole = _whole(chosen)
    head = [
        _("板块"), _("序号"), _("名称"), _("责任部室"), _("目标"), _("完成时限"), _("活动"), _("届次"), _("进展"),
        _("下一日期"),
    ]  # fmt: skip
    rows = list(_cells(whole))  # words are for the reader, who is gone when the pieces are sent
    return csv_answer(f"worklist-{chosen.year}.csv" if chosen else "worklist.csv", spreadsheet.lines(head, rows))


def _whole(chosen: ListOfYear | None) -> Board:
    return board_of(chosen, web.actor(), web.arrived_at(), web.today()) if chosen else Board((), None)


def _cells(whole: Board) -> Iterator[list[object]]:
    for line in whole.lines:
        item, seen = line.item, line.events.seen if line.events else ()
        names = list(dict.fromkeys(held.series_name for held in seen))
        numbers = [held.number_words for held in seen]
        next_on = web.local(line.next_at).date().isoformat() if line.next_at else ""
        yield [
            item.section, item.number, item.name, "、".join(duty.words for duty in item.duties), _aims(line),
            targets.due_words(item.due_on), "、".join(names), "、".join(numbers), web.label(line.state), next_on,
        ]  # fmt: skip


def _aims(line: Line) -> str:
    return targets.aims_words(targets.Aim(goal.words, goal.value, goal.unit) for goal in line.item.goals)


@bp.get("/list.xlsx")
@access_mark(Who.ORGANIZER)
def export_official() -> ResponseReturnValue:
    """A list in the official layout, A4 on its side: title, sections over the whole width. It can be read back in."""
    chosen = chosen_of(queries.lists(web.actor()))
    whole = _whole(chosen)
    columns = [
        sheets.Column(_("序号"), 6, centred=True), sheets.Column(_("工作项目"), 38), sheets.Column(_("目标"), 24),
        sheets.Column(_("牵头部室"), 16), sheets.Column(_("配合部室"), 20), sheets.Column(_("完成时限"), 16),
        sheets.Column(_("进展"), 30), sheets.Column(_("完成情况"), 12, centred=True),
    ]  # fmt: skip
    official = sheets.Official(title_of(chosen)) if chosen else None
    content = sheets.written(_("清单"), columns, list(_official_rows(whole)), official)
    return sheet_answer((title_of(chosen) if chosen else _("清单")) + ".xlsx", content)


def _official_rows(whole: Board) -> Iterator[list[object] | sheets.Band]:
    for n, (section, lines) in enumerate(whole.sections.items(), start=1):
        yield sheets.Band(f"{chinese(n)}、{section}")
        for line in lines:
            item = line.item
            said = web.label(line.state)
            yield [
                item.number, item.name, _aims(line), item.lead.words, departments_words(item),
                targets.due_words(item.due_on), "；".join(facts(line)),
                _("%(state)s（人工）", state=said) if item.override else said,
            ]  # fmt: skip


def board_url(chosen: ListOfYear) -> str:
    return url_for("worklist.board", year=chosen.year, unit=chosen.unit_slug)
