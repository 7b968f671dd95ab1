"""What the room people says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..people.rules import Deed

LABELS: dict[enum.Enum, LazyString] = {
    Deed.ACCOUNT_ADDED: _("添加账号"),
    Deed.ACCOUNT_CHANGED: _("修改姓名或单位"),
    Deed.ACCOUNT_CLOSED: _("停用账号"),
    Deed.ACCOUNT_REOPENED: _("恢复账号"),
    Deed.GRANT_GIVEN: _("给予授权"),
    Deed.GRANT_WITHDRAWN: _("收回授权"),
    Deed.PASSWORD_SET: _("设置密码"),
    Deed.SESSIONS_ENDED: _("退出其他设备"),
    Deed.LINK_SENT: _("寄出一次性链接"),
    Deed.SUBSCRIPTION_ADDED: _("建个人日历地址"),
    Deed.SUBSCRIPTION_CHANGED: _("改个人日历的内容"),
    Deed.SUBSCRIPTION_ROTATED: _("换个人日历地址"),
    Deed.SUBSCRIPTION_REVOKED: _("停用个人日历地址"),
    Deed.UNIT_ADDED: _("添加单位"),
    Deed.UNIT_CHANGED: _("修改单位"),
    Deed.UNIT_CLOSED: _("撤销单位"),
    Deed.UNIT_REOPENED: _("取消撤销"),
}
