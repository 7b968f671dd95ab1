"""What is filled in for an agenda: shape and wording only. Choices that come from the database are set by the view."""

from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from ..core import web
from ..core.errors import DomainError, RuleBroken
from ..core.fields import ClockField, DayField, PickField, PickManyField, WholeField, needed, short, trimmed, words_of
from ..core.forms import RevisionMixin
from ..core.forms import refuse as core_refuse
from ..events.rules import check_day
from . import rules
from .rules import Answer, GuestRole, Half, SessionKind, TalkKind

_NUMERIC = {"inputmode": "numeric"}


def _in_reach(form: Any, field: Field) -> None:
    """A day of the years that an edition can be counted under: others cannot be said in every zone."""
    if field.data is not None:
        try:
            check_day(field.data)
        except RuleBroken as broken:
            raise ValidationError(web.sentence(broken)) from None


class KeyMixin:
    """One key per rendered form: the same form sent twice is one thing."""

    key = HiddenField(default=lambda: str(uuid4()))

    @property
    def sound_key(self) -> UUID | None:
        field: Any = self.key
        try:
            return UUID(field.data or "")
        except ValueError:
            return None


class SessionForm(KeyMixin, RevisionMixin, FlaskForm):
    name = StringField(
        _("环节名称"), [needed(_("请填写环节名称")), short(rules.LONGEST_NAME)], filters=[trimmed]
    )  # fmt: skip
    kind = PickField(_("类型"), default=SessionKind.TALKS.value)
    on = DayField(_("日期"), [needed(_("请填写日期")), _in_reach])
    starts = ClockField(_("开始时间"), [needed(_("请填写开始时间"))])
    ends = ClockField(_("结束时间"), [needed(_("请填写结束时间"))])
    room_id = PickField(_("场地"), default="")
    chairs = TextAreaField(_("主持人"), filters=[trimmed], render_kw={"rows": 2})

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = words_of(SessionKind)


class TalkForm(KeyMixin, RevisionMixin, FlaskForm):
    title = StringField(_("题目"), [needed(_("请填写题目")), short(rules.LONGEST_NAME)], filters=[trimmed])
    kind = PickField(_("类型"), default=TalkKind.TALK.value)
    minutes = WholeField(_("时长（分钟）"), [needed(_("请填写时长"))], default=20, render_kw=_NUMERIC)
    speakers = TextAreaField(_("报告人"), filters=[trimmed], render_kw={"rows": 3})
    abstract = TextAreaField(_("摘要"), [short(rules.LONGEST_TEXT)], filters=[trimmed], render_kw={"rows": 4})

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = words_of(TalkKind)


class RowForm(RevisionMixin, FlaskForm):
    """One press on a row that others may change meanwhile."""


class SpeakerForm(RevisionMixin, FlaskForm):
    name = StringField(_("姓名"), [needed(_("请填写姓名")), short(40)], filters=[trimmed])
    organization = StringField(_("工作单位"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    post = StringField(_("职务或职称"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    words = TextAreaField(_("简介"), [short(1000)], filters=[trimmed], render_kw={"rows": 4})


class ShiftForm(FlaskForm):
    """What part of which day, by how much. Asked with GET, done with POST and what was seen."""

    on = DayField(_("哪一天"), [needed(_("请填写日期")), _in_reach])
    after = ClockField(_("从几点起"), [needed(_("请填写时间"))])
    minutes = WholeField(_("移动多少分钟"), [needed(_("请填写要移动的分钟数"))], default=15)
    forum_id = PickField(_("哪个分会场"), default="")
    seen = HiddenField()


class CopyForm(KeyMixin, FlaskForm):
    on = DayField(_("照搬哪一天"), [needed(_("请填写日期")), _in_reach])
    target_id = PickField(_("搬到哪个分会场"))
    target_on = DayField(_("搬到哪一天"), [needed(_("请填写日期")), _in_reach])
    seen = HiddenField()


class ReleaseForm(FlaskForm):
    words = TextAreaField(_("这一版有什么新内容"), [short(500)], filters=[trimmed], render_kw={"rows": 3})
    tell = BooleanField(_("写信告诉受影响的报名者"), default=True)
    reason = StringField(_("信里写的原因"), [short(rules.LONGEST_WORDS)], filters=[trimmed], default="")
    seen = HiddenField()


class ReasonForm(RevisionMixin, FlaskForm):
    reason = StringField(
        _("原因"), [needed(_("请写明原因，会留下记录")), short(rules.LONGEST_WORDS)], filters=[trimmed]
    )  # fmt: skip


class CallForm(RevisionMixin, FlaskForm):
    opens_on = DayField(_("征集开始"), [needed(_("请填写日期")), _in_reach])
    closes_on = DayField(_("征集最后一天"), [needed(_("请填写日期")), _in_reach])
    words = TextAreaField(_("征集说明"), [short(rules.LONGEST_TEXT)], filters=[trimmed], render_kw={"rows": 5})
    everybody = BooleanField(_("所有单位都可以申报"))
    unit_ids = PickManyField(_("受邀单位"), render_kw={"size": 12})


class ProposalForm(KeyMixin, RevisionMixin, FlaskForm):
    unit_id = PickField(_("申报单位"))
    theme = StringField(_("主题"), [needed(_("请填写主题")), short(rules.LONGEST_NAME)], filters=[trimmed])
    summary = TextAreaField(_("内容介绍"), [short(rules.LONGEST_TEXT)], filters=[trimmed], render_kw={"rows": 5})
    expert = StringField(_("牵头专家"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    partners = PickManyField(_("联合单位"), render_kw={"size": 8})
    expected = WholeField(_("预计人数"), [Optional()], render_kw=_NUMERIC)
    budget = TextAreaField(_("经费说明"), [short(1000)], filters=[trimmed], render_kw={"rows": 2})
    wished_on = DayField(_("希望的日期"), [Optional(), _in_reach])
    wished_half = PickField(_("希望的时段"), default=Half.MORNING.value)
    needs = TextAreaField(_("场地要求"), [short(1000)], filters=[trimmed], render_kw={"rows": 2})

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.wished_half.choices = words_of(Half)


class AcceptForm(RevisionMixin, FlaskForm):
    on = DayField(_("日期"), [needed(_("请填写日期")), _in_reach])
    starts = ClockField(_("开始时间"), [needed(_("请填写开始时间"))])
    ends = ClockField(_("结束时间"), [needed(_("请填写结束时间"))])
    room_id = PickField(_("场地"), default="")
    place = StringField(_("地点说明"), [short(rules.LONGEST_WORDS)], filters=[trimmed])


class ManyForm(FlaskForm):
    """Rows that were ticked."""

    ids = PickManyField(_("申报"))


class GuestForm(RevisionMixin, FlaskForm):
    name = StringField(_("姓名"), [needed(_("请填写姓名")), short(40)], filters=[trimmed])
    organization = StringField(_("工作单位"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    post = StringField(_("职务或职称"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    group_id = PickField(_("礼宾组"))
    position = WholeField(_("组内次序"), [Optional()], render_kw=_NUMERIC)
    role = PickField(_("身份"), default=GuestRole.GUEST.value)
    answer = PickField(_("邀请状态"), default=Answer.PLANNED.value)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.role.choices, self.answer.choices = words_of(GuestRole), words_of(Answer)


class GroupsForm(FlaskForm):
    names = TextAreaField(
        _("礼宾组，从高到低，每行一组"), [needed(_("请至少写一组"))], filters=[trimmed], render_kw={"rows": 8}
    )  # fmt: skip
    seen = HiddenField()  # the groups as they stood when the page was made, one a line


# Which field a refusal blames; what is not here stands at the head of the form.
_BLAMED = {
    "agenda.name": "name title",
    "agenda.ends_before_start": "ends",
    "agenda.outside": "starts target_on",
    "agenda.minutes": "minutes",
    "agenda.talks_too_long": "minutes ends",
    "agenda.person": "speakers chairs name",
    "agenda.too_many": "speakers chairs",
    "agenda.person_twice": "organization",
    "agenda.person_taken": "speakers chairs",
    "agenda.person_taken_unnamed": "speakers chairs",
    "agenda.reason": "reason",
    "agenda.shift": "minutes",
    "agenda.shift_nothing": "after",
    "agenda.shift_outside": "minutes",
    "agenda.copy_nothing": "on",
    "agenda.copy_same": "target_on",
    "event.room_taken": "room_id",
    "event.room_taken_unnamed": "room_id",
    "event.ends_before_start": "ends",
    "unit.ended": "unit_id",
    "unit.not_begun": "unit_id",
    "proposal.window": "closes_on",
    "proposal.nobody": "unit_ids",
    "proposal.theme": "theme",
    "proposal.expected": "expected",
    "guest.groups": "names",
    "guest.group_twice": "names",
    "guest.group_in_use": "names",
    "guest.group": "group_id",
    "guest.name": "name",
    "guest.position": "position",
    "guest.twice": "name",
}


def refuse(form: FlaskForm, error: DomainError) -> None:
    """Put a refusal at the field that is to blame. A form that was sent before with other content gets a new key:
    pressing again is a decision."""
    core_refuse(form, error, fields=_BLAMED)
    if error.code == "agenda.key_reused" and "key" in form:
        form["key"].data = str(uuid4())
