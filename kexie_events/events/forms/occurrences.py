"""What is filled in about one occurrence."""

from uuid import uuid4

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from ...core.fields import DayField, MomentField, WholeField
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import RevisionMixin
from .. import rules
from ..fields import LONGEST_TEXT, RoomMixin, TimesMixin, short_text


class OccurrenceForm(RoomMixin, TimesMixin, FlaskForm):
    title = StringField(_("场次名称"), [short_text()], filters=[_trimmed])
    summary = TextAreaField(_("说明"), [short_text(LONGEST_TEXT)], filters=[_trimmed])
    registration = BooleanField(_("接受报名"))
    capacity = WholeField(_("名额"), [Optional()], render_kw={"inputmode": "numeric"})
    opens_on = DayField(_("报名开放"), [Optional()])
    closes_on = DayField(_("报名最后一天"), [Optional()])
    key = HiddenField(default=lambda: str(uuid4()))


class MoveForm(RoomMixin, TimesMixin, RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [short_text(200)], filters=[_trimmed])


class WordsForm(RevisionMixin, FlaskForm):
    title = StringField(_("场次名称"), [short_text()], filters=[_trimmed])
    summary = TextAreaField(_("说明"), [short_text(LONGEST_TEXT)], filters=[_trimmed])


class SkipForm(RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，会留下记录")), short_text(200)], filters=[_trimmed])


class WindowForm(RevisionMixin, FlaskForm):
    registration = BooleanField(_("接受报名"))
    opens_at = MomentField(_("报名开放"), [Optional()])
    closes_at = MomentField(_("报名截止"), [Optional()])
    places_note = StringField(_("名额说明"), [short_text(rules.LONGEST_NOTE)], filters=[_trimmed])


class CancelForm(RevisionMixin, FlaskForm):
    reason = StringField(_("原因"), [_needed(_("请写明原因，已报名的人会看到")), short_text(200)], filters=[_trimmed])
