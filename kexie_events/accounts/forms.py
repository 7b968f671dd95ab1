"""Signing in, and one's own password."""

from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ..core.forms import refuse as core_refuse


class SignInForm(FlaskForm):
    identifier = StringField(
        _("邮箱"),
        [InputRequired(_("请填写邮箱")), Length(max=200, message=_("邮箱最多 200 个字"))],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _("密码"),
        [InputRequired(_("请填写密码")), Length(max=200, message=_("密码最多 200 个字"))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class NewPasswordMixin:
    """A password, typed twice. What makes it too weak is a rule of its own."""

    password = PasswordField(
        _("新密码"),
        [InputRequired(_("请填写新密码"))],
        description=_("至少 10 个字，越长越好，可以是一句只有你记得的话。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("再填一次新密码"),
        [InputRequired(_("请再填一次新密码")), EqualTo("password", _("两次填的密码不一样"))],
        render_kw={"autocomplete": "new-password"},
    )


class NewPasswordForm(NewPasswordMixin, FlaskForm):
    """Behind a one-time link."""


class OwnPasswordForm(NewPasswordMixin, FlaskForm):
    current = PasswordField(
        _("现在的密码"),
        [InputRequired(_("请填写现在的密码")), Length(max=200, message=_("密码最多 200 个字"))],
        render_kw={"autocomplete": "current-password"},
    )


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "account.password_wrong": "current",
        "account.password_short": "password",
        "account.password_long": "password",
        "account.password_obvious": "password",
    },
)
