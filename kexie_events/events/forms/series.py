"""What is filled in about a series."""

import re
import secrets
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from ...core import web
from ...core.fields import PickField, WholeField, words_of
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import RevisionMixin
from ..fields import LONGEST_TEXT, RoomMixin, short_text
from ..kinds import Kind, Topic, kinds_of
from ..numbering import Style
from ..patterns.forms import PatternMixin


def new_series_key() -> str:
    """One per rendered form; it becomes part of the address of a series without one."""
    return secrets.token_hex(4)


class _WhatMixin:
    name = StringField(_("系列名称"), [_needed(_("请填写系列名称")), short_text()], filters=[_trimmed])
    kind = PickField(_("类型"))
    unit_id = PickField(_("主办单位"))
    summary = TextAreaField(_("简介"), [short_text(LONGEST_TEXT)], filters=[_trimmed], render_kw={"rows": 4})
    slug = StringField(
        _("网址"), [short_text(60)], filters=[_trimmed], render_kw={"autocapitalize": "none", "spellcheck": "false"}
    )
    style = PickField(_("届次写法"), default=Style.ORDINAL.value)
    first_number = WholeField(_("从第几届（期）开始"), [Optional()], default=1, render_kw={"inputmode": "numeric"})
    year = WholeField(_("计入哪一年"), [_needed(_("请填写年份"))], render_kw={"inputmode": "numeric"})


class SeriesForm(_WhatMixin, RoomMixin, PatternMixin, FlaskForm):
    """A new series and its dates."""

    # One per rendered form: a series without an address of its own gets one from it, so that pressing twice
    # makes one series.
    key = HiddenField(default=lambda: new_series_key())

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = [choice for topic in Topic for choice in words_of(kinds_of(topic), web.label(topic))]
        self.style.choices = words_of(Style)
        self.offer_days()

    @property
    def chosen_kind(self) -> Kind:
        return Kind(self.kind.data)

    @property
    def sound_key(self) -> str:
        """The form's key; a new one when somebody sends none of ours."""
        key = self.key.data or ""
        return key if re.fullmatch(r"[0-9a-f]{8}", key) else new_series_key()


class SeriesWordsForm(RevisionMixin, FlaskForm):
    name = StringField(_("系列名称"), [_needed(_("请填写系列名称")), short_text()], filters=[_trimmed])
    summary = TextAreaField(_("简介"), [short_text(LONGEST_TEXT)], filters=[_trimmed], render_kw={"rows": 6})
