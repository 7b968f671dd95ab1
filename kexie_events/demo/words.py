"""The names of the demo city: invented people and works, real kinds of units. Everything is built from lists by index,
so that two runs on the same day show the same city."""

SOCIETIES = [
    "电子学会",
    "计算机学会",
    "机械工程学会",
    "医学会",
    "农学会",
    "环境科学学会",
    "天文学会",
    "生物学会",
    "化学化工学会",
    "城市规划学会",
]
DEPARTMENTS = ["办公室", "组织人事部", "学会学术部", "科学技术普及部", "企事业工作部", "宣传部", "国际工作部"]
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = [
    "雨桐",
    "子涵",
    "浩然",
    "思远",
    "一诺",
    "梓萱",
    "嘉懿",
    "明哲",
    "晨曦",
    "书瑶",
    "宇航",
    "欣怡",
    "俊熙",
    "若溪",
    "天佑",
    "静雅",
    "博文",
    "诗涵",
    "泽宇",
    "可馨",
    "睿",
    "婷",
    "磊",
    "洁",
    "强",
    "敏",
    "伟",
    "丽",
    "军",
    "燕",
]
SUBJECTS = [
    "声控路灯",
    "教室采光",
    "水管渗漏",
    "阳台雨水",
    "厨余堆肥",
    "公交候车",
    "江岸苔藓",
    "校园噪声",
    "防滑楼梯",
    "盲道识别",
    "自行车棚",
    "鱼菜共生",
    "粉尘监测",
    "隧道通风",
    "山城步道",
    "轻轨客流",
    "火锅油脂",
    "梯田保水",
    "蚕豆发芽",
    "夜间灯光",
    "索道乘客",
    "冬季浓雾",
    "长江水位",
    "老旧电梯",
    "食堂剩饭",
    "屋顶菜园",
    "课间拥堵",
    "桥面结冰",
    "校服面料",
    "电子废弃物",
    "小区充电桩",
    "流浪动物",
    "方言语音",
    "书包重量",
    "柑橘保鲜",
]
METHODS = [
    "的节能改进",
    "的简易测定",
    "的自动控制装置",
    "的对比实验",
    "的影响因素研究",
    "的预警模型",
    "的低成本方案",
    "的调查与建议",
    "的图像识别",
    "的长期观察",
    "的材料比较",
    "的数据地图",
    "的提醒装置",
    "的互动教具",
    "的风险评估",
    "的循环利用",
]
SCHOOL_KINDS = ("实验小学", "第一中学校", "育才中学校")


def person(n: int) -> str:
    """The n-th invented person: 李雨桐, 王子涵 …"""
    return SURNAMES[n % len(SURNAMES)] + GIVEN[(n * 7 + n // len(SURNAMES)) % len(GIVEN)]


def work(n: int) -> str:
    """The n-th invented work: 声控路灯的节能改进 …; the first five hundred differ."""
    turn, subject = divmod(n, len(SUBJECTS))
    return SUBJECTS[subject] + METHODS[(subject + turn * 5) % len(METHODS)]


def abstract(n: int) -> str:
    """Two sentences about the n-th work."""
    subject = SUBJECTS[n % len(SUBJECTS)]
    return (
        f"我们在社区和校园里观察了{subject}的现状，提出一种用常见材料就能完成的做法，"
        f"并做了 {24 + n % 73} 次对照实验。\n\n"
        f"结果表明，改进后平均误差为 {0.21 + n % 17 / 100:.2f}，成本约 {18 + n % 60} 元；"
        "不足之处是样本还少，下一步准备在更多地点重复。"
    )
