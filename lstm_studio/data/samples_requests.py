"""A sample for slots: what people ask an assistant for, in English."""

from __future__ import annotations

import random

from lstm_studio.data.samples_tagged import Tagged, distinct, fill

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
    "day": "today|tomorrow|Monday|Tuesday|Friday|Sunday|next Monday|this Saturday|the day after tomorrow|June 4|"
    "the 21st of May|New Year 's Eve".split("|"),
    "time": "noon|seven|9|six thirty|half past nine|8 pm|quarter to ten|midnight|two in the afternoon|10:15".split("|"),
    "part": "morning|afternoon|evening|night|weekend".split("|"),
    "count": "two|three|4|six|eight|ten|12|seven".split("|"),
    "minutes": "ten minutes|two hours|45 minutes|90 seconds|an hour|half an hour|seven minutes|three hours".split("|"),
    "food": "thai|italian|vegan|sushi|vienna style|indian|french|new york style|mexican|seafood".split("|"),
    "place": "The Blue Door|Chez Paul|Lincoln 's|Noodle House|Madison Grill|The Seven Spoons|Little Paris".split("|"),
    "airline": "Delta|Northern Air|Phoenix Air|Blue Sky|Georgia Wings".split("|"),
    "class": "economy|business class|first class|coach".split("|"),
    "weather": "rain|snow|windy|sunny|freezing|stormy|hot".split("|"),
    "genre": "jazz|slow rock|piano music|country|old soul|hip hop|classical".split("|"),
    "dish": "the rice|the eggs|my laundry|the pasta|vienna coffee|the bread|tea".split("|"),
    "please": ["please", "thanks", "if you can", "for me"],
}
_TEMPLATES = (
    "(|please|can you|could you) (find|show me|list|book) (a|the cheapest|some) (flight|flights|ticket) "
    "(from {town:from} to {town:to}|to {town:to} from {town:from}|out of {town:from} into {town:to}) "
    "(|on {day}|leaving {day}|{day} {part}) (|at {time}|before {time}|after {time}) (|in {class}|with {airline}|)",
    "i (need|want|would like) to (be in|get to|fly to) {town:to} (by {time} {day}|on {day}|{day} {part}) "
    "(|and leave {town:from} after {time}|coming from {town:from}|) (|on {airline})",
    "(does|will) {airline} (fly|go) (from {town:from} to {town:to}|to {town:to}) (on {day}|{day}) (|in the {part})",
    "(|please) (book|reserve|get me) (a table|dinner|lunch) for {count:guests} (at {place}|in {town:in}|) "
    "(|{day}) (|at {time}) (|{please:})",
    "(where can we|is there a place to) eat {food} (food|) in {town:in} (|{day}) (|with {count:guests} people)",
    "(find|show) (a|me a) {food} (restaurant|place) (near {place}|in {town:in}) (|that is open {day}|open at {time})",
    "play (|some|the song) ({song} by {artist}|{genre}|{artist}|{song}|{genre} by {artist})",
    "(put on|i want to hear|add) ({song}|{artist}|{song} by {artist}|some {genre}) (|to the {part} list|now)",
    "(call|text|ring|phone) {person} (|{day}|at {time}|in {minutes}) (|{please:})",
    "(tell|remind) {person} (that we leave|to be there|about dinner) (at {time}|{day}|{day} at {time}) "
    "(|in {town:in}|at {place})",
    "remind me (|{day}|in {minutes}) to (call|write to|visit) {person} (|at {time}|in {town:in})",
    "set (a timer|an alarm|a reminder) for ({minutes}|{time}|{time} {day}) (|{please:})",
    "(wake me|get me up) (at {time}|in {minutes}) (|on {day}|{day})",
    "(boil|time) {dish} for {minutes}",
    "(will it|is it going to) (be|) {weather} in {town:in} (on {day}|{day}|this {part})",
    "(how|what) (is the weather|will the weather be) (like|) in {town:in} (|{day}) (|at {time})",
    "(do i need a coat|is there any {weather}) in {town:in} (on {day}|{day} {part}|)",
    "how long is (it|the drive|the train) from {town:from} to {town:to} (|at {time}|on {day})",
)


def requests(rows: int, seed: int) -> list[Tagged]:
    """So many requests with their slots; the same seed makes the same ones."""
    chance = random.Random(seed)
    return distinct(_one, rows, chance)


def _one(chance: random.Random) -> Tagged:
    words, spans = fill(chance.choice(_TEMPLATES), _LISTS, chance)
    # People type as they like: most without capitals.
    if chance.random() < 0.7:
        words = [word.lower() for word in words]
    return Tagged(words, spans)
