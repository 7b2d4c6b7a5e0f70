"""A sample of running text: short English tales from a grammar of stories.

A language model meets, from near to far: how words are spelled; a and an, was and were; quotation marks that close; she
and he, as the name asks for; and what is to be kept in mind for a whole tale: who it is about, what was lost, what was
asked for and in which order, how many are left.
"""

from __future__ import annotations

from collections.abc import Callable

from lstm_studio.data import samples_tales_words as words
from lstm_studio.data.samples_tagged import Chance
from lstm_studio.data.samples_tales_teller import Teller, listed
from lstm_studio.data.samples_tales_words import things


def tales(rows: int, seed: int) -> str:
    """So many tales, a blank line between them; the same seed makes the same ones."""
    chance = Chance(seed)
    return "\n\n".join(_one(chance) for _ in range(rows)) + "\n"


def _one(chance: Chance) -> str:
    teller = Teller(chance)
    chance.choice(_PLOTS)(teller)
    return "\n".join(teller.lines)


def _lost(teller: Teller) -> None:
    """Something is gone; the last one who is asked knows."""
    chance = teller.chance
    (thing,) = things(chance, 1, words.OWNED)
    teller.facts["thing"] = thing
    teller.title(f"and the {thing.name}")
    teller.opening()
    *looked, spot = chance.mixed(words.SPOTS)[:4]
    teller.tell(
        "{when} {hero.name} could not find {hero.her} {thing.name}.",
        "{hero.She} looked {looked}, but the {thing.noun} {thing.was} gone.",
        teller.perhaps('"I must find {thing.it} before (dark|winter|supper)," said {hero.name}.'),
        looked=listed(looked),
        when=teller.when(),
    )
    question = "Have you seen my {thing.name}?"
    for other in teller.others[: chance.number(1, 2)]:
        answer = teller.one_of(
            '"No," said {other.the}, "but the (wind|river) was (wild|loud) last night. Ask {friend.name}."',
            '{other.name} shook {other.her} head. "I have only seen (leaves|clouds|rain|my own nose) (today|here)," '
            "{other.she} said.",
            '"Your {thing.noun}?" said {other.name}. "No, I have not seen {thing.it}. I am sorry."',
        )
        teller.ask(other, question, answer)
    answer = teller.one_of(
        '"Look {spot}," said {other.name}. "{thing.They} {thing.was} there when I came."',
        '"Do not be angry," said {other.name}. "I borrowed {thing.it}. {thing.They} {thing.are} {spot}."',
        '"I know where {thing.they} {thing.are}," said {other.the}. "Somebody has put {thing.it} {spot}."',
    )
    teller.ask(teller.friend, question, answer, spot=spot)
    teller.tell(
        "{hero.name} ran home and looked {spot}.", "There {thing.was} the {thing.name}(, safe and dry|)!", spot=spot
    )
    teller.ending()


def _exchange(teller: Teller) -> None:
    """Each has what another one wants; it is given back in the other order."""
    chance = teller.chance
    goods = things(chance, chance.number(2, 4), words.TRADED)
    owners = [teller.friend, *teller.others][: len(goods)]
    teller.title(f"and the {goods[0].name}")
    teller.opening()
    teller.tell(
        "{when} {hero.she} needed {thing.a} for (a wedding|a birthday|the feast|a guest|the long winter).",
        thing=goods[0],
        when=teller.when(),
    )
    for thing, owner, next_ in zip(goods, owners, [*goods[1:], None], strict=True):
        if next_ is None:
            deal = teller.one_of("for I have two of them", "for I do not need it", "because you ask so kindly")
        else:
            deal = teller.say("(if|as soon as) you bring me {thing.a}", thing=next_)
        answer = '"(Gladly|Of course|Why not)," said {other.the}, "{deal}."'
        teller.ask(owner, "Will you give me your {thing.name}?", answer, thing=thing, deal=deal)
    told = [f"So {{hero.name}} (took|carried away) the {goods[-1].name}."]
    for get, give, owner in reversed(list(zip(goods, goods[1:], owners, strict=False))):
        told.append(f"{{hero.She}} gave the {give.name} to {owner.name} and got the {get.name}.")
    teller.tell(*told)
    teller.ending("At last {hero.she} brought the {thing.name} home.", thing=goods[0])


def _healing(teller: Teller) -> None:
    """Three things are named, fetched in that order, and named again."""
    chance = teller.chance
    needed = things(chance, 3, words.FETCHED)
    healer, *helpers = teller.others
    teller.title(f"and the medicine of the {healer.kind}")
    teller.opening()
    teller.tell(
        "{when} {friend.name}, {hero.her} friend, fell ill.",
        "{friend.She} (would not eat|could not sing|shivered under three blankets), and {hero.name} was (worried|sad).",
        when=teller.when(),
    )
    answer = '"Bring me {list}," said {other.the}, "and {friend.she} will be well again."'
    teller.ask(healer, "How can I help {friend.name}?", answer, list=listed([thing.a for thing in needed]))
    for first, thing, other in zip(("First", "Then", "Last of all"), needed, helpers, strict=True):
        teller.tell(
            f"{first} {{hero.name}} (searched for|went to look for) {{thing.a}}.",
            teller.one_of(
                "{hero.She} found {thing.it} {where}.",
                "{other.name}, {other.a}, had one and gave it to {hero.him}.",
                "There was one {where}, but {hero.she} had to (wait until evening|climb|dig) for it.",
            ),
            thing=thing,
            where=teller.place(),
            other=other,
        )
    teller.tell(
        "{other.name} took {list} and made (tea|soup) of them.",
        teller.perhaps('"(It must be drunk hot|Do not spill it|Drink it slowly)," {other.she} said.'),
        "{friend.name} drank it, and (in the morning|by evening|after three days) {friend.she} was well.",
        other=healer,
        list=listed([f"the {thing.name}" for thing in needed]),
    )
    teller.ending()


def _journey(teller: Teller) -> None:
    """To see a wonder, past what is in the way, day by day."""
    chance = teller.chance
    wonder, days = chance.choice(words.WONDERS), chance.number(2, 4)
    teller.facts["wonder"] = wonder
    teller.title(f"who wanted to see {wonder}")
    teller.opening()
    teller.tell(
        '{when} {hero.name} said: "I (want|wish|have) to see {wonder}."',
        '"It is {days} days from here," said {friend.name} {friend.the}, "(and the way is hard|but take some bread '
        'with you)."',
        "{hero.name} packed {a} and {b} and (left|set out) (at dawn|before breakfast|by the back door|without a word).",
        **dict(zip("ab", chance.mixed(words.PACKED), strict=False)),
        when=teller.when(),
        days=words.NUMBERS[days],
    )
    barriers = chance.mixed(words.BARRIERS)
    for day, other in enumerate(teller.others[: days - 1], 1):
        barrier, past = barriers[day].split("=")
        ordinal = ("first", "second", "third")[day - 1]
        teller.tell(f"On the {ordinal} day {{hero.she}} (came to|stood before) {barrier}.")
        teller.ask(
            other,
            "How do I get {past}?",
            teller.one_of(
                '"Come, I will (show|help) you," said {other.the}, and soon they were {past}.',
                '"I know a way," said {other.name}, and {other.she} led {hero.him} {past}.',
                '"(Only at night|Not before evening)," said {other.name}. So they waited(, told stories|) and went '
                "{past} (by moonlight|in the dark).",
            ),
            past=past,
        )
    teller.tell(
        "On the {last} day {hero.she} stood before {wonder}.",
        teller.one_of(
            '"It is (larger|smaller|older) than I thought," said {hero.name}.',
            "{hero.She} (looked and looked|sat down|took off {hero.her} hat) and (said nothing|was silent|wept a "
            "little)(| for a while).",
            '"If only {friend.name} could see this!" said {hero.name}.',
        ),
        last=("second", "third", "fourth")[days - 2],
    )
    teller.ending(
        "(When {hero.she} came home|Back in {village}), {hero.she} told {friend.name} (about {wonder}|all about it)."
    )


def _fear(teller: Teller) -> None:
    """What is feared must be met, for a friend's sake."""
    fear, doing, comes, truth = teller.chance.choice(words.FRIGHTS).split("=")
    teller.title(f"who was afraid of {fear}")
    teller.opening()
    teller.tell(
        "But {hero.name} was afraid of {fear}.",
        teller.one_of(
            "When the others laughed about it, {hero.she} (hid|blushed|looked at {hero.her} feet).",
            '"Nobody must know," {hero.she} thought.',
            "Only {friend.name} {friend.the} knew, and {friend.she} told nobody.",
        ),
        fear=fear,
    )
    teller.tell(
        "{when} {hero.name} and {friend.name} {doing}, and suddenly {comes}.",
        '"Help!" (cried|called) {friend.name}. "I (cannot move|am stuck|have hurt my foot)!"',
        when=teller.when(),
        doing=doing,
        comes=comes,
    )
    teller.tell(
        "{hero.name} (trembled|counted to ten|closed {hero.her} eyes), but {hero.she} (did not run away|stayed calm).",
        '"(Hold on to me|Take my hand|I am here)," {hero.she} said, and {friend.name} held on to {hero.him}.',
        "(Step by step|Little by little|At last) they (came|went|found their way) to the house of {other.name}, "
        "{other.a}, who gave them (tea|soup|dry socks).",
        other=teller.others[0],
    )
    teller.ending('"{hero.name}," said {friend.name}, "now we know that {truth}."', truth=truth)


def _contest(teller: Teller) -> None:
    """Who is ahead stops for the one behind."""
    chance = teller.chance
    do, where, did = chance.choice(words.CONTESTS).split("=")
    (prize,) = things(chance, 1, words.TRADED)
    teller.facts |= {"do": do, "did": did, "where": where, "prize": prize, "judge": teller.others[0]}
    teller.title(f"and the race for the {prize.name}")
    teller.opening()
    teller.tell(
        '"I can {do} faster than anybody," said {friend.name}, {friend.a}, {time}.',
        '"Not faster than I," said {hero.name}.',
        '"Then {do} {where}," said {judge.name} {judge.the}, "and who is first shall have my {prize.name}."',
        time=(when := teller.when())[0].lower() + when[1:],
    )
    first, second = chance.mixed([teller.hero, teller.friend])
    teller.tell(
        "(Off they went|{judge.The} counted to three), and they {did} {where}.",
        "{first.name} was ahead, but then {first.she} {mishap}.",
        teller.one_of(
            '{second.name} (stopped|turned round) and asked: "Are you hurt, {first.name}?"',
            '"Wait, I will help you," said {second.name}, and {second.she} held out {second.her} hand.',
            '"You are not to lose like this," said {second.name}, and waited for {first.him}.',
        ),
        first=first,
        second=second,
        mishap=chance.choice(words.MISHAPS),
    )
    teller.tell(
        "So it came that both were first.",
        "{judge.name} (smiled|scratched {judge.her} head|thought about it) and gave the {prize.name} to {who}.",
        who=chance.choice(("both of them", second.name, f"{first.name} and {second.name} together")),
    )
    teller.ending()


def _sharing(teller: Teller) -> None:
    """So many are given away, and so many are left."""
    chance = teller.chance
    fruit, left = chance.choice(words.FRUITS), chance.number(6, 12)
    teller.facts["fruit"] = fruit
    teller.title(f"and the {words.NUMBERS[left]} {fruit}")
    teller.opening()
    count = words.NUMBERS[left]
    teller.tell("{when} {hero.name} had {count} {fruit} in {hero.her} basket.", when=teller.when(), count=count)
    for other in teller.others[: chance.number(2, 3)]:
        gives = chance.number(1, min(4, left - 1))
        left -= gives
        teller.meet(other)
        teller.tell(
            teller.one_of(
                '"I am so hungry," said {other.name}. "I have not eaten since (noon|Monday|yesterday)."',
                '"What have you got there?" asked {other.the}. "{Fruit}!" said {hero.name}. "Take some."',
                '"My children like {fruit} so much," said {other.name}.',
            ),
            "{hero.name} gave {other.him} {gives}, and {left} {was} left.",
            other=other,
            Fruit=fruit.capitalize(),
            gives=words.NUMBERS[gives],
            left=words.NUMBERS[left],
            was="was" if left == 1 else "were",
        )
        if left == 1:
            break
    teller.tell(
        "With the last {left} {hero.she} went to {friend.name} {friend.the}, and they ate {them} (by the fire|in the "
        "sun|under the stars).",
        left=words.NUMBERS[left],
        them="it" if left == 1 else "them",
    )
    teller.ending()


def _guests(teller: Teller) -> None:
    """One after the other knocks at the door, and all who are there are named."""
    chance = teller.chance
    teller.title(f"in the {chance.choice(('snow', 'storm', 'rain', 'fog'))}")
    teller.opening()
    there = [teller.hero.name]
    for other in [teller.friend, *teller.others][: chance.number(2, 4)]:
        there.append(other.name)
        teller.tell(
            "(There was a knock at the door|Somebody knocked|Then the bell rang).",
            teller.one_of(
                '"Who is there?" asked {hero.name}. "It is {other.name} {other.the}. I am (cold|wet|tired)."',
                'It was {other.name}, {other.a}. "May I come in?" {other.she} asked. "There is (always|still) room," '
                "said {hero.name}.",
                '"Let me in," called {other.name} {other.the}, "(my roof is gone|I have lost my way)!"',
            ),
            "Now there were {count} (by the stove|at the table|in the house): {all}.",
            other=other,
            count=words.NUMBERS[len(there)],
            all=listed(there),
        )
    teller.tell(
        "All night (long|) they (sang|told stories|played cards|ate soup) while it (howled|dripped|rattled) "
        "(outside|in the chimney).",
        '"(Stay|Do stay) until {season}," said {hero.name}, and (they did|so they stayed).',
    )
    teller.ending()


_PLOTS: tuple[Callable[[Teller], None], ...] = (
    *(_lost,) * 3,
    *(_exchange,) * 3,
    *(_healing,) * 2,
    *(_journey,) * 2,
    _fear,
    _contest,
    *(_sharing,) * 2,
    *(_guests,) * 2,
)
"""As often as they stand here."""
