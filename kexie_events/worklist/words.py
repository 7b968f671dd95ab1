"""What the name of a work item says about it: words, and the kind of activity that each stands for. Data, no code.

Source: docs/sources.md#work-list-words
"""

from dataclasses import dataclass

from ..events.kinds import Kind


@dataclass(frozen=True)
class Ending:
    """A name that ends with one of ``ends`` and has one of ``with_`` anywhere (all, when empty) is of ``kind``.

    ``kind`` None: no activity with an edition of its own, but work that goes on all year.
    """

    kind: Kind | None
    ends: tuple[str, ...]
    with_: tuple[str, ...] = ()


# A name that begins so says what somebody has to do, not what takes place.
DUTIES = (
    "推进", "实施", "加强", "新建", "设置", "配合", "贯彻", "落实", "完善", "深化", "开展", "做好", "推动", "健全",
    "打造", "组建", "召集", "支持", "纳入", "制定", "探索",
)  # fmt: skip

# Said after the word that counts, and saying nothing.
TAILS = ("系列活动", "专项活动", "活动", "系列宣传", "工作")

# The first line that fits decides; special ones stand above general ones.
ENDINGS = (
    # What goes on, and what is asked, reported or approved: nobody joins it.
    Ending(
        None,
        ("建设", "提档升级", "提升行动", "发展", "战略合作", "任务", "清单", "管理", "监督", "考核", "督查", "调查",
         "普测", "评估", "调研", "报送", "监测"),
    ),
    Ending(None, ("报告", "发布", "公布"), ("调查", "调研", "情况", "建议", "信息")),
    # Contests: by what is compared.
    Ending(Kind.CONTEST_DEBATE, ("辩论赛", "辩论会", "辩论大赛")),
    Ending(Kind.CONTEST_SHOWCASE, ("展评大赛", "展评", "展演大赛", "展演", "讲解大赛", "讲解员大赛", "实验大赛")),
    Ending(
        Kind.CONTEST_QUIZ, ("竞答", "答题", "知识竞赛", "知识大赛", "公民科学素质大赛", "公民科学素质竞赛", "网络竞赛")
    ),
    Ending(Kind.CONTEST_EXAM, ("科学素养大赛", "科学素质大赛", "科学素养竞赛", "奥林匹克竞赛", "奥赛", "联赛")),
    Ending(Kind.CONTEST_EXAM, ("竞赛",), ("数学", "物理", "化学", "生物", "信息学", "学科", "地理", "天文")),
    Ending(
        Kind.CONTEST_MATCH,
        ("大赛", "竞赛", "比赛", "挑战赛", "锦标赛", "公开赛"),
        ("机器人", "无人机", "航模", "模型", "编程"),
    ),
    Ending(
        Kind.CONTEST_PROJECT,
        ("大赛", "竞赛", "比赛", "挑战赛", "竞赛选拔", "大赛选拔", "创新赛", "创意赛"),
    ),
    # Chosen and honoured.
    Ending(Kind.PAPER_SELECTION, ("论文评选", "论文征集", "论文遴选", "征文", "论文征集评选")),
    Ending(
        Kind.DESIGNATION,
        ("遴选", "命名", "认定", "验收", "创建"),
        ("基地", "样板", "试点", "示范", "城市", "区县", "站", "社区", "团队"),
    ),
    Ending(
        Kind.AWARD,
        ("评选", "表彰", "推选", "推荐", "推选及服务", "遴选", "评审", "评比", "颁奖", "奖", "选树"),
    ),
    Ending(Kind.DESIGNATION, ("试点", "样板间", "示范行动", "共建基地")),
    # People meet.
    Ending(
        Kind.FORUM_SERIES,
        ("双月论坛", "月度论坛", "季度论坛", "系列论坛", "论坛系列", "系列沙龙", "大讲堂", "讲坛", "月谈", "每月一讲"),
    ),
    Ending(Kind.CAMP, ("科学营", "夏令营", "冬令营", "创客营", "训练营", "研学营", "体验营", "集训营")),
    Ending(
        Kind.MEETING,
        ("全会", "全委会", "代表大会", "代表会议", "常委会", "常委会会议", "工作会议", "理事会", "动员会", "推进会",
         "部署会", "学习", "主题党日"),
    ),
    Ending(
        Kind.FORUM,
        ("论坛", "峰会", "研讨会", "座谈会", "交流会", "百人会", "沙龙", "联席会", "联席会议", "恳谈会", "圆桌会",
         "对话会", "观摩", "研讨"),
    ),
    Ending(
        Kind.LECTURE_TOUR,
        ("报告会", "宣讲", "宣讲教育", "宣讲会", "宣讲团", "巡讲", "校园行", "进校园", "进社区", "进农村", "走进区县",
         "讲座", "科普报告"),
    ),
    Ending(
        Kind.CONFERENCE,
        ("年会", "大会", "洽谈会", "博览会", "交易会", "学术会议", "学术活动", "学术交流", "科技节"),
    ),
    Ending(Kind.EXHIBITION, ("展", "展览", "流动科技馆")),
    # People learn, help, are helped.
    Ending(
        Kind.TRAINING,
        ("培训", "培训班", "研修班", "提高班", "进修班", "学习班", "讲习班", "研修", "轮训", "继续教育", "科普大学",
         "培养"),
    ),
    Ending(Kind.MATCHMAKING, ("对接", "对接会", "路演", "供需会", "需求发布会", "企会协作")),
    Ending(Kind.MATCHMAKING, ("行", "建功", "院士专家", "服务团", "专家服务"), ("专家", "院士", "学会")),
    Ending(Kind.VOLUNTEER, ("志愿服务", "志愿者行动", "志愿服务行动", "志愿服务样板")),
    Ending(Kind.GRANT, ("补助", "资助", "资助计划", "引导专项", "种子基金", "基金", "课题")),
    # For everybody, at many places.
    Ending(
        Kind.CAMPAIGN,
        ("科普日", "科普月", "科技月", "工作者日", "减灾日", "开放日", "活动周", "活动月", "宣传周", "宣传月", "科技周",
         "三下乡", "读书", "实践", "嘉年华", "游园会"),
    ),
    Ending(Kind.CAMPAIGN, ("行动", "系列", "活动"), ("科普", "主题", "纪念", "系列", "宣传")),
    Ending(Kind.CAMPAIGN, ("”活动", "”系列宣传")),  # a slogan in quotation marks
)  # fmt: skip
