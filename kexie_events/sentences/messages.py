"""What the room messages says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..messages.rules import MessageState

LABELS: dict[enum.Enum, LazyString] = {
    MessageState.DUE: _("待发"),
    MessageState.SENDING: _("发送中"),
    MessageState.SENT: _("已发"),
    MessageState.DEAD: _("发送失败"),
    MessageState.CANCELLED: _("不再需要"),
    MessageState.UNREACHABLE: _("没有邮箱"),
}
