"""A sample for named entities by character: short Chinese notices about people, offices and places."""

from __future__ import annotations

from lstm_studio.data.samples_tagged import Chance, Tagged, distinct

# Surnames are words of their own as well (高, 方, 安, 江, 白, 黄), and towns begin the names of firms and schools.
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗方安江白石田万金常"
_GIVEN = "明华伟芳娜静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英文辉玲建国志红海燕春雪梅晨雨思源"
_TOWNS = (
    "北京 上海 广州 深圳 杭州 南京 成都 武汉 西安 苏州 青岛 大连 昆明 长沙 天津 宁波 江阴 高邮 白城 黄山 石家庄 张家口"
).split()
# One character stands for a town: 京 is Beijing alone, and a part of 北京 and 南京.
_SHORT = "京 沪 津 渝 穗 汉 宁 港".split()
_TRADES = "科技 医药 文化 物流 建设 电子 食品 汽车 能源 环保 教育 旅游".split()
_FIRM_NAMES = "华明 长江 东方 安平 天海 金石 万春 白云 新元 高林 方达 江源".split()
# What an office is called at its end, and who works there.
_ENDS = "有限公司 股份有限公司 集团".split()
_SCHOOLS = "大学 师范大学 理工大学 医学院 美术学院 第一中学".split()
_OFFICES = "财政局 教育局 博物馆 图书馆 人民医院 档案馆 银行 气象台 设计院".split()
_STAFF = {
    "司": "总经理 董事长 副总裁 工程师 会计师 秘书 高级工程师 监事",
    "团": "总经理 董事长 副总裁 会计师 秘书 总工程师",
    "学": "校长 副校长 教师 主任 秘书",
    "大学": "校长 教授 副教授 研究员 主任 秘书",
    "院": "院长 副院长 教授 主任 研究员 秘书",
    "局": "局长 副局长 科长 秘书 主任",
    "馆": "馆长 副馆长 研究员 主任 秘书",
    "行": "行长 副行长 会计师 主任 秘书",
    "台": "台长 工程师 主任 预报员",
}
_DEGREES = "本科学历 硕士学位 博士学位 大专学历 工商管理硕士 法学博士".split()
_STUDIES = {
    "医学院": "儿科 护理 药学 中医",
    "美术学院": "陶瓷 油画 书法 雕塑",
    "大学": "经济 法学 建筑 桥梁设计 水文 软件 历史 交通规划",
}
_FIELDS = "经济 古建筑 桥梁设计 儿科 水文 软件 陶瓷 茶叶 税务 交通规划".split()
_THINGS = "展览 讲座 招聘会 座谈会 研讨会 交流会".split()
_ROADS = "人民路 中山大道 江边 东湖 白石桥 长安街 高新区 老城 黄河路 文化广场".split()

Part = str | tuple[str, str]


def notes(rows: int, seed: int) -> list[Tagged]:
    """So many notices, cut into characters; the same seed makes the same ones."""
    chance = Chance(seed)
    return distinct(_one, rows, chance)


def _one(chance: Chance) -> Tagged:
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    for part in chance.choice(_KINDS)(chance):
        text, kind = (part, "") if isinstance(part, str) else part
        if kind:
            spans.append((len(words), len(words) + len(text), kind))
        words += text
    return Tagged(words, spans)


def _name(chance: Chance) -> Part:
    given = "".join(chance.choice(_GIVEN) for _ in range(chance.choice((1, 2, 2))))
    return chance.choice(_SURNAMES) + given, "NAME"


def _org(chance: Chance) -> str:
    town = chance.choice(_TOWNS)
    kind = chance.random()
    if kind < 0.5:
        head = town if chance.random() < 0.6 else ""
        return head + chance.choice(_FIRM_NAMES) + chance.choice(_TRADES) + chance.choice(_ENDS)
    if kind < 0.7:
        return town + chance.choice(_SCHOOLS)
    return town + ("市" if chance.random() < 0.4 else "") + chance.choice(_OFFICES)


def _post(chance: Chance) -> list[Part]:
    """An office and what somebody is there."""
    org = _org(chance)
    return [(org, "ORG"), (chance.choice(_STAFF[org[-2:] if org[-2:] in _STAFF else org[-1]].split()), "TITLE")]


def _place(chance: Chance) -> Part:
    kind = chance.random()
    if kind < 0.35:
        return chance.choice(_SHORT), "LOC"
    town = chance.choice(_TOWNS)
    return (town + chance.choice(("市", "")) if kind < 0.7 else town + chance.choice(_ROADS)), "LOC"


def _home(chance: Chance) -> Part:
    return chance.choice(_TOWNS) + chance.choice(_ROADS), "LOC"


def _month(chance: Chance, first: int, last: int) -> Part:
    """A year, or a month of one."""
    return f"{chance.number(first, last)}年" + chance.choice(("", f"{chance.number(1, 12)}月")), "TIME"


def _day(chance: Chance, near: str) -> Part:
    """A day, perhaps a part of it; ``near`` are words for days that fit the sentence."""
    if chance.random() < 0.5:
        return chance.choice(near.split()), "TIME"
    part = chance.choice(("", "", "上午", "下午", "晚"))
    return f"{chance.number(1, 12)}月{chance.number(1, 28)}日{part}", "TIME"


_PAST = "昨天 昨天上午 上周五 前天 上个月 去年春天"
_FUTURE = "明天 明天下午 本周五 下周一 后天上午 明年春天"


def _career(chance: Chance) -> list[Part]:
    middle: list[Part] = ["，", (chance.choice(_DEGREES), "DEGREE")] if chance.random() < 0.8 else []
    home: list[Part] = ["，", (chance.choice(_TOWNS), "LOC"), "人"] if chance.random() < 0.4 else []
    return [_name(chance), "，", _month(chance, 1955, 1994), "生", *home, *middle, "，",
            chance.choice(("现任", "曾任", "历任")), *_post(chance), "。"]  # fmt: skip


def _appointed(chance: Chance) -> list[Part]:
    when = _day(chance, _PAST) if chance.random() < 0.5 else _month(chance, 1998, 2025)
    verb = chance.choice(("出任", "被任命为", "不再担任", "当选", "辞去"))
    return [when, "，", _name(chance), verb, *_post(chance), "职务。" if verb == "辞去" else "。"]


def _event(chance: Chance) -> list[Part]:
    verb, near = chance.choice((("将于", _FUTURE), ("定于", _FUTURE), ("已于", _PAST)))
    return [(_org(chance), "ORG"), verb, _day(chance, near), "在", _place(chance),
            chance.choice(("举行", "举办", "召开")), chance.choice(_FIELDS), chance.choice(_THINGS), "。"]  # fmt: skip


def _visit(chance: Chance) -> list[Part]:
    go, aim = chance.choice(
        (("到", "考察"), ("赴", "讲学"), ("前往", "探望老人"), ("抵", ""), ("离", ""), ("离开", ""))
    )
    return [*_post(chance), _name(chance), _day(chance, _PAST), go, _place(chance), aim, "。"]


def _journey(chance: Chance) -> list[Part]:
    start, end = chance.mixed(_SHORT if chance.random() < 0.6 else _TOWNS)[:2]
    return [_name(chance), _day(chance, _PAST), "由", (start, "LOC"), chance.choice(("赴", "抵", "飞")), (end, "LOC"),
            "，随行的有", *_post(chance), _name(chance), "。"]  # fmt: skip


def _study(chance: Chance) -> list[Part]:
    school, fields = chance.choice(tuple(_STUDIES.items()))
    kind = chance.choice(("", "师范", "理工")) if school == "大学" else ""
    return [_name(chance), _month(chance, 1985, 2024), "毕业于", (chance.choice(_TOWNS) + kind + school, "ORG"),
            chance.choice(fields.split()), "专业，取得", (chance.choice(_DEGREES[:4]), "DEGREE"), "。"]  # fmt: skip


def _weather(chance: Chance) -> list[Part]:
    sky = chance.choice(("有高温", "江面有大风", "多云", "有小雨", "万里无云", "晴，方便出行", "有白霜"))
    return [
        _home(chance) if chance.random() < 0.5 else (chance.choice(_TOWNS), "LOC"),
        _day(chance, _FUTURE),
        sky,
        "。",
    ]


def _two(chance: Chance) -> list[Part]:
    return [_name(chance), "和", _name(chance), "都曾任", *_post(chance), "，", chance.choice(("现住", "住在")),
            _home(chance), "。"]  # fmt: skip


_KINDS = (_career, _career, _appointed, _event, _visit, _journey, _study, _weather, _two)
