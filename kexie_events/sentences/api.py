"""What the room api says."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

SENTENCES: dict[str, LazyString] = {
    "api.unknown_parameter": _("没有“%(parameter)s”这个参数。可以用的有：%(known)s。"),
    "api.takes_none": _("这个地址不带参数，“%(parameter)s”没有用处。"),
    "api.repeated": _("参数“%(parameter)s”只能写一次。"),
    "api.choice": _("参数“%(parameter)s”只能是：%(choices)s。"),
    "api.number": _("参数“%(parameter)s”要写 %(least)s 到 %(most)s 之间的整数。"),
    "api.name": _("参数“%(parameter)s”不能为空，最多 %(most)s 个字，不能有换行等控制字符。"),
    "api.moment": _(
        "参数“%(parameter)s”要写日期（2026-03-12）或带时区的时间（2026-03-12T06:00:00Z），1900 年到 2200 年之间。"
    ),
    "api.from_to": _("参数“to”要晚于“from”。"),
    "api.cursor": _("参数“cursor”要原样取自上一页的 next。"),
    "api.too_long_ago": _("参数“%(parameter)s”最多往前 %(days)s 天。更早的副本请全部重取一次。"),
    "api.names_nothing": _("参数“%(parameter)s”指的内容不存在，或没有公开。"),
}
