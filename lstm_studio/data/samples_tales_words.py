"""The words that the tales are told with: who is in them, what it is about, where it happens."""

from __future__ import annotations

from typing import NamedTuple

from lstm_studio.data.samples_tagged import Chance

_SHE = (
    "Tilda Mara Polly Ines Wilma Juno Greta Nell Rosa Fenja Ottilie Hazel Petra Lotte Bryony Agnes Selma Clover Dora "
    "Maud Philippa Ronja Tamsin Vera Willow Zelda"
).split()
_HE = (
    "Otto Barnaby Felix Hugo Jasper Kasimir Linus Matti Ned Oskar Pip Quentin Rufus Silas Toby Ulric Viktor Wendel "
    "Anton Benno Corin Dustin Edgar Florian Gregor Hamish"
).split()
_KINDS = (
    "hedgehog mouse fox badger otter mole squirrel toad heron owl goose hare beaver raven donkey goat sparrow tortoise "
    "bear wolf miller baker fisher shepherd tailor clockmaker weaver gardener ferryman beekeeper"
).split()
_SMALL = set("mouse mole toad sparrow squirrel hedgehog".split())
_NATURES = "little old young clever shy cheerful patient curious stubborn kind lazy brave quiet proud hungry".split()
_SEVERAL = set("boots mittens buttons gloves".split())
_COLOURS = "red blue green golden silver yellow white black".split()


class Someone(NamedTuple):
    """Somebody in a tale, who stays the same until its end."""

    name: str
    kind: str
    nature: str
    female: bool

    @property
    def she(self) -> str:
        return "she" if self.female else "he"

    @property
    def She(self) -> str:  # noqa: N802
        return self.she.capitalize()

    @property
    def her(self) -> str:
        """Whose."""
        return "her" if self.female else "his"

    @property
    def Her(self) -> str:  # noqa: N802
        return self.her.capitalize()

    @property
    def him(self) -> str:
        """Whom."""
        return "her" if self.female else "him"

    @property
    def the(self) -> str:
        return f"the {self.kind}"

    @property
    def The(self) -> str:  # noqa: N802
        return f"The {self.kind}"

    @property
    def a(self) -> str:
        return f"{article(self.nature)} {self.nature} {self.kind}"


class Thing(NamedTuple):
    """A thing in a tale: one, or several."""

    noun: str
    colour: str
    several: bool = False

    @property
    def name(self) -> str:
        return f"{self.colour} {self.noun}"

    @property
    def a(self) -> str:
        return self.name if self.several else f"{article(self.name)} {self.name}"

    @property
    def it(self) -> str:
        return "them" if self.several else "it"

    @property
    def they(self) -> str:
        return "they" if self.several else "it"

    @property
    def They(self) -> str:  # noqa: N802
        return self.they.capitalize()

    @property
    def was(self) -> str:
        return "were" if self.several else "was"

    @property
    def are(self) -> str:
        return "are" if self.several else "is"


def article(word: str) -> str:
    """Before a word: a or an."""
    return "an" if word[0] in "aeiou" else "a"


def company(chance: Chance, count: int) -> list[Someone]:
    """So many who differ in name, kind and nature."""
    kinds, natures = chance.mixed(_KINDS)[:count], chance.mixed(_NATURES)[:count]
    she, he = chance.mixed(_SHE), chance.mixed(_HE)
    found = []
    for kind, nature in zip(kinds, natures, strict=True):
        female = chance.random() < 0.5
        nature = "tall" if nature == "little" and kind not in _SMALL else nature
        found.append(Someone((she if female else he).pop(), kind, nature, female))
    return found


def things(chance: Chance, count: int, which: str) -> list[Thing]:
    """So many that differ in noun and colour."""
    nouns, colours = chance.mixed(which.split())[:count], chance.mixed(_COLOURS)[:count]
    return [Thing(noun, colour, noun in _SEVERAL) for noun, colour in zip(nouns, colours, strict=True)]


OWNED = "lantern kettle umbrella boots flute key scarf mittens compass drum basket buttons kite violin spoon hat gloves"
TRADED = "bell candle ribbon pear cushion jug mirror feather hammer rope sack chair whistle cup blanket brush"
FETCHED = "feather pebble mushroom berry leaf shell acorn thistle"

# Each with the name of a village behind it.
HOMES = (
    "in a hollow tree near|in a house by the river at|under the roots of an oak near|at the edge of the forest of|"
    "behind the last hill of|on an island in the lake of|in an old mill near|at the foot of the mountain of|"
    "beside the bridge of|in the tower of"
).split("|")
VILLAGES = "Thornby Mossley Elmwick Larkfield Cobbleton Wrenhall Ashcombe Foxbury Millow Dunmere Hollin Perrow".split()
SPOTS = (
    "under the bed|behind the stove|in the well|on the roof|in the garden|under the stairs|in the hay|behind the door|"
    "in the cellar|among the apples|on the window sill|in the woodpile"
).split("|")
MEETING = (
    "on the bridge|at the well|by the mill|under a willow|at the crossroads|on a fallen tree|beside the pond|"
    "on the steps of the church|in the tall grass|at the edge of a field|by the old wall|in front of a cave"
).split("|")
HABITS = (
    "counted the clouds|swept the stairs|baked a loaf of bread|sang to the bees|walked to the well|fed the ducks|"
    "wrote letters|polished the windows|made tea|watered the beans|"
    "wound up the clock|read a thick book|mended a net|picked herbs|carved spoons|looked for the moon|"
    "learned a poem|peeled potatoes|caught a fish|rang the little bell"
).split("|")
TIMES = (
    "One morning in {month}|One cold evening|On the first day of {month}|One windy night|One day|Early one morning|"
    "On a Sunday in {month}|When the first snow fell|After a week of rain"
).split("|")
MONTHS = "March April May June July September October November".split()
SEASONS = "spring summer autumn winter".split()
# What is feared, what they did, what happened then, and what the fear turned out to be.
FRIGHTS = (
    "the dark=were down in the cellar=the lamp went out=the night is only a day without a lamp|"
    "thunder=were out in the fields=the sky turned black=the thunder is only loud|"
    "deep water=were out on the lake=the boat began to leak=the water carries everyone who lies still|"
    "high places=were up in the pear tree=the ladder fell down=the view is worth every step|"
    "the forest=were looking for mushrooms=the path came to an end=the forest is only many trees|"
    "the fog=were crossing the moor=it grew dark=the fog is only a cloud that is tired"
).split("|")
WONDERS = (
    "the sea|the city of bridges|the highest mountain|the valley without rain|the lake that sings|"
    "the garden of glass|the last lighthouse"
).split("|")
BARRIERS = (
    "a (wide|wild|cold) river=across the river/a (high|stone|ruined) wall=over the wall/"
    "a (deep|dark|great) swamp=through the swamp/a (frozen|grey|wide) lake=over the lake/"
    "a (steep|bare|sandy) hill=up the hill/a (thick|thorny|tall) hedge=through the hedge"
).split("/")
PACKED = "bread|a cheese|three apples|a blanket|a rope|a candle|a map|a jar of honey|two eggs|a warm coat".split("|")
# To do it, where, and done.
CONTESTS = (
    "run=to the mill and back=ran|swim=across the pond=swam|climb=to the top of the oak=climbed|"
    "row=around the island=rowed|hop=down to the river=hopped"
).split("|")
MISHAPS = (
    "slipped on a wet stone|got a thorn in the foot|lost the way in the fog|stopped to look at the clouds|"
    "fell over a root|had to sneeze and could not stop"
).split("|")
FRUITS = "apples pears plums nuts pancakes buns cherries carrots".split()
NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
MORALS = (
    "Who asks kindly is seldom sent away.|A short way is not always the quick one.|What is shared is never lost.|"
    "Small feet go far if they do not stop.|It is better to look twice than to weep once.|"
    "A friend is worth more than a full cellar.|Who listens finds more than who runs."
).split("|")
