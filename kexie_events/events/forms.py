"""What organisers fill in: shape and wording only. Choices that come from the database are set by the view."""

import enum
import re
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..core import web
from ..core.fields import ClockField, DayField, MomentField, PickField, PickManyField, WholeField, short, words_of
from ..core.fields import needed as _needed
from ..core.fields import trimmed as _trimmed
from ..core.forms import RevisionMixin
from ..core.forms import refuse as core_refuse
from . import lunar, rules
from .kinds import Kind, Topic, kinds_of
from .numbering import Style
from .repeating import LAST_DAY, Choice, Nth, Repeat, Short, complete
from .rules import Purpose

LONGEST_TEXT = 5000
WEEKDAYS = [_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日")]
_SAME = _("和起始日相同")


def _short(most: int = rules.LONGEST_NAME) -> Length:
    return short(most)


class RoomMixin:
    """Where something takes place: a room of the list, or words."""

    room_id = PickField(_("场地"), default="")
    place = StringField(_("地点说明"), [_short(200)], filters=[_trimmed])

    @property
    def room(self) -> int | None:
        return int(self.room_id.data) if self.room_id.data else None


def _with(other: str, text: Any) -> Callable[[Any, Field], None]:
    """A field that is needed as soon as the other one is filled in."""

    def check(form: Any, field: Field) -> None:
        typed = form[other].raw_data and form[other].raw_data[0].strip()
        if typed and field.data is None and not field.errors:
            raise ValidationError(text)

    return check


class StartClock(ClockField):
    """When it begins. Left empty together with ``ends``: whole days."""

    def __init__(self, *args: Any, **values: Any) -> None:
        needed = _with("ends", _("请填写开始时间，全天的两个时间都留空"))
        super().__init__(_("开始时间"), [needed], *args, **values)


class EndClock(ClockField):
    """When it ends. Left empty together with ``starts``: whole days."""

    def __init__(self, *args: Any, **values: Any) -> None:
        needed = _with("starts", _("请填写结束时间，全天的两个时间都留空"))
        super().__init__(_("结束时间"), [needed], *args, **values)


class WholeDays:
    """A form with both clocks: without a time it is about whole days."""

    starts: Field
    ends: Field

    @property
    def all_day(self) -> bool:
        return self.starts.data is None and self.ends.data is None


def day_number(number: int) -> Any:
    """A day of a month: 30日, 30."""
    return _("%(number)s日", number=number)


def new_series_key() -> str:
    """One per rendered form; it becomes part of the address of a series without one."""
    return secrets.token_hex(4)


class _WhatMixin:
    name = StringField(_("系列名称"), [_needed(_("请填写系列名称")), _short()], filters=[_trimmed])
    kind = PickField(_("类型"))
    unit_id = PickField(_("主办单位"))
    summary = TextAreaField(_("简介"), [_short(LONGEST_TEXT)], filters=[_trimmed], render_kw={"rows": 4})
    slug = StringField(
        _("网址"), [_short(60)], filters=[_trimmed], render_kw={"autocapitalize": "none", "spellcheck": "false"}
    )
    style = PickField(_("届次写法"), default=Style.ORDINAL.value)
    first_number = WholeField(_("从第几届（期）开始"), [Optional()], default=1, render_kw={"inputmode": "numeric"})
    year = WholeField(_("计入哪一年"), [_needed(_("请填写年份"))], render_kw={"inputmode": "numeric"})


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


class SeriesForm(_WhatMixin, RoomMixin, PatternMixin, FlaskForm):
    """A new series and its dates."""

    # One per rendered form: a series without an address of its own gets one from it, so that pressing twice
    # makes one series.
    key = HiddenField(default=lambda: new_series_key())

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = [choice for topic in Topic for choice in words_of(kinds_of(topic), web.label(topic))]
        self.style.choices = words_of(Style)
        self.offer_days()

    @property
    def chosen_kind(self) -> Kind:
        return Kind(self.kind.data)

    @property
    def sound_key(self) -> str:
        """The form's key; a new one when somebody sends none of ours."""
        key = self.key.data or ""
        return key if re.fullmatch(r"[0-9a-f]{8}", key) else new_series_key()


class Scope(enum.Enum):
    """How far a change of the rule reaches (改动范围)."""

    FOLLOWING = "following"
    ALL = "all"


class RuleForm(RoomMixin, PatternMixin, RevisionMixin, FlaskForm):
    """Another rule for what is still to come of a series."""

    scope = PickField(_("改到哪里"), default=Scope.ALL.value)
    stop = BooleanField(_("从这里起不再办"))
    reason = StringField(_("原因"), [_short(200)], filters=[_trimmed])
    origin = HiddenField()  # the occurrence that the change begins with
    seen = HiddenField()  # what stood in the preview

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.scope.choices = words_of(Scope)
        self.offer_days()


class SeriesWordsForm(RevisionMixin, FlaskForm):
    name = StringField(_("系列名称"), [_needed(_("请填写系列名称")), _short()], filters=[_trimmed])
    summary = TextAreaField(_("简介"), [_short(LONGEST_TEXT)], filters=[_trimmed], render_kw={"rows": 6})


class EditionForm(FlaskForm):
    number = StringField(_("届次"), [_needed(_("请填写届次")), _short(40)], filters=[_trimmed])
    year = WholeField(_("计入哪一年"), [Optional()], render_kw={"inputmode": "numeric"})
    title = StringField(_("主题"), [_short()], filters=[_trimmed])
    unit_id = PickField(_("承办单位"))
    summary = TextAreaField(_("简介"), [_short(LONGEST_TEXT)], filters=[_trimmed])


class StartForm(EditionForm):
    """One more edition from nothing: with the milestones of its kind, where they are ticked."""

    first_on = DayField(_("活动从哪天开始"), [Optional()])
    points = PickManyField(_("一起建的节点"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))


class CloneForm(FlaskForm):
    """From which edition, under which number, and what comes along."""

    source = RadioField(_("参照哪一届"), validators=[_needed(_("请选一届"))])
    take = PickManyField(_("带过来"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    number = StringField(_("届次"), [_needed(_("请填写届次")), _short(40)], filters=[_trimmed])
    year = WholeField(_("年份"), [_needed(_("请填写年份"))], render_kw={"inputmode": "numeric"})
    title = StringField(_("主题"), [_short()], filters=[_trimmed])
    key = HiddenField(default=lambda: secrets.token_hex(8))

    @property
    def sound_key(self) -> str:
        """The form's key; a new one when somebody sends none of ours."""
        key = self.key.data or ""
        return key if re.fullmatch(r"[0-9a-f]{16}", key) else secrets.token_hex(8)


class DateRow(Form):
    """A date on the page of dates."""

    starts_on = DayField(_("开始日期"), [_needed(_("请填写开始日期"))])
    starts = StartClock()
    ends_on = DayField(_("结束日期"), [Optional()])
    ends = EndClock()
    revision = HiddenField()

    @property
    def all_day(self) -> bool:
        return self.starts.data is None and self.ends.data is None


class PointRow(DateRow):
    """A milestone: always with a time; without an end it is an instant."""

    starts = ClockField(_("开始时间"), [_needed(_("请填写时间"))])
    ends = ClockField(_("结束时间"), [Optional()])


class DatesForm(FlaskForm):
    """How dates shift; ``dates_form`` adds one row per date."""

    how = PickField(_("日期怎么移"), default="")
    days = WholeField(_("推迟几天"), [Optional()], render_kw={"inputmode": "numeric"})

    def row(self, key: str) -> Any:
        return self[key]


def dates_form(keys: Sequence[str], *, fresh: bool = False) -> DatesForm:
    """The form of these dates: "o12" an occurrence, "m3" a milestone. ``fresh``: without what was sent."""
    rows = {key: FormField(DateRow if key.startswith("o") else PointRow) for key in keys}
    kind = type("DatesFormOfEdition", (DatesForm,), rows)
    made: DatesForm = kind(formdata=None) if fresh else kind()
    return made


class FactsForm(RevisionMixin, EditionForm):
    """What an edition says of itself."""


class TimesMixin(WholeDays):
    """From a day and time to a day and time; the last day may be left out when it is the first."""

    starts_on = DayField(_("开始日期"), [_needed(_("请填写开始日期"))])
    starts = StartClock()
    ends_on = DayField(_("结束日期"), [Optional()])
    ends = EndClock()


class OccurrenceForm(RoomMixin, TimesMixin, FlaskForm):
    title = StringField(_("场次名称"), [_short()], filters=[_trimmed])
    summary = TextAreaField(_("说明"), [_short(LONGEST_TEXT)], filters=[_trimmed])
    registration = BooleanField(_("接受报名"))
    capacity = WholeField(_("名额"), [Optional()], render_kw={"inputmode": "numeric"})
    opens_on = DayField(_("报名开放"), [Optional()])
    closes_on = DayField(_("报名最后一天"), [Optional()])
    key = HiddenField(default=lambda: str(uuid4()))


class MoveForm(RoomMixin, TimesMixin, RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [_short(200)], filters=[_trimmed])


class WordsForm(RevisionMixin, FlaskForm):
    title = StringField(_("场次名称"), [_short()], filters=[_trimmed])
    summary = TextAreaField(_("说明"), [_short(LONGEST_TEXT)], filters=[_trimmed])


class SkipForm(RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，会留下记录")), _short(200)], filters=[_trimmed])


class WindowForm(RevisionMixin, FlaskForm):
    registration = BooleanField(_("接受报名"))
    opens_at = MomentField(_("报名开放"), [Optional()])
    closes_at = MomentField(_("报名截止"), [Optional()])
    places_note = StringField(_("名额说明"), [_short(rules.LONGEST_NOTE)], filters=[_trimmed])


class CancelForm(RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，已报名的人会看到")), _short(200)], filters=[_trimmed])


class MilestoneForm(RevisionMixin, FlaskForm):
    name = StringField(_("节点名称"), [_needed(_("请填写节点名称，例如“申报截止”")), _short()], filters=[_trimmed])
    purpose = PickField(_("作用"), default=Purpose.SHOWN.value)
    starts_on = DayField(_("日期"), [_needed(_("请填写日期"))])
    starts = ClockField(_("时间"), [_needed(_("请填写时间"))])
    ends_on = DayField(_("到哪一天"), [Optional()])
    ends = ClockField(_("到几点"), [Optional()])
    is_deadline = BooleanField(_("这是截止时间，用朱砂色提醒"))
    key = HiddenField(default=lambda: secrets.token_hex(6))

    def __init__(self, *args: Any, entries: bool = False, **values: Any) -> None:
        super().__init__(*args, **values)
        self.purpose.choices = words_of(Purpose if entries else [Purpose.SHOWN])


class ApprovalForm(FlaskForm):
    words = StringField(
        _("文号或批准意见"),
        [_needed(_("请填写备案或批准的文号；没有文号的，写明谁在何时同意")), _short(200)],
        filters=[_trimmed],
    )


class ReasonForm(FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，会留下记录")), _short(200)], filters=[_trimmed])


class VenueForm(RevisionMixin, FlaskForm):
    venue_name = StringField(_("场馆名称"), [_needed(_("请填写场馆名称")), _short()], filters=[_trimmed])
    address = StringField(_("地址"), [_short(200)], filters=[_trimmed])
    region_id = PickField(_("区县"), default="")


class RoomForm(FlaskForm):
    venue_id = PickField(_("场馆"))
    room_name = StringField(_("场地名称"), [_needed(_("请填写场地名称")), _short()], filters=[_trimmed])
    seats = WholeField(_("座位数"), [Optional()], render_kw={"inputmode": "numeric"})


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "series.name": "name",
        "series.slug": "slug",
        "series.slug_taken": "slug",
        "edition.number": "number first_number",
        "edition.year": "year",
        "edition.unreadable": "number",
        "edition.number_taken": "number first_number",
        "edition.key_reused": "number",
        "clone.withdrawn": "source",
        "clone.too_many": "take",
        "clone.days": "days",
        "clone.days_missing": "days",
        "event.capacity": "capacity",
        "event.capacity_below_taken": "capacity",
        "event.title": "title",
        "event.reason": "reason",
        "unit.ended": "unit_id",
        "unit.not_begun": "unit_id",
        "event.room_taken": "room_id",
        "event.room_taken_unnamed": "room_id",
        "event.overlaps_itself": "room_id",
        "event.approval_words": "words",
        "event.ends_before_start": "ends",
        "event.too_long": "ends",
        "event.closes_before_open": "closes_days closes_on closes_at",
        "event.closes_after_end": "closes_days closes_on closes_at",
        "event.window_in_use": "registration",
        "event.places_note": "places_note",
        "milestone.name": "name",
        "milestone.code_taken": "purpose",
        "recurrence.no_end": "count",
        "recurrence.two_ends": "until",
        "recurrence.count": "count",
        "recurrence.every": "every",
        "recurrence.too_many": "until",
        "recurrence.too_far": "until",
        "recurrence.no_such_day": "day",
        "recurrence.lunar_years": "first_on",
        "recurrence.nothing": "first_on",
        "pattern.before_kept": "first_on",
        "pattern.past": "first_on",
        "venue.name": "venue_name",
        "venue.name_taken": "venue_name",
        "room.name": "room_name",
        "room.name_taken": "room_name",
        "room.seats": "seats",
    },
)
