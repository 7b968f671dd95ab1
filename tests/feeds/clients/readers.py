"""What other people's programs make of a calendar: each reader takes bytes and says what takes place between two
instants. They share no code for recurrence: dateutil beside icalendar, recurring-ical-events, vobject, ical.js.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events
import vobject
from dateutil.rrule import rruleset, rrulestr
from playwright.sync_api import Page

ICAL_JS = Path(__file__).parents[2] / "vendor/ical.js/ical.min.js"


@dataclass(frozen=True, order=True)
class Shown:
    """One entry on somebody's screen. Instants as ``2026-03-20T06:00Z``, whole days as ``2026-03-20``; the end is
    exclusive."""

    starts: str
    ends: str
    uid: str
    title: str
    cancelled: bool


def said(value: date) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if isinstance(value, datetime) else value.isoformat()


def within(shown: Iterable[Shown], since: datetime, until: datetime) -> list[Shown]:
    """Those that begin in the time asked for, in order: readers differ in whether they add what reaches into it."""
    first, last = said(since), said(until)
    return sorted(one for one in shown if first <= one.starts < last)


def by_icalendar(body: bytes, since: datetime, until: datetime) -> list[Shown]:
    """icalendar for the text, dateutil for the rules, RFC 5545 3.8.4.4 for the overrides."""
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    overrides = {(str(one["UID"]), one.decoded("RECURRENCE-ID")): one for one in events if "RECURRENCE-ID" in one}
    found = [_of_icalendar(one, one.decoded("DTSTART")) for one in overrides.values()]
    for event in (one for one in events if "RECURRENCE-ID" not in one):
        found += [
            _of_icalendar(event, start)
            for start in _starts(event, since, until)
            if (str(event["UID"]), start) not in overrides
        ]
    return within(found, since, until)


def _starts(event: Any, since: datetime, until: datetime) -> list[date]:
    start = event.decoded("DTSTART")
    if "RRULE" not in event:
        return [start]
    timed = isinstance(start, datetime)
    rule, naive = event["RRULE"].to_ical().decode(), start.replace(tzinfo=None) if timed else start
    rules = rruleset()
    # The rule is of wall-clock times; its end is in UTC where the start has a zone (RFC 5545 3.3.10).
    parts = dict(part.split("=") for part in rule.split(";"))
    if timed and "UNTIL" in parts:
        ends = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(start.tzinfo)
        parts["UNTIL"] = f"{ends:%Y%m%dT%H%M%S}"
    rules.rrule(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=_midnight(naive)))
    excluded = event.get("EXDATE", [])
    for listed in excluded if isinstance(excluded, list) else [excluded]:
        for one in listed.dts:
            assert isinstance(one.dt, datetime) == timed
            rules.exdate(_midnight(one.dt.replace(tzinfo=None) if timed else one.dt))
    return [moment.replace(tzinfo=start.tzinfo) if timed else moment.date() for moment in rules]


def _midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001


def _of_icalendar(event: Any, start: date) -> Shown:
    lasts = event.decoded("DTEND") - event.decoded("DTSTART")
    cancelled = str(event["STATUS"]) == "CANCELLED"
    return Shown(said(start), said(start + lasts), str(event["UID"]), str(event["SUMMARY"]), cancelled)


def by_recurring_ical_events(body: bytes, since: datetime, until: datetime) -> list[Shown]:
    calendar = icalendar.Calendar.from_ical(body)
    found = recurring_ical_events.of(calendar, skip_bad_series=False).between(since, until)
    return within((_of_icalendar(one, one.decoded("DTSTART")) for one in found), since, until)


def by_vobject(body: bytes, since: datetime, until: datetime) -> list[Shown]:
    """vobject reads text, zone and rules by itself; overrides take the place of what they name."""
    events = list(vobject.readOne(body.decode()).contents.get("vevent", []))
    overrides = {(one.uid.value, said(one.recurrence_id.value)) for one in events if hasattr(one, "recurrence_id")}
    found = []
    for event in events:
        start = event.dtstart.value
        if hasattr(event, "recurrence_id") or event.rruleset is None:
            starts = [start]
        else:
            starts = [moment if isinstance(start, datetime) else moment.date() for moment in event.rruleset]
            starts = [moment for moment in starts if (event.uid.value, said(moment)) not in overrides]
        lasts, cancelled = event.dtend.value - start, event.status.value == "CANCELLED"
        found += [
            Shown(said(moment), said(moment + lasts), event.uid.value, event.summary.value, cancelled)
            for moment in starts
        ]
    return within(found, since, until)


class IcalJs:
    """ical.js, as Thunderbird and Nextcloud read calendars, in a browser's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(
            """async source => {
                const address = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
                window.ICAL = (await import(address)).default;
            }""",
            ICAL_JS.read_text("utf-8"),
        )

    def __call__(self, body: bytes, since: datetime, until: datetime) -> list[Shown]:
        rows = self.page.evaluate(_READ, [body.decode(), said(until)])
        return within((Shown(*row) for row in rows), since, until)


# An iteration ends by itself with the rule; a rule without an end would run past ``until``, so it ends there.
_READ = """([text, until]) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    for (const zone of calendar.getAllSubcomponents("vtimezone")) {
        ICAL.TimezoneService.register(zone);
    }
    const said = time => time.isDate
        ? time.toString()
        : new Date(time.toUnixTime() * 1000).toISOString().slice(0, 16) + "Z";
    const shown = (event, starts, ends) => [
        said(starts), said(ends), event.uid, event.summary,
        event.component.getFirstPropertyValue("status") === "CANCELLED",
    ];
    // Each master with its own overrides: left alone, the library gives every master all overrides of the calendar.
    const events = calendar.getAllSubcomponents("vevent");
    const isOverride = event => event.hasProperty("recurrence-id");
    const uid = event => event.getFirstPropertyValue("uid");
    const masters = events.filter(event => !isOverride(event)).map(master => new ICAL.Event(master, {
        strictExceptions: true,
        exceptions: events.filter(event => isOverride(event) && uid(event) === uid(master)),
    }));
    const rows = [];
    for (const master of masters) {
        if (!master.isRecurring()) {
            rows.push(shown(master, master.startDate, master.endDate));
            continue;
        }
        const dates = master.iterator();
        for (let next = dates.next(); next && said(next) < until; next = dates.next()) {
            const {item, startDate, endDate} = master.getOccurrenceDetails(next);
            rows.push(shown(item, startDate, endDate));
        }
    }
    return rows;
}"""
