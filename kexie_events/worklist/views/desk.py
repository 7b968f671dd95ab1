"""What the pages of the work list share."""

from flask import Blueprint, request
from flask_babel import gettext as _

from ...core import web
from ..progress import Goal, Span
from ..queries import Item, ListOfYear
from ..queries.board import Line
from ..targets import number_words

bp = Blueprint("worklist", __name__, url_prefix="/manage/work-list")

MARKS = {"planned": "queue", "doing": "doing", "done": "done", "late": "late"}


def chosen_of(lists: list[ListOfYear]) -> ListOfYear | None:
    """The list that the query names: of that year and unit, else the first of that year, else the first of all."""
    year, unit = web.whole_number(request.args.get("year"), 0), request.args.get("unit")
    of_year = [each for each in lists if each.year == year] or [each for each in lists if each.year == lists[0].year]
    return next((each for each in of_year if each.unit_slug == unit), of_year[0] if of_year else None)


def title_of(chosen: ListOfYear) -> str:
    """What stands above the list."""
    usual = _("%(year)s年%(unit)s工作项目化推进清单", year=chosen.year, unit=chosen.unit_name)
    return chosen.title or str(usual)


def span_words(span: Span) -> str:
    """第3季度, 5月"""
    if span.is_quarter:
        return str(_("第%(number)s季度", number=span.number))
    return web.month_name(span.number)


def goal_words(goal: Goal) -> str:
    """服务 120/200 人次; without a number, its words."""
    if goal.value is None:
        return goal.words
    reached = f"{number_words(goal.actual)}/" if goal.actual is not None else ""
    return " ".join(part for part in (goal.words, f"{reached}{number_words(goal.value)}", goal.unit) if part)


def facts(line: Line, *, edition: bool = True) -> list[str]:
    """What can be said of an item in a few words: its numbers, its events, else the last line that was reported.

    ``edition``: also of the only edition that it has; without it where a link says that.
    """
    said = [goal_words(goal) for goal in line.goals if goal.value is not None]
    if line.events and not any(goal.derived for goal in line.goals):
        tied, stands = line.events.tied, line.outcome
        if stands.wanted > 1:
            said.append(_("%(wanted)s 期已办 %(held)s 期", wanted=stands.wanted, held=stands.done))
        elif len(line.events.seen) == 1:
            if not edition:
                return said
            only = line.events.seen[0]
            said.append(f"{only.number_words} {web.label(only.standing)}")
        elif tied.cancelled and not tied.editions:
            said.append(_("已取消"))
    if line.item.last and not said:
        said.append(line.item.last.words)
    return said


def departments_words(item: Item) -> str:
    return "、".join(duty.words for duty in item.supporters)
