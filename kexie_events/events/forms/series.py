"""What is filled in about a series."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from ...core import web
from ...core.fields import PickField, WholeField, words_of
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import KeyMixin, RevisionMixin
from ..fields import LONGEST_TEXT, RoomMixin, short_text
from ..kinds import Kind, Topic, kinds_of
from ..numbering import Style
from ..patterns.forms import PatternMixin


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


class SeriesForm(KeyMixin, _WhatMixin, RoomMixin, PatternMixin, FlaskForm):
    """A new series and its dates. A series without an address of its own gets one from the form's key."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = [choice for topic in Topic for choice in words_of(kinds_of(topic), web.label(topic))]
        self.style.choices = words_of(Style)
        self.offer_days()

    @property
    def chosen_kind(self) -> Kind:
        return Kind(self.kind.data)


class SeriesWordsForm(RevisionMixin, FlaskForm):
    name = StringField(_("系列名称"), [_needed(_("请填写系列名称")), short_text()], filters=[_trimmed])
    summary = TextAreaField(_("简介"), [short_text(LONGEST_TEXT)], filters=[_trimmed], render_kw={"rows": 6})
