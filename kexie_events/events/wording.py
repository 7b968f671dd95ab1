"""What a thing is called, where it is and when: the same words on every page, in every letter and every calendar. Pure.

Names are Chinese in every language: they are proper names. Source: docs/decisions/0007-one-way-to-say-a-thing.md
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .numbering import ORDINALS, Numbered, words

# In a calendar these words are read by programs too: feeds write them, variants and imports tell by them.
POINT = "节点"  # the second category of what nobody goes to: milestones and rounds
CALLED_OFF = "【已取消】"  # begins the title of what is cancelled


def own_name(title: str, theme: str, series: str) -> str:
    """Where the page already says which activity it is: the session's own title, the edition's theme, or the series."""
    return title or theme or series


def edition_name(numbered: Numbered, series: str) -> str:
    """As it is printed: 第42届重庆市青少年科技创新大赛; “科创中国”@双月论坛 2027年首期; 重庆市科协年会 2026年度."""
    counted = words(numbered)
    return f"{counted}{series}" if numbered.style in ORDINALS else f"{series} {counted}"


def whole_name(numbered: Numbered, series: str, own: str = "") -> str:
    """Where nothing around says which activity it is: 人工智能分论坛（“科创中国”@重庆双月论坛 2026年第2期）.

    ``own``: the name of a session or a milestone, or the edition's theme; "" when it has none. It stands first, because
    a calendar or a phone's list of letters shows the first few characters. The brackets say only what it does not.
    """
    if not own or own == series:
        return edition_name(numbered, series)
    if series not in own:
        return f"{own}（{edition_name(numbered, series)}）"
    counted = words(numbered)
    return own if counted in own else f"{own}（{counted}）"


def place_words(venue: str, room: str, place: str) -> str:
    """重庆科技馆 报告厅，二楼东侧: a hall of ours, then what the organiser adds; "" while neither is known."""
    return "，".join(part for part in (_hall(venue, room), place) if part)


def place_with_address(venue: str, room: str, address: str, place: str) -> str:
    """重庆科技馆 报告厅, 江北城文星门街7号: one line for programs, which look for the comma of addresses in it."""
    return ", ".join(part for part in (_hall(venue, room), address, place) if part)


def _hall(venue: str, room: str) -> str:
    return " ".join(part for part in (venue, room) if part)


def said_at(
    starts_at: datetime, ends_at: datetime, all_day: bool, zone: ZoneInfo
) -> tuple[date, date] | tuple[datetime, datetime]:
    """From when to when, as it is said: instants in ``zone``; of what lasts whole days the first and the last day."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if not all_day:
        return start, end
    return start.date(), last_day(start, end)


def last_day(starts_at: datetime, ends_at: datetime) -> date:
    """The day that is the last; one that ends at midnight does not touch the next. Both on the wall clock."""
    return max(starts_at, ends_at - timedelta(microseconds=1)).date()


def said_before(moved_from_at: datetime, zone: ZoneInfo) -> date | datetime:
    """The start before a move, as it is said. Nobody wrote down whether that was of whole days: a midnight was."""
    start = moved_from_at.astimezone(zone)
    return start.date() if start.time() == time(0) else start
