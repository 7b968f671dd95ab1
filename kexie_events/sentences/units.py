"""What the room units says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..units.rules import UnitKind

SENTENCES: dict[str, LazyString] = {
    "table.missing": _("第 %(line)s 行的 %(column)s 列是空的，整张表都没有导入。"),
    "table.twice": _("第 %(line)s 行的 %(column)s 列“%(value)s”在上面出现过，整张表都没有导入。"),
    "table.unreadable": _("第 %(line)s 行的 %(column)s 列“%(value)s”不对，整张表都没有导入。"),
    "table.unknown": _("第 %(line)s 行的 %(column)s 列“%(value)s”查不到；上级要排在下级前面。整张表都没有导入。"),
    "table.moved": _("第 %(line)s 行的 %(column)s 列“%(value)s”和现在的上级不同；导入不移动单位。整张表都没有导入。"),
    "table.too_many": _("表格最多 %(most)s 行。"),
    "table.empty": _("这张表里一行也没有。需要的列：%(columns)s。"),
    "unit.name": _("请填写单位名称，最多 %(most)s 个字。"),
    "unit.root": _("最上面的单位不能撤销。"),
    "unit.slug": _("网址名只能用小写字母、数字和连字符，最多 60 个，不能是 unit- 加数字。也可以留空。"),
    "unit.closed": _("%(unit)s已撤销，不能再添加账号或授权。"),
    "unit.ended": _("%(unit)s从%(on)s起不再使用，不能承办新的活动。请选现在的单位。"),
    "unit.not_begun": _("%(unit)s从%(on)s起才使用，现在还不能承办活动。"),
    "unit.slug_taken": _("网址名 %(slug)s 已被别的单位使用，请换一个。"),
    "unit.closes_before_start": _("撤销日期要晚于设立日期（%(valid_from)s）。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    UnitKind.ASSOCIATION: _("科协"),
    UnitKind.DEPARTMENT: _("部室"),
    UnitKind.SOCIETY: _("学会"),
    UnitKind.SCHOOL: _("学校"),
    UnitKind.ENTERPRISE: _("企业"),
    UnitKind.INSTITUTION: _("事业单位"),
}
