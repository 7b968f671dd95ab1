"""The forms of the work list: shape and wording only."""

import secrets
from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from ..core import sheets
from ..core.fields import DayField, PickField, WholeField, needed, short, trimmed, words_of
from ..core.forms import RevisionMixin
from ..core.forms import refuse as core_refuse
from .progress import Period, State

_NUMERIC = {"inputmode": "numeric"}
_YEARS = NumberRange(1900, 2200, _("年份要在 1900 到 2200 之间"))


class ImportForm(FlaskForm):
    unit_id = PickField(_("单位"))
    year = WholeField(_("年份"), [Optional(), _YEARS], render_kw=_NUMERIC)
    file = FileField(
        _("Excel 或 CSV 文件"), render_kw={"accept": ".xlsx,.csv,.txt,.tsv,text/csv,text/plain"}
    )  # fmt: skip
    text = TextAreaField(_("或者粘贴表格"), render_kw={"rows": 8, "spellcheck": "false"})
    seen = HiddenField()  # of what the preview showed: what was changed after it is shown again, not saved


class ItemForm(RevisionMixin, FlaskForm):
    section = StringField(
        _("板块"), [needed(_("请填写板块")), short(120)], filters=[trimmed], render_kw={"list": "sections"}
    )  # fmt: skip
    number = WholeField(
        _("序号"), [needed(_("请填写序号")), NumberRange(1, 999, _("序号要在 1 到 999 之间"))], render_kw=_NUMERIC
    )  # fmt: skip
    name = StringField(_("工作项目"), [needed(_("请填写工作项目")), short(120)], filters=[trimmed])
    lead = StringField(
        _("牵头部室"), [needed(_("请填写牵头部室")), short(60)], filters=[trimmed], render_kw={"list": "departments"}
    )  # fmt: skip
    supporters = StringField(_("配合部室"), [short(200)], filters=[trimmed])
    aims = TextAreaField(_("目标"), [short(500)], filters=[trimmed], render_kw={"rows": 3})
    due_on = DayField(_("完成时限"), [Optional()])
    key = HiddenField(default=lambda: secrets.token_hex(8))


class StateForm(RevisionMixin, FlaskForm):
    state = PickField(_("完成情况"))
    reason = StringField(_("原因"), [short(200)], filters=[trimmed])

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.state.choices = words_of(State)


class ListForm(RevisionMixin, FlaskForm):
    title = StringField(_("标题"), [short(60)], filters=[trimmed])
    period = PickField(_("填报周期"))

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.period.choices = words_of(Period)


class AliasForm(FlaskForm):
    words = StringField(_("清单里的写法"), [needed(_("请填写清单里的写法")), short(60)], filters=[trimmed])
    unit_id = PickField(_("指的是"), [needed(_("请从列表里选一项。"))])
    year_from = WholeField(_("从哪一年"), [Optional(), _YEARS], render_kw=_NUMERIC)
    year_to = WholeField(_("到哪一年"), [Optional(), _YEARS], render_kw=_NUMERIC)


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        **sheets.BLAMED,
        "worklist.empty": "text",
        "worklist.head": "text",
        "worklist.row": "text",
        "worklist.too_many": "text",
        "worklist.section": "section",
        "worklist.number": "number",
        "worklist.place_taken": "number",
        "worklist.name": "name",
        "worklist.departments": "lead",
        "worklist.target_too_long": "aims",
        "worklist.too_many_targets": "aims",
        "worklist.reason": "reason",
        "worklist.title": "title",
        "worklist.alias": "words",
        "worklist.alias_taken": "words",
        "worklist.alias_years": "year_to",
        "worklist.alias_unit": "unit_id",
    },
)
