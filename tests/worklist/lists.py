"""A city with its departments and a list of them, for the tests of the work list."""

import io
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy import select

from kexie_events.accounts.models import Account
from kexie_events.core.access import SYSTEM, Actor
from kexie_events.core.db import db
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind
from kexie_events.worklist import queries, reading, rules, services
from kexie_events.worklist.models import WorkItem
from tests.build import NOON, make_organizer, make_unit

ZONE = ZoneInfo("Asia/Shanghai")
TABLE = """2026年市科协工作项目化推进清单
序号\t工作项目\t目标\t牵头部室\t配合部室\t完成时限
一、学会学术
1\t科技经济融合双月论坛\t举办论坛6期\t学会部\t宣传部\t全年
2\t学会治理建设\t建立党组织20个；服务100人次\t学会部\t\t6月底
二、阵地
1\t科技馆体系建设\t\t普及部\t课堂内外公司\t
2\t推进川渝战略合作\t\t相关部室和单位\t\t
"""


@dataclass
class City:
    """Two departments with their people; the list of 2026."""

    unit: Unit
    academic: Unit
    popular: Unit
    owner: Account
    academics: Account
    populars: Account
    list_id: int

    def chosen(self, actor: Actor = SYSTEM) -> queries.ListOfYear:
        return queries.list_of(actor, self.list_id)

    def items(self, actor: Actor = SYSTEM) -> dict[str, queries.Item]:
        db.session.expire_all()
        return {item.name: item for item in queries.items_of(self.chosen(actor), actor)}

    def id_of(self, name: str) -> int:
        found = db.session.scalar(select(WorkItem.id).where(WorkItem.name == name).order_by(WorkItem.id))
        assert found is not None
        return found


def take(unit: Unit, text: str, *, year: int = 2026, drafts: Any = (), actor: Actor = SYSTEM, **more: Any) -> Any:
    """Import a list as it is pasted; without drafts unless asked."""
    sheet = rules.read_rows(reading.read(text), year)
    title = reading.list_title(text)
    return services.import_list(
        year, sheet, unit_id=unit.id, title=title, drafts=drafts, actor=actor, now=NOON, zone=ZONE, **more
    )


def make_city(text: str = TABLE, **more: Any) -> City:
    unit = make_unit(name="市科协", slug="city")
    academic = make_unit(parent=unit, name="学会学术部", kind=UnitKind.DEPARTMENT)
    popular = make_unit(parent=unit, name="科学技术普及部", kind=UnitKind.DEPARTMENT)
    take(unit, text, **more)
    (only,) = queries.lists(SYSTEM)
    return City(
        unit, academic, popular, make_organizer(unit, "主任"), make_organizer(academic, "学会部干事"),
        make_organizer(popular, "普及部干事"), only.id,
    )  # fmt: skip


def workbook(rows: list[list[object]], merged: tuple[tuple[int, int, int, int, object], ...] = ()) -> bytes:
    """A workbook as offices make it. ``merged``: first row, first column, last row, last column, text; from 0."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            for k, value in enumerate(row):
                if value != "":
                    sheet.write(n, k, value)
        for first, left, last, right, text in merged:
            sheet.merge_range(first, left, last, right, text)
    return out.getvalue()
