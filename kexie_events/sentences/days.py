"""What the room days says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..days.named import Basis, Named
from ..days.rules import FlagKind, Origin, Ruling

SENTENCES: dict[str, LazyString] = {
    "days.year": _("年份要在 %(least)s 到 %(most)s 之间。"),
    "days.source": _("依据最多 %(most)s 个字。"),
    "days.words": _("名称最多 %(most)s 个字。"),
    "days.backwards": _("最后一天要在%(first)s或以后。"),
    "days.other_year": _("日期要在%(year)s年里。"),
    "days.too_long": _("最多 %(most)s 天。"),
    "days.too_much": _("一次最多 %(lines)s 行、%(characters)s 个字。"),
    "days.nothing": _("没有读到日期。请每行写日期和“放假”或“上班”，例如“2月5日至11日 放假 春节”。"),
    "days.line_no_date": _("第 %(line)s 行没有日期。请写成“2月5日至11日 放假 春节”。"),
    "days.line_no_kind": _("第 %(line)s 行没有写是“放假”还是“上班”。"),
    "days.line_no_such_day": _("第 %(line)s 行的日期 %(day)s 不存在。"),
    "days.line_backwards": _("第 %(line)s 行的最后一天早于第一天。"),
    "days.line_too_long": _("第 %(line)s 行的时段太长，最多 %(most)s 天。"),
    "days.line_other_year": _("第 %(line)s 行的日期不在%(year)s年，也不在它前后一个月。"),
    "days.line_twice": _("第 %(line)s 行的%(day)s在第 %(before)s 行已经写过。"),
    "days.line_words": _("第 %(line)s 行的名称太长，最多 %(most)s 个字。"),
    "days.changed_meanwhile": _("你看过以后，别人改过这些日子，这次什么也没有保存。下面是现在的样子，核对后再保存。"),
    "days.undo_changed": _("这些日子后来又改过，不能撤销。请直接改成要的样子。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Ruling.OFF: _("放假"),
    Ruling.WORKING: _("上班"),
    Origin.PACKAGE: _("程序自带"),
    Origin.ENTERED: _("管理员填写"),
    Origin.LAW: _("法定，调休待公布"),
    FlagKind.HOLIDAY: _("放假"),
    FlagKind.MAKE_UP: _("调休上班，学生有课"),
    FlagKind.EXAM: _("考试"),
    FlagKind.NOT_ANNOUNCED: _("当年放假安排未公布"),
    FlagKind.NAMED: _("纪念日"),
    Basis.ENTERED: _("管理员填写"),
    Basis.KNOWN: _("当年实际"),
    Basis.RULE: _("按规则"),
    Basis.CUSTOM: _("按惯例推算"),
    Named.GAOKAO: _("高考"),
    Named.ZHONGKAO: _("中考"),
    Named.SPRING_FESTIVAL: _("春节"),
    Named.LANTERN: _("元宵节"),
    Named.DRAGON_BOAT: _("端午节"),
    Named.MID_AUTUMN: _("中秋节"),
    Named.DOUBLE_NINTH: _("重阳节"),
    Named.DISASTER_DAY: _("全国防灾减灾日"),
    Named.TECHNOLOGY_WEEK: _("全国科技活动周"),
    Named.SCIENTISTS_DAY: _("全国科技工作者日"),
    Named.SCIENCE_MONTH: _("全国科普月"),
    Named.SCIENCE_DAY: _("全国科普日"),
}
