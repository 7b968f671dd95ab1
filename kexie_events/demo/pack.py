"""The rule pack of the demo's contest. Weights are sample data: the real contest does not publish its own.

Source: docs/sources.md#rubric-sample
"""

from typing import Any


def _criterion(code: str, name: str, most: int, hint: str, words: tuple[str, ...]) -> dict[str, Any]:
    """Four worded bands: from 90, 70 and 50 per cent of the full mark, and the rest."""
    lows = {30: (27, 21, 15, 0), 20: (18, 14, 10, 0), 10: (9, 7, 5, 0)}[most]
    highs = (most, *(low - 1 for low in lows[:-1]))
    bands = [{"low": str(a), "high": str(b), "word": word} for a, b, word in zip(lows, highs, words, strict=True)]
    return {"code": code, "name": name, "most": str(most), "hint": hint, "bands": bands}


PACK: dict[str, Any] = {
    "categories": [
        {"code": "innovation-a", "name": "科技创新成果 A 类"},
        {"code": "innovation-b", "name": "科技创新成果 B 类"},
        {"code": "robot", "name": "机器人创意"},
        {"code": "practice", "name": "科技实践活动"},
    ],
    "groups": [
        {"code": "primary", "name": "小学组"},
        {"code": "junior", "name": "初中组"},
        {"code": "senior", "name": "高中组"},
    ],
    "disciplines": [
        {"code": "MS", "name": "物质科学"},
        {"code": "LS", "name": "生命科学"},
        {"code": "ES", "name": "地球与空间科学"},
        {"code": "TD", "name": "技术与设计"},
        {"code": "SO", "name": "行为与社会科学"},
    ],
    "most_members": 3,
    "most_megabytes": 20,
    "judges_per_entry": 3,
    "own_district": "forbid",
    "method": "mean",
    "tie_breaks": ["main_criterion", "median", "highest_score"],
    "rubric": {
        "step": "0.5",
        "main": "inno",
        "criteria": [
            _criterion(
                "inno",
                "创新性",
                30,
                "问题或方法是否有新意，与已有工作的区别是否讲清楚",
                ("突出", "良好", "一般", "不足"),
            ),
            _criterion("sci", "科学性", 30, "方法、数据和结论是否可靠，能否重复", ("严谨", "可靠", "有缺陷", "不成立")),
            _criterion(
                "prac", "实用性", 20, "能否解决真实问题，成本与安全是否可接受", ("突出", "良好", "一般", "不足")
            ),
            _criterion(
                "self", "自主完成", 10, "是否由学生本人完成，过程记录是否完整", ("充分", "较充分", "部分", "存疑")
            ),
            _criterion("expr", "表达", 10, "申报书与图表是否清楚、准确", ("清楚", "较清楚", "尚可", "混乱")),
        ],
    },
    "clauses": {"team_size": "章程第七条：集体项目作者不超过 3 人，须为同一地区、同一学段，且不得在中途加入。"},
}

# Next year's: one category more, smaller teams, more judges, the highest and lowest score left out.
NEXT_PACK: dict[str, Any] = {
    **PACK,
    "categories": [*PACK["categories"], {"code": "paper", "name": "科技辅导员优秀论文"}],
    "most_members": 2,
    "judges_per_entry": 5,
    "method": "trimmed_mean",
    "clauses": {
        "team_size": "章程第七条：集体项目作者不超过 2 人，须为同一地区、同一学段，且不得在中途加入。",
        "one_each": "章程第五条：每人限报一项，集体项目的成员也计算在内。",
    },
}
