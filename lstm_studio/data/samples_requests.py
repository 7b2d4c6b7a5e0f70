"""A sample for slots: what people ask an assistant for, in English."""

from __future__ import annotations

from lstm_studio.data.samples_tagged import Chance, Tagged, distinct, fill

# Names of towns are also names of people, bands and dishes; numbers are times, minutes and guests: the words around
# them decide.
_TOWNS = (
    "Boston|Denver|Lincoln|Austin|Florence|Madison|Jackson|Paris|Vienna|Chester|Sydney|Georgia|Phoenix|Orlando|"
    "New York|San Jose|Santa Fe|Baton Rouge|Little Rock|Salt Lake City|Long Beach|St. Paul|Las Vegas|Cape Town"
).split("|")
_PEOPLE = (
    "Austin|Florence|Madison|Jackson|Chester|Sydney|Georgia|Paul|Anna|Omar|Grandma|Dr. Lee|Aunt May|Mr. Lincoln|"
    "Mary Ann|my brother|the landlord|Jose|Phoenix|Vienna Marsh"
).split("|")
_BANDS = (
    "Boston|Phoenix|Chicago|Asia|Orlando Gray|The Long Beach|Jackson Five O|Paris Nights|Two Doors|Seven Moons|"
    "Florence|Silver Lake|The Denver Brothers|Nine to Five"
).split("|")
_SONGS = (
    "Seven Days|New York Rain|Monday Morning|Georgia Pines|Half Past Nine|Table for Two|Ten Minutes More|Paris in June|"
    "The Last Train to Boston|Call Me Tomorrow|Blue Thai|Tonight"
).split("|")
_LISTS: dict[str, list[str]] = {
    "town": _TOWNS,
    "person": _PEOPLE,
    "artist": _BANDS,
    "song": _SONGS,
    # As it follows at once, behind "on", and before a part of the day.
    "day": "today|tomorrow|Monday|Tuesday|Friday|Sunday|next Monday|this Saturday|the day after tomorrow".split("|"),
    "date": "Monday|Tuesday|Friday|Sunday|June 4|May 2|April 9|the 21st of May|the seventh of June|New Year 's Eve|"
    "Sunday the 3rd".split("|"),
    "eve": "tomorrow|Monday|Tuesday|Friday|Sunday|next Monday|this Saturday".split("|"),
    "time": "noon|seven|9|six thirty|half past nine|8 pm|quarter to ten|midnight|two in the afternoon|10:15".split("|"),
    "part": "morning|afternoon|evening|night".split("|"),
    "count": "two|three|4|six|eight|ten|12|seven".split("|"),
    "minutes": "ten minutes|two hours|45 minutes|90 seconds|an hour|half an hour|seven minutes|three hours".split("|"),
    "food": "thai|italian|vegan|sushi|vienna style|indian|french|new york style|mexican|seafood".split("|"),
    "place": "The Blue Door|Chez Paul|Lincoln 's|Noodle House|Madison Grill|The Seven Spoons|Little Paris".split("|"),
    "airline": "Delta|Northern Air|Phoenix Air|Blue Sky|Georgia Wings".split("|"),
    "class": "economy|business class|first class|coach".split("|"),
    "weather": "windy|sunny|freezing|stormy|hot|cloudy".split("|"),
    "fall": "rain|snow|hail|thunder|drizzle".split("|"),
    "mass": "rain|snow|wind|fog|ice".split("|"),
    "genre": "jazz|slow rock|piano music|country|old soul|hip hop|classical".split("|"),
    "dish": "the rice|the eggs|the pasta|vienna coffee|the boston beans|tea|two eggs".split("|"),
    "bake": "the bread|the paris tart|my laundry|the chicken|the seven layer cake".split("|"),
    "please": ["please", "thanks", "if you can", "for me"],
}
_TEMPLATES = (
    "(|please|can you|could you) (find (|me) (a|the cheapest|a cheap) flight|show me (the|all|some) (flights|tickets)|"
    "list (|the|all) flights|book (a flight|two seats|a ticket)) "
    "(from {town:from} to {town:to}|to {town:to} from {town:from}|out of {town:from} into {town:to}) "
    "(|on {date:day}|leaving {day}|{eve:day} {part}) (|at {time}|before {time}|after {time}) "
    "(|in {class}|with {airline}|)",
    "i (need|want|would like|have) to (be in|get to|fly to) {town:to} (by {time} {day}|on {date:day}|{eve:day} {part}) "
    "(|and leave {town:from} after {time}|coming from {town:from}|) (|on {airline})",
    "(does|will) {airline} (fly|go) (from {town:from} to {town:to}|to {town:to}) (on {date:day}|{day}) "
    "(|in the {part}|around {time})",
    "(|please) (book (a table|dinner|lunch)|reserve a table|get me a table) for {count:guests} "
    "(at {place}|in {town:in}|) (|{day}|on {date:day}) (|at {time}) (|{please:})",
    "(where can we|is there a place to) eat {food} (food|) in {town:in} (|{day}) (|with {count:guests} people)",
    "(find|show me|i am looking for) a {food} (restaurant|place) (near {place}|in {town:in}) "
    "(|that is open {day}|open at {time}|for {count:guests})",
    "play (|the song) {song} (|by {artist})",
    "play (something by {artist}|{genre}|{artist}|{genre} by {artist})",
    "(put on|i want to hear|add) ({song}|{artist}|{song} by {artist}|some {genre}) (|to the {part} list|now)",
    "(call|text|ring|phone) {person} (|{day}|at {time}|in {minutes}) (|{please:})",
    "(tell|remind) {person} (that we leave|to be there|about dinner) (at {time}|{day}|{day} at {time}) "
    "(|in {town:in}|at {place})",
    "remind me (|{day}|in {minutes}) to (call|write to|visit) {person} (|at {time}|in {town:in})",
    "set (a timer|an alarm|a reminder) for ({minutes}|{time}|{time} {day}) (|{please:})",
    "(wake me|get me up) (at {time} (|on {date:day}|{day})|in {minutes})",
    "(boil|cook|time) {dish} for {minutes}",
    "(|please) (time {bake:dish} for|look after {bake:dish} in|check {bake:dish} in) {minutes}",
    "(will it|is it going to) ({fall:weather}|be {weather}) in {town:in} (on {date:day}|{day}|this {part})",
    "(how is the weather|what is the weather like|how will the weather be) in {town:in} (|{day}) (|at {time})",
    "(do i need a coat|will there be any {mass:weather}) in {town:in} (on {date:day}|{eve:day} {part}|)",
    "how long is (it|the drive|the train) from {town:from} to {town:to} (|at {time}|on {date:day})",
)


def requests(rows: int, seed: int) -> list[Tagged]:
    """So many requests with their slots; the same seed makes the same ones."""
    chance = Chance(seed)
    return distinct(_one, rows, chance)


def _one(chance: Chance) -> Tagged:
    words, spans = fill(chance.choice(_TEMPLATES), _LISTS, chance)
    for at, word in enumerate(words[1:]):
        if words[at] == "a" and word[0] in "aeiou":
            words[at] = "an"
    # People type as they like: most without capitals.
    if chance.random() < 0.7:
        words = [word.lower() for word in words]
    return Tagged(words, spans)
