"""How an edition differs from an earlier one, in words: facts, dates, and what the rooms above have of it."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ....core import dates, web
from ....core.errors import NotFound
from ....core.web import Who, access_mark
from ... import wording
from ...carrying import CARRIERS, Line
from ...models import Edition, Milestone, Occurrence
from ...queries import manage as queries
from ...services.cloning import MOST_COPIED
from ...unlike import DateChange, DateOf, Pair, paired
from .desk import bp


@dataclass(frozen=True)
class Difference:
    """The lines of a difference, and how the dates as a whole moved."""

    lines: list[Line]
    same: list[str]  # names of what only moved along
    days: int
    dated: int  # things that have a date in both


@bp.get("/editions/<id:edition_id>/difference")
@access_mark(Who.ORGANIZER)
def edition_difference(edition_id: int) -> ResponseReturnValue:
    """Against the edition that it was copied from, the one before, or another earlier one (``?with=``)."""
    found = queries.edition(web.actor(), edition_id)
    earlier = queries.earlier_editions(found, web.actor())
    asked = request.args.get("with")
    before = next((one for one in earlier if str(one.id) == asked), None) if asked else next(iter(earlier), None)
    if asked and before is None:
        raise NotFound()
    return render_template(
        "manage/edition_difference.html", edition=found, earlier=earlier, before=before,
        found=difference_of(before, found) if before is not None else None,
    )  # fmt: skip


def difference_of(before: Edition, after: Edition) -> Difference:
    """Both with series and unit. A fixed number of queries, however long the two are."""
    lines = _facts(before, after)
    days, pairs = paired(_dates(before, after), _dates(after, after), web.zone())
    lines += [line for pair in pairs if pair.differs for line in _dated(pair)]
    for carrier in CARRIERS:
        lines += carrier.differs(before, after)
    same = [pair.name for pair in pairs if not pair.differs]
    return Difference(lines, same, days, sum(pair.before is not None and pair.after is not None for pair in pairs))


def _facts(before: Edition, after: Edition) -> list[Line]:
    rows = [
        (_("届次"), before.number_words, after.number_words), (_("计入哪一年"), str(before.year), str(after.year)),
        (_("主题"), before.title, after.title), (_("承办单位"), before.unit.name, after.unit.name),
        (_("简介"), before.summary, after.summary),
    ]  # fmt: skip
    part = _("届次")
    return [Line(part, name, old or None, new or None) for name, old, new in rows if old != new]


def _dates(of: Edition, after: Edition) -> list[DateOf]:
    """The dated things of an edition, keyed so that a copy meets what it was copied from; else by name."""
    held = queries.all_occurrences(of.id, MOST_COPIED)
    points = queries.milestones(of.id)
    copies = of.id == after.id and after.copied_from_id is not None
    return [
        *(_point(row) for row in points),
        *(_occurrence(row, of, (row.copied_from_id or -row.id) if copies else row.id) for row in held),
    ]


def _point(row: Milestone) -> DateOf:
    return DateOf(f"m:{row.code}", row.name, row.starts_at, row.ends_at)


def _occurrence(row: Occurrence, of: Edition, key: int) -> DateOf:
    name = row.title or of.own_name
    return DateOf(f"o:{key}", name, row.starts_at, row.ends_at, row.place_words, row.all_day)


def _dated(pair: Pair) -> list[Line]:
    """When it is, where it is, what it is called: a line for each that changed."""
    old, new = pair.before, pair.after
    part = _("日期")
    lines = [] if pair.change is DateChange.SAME else [Line(part, pair.name, _when(old), _when(new))]
    if old is not None and new is not None:
        if pair.elsewhere:
            lines.append(Line(_("地点"), pair.name, old.place or None, new.place or None))
        if pair.renamed:
            lines.append(Line(_("名称"), pair.name, old.name, new.name))
    return lines


def _when(one: DateOf | None) -> str | None:
    if one is None:
        return None
    first, last = wording.said_at(one.starts_at, one.ends_at, one.all_day, web.zone())
    return dates.span(first, last, today=web.today(), english=web.english())
