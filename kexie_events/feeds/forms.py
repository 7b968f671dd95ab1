"""What is chosen of a calendar; a personal one, made and changed."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget, RadioInput

from ..core.fields import PickField, PickManyField, trimmed, words_of
from ..core.forms import KeyMixin, RevisionMixin
from ..core.forms import refuse as core_refuse
from .choices import PLAIN, Alarm, Cancelled, Choice, Contents
from .models import Subscription
from .rules import LONGEST_LABEL, PersonalPart


def _one_of(words: Any, default: Any, description: Any = "") -> PickField:
    return PickField(
        words, default=default.value, description=description, option_widget=RadioInput(),
        widget=ListWidget(prefix_label=False),
    )  # fmt: skip


class ChoiceForm(FlaskForm):
    """What is chosen of a calendar, whichever it is."""

    contents = _one_of(_("日历里放什么"), PLAIN.contents, _("“截止”里也有申报开放、公示这些节点。"))
    cancelled = _one_of(
        _("活动取消以后"), PLAIN.cancelled, _("标注的会在日历里再留 30 天，免得白跑一趟；有的日历会自己划掉或藏起来。")
    )
    alarm = _one_of(
        _("到时候提醒"),
        PLAIN.alarm,
        _("安卓日历一般照办；iPhone 和 Mac 订阅时会问要不要保留提醒；Google 和 Outlook 不理会订阅日历里的提醒。"),
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.contents.choices = words_of(Contents)
        self.cancelled.choices = words_of(Cancelled)
        self.alarm.choices = words_of(Alarm)

    @property
    def choice(self) -> Choice:
        """Of a form that was sent whole and is sound."""
        return Choice(Contents(self.contents.data), Cancelled(self.cancelled.data), Alarm(self.alarm.data))


def choice_values(choice: Choice) -> dict[str, str]:
    """Of the fields of ``ChoiceForm``."""
    return {
        "contents": choice.contents.value, "cancelled": choice.cancelled.value, "alarm": choice.alarm.value,
    }  # fmt: skip


class ShownChoiceForm(ChoiceForm):
    """The choice of a public calendar. Only reads, so it needs no token."""

    class Meta:
        csrf = False


class PersonalForm(ChoiceForm):
    """A personal calendar: which device it is for, and what it holds."""

    label = StringField(
        _("用在哪里"),
        [
            InputRequired(_("请填写用在哪里，例如：我的手机")),
            Length(max=LONGEST_LABEL, message=_("最多 40 个字")),
        ],
        filters=[trimmed],
        render_kw={"autocomplete": "off"},
    )
    parts = PickManyField(
        _("放进哪些"),
        [InputRequired(_("请至少选一项，不然日历里什么都没有。"))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def offer(self, parts: Iterable[PersonalPart]) -> None:
        """What there is to choose from."""
        self.parts.choices = words_of(parts)

    @property
    def ticked(self) -> set[PersonalPart]:
        """Of a sound form."""
        return {PersonalPart(part) for part in self.parts.data or ()}


class AddForm(KeyMixin, PersonalForm):
    """A new address."""


class ChangeForm(RevisionMixin, PersonalForm):
    """What an address holds."""

    @classmethod
    def of(cls, row: Subscription) -> "ChangeForm":
        """Filled from what stands."""
        values = {"label": row.label, "parts": [part.value for part in row.parts], "revision": str(row.revision)}
        return cls(formdata=None, data={**values, **choice_values(row.choice)})


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "feed.label": "label",
        "feed.parts": "parts",
    },
)
