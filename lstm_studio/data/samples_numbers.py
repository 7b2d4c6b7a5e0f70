"""Numbers and times of the day as they are said in English and in Chinese."""

from __future__ import annotations

from typing import NamedTuple

from lstm_studio.data.samples_tagged import Chance

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_ORDINALS |= {"twelve": "twelfth"}
_DIGITS = "零一二三四五六七八九"


class Said(NamedTuple):
    """The same in English and Chinese."""

    english: str
    chinese: str


def in_english(number: int) -> str:
    """1 to 999 in words."""
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return f"{_ONES[hundreds]} hundred" + (f" and {in_english(rest)}" if rest else "")
    if rest < 20:
        return _ONES[rest]
    tens, ones = divmod(rest, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def in_chinese(number: int) -> str:
    """1 to 999 in characters."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    found = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        found += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        found += "零"
    return found + (_DIGITS[ones] if ones else "")


def counted(number: int) -> str:
    """Before a word that counts: 两, and not 二."""
    return "两" if number == 2 else in_chinese(number)


def ordinal(number: int) -> str:
    """First to thirty-first."""
    head, dash, last = in_english(number).rpartition("-")
    last = _ORDINALS.get(last) or (last[:-1] + "ie" if last.endswith("y") else last) + "th"
    return head + dash + last


def clock_time(chance: Chance, first: int = 6, last: int = 21) -> tuple[Said, Said]:
    """A time of the day, with and without the part of the day."""
    hour = chance.number(first, last)
    said, past = (hour - 1) % 12 + 1, chance.choice((0, 0, 0, 30, 30, 15, 45, 10, 20, 5))
    name, next_ = in_english(said), in_english(said % 12 + 1)
    hours = f"{counted(said)}点"
    match past:
        case 0:
            english, chinese = f"{name} o'clock", hours
        case 30:
            english, chinese = f"half past {name}", hours + "半"
        case 15:
            english, chinese = f"a quarter past {name}", hours + "一刻"
        case 45:
            english, chinese = f"a quarter to {next_}", hours + "三刻"
        case _:
            english = f"{in_english(past)} past {name}"
            chinese = hours + ("零五" if past == 5 else in_chinese(past)) + "分"
    part = "早上" if hour < 9 else "上午" if hour < 12 else "中午" if hour == 12 else "下午" if hour < 18 else "晚上"
    when = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
    return Said(english if hour == 12 else f"{english} {when}", part + chinese), Said(english, chinese)
