"""A rule in words, in the reader's language: 每两个月的第三个星期五，14:00至17:00，共 6 次."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext

from ....core import dates, web
from ... import numbering
from .. import lunar
from ..forms import WEEKDAYS
from ..repeating import LAST_DAY, Choice, Repeat, Short, choice_of, is_weekend
from ..rules import Terms

_: Callable[..., str] = gettext


def rule_words(terms: Terms) -> str:
    """How often, from when to when, and until when: one line."""
    chosen = choice_of(terms.rule, terms.first_on)
    if chosen is None:
        return _("，").join([_("按规则 %(rule)s", rule=terms.rule), _times(terms)])
    lasts = terms.duration.days if terms.all_day else (_end(terms).date() - terms.first_on).days + 1
    said = [
        _how_often(chosen, terms, weekend=is_weekend(chosen, lasts)),
        _short(chosen),
        _times(terms),
        _end_of(chosen),
    ]
    return _("，").join(part for part in said if part)


def _how_often(chosen: Choice, terms: Terms, *, weekend: bool) -> str:
    weekday, nth = str(WEEKDAYS[chosen.weekday]), web.label(chosen.nth).lower()
    month = web.month_name(chosen.month) if chosen.month else ""
    every = _number(chosen.every)
    match chosen.repeat:
        case Repeat.ONCE:
            return _("只有一次，%(day)s", day=web.day_words(terms.first_on))
        case Repeat.WEEKLY:
            return _("每周的%(weekday)s", weekday=weekday)
        case Repeat.FORTNIGHTLY:
            return _("每两周的%(weekday)s", weekday=weekday)
        case Repeat.MONTHLY:
            return _("每个月的%(nth)s%(weekday)s", nth=nth, weekday=weekday)
        case Repeat.MONTHS:
            return _("每%(every)s个月的%(nth)s%(weekday)s", every=every, nth=nth, weekday=weekday)
        case Repeat.MONTH_DAY if chosen.day == LAST_DAY:
            return _("每%(every)s个月的最后一天", every=every) if chosen.every > 1 else _("每个月的最后一天")
        case Repeat.MONTH_DAY:
            if chosen.every > 1:
                return _("每%(every)s个月的%(day)s日", every=every, day=chosen.day)
            return _("每个月的%(day)s日", day=chosen.day)
        case Repeat.YEAR_WEEKDAY if weekend:
            return _("每年%(month)s的%(nth)s双休日", month=month, nth=nth)
        case Repeat.YEAR_WEEKDAY | Repeat.YEAR_WEEKEND:
            return _("每年%(month)s的%(nth)s%(weekday)s", month=month, nth=nth, weekday=weekday)
        case Repeat.LUNAR:
            return _lunar(chosen)
        case Repeat.YEARLY if chosen.day == LAST_DAY:
            return _("每年%(month)s的最后一天", month=month)
        case Repeat.YEARLY:
            return _("每年%(month)s%(day)s日", month=month, day=chosen.day)


def _lunar(chosen: Choice) -> str:
    english = web.english()
    month = lunar.month(chosen.month or 1, english=english)
    if chosen.day == LAST_DAY:
        return _("每年农历%(month)s的最后一天", month=month)
    return _("每年农历%(month)s%(day)s", month=month, day=lunar.day(chosen.day or 1, english=english))


def _short(chosen: Choice) -> str:
    """What happens where there is no such day, when that can be."""
    day = chosen.day or 0
    may_be_missing = {
        Repeat.MONTH_DAY: day > 28,
        Repeat.YEARLY: (chosen.month, day) == (2, 29),
        Repeat.LUNAR: day == 30,
    }
    if not may_be_missing.get(chosen.repeat):
        return ""
    return _("没有这一天时跳过") if chosen.short is Short.SKIP else _("没有这一天时改在最后一天")


def _times(terms: Terms) -> str:
    if terms.all_day:
        return _("全天") if terms.duration.days <= 1 else _("全天，每场 %(days)s 天", days=terms.duration.days)
    starts, ends = terms.starts.strftime("%-H:%M"), _end(terms)
    days = (ends.date() - terms.first_on).days
    if days == 0:
        return _("%(starts)s至%(ends)s", starts=starts, ends=ends.strftime("%-H:%M"))
    return _("%(starts)s开始，到第 %(days)s 天 %(ends)s", starts=starts, days=days + 1, ends=ends.strftime("%-H:%M"))


def _end(terms: Terms) -> datetime:
    return dates.at(terms.first_on, terms.starts, web.zone()) + terms.duration


def _end_of(chosen: Choice) -> str:
    if chosen.count is not None:
        return _("共 1 次") if chosen.count == 1 else _("共 %(count)s 次", count=chosen.count)
    return _("到%(day)s为止", day=web.day_words(chosen.until)) if chosen.until is not None else ""


def _number(every: int) -> str:
    """两, 三 … as it is said; a figure in English."""
    return str(every) if web.english() else "两" if every == 2 else numbering.chinese(every)
