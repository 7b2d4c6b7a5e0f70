"""A sample for summaries: short English reports of what happened in a town, and their headlines.

A headline keeps who, what and where, and drops when, why and the rest, which stands before, between and behind. The
main point is said in many ways, other towns and people come up beside it, and how it ended decides on the headline
too: whether a plan was accepted, whether somebody was hurt, who beat whom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lstm_studio.data.samples_pairs import distinct, filled
from lstm_studio.data.samples_tagged import Chance

_TOWNS = (
    "Ashford Bramley Carlow Denholm Eastbury Fairview Glenmore Harwick Kingsley Langford Milbrook Norwood Oakfield "
    "Pinehurst Redmond Stanton Upton"
).split()
_FIRST = "Anna Omar Julia Peter Mei Carlos Ruth Daniel Fatima Simon Clara Ivan Nora Victor Elena Hugo".split()
_LAST = "Baker Novak Santos Weber Lindgren Okafor Tanaka Moretti Kelly Hassan Dubois Petrov Chen Schmidt Rossi".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "March April May June September October".split()
_PLANS = (
    "a new bridge|a swimming pool|a second school|a youth centre|a bicycle path|a tram line|a wind farm|a skate park|"
    "a car park|a concert hall"
).split("|")
_BUILDINGS = "barn|warehouse|bakery|boathouse|furniture shop|sawmill|stable|garage".split("|")
_FESTIVALS = "wine festival|summer fair|city run|flower market|open-air concert|film week|street carnival".split("|")
_ROADS = "Mill Road|the old bridge|Station Street|the river tunnel|Harbour Road|the ring road|Castle Street".split("|")
_FIRMS = "Northern Glass|Bluebird Toys|Hartmann Tools|Sunrise Foods|Keller Shoes|Polar Bikes|Delta Paper".split("|")
_ANIMALS = "a cat|a dog|a young fox|two sheep|a horse|five ducklings|a deer|a calf".split("|")
_TRAPS = "a ditch|a canal|a frozen lake|a pond|a deep hole|an old mine".split("|")
_RESCUERS = "firefighters|police officers|hikers|pupils|farmers|neighbours".split("|")
_WORKERS = "bus drivers|teachers|nurses|bakers|postal workers|tram drivers|cleaners".split("|")
_TOPICS = "old maps|Roman coins|toys from the war years|glass art|paintings of the sea|steam engines|wild bees".split(
    "|"
)
_PRIZED = "a film about bees|her novel|a new kind of battery|a school garden|songs for children|photographs of ice|"
_PRIZED_FOR = (_PRIZED.replace("her novel", "a first novel") + "a robot that sorts rubbish").split("|")
_LOOT = "bicycles|laptops|violins|cheeses|garden gnomes|gold coins|pairs of shoes|copper pipes".split("|")
_ROBBED = "a school|a museum|a sports club|a warehouse|a farm|a church|a shop".split("|")


class Kind(NamedTuple):
    """One kind of report.

    Attributes:
        facts: What is drawn for it.
        main: The sentence that the headline is about; "/" parts it from one that must follow.
        details: What may come behind.
        headline: Of the same facts.
    """

    facts: Callable[[Chance], dict[str, str]]
    main: str
    details: tuple[str, ...]
    headline: str


# Before the news, with towns, days and people that have nothing to do with it.
_OPENINGS = (
    "{day2} is usually a quiet day.",
    "It (rained|poured) all {day2} in {town2}.",
    "Yesterday was market day in {town2}.",
    "Most people were still at breakfast on {day2}.",
    "The (holidays|warm days) have begun.",
    "Readers from {town2} told us about it first.",
)
_ASIDES = (
    "In {town2}, {km} kilometres away, people were surprised.",
    "The radio station of {town2} reported on it for an hour.",
    "{name2}, who lives nearby, took photographs.",
    "Something like it happened in {town2} (ten|two) years ago.",
    "{name2} from {town2} said that it was about time.",
    "It was the talk of the town on {day2}.",
)


def reports(rows: int, seed: int) -> list[tuple[str, str]]:
    """So many reports with their headlines; the same seed makes the same ones."""
    return distinct(_one, rows, Chance(seed))


def _one(chance: Chance) -> tuple[str, str]:
    town, town2, town3 = chance.mixed(_TOWNS)[:3]
    name, name2 = (f"{first} {chance.choice(_LAST)}" for first in chance.mixed(_FIRST)[:2])
    day, day2 = chance.mixed(_DAYS)[:2]
    kind = chance.choice(_KINDS)
    facts = {
        "town": town, "town2": town2, "town3": town3, "name": name, "name2": name2, "day": day, "day2": day2,
        "month": chance.choice(_MONTHS), "km": str(chance.number(8, 90)), "year": str(chance.number(1985, 2022)),
        "people": str(10 * chance.number(3, 40)), "million": str(chance.number(2, 19)),
    }  # fmt: skip
    facts |= kind.facts(chance)
    main, _, must = filled(kind.main, facts, chance).partition(" / ")
    sentences = [main]
    if chance.random() < 0.2:
        sentences.insert(0, filled(chance.choice(_OPENINGS), facts, chance))
    behind = [filled(text, facts, chance) for text in chance.mixed(kind.details)[: chance.choice((0, 0, 0, 1, 1, 2))]]
    if chance.random() < 0.2:
        behind.append(filled(chance.choice(_ASIDES), facts, chance))
    if must:
        behind.insert(chance.number(0, len(behind)), must)
    whole = [sentence[0].upper() + sentence[1:] for sentence in (*sentences, *behind)][:4]
    if must and must[0].upper() + must[1:] not in whole:
        whole[-1] = must[0].upper() + must[1:]
    headline = filled(kind.headline, facts, chance)
    return " ".join(whole), headline[0].upper() + headline[1:]


def _any(**lists: list[str]) -> Callable[[Chance], dict[str, str]]:
    return lambda chance: {name: chance.choice(entries) for name, entries in lists.items()}


def _numbered(
    name: str, first: int, last: int, step: int = 1, **lists: list[str]
) -> Callable[[Chance], dict[str, str]]:
    return lambda chance: {name: str(step * chance.number(first, last)), **_any(**lists)(chance)}


def _score(chance: Chance) -> dict[str, str]:
    low = chance.number(0, 3)
    return {"high": str(low + chance.number(1, 3)), "low": str(low), "minute": str(chance.number(3, 85))}


_WHEN = "(on {day}|on {day} morning|on {day} evening|last {day})"
_BURNED = "(A fire|Flames) (destroyed|burned down) a {building} in {town} " + _WHEN + ". "
_VOTE = (
    "Mayor {name} spoke of a (good|hard|long) evening.",
    "The plan costs {million} million euros.",
    "(About {people} people|Many people from {town2}) had come to listen.",
    "{town3} has had one since {year}.",
    "The debate took {minute} hours.",
)
_FIRE = (
    "(An old heater|A broken cable|A cigarette) may have been the cause.",
    "The fire brigade of {town2} helped.",
    "Smoke could be seen as far as {town2}.",
    "The owner, {name}, had been (away|asleep) at the time.",
    "The damage is put at {million} million euros.",
)
_FESTIVAL = (
    "Tickets that were bought in {town2} can be returned.",
    "{people} guests had been expected.",
    "{name}, who has organised it since {year}, was sad.",
    "It had been planned for {day2}.",
)
_JOBS = (
    "The firm has been in the town since {year}.",
    "Its head, {name}, announced it on {day}.",
    "It also has a plant in {town2}.",
    "It sold goods for {million} million euros last year.",
)

_KINDS = (
    Kind(
        _numbered("minute", 2, 6, plan=_PLANS),
        f"(The council of {{town}}|In {{town}} the council) "
        f"(voted for|approved|decided in favour of|said yes to) {{plan}} {_WHEN}.",
        _VOTE,
        "{town} to get {plan}",
    ),
    Kind(
        _numbered("minute", 2, 6, plan=_PLANS),
        f"(The council of {{town}}|In {{town}} the council) "
        f"(voted against|rejected|turned down|said no to) {{plan}} {_WHEN}.",
        _VOTE,
        "{town} says no to {plan}",
    ),
    Kind(
        _any(building=_BUILDINGS),
        _BURNED + "/ (Nobody was hurt|No one was injured|All people got out in time).",
        _FIRE,
        "Fire destroys {building} in {town}, nobody hurt",
    ),
    Kind(
        _numbered("hurt", 2, 9, building=_BUILDINGS),
        _BURNED + "/ ({hurt} people were injured|{hurt} people had to be taken to hospital).",
        _FIRE,
        "Fire destroys {building} in {town}, {hurt} people hurt",
    ),
    Kind(
        _score,
        "(The footballers of {town}|{town}|The team from {town}) (beat|defeated) {town2} {high} to {low} "
        + _WHEN
        + ".",
        (
            "{name} scored the first goal after {minute} minutes.",
            "{people} people watched in the rain.",
            "The next match is against {town3}.",
            "The coach, {name2}, (was not content|praised everybody).",
        ),
        "{town} beats {town2} {high} to {low}",
    ),
    Kind(
        _score,
        "(The footballers of {town2}|{town2}|The team from {town2}) lost {low} to {high} against {town} " + _WHEN + ".",
        (
            "{name} scored the first goal after {minute} minutes.",
            "{people} people watched in the rain.",
            "The next match is against {town3}.",
            "The coach, {name2}, (was not content|praised everybody).",
        ),
        "{town} beats {town2} {high} to {low}",
    ),
    Kind(
        _any(festival=_FESTIVALS),
        "(The {festival} in {town} has been called off|There will be no {festival} in {town} this year|"
        "{town} has to do without its {festival}). / (The weather service has warned of heavy storms|"
        "A storm is on its way|Strong winds have been forecast).",
        _FESTIVAL,
        "{town} cancels {festival} because of storm",
    ),
    Kind(
        _any(festival=_FESTIVALS),
        "(The {festival} in {town} has been called off|There will be no {festival} in {town} this year|"
        "{town} has to do without its {festival}). / (The organisers have no money left|Too little money was collected|"
        "The town cannot pay for it).",
        _FESTIVAL,
        "{town} cancels {festival} for lack of money",
    ),
    Kind(
        _numbered("weeks", 2, 12, road=_ROADS),
        "(In {town}, {road}|{road} in {town}) (will be closed|cannot be used|is shut) for {weeks} weeks from {day}.",
        (
            "(New pipes are being laid|The surface is being repaired).",
            "Drivers have to go round by {town2}.",
            "The work costs {million} million euros.",
            "{name}, who has a shop there, fears for it.",
        ),
        "{road} in {town} closed for {weeks} weeks",
    ),
    Kind(
        _numbered("jobs", 1, 8, 50, firm=_FIRMS),
        "{firm} (is looking for|will hire|wants to employ) {jobs} (more people|new workers) in {town}.",
        _JOBS,
        "{firm} creates {jobs} jobs in {town}",
    ),
    Kind(
        _numbered("jobs", 1, 8, 50, firm=_FIRMS),
        "{firm} (is dismissing|will part with|no longer needs) {jobs} (of its people|workers) in {town}.",
        _JOBS,
        "{firm} cuts {jobs} jobs in {town}",
    ),
    Kind(
        _any(rescuers=_RESCUERS, animal=_ANIMALS, trap=_TRAPS),
        f"In {{town}}, {{rescuers}} (saved|freed|pulled) {{animal}} from {{trap}} {_WHEN}.",
        (
            "It took (two hours|all night).",
            "{name} had heard (cries|strange noises) and called for help.",
            "A vet from {town2} found no injuries.",
        ),
        "{rescuers} rescue {animal} in {town}",
    ),
    Kind(
        _numbered("percent", 3, 12, workers=_WORKERS),
        "(In {town}, the {workers}|The {workers} of {town}) (will not work|are going to strike) on {day}.",
        (
            "They (want|demand) {percent} per cent more pay.",
            "Their speaker, {name}, said that talks had failed.",
            "In {town2} everything will be as usual.",
            "The mayor asked people to be patient.",
        ),
        "{workers} in {town} strike on {day}",
    ),
    Kind(
        _any(topic=_TOPICS),
        "The museum of {town} (is showing|shows|has opened an exhibition of) {topic} (until {month}|all summer|).",
        (
            "The collection belongs to {name}.",
            "Most pieces come from {town2}.",
            "{people} visitors came on the first day.",
            "Children do not pay.",
        ),
        "Museum in {town} shows {topic}",
    ),
    Kind(
        _numbered("age", 25, 60, what=_PRIZED_FOR),
        f"{{name}} (from|of) {{town}} (won|received|was awarded) a prize for {{what}} {_WHEN}.",
        (
            "The jury in {town2} had read {people} proposals.",
            "The (engineer|teacher|winner) is {age} years old.",
            "The second prize went to {name2}.",
            "The prize was first given in {year}.",
        ),
        "{name} wins prize for {what}",
    ),
    Kind(
        _numbered("count", 4, 20, loot=_LOOT, place=_ROBBED),
        "(Thieves took {count} {loot}|{count} {loot} were stolen) from {place} in {town} " + _WHEN + ".",
        (
            "The police are looking for a (white|grey|red) van.",
            "{name} noticed it when the doors were opened.",
            "A similar theft in {town2} was never cleared up.",
            "They had come through (a window|the roof).",
        ),
        "Thieves steal {count} {loot} in {town}",
    ),
    Kind(
        _numbered("homes", 2, 9, 1000),
        "(A storm|Strong winds) (cut the power of {homes} homes|left {homes} households in the dark) in {town} "
        + _WHEN
        + ".",
        (
            "Trees fell on (the railway line|several cars).",
            "Workers from {town2} came to help.",
            "It was the worst since {year}.",
            "{name} spent the evening by candlelight.",
        ),
        "Storm leaves {homes} homes in {town} without power",
    ),
)
