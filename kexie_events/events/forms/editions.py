"""What is filled in about an edition: its facts, what it begins from, its timeline, approval."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ...core.fields import ClockField, DayField, PickField, PickManyField, WholeField, words_of
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import RevisionMixin
from ..fields import LONGEST_TEXT, EndClock, StartClock, short_text
from ..rules import Purpose


class EditionForm(FlaskForm):
    number = StringField(_("届次"), [_needed(_("请填写届次")), short_text(40)], filters=[_trimmed])
    year = WholeField(_("计入哪一年"), [Optional()], render_kw={"inputmode": "numeric"})
    title = StringField(_("主题"), [short_text()], filters=[_trimmed])
    unit_id = PickField(_("承办单位"))
    summary = TextAreaField(_("简介"), [short_text(LONGEST_TEXT)], filters=[_trimmed])


class StartForm(EditionForm):
    """One more edition from nothing: with the milestones of its kind, where they are ticked."""

    first_on = DayField(_("活动从哪天开始"), [Optional()])
    points = PickManyField(_("一起建的节点"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))


class CloneForm(FlaskForm):
    """From which edition, under which number, and what comes along."""

    source = RadioField(_("参照哪一届"), validators=[_needed(_("请选一届"))])
    take = PickManyField(_("带过来"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    number = StringField(_("届次"), [_needed(_("请填写届次")), short_text(40)], filters=[_trimmed])
    year = WholeField(_("年份"), [_needed(_("请填写年份"))], render_kw={"inputmode": "numeric"})
    title = StringField(_("主题"), [short_text()], filters=[_trimmed])
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


class MilestoneForm(RevisionMixin, FlaskForm):
    name = StringField(_("节点名称"), [_needed(_("请填写节点名称，例如“申报截止”")), short_text()], filters=[_trimmed])
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
        [_needed(_("请填写备案或批准的文号；没有文号的，写明谁在何时同意")), short_text(200)],
        filters=[_trimmed],
    )


class ReasonForm(FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，会留下记录")), short_text(200)], filters=[_trimmed])
