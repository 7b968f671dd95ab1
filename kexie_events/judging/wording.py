"""Sentences that are put together from several labels."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ..core import web
from .assignment import Infeasible
from .ranking import SHARED

METHODS = {
    "mean": lazy_gettext("全部评委的平均分"),
    "trimmed_mean": lazy_gettext("去掉一个最高分和一个最低分后的平均分"),
}
# What decided a tie; "" needs no word.
TIES = {
    "main_criterion": lazy_gettext("主要指标"),
    "median": lazy_gettext("中位数"),
    "highest_score": lazy_gettext("最高分"),
    SHARED: lazy_gettext("并列"),
}


def infeasible_words(error: Infeasible) -> str:
    """Who is short of what, which entries (a few of them), and what to relax."""
    some = _("、").join(error.entries[:8]) + ("…" if len(error.entries) > 8 else "")
    rules = _("、").join(web.label(rule) for rule in error.relax)
    advice = (
        _("放宽其中一条即可：%(rules)s。", rules=rules)
        if error.any_one
        else _("需要同时放宽：%(rules)s。", rules=rules)
    )
    return " ".join(
        part
        for part in (
            web.sentence(error),
            _("涉及：%(some)s。", some=some) if some else "",
            advice,
            "" if error.proved else _("这是反复尝试后的结论，不是证明。"),
        )
        if part
    )
