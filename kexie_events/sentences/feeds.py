"""What the room feeds says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..feeds.asked import Scope
from ..feeds.choices import Alarm, Cancelled, Contents
from ..feeds.rules import PersonalPart

SENTENCES: dict[str, LazyString] = {
    "feed.label": _("请填写用在哪里，最多 %(most)s 个字。"),
    "feed.parts": _("请至少选一项，不然日历里什么都没有。"),
    "feed.changed": _("这个日历刚刚在别处改过。请对照两个版本，再按一次保存就用你填的。"),
    "feed.over": _("“%(label)s”的地址已经停用，不能再改。"),
    "feed.ended": _("“%(label)s”的这个地址已经停用，没有再换。请在列表里找到还在用的那一个。"),
    "feed.too_many": _("最多有 %(most)s 个个人地址。请先停用不再用的。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Scope.ALL: _("全部"),
    Scope.TOPIC: _("类别"),
    Scope.KIND: _("类型"),
    Scope.SERIES: _("系列"),
    Scope.EDITION: _("届次"),
    Scope.UNIT: _("单位"),
    Scope.REGION: _("区县"),
    Scope.VENUE: _("场馆"),
    Contents.ALL: _("活动和截止"),
    Contents.DATES: _("只要活动"),
    Contents.DEADLINES: _("只要截止"),
    Cancelled.MARKED: _("标注“已取消”"),
    Cancelled.REMOVED: _("直接移除"),
    Alarm.NONE: _("不提醒"),
    Alarm.HALF_HOUR: _("提前 30 分钟"),
    Alarm.DAY: _("提前一天"),
    PersonalPart.REGISTRATIONS: _("我的报名"),
    PersonalPart.ENTRIES: _("我的作品的节点"),
    PersonalPart.JUDGING: _("我的评审任务"),
}
