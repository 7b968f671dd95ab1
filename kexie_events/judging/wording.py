"""Sentences that are put together from several labels."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ..contests.wording import TIE_BREAKS
from ..core import web
from .assignment import Infeasible
from .ranking import SHARED

# What decided a tie; "" needs no word.
TIES = {**TIE_BREAKS, SHARED: lazy_gettext("并列")}


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
