"""What the room results says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..results.rules import Phase

SENTENCES: dict[str, LazyString] = {
    "notice.no_title": _("请填写公示的标题。"),
    "notice.no_body": _("请填写公示的正文。"),
    "notice.days": _("公示天数要在 %(least)s 到 %(most)s 个工作日之间。"),
    "notice.backdated": _("公示从发布当日算起，发布日期不能早于今天（%(today)s）。"),
    "notice.edition_not_public": _("这一届还没有发布，请先发布再公示。"),
    "notice.too_many_rows": _("公示名单最多 %(most)s 行，请分成几份公示。"),
    "notice.row_length": _("名单第 %(row)s 行有 %(cells)s 格，表头有 %(columns)s 列，请补齐。"),
    "notice.personal_data": _("名单第 %(row)s 行的“%(column)s”像是证件号码或电话号码，不能公示。请删去后再发布。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Phase.COMING: _("公示还没有开始"),
    Phase.RUNNING: _("公示中"),
    Phase.OVER: _("公示期已结束"),
}
