"""Parts of forms that every page of planning uses: a room or words, clocks and whole days, the length of texts."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    Field,
    StringField,
)
from wtforms.validators import Length, Optional, ValidationError

from ..core.fields import ClockField, DayField, PickField, short
from ..core.fields import needed as _needed
from ..core.fields import trimmed as _trimmed
from . import rules

LONGEST_TEXT = 5000


def short_text(most: int = rules.LONGEST_NAME) -> Length:
    return short(most)


class RoomMixin:
    """Where something takes place: a room of the list, or words."""

    room_id = PickField(_("场地"), default="")
    place = StringField(_("地点说明"), [short_text(200)], filters=[_trimmed])

    @property
    def room(self) -> int | None:
        return int(self.room_id.data) if self.room_id.data else None


def _with(other: str, text: Any) -> Callable[[Any, Field], None]:
    """A field that is needed as soon as the other one is filled in."""

    def check(form: Any, field: Field) -> None:
        typed = form[other].raw_data and form[other].raw_data[0].strip()
        if typed and field.data is None and not field.errors:
            raise ValidationError(text)

    return check


class StartClock(ClockField):
    """When it begins. Left empty together with ``ends``: whole days."""

    def __init__(self, *args: Any, **values: Any) -> None:
        needed = _with("ends", _("请填写开始时间，全天的两个时间都留空"))
        super().__init__(_("开始时间"), [needed], *args, **values)


class EndClock(ClockField):
    """When it ends. Left empty together with ``starts``: whole days."""

    def __init__(self, *args: Any, **values: Any) -> None:
        needed = _with("starts", _("请填写结束时间，全天的两个时间都留空"))
        super().__init__(_("结束时间"), [needed], *args, **values)


class WholeDays:
    """A form with both clocks: without a time it is about whole days."""

    starts: Field
    ends: Field

    @property
    def all_day(self) -> bool:
        return self.starts.data is None and self.ends.data is None


class TimesMixin(WholeDays):
    """From a day and time to a day and time; the last day may be left out when it is the first."""

    starts_on = DayField(_("开始日期"), [_needed(_("请填写开始日期"))])
    starts = StartClock()
    ends_on = DayField(_("结束日期"), [Optional()])
    ends = EndClock()
