"""What the room worklist says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..worklist.progress import Period, State
from ..worklist.rules import Change, Column, Reason, Standing

SENTENCES: dict[str, LazyString] = {
    "worklist.row": _("第 %(line)s 行“%(column)s”：%(reason)s。"),
    "worklist.too_many": _("工作清单最多 %(most)s 行。"),
    "worklist.empty": _("这张表里没有一行工作项。需要的列：板块、序号、名称、责任部室。"),
    "worklist.head": _("找不到表头。表头要有这几列：%(columns)s；板块写成一列，或者像“一、”那样单独一行。"),
    "worklist.due": _("完成时限写成日期或月份，例如 12月31日、6月底、第三季度。"),
    "worklist.target_too_long": _("一个目标最多 %(most)s 个字。"),
    "worklist.too_many_targets": _("一项工作最多 %(most)s 个目标。"),
    "worklist.section": _("请填写板块，最多 %(most)s 个字。"),
    "worklist.name": _("请填写工作项目，最多 %(most)s 个字。"),
    "worklist.number": _("序号要在 1 到 999 之间。"),
    "worklist.departments": _("请填写责任部室，一共最多 %(most)s 个字。"),
    "worklist.place_taken": _("这个序号已经有别的工作项。请换一个序号。"),
    "worklist.is_removed": _("这一项已经移出清单。要改，先恢复。"),
    "worklist.reason": _("请写明为什么和推算的不同，最多 %(most)s 个字。"),
    "worklist.title": _("标题最多 %(most)s 个字。"),
    "worklist.changed_meanwhile": _("刚才有人改过。下面是两个版本，请核对后再保存。"),
    "worklist.reported_meanwhile": _("刚才有人填了这几项：%(items)s。请核对后再保存，两次都会留下。"),
    "worklist.period": _("这个周期还没有开始，或者不在这张清单里。"),
    "worklist.line": _("进展最多 %(most)s 个字。"),
    "worklist.line_needed": _("请用一句话写明进展。"),
    "worklist.actual": _("完成数要是不小于 0 的数字，最多两位小数。"),
    "worklist.evidence": _("佐证材料要是 http 或 https 开头的网址。"),
    "worklist.alias": _("请填写清单里的写法，最多 %(most)s 个字。"),
    "worklist.alias_years": _("年份要在 1900 到 2200 之间，先写开始的年份。"),
    "worklist.alias_taken": _("“%(words)s”在这些年份里已经有了说明。请先删去原来的。"),
    "worklist.alias_unit": _("请从本单位的部室里选一个。"),
    "worklist.no_such_name": _("清单里没有这个名称，或者它已经有了对应的部室。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Column.SECTION: _("板块"),
    Column.NUMBER: _("序号"),
    Column.NAME: _("名称"),
    Column.DEPARTMENTS: _("责任部室"),
    Column.SUPPORTERS: _("配合部室"),
    Column.TARGET: _("目标"),
    Column.DUE: _("完成时限"),
    Reason.EMPTY: _("是空的"),
    Reason.NO_NUMBER: _("不是 1 到 999 的数字"),
    Reason.TWICE: _("同一板块里重复了"),
    Reason.TOO_LONG: _("太长"),
    Reason.NO_DATE: _("看不出是哪一天，例如 12月31日、6月底、第三季度"),
    Reason.TARGET_TOO_LONG: _("一个目标最多 60 个字"),
    Reason.TOO_MANY: _("最多 8 个目标"),
    State.PLANNED: _("未开始"),
    State.DOING: _("进行中"),
    State.DONE: _("已完成"),
    State.LATE: _("已超期"),
    Period.MONTH: _("每月"),
    Period.QUARTER: _("每季度"),
    Change.NEW: _("新增"),
    Change.CHANGED: _("改动"),
    Change.SAME: _("不变"),
    Standing.DRAFT: _("草稿"),
    Standing.PUBLISHED: _("已发布"),
    Standing.HELD: _("已办"),
    Standing.CANCELLED: _("已取消"),
    Standing.WITHDRAWN: _("已撤下"),
}
