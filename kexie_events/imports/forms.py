"""What is filled in to bring a calendar: shape and wording only."""

from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField, TextAreaField

from ..core.fields import needed, short, trimmed
from ..core.forms import KeyMixin, RevisionMixin, SeenMixin
from ..core.forms import refuse as core_refuse
from . import addresses, rules


class UploadForm(KeyMixin, FlaskForm):
    """A file, or what stands in it."""

    file = FileField(_("日历文件"), render_kw={"accept": ".ics,.ical,.ifb,text/calendar"})
    text = TextAreaField(_("或者粘贴日历内容"), render_kw={"rows": 5, "spellcheck": "false"})


class AddressForm(KeyMixin, FlaskForm):
    """The address of a calendar that is kept."""

    address = StringField(
        _("日历地址"), [needed(_("请填写日历地址")), short(addresses.LONGEST)], filters=[trimmed],
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    label = StringField(_("叫什么"), [short(rules.LONGEST_LABEL)], filters=[trimmed])
    is_daily = BooleanField(_("每天自动看一次有没有改动"))


class SourceForm(RevisionMixin, FlaskForm):
    """A source that is kept; another address is another source."""

    label = StringField(
        _("叫什么"), [needed(_("请填写名称")), short(rules.LONGEST_LABEL)], filters=[trimmed]
    )  # fmt: skip
    is_daily = BooleanField(_("每天自动看一次有没有改动"))


class ApplyForm(SeenMixin, FlaskForm):
    """What is done with a preview. The ticks are read by the view: their names are those of the dates."""

    not_previewed = frozenset({"reason", "uses_rooms"})
    reason = StringField(_("原因"), [short(200)], filters=[trimmed])
    uses_rooms = BooleanField(_("认出的场地记为占用"), default=True)


FIELDS: dict[str, Any] = {
    "import.too_big": "file", "import.empty": "text", "import.not_calendar": "text", "import.too_many_events": "file",
    "import.too_many_items": "file", "import.label": "label", "import.address": "address",
    "import.address_port": "address", "import.address_secret": "address", "import.source_twice": "address",
    "event.reason": "reason", "event.room_taken": "uses_rooms", "event.room_taken_unnamed": "uses_rooms",
    "event.overlaps_itself": "uses_rooms",
}  # fmt: skip

refuse = partial(core_refuse, fields=FIELDS)
