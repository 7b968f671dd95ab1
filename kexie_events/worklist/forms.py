"""The form of an import: shape and wording only."""

from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField
from wtforms.validators import NumberRange, Optional

from ..core.fields import PickField, WholeField
from ..core.forms import refuse as core_refuse


class ImportForm(FlaskForm):
    unit_id = PickField(_("单位"))
    year = WholeField(
        _("年份"), [Optional(), NumberRange(1900, 2200, _("年份要在 1900 到 2200 之间"))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    file = FileField(_("CSV 文件"), render_kw={"accept": ".csv,.txt,.tsv,text/csv,text/plain"})
    text = TextAreaField(_("或者粘贴表格"), render_kw={"rows": 8, "spellcheck": "false"})
    seen = HiddenField()  # of what the preview showed: what was changed after it is shown again, not saved


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "worklist.too_big": "file",
        "worklist.not_text": "file",
        "worklist.empty": "text",
        "worklist.head": "text",
        "worklist.unreadable": "text",
        "worklist.row": "text",
        "worklist.too_many": "text",
    },
)
