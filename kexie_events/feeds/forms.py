"""Choosing what to subscribe to; naming a personal address."""

from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ..core.forms import refuse as core_refuse
from .rules import LONGEST_LABEL


class ChoiceForm(FlaskForm):
    """Which calendar. Only reads, so it needs no token."""

    class Meta:
        csrf = False

    series = SelectField(_("订阅哪些活动"), validate_choice=False)


class AddressForm(FlaskForm):
    """The name of a personal address: which device or calendar it is for."""

    label = StringField(
        _("用在哪里"),
        [
            InputRequired(_("请填写用在哪里，例如：我的手机")),
            Length(max=LONGEST_LABEL, message=_("最多 40 个字")),
        ],
        render_kw={"autocomplete": "off"},
    )


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "feed.label": "label",
    },
)
