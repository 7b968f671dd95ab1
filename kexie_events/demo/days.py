"""What the administrator of the demo city has entered of days."""

from datetime import date, datetime

from ..accounts.queries import account_by_identifier, actor_for
from ..core.workdays import DayKind, kind_of
from ..days import services
from ..days.named import Named
from ..days.rules import Ruled, Ruling, Spanned, Step


def build(today: date, now: datetime) -> None:
    """The exam of the younger, as it will be; and of a year that is not announced what is certain of it."""
    account = account_by_identifier("admin@demo")
    assert account is not None
    admin = actor_for(account, today)
    coming = today.year if today < date(today.year, 6, 1) else today.year + 1
    exam = Spanned(date(coming, 6, 13), date(coming, 6, 15), "市教育考试院招生考试日程（演示）")
    services.enter([Step((Named.ZHONGKAO.value, coming), None, exam)], actor=admin, now=now)
    new_year = date(today.year + 1, 1, 1)
    if kind_of(new_year) is DayKind.NOT_ANNOUNCED:
        off = Ruled(Ruling.OFF, "元旦", "全国年节及纪念日放假办法")
        services.enter([Step(new_year, None, off)], actor=admin, now=now)
