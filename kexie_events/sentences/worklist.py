"""What the room worklist says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..worklist.rules import Change, Column, Reason, Standing

SENTENCES: dict[str, LazyString] = {
    "worklist.row": _("第 %(line)s 行“%(column)s”：%(reason)s。"),
    "worklist.too_many": _("工作清单最多 %(most)s 行。"),
    "worklist.too_big": _("清单最大 %(kilobytes)s KB。请只留下清单这一张表。"),
    "worklist.not_text": _("这个文件不是文字表格。请在 Excel 里另存为 CSV 再传，或者把表格复制、粘贴到下面。"),
    "worklist.empty": _("这张表里没有一行工作项。需要的列：板块、序号、名称、责任部室。"),
    "worklist.head": _("找不到表头。表头要有这几列：%(columns)s；板块写成一列，或者像“一、”那样单独一行。"),
    "worklist.unreadable": _("第 %(line)s 行读不下去，多半是引号没有成对。请改好再传。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Column.SECTION: _("板块"),
    Column.NUMBER: _("序号"),
    Column.NAME: _("名称"),
    Column.DEPARTMENTS: _("责任部室"),
    Reason.EMPTY: _("是空的"),
    Reason.NO_NUMBER: _("不是 1 到 999 的数字"),
    Reason.TWICE: _("同一板块里重复了"),
    Reason.TOO_LONG: _("太长"),
    Change.NEW: _("新增"),
    Change.CHANGED: _("改动"),
    Change.SAME: _("不变"),
    Standing.DRAFT: _("草稿"),
    Standing.PUBLISHED: _("已发布"),
    Standing.HELD: _("已办"),
    Standing.CANCELLED: _("已取消"),
    Standing.WITHDRAWN: _("已撤下"),
}
