"""What the room contests says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..contests.difference import Item
from ..contests.rules import Fault

SENTENCES: dict[str, LazyString] = {
    "rule_pack.unsound": _("规则包的“%(where)s”%(fault)s，没有保存，原来的规则不变。"),
    "rule_pack.json": _("这不是规则包：第 %(line)s 行第 %(column)s 个字附近不合 JSON 的写法。原来的规则不变。"),
    "rule_pack.large": _("文件太大，规则包最多 %(most)s KB。"),
    "rule_pack.no_source": _("请选一届，或者选一个文件。"),
    "rule_pack.changed_meanwhile": _("你核对的时候，别人改过这一届的规则。下面是和现在的规则的差别，请重新核对。"),
    "rule_pack.code_in_use": _(
        "已有 %(works)s 件作品（含草稿）选了“%(name)s”，不能从规则里删去；可以改名，也可以增加新的。"
    ),
    "rule_pack.team_in_use": _("已有作品的作者有 %(members)s 人，人数上限不能降到 %(most)s 人。"),
    "rule_pack.file_in_use": _("已有 %(used)s MB 的文件，每个文件的上限不能降到 %(most)s MB。"),
    "rule_pack.scored": _("已有 %(sheets)s 份评分，指标、满分、最小分值、算分方法和同分规则不能再改；文字说明可以改。"),
    "rule_pack.none": _("这一届还没有竞赛规则。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Fault.MISSING: _("没有写"),
    Fault.UNKNOWN: _("不是规则包里的名字"),
    Fault.NO_OBJECT: _("要写成一组“名字：值”"),
    Fault.NO_LIST: _("要是列表，至少一项"),
    Fault.TOO_MANY: _("项数太多，请分开或精简"),
    Fault.NO_TEXT: _("要是文字，写在引号里"),
    Fault.TWICE: _("和前面的重复"),
    Fault.RANGE: _("要是整数，并且在允许的范围里"),
    Fault.CHOICE: _("不是能选的值"),
    Fault.POINTS: _('要是大于 0 的分数，写在引号里，例如 "30"'),
    Fault.STEPS: _("不是最小分值的整数倍"),
    Fault.BAND: _("的分数段反了，或者超过满分"),
    Item.CATEGORY: _("类别"),
    Item.GROUP: _("组别"),
    Item.DISCIPLINE: _("学科"),
    Item.MOST_MEMBERS: _("作者人数上限"),
    Item.MOST_MEGABYTES: _("每个文件的上限（MB）"),
    Item.JUDGES_PER_ENTRY: _("每件作品的评委数"),
    Item.OWN_DISTRICT: _("本区县回避"),
    Item.METHOD: _("算分方法"),
    Item.TIE_BREAKS: _("同分规则"),
    Item.STEP: _("最小分值"),
    Item.MAIN: _("主要指标"),
    Item.CRITERION: _("评分指标"),
    Item.CLAUSE: _("引用的条款"),
    Item.OTHER: _("其他"),
}
