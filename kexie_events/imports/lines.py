"""Bytes → components with the properties that we read and the lines on which they stand. Pure.

What is written by many programs is read with mercy: any line end, a byte order mark, GB 18030, what is parted within a
character. What is not read is not even taken apart: alarms, people, attachments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from ..core.errors import RuleBroken
from .rules import MOST_BYTES, MOST_EVENTS

_READ = {
    "VEVENT": {
        "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "RRULE", "RDATE",
        "EXDATE", "RECURRENCE-ID", "SEQUENCE", "LAST-MODIFIED", "URL", "CATEGORIES",
    },
    "VCALENDAR": {"METHOD", "NAME", "X-WR-CALNAME"},
    "VTIMEZONE": {"TZID", "X-LIC-LOCATION"},
    "STANDARD": {"TZOFFSETTO"},
    "DAYLIGHT": {"TZOFFSETTO"},
}  # fmt: skip
_MOST_OF_ONE = 400  # properties of one name in one component: EXDATE one by one
_LONGEST_LINE = 120_000  # characters; a description is cut much earlier


@dataclass(frozen=True)
class Property:
    """One content line: its value as it is written, and the parameters that matter."""

    value: str
    line: int
    zone: str = ""
    is_date: bool = False
    ranged: bool = False  # RANGE=THISANDFUTURE


@dataclass
class Component:
    """A VEVENT, a VTIMEZONE or the calendar itself."""

    name: str
    line: int
    closed: bool = False
    properties: dict[str, list[Property]] = field(default_factory=dict)
    offsets: list[str] = field(default_factory=list)  # of a VTIMEZONE

    def first(self, name: str) -> Property | None:
        return next(iter(self.properties.get(name, ())), None)

    def value(self, name: str) -> str:
        found = self.first(name)
        return found.value if found else ""


@dataclass
class Calendar:
    """What stands in a file."""

    properties: Component
    events: list[Component]
    zones: list[Component]
    old_text: bool  # it was GB 18030: RFC 5545 says UTF-8


def calendar_of(content: bytes) -> Calendar:
    """Raises: RuleBroken("import.too_big" | "import.empty" | "import.not_calendar" | "import.too_many_events")."""
    if len(content) > MOST_BYTES:
        raise RuleBroken("import.too_big", megabytes=MOST_BYTES >> 20)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise RuleBroken("import.empty")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    content = content.removeprefix(b"\xef\xbb\xbf")
    encoding = _encoding(content)
    found = Calendar(Component("VCALENDAR", 1), [], [], old_text=encoding == "gb18030")
    begun = False
    stack: list[Component] = []
    for number, raw in _unfolded(content):
        head, _, rest = raw.partition(b":")
        keyword = head.strip().upper()
        if keyword == b"BEGIN":
            begun = _begin(rest.strip().upper().decode("ascii", "replace"), number, stack, found) or begun
        elif not begun:
            if number > 50:
                break  # a web page, a picture: not a calendar that somebody wrote a remark above
        elif keyword == b"END":
            _end(rest.strip().upper().decode("ascii", "replace"), stack)
        elif stack:
            _take(raw, number, stack, encoding)
    if not begun:
        raise RuleBroken("import.not_calendar")
    return found


def _encoding(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "utf-8"  # broken somewhere; what is broken is shown as such
    return "gb18030"


def _unfolded(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, whole line). As bytes: a line may be folded within a character."""
    number = 0
    pieces: list[bytes] = []  # joined once: a line may come in hundreds of thousands of pieces
    for n, line in enumerate(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        if line[:1] in (b" ", b"\t") and pieces:
            pieces.append(line[1:])
            continue
        if whole := b"".join(pieces).strip():
            yield number, whole
        number, pieces = n, [line]
    if whole := b"".join(pieces).strip():
        yield number, whole


def _begin(name: str, line: int, stack: list[Component], found: Calendar) -> bool:
    """True when what begins makes it a calendar."""
    made = Component(name, line)
    if name == "VCALENDAR":
        stack[:] = [found.properties]
        return True
    if name == "VEVENT":
        if len(found.events) >= MOST_EVENTS:
            raise RuleBroken("import.too_many_events", most=MOST_EVENTS)
        found.events.append(made)
        stack[1:] = []  # one that was never closed ends where the next begins
        stack.append(made)
        return True  # also when somebody pasted the event alone
    if name == "VTIMEZONE":
        found.zones.append(made)
    if len(stack) < 8:
        stack.append(made)
    return False


def _end(name: str, stack: list[Component]) -> None:
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth].name == name:
            for component in stack[depth:]:
                component.closed = component.name == name
            del stack[depth:]
            return


def _take(raw: bytes, number: int, stack: list[Component], encoding: str) -> None:
    inner = stack[-1]
    wanted = _READ.get(inner.name)
    head = raw[:40].replace(b";", b":").partition(b":")[0].strip().upper().decode("ascii", "replace")
    if wanted is None or head not in wanted:
        return
    line = raw.decode(encoding, "replace").replace("\x00", "")[:_LONGEST_LINE]
    try:
        _name, parameters, value = Contentline(line.strip()).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        return
    said = {str(name).upper(): str(given) for name, given in parameters.items()}
    made = Property(
        value, number, zone=said.get("TZID", ""), is_date=said.get("VALUE", "").upper() == "DATE",
        ranged=said.get("RANGE", "").upper() == "THISANDFUTURE",
    )  # fmt: skip
    if head == "TZOFFSETTO":
        zone = next((component for component in reversed(stack) if component.name == "VTIMEZONE"), None)
        if zone is not None and len(zone.offsets) < _MOST_OF_ONE:
            zone.offsets.append(value)
        return
    held = inner.properties.setdefault(head, [])
    if len(held) < _MOST_OF_ONE:
        held.append(made)
