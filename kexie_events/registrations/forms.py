"""Registering, withdrawing somebody, changing the number of places. Shape and wording only."""

from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from ..core.fields import half_width, trimmed
from ..core.forms import refuse as core_refuse
from . import rules


class RegistrationForm(FlaskForm):
    name = StringField(
        _("姓名"),
        [DataRequired(_("请填写姓名")), Length(max=60, message=_("姓名最多 60 个字"))],
        filters=[trimmed],
        render_kw={"autocomplete": "name"},
    )
    phone = StringField(
        _("手机号"),
        [Length(max=40, message=_("手机号最多 40 个字符"))],
        filters=[trimmed],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    email = StringField(
        _("邮箱"),
        [Length(max=200, message=_("邮箱最多 200 个字"))],
        filters=[trimmed],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    submit_key = HiddenField()


class CapacityForm(FlaskForm):
    capacity = StringField(
        _("名额"),
        [Regexp(r"\d{0,7}\Z", message=_("名额请填数字；不限名额请留空"))],
        filters=[trimmed, half_width],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 7},
    )

    @property
    def number(self) -> int | None:
        """None: no limit."""
        return int(self.capacity.data) if self.capacity.data else None


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        _("原因"),
        [
            DataRequired(_("请填写原因")),
            Length(max=rules.LONGEST_REASON, message=_("原因最多 %(max)d 个字")),
        ],
        filters=[trimmed],
        render_kw={"rows": 2},
    )


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "person.name": "name",
        "person.phone": "phone",
        "registration.email": "email",
        "registration.contact": "phone",
        "registration.reason": "reason",
        "event.capacity": "capacity",
        "event.capacity_below_taken": "capacity",
    },
)
