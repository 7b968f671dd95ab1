"""For views: who asks, in which language, what a code means in words, how a date is written, which page of a list.

A route says who may come in with ``@access_mark``; a route without a mark stops the program at start.
"""

import enum
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

from flask import g, request
from flask_babel import get_locale
from markupsafe import Markup, escape
from sqlalchemy import Select, func, select

from . import clock, dates
from .access import Actor
from .db import db
from .errors import DomainError
from .installation import external, installation, label, local, zone
from .paging import Page

# Views say web.zone(); what needs no request imports ``installation``.
__all__ = ["Page", "external", "label", "local", "zone"]

F = TypeVar("F", bound=Callable[..., Any])

# ids are 32-bit in the database; a longer number names nothing
LARGEST_ID = 2**31 - 1


class Who(enum.Enum):
    """The doors. What one may do behind a door is decided by ``access``."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    ORGANIZER = "organizer"
    JUDGE = "judge"


def access_mark(who: Who) -> Callable[[F], F]:
    """Mark a view with the door that leads to it. Put it directly above the function."""

    def mark(view: F) -> F:
        view.access = who  # type: ignore[attr-defined]
        return view

    return mark


def actor() -> Actor:
    """Who asks; read once per request, and only when somebody wants to know."""
    if "actor" not in g:
        g.actor = installation().load_actor()
    return cast(Actor, g.actor)


def arrived_at() -> datetime:
    """When this request reached the server: what openings and deadlines are compared with."""
    if "arrived_at" not in g:
        g.arrived_at = clock.now()
    return cast(datetime, g.arrived_at)


def today() -> date:
    return local(arrived_at()).date()


def instant(day: date, clock: time = time()) -> datetime:
    """A wall-clock time on a day, as it was typed; the midnight that begins the day without one."""
    return dates.at(day, clock, zone())


def midnight_after(day: date) -> datetime:
    """The end of a day: what is due on it may come until then."""
    return instant(day + timedelta(days=1))


class Lasting(Protocol):
    """What lasts from one instant to another."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def days_of(thing: Lasting) -> list[date]:
    """The civil days that it touches; a midnight ends the day before it."""
    return dates.days_touched(local(thing.starts_at), local(thing.ends_at))


def english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def day_words(value: date | datetime) -> str:
    plain = local(value).date() if isinstance(value, datetime) else value
    return dates.day(plain, today=today(), english=english())


def moment_words(value: datetime) -> str:
    return dates.moment(local(value), today=today(), english=english())


def when_words(value: date | datetime) -> str:
    """A day, or an instant with its clock time."""
    return moment_words(value) if isinstance(value, datetime) else day_words(value)


def span_words(start: datetime, end: datetime) -> str:
    return dates.span(local(start), local(end), today=today(), english=english())


def span_tag(start: datetime, end: datetime) -> Markup:
    """``span_words``, readable by a machine: long lists say it for each row."""
    first = local(start)
    words = dates.span(first, local(end), today=today(), english=english())
    return Markup('<time datetime="%s">%s</time>') % (first.isoformat(), words)


def hours_tag(start: datetime, end: datetime) -> Markup:
    """9:00–9:30, readable by a machine: the hours of one day."""
    first, last = local(start), local(end)
    words = f"{first.hour}:{first.minute:02}–{last.hour}:{last.minute:02}"
    return Markup('<time datetime="%s">%s</time>') % (first.isoformat(), words)


def month_words(year: int, month: int) -> str:
    return dates.month(year, month, english=english())


def month_name(month: int) -> str:
    return dates.month_name(month, english=english())


def days_left(value: date | datetime) -> int:
    plain = local(value).date() if isinstance(value, datetime) else value
    return dates.days_between(today(), plain)


def sentence(error: DomainError) -> str:
    """What an error means, in the reader's language. The house test keeps every code in the catalogue."""
    words = installation().sentences[error.code]
    return str(words) % {name: _shown(value) for name, value in error.details.items()}


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return moment_words(value)
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, enum.Enum):
        return label(value)
    if isinstance(value, list | tuple):
        return (", " if english() else "、").join(_shown(part) for part in value)
    return str(value)


def page(query: Select[Any], *, per_page: int = 50, scalars: bool = True, total: int | None = None) -> Page[Any]:
    """The page that ``?page=`` asks for. Two queries, however long the list is; one where the total is known."""
    number = max(1, min(whole_number(request.args.get("page"), 1), 100_000))
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // per_page)))
    result = db.session.execute(query.limit(per_page).offset((number - 1) * per_page))
    rows = list(result.scalars()) if scalars else list(result)
    return Page(rows, number, per_page, total)


def whole_number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def json_ld(values: dict[str, Any]) -> Markup:
    """A JSON-LD block; ``<`` is escaped so that no text can end the script element."""
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup('<script type="application/ld+json">%s</script>') % Markup(body)  # noqa: S704


def sent_json() -> Any:
    """The JSON that a script sent; None when it is none, too deep, or holds half of a character."""
    try:
        body = request.get_json(silent=True)
        json.dumps(body, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        return None
    return body


def safe_next(target: str | None, default: str) -> str:
    """Where to go after signing in: a path of this site or the default."""
    if (
        target
        and target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and "\\" not in target
        and target.isprintable()
    ):
        return target
    return default


def plain(text: str) -> Markup:
    """Text of a person as paragraphs: escaped, blank lines part paragraphs, single ones break lines."""
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return Markup("").join(
        Markup("<p>%s</p>") % Markup("<br>").join(escape(line) for line in part.split("\n")) for part in parts
    )


def page_url(**changed: Any) -> str:
    """This page with some query arguments changed; ``None`` or "" removes one. Turning a filter goes to page 1."""
    arguments = request.args.to_dict()
    if "page" not in changed:
        arguments.pop("page", None)
    arguments.update({name: str(value) if value not in (None, "") else "" for name, value in changed.items()})
    query = urlencode({name: value for name, value in arguments.items() if value})
    return f"{request.path}?{query}" if query else request.path
