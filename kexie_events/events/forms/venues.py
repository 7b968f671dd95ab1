"""What is filled in about venues and rooms."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    StringField,
)
from wtforms.validators import Optional

from ...core.fields import PickField, WholeField
from ...core.fields import needed as _needed
from ...core.fields import trimmed as _trimmed
from ...core.forms import RevisionMixin
from ..fields import short_text


class VenueForm(RevisionMixin, FlaskForm):
    venue_name = StringField(_("场馆名称"), [_needed(_("请填写场馆名称")), short_text()], filters=[_trimmed])
    address = StringField(_("地址"), [short_text(200)], filters=[_trimmed])
    region_id = PickField(_("区县"), default="")


class RoomForm(FlaskForm):
    venue_id = PickField(_("场馆"))
    room_name = StringField(_("场地名称"), [_needed(_("请填写场地名称")), short_text()], filters=[_trimmed])
    seats = WholeField(_("座位数"), [Optional()], render_kw={"inputmode": "numeric"})
