"""What is filled in about hosts: months off, hand-over, exchanges, asking for approval."""

from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ...core import web
from ...core.fields import PickField, PickManyField, WholeField, needed, short, trimmed
from ...core.forms import RevisionMixin
from ...core.forms import refuse as core_refuse
from ..rules import LONGEST_NAME
from .rotation import MONTHS
from .rules import LONGEST_GUESTS


class JoinForm(RevisionMixin, FlaskForm):
    unit_id = HiddenField()


class MonthsForm(RevisionMixin, FlaskForm):
    months = PickManyField(
        _("不承办的月份"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), coerce=int
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.months.choices = [SelectChoice(month, web.month_name(month)) for month in MONTHS]


class HandoverForm(RevisionMixin, FlaskForm):
    days = WholeField(_("每期办完后，承办单位再管几天"), [Optional()], render_kw={"inputmode": "numeric"})


class SwapForm(FlaskForm):
    """Two issues, and who ran each when the page was made."""

    first = PickField(_("哪一期"))
    second = PickField(_("和哪一期对调"))
    hosts = HiddenField()
    reason = StringField(_("原因"), [short(200)], filters=[trimmed])

    @property
    def seen(self) -> tuple[int, int]:
        first, _comma, second = (self.hosts.data or "").partition(",")
        return web.whole_number(first, -1), web.whole_number(second, -1)


class RequestForm(FlaskForm):
    theme = StringField(_("主题"), [needed(_("请填写主题")), short(LONGEST_NAME)], filters=[trimmed])
    guests = TextAreaField(
        _("嘉宾和参加的人"),
        [needed(_("请写明拟请的嘉宾和参加的人；没有嘉宾，也请写明")), short(LONGEST_GUESTS)],
        filters=[trimmed],
        render_kw={"rows": 5},
    )


class ReturnForm(FlaskForm):
    answer = StringField(
        _("退回的原因"), [needed(_("请写明退回的原因，承办单位会看到")), short(200)], filters=[trimmed]
    )


refuse = partial(
    core_refuse,
    fields={
        "event.theme": "theme",
        "event.guests": "guests",
        "event.return_reason": "answer",
        "rotation.handover": "days",
        "rotation.month": "months",
        "rotation.months": "months",
        "rotation.swap_same": "second",
        "rotation.swap_blackout": "second",
    },
)
