"""What the room agenda says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..agenda.board import Part
from ..agenda.difference import ChangeKind
from ..agenda.rules import Answer, Direction, GuestRole, Half, ProposalState, SessionKind, TalkKind
from ..agenda.travel import RemarkKind

SENTENCES: dict[str, LazyString] = {
    "agenda.name": _("请填写名称，最多 %(most)s 个字。"),
    "agenda.ends_before_start": _("结束时间（%(ends_at)s）要晚于开始时间（%(starts_at)s）。"),
    "agenda.outside": _("环节要在分会场的时间之内：%(starts_at)s到%(ends_at)s。要排得更早或更晚，请先改分会场的时间。"),
    "agenda.minutes": _("时长要在 %(least)s 到 %(most)s 分钟之间。"),
    "agenda.talks_too_long": _(
        "这个环节共 %(room)s 分钟，里面的安排加起来要 %(wanted)s 分钟。请缩短几项，或延长环节。"
    ),
    "agenda.too_many": _("这里最多排 %(most)s 项。请分成几处。"),
    "agenda.person": _("第 %(line)s 行看不懂。每人一行：姓名，单位，职务；姓名不能空，最多 40 个字。"),
    "agenda.person_twice": _("这一届已有同一单位的“%(name)s”。"),
    "agenda.person_taken": _("%(speaker)s在%(starts_at)s到%(ends_at)s已在“%(by)s”有安排。请换一个时间或换一位。"),
    "agenda.person_taken_unnamed": _("%(speaker)s在%(starts_at)s到%(ends_at)s之间另有安排。请换一个时间或换一位。"),
    "agenda.person_taken_somewhere": _("有一位报告人或主持人在这段时间另有安排。请换一个时间或换一位。"),
    "agenda.changed_meanwhile": _("你打开这一页以后，别人改过它。下面是两个版本，核对后再保存。"),
    "agenda.key_reused": _("这张表已经保存过一次，内容和这次不同。要另加一项，请核对后再按一次保存。"),
    "agenda.shift": _("请填写要移动的分钟数，最多 %(most)s 分钟；提前写负数。"),
    "agenda.shift_nothing": _("这段时间没有环节可以移动。"),
    "agenda.shift_outside": _(
        "“%(name)s”移动以后会超出分会场的时间（%(starts_at)s到%(ends_at)s）。请先改分会场的时间。"
    ),
    "agenda.copy_nothing": _("这一天还没有环节，没有可以照搬的。"),
    "agenda.reason": _("请写明原因，最多 %(most)s 个字。"),
    "programme.empty": _("还没有可以发布的日程：已发布的分会场里一个环节也没有。"),
    "programme.same": _("和现在公开的版本一样，没有新的内容。"),
    "programme.not_last": _("只能撤回现在公开的版本。它可能刚被撤回，或者已有更新的版本。"),
    "programme.changed_meanwhile": _("你打开这一页以后，日程又有改动。下面是新的变动，核对后再发布。"),
    "programme.none": _("还没有公开的日程。"),
    "proposal.window": _("征集截止要晚于征集开始。"),
    "proposal.nobody": _("请选受邀单位，或者勾选所有单位都可以申报。"),
    "proposal.not_open": _("征集还没有开始，%(opens_at)s开放。"),
    "proposal.closed": _("征集已于%(closes_at)s截止。"),
    "proposal.theme": _("请填写主题，最多 %(most)s 个字。"),
    "proposal.expected": _("预计人数要在 1 到 %(most)s 之间。"),
    "proposal.incomplete": _("还没有填完：提交前要有内容介绍、牵头专家、预计人数和希望的日期。"),
    "proposal.state": _("这份申报现在是“%(state)s”，不能再这样处理。"),
    "proposal.none": _("没有选中待审核的申报。"),
    "guest.groups": _("请至少写一组，最多 %(most)s 组，每组名称最多 40 个字。"),
    "guest.group_twice": _("有两组同名。"),
    "guest.group_in_use": _("要去掉的组里还有嘉宾。请先把他们换到别的组。"),
    "guest.group": _("请从列表里选一组。"),
    "guest.name": _("请填写姓名，最多 40 个字；单位和职务最多 200 个字。"),
    "guest.position": _("组内次序要在 1 到 %(most)s 之间；按姓名排的请留空。"),
    "guest.twice": _("名单里已有同一单位的“%(name)s”。"),
    "guest.too_many": _("一届最多 %(most)s 位嘉宾。"),
    "agenda.copy_same": _("照搬的来源和去处是同一天。请换一天，或换一个分会场。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    ProposalState.DRAFT: _("草稿"),
    ProposalState.SUBMITTED: _("待审核"),
    ProposalState.RETURNED: _("已退回"),
    ProposalState.ACCEPTED: _("已通过"),
    ProposalState.DECLINED: _("未通过"),
    ProposalState.WITHDRAWN: _("已撤回"),
    Half.MORNING: _("上午"),
    Half.AFTERNOON: _("下午"),
    Half.DAY: _("全天"),
    Part.MORNING: _("上午"),
    Part.AFTERNOON: _("下午"),
    Part.EVENING: _("晚上"),
    SessionKind.TALKS: _("报告"),
    SessionKind.CEREMONY: _("仪式"),
    SessionKind.DISCUSSION: _("讨论"),
    SessionKind.POSTER: _("展示"),
    SessionKind.BREAK: _("休息"),
    SessionKind.OTHER: _("其他"),
    TalkKind.TALK: _("报告"),
    TalkKind.DISCUSSION: _("讨论"),
    TalkKind.BREAK: _("休息"),
    GuestRole.GUEST: _("嘉宾"),
    GuestRole.HOST: _("主持"),
    GuestRole.ADDRESS: _("致辞"),
    Answer.PLANNED: _("拟邀请"),
    Answer.INVITED: _("已发函"),
    Answer.ACCEPTED: _("应邀"),
    Answer.DECLINED: _("谢绝"),
    Direction.EARLIER: _("往前"),
    Direction.LATER: _("往后"),
    ChangeKind.NEW: _("新增"),
    ChangeKind.GONE: _("撤下"),
    ChangeKind.CANCELLED: _("取消"),
    ChangeKind.RESTORED: _("恢复"),
    ChangeKind.MOVED: _("改时间"),
    ChangeKind.ROOM: _("换地点"),
    ChangeKind.PEOPLE: _("换人"),
    ChangeKind.RENAMED: _("改名称"),
    RemarkKind.TRAVEL: _("赶不过去"),
    RemarkKind.TRAVEL_UNKNOWN: _("路程不清楚"),
    RemarkKind.SEATS: _("座位不够"),
    RemarkKind.OUTSIDE: _("超出分会场时间"),
    RemarkKind.SAME_NAME: _("同名"),
    RemarkKind.NO_ROOM: _("没有地点"),
}
