"""What the room judging says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..judging.assignment import HardRule
from ..judging.rules import RecusalSource, RoundState, SheetState

SENTENCES: dict[str, LazyString] = {
    "judging.points_range": _("“%(criterion)s”填 0 到 %(most)s，最小单位 %(step)s 分。"),
    "judging.points_missing": _("请给“%(criterion)s”打分。"),
    "judging.note_length": _("评语最多 %(most)s 个字。"),
    "judging.not_open": _("评审还没有开始，%(opens_at)s起可以打分。"),
    "judging.closed": _("评审已经结束（%(closes_at)s截止），不能再改分。"),
    "judging.stale": _("这份评分在另一台设备上改过。请核对两边的分数，再提交一次以本页为准。"),
    "judging.other_body": _("同一次操作送来了两份不同的分数，没有存。请刷新页面后再试。"),
    "judging.window": _("评审截止（%(closes_at)s）要晚于开始（%(opens_at)s）。"),
    "judging.round_name": _("请填写评审轮的名称，最多 %(most)s 个字。"),
    "judging.round_name_taken": _("这一届已有叫“%(name)s”的评审轮。直接用那一轮，或者换一个名称。"),
    "judging.judges_per_entry": _("每件评委数要在 1 到 %(most)s 之间。"),
    "judging.load": _("评委的最多件数要不少于最少件数，也不少于 1。"),
    "judging.no_rule_pack": _("这一届还没有规则包，不能设评审。请先建规则包。"),
    "judging.unknown_account": _("没有 %(identifier)s 这个账号。请先请对方开通账号。"),
    "judging.judge_twice": _("%(name)s已经是这一轮的评委。"),
    "judging.no_judges": _("这一轮还没有评委。请先添加评委。"),
    "judging.no_entries": _("这一届还没有已提交的作品，没有可分派的。"),
    "judging.nothing_assigned": _("还没有分派，不能开始评审。请先分派。"),
    "judging.incomplete_assignment": _("还有 %(entries)s 件作品评委不够，不能开始评审。请重新分派。"),
    "judging.round_state": _("这一轮“%(state)s”，不能这样做。"),
    "judging.reason_missing": _("请写明回避的原因，例如“认识作者”。"),
    "judging.infeasible": _("分不出来：有 %(entries)s 件作品要 %(needed)s 份评分，评委最多只能给 %(available)s 份。"),
    "judging.idle": _("分不出来：评委 %(judge)s 最少要评 %(needed)s 件，最多只能分到 %(available)s 件。"),
    "judging.too_few_scores": _("只有 %(n)s 份评分，至少要 %(least)s 份才能算分。"),
    "judging.scored_twice": _("评委 %(judge)s 给作品 %(item)s 打了两次分。"),
    "judging.file": _("文件读不懂，问题在 %(where)s。"),
    "judging.file_unwritten": _("结果写不进 %(where)s。请换一个能写的位置。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    RoundState.SETTING_UP: _("准备中"),
    RoundState.OPEN: _("评审中"),
    RoundState.CLOSED: _("已结束"),
    SheetState.DRAFT: _("草稿"),
    SheetState.SUBMITTED: _("已提交"),
    RecusalSource.DECLARED: _("评委申请"),
    RecusalSource.OWN_UNIT: _("本单位"),
    RecusalSource.OWN_DISTRICT: _("本区县"),
    RecusalSource.ORGANIZER: _("组织者指定"),
    HardRule.NEED: _("每件评委数"),
    HardRule.LEAST_LOAD: _("评委最少件数"),
    HardRule.MOST_LOAD: _("评委最多件数"),
    HardRule.SAME_INSTITUTION: _("同一单位评委上限"),
    HardRule.SAME_DISTRICT: _("同一区县评委上限"),
    HardRule.EXPERTS: _("每件专家数"),
    HardRule.AFFINITY: _("专业匹配下限"),
    HardRule.CONFLICTS: _("已声明的回避"),
    HardRule.OWN_DISTRICT: _("本区县回避"),
    HardRule.INSTITUTION: _("本单位回避"),
}
