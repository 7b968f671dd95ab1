"""What the ground floor says."""

import enum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from ..core.access import Role
from ..core.workdays import Counting, DayKind, Festival

SENTENCES: dict[str, LazyString] = {
    "core.not_found": _("没有这个页面，或者你没有权限看它。"),
    "core.busy": _("现在人很多，请过几秒再按一次；不会重复提交。"),
    "core.sent_before": _(
        "这张表已经保存成“%(name)s”，内容和这次不同，没有覆盖它。要另加一个，请核对后再按一次保存；要改它，请到它的页面上改。"
    ),
    "core.preview_changed": _("你看过预览以后，情况又有变化，这次什么也没有保存。下面是现在的预览，核对后再按一次。"),
    "core.database_behind": _("程序刚更新，数据库还没有跟上，请过几分钟再试。已经提交成功的内容不受影响。"),
    "access.signed_out": _(
        "你还没有登录，或者已经退出，这次什么也没有保存。请另开一个标签页登录，再回到填写的那一页重新提交。"
    ),
    "access.denied": _("你的账号没有这项权限。需要的话，请联系本单位的管理员授权。"),
    "storage.too_large": _("文件太大，每个最多 %(largest_megabytes)s MB。请压缩后再传。"),
    "storage.missing": _("这个文件不在了，请联系主办单位。"),
    "workdays.count": _("天数要在 1 到 %(most)s 之间。"),
    "sheets.too_big": _("表格最大 %(megabytes)s MB。请只留下要导入的这一张表。"),
    "sheets.old_or_locked": _(
        "这是旧版 Excel（.xls）或加了密码的表格。请另存为不加密码的 .xlsx 再传，或者复制、粘贴到下面。"
    ),
    "sheets.no_sheet": _("这个文件不是表格。请传 .xlsx 或 CSV，或者把表格复制、粘贴到下面。"),
    "sheets.damaged": _("这个表格打不开，多半是文件坏了。请用 Excel 或 WPS 打开后另存为 .xlsx 再传。"),
    "sheets.unpacks_too_far": _("这个表格太大，或者有内容写在很远的格子里。请把要导入的行复制到一张新表再传。"),
    "sheets.empty": _("这张表是空的。"),
    "sheets.unreadable": _("第 %(line)s 行读不下去，多半是引号没有成对。请改好再传。"),
    "sheets.too_many": _("一次最多 %(most)s 行，请分几次导入。"),
    "sheets.too_wide": _("第 %(row)s 行超过 %(most)s 列，多半不是要导入的表。"),
    "sheets.too_long": _("第 %(row)s 行 %(column)s 列太长，最多 %(most)s 个字。"),
    "workdays.not_announced": _("%(day)s所在年份的放假安排还没有公布，暂时算不出工作日。"),
}

LABELS: dict[enum.Enum, LazyString] = {
    Role.ADMINISTRATOR: _("系统管理员"),
    Role.ORGANIZER: _("组织者"),
    Role.JUDGE: _("评委"),
    Role.MENTOR: _("科技辅导员"),
    Role.GUARDIAN: _("监护人"),
    Role.PARTICIPANT: _("参与者"),
    DayKind.WORKING: _("工作日"),
    DayKind.OFF: _("休息日"),
    DayKind.NOT_ANNOUNCED: _("尚未公布"),
    Counting.CALENDAR: _("自然日"),
    Counting.WORKING: _("工作日"),
    Festival.NEW_YEAR: _("元旦"),
    Festival.SPRING_FESTIVAL: _("春节"),
    Festival.TOMB_SWEEPING: _("清明节"),
    Festival.LABOUR_DAY: _("劳动节"),
    Festival.DRAGON_BOAT: _("端午节"),
    Festival.MID_AUTUMN: _("中秋节"),
    Festival.NATIONAL_DAY: _("国庆节"),
    Festival.VICTORY_DAY: _("抗战胜利纪念日"),
}
