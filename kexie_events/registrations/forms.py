"""Registering, withdrawing somebody, changing the number of places. Shape and wording only."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from . import rules


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def _digits(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").strip()


class RegistrationForm(FlaskForm):
    name = StringField(
        _("姓名"),
        [DataRequired(_("请填写姓名")), Length(max=60, message=_("姓名最多 60 个字"))],
        filters=[_trimmed],
        render_kw={"autocomplete": "name"},
    )
    phone = StringField(
        _("手机号"),
        [Length(max=40, message=_("手机号最多 40 个字符"))],
        filters=[_trimmed],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    email = StringField(
        _("邮箱"),
        [Length(max=200, message=_("邮箱最多 200 个字"))],
        filters=[_trimmed],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    submit_key = HiddenField()


class CapacityForm(FlaskForm):
    capacity = StringField(
        _("名额"),
        [Regexp(r"\d{0,7}\Z", message=_("名额请填数字；不限名额请留空"))],
        filters=[_digits],
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
        filters=[_trimmed],
        render_kw={"rows": 2},
    )


def say(form: Any, field: Any, sentence: str) -> None:
    """Put a refusal where the person can mend it: at its field, or above the form when it belongs to none."""
    if field is None:
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
