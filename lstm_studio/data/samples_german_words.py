"""The words of the German and English sentences: nouns, adjectives, verbs with what they are done to, times, places."""

from __future__ import annotations

from typing import NamedTuple


class Noun(NamedTuple):
    """A noun in both languages.

    Attributes:
        german: In the nominative.
        oblique: In the accusative and dative singular, or the dative plural.
        gender: "m", "f", "n", or "p" for a plural.
        english: "bread" and the like have no article of their own: ``mass``.
        kind: Which adjectives it takes.
    """

    german: str
    oblique: str
    gender: str
    english: str
    kind: str
    mass: bool = False


class Adjective(NamedTuple):
    """``stem`` takes the endings: dunkel, dunkl-es."""

    german: str
    stem: str
    english: str


class Verb(NamedTuple):
    """A verb in both languages.

    Attributes:
        prefix, stem: Of the infinitive; a prefix stands apart in main clauses.
        third: With he and she, without the prefix.
        participle: Whole.
        moves: Whether its perfect is made with sein.
        base, past, done: In English, with what belongs behind it: turn on, turned on, turned on.
        tenses: Where it makes sense: habits, now, past, future.
        determiners: What its object may have: definite, indefinite, possessive, this.
        objects: Nouns.
        places: Where it is done.
    """

    prefix: str
    stem: str
    third: str
    participle: str
    moves: bool
    base: str
    past: str
    done: str
    tenses: str
    determiners: str
    objects: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def _nouns(text: str) -> dict[str, Noun]:
    """``kind: German/oblique gender English, ...`` a line; * marks what has no article."""
    found = {}
    for line in text.strip().splitlines():
        kind, _, entries = line.strip().partition(": ")
        for entry in entries.split(", "):
            forms, gender, english = entry.split(" ", 2)
            german, _, oblique = forms.partition("/")
            found[german] = Noun(german, oblique or german, gender, english.rstrip("*"), kind, english.endswith("*"))
    return found


def _verbs(text: str) -> tuple[Verb, ...]:
    """``infinitive he-form participle | base past done | tenses | determiners | objects | places`` a line; the past
    stands for what follows where both are the same."""
    found = []
    for line in text.strip().splitlines():
        forms, english, tenses, determiners, objects, places = (part.strip() for part in line.split("|"))
        infinitive, third, participle, *moves = forms.split()
        prefix, _, stem = infinitive.rpartition(".")
        verbs, _, behind = english.partition(" + ")
        base, past, done = (f"{verb} {behind}".strip() for verb in (verbs.split() + verbs.split()[-1:])[:3])
        verb = Verb(prefix, stem, third, participle, bool(moves), base, past, done, tenses, determiners)
        found.append(
            verb._replace(objects=tuple(objects.split()), places=tuple(place for place in places.split(", ") if place))
        )
    return tuple(found)


NOUNS = _nouns("""
    person: Mann m man, Frau f woman, Lehrer m teacher, Lehrerin f teacher, Arzt m doctor, Zahnarzt m dentist, Bäcker m baker, Nachbar/Nachbarn m neighbour, Nachbarin f neighbour, Busfahrer m bus driver, Gäste/Gästen p guests, Studenten p students
    child: Junge/Jungen m boy, Mädchen n girl, Kind n child, Kinder/Kindern p children
    kin: Bruder m brother, Schwester f sister, Sohn m son, Tochter f daughter, Großvater m grandfather, Großmutter f grandmother, Eltern p parents
    text: Buch n book, Zeitung f newspaper, Brief m letter, Nachricht f message, Postkarte f postcard, Wörterbuch n dictionary
    thing: Mantel m coat, Jacke f jacket, Regenschirm m umbrella, Koffer m suitcase, Schlüssel m key, Handschuhe/Handschuhen p gloves, Schuhe/Schuhen p shoes, Flasche f bottle, Paket n package
    device: Fahrrad n bicycle, Auto n car, Waschmaschine f washing machine, Uhr f clock, Lampe f lamp, Fernseher m television, Haustür f front door, Fenster n window
    food: Brot n bread*, Apfelkuchen m apple cake, Kartoffelsuppe f potato soup*, Kartoffeln p potatoes, Käse m cheese*
    fruit: Äpfel/Äpfeln p apples
    drink: Tee m tea*, Kaffee m coffee*, Milch f milk*, Wasser n water*
    room: Küche f kitchen, Wohnzimmer n living room, Schlafzimmer n bedroom, Keller m cellar, Büro n office
    ride: Bus m bus, Zug m train
    tree: Apfelbaum m apple tree, Brunnen m well
""")  # noqa: E501
NAMES = {"Anna": "f", "Maria": "f", "Paul": "m", "Jonas": "m"}

ADJECTIVES = {
    kind: tuple(
        Adjective(german.partition(":")[0], german.partition(":")[2] or german, english)
        for german, english in (entry.split(" ") for entry in entries.split(", "))
    )
    for kind, entries in {
        "person": "alt old, jung young, freundlich friendly, müde:müd tired, neu new, neugierig curious",
        "child": "klein little, müde:müd tired, neugierig curious, fröhlich cheerful",
        "kin": "müde:müd tired, fröhlich cheerful, neugierig curious",
        "text": "lang long, kurz short, alt old, wichtig important",
        "thing": "alt old, neu new, rot red, blau blue, klein small, schwer heavy, teuer:teur expensive",
        "device": "alt old, neu new, klein small, groß big, teuer:teur expensive",
        "food": "frisch fresh, warm warm, gut good",
        "fruit": "frisch fresh, rot red, gut good",
        "drink": "heiß hot, kalt cold, gut good",
        "room": "klein small, groß big, dunkel:dunkl dark, kalt cold",
        "ride": "alt old, blau blue",
        "tree": "alt old, groß big, schön beautiful",
    }.items()
}
# With "als" and "than".
COMPARED = {
    "kin": (("älter", "older"), ("jünger", "younger"), ("größer", "taller")),
    "person": (("älter", "older"), ("jünger", "younger"), ("größer", "taller")),
    "thing": (("teurer", "more expensive"), ("neuer", "newer"), ("schwerer", "heavier"), ("kleiner", "smaller")),
    "device": (("teurer", "more expensive"), ("neuer", "newer"), ("älter", "older"), ("größer", "bigger")),
}

# Something is done to something.
DOING = _verbs("""
    lesen liest gelesen | read read | hnpf | dipt | Buch Zeitung Brief Nachricht | im Garten, im Wohnzimmer, im Zug
    schreiben schreibt geschrieben | write wrote written | hnpf | dit | Brief Nachricht Postkarte | im Büro, im Zug
    kaufen kauft gekauft | buy bought | npf | dit | Mantel Jacke Regenschirm Schuhe Fahrrad Waschmaschine Wörterbuch | in der Stadt
    kaufen kauft gekauft | buy bought | hnpf | di | Brot Apfelkuchen Kartoffeln Äpfel Käse Milch Kaffee Zeitung | auf dem Markt, im Supermarkt
    verkaufen verkauft verkauft | sell sold | npf | dipt | Auto Fahrrad Uhr Koffer Mantel | auf dem Markt
    suchen sucht gesucht | look looked + for | npf | dip | Schlüssel Regenschirm Handschuhe Jacke Brief Wörterbuch | in der Küche, im Garten
    finden findet gefunden | find found | pf | dip | Schlüssel Regenschirm Handschuhe Uhr Brief Flasche | im Keller, am Bahnhof
    verlieren verliert verloren | lose lost | p | dip | Schlüssel Regenschirm Handschuhe Uhr Koffer | in der Stadt, am Bahnhof
    vergessen vergisst vergessen | forget forgot forgotten | p | dp | Schlüssel Regenschirm Handschuhe Koffer Jacke | im Büro, im Zug
    reparieren repariert repariert | repair repaired | npf | dpt | Fahrrad Auto Waschmaschine Uhr Lampe Fernseher Haustür | im Keller
    waschen wäscht gewaschen | wash washed | npf | dp | Auto Mantel Jacke Handschuhe Kartoffeln Äpfel |
    backen backt gebacken | bake baked | hnpf | dit | Brot Apfelkuchen | in der Küche
    kochen kocht gekocht | cook cooked | hnpf | di | Kartoffelsuppe Kartoffeln | in der Küche
    essen isst gegessen | eat ate eaten | hnpf | di | Brot Apfelkuchen Kartoffelsuppe Äpfel Käse | im Garten, in der Küche
    trinken trinkt getrunken | drink drank drunk | hnpf | di | Tee Kaffee Milch Wasser | im Garten, im Büro
    auf.machen macht aufgemacht | open opened | hnpf | dipt | Haustür Fenster Flasche Koffer Paket |
    zu.machen macht zugemacht | close closed | hnpf | dpt | Haustür Fenster Koffer |
    auf.räumen räumt aufgeräumt | tidy tidied | hnpf | dp | Küche Wohnzimmer Schlafzimmer Keller Büro |
    ein.schalten schaltet eingeschaltet | turn turned + on | hnpf | dp | Lampe Fernseher Waschmaschine |
    aus.schalten schaltet ausgeschaltet | turn turned + off | hnpf | dp | Lampe Fernseher Waschmaschine |
    ab.holen holt abgeholt | pick picked + up | npf | dpt | Paket Koffer Fahrrad Auto | am Bahnhof
    mit.bringen bringt mitgebracht | bring brought + along | pf | di | Apfelkuchen Brot Käse Flasche Äpfel Wörterbuch |
    weg.werfen wirft weggeworfen | throw threw thrown + away | npf | dipt | Brief Zeitung Schuhe Jacke Flasche |
    an.ziehen zieht angezogen | put put + on | hnpf | dp | Mantel Jacke Schuhe Handschuhe |
    aus.ziehen zieht ausgezogen | take took taken + off | hnpf | dp | Mantel Jacke Schuhe Handschuhe |
""")  # noqa: E501
# Somebody meets somebody: in the accusative, in the dative.
MEETING = _verbs("""
    an.rufen ruft angerufen | call called | hnpf | | |
    ein.laden lädt eingeladen | invite invited | pf | | |
    besuchen besucht besucht | visit visited | hpf | | |
    ab.holen holt abgeholt | pick picked + up | hpf | | | am Bahnhof
    fragen fragt gefragt | ask asked | pf | | |
""")
HELPING = _verbs("""
    helfen hilft geholfen | help helped | hnpf | | | im Garten, in der Küche
    danken dankt gedankt | thank thanked | pf | | |
    antworten antwortet geantwortet | answer answered | pf | | |
    zu.hören hört zugehört | listen listened + to | hnpf | | |
""")
GIVING = _verbs("""
    geben gibt gegeben | give gave given | pf | dipt | Buch Brief Schlüssel Regenschirm Flasche Apfelkuchen |
    zeigen zeigt gezeigt | show showed shown | npf | dipt | Brief Buch Uhr Fahrrad Postkarte Küche |
    schicken schickt geschickt | send sent | pf | dit | Brief Postkarte Nachricht Paket |
    leihen leiht geliehen | lend lent | pf | dpt | Buch Wörterbuch Fahrrad Auto Regenschirm |
    zurück.geben gibt zurückgegeben | return returned | pf | dpt | Buch Wörterbuch Fahrrad Schlüssel |
""")
# With auf and for.
WAITING = _verbs("""
    warten wartet gewartet | wait waited + for | npf | di | Bus Zug Brief Nachricht Paket | am Bahnhof, im Garten
""")
BEING = _verbs("""
    auf.stehen steht aufgestanden ist | get got + up | pf | | |
    ein.schlafen schläft eingeschlafen ist | fall fell fallen + asleep | hpf | | | im Garten, im Zug
    schlafen schläft geschlafen | sleep slept | hnpf | | | im Garten, im Wohnzimmer, im Zug
    arbeiten arbeitet gearbeitet | work worked | hnpf | | | im Garten, im Büro, auf dem Markt, in der Stadt
    tanzen tanzt getanzt | dance danced | hnpf | | | im Garten, in der Küche, auf dem Markt
    ab.reisen reist abgereist ist | leave left | pf | | |
    zurück.kommen kommt zurückgekommen ist | come came come + back | pf | | |
    bleiben bleibt geblieben ist | stay stayed | hpf | | | zu Hause
""")
GOING = _verbs("""
    gehen geht gegangen ist | go went gone | hpf | | |
    fahren fährt gefahren ist | drive drove driven | hpf | | |
""")

PLACES = dict(
    entry.split("=")
    for entry in (
        "im Garten=in the garden|im Wohnzimmer=in the living room|in der Küche=in the kitchen|im Büro=at the office|"
        "im Keller=in the cellar|im Zug=on the train|am Bahnhof=at the station|auf dem Markt=at the market|"
        "im Supermarkt=at the supermarket|in der Stadt=in town|zu Hause=at home"
    ).split("|")
)
GOALS = dict(
    entry.split("=")
    for entry in (
        "in die Stadt=into town|nach Hause=home|zum Bahnhof=to the station|ins Krankenhaus=to the hospital|"
        "zur Apotheke=to the pharmacy|auf den Markt=to the market|ins Büro=to the office|ins Theater=to the theatre"
    ).split("|")
)
# * stands before the English verb.
TIMES = {
    tense: tuple(tuple(entry.split("=")) for entry in entries.split("|"))
    for tense, entries in {
        "habit": "jeden Tag=every day|jeden Abend=every evening|am Wochenende=at the weekend|im Winter=in winter|"
        "oft=often*|immer=always*|manchmal=sometimes*|nie=never*",
        "now": "gerade=at the moment|jetzt=now",
        "past": "gestern=yesterday|letzte Woche=last week|am Montag=on Monday|heute Morgen=this morning|"
        "vor zwei Tagen=two days ago|gestern Abend=yesterday evening",
        "future": "bald=soon|morgen=tomorrow|nächste Woche=next week|am Freitag=on Friday|heute Abend=this evening",
    }.items()
}
FRAMES = (DOING, MEETING, HELPING, GIVING, WAITING, BEING, GOING)
