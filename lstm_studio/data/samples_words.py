"""The words of the sample reviews: six kinds of things that people review, what they notice, and how they say it."""

from __future__ import annotations

from dataclasses import dataclass

PRAISE = (
    "good great excellent wonderful superb lovely brilliant delightful impressive pleasant decent solid charming "
    "memorable remarkable fantastic splendid outstanding admirable enjoyable marvellous first-rate satisfying terrific"
).split()
BLAME = (
    "bad poor awful terrible dreadful dull disappointing weak mediocre lousy horrible tedious forgettable shoddy "
    "unpleasant annoying dismal abysmal pitiful second-rate miserable frustrating atrocious unbearable"
).split()


@dataclass(frozen=True)
class Aspect:
    """One thing that a reviewer notices: its noun, and the words that praise or blame it alone."""

    noun: str
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    plural: bool = False


@dataclass(frozen=True)
class Domain:
    """A kind of thing that is reviewed."""

    things: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    openings: tuple[str, ...]
    asides: tuple[str, ...]
    groups: tuple[str, ...]


def _aspects(text: str) -> tuple[Aspect, ...]:
    """One aspect a line: noun (with * if plural) | praise | blame."""
    found = []
    for line in text.strip().splitlines():
        noun, praise, blame = (part.strip() for part in line.split("|"))
        found.append(Aspect(noun.rstrip("*"), tuple(praise.split()), tuple(blame.split()), noun.endswith("*")))
    return tuple(found)


DOMAINS = (
    Domain(
        ("film", "movie", "picture"),
        _aspects("""
            acting | convincing nuanced gripping natural | wooden stiff hammy lifeless
            plot | clever suspenseful coherent absorbing | predictable confusing flimsy ridiculous
            script | witty sharp intelligent | clumsy silly lazy
            ending | moving unforgettable rewarding | rushed baffling absurd
            camera work | stunning beautiful inventive | shaky sloppy ugly
            dialogue | funny crisp believable | stilted cheesy hollow
            characters* | likeable complex vivid | shallow irritating flat
            special effects* | dazzling spectacular seamless | cheap laughable fake
            soundtrack | haunting lively | grating monotonous
        """),
        (
            "We saw it on a rainy Tuesday in a half-empty cinema.",
            "My nephew picked the {thing} for his birthday.",
            "I had been waiting for this one since the trailer came out.",
            "It ran at the festival in our town last week.",
            "I watched it on the train to Hamburg.",
        ),
        (
            "at least in the version that was shown to us",
            "even in the long scene at the harbour",
            "as the lights went on again",
            "after three sequels by three different directors",
            "with all that was written about it",
        ),
        ("in the audience", "sitting in our row", "who came along with me", "in the whole cinema"),
    ),
    Domain(
        ("restaurant", "place", "bistro"),
        _aspects("""
            food | delicious tasty flavourful fresh | bland greasy stale inedible
            service | attentive friendly prompt courteous | rude slow careless arrogant
            soup | hearty creamy aromatic | watery lukewarm salty
            wine list | generous varied | overpriced meagre
            desserts* | heavenly refined luscious | sickly soggy tasteless
            waiters* | polite cheerful helpful | grumpy forgetful impatient
            noodles* | springy savoury | mushy burnt
            atmosphere | cosy relaxed inviting | noisy gloomy chilly
            prices* | fair reasonable | outrageous steep
        """),
        (
            "We booked a table for six on a Friday evening.",
            "My colleagues and I had lunch there twice in May.",
            "Our neighbours celebrated their wedding anniversary there.",
            "It opened last autumn next to the old fire station.",
            "We only came in because it had started to rain.",
        ),
        (
            "after we had waited almost an hour",
            "at what they charge for a main course",
            "at least on the evening when we were there",
            "with all that the guidebook says about it",
            "even after the chef had come out to our table",
        ),
        ("at our table", "in our party", "who had dinner with us", "among my colleagues"),
    ),
    Domain(
        ("hotel", "guesthouse", "inn"),
        _aspects("""
            room | spotless spacious bright comfortable | filthy cramped dark musty
            breakfast | plentiful varied fresh | meagre stale cold
            staff | welcoming helpful obliging | unfriendly indifferent dismissive
            bed | soft restful | lumpy creaky
            view | breathtaking magnificent scenic | depressing bleak
            bathroom | sparkling modern | mouldy grimy outdated
            location | convenient quiet central | remote noisy inconvenient
            pool | inviting clean | crowded dirty
            towels* | fluffy soft | threadbare damp
        """),
        (
            "We stayed for four nights at the end of August.",
            "I was sent there for a conference by my company.",
            "The travel agency had put us there at the last minute.",
            "Three generations of our family spent a week there.",
            "We arrived long after midnight because of the ferry.",
        ),
        (
            "even after we had moved to another floor",
            "at least in the low season",
            "with all that the brochure had told us",
            "for a house with four stars on the door",
            "once the other guests had left",
        ),
        ("in our group", "on our floor", "who travelled with us", "in the family"),
    ),
    Domain(
        ("book", "novel", "story"),
        _aspects("""
            prose | elegant graceful lucid poetic | clumsy pompous wordy lifeless
            plot | ingenious gripping original | muddled contrived predictable
            heroine | believable endearing courageous | insufferable whiny bland
            first half | thrilling brisk engaging | slow dreary confusing
            translation | faithful fluent careful | sloppy wooden careless
            final chapter | touching satisfying surprising | hasty sentimental anticlimactic
            descriptions* | vivid rich evocative | endless overblown lifeless
            jokes* | hilarious clever subtle | crude stale unfunny
            historical detail | fascinating accurate | inaccurate boring
        """),
        (
            "I found it in a box in front of the library.",
            "Our reading circle chose it for November.",
            "I read it in two days on the beach.",
            "My teacher pressed it into my hand with a wink.",
            "It has been standing on my shelf for ten years.",
        ),
        (
            "in more than four hundred pages",
            "for a writer who has won every prize there is",
            "even on a second reading",
            "with all that was written about it in the papers",
            "from the murder in the lighthouse onwards",
        ),
        ("in our reading circle", "I lent it to", "among my friends", "in the whole class"),
    ),
    Domain(
        ("phone", "laptop", "tablet"),
        _aspects("""
            screen | crisp bright gorgeous | dim blurry scratched
            battery | long-lasting dependable | short-lived unreliable
            keyboard | responsive comfortable sturdy | mushy cramped flimsy
            camera | sharp versatile | grainy useless
            software | fast stable intuitive | buggy sluggish bloated
            sound | rich clear balanced | tinny muffled distorted
            speakers* | powerful clear | scratchy feeble
            support | patient competent quick | useless clueless unreachable
            design | sleek elegant practical | bulky ugly impractical
        """),
        (
            "I bought it second-hand from a student in my house.",
            "My old one fell into the lake in June.",
            "The company gave all of us the same model.",
            "It arrived in a box twice its size.",
            "I have used it every day for half a year.",
        ),
        (
            "over a whole working day",
            "for a model that costs a month's rent",
            "since the update that came in spring",
            "compared with what I had before",
            "after all that the advertisements had promised",
        ),
        ("in our office", "who has tried it", "among my students", "in the family"),
    ),
    Domain(
        ("concert", "show", "performance"),
        _aspects("""
            singing | soulful flawless passionate | shrill lifeless off-key
            orchestra | precise spirited | ragged listless
            sound | clear balanced warm | muddy deafening tinny
            stage design | imaginative striking | tacky cluttered drab
            choir | powerful radiant | feeble shaky
            second act | exciting electrifying energetic | endless sleepy tiresome
            seats* | comfortable spacious | cramped hard
            songs* | catchy touching fresh | interchangeable corny stale
            conductor | inspired confident | nervous uninspired
        """),
        (
            "We had seats in the last row of the gallery.",
            "Somebody at work gave me a ticket at noon.",
            "It was the first time that our daughter came along.",
            "They played in the old tram depot on a Sunday.",
            "We drove for three hours to be there.",
        ),
        (
            "once it had begun, almost an hour late",
            "as far as one could tell from the gallery",
            "for what we had paid for the tickets",
            "after the long speech by the mayor",
            "even without the singer who had fallen ill",
        ),
        ("in our row", "standing near us", "who had come by bus", "in the hall"),
    ),
)

ASIDES = (
    "to be fair",
    "as far as I can tell",
    "if you ask me",
    "whatever my cousin says",
    "and I say this as somebody who has seen a lot",
    "in all honesty",
    "believe it or not",
)

# {other} is a word of praise or blame, drawn without regard to the verdict.
OPINIONS_OF_OTHERS = (
    "A friend of mine had called it {other}.",
    "Everything I had read about it beforehand was {other}.",
    "My sister, who finds everything {other}, came along.",
    "The last one I tried was {other}.",
    "In the papers they wrote how {other} it was, but papers write a lot.",
    "My father had warned us that it would be {other}.",
)
OTHER_MATTERS = (
    "The weather that day was {other}.",
    "The journey home was {other}, but that is another story.",
    "We had had a {other} week before that.",
    "I slept on it, after a {other} day at work.",
    "They say that the new one across the river is {other}.",
    "The taxi driver told us a {other} story on the way.",
)
CLOSINGS = (
    "That is all there is to say.",
    "We took the last bus home.",
    "You can find it near the station.",
    "I am writing this one week later.",
    "My wife agrees with every word.",
    "I told the manager so.",
)
PEOPLE = ("me", "my wife", "all of us", "my brother", "both of us", "our children", "my mother")

STRONGER = "very really truly utterly incredibly thoroughly surprisingly absolutely genuinely".split()
WEAKER = ("rather", "fairly", "quite", "pretty", "somewhat", "more or less", "on the whole")
NEGATED_DEGREES = ("", "", "very ", "really ", "particularly ", "all that ", "exactly ", "in any way ", "at all ")

LOVED = ("loved", "adored", "enjoyed", "admired", "treasured")
HATED = ("hated", "disliked", "regretted", "resented", "loathed")
LOVE = ("love", "adore", "enjoy", "admire", "treasure")
HATE = ("hate", "dislike", "regret", "resent", "loathe")
