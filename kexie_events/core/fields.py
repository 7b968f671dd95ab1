"""Fields of forms that every room may use: they take what input methods give and say in words what is wrong."""

import enum
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectChoice, SelectField, TimeField
from wtforms.validators import InputRequired, Length, ValidationError

from . import web


def half_width(text: str) -> str:
    """Digits and signs as an input method may give them: ２０２６－３－１ is 2026-3-1."""
    return unicodedata.normalize("NFKC", text).strip()


class DayField(DateField):
    """A day. Says what is wrong in words; takes 2026-3-1, 2026/3/1 and full-width digits too."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]) if valuelist else ""
        text = re.sub(r"[/.年月]", "-", text).rstrip("日")
        try:
            super().process_formdata([text] if text else [])
        except ValueError:
            raise ValueError(_("这一天不存在，请按“年-月-日”填写，例如 2026-03-20。")) from None


class ClockField(TimeField):
    """A time of day, 24 hours."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]).replace(".", ":") if valuelist else ""
        try:
            super().process_formdata([text] if text else [])
        except ValueError:
            raise ValueError(_("请按 24 小时制填写时间，例如 14:00。")) from None


class WholeField(IntegerField):
    """A whole number; an empty one is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError(_("请填写整数。"))
        self.data = int(text)


def trimmed(text: str | None) -> str:
    return (text or "").strip()


def needed(text: Any) -> InputRequired:
    return InputRequired(text)


def short(most: int) -> Length:
    return Length(max=most, message=_("最多 %(max)d 个字"))


class PickField(SelectField):
    """A select. What is not on offer any more is refused with a sentence, not with a program's word."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(_("请从列表里选一项。")) from None


def words_of(members: Iterable[enum.Enum], group: str | None = None) -> list[SelectChoice]:
    """Enum members to choose from, in the reader's words; ``group`` heads them in a long list."""
    return [SelectChoice(str(member.value), web.label(member), optgroup=group) for member in members]
