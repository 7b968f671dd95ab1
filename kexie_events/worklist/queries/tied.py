"""The editions that items are tied to, and how far they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, false, func, select, true, union, union_all

from ...core.access import Actor, visible
from ...core.db import constant, db
from ...events.models import Edition, Milestone, Occurrence, Series
from ...events.numbering import Numbered, words
from ...events.queries.manage import planned_by
from ...events.rules import Publication, Status
from ..models import WorkItem, WorkLink
from ..progress import Tied
from ..rules import Standing, standing
from .lists import live


@dataclass(frozen=True)
class Held:
    """An edition of an item and where it stands."""

    edition_id: int
    series_name: str
    number_words: str
    standing: Standing
    next_at: datetime | None  # start of the next date or point that is not over
    planned: bool  # whether the reader plans it: links to its desk, else to the public page


@dataclass(frozen=True)
class Events:
    """What an item has of events: all of it counted, and those editions that the reader may see."""

    tied: Tied
    seen: tuple[Held, ...]


NONE = Events(Tied(), ())


def events_of(list_id: int, year: int, actor: Actor, now: datetime) -> dict[int, Events]:
    """By item, for those that are tied; of the editions, the public ones and what the actor plans. One query.

    The counts are the item's own: whoever reads the list sees 3 of 6, also where some of the six are drafts.
    """
    return _events(WorkLink.item_id.in_(select(WorkItem.id).where(live(list_id))), year, actor, now)


def events_of_item(item_id: int, year: int, actor: Actor, now: datetime) -> Events:
    return _events(WorkLink.item_id == item_id, year, actor, now).get(item_id, NONE)


def _events(which: Any, year: int, actor: Actor, now: datetime) -> dict[int, Events]:
    tied = _tied(which, year)
    figures = _figures(tied, now)
    names = ("ahead", "over", "cancelled", "takes_place", "took_place")
    counts = [func.coalesce(figures.c[name], 0) for name in names]
    rows = db.session.execute(
        select(tied.c.item_id, Edition.id, Edition.number, Edition.style, Edition.year, Edition.publication)
        .add_columns(Series.name, visible(Edition, actor), planned_by(actor, Edition), figures.c.next_at, *counts)
        .select_from(tied)
        .outerjoin(Edition, Edition.id == tied.c.edition_id)
        .outerjoin(Series, Series.id == Edition.series_id)
        .outerjoin(figures, figures.c.edition_id == Edition.id)
        .order_by(tied.c.item_id, Edition.year, Edition.number, Edition.id)
    )
    found: dict[int, list[tuple[Held, bool, Any]]] = {}
    for item_id, id, number, style, of_year, publication, name, seen, planned, next_at, *counted in rows:
        of_item = found.setdefault(item_id, [])
        if id is not None:
            ahead, over, cancelled, takes_place, took_place = counted
            where = standing(publication, ahead=ahead, over=over, cancelled=cancelled, takes_place=takes_place)
            held = Held(id, name, words(Numbered(number, style, of_year)), where, next_at, bool(planned))
            of_item.append((held, bool(seen), (ahead, over, took_place)))
    return {item_id: _summed(rows) for item_id, rows in found.items()}


def _summed(rows: list[tuple[Held, bool, Any]]) -> Events:
    counted = [(held, numbers) for held, _seen, numbers in rows if held.standing is not Standing.WITHDRAWN]
    on = [(held, numbers) for held, numbers in counted if held.standing is not Standing.CANCELLED]
    public = [(held, numbers) for held, numbers in on if held.standing is not Standing.DRAFT]
    return Events(
        Tied(
            editions=len(on),
            cancelled=len(counted) - len(on),
            held=sum(held.standing is Standing.HELD for held, _numbers in on),
            occurrences=sum(took_place for _held, (_ahead, _over, took_place) in public),
            ahead=sum(ahead for _held, (ahead, _over, _took_place) in public),
            over=sum(over for _held, (_ahead, over, _took_place) in public),
            begun=bool(public),
            next_at=min((held.next_at for held, seen, _numbers in rows if seen and held.next_at), default=None),
        ),
        tuple(held for held, seen, _numbers in rows if seen),
    )


def _tied(which: Any, year: int) -> Any:
    """(item, edition): by a link to the edition, or by one to all that its series has in the year. A link to a series
    without any stays, with no edition."""
    one = select(WorkLink.item_id, WorkLink.edition_id).where(which, WorkLink.edition_id.is_not(None))
    of_year = (
        select(WorkLink.item_id, Edition.id)
        .outerjoin(Edition, and_(Edition.series_id == WorkLink.series_id, Edition.year == year))
        .where(which, WorkLink.edition_id.is_(None))
    )
    # Worked out once, although it is asked twice.
    return union(one, of_year).cte("tied")


def _figures(tied: Any, now: datetime) -> Any:
    ids = select(tied.c.edition_id)
    dates = union_all(_dates(Occurrence, ids), _dates(Milestone, ids)).subquery("dates")
    on = dates.c.status == constant(Status.SCHEDULED)
    takes_place = and_(on, dates.c.is_occurrence)
    return (
        select(
            dates.c.edition_id,
            func.count().filter(on, dates.c.ends_at > now).label("ahead"),
            func.count().filter(on, dates.c.ends_at <= now).label("over"),
            func.count().filter(dates.c.status == constant(Status.CANCELLED)).label("cancelled"),
            func.count().filter(takes_place).label("takes_place"),
            func.count().filter(takes_place, dates.c.ends_at <= now).label("took_place"),
            func.min(dates.c.starts_at).filter(on, dates.c.ends_at > now).label("next_at"),
        )
        .group_by(dates.c.edition_id)
        .subquery("figures")
    )


def _dates(model: type[Occurrence] | type[Milestone], ids: Any) -> Select[Any]:
    """(edition, start, end, status, whether people go to it); a point of the timeline is never cancelled."""
    status = Occurrence.status if model is Occurrence else constant(Status.SCHEDULED)
    return select(
        model.edition_id,
        model.starts_at,
        model.ends_at,
        func.cast(status, db.String).label("status"),
        (true() if model is Occurrence else false()).label("is_occurrence"),
    ).where(model.edition_id.in_(ids), model.publication != constant(Publication.WITHDRAWN))
