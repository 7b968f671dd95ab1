"""A calendar as a subscriber wants it: with less in it, or with alarms. Pure: the bytes of a published calendar and a
choice go in, bytes come out, in every process the same.

Source: docs/sources.md#calendar-variants
"""

from collections.abc import Iterator
from datetime import datetime

from dateutil.rrule import rrulestr

from .choices import Alarm, Cancelled, Choice, Contents
from .ical import TAIL, fold
from .pieces import Unit, apart, is_by_day, is_cancelled, is_override, is_point, line, pattern, value

_END = b"END:VEVENT\r\n"
_BEFORE = {Alarm.HALF_HOUR: b"-PT30M", Alarm.DAY: b"-P1D"}
_BEFORE_DAYS = b"-PT15H"  # nine in the morning of the day before: half an hour before midnight helps nobody

# What the calendar is called then, so that two of one kind in a client can be told apart. Feeds are stored once for all
# readers, so their words are Chinese.
_CALLED: dict[Contents | Cancelled | Alarm, str] = {
    Contents.DATES: "只看活动",
    Contents.DEADLINES: "只看截止",
    Cancelled.REMOVED: "不含已取消",
    Alarm.HALF_HOUR: "提前30分钟提醒",
    Alarm.DAY: "提前一天提醒",
}


def apply(body: bytes, choice: Choice) -> bytes:
    """The variant of a published calendar. Raises: ValueError when the bytes are no calendar of ours."""
    if choice.is_plain:
        return body
    calendar = apart(body)
    events = [event for unit in calendar.units for event in _chosen(unit, choice)]
    return b"".join((_renamed(calendar.head, choice), *events, TAIL))


def _renamed(head: bytes, choice: Choice) -> bytes:
    chosen = (choice.contents, choice.cancelled, choice.alarm)
    words = f"（{'，'.join(_CALLED[one] for one in chosen if one in _CALLED)}）".encode()
    for name in (b"NAME", b"X-WR-CALNAME"):
        renamed = b"\r\n" + fold(line(head, name) + words).removesuffix(b"\r\n")
        head = pattern(name).sub(lambda _found, renamed=renamed: renamed, head, count=1)  # type: ignore[misc]
    return head


def _chosen(unit: Unit, choice: Choice) -> Iterator[bytes]:
    """What is left of a unit."""
    events = unit.events
    if choice.contents is not Contents.ALL and is_point(events[0]) != (choice.contents is Contents.DEADLINES):
        return
    if choice.cancelled is Cancelled.REMOVED:
        events = _taking_place(events)
    for event in events:
        yield event if choice.alarm is Alarm.NONE or is_cancelled(event) else _with_alarm(event, choice.alarm)


def _taking_place(events: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Without what is cancelled: a date of a rule becomes an exception of its master, which begins later when it was
    its first, and what is cancelled as a whole leaves nothing."""
    first, *others = events
    if not any(map(is_cancelled, events)):
        return events
    if is_override(first):
        return tuple(event for event in events if not is_cancelled(event))
    if is_cancelled(first):
        return ()
    off = [line(event, b"RECURRENCE-ID") for event in others if is_cancelled(event)]
    kept = (event for event in others if not is_cancelled(event))
    return (_with_exceptions(first, off), *kept)


def _with_exceptions(master: bytes, recurrence_ids: list[bytes]) -> bytes:
    """Each in the form of its RECURRENCE-ID, which is that of DTSTART: an exception in another form is ignored."""
    ends = [found.end() for name in (b"DTSTART", b"RRULE", b"EXDATE") for found in pattern(name).finditer(master)]
    cut = max(ends) + 2
    lines = [fold(b"EXDATE" + one.removeprefix(b"RECURRENCE-ID")) for one in recurrence_ids]
    master = b"".join((master[:cut], *lines, master[cut:]))
    begins = value(master, b"DTSTART")
    return _begun_later(master) if any(one.endswith(b":" + begins) for one in recurrence_ids) else master


def _begun_later(master: bytes) -> bytes:
    """The rule from the first date on that takes place: some clients show DTSTART whatever EXDATE says.

    Counted on the wall clock, where the dates of our rules stand (``recurring``). One of them takes place, or the
    whole would be cancelled.
    """
    starts, ends = (_wall(line(master, name)) for name in (b"DTSTART", b"DTEND"))
    excluded = {_wall(found[1]) for found in pattern(b"EXDATE").finditer(master)}
    rule = ";".join(part for part in value(master, b"RRULE").decode().split(";") if not part.startswith("UNTIL="))
    first = next(at for at in rrulestr(rule, dtstart=starts) if at not in excluded)
    for name, at in ((b"DTSTART", first), (b"DTEND", first + (ends - starts))):
        master = pattern(name).sub(b"\r\n" + _said_alike(line(master, name), at), master, count=1)
    return pattern(b"EXDATE").sub(lambda found: b"" if _wall(found[1]) < first else found[0], master)


def _wall(line: bytes) -> datetime:
    """What a line of a day or an instant says, without its zone."""
    return datetime.fromisoformat(line.rpartition(b":")[2].removesuffix(b"Z").decode())


def _said_alike(line: bytes, at: datetime) -> bytes:
    """The line with another day or instant in it."""
    name, _, before = line.rpartition(b":")
    said = f"{at:%Y%m%dT%H%M%S}" if b"T" in before else f"{at:%Y%m%d}"
    return b"".join((name, b":", said.encode(), b"Z" if before.endswith(b"Z") else b""))


def _with_alarm(event: bytes, alarm: Alarm) -> bytes:
    trigger = _BEFORE_DAYS if is_by_day(event) else _BEFORE[alarm]
    # RFC 5545 3.6.6: a DISPLAY alarm must have a DESCRIPTION.
    said = fold(b"DESCRIPTION:" + value(event, b"SUMMARY"))
    return b"".join(
        (
            event.removesuffix(_END), b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:", trigger, b"\r\n", said,
            b"END:VALARM\r\n", _END,
        )
    )  # fmt: skip
