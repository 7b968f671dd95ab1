"""What the room feeds says."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

SENTENCES: dict[str, LazyString] = {
    "feed.label": _("请填写用在哪里，最多 %(most)s 个字。"),
    "feed.ended": _("“%(label)s”的这个地址已经停用，没有再换。请在列表里找到还在用的那一个。"),
    "feed.too_many": _("最多有 %(most)s 个个人地址。请先停用不再用的。"),
}
