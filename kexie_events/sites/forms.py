"""What units and those who check fill in: shape and wording only."""

from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ..core import sheets
from ..core.fields import ClockField, DayField, PickField, WholeField, needed, short, trimmed
from ..core.forms import KeyMixin, RevisionMixin
from ..core.forms import refuse as core_refuse
from . import rules


class SiteForm(KeyMixin, RevisionMixin, FlaskForm):
    """One activity. Its choices are set by the view."""

    unit_id = PickField(_("申报单位"))
    name = StringField(_("活动名称"), [needed(_("请填写活动名称")), short(rules.LONGEST_WORDS)], filters=[trimmed])
    category = PickField(_("类别"))
    starts_on = DayField(_("日期"), [needed(_("请填写日期"))])
    ends_on = DayField(_("结束日期"), [])
    starts = ClockField(_("开始时间"), [])
    ends = ClockField(_("结束时间"), [])
    venue_id = PickField(_("场馆"), default="")
    place = StringField(_("地点"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    address = StringField(_("地址"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    region_id = PickField(_("区县"), default="")
    latitude = StringField(_("纬度"), [short(20)], filters=[trimmed], render_kw={"inputmode": "decimal"})
    longitude = StringField(_("经度"), [short(20)], filters=[trimmed], render_kw={"inputmode": "decimal"})
    audience = StringField(_("面向人群"), [short(rules.LONGEST_WORDS)], filters=[trimmed])
    summary = TextAreaField(_("内容简介"), [short(rules.LONGEST_SUMMARY)], filters=[trimmed], render_kw={"rows": 4})
    contact_name = StringField(_("联系人"), [short(40)], filters=[trimmed])
    contact_phone = StringField(_("联系电话"), [short(60)], filters=[trimmed], render_kw={"inputmode": "tel"})
    contact_public = BooleanField(_("在公开页面上显示联系人和电话"))
    link = StringField(_("链接"), [short(300)], filters=[trimmed], render_kw={"inputmode": "url"})
    reason = StringField(_("变更理由"), [short(300)], filters=[trimmed])


class ReasonForm(RevisionMixin, FlaskForm):
    reason = StringField(_("理由"), [needed(_("请写明理由")), short(300)], filters=[trimmed])


class StepForm(RevisionMixin, FlaskForm):
    """One press."""


class ReportForm(RevisionMixin, FlaskForm):
    """What came of an activity."""

    on_site = WholeField(
        _("现场参加人数"), [InputRequired(_("请填写人数，没有就填 0"))], render_kw={"inputmode": "numeric"}
    )
    online = WholeField(_("线上参加人数"), default=0, render_kw={"inputmode": "numeric"})
    volunteers = WholeField(_("志愿者人数"), default=0, render_kw={"inputmode": "numeric"})
    summary = TextAreaField(_("活动小结"), [short(rules.LONGEST_SUMMARY)], filters=[trimmed], render_kw={"rows": 6})


class PhotoForm(FlaskForm):
    photos = MultipleFileField(_("照片"), render_kw={"accept": "image/jpeg,image/png"})


class TermsForm(RevisionMixin, FlaskForm):
    categories = TextAreaField(_("活动类别"), [needed(_("请填写类别"))], render_kw={"rows": 8})
    declares_on = DayField(_("申报截止"), [])
    reports_on = DayField(_("总结截止"), [])


class ImportForm(FlaskForm):
    """A sheet of activities."""

    unit_id = PickField(_("申报单位"), default="")
    file = FileField(_("Excel 或 CSV 文件"), render_kw={"accept": ".xlsx,.csv,.txt,.tsv"})
    text = TextAreaField(_("或者粘贴表格"), render_kw={"rows": 8, "spellcheck": "false"})
    skip_bad = BooleanField(_("跳过有错的行，只导入其余的"))
    declare = BooleanField(_("导入后直接申报"), default=True)
    seen = HiddenField()  # of what the preview showed: what was changed after it is shown again, not saved


class CopyForm(FlaskForm):
    days = WholeField(_("日期往后移几天"), [needed(_("请填写天数"))], render_kw={"inputmode": "numeric"})


FIELDS: dict[str, Any] = {
    "site.name": "name", "site.place": "place", "site.category": "category", "site.coordinates": "latitude",
    "site.link": "link", "site.phone": "contact_phone", "site.end_only": "starts", "site.twice": "name",
    "site.too_long": "summary", "site.unit_outside": "unit_id", "unit.ended": "unit_id", "unit.not_begun": "unit_id",
    "event.ends_before_start": "ends_on", "event.day": "starts_on", "event.too_long": "ends_on",
    "site.reason": "reason", "site.people": "on_site", "site.categories": "categories", "site.deadlines": "reports_on",
    "site.photos": "photos", "images.not_an_image": "photos", "images.damaged": "photos",
    "images.too_many_pixels": "photos", "storage.too_large": "photos", "site.copy_days": "days",
    **sheets.BLAMED, "site.head": "text", "site.bad_rows": "text",
}  # fmt: skip


refuse = partial(core_refuse, fields=FIELDS)
