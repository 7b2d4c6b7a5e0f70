"""A sample for translation between two ways of writing: English notes about times, prices and errands, in Chinese.

Times and dates stand at the end in English and at the front in Chinese; what is counted takes a word of its own there
(三本书, 两杯茶), and "in the morning" is 早上 or 上午 by the hour. Chinese is written character by character.
"""

from __future__ import annotations

from typing import NamedTuple

from lstm_studio.data.samples_numbers import Said, clock_time, counted, in_chinese, in_english, ordinal
from lstm_studio.data.samples_pairs import distinct
from lstm_studio.data.samples_tagged import Chance


def _both(text: str) -> list[Said]:
    return [Said(*entry.split("=")) for entry in text.split("|")]


_CITIES = _both(
    "Beijing=北京|Shanghai=上海|Guangzhou=广州|Hangzhou=杭州|Nanjing=南京|Xi'an=西安|Chengdu=成都|Wuhan=武汉"
)
# With "she" and "he".
_PEOPLE = {
    "he": _both("Mr. Wang=王先生|Dr. Zhang=张医生|my father=我爸爸|my elder brother=我哥哥|Mr. Liu=刘先生"),
    "she": _both("Ms. Li=李女士|Dr. Chen=陈医生|my mother=我妈妈|my younger sister=我妹妹|Ms. Zhao=赵女士"),
}
_DAYS = _both(
    "today=今天|tomorrow=明天|the day after tomorrow=后天|on Monday=星期一|on Tuesday=星期二|on Wednesday=星期三|"
    "on Thursday=星期四|on Friday=星期五|on Saturday=星期六|on Sunday=星期天|next Monday=下星期一|next Friday=下星期五"
)
_PAST = _both(
    "yesterday=昨天|the day before yesterday=前天|last Monday=上星期一|last Saturday=上星期六|this morning=今天上午"
)
_PARTS = _both("morning=上午|afternoon=下午|evening=晚上")
_MONTHS = "January February March April May June July August September October November December".split()
_PLACES = _both(
    "at the station=在车站|at the library=在图书馆|in front of the bank=在银行门口|at the hotel=在酒店|"
    "at the school gate=在学校门口|in the park=在公园|at the airport=在机场|in the café=在咖啡馆"
)
_SHOPS = _both("at the market=在市场|at the supermarket=在超市|in the shop=在商店|at the bookshop=在书店")
_OPEN = _both(
    "the bank=银行|the library=图书馆|the post office=邮局|the museum=博物馆|the swimming pool=游泳池|the shop=商店"
)


class Goods(NamedTuple):
    """What is bought: one and many, in Chinese, the word that counts it there, and what one costs."""

    one: str
    many: str
    chinese: str
    counter: str
    least: int
    most: int


def _goods_of(text: str) -> tuple[Goods, ...]:
    found = (entry.strip().split("/") for entry in text.split("|"))
    return tuple(
        Goods(one, many, chinese, counter, *map(int, price.split("-"))) for one, many, chinese, counter, price in found
    )


_GOODS = _goods_of(
    "book/books/书/本/18-60|dictionary/dictionaries/词典/本/40-90|cup of tea/cups of tea/茶/杯/5-20|"
    "cup of coffee/cups of coffee/咖啡/杯/12-30|ticket/tickets/票/张/20-80|map/maps/地图/张/8-25|"
    "umbrella/umbrellas/雨伞/把/20-60|chair/chairs/椅子/把/60-180|shirt/shirts/衬衫/件/50-200|coat/coats/大衣/件/180-450|"
    "pair of shoes/pairs of shoes/鞋/双/80-300|pair of gloves/pairs of gloves/手套/双/15-50|"
    "bottle of milk/bottles of milk/牛奶/瓶/6-15|bottle of water/bottles of water/水/瓶/3-6|"
    "kilo of apples/kilos of apples/苹果/公斤/6-16|kilo of rice/kilos of rice/大米/公斤/4-12|"
    "bicycle/bicycles/自行车/辆/260-480|fish/fish/鱼/条/15-45|egg/eggs/鸡蛋/个/3-4|"
    "loaf of bread/loaves of bread/面包/个/5-15|bunch of flowers/bunches of flowers/花/束/20-60|"
    "box of medicine/boxes of medicine/药/盒/15-70"
)
_ERRANDS = _both(
    "call my mother=给我妈妈打电话|pick up the children=接孩子|return the book=还书|water the flowers=浇花|"
    "pay the rent=交房租|take the medicine=吃药|clean the kitchen=打扫厨房|write to Dr. Zhang=给张医生写信|"
    "repair the bicycle=修自行车|wash the car=洗车|buy a train ticket=买火车票|feed the cat=喂猫"
)
_RIDES = (
    ("train", "火车", "leaves", "出发"),
    ("bus", "汽车", "leaves", "出发"),
    ("plane", "飞机", "takes off", "起飞"),
)
_BY = _both("by train=坐火车|by bus=坐汽车|by plane=坐飞机|by car=开车")
_EVENTS = _both(
    "the meeting=会议|the concert=音乐会|the football match=足球比赛|the party=晚会|the lesson=课|the film=电影"
)
_WHY = _both(
    "{he} is ill=病了|{he} has to work=要上班|{he} has no time=没有时间|the car is broken=车坏了|it is raining=下雨|"
    "{he} has to see a doctor=要看医生"
)
_WEATHER = _both(
    "it will rain=会下雨|it will snow=会下雪|it will be sunny=是晴天|it will be cloudy=是多云|it will be windy=会刮风"
)


def errands(rows: int, seed: int) -> list[tuple[str, str]]:
    """So many English notes with the Chinese ones; the same seed makes the same ones."""
    return distinct(_one, rows, Chance(seed))


def _one(chance: Chance) -> tuple[str, str]:
    english, chinese = chance.choice(_KINDS)(chance)
    end, stop = ("?", "？") if english.endswith("?") else (".", "。")
    return english[0].upper() + english[1:].removesuffix(end) + end, chinese.removesuffix(stop) + stop


# -- times and goods -----------------------------------------------------------------------------------------------


def _when(chance: Chance, first: int = 6) -> Said:
    """A day, perhaps with its part, or with a time."""
    draw = chance.random()
    day = chance.choice(_DAYS)
    if draw < 0.3:
        return day
    if draw < 0.6:
        part = chance.choice(_PARTS if first < 17 else _PARTS[2:])
        english = {"today": f"this {part.english}", _DAYS[2].english: f"{day.english} in the {part.english}"}
        return Said(english.get(day.english, f"{day.english} {part.english}"), day.chinese + part.chinese)
    clock, _ = clock_time(chance, first)
    return Said(f"{day.english} at {clock.english}", day.chinese + clock.chinese)


def _date(chance: Chance) -> Said:
    month, day = chance.number(1, 12), chance.number(1, 28)
    return Said(f"the {ordinal(day)} of {_MONTHS[month - 1]}", f"{in_chinese(month)}月{in_chinese(day)}日")


def _person(chance: Chance) -> tuple[str, Said]:
    pronoun = chance.choice(("he", "she"))
    return pronoun, chance.choice(_PEOPLE[pronoun])


def _goods(chance: Chance) -> tuple[int, Said, Said]:
    """How many, what, and the price of all."""
    goods = chance.choice(_GOODS)
    count = chance.number(1, 12 if goods.most < 20 else 6 if goods.most < 100 else 2)
    article = "an" if goods.one[0] in "aeiou" else "a"
    english = f"{article} {goods.one}" if count == 1 else f"{in_english(count)} {goods.many}"
    yuan = count * chance.number(goods.least, goods.most)
    price = Said(f"{in_english(yuan)} yuan", f"{counted(yuan)}块钱")
    if yuan < 100 and chance.random() < 0.2:
        price = Said(f"{price.english} fifty", f"{counted(yuan)}块五")
    return count, Said(english, f"{counted(count)}{goods.counter}{goods.chinese}"), price


# -- notes -----------------------------------------------------------------------------------------------------


def _leaving(chance: Chance) -> Said:
    ride, vehicle, leaves, starts = chance.choice(_RIDES)
    city, when = chance.choice(_CITIES), _when(chance)
    clock, _ = clock_time(chance)
    if chance.random() < 0.5:
        when = Said(f"at {clock.english}", clock.chinese)
    return Said(
        f"the {ride} to {city.english} {leaves} {when.english}", f"去{city.chinese}的{vehicle}{when.chinese}{starts}"
    )


def _arriving(chance: Chance) -> Said:
    _, who = _person(chance)
    city, when, by = chance.choice(_CITIES), _when(chance), chance.choice(_BY)
    if chance.random() < 0.5:
        return Said(
            f"{who.english} will arrive in {city.english} {when.english}",
            f"{who.chinese}{when.chinese}到{city.chinese}",
        )
    return Said(
        f"{who.english} will go to {city.english} {by.english} {when.english}",
        f"{who.chinese}{when.chinese}{by.chinese}去{city.chinese}",
    )


def _buying(chance: Chance) -> Said:
    _, what, price = _goods(chance)
    shop = chance.choice(_SHOPS[:3])
    draw = chance.random()
    if draw < 0.35:
        return Said(f"please buy {what.english} {shop.english}", f"请{shop.chinese}买{what.chinese}")
    if draw < 0.5:
        return Said(f"please buy {what.english} on the way home", f"请在回家的路上买{what.chinese}")
    _, who = _person(chance)
    when = chance.choice(_PAST)
    return Said(
        f"{who.english} bought {what.english} {shop.english} for {price.english} {when.english}",
        f"{who.chinese}{when.chinese}{shop.chinese}花{price.chinese}买了{what.chinese}",
    )


def _costing(chance: Chance) -> Said:
    count, what, price = _goods(chance)
    return Said(
        f"{what.english} {'costs' if count == 1 else 'cost'} {price.english}", f"{what.chinese}要{price.chinese}"
    )


def _beginning(chance: Chance) -> Said:
    event = chance.choice(_EVENTS)
    (whole, bare), (_, wrong) = clock_time(chance, 8), clock_time(chance, 8)
    day = chance.choice(_DAYS)
    if chance.random() < 0.4 and wrong != bare:
        return Said(
            f"{event.english} begins at {bare.english}, not at {wrong.english}",
            f"{event.chinese}{bare.chinese}开始，不是{wrong.chinese}",
        )
    return Said(
        f"{event.english} begins {day.english} at {whole.english}", f"{event.chinese}{day.chinese}{whole.chinese}开始"
    )


def _birthday(chance: Chance) -> Said:
    _, who = _person(chance)
    date = _date(chance)
    owner = who.english + "'s"
    if chance.random() < 0.6:
        return Said(f"{owner} birthday is on {date.english}", f"{who.chinese}的生日是{date.chinese}")
    event = chance.choice(_EVENTS[:4])
    return Said(f"{event.english} is on {date.english}", f"{event.chinese}在{date.chinese}举行")


def _reminding(chance: Chance) -> Said:
    errand, when = chance.choice(_ERRANDS), _when(chance)
    draw = chance.random()
    if draw < 0.4:
        return Said(f"do not forget to {errand.english} {when.english}", f"{when.chinese}别忘了{errand.chinese}")
    if draw < 0.7:
        return Said(f"can you {errand.english} {when.english}?", f"你{when.chinese}能{errand.chinese}吗？")
    return Said(f"I have to {errand.english} {when.english}", f"我{when.chinese}要{errand.chinese}")


def _waiting(chance: Chance) -> Said:
    _, who = _person(chance)
    place, when = chance.choice(_PLACES), _when(chance)
    return Said(
        f"{who.english} will wait for you {place.english} {when.english}",
        f"{who.chinese}{when.chinese}{place.chinese}等你",
    )


def _opening(chance: Chance) -> Said:
    place, (start, _), (end, _) = chance.choice(_OPEN), clock_time(chance, 7, 10), clock_time(chance, 16, 21)
    day = chance.choice(_DAYS[:10])
    if chance.random() < 0.3:
        return Said(f"{place.english} is closed {day.english}", f"{place.chinese}{day.chinese}不开门")
    return Said(
        f"{place.english} is open from {start.english} to {end.english}",
        f"{place.chinese}从{start.chinese}到{end.chinese}开门",
    )


def _lasting(chance: Chance) -> Said:
    one, other = chance.mixed(_CITIES)[:2]
    by = chance.choice(_BY)
    hours = chance.number(1, 3) if "plane" in by.english else chance.number(2, 12)
    half = chance.random() < 0.4
    chinese = f"{counted(hours)}个{'半' if half else ''}小时"
    if half:
        english = "one and a half hours" if hours == 1 else f"{in_english(hours)} and a half hours"
    else:
        english = "an hour" if hours == 1 else f"{in_english(hours)} hours"
    return Said(
        f"it takes {english} {by.english} from {one.english} to {other.english}",
        f"从{one.chinese}到{other.chinese}{by.chinese}要{chinese}",
    )


def _cancelling(chance: Chance) -> Said:
    pronoun, who = _person(chance)
    when, why = _when(chance), chance.choice(_WHY)
    own = "{he}" in why.english
    return Said(
        f"{who.english} cannot come {when.english} because {why.english.replace('{he}', pronoun)}",
        f"{who.chinese}因为{why.chinese}，{when.chinese}不能来" if own
        else f"因为{why.chinese}，{who.chinese}{when.chinese}不能来",
    )  # fmt: skip


def _weather(chance: Chance) -> Said:
    city, day, sky = chance.choice(_CITIES), chance.choice(_DAYS[1:]), chance.choice(_WEATHER)
    degrees = chance.number(2, 5) if "snow" in sky.english else chance.number(8, 35)
    return Said(
        f"{sky.english} in {city.english} {day.english}, with {in_english(degrees)} degrees",
        f"{day.chinese}{city.chinese}{sky.chinese}，气温{in_chinese(degrees)}度",
    )


def _booking(chance: Chance) -> Said:
    guests, when = chance.number(2, 12), _when(chance, 17)
    return Said(
        f"please book a table for {in_english(guests)} people {when.english}",
        f"请订一张{counted(guests)}个人的桌子，时间是{when.chinese}",
    )


_KINDS = (
    _leaving, _leaving, _arriving, _arriving, _buying, _buying, _buying, _costing, _beginning, _beginning, _birthday,
    _reminding, _reminding, _waiting, _waiting, _opening, _lasting, _cancelling, _weather, _booking,
)  # fmt: skip
