"""A sample for named entities by character: short Chinese notices about people, offices and places."""

from __future__ import annotations

import random

from lstm_studio.data.samples_tagged import Tagged, distinct

# Surnames are words of their own as well (高, 方, 安, 江, 白, 黄), and towns begin the names of firms and schools.
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗方安江白石田万金常"
_GIVEN = "明华伟芳娜静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英文辉玲建国志红海燕春雪梅晨雨思源"
_TOWNS = (
    "北京 上海 广州 深圳 杭州 南京 成都 武汉 西安 苏州 青岛 大连 昆明 长沙 天津 宁波 江阴 高邮 白城 黄山 石家庄 张家口"
).split()
_TRADES = "科技 医药 文化 物流 建设 电子 食品 汽车 能源 环保 教育 旅游".split()
_FIRM_NAMES = "华明 长江 东方 安平 天海 金石 万春 白云 新元 高林 方达 江源".split()
_ENDS = "有限公司 股份有限公司 集团 研究院 设计院".split()
_SCHOOLS = "大学 师范大学 理工大学 第一中学 医学院 美术学院".split()
_OFFICES = "财政局 教育局 博物馆 图书馆 人民医院 档案馆 银行 气象台".split()
_TITLES = "总经理 董事长 副局长 教授 工程师 馆长 主任 秘书 校长 会计师 副总裁 研究员 队长 主编".split()
_DEGREES = "本科学历 硕士学位 博士学位 大专学历 工商管理硕士 法学博士".split()
_FIELDS = "经济 古建筑 桥梁设计 儿科 水文 软件 陶瓷 茶叶 税务 交通规划".split()
_THINGS = "展览 讲座 招聘会 开工仪式 座谈会 音乐会 运动会 签约仪式".split()
_ROADS = "人民路 中山大道 江边 东湖 白石桥 长安街 高新区 老城 黄河路 文化广场".split()

Part = str | tuple[str, str]


def notes(rows: int, seed: int) -> list[Tagged]:
    """So many notices, cut into characters; the same seed makes the same ones."""
    chance = random.Random(seed)
    return distinct(_one, rows, chance)


def _one(chance: random.Random) -> Tagged:
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    for part in chance.choice(_KINDS)(chance):
        text, kind = (part, "") if isinstance(part, str) else part
        if kind:
            spans.append((len(words), len(words) + len(text), kind))
        words += text
    return Tagged(words, spans)


def _name(chance: random.Random) -> Part:
    return chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))), "NAME"


def _org(chance: random.Random) -> Part:
    town = chance.choice(_TOWNS)
    kind = chance.random()
    if kind < 0.5:
        head = town if chance.random() < 0.6 else ""
        return head + chance.choice(_FIRM_NAMES) + chance.choice(_TRADES) + chance.choice(_ENDS), "ORG"
    return town + ("市" if chance.random() < 0.4 else "") + chance.choice(_SCHOOLS if kind < 0.75 else _OFFICES), "ORG"


def _school(chance: random.Random) -> Part:
    return chance.choice(_TOWNS) + chance.choice(_SCHOOLS), "ORG"


def _place(chance: random.Random) -> Part:
    town = chance.choice(_TOWNS)
    return (town + chance.choice(("市", "")) if chance.random() < 0.6 else town + chance.choice(_ROADS)), "LOC"


def _time(chance: random.Random) -> Part:
    year, month, day = chance.randint(1985, 2025), chance.randint(1, 12), chance.randint(1, 28)
    return chance.choice(
        (f"{year}年", f"{year}年{month}月", f"{month}月{day}日", f"{month}月{day}日上午", "明天下午", "本周五")
    ), "TIME"


def _title(chance: random.Random) -> Part:
    return chance.choice(_TITLES), "TITLE"


def _career(chance: random.Random) -> list[Part]:
    middle: list[Part] = ["，", (chance.choice(_DEGREES), "DEGREE")] if chance.random() < 0.6 else []
    return [_name(chance), "，", _time(chance), "生", *middle, "，", chance.choice(("现任", "曾任", "历任")),
            _org(chance), _title(chance), "。"]  # fmt: skip


def _appointed(chance: random.Random) -> list[Part]:
    return [_time(chance), "，", _name(chance), chance.choice(("出任", "被任命为", "不再担任", "当选")), _org(chance),
            _title(chance), "。"]  # fmt: skip


def _event(chance: random.Random) -> list[Part]:
    return [_org(chance), chance.choice(("将于", "定于", "已于")), _time(chance), "在", _place(chance),
            chance.choice(("举行", "举办", "召开")), chance.choice(_FIELDS), chance.choice(_THINGS), "。"]  # fmt: skip


def _visit(chance: random.Random) -> list[Part]:
    return [_org(chance), _title(chance), _name(chance), _time(chance), chance.choice(("到", "抵达", "离开", "前往")),
            _place(chance), chance.choice(("考察", "讲学", "探望老人", "")), "。"]  # fmt: skip


def _study(chance: random.Random) -> list[Part]:
    return [_time(chance), "毕业于", _school(chance), chance.choice(_FIELDS), "专业，", "获",
            (chance.choice(_DEGREES), "DEGREE"), "。"]  # fmt: skip


def _weather(chance: random.Random) -> list[Part]:
    colour = chance.choice(("高温黄色预警", "江面有大风", "明日多云", "白天有小雨", "万里无云", "方便出行"))
    return [_place(chance), _time(chance), colour, "。"]


def _two(chance: random.Random) -> list[Part]:
    return [
        _name(chance),
        "和",
        _name(chance),
        "都是",
        _org(chance),
        "的",
        _title(chance),
        "，住在",
        _place(chance),
        "。",
    ]


_KINDS = (_career, _career, _appointed, _event, _visit, _study, _weather, _two)
