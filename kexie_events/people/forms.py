"""What is filled in about units, accounts and roles: shape and wording only."""

from datetime import date, timedelta
from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, Optional

from ..core.fields import DayField, PickField, needed, short, trimmed, words_of
from ..core.forms import refuse as core_refuse
from ..units.rules import LONGEST_NAME, UnitKind

_MAIL = {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


class UnitForm(FlaskForm):
    name = StringField(_("单位名称"), [needed(_("请填写单位名称")), short(LONGEST_NAME)], filters=[trimmed])
    kind = PickField(_("类型"), default=UnitKind.SCHOOL.value)
    region_id = PickField(_("区县"), default="")
    valid_from = DayField(_("从哪天起"), [Optional()])

    def offer_kinds(self) -> None:
        self.kind.choices = words_of(UnitKind)

    @property
    def region(self) -> int | None:
        return int(self.region_id.data) if self.region_id.data else None


class NewUnitForm(UnitForm):
    slug = StringField(
        _("网址名"), [short(60)], filters=[trimmed], render_kw={"autocapitalize": "none", "spellcheck": "false"}
    )


class CloseForm(FlaskForm):
    on = DayField(_("从哪天起不再使用"), [needed(_("请填写日期"))])


class SpanMixin:
    """From one day until another; both may be left open."""

    first_on = DayField(_("从哪天起"), [Optional()])
    last_on = DayField(_("到哪天为止"), [Optional()])

    @property
    def valid_from(self) -> date | None:
        day: date | None = self.first_on.data
        return day

    @property
    def valid_to(self) -> date | None:
        """The day after the last: what people call the last day is still part of it."""
        return self.last_on.data + timedelta(days=1) if self.last_on.data else None


class AccountForm(SpanMixin, FlaskForm):
    name = StringField(
        _("姓名"), [needed(_("请填写姓名")), short(60)], filters=[trimmed], render_kw={"autocomplete": "off"}
    )
    email = StringField(
        _("邮箱"),
        [needed(_("请填写邮箱")), Length(max=200, message=_("邮箱最多 200 个字"))],
        filters=[trimmed],
        render_kw=_MAIL,
    )
    role = PickField(_("授权"), default="")


class PersonForm(FlaskForm):
    name = StringField(
        _("姓名"), [needed(_("请填写姓名")), short(60)], filters=[trimmed], render_kw={"autocomplete": "off"}
    )
    unit_id = PickField(_("单位"))


class RoleForm(SpanMixin, FlaskForm):
    identifier = StringField(
        _("账号邮箱"),
        [needed(_("请填写账号邮箱")), Length(max=200, message=_("邮箱最多 200 个字"))],
        filters=[trimmed],
        render_kw=_MAIL,
    )
    role = PickField(_("授权"))


class ForgottenForm(FlaskForm):
    identifier = StringField(
        _("邮箱"),
        [needed(_("请填写邮箱")), Length(max=200, message=_("邮箱最多 200 个字"))],
        filters=[trimmed],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "account.email": "email",
        "account.taken": "email",
        "account.unknown": "identifier",
        "account.password_short": "password",
        "account.password_long": "password",
        "account.password_obvious": "password",
        "account.same_person": "name",
        "grant.given": "role",
        "grant.not_held": "role",
        "grant.outlasts": "last_on",
        "grant.own": "identifier",
        "grant.role": "role",
        "grant.ends_before_start": "last_on",
        "person.name": "name",
        "unit.name": "name",
        "unit.slug": "slug",
        "unit.slug_taken": "slug",
        "unit.closes_before_start": "on valid_from",
    },
)
