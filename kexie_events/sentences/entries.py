"""What the room entries says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..entries.rules import EntryState, FilingWindow, Part

SENTENCES: dict[str, LazyString] = {
    "entry.no_period": _("这一届还没有公布申报时间。"),
    "entry.not_open": _("申报还没有开始，%(opens_at)s开放。"),
    "entry.closed": _("申报已于 %(closes_at)s 截止，作品不能再改。草稿仍保存着。"),
    "entry.title": _("请填写作品名称，最多 %(most)s 个字。"),
    "entry.no_member": _("请至少填写一位作者。"),
    "entry.team_size": _("作者最多 %(most)s 人。%(clause)s"),
    "entry.member_twice": _("同一位作者填了两次。"),
    "entry.unknown_code": _("“%(code)s”不是这一届的选项，请重新选择。"),
    "entry.school": _("请从列表里选择学校。没有看到自己的学校时，请联系区县科协授权。"),
    "entry.incomplete": _("还不能提交，缺：%(lacks)s。"),
    "entry.too_many_files": _("一件作品最多 %(most)s 个文件。"),
    "entry.empty_file": _("这个文件是空的，请重新选择。"),
    "entry.submitted": _("作品已提交。要修改，请先撤回。"),
    "entry.file_type": _("不支持这种文件。可以上传：%(taken)s。文件类型按内容判断，改后缀名没有用。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    EntryState.DRAFT: _("草稿"),
    EntryState.SUBMITTED: _("已提交"),
    Part.TITLE: _("作品名称"),
    Part.ABSTRACT: _("摘要"),
    Part.MEMBERS: _("作者"),
    Part.FILES: _("文件"),
    FilingWindow.NONE: _("未公布申报时间"),
    FilingWindow.LATER: _("未开放"),
    FilingWindow.OPEN: _("申报中"),
    FilingWindow.CLOSED: _("申报已截止"),
}
