"""Two people changed the same thing: both versions, field by field, in words. For the forms of every room.

The first version is a form filled with what stands now, the second the form that was sent; both are of one class, so
that no field can be forgotten. ``templates/macros/versions.html`` shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field

from . import dates, web


@dataclass(frozen=True)
class Version:
    """One field of a form: what it asks, what stands now, what was typed."""

    name: str
    theirs: str
    yours: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.yours


def both_versions(yours: FlaskForm, theirs: FlaskForm) -> list[Version]:
    """Every visible field of the two. Fields that one of them lacks are left out; choices are said by their labels.

    The sent form takes over the revision that stands now, or whatever else says what ``stood`` on the page: sending it
    again is a decision, and not refused.
    """
    for name in ("revision", "stood"):
        if name in yours and name in theirs:
            yours[name].data = theirs[name].data
    hidden = ("HiddenField", "CSRFTokenField")
    return [
        Version(str(field.label.text), said(_twin(field, yours, theirs)), said(field))
        for field in yours
        if field.type not in hidden and field.short_name in _names(theirs)
    ]


def _names(form: FlaskForm) -> set[str]:
    return {field.short_name for field in form}


def _twin(field: Field, yours: FlaskForm, theirs: FlaskForm) -> Field:
    return next(other for other in theirs if other.short_name == field.short_name)


def said(field: Any) -> str:
    """What a field holds, in words; "" for nothing."""
    value = field.data
    if hasattr(field, "choices") and field.choices is not None:
        picked = value if isinstance(value, list | tuple) else [value]
        words = {str(choice.value): str(choice.label) for choice in field.choices}
        return _joined([words.get(str(one), str(one)) for one in picked if one not in (None, "")])
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, datetime):  # typed: already on the wall clock
        return dates.moment(value, today=web.today(), english=web.english())
    if isinstance(value, date):
        return web.day_words(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value is None else str(value).strip()


def _joined(words: Sequence[str]) -> str:
    return str(_("、")).join(words)
