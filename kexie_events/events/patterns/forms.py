"""What is filled in about a rule: on which days, and how far a change of it reaches."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    SelectChoice,
    StringField,
)
from wtforms.validators import NumberRange, Optional

from ...core import web
from ...core.fields import DayField, PickField, WholeField, words_of
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import RevisionMixin
from ..fields import EndClock, RoomMixin, StartClock, WholeDays, short_text
from . import lunar
from .repeating import LAST_DAY, Choice, Nth, Repeat, Short, complete
from .rules import Scope

WEEKDAYS = [_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日")]


_SAME = _("和起始日相同")


def day_number(number: int) -> Any:
    """A day of a month: 30日, 30."""
    return _("%(number)s日", number=number)


class PatternMixin(WholeDays):
    """On which days, from when to when, and for how many: what becomes a pattern."""

    first_on = DayField(_("从哪天起"), [_needed(_("请填写从哪天起"))])
    starts = StartClock()
    ends = EndClock()
    lasts_days = WholeField(
        _("每场持续几天"),
        [Optional(), NumberRange(1, 120, _("每场持续 1 到 120 天"))],
        default=1,
        render_kw={"inputmode": "numeric"},
    )
    repeat = PickField(_("重复"), default=Repeat.ONCE.value)
    nth = PickField(_("第几个"), default=str(Nth.FIRST.value))
    weekday = PickField(
        _("星期几"),
        choices=[SelectChoice("", _SAME), *(SelectChoice(str(n), word) for n, word in enumerate(WEEKDAYS))],
        default="",
    )
    every = WholeField(_("每几个月"), [Optional()], default=2, render_kw={"inputmode": "numeric"})
    month = PickField(_("几月"), default="")
    day = PickField(_("几日"), default="")
    lunar_month = PickField(_("农历月"), default="")
    lunar_day = PickField(_("农历日"), default="")
    short = PickField(_("没有这一天时"), default=Short.SKIP.value)
    count = WholeField(_("共几次"), [Optional()], render_kw={"inputmode": "numeric"})
    until = DayField(_("最后一天"), [Optional()])
    registration = BooleanField(_("接受报名"))
    capacity = WholeField(_("每场名额"), [Optional()], render_kw={"inputmode": "numeric"})
    opens_days = WholeField(
        _("开始前几天开放报名"),
        [Optional(), NumberRange(1, 400, _("请填 1 到 400 天"))],
        default=30,
        render_kw={"inputmode": "numeric"},
    )
    closes_days = WholeField(
        _("开始前几天截止报名"),
        [Optional(), NumberRange(0, 400, _("请填 0 到 400 天"))],
        default=0,
        render_kw={"inputmode": "numeric"},
    )

    def offer_days(self) -> None:
        """What the lists of months, days and kinds of repetition hold, in the reader's words."""
        last, english = SelectChoice(str(LAST_DAY), _("最后一天")), web.english()
        self.repeat.choices, self.nth.choices, self.short.choices = words_of(Repeat), words_of(Nth), words_of(Short)
        months, days = range(1, 13), range(1, 32)
        self.month.choices = [SelectChoice("", _SAME), *(SelectChoice(str(n), web.month_name(n)) for n in months)]
        self.day.choices = [SelectChoice("", _SAME), *(SelectChoice(str(n), day_number(n)) for n in days), last]
        self.lunar_month.choices = [
            SelectChoice("", _SAME), *(SelectChoice(str(n), lunar.month(n, english=english)) for n in months)
        ]  # fmt: skip
        self.lunar_day.choices = [
            SelectChoice("", _SAME), *(SelectChoice(str(n), lunar.day(n, english=english)) for n in days[:30]), last
        ]  # fmt: skip

    @property
    def chosen(self) -> Choice:
        """What was chosen; what was left open is as in the first date. Raises: RuleBroken."""
        repeat, first_on = Repeat(self.repeat.data), self.first_on.data
        is_lunar = repeat is Repeat.LUNAR
        month, day = (self.lunar_month, self.lunar_day) if is_lunar else (self.month, self.day)
        chosen = Choice(
            repeat,
            weekday=int(self.weekday.data) if self.weekday.data else first_on.weekday(),
            nth=Nth(int(self.nth.data)),
            every=_or(self.every.data, 0) if repeat in (Repeat.MONTHS, Repeat.MONTH_DAY) else 1,
            month=int(month.data) if month.data else None,
            day=int(day.data) if day.data else None,
            short=Short(self.short.data),
            count=self.count.data,
            until=self.until.data,
        )
        return chosen if repeat is Repeat.ONCE else complete(chosen, first_on)

    def show(self, chosen: Choice) -> None:
        """The fields as they are for a choice."""
        self.repeat.data, self.nth.data = chosen.repeat.value, str(chosen.nth.value)
        self.weekday.data, self.every.data, self.short.data = str(chosen.weekday), chosen.every, chosen.short.value
        month, day = (str(value) if value is not None else "" for value in (chosen.month, chosen.day))
        if chosen.repeat is Repeat.LUNAR:
            self.lunar_month.data, self.lunar_day.data = month, day
        else:
            self.month.data, self.day.data = month, day
        self.count.data, self.until.data = chosen.count, chosen.until


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


class RuleForm(RoomMixin, PatternMixin, RevisionMixin, FlaskForm):
    """Another rule for what is still to come of a series."""

    scope = PickField(_("改到哪里"), default=Scope.ALL.value)
    stop = BooleanField(_("从这里起不再办"))
    reason = StringField(_("原因"), [short_text(200)], filters=[_trimmed])
    origin = HiddenField()  # the occurrence that the change begins with
    seen = HiddenField()  # what stood in the preview

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.scope.choices = words_of(Scope)
        self.offer_days()
