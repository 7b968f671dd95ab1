"""The work lists of the demo city: the one of 2020, and this year's with what has been reported so far."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from ..events.naming import Step
from ..worklist import queries, reading, rules
from ..worklist import services as worklist
from ..worklist.departments import Alias
from ..worklist.progress import Period, State, begun, spans
from .people import City

DATA = Path(__file__).parent / "data"
FIRST_YEAR = 2020
THIS_YEAR = """{year}年市科协工作项目化推进清单
序号\t工作项目\t目标\t牵头部室\t配合部室\t完成时限
一、学会学术重大活动
1\t“科创中国”@重庆双月论坛\t举办论坛6期\t学会部\t企事业部、宣传部\t全年
2\t{year}重庆市科协年会\t征集论文200篇\t学会学术部\t普及部、宣传部\t12月底
3\t学会治理能力提升行动\t建立党组织20个；培训学会秘书长100人次\t学会部\t组织人事部\t第四季度
4\t学会服务站建设\t新建服务站12个\t企事业部\t学会部\t11月底
5\t海外技术合作平台建设\t对接项目30项\t国际部\t\t全年
二、科学普及重要事项
1\t{year}全国科普日重庆活动\t\t普及部\t宣传部、重庆科技馆\t9月底
2\t院士专家科普校园行\t\t科学技术普及部\t\t全年
3\t重庆市青少年科技创新大赛\t\t普及部\t学会部\t全年
4\t重庆市青少年科技创新市长奖评选表彰\t\t普及部\t\t全年
5\t村社科普阵地建设\t建成科普阵地100个\t普及部\t\t11月底
6\t流动科技馆巡展\t巡展40站；服务20万人次\t重庆科技馆\t普及部\t全年
三、阵地建设重头项目
1\t院士专家工作站建设\t新建工作站8个\t组织人事部\t企事业部\t10月底
2\t“智慧科协”建设\t二期上线试运行\t办公室\t\t6月底
3\t企业科协建设\t新建企业科协40家\t企事业部\t\t全年
4\t科协传媒建设\t发布原创科普作品300篇\t宣传部\t办公室\t全年
四、提升科协组织力重点举措
1\t推进川渝科协战略合作\t签订合作协议\t相关部室和单位\t\t全年
2\t基层科协“三长”队伍建设\t培训1000人次\t组织人事部\t普及部\t全年
3\t科技工作者状况调查\t完成调查报告1份\t课堂内外公司\t组织人事部\t9月底
"""
# What is reported for each period: item, line with the number so far, share of the target in each quarter, done in.
REPORTS: tuple[tuple[str, str, tuple[int, ...], int], ...] = (
    ("学会治理能力提升行动", "新建学会党组织，累计 {0} 个", (4, 9, 15, 20), 4),
    ("学会服务站建设", "累计建站 {0} 个", (2, 5, 8, 12), 4),
    ("村社科普阵地建设", "已建成 {0} 个，远郊区县进度慢", (8, 22, 45, 60), 0),
    ("流动科技馆巡展", "已巡展 {0} 站", (8, 19, 31, 40), 4),
    ("院士专家工作站建设", "签约建站 {0} 个", (1, 4, 8, 8), 3),
    ("“智慧科协”建设", "二期开发，第 {0} 个模块联调", (1, 3, 5, 5), 3),
    ("企业科协建设", "新建企业科协 {0} 家", (6, 18, 36, 40), 4),
    ("科协传媒建设", "发布原创作品 {0} 篇", (60, 140, 230, 300), 4),
    ("基层科协“三长”队伍建设", "培训 {0} 人次", (150, 420, 700, 1000), 4),
    ("推进川渝科协战略合作", "已商定 {0} 项合作", (1, 2, 4, 5), 4),
)
# Of the list of 2020: what the epidemic put off.
PUT_OFF = ("第四届“一带一路”", "院士专家科普校园行", "重庆科学会堂建设")
SILENT = ("科协传媒建设",)  # has not reported the last period
EVIDENCE = "https://www.example.org/worklist/"


def build(city: City, now: datetime, zone: ZoneInfo) -> None:
    """After the series, so that both lists find those that are there."""
    table = reading.read((DATA / "worklist_2020.csv").read_text(encoding="utf-8"))
    worklist.import_list(
        FIRST_YEAR, rules.read_rows(table), unit_id=city.association.id, actor=city.organizer, now=now, zone=zone
    )
    _past(city, now, now.astimezone(zone).date())
    _this_year(city, now, zone)


def _past(city: City, now: datetime, today: date) -> None:
    """How the year 2020 ended: what was held before this program is said by hand, the rest was reported."""
    chosen = next(each for each in queries.lists(city.organizer) if each.year == FIRST_YEAR)
    items = queries.items_of(chosen, city.organizer)
    for item in items:
        if item.linked and not item.name.startswith(PUT_OFF):
            worklist.set_state(
                item.id, State.DONE, reason="当年已办，材料在旧档案里", expected_revision=item.revision,
                actor=city.organizer, now=now,
            )  # fmt: skip
    entries = [
        worklist.Entry(item.id, "受疫情影响，顺延到次年", {})
        if item.name.startswith(PUT_OFF)
        else worklist.Entry(item.id, "已完成年度任务", {}, finished=True)
        for item in items
        if not item.linked
    ]
    last = spans(FIRST_YEAR, chosen.period)[-1]
    worklist.report(chosen.id, last, entries, actor=city.organizer, now=now, today=today)


def _this_year(city: City, now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    text = THIS_YEAR.format(year=today.year)
    sheet = rules.read_rows(reading.read(text), today.year)
    unit_id = city.association.id
    # Only what is there already: the city's own events, no more drafts.
    foreseen = queries.outlook(today.year, sheet, unit_id=unit_id, actor=city.organizer)
    known = [line.row.line for line in foreseen.lines if line.decision and line.decision.step is Step.NOTHING]
    worklist.import_list(
        today.year, sheet, unit_id=unit_id, title=reading.list_title(text), drafts=known, actor=city.organizer,
        now=now, zone=zone,
    )  # fmt: skip
    worklist.add_alias(unit_id, Alias("科技馆", city.museum.id), actor=city.organizer, now=now)
    chosen = next(each for each in queries.lists(city.organizer) if each.year == today.year)
    items = {item.name: item for item in queries.items_of(chosen, city.organizer)}
    periods = begun(today.year, Period.QUARTER, today)
    over = [span for span in periods if span.last_on < today]
    for nth, span in enumerate(over):
        entries = [
            _entry(items[name], words, numbers, nth, done)
            for name, words, numbers, done in REPORTS
            if not (name in SILENT and span == over[-1])
        ]
        worklist.report(chosen.id, span, entries, actor=city.organizer, now=now, today=today)
    survey = items["科技工作者状况调查"]
    worklist.set_state(
        survey.id, State.DOING, reason="调查时间按市里统一部署顺延", expected_revision=survey.revision,
        actor=city.organizer, now=now,
    )  # fmt: skip


def _entry(item: queries.Item, words: str, numbers: tuple[int, ...], nth: int, done: int) -> worklist.Entry:
    """The line of one period. A second target follows the first in step."""
    counted = [goal for goal in item.goals if goal.value is not None and goal.id is not None]
    actuals = {}
    for goal in counted:
        assert goal.value is not None
        share = Decimal(numbers[nth]) / Decimal(max(numbers[-1], 1))
        exact = goal.value * share if goal is not counted[0] else Decimal(numbers[nth])
        actuals[goal.id or 0] = exact.quantize(Decimal(1))
    return worklist.Entry(
        item.id, words.format(numbers[nth]), actuals, finished=not counted and nth + 1 == done, evidence=EVIDENCE
    )
