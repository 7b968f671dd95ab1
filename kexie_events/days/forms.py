"""Forms of the calendar: shape and wording only."""

from datetime import date
from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectChoice, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from ..core import web
from ..core.fields import DayField, PickField, WholeField, needed, short, trimmed
from ..core.forms import refuse as core_refuse
from .rules import LEAST_YEAR, MOST_SOURCE, MOST_WORDS, MOST_YEAR, Ruling, Spanned

BACK = "back"


class NoticeForm(FlaskForm):
    """Days as lines; the preview shows what becomes of each."""

    year = WholeField(
        _("年份"),
        [needed(_("请填写年份")), NumberRange(LEAST_YEAR, MOST_YEAR, _("年份要在 1900 到 2200 之间"))],
        render_kw={"inputmode": "numeric"},
    )
    text = TextAreaField(
        _("通知全文，或者每行一段日子"),
        [needed(_("请填写或粘贴放假安排"))],
        render_kw={"rows": 14, "spellcheck": "false"},
    )
    source = StringField(_("依据"), [short(MOST_SOURCE)])
    whole = BooleanField(_("这是全年的安排，没有列出的日子照常"))
    seen = HiddenField()  # of the changes that the preview showed: others are shown again, not saved

    @property
    def of_year(self) -> int:
        return self.year.data or 0

    @property
    def based_on(self) -> str:
        return trimmed(self.source.data)


class DayForm(FlaskForm):
    """One day or several in a row."""

    first = DayField(_("从哪天"), [needed(_("请填写日期"))])
    last = DayField(_("到哪天"), [Optional()])
    kind = PickField(_("怎样"))
    words = StringField(_("名称"), [short(MOST_WORDS)])

    def offer(self) -> None:
        self.kind.choices = [
            *(SelectChoice(ruling.value, web.label(ruling)) for ruling in Ruling),
            SelectChoice(BACK, _("恢复为公布的安排")),
        ]

    @property
    def ruling(self) -> Ruling | None:
        return None if self.kind.data == BACK else Ruling(self.kind.data)

    @property
    def last_on(self) -> date:
        found: date = self.last.data or self.first.data
        return found


class NamedForm(FlaskForm):
    """Where a named day lies in one year."""

    first = DayField(_("从哪天"), [needed(_("请填写日期"))])
    last = DayField(_("到哪天"), [Optional()])
    source = StringField(_("依据"), [short(MOST_SOURCE)])
    seen = HiddenField()  # the dates that stood on the page

    @property
    def spanned(self) -> Spanned:
        return Spanned(self.first.data, self.last.data or self.first.data, trimmed(self.source.data))


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "days.year": "year first",
        "days.too_much": "text",
        "days.nothing": "text",
        "days.backwards": "last",
        "days.too_long": "last",
        "days.other_year": "first",
        "days.words": "words",
        "days.source": "source",
    },
)
