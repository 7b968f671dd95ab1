"""Words for what a rule pack says by its codes."""

from flask_babel import lazy_gettext as _

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
