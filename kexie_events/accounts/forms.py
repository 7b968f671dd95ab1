"""Signing in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


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
