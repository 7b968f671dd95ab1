"""What the room accounts says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..accounts.rules import AccountState

SENTENCES: dict[str, LazyString] = {
    "account.wrong": _("邮箱或密码不对。请再试一次；忘记密码可以用邮箱重设。"),
    "account.taken": _("邮箱 %(identifier)s 已有账号。"),
    "account.too_many": _("试得太多了，请 5 分钟后再试。"),
    "account.email": _("邮箱要写成 name@example.org 这样，链接会寄到这里。"),
    "account.unknown": _("没有 %(identifier)s 这个能登录的账号。请先在这个人所在单位的页面上添加或恢复。"),
    "account.same_person": _("用同一个邮箱登记过的人里已经有一位叫%(name)s，请核对姓名。"),
    "account.password_short": _("密码至少 %(least)s 个字，可以是一句话。"),
    "account.password_long": _("密码最多 %(most)s 个字。"),
    "account.password_obvious": _("这个密码太容易猜到。请不要用邮箱、连续的数字或反复的字。"),
    "account.password_wrong": _("现在的密码不对。"),
    "account.is_closed": _("这个账号已停用。请先恢复使用。"),
    "account.own": _("不能停用自己的账号。请别的管理员来做。"),
    "account.above": _("这个账号还有你管不到的授权，不能由你改。请联系上级单位的组织者或系统管理员。"),
    "account.last_administrator": _("这是最后一位长期有效的系统管理员。请先让另一个人成为系统管理员。"),
    "account.link_over": _("这个链接已经用过、过期，或者被更新的链接代替。"),
    "account.link_recent": _("刚寄过一封，%(minutes)s 分钟里只寄一封。请先请本人看看收件箱和垃圾邮件。"),
    "account.too_many_links": _("要得太多了，请 15 分钟后再试。先看看收件箱和垃圾邮件。"),
    "grant.given": _("这个账号在这里已有“%(role)s”的授权。要改期限，请先收回再给。"),
    "grant.role": _("“%(role)s”不能在这里授权。"),
    "grant.not_held": _("你自己没有“%(role)s”的全部权限，不能给别人，也不能收回。"),
    "grant.own": _("不能给自己授权。请上级单位的组织者或系统管理员来给。"),
    "grant.outlasts": _("你自己的授权到%(until)s为止，给别人的不能更久。最后一天请填到这一天或更早。"),
    "grant.ends_before_start": _("授权的最后一天不能早于第一天。"),
    "setup.done": _("这里已有单位或账号，不用再做初始设置。"),
    "person.name": _("请填写姓名，最多 %(most)s 个字。"),
    "person.phone": _("手机号是 11 位数字，以 1 开头；座机请带区号。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    AccountState.INVITED: _("待开通"),
    AccountState.ACTIVE: _("使用中"),
    AccountState.CLOSED: _("已停用"),
}
