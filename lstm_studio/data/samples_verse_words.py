"""Words of the Chinese quatrains: what there is to see in each season, and how lines end, by their rhyme."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """Two characters for a thing, or three for what it does.

    ``kinds``: f what grows, b what lives, s what is heard, w weather and sky, m what moves by itself, o what stands
    still. What a thing does fits each of its kinds. A digit there is the shape: 1 for verb and object, 2 for others.
    """

    text: str
    kinds: str

    @property
    def shape(self) -> str:
        return self.kinds[0]


class Season(NamedTuple):
    """Times for titles, and what there is to see and hear."""

    times: tuple[str, ...]
    sights: tuple[Word, ...]


def _words(text: str) -> tuple[Word, ...]:
    found = []
    for entry in text.split():
        characters = "".join(character for character in entry if not character.isascii())
        found.append(Word(characters, entry[len(characters) :]))
    return tuple(found)


SEASONS = {
    "春": Season(
        ("春日", "春夜", "春晓", "早春", "暮春"),
        _words("桃花f 柳絮m 燕子b 春草f 莺声s 杏花f 新竹f 蝶影b 梨花f 蛙声s 春风w 春雨w 东风w 细雨w 朝雾w"),
    ),
    "夏": Season(
        ("夏日", "夏夜", "初夏", "夏晚"),
        _words("荷叶f 蝉声s 莲花f 流萤b 槐荫f 菱歌s 榴花f 蕉叶f 蜻蜓b 南风w 骤雨w 新雨w 薰风w 轻雷s 黄梅f"),
    ),
    "秋": Season(
        ("秋日", "秋夜", "秋晚", "早秋", "深秋"),
        _words("红叶f 雁声s 菊花f 芦花f 砧声s 桂子f 虫声s 落木m 枫叶f 归雁b 西风w 秋雨w 白露w 清霜w 凉月w"),
    ),
    "冬": Season(
        ("冬日", "冬夜", "岁暮", "寒夜"),
        _words("梅花f 枯枝f 乌鹊b 松影f 冻雀b 雪竹f 柝声s 冰河o 孤鸿b 朔风w 飞雪w 寒云w 严霜w 冷月w 暮雪w"),
    ),
}
# What stands around each place.
PLACES = {
    "山中": _words("青山o 石径o 白云w 空谷o 泉声s 樵歌s"),
    "江上": _words("孤舟m 远帆m 江水m 沙鸥b 渔火o 渔歌s"),
    "湖边": _words("湖水m 画船m 长堤o 烟波m 水鸟b 笛声s"),
    "溪上": _words("溪水m 竹桥o 游鱼b 浅滩o 浮萍f 水声s"),
    "村居": _words("茅屋o 炊烟m 鸡声s 牛羊b 桑麻f 牧童b"),
    "城南": _words("城楼o 古道o 酒旗o 鼓声s 行人b 车马b"),
    "渡头": _words("渡船m 行人b 水村o 斜桥o 渔翁b 橹声s"),
    "山寺": _words("钟声s 老僧b 香烟m 古塔o 石阶o 磬声s"),
    "客舍": _words("孤灯o 窗影o 更声s 行人b 马蹄s 酒旗o"),
    "小园": _words("小径o 疏篱o 曲池o 短墙o 青苔f 藤花f"),
    "塞上": _words("黄沙m 孤城o 战马b 烽烟m 羌笛s 角声s"),
    "竹林": _words("修竹f 幽径o 琴声s 白鹤b 青苔f 山童b"),
}
FRIENDS = "李 王 张 刘 陈 赵 周 吴 孙 郑 沈 韩 杜 陆 谢".split()
RANKS = "大 二 三 四 五 六 七 八 九 十二 十四".split()
GOALS = "江南 塞北 长安 洛阳 蜀中 岭南 扬州 会稽 洞庭 辽东".split()

# Ends of the lines that rhyme, by their last character.
RHYMES = {
    group: _words(entries)
    for group, entries in {
        "an": "满旧山1fsw 过晚山1bmsw 出云间1bmso 落江间1fbmw 带露寒2fo 入夜寒2fowm 隔水湾1ofs 绕小湾1mbf "
        "掩竹关1ow 映画栏1fow 近曲栏1fb 日日闲2bo 去复还2bmw 半已残2f",
        "ang": "带晓霜1fo 冷似霜2fow 送晚香1fw 满院香2f 入水乡1bmsw 过水乡1bmsw 映月光1fom 待曙光1bo 入夜凉2fosw "
        "满院凉2fws 对夕阳1fbo 送斜阳1sbm 绕石塘1fbm 满池塘1fsw 一夜长2f 入梦长2sm",
        "ong": "起晚风1sm 逐晓风1bms 落杯中1fw 在雨中1fbos 欲横空1mwb 满晴空1mwb 映日红2fo 一半红2f 过桥东1bms "
        "到江东1bmsw 和晚钟1s 隔寒钟1fow 几万重2ow 又一丛2f",
        "ou": "系小舟1o 送归舟1swm 满小楼1fsw 近酒楼1fbs 报新秋1fsw 似去秋1fsw 向东流2m 逐水流2fm 使人愁2sfw "
        "不知愁2bf 到案头1sw 满枝头1fw 似旧游1bo 任白头1fo",
        "ian": "接远天1fom 入暮天1bmsw 起晓烟1som 隔村烟1fos 到门边1bfw 落槛边1fw 不成眠2b 伴客眠1swf 似旧年1fsw "
        "又一年2fs 过渡船1bmsw 伴钓船1bmwf 立窗前1bf 落尊前1fw",
        "ing": "作雨声1fm 照眼明2fow 入户明2w 最有情2fbsw 总关情2fsw 水样清2sw 入耳清2s 绕短亭1fbm 满长亭1fsw "
        "伴疏星1bos 隔疏星1ow 岸岸青2f 一抹青2fo",
        "ei": "傍水飞2bm 满城飞2fm 送客归2bsmw 逐云归2bm 带落晖1fbmo 恋残晖1bfo 雨后微2sm 望中微2om 湿客衣1fw "
        "满征衣1fw 映竹扉1fow 叩竹扉1bws 处处肥2f",
        "a": "胜似花2w 落如花2wm 是谁家2os 过邻家1bsmw 映晚霞1fmob 染朝霞1fmo 带雨斜2fbm 一径斜2fo 隔天涯1ows "
        "到天涯1bsmw 伴煮茶1sbw 好煎茶2wm 乱归鸦1smw 起寒鸦1som",
        "en": "待故人1fob 送行人1smw 又报春2fsw 不当春2f 自成云2mf 半似云2fmo 不染尘2fob 洗客尘1wm 雨后新2fo "
        "一番新2fo 掩重门1fow 近柴门1bfm 湿罗巾1wf 到江津1bmsw",
        "i": "过小溪1bmsw 落前溪1fw 绕屋低2fbm 入水低2bfw 小桥西2fob 画楼西2fobsw 路欲迷2owm 望转迷2owm "
        "自在啼2b 隔树啼2b 与云齐2fo 与人齐2f 满旧堤1fw 近长堤1bms",
    }.items()
}
# Ends of the others, none of which rhymes with these.
OTHERS = _words(
    "随流水1fmb 逐落月1bmsw 生远浦1smw 满平野1fsw 迷古渡1wm 绕幽谷1fms 惊宿鸟1sw 唤归客1sb 催短梦1sw "
    "伴长夜1fsow 穿竹径1bsw 过石壁1bmsw 欺薄酒1w 湿残笔1w 飘深院1fw 落浅水1fbw 侵野色1fwm 动客思1sfw "
    "摇碧树1w 照新雪1fo 遮旧路1fwm 守空屋1bo 吹不断2ws 扫还有2fw 来有信2bw 去无迹2bmw 浓似酒2fw "
    "淡如墨2omf 千里共2w 一时尽2fs 初过雨2fo 低复起2bsm 断还续2s 深几许2fom 远何处2som 高百尺2o 疏更密2fs "
    "明又灭2o 长相守2bo 浑似旧2fos"
)
# Before a thing where lines have seven characters: how many, where, how.
LEADS = {
    "many": "一片 几处 数点 无数 几度 一带".split(),
    "where": "门外 桥畔 隔岸 窗下 郭外 村北 楼外 林下".split(),
    "how": "寂寂 渐渐 处处 依旧 隐隐 漠漠 忽见 又见".split(),
}
# What the one who writes does in the third line of some quatrains, alone or where ways part.
ACTS = "独坐 闲立 醉卧 久立 倚杖 凭栏".split()
ENDS_OF_ACTS = "思旧友 无一语 成一笑 到日落 数归鸟 听流水".split()
PARTINGS = "折柳 举杯 把酒 挥手 回首 驻马".split()
ENDS_OF_PARTINGS = "无别语 看落月 问去路 意不尽 君莫笑 各自远".split()
LONG_ACTS = "有时 今日 闲来 老去 客里 年来".split()
