"""Encodings from before Unicode, told apart by what their bytes would say: the right one gives frequent characters."""

from __future__ import annotations

import re
from collections import Counter

SAMPLE = 400_000
"""Bytes looked at."""
_SURE = 0.25
_DAMAGED = 0.005
"""A text may hold this share of characters that do not fit and still be in an encoding."""

_FREQUENT_CHINESE = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没"
    "日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点"
    "月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内"
    "加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放"
    "这來國個們為時說會過學對還發沒後樣現將進實點種聲業間電門東員師書體處場華報應親務記風戰幹覺題統請愛讓認論術結連遠資隊帶條變聯權"
    "影片劇情演差很好吃味快送餐贵便宜餐厅服务质量爛喜歡推薦戏導廳貴態質顆裡應麼當從問經長頭開關"
)
_FREQUENT_KOREAN = frozenset(
    "이다는을에의가하고한지기도로사은를있나어들아대리그자시해서요만정인제라수일과보게부스여전주면으것성니장구상말거안내원생오했없우"
    "었습입네때너무마동조저와신화좋영정말천바비소용미각러세무점진문분간많실계번될됩같년더게음할까된트드"
)
_CENTRAL_EUROPEAN = frozenset("ąćęłńóśźżčďěňřšťúůýžáéíőűöüăâîșțĄĆĘŁŃÓŚŹŻČĎĚŇŘŠŤÚŮÝŽÁÉÍŐŰÖÜ")
_ODD_INSIDE_WORD = re.compile(
    r"(?<=[^\W\d_])[¹³¿¶¼¾¢£±¦¯¡](?=[^\W\d_])|(?<=[^\W\d_])[¹³¿¼](?!\w)|(?<!\w)[³¿œŸ](?=[a-z])"
)
_HIGH = re.compile(r"[^\x00-\x7f]")


def detect_legacy(raw: bytes) -> tuple[str, str] | None:
    """Encoding of bytes that are not Unicode, and why; None when none is plausible.

    Args:
        raw: The whole file.
    """
    sample = _sample(raw)
    scores = {name: score(sample, name) for name in ("gb18030", "big5", "cp932", "euc_jp", "cp949")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _SURE:
        language = {"gb18030": "Chinese", "big5": "Chinese", "cp949": "Korean"}.get(best, "Japanese")
        return best, f"its bytes give frequent {language} characters"
    letters = sum(byte >= 0x80 for byte in sample) / max(1, sum(byte > 0x40 for byte in sample))
    if letters > 0.4 and (found := _statistics(sample)):
        return found, "its letters are distributed that way"
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        found = _statistics(sample)
        return (found, "its letters are distributed that way") if found else None
    if other := _not_western(sample, text[:SAMPLE]):
        return other
    c1 = any(0x80 <= byte <= 0x9F for byte in sample)
    return "cp1252" if c1 else "latin-1", "it is not Unicode, and its letters look Western European"


def chinese_score(raw: bytes) -> float:
    """How much bytes look like Chinese in one of its two old encodings, 0..1."""
    return max(score(raw, "gb18030"), score(raw, "big5"))


def score(raw: bytes, name: str) -> float:
    """Share of the characters outside ASCII that are frequent ones of the encoding's language, 0..1."""
    text = raw.decode(name, "replace")
    wide = Counter(_HIGH.findall(text))
    total = wide.total()
    if not total or wide["\ufffd"] > max(_DAMAGED * total, total > 200):
        return 0.0
    if name in {"cp932", "euc_jp"}:
        # Half-width katakana are single bytes that nearly any file could hold.
        found = sum(count for ch, count in wide.items() if "\u3041" <= ch <= "\u3096" or "\u30a1" <= ch <= "\u30fc")
        found -= sum(count for ch, count in wide.items() if "\uff61" <= ch <= "\uff9f")
        return found / total
    frequent = _FREQUENT_KOREAN if name == "cp949" else _FREQUENT_CHINESE
    return sum(count for ch, count in wide.items() if ch in frequent) / total


def _sample(raw: bytes) -> bytes:
    """The beginning, cut where no character of several bytes can be split."""
    if len(raw) <= SAMPLE:
        return raw
    end = raw.rfind(b"\n", 0, SAMPLE)
    return raw[: end if end > 0 else SAMPLE]


def _not_western(sample: bytes, text: str) -> tuple[str, str] | None:
    """Central European and Turkish, which Windows-1252 reads as odd signs inside words."""
    high = Counter(_HIGH.findall(text))
    total = high.total()
    if len(_ODD_INSIDE_WORD.findall(text)) > 0.1 * total:
        scores = {}
        for name in ("cp1250", "iso8859_2"):
            found = Counter(_HIGH.findall(sample.decode(name, "replace")))
            scores[name] = sum(count for ch, count in found.items() if ch in _CENTRAL_EUROPEAN) / max(1, total)
        best = max(scores, key=lambda name: scores[name])
        if scores[best] > 0.8:
            return best, "its letters look Central European"
    turkish = high["ý"] + high["þ"] + high["ð"] + high["Ý"] + high["Þ"]
    if turkish > 0.1 * total and high["ü"] + high["ç"] + high["ö"] and not high["á"] + high["æ"] + high["í"]:
        return "cp1254", "its letters look Turkish"
    return None


def _statistics(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None else None
