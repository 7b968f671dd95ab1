"""What the room registrations says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..registrations.rules import RegistrationState

SENTENCES: dict[str, LazyString] = {
    "registration.not_open": _("报名还没有开始，%(opens_at)s开放。"),
    "registration.closed": _("报名已于 %(closed_at)s 截止，不再接受报名。"),
    "registration.cancelled": _("这个场次已取消，不再接受报名。"),
    "registration.none": _("这个场次不需要报名，直接到场就可以。"),
    "registration.draft": _("这个场次还没有发布，发布后才能报名。"),
    "registration.duplicate": _(
        "这位参加者已经报过名，不用再报。查看或退出，请打开报名后收到的链接；有账号的请登录后到“我的”里看。"
    ),
    "registration.key_reused": _("这张表已经提交过一次，内容和这次不同。请核对后再提交，会作为新的报名处理。"),
    "registration.email": _("邮箱要写成 name@example.org 这样。"),
    "registration.contact": _("手机号和邮箱至少填一个，否则没法通知你。"),
    "registration.over": _("活动已于 %(ends_at)s 结束，报名记录不能再改。"),
    "registration.reason": _("请写明原因，最多 %(most)s 个字。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    RegistrationState.CONFIRMED: _("已报名"),
    RegistrationState.WAITING: _("候补中"),
    RegistrationState.WITHDRAWN: _("已退出"),
}
