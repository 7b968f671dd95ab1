import csv
from pathlib import Path

import pytest

from kexie_events.events.kinds import KINDS, Capability, Kind
from kexie_events.events.numbering import Numbered, Style
from kexie_events.worklist.recognition import Recognised, kind_of, recognise, series_name
from tests.worklist.test_rules import LIST

# The list of 2020, row by row: series, number, kind; None for work without an edition.
OF_YEAR = Numbered(2020, Style.YEAR, 2020)


def _of(number: int) -> Numbered:
    return Numbered(number, Style.ORDINAL_CHINESE, 2020)


EXPECTED = {
    "2020数字经济百人会（智博会）": ("数字经济百人会", OF_YEAR, Kind.FORUM),
    "院士专家助力成渝地区双城经济圈建设峰会（英才大会）": (
        "院士专家助力成渝地区双城经济圈建设峰会", OF_YEAR, Kind.FORUM,
    ),
    "2020中国云计算和物联网大会": ("中国云计算和物联网大会", OF_YEAR, Kind.CONFERENCE),
    "第四届“一带一路”青少年创客营与教师研讨活动": ("“一带一路”青少年创客营与教师研讨活动", _of(4), Kind.CAMP),
    "2020中国西部反邪教论坛": ("中国西部反邪教论坛", OF_YEAR, Kind.FORUM),
    "中国西部地区电商产业扶贫高峰论坛暨老科协助推脱贫攻坚经验交流会": (
        "中国西部地区电商产业扶贫高峰论坛暨老科协助推脱贫攻坚经验交流会", OF_YEAR, Kind.FORUM,
    ),
    "2020重庆市科协年会": ("重庆市科协年会", OF_YEAR, Kind.CONFERENCE),
    "重庆市科技经济深度融合双月论坛": (
        "重庆市科技经济深度融合双月论坛", Numbered(1, Style.ISSUE, 2020), Kind.FORUM_SERIES,
    ),
    "2020基层科协“三长”论坛": ("基层科协“三长”论坛", OF_YEAR, Kind.FORUM),
    "第五届科协改革研讨会": ("科协改革研讨会", _of(5), Kind.FORUM),
    "第十二届重庆市青少年科技创新市长奖评选表彰": ("重庆市青少年科技创新市长奖评选表彰", _of(12), Kind.AWARD),
    "第三届重庆市公民科学素质大赛": ("重庆市公民科学素质大赛", _of(3), Kind.CONTEST_QUIZ),
    "第35届重庆市青少年科技创新大赛": (
        "重庆市青少年科技创新大赛", Numbered(35, Style.ORDINAL, 2020), Kind.CONTEST_PROJECT,
    ),
    "第四届重庆市青少年科学素养大赛": ("重庆市青少年科学素养大赛", _of(4), Kind.CONTEST_EXAM),
    "第二十九届全国中学生生物学竞赛": ("全国中学生生物学竞赛", _of(29), Kind.CONTEST_EXAM),
    "第三届重庆市青少年STEAM科创大赛": ("重庆市青少年STEAM科创大赛", _of(3), Kind.CONTEST_PROJECT),
    "全国科普场馆科学教育项目展评大赛": ("全国科普场馆科学教育项目展评大赛", OF_YEAR, Kind.CONTEST_SHOWCASE),
    "新冠肺炎疫情应急科普系列行动": ("新冠肺炎疫情应急科普系列行动", OF_YEAR, Kind.CAMPAIGN),
    "川渝科协科普联合行动": ("川渝科协科普联合行动", OF_YEAR, Kind.CAMPAIGN),
    "院士专家科普校园行活动": ("院士专家科普校园行活动", OF_YEAR, Kind.LECTURE_TOUR),
    "中国科协国家海外人才离岸创新创业基地建设": None,
    "中国科协重庆国际技术服务与交易中心建设": None,
    "院士专家工作站建设": None,
    "海智工作站、海外技术合作平台建设": None,
    "现代科技馆体系建设": None,
    "村社科普阵地建设": None,
    "“智慧科协”建设": None,
    "科普文化产业基地建设": None,
    "科协传媒建设": None,
    "重庆科学会堂建设": None,
    "推进川渝科协战略合作": None,
    "实施院士带培计划": None,
    "学会治理能力提升行动": None,
    "老、青、女科技工作者协会建设": None,
    "农技协提档升级": None,
    "两江新区科协建设": None,
    "基层科协“三长”队伍建设": None,
    "事业单位科协建设": None,
    "企业单位科协建设": None,
    "科协主管民办非企科技组织发展": None,
}  # fmt: skip


def test_every_row_of_the_list_of_2020_is_expected() -> None:
    names = [row["name"] for row in csv.DictReader(LIST.read_text(encoding="utf-8").splitlines())]
    assert names == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_row_of_2020_is_read_as_a_person_would(name: str) -> None:
    found, expected = recognise(name, 2020), EXPECTED[name]
    assert (found and (found.name, found.numbered, found.kind)) == expected


def test_a_number_that_is_printed_is_told_from_one_that_is_guessed() -> None:
    printed = {name for name in EXPECTED if (found := recognise(name, 2020)) and found.printed}
    assert len(printed) == 13
    assert "2020重庆市科协年会" in printed
    assert not printed & {"重庆市科技经济深度融合双月论坛", "院士专家科普校园行活动"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2023年第2期双月论坛", Recognised("双月论坛", Kind.FORUM_SERIES, Numbered(2, Style.ISSUE, 2023), True)),
        ("2026年度科协年会", Recognised("科协年会", Kind.CONFERENCE, Numbered(2026, Style.YEAR, 2026), True)),
        ("2026双月论坛", Recognised("双月论坛", Kind.FORUM_SERIES, Numbered(1, Style.ISSUE, 2026), False)),
        ("首届沙龙", Recognised("沙龙", Kind.FORUM, Numbered(1, Style.ORDINAL_CHINESE, 2024), True)),
        ("市科协五届八次全会", Recognised("市科协全会", Kind.MEETING, Numbered(2024, Style.YEAR, 2024), False)),
        ("第零届论坛", Recognised("论坛", Kind.FORUM, Numbered(2024, Style.YEAR, 2024), False)),
        ("第35届", None),
        ("", None),
        ("（论坛）", None),
    ],
)  # fmt: skip
def test_numbers_are_read_in_every_style(name: str, expected: Recognised | None) -> None:
    assert recognise(name, 2024) == expected


def test_the_name_of_a_series_has_no_number_and_nothing_of_one_year() -> None:
    assert series_name("2020重庆市科协年会（联合万州区政府）") == "重庆市科协年会"
    assert series_name("第41届重庆市青少年科技创新大赛") == series_name("第35届重庆市青少年科技创新大赛")


# Names and kinds of 168 activities from founding documents of two associations. The words were chosen with them in
# view, so this measures how far a list of endings carries, not what to expect of other names.
ACTIVITIES = Path("tests/worklist/activities.csv")
# Taken for another kind: the row names several activities, or its kind is no matter of words.
OTHER_KIND = {
    "遴选8名海归科技青年 + “创新青春在重庆更闪亮”报告会": Kind.LECTURE_TOUR,
    "世界科技与发展论坛（争取落户）": Kind.FORUM,
    "省博士专家论坛、中青年专家学术大会、天府创新论坛、科技青年创新沙龙（组织参加）": Kind.FORUM,
    "标志性学术活动品牌、综合交叉学术交流活动": Kind.CONFERENCE,
    "省“双创活动周”、农村乡土人才创新创业大赛、科技人才创业菁英大赛（组织参加）": Kind.CAMPAIGN,
    "“讲理想、比创新、比贡献”活动": Kind.CAMPAIGN,
}
# Left out although it is one: its name ends with no word that says so.
LEFT = {
    Kind.PROGRAMME: 6, Kind.AWARD: 3, Kind.GRANT: 5, Kind.FORUM: 2, Kind.DESIGNATION: 4, Kind.MATCHMAKING: 3,
    Kind.MEETING: 1,
}  # fmt: skip


def _activities() -> list[tuple[str, Kind | None]]:
    """Names and kinds; a kind that nobody registers for and nothing is submitted to has no edition to draft."""
    with ACTIVITIES.open(encoding="utf-8") as file:
        kinds = [(row["name"], Kind(row["kind"])) for row in csv.DictReader(file)]
    return [
        (name, kind if KINDS[kind].capabilities & {Capability.REGISTRATION, Capability.ENTRIES} else None)
        for name, kind in kinds
    ]


def test_of_168_named_activities_138_are_read_right() -> None:
    found = [(name, kind, kind_of(series_name(name))) for name, kind in _activities()]
    assert len(found) == 168
    assert sum(kind is read for _, kind, read in found) == 138
    assert {name: read for name, kind, read in found if read and read is not kind} == OTHER_KIND
    left = [kind for _, kind, read in found if kind and read is None]
    assert {kind: left.count(kind) for kind in left} == LEFT


def test_no_report_survey_or_approval_becomes_an_event() -> None:
    names = [name for name, kind in _activities() if kind is None]
    assert len(names) == 21
    assert [name for name in names if recognise(name, 2021)] == []


# National activities and those of other cities. No word was chosen for them: 26 of 36 is what to expect elsewhere.
ELSEWHERE = {
    "第二十五届中国科协年会": Kind.CONFERENCE, "第38届全国青少年科技创新大赛": Kind.CONTEST_PROJECT,
    "2023世界机器人大会": Kind.CONFERENCE, "第十六届浦江创新论坛": Kind.FORUM,
    "全国科普讲解大赛": Kind.CONTEST_SHOWCASE, "第23届明天小小科学家奖励活动": Kind.AWARD, "英才计划": Kind.PROGRAMME,
    "第七届中国科幻大会": Kind.CONFERENCE, "全国中学生数学奥林匹克竞赛": Kind.CONTEST_EXAM,
    "中国青少年机器人竞赛": Kind.CONTEST_MATCH, "青少年科学调查体验活动": Kind.CAMPAIGN,
    "大手拉小手科普报告希望行": Kind.LECTURE_TOUR, "2024年全国科技活动周": Kind.CAMPAIGN,
    "中国科技峰会": Kind.FORUM, "科技工作者之家建设": None, "全国最美科技工作者学习宣传活动": Kind.AWARD,
    "2023年成都市科技年会": Kind.CONFERENCE, "第十八届中国青年科技奖评选": Kind.AWARD,
    "乡村振兴科技服务团": Kind.MATCHMAKING, "全国青年科普创新实验暨作品大赛": Kind.CONTEST_PROJECT,
    "浙江省科学道德和学风建设宣讲会": Kind.LECTURE_TOUR, "全民科学素质行动规划纲要实施": None,
    "首届长三角科普场馆联盟大会": Kind.CONFERENCE, "企业科协能力提升培训班": Kind.TRAINING,
    "科技馆奇妙夜": Kind.CAMPAIGN, "2022年自然科学优秀学术论文评选": Kind.PAPER_SELECTION,
    "钱江晚报院士讲堂": Kind.FORUM_SERIES, "全国科学实验展演汇演活动": Kind.CONTEST_SHOWCASE,
    "天府科技云服务平台建设": None, "科学家精神进校园": Kind.LECTURE_TOUR, "农村科普带头人培训": Kind.TRAINING,
    "第九届全国大学生机械创新设计大赛": Kind.CONTEST_PROJECT, "省级学会星级评定": None,
    "流动科技馆巡展": Kind.EXHIBITION, "“奋斗者·正青春”科技工作者日主场活动": Kind.CAMPAIGN,
    "海智计划工作基地考核": None,
}  # fmt: skip


def test_of_36_names_from_elsewhere_26_are_read_right_and_one_wrong() -> None:
    read = {name: kind_of(series_name(name)) for name in ELSEWHERE}
    assert len(ELSEWHERE) == 36
    assert sum(read[name] is kind for name, kind in ELSEWHERE.items()) == 26
    wrong = {name: kind for name, kind in read.items() if kind and kind is not ELSEWHERE[name]}
    assert wrong == {"全国最美科技工作者学习宣传活动": Kind.CAMPAIGN}
