"""Words for what a rule pack says by its codes."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from .difference import Change, Item

METHODS = {
    "mean": _("全部评委的平均分"),
    "trimmed_mean": _("去掉一个最高分和一个最低分后的平均分"),
}
TIE_BREAKS = {
    "main_criterion": _("主要指标"),
    "median": _("中位数"),
    "highest_score": _("最高分"),
}
OWN_DISTRICT = {"forbid": _("评委不评本区县的作品"), "allow": _("评委可以评本区县的作品")}


def in_words(change: Change) -> tuple[str, str]:
    """Before and after of one line of a difference; "" where there was or will be nothing."""
    return _shown(change.item, change.before), _shown(change.item, change.after)


def _shown(item: Item, value: Any) -> str:
    if value is None:
        return ""
    if item is Item.METHOD:
        return str(METHODS[value])
    if item is Item.OWN_DISTRICT:
        return str(OWN_DISTRICT[value])
    if item is Item.TIE_BREAKS:
        return str(gettext("，").join(str(TIE_BREAKS[word]) for word in value) or gettext("并列"))
    return str(value)
