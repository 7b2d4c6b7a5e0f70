"""Real data: corpora without a network, a set written by hand, what is wrong with a file and its remedies, Chinese
words, writing from the right, and pretrained vectors."""

from __future__ import annotations

import csv
import random
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lstm_studio.gui.tour import job
from lstm_studio.gui.tour.hands import Hands

NOBODY = "http://127.0.0.1:9/index.xml"
"""An address at which nothing answers, on this computer: no network is asked."""
TYPED = (("The soup was warm and so were they", "like"), ("We waited an hour for cold rice", "dislike"))
LABELLED = (("A table by the window, what luck", "1"), ("The bill was wrong twice", "2"), ("I will come again", "1"))
GOOD, BAD = ("lovely", "warm", "bright", "quick", "kind"), ("cold", "slow", "rude", "stale", "loud")
THINGS = ("soup", "bread", "room", "waiter", "music", "coffee", "table", "view", "menu", "garden", "price", "cake")
CHINESE = ("味道很好，下次还来", "送餐太慢了，面都凉了", "服务态度非常好", "价格有点贵，不过分量很足")
ARABIC = ("كان الطعام لذيذا والخدمة سريعة", "الانتظار طويل والقهوة باردة", "مكان جميل وهادئ")
HEBREW = "האוכל היה טעים מאוד"
REMEDIES = ("fix_mojibake", "strip_html", "remove_token", "merge_conflicts", "drop_duplicates", "keep_script")


def offline(hands: Hands) -> None:
    """The browser of corpora where no network can be reached."""
    session = hands.session
    hands.show("data")
    page = hands.page("data")
    page.show_corpora()
    room = session.corpora
    hands.wait(lambda: bool(room.known), "the list of corpora")
    missing = [name for name, presence in room.known.items() if not presence.here]
    page.corpora.table.choose("treebank" if "treebank" in missing or not missing else missing[0])
    hands.breathe(0.2)
    hands.picture("corpora-one", both=False)
    if not missing:
        return
    mirror = session.settings.corpora_mirror
    room.set_place(mirror=NOBODY)
    try:
        page.corpora.next_step()
        hands.wait(lambda: room.fetching is None, "the download to fail")
        assert room.error is not None, "a server that is not there has answered"
        assert page.corpora.banner.isVisible(), "nothing says why there is no corpus"
        hands.picture("corpora-offline")
    finally:
        room.set_place(mirror=mirror)


def by_hand(hands: Hands) -> None:
    """A set is written by keys alone, taken back in part, saved as a file, and learned from."""
    hands.show("data")
    page = hands.page("data")
    page.show_hand()
    editor = page.hand
    hands.wait(lambda: editor.content is not None, "a set to write in")
    table, content = editor.desk.table, editor.content
    for text, label in TYPED:
        hands.keys(table, text, "Tab", label, "Return")
    for text, key in LABELLED:
        hands.keys(table, text, "Tab", key, "Left")
    assert [label for _, label in content.rows] == ["like", "dislike", "like", "dislike", "like"], content.rows
    hands.picture("hand-typed")
    hands.click("Undo", "data")
    assert content.rows[-1][1] == "", "the last label was not taken back"
    hands.click("Redo", "data")
    editor.pasting.paste("\n".join(f"{text}\t{label}" for text, label in opinions(40, ("like", "dislike"))))
    hands.settle(0.4)
    assert len(content.rows) == 45, len(content.rows)
    hands.picture("hand-pasted", both=False)
    target = hands.out / "by-hand.csv"
    editor.write_to(target)
    hands.wait(target.exists, "the saved set")
    with target.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) == 46, "the file has other rows than the set"
    hands.click("Use these texts", "data")
    hands.wait(lambda: examined(hands, 45), "the set as data")
    hands.picture("hand-used", both=False)
    quick(hands)
    assert "accuracy" in job.finish(hands)


def findings(hands: Hands) -> None:
    """What is wrong with a file, each remedy at a click, and the run that holds them."""
    session = hands.session
    path = write_rows(hands.out / "messages.csv", messages())
    session.open_file(path)
    hands.show("data")
    hands.wait(lambda: examined(hands, path), "the file to be looked through")
    panel = hands.page("data").work.health
    if panel.more.isVisible():
        panel.more.click()
    hands.picture("findings")
    for name in REMEDIES:
        button = offered(panel, name)
        assert button is not None, f"{name} is not offered"
        before = session.config.data.remedies
        button.click()
        hands.wait(lambda before=before: session.config.data.remedies != before, f"{name} to be used")  # type: ignore[misc]
        hands.wait(lambda: examined(hands, path), f"{name} to be applied")
    hands.breathe(0.3)
    hands.picture("findings-mended")
    health = session.dataset.health  # type: ignore[union-attr]
    assert health is not None
    changed = {one.remedy.partition(":")[0]: one.count for one in health.mended}
    assert set(changed) == set(REMEDIES), changed
    assert all(changed.values()), f"a remedy did nothing: {changed}"
    quick(hands)
    job.finish(hands)
    run: Path = session.active.path  # type: ignore[union-attr, assignment]
    kept = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))["data"]["remedies"]
    assert tuple(kept) == session.config.data.remedies, kept


def from_the_right(hands: Hands) -> None:
    """Arabic and Hebrew in the table, and as the network reads them."""
    session = hands.session
    rows = [(text, label) for label in ("good", "bad") for text in (*ARABIC, HEBREW, f"{ARABIC[0]} (GPT-4)")]
    path = write_rows(hands.out / "from-the-right.csv", rows * 4)
    session.open_file(path)
    hands.show("data")
    hands.wait(lambda: examined(hands, path), "the file to be looked through")
    hands.page("data").work.table.selectRow(4)
    hands.settle(0.4)
    hands.picture("from-the-right")


def chinese_words(hands: Hands) -> None:
    """Chinese texts cut into words instead of characters."""
    session = hands.session
    rows = [(f"{text}{'！' * (place % 3)}", "好" if place % 2 == 0 else "差") for place, text in enumerate(CHINESE * 9)]
    path = write_rows(hands.out / "chinese.csv", rows)
    session.open_file(path)
    hands.show("data")
    hands.wait(lambda: examined(hands, path), "the file to be looked through")
    session.set_data(tokenizer="chinese words")
    hands.page("data").work.table.selectRow(1)
    hands.wait(lambda: not session.jobs.busy and examined(hands, path), "the words")
    hands.settle(0.4)
    words = hands.page("data").work.tokens_title.text()
    assert session.dataset.data.tokenizer == "chinese words", words  # type: ignore[union-attr]
    hands.picture("chinese-words")


def vectors(hands: Hands) -> None:
    """How many words of the data a file of pretrained vectors knows."""
    session = hands.session
    job.opened(hands, "requests", 300)
    dataset = session.dataset
    assert dataset is not None
    place = dataset.column(dataset.kind.roles[0].field)
    assert place is not None
    words = {word for row in range(dataset.rows) for word in dataset.table.cell(row, place).split()}
    path = hands.out / "vectors.txt"
    path.write_text("\n".join(vector_lines(sorted(words))), encoding="utf-8")
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**{"model.vectors": str(path)})
    hands.settle(1.0)
    note = hands.page("model").findChild(_note_class())
    assert note is not None
    hands.wait(lambda: note.isVisible() and "%" in note.title.text(), "the words with a vector to be counted")
    hands.breathe(0.5)
    hands.picture("vectors", both=False)
    session.change(**{"model.vectors": None})


# -- what the steps have in common -----------------------------------------------------------------------------


def examined(hands: Hands, wanted: int | Path) -> bool:
    """Whether the file, or one with so many rows, is open and was looked through with all that is set."""
    session, dataset = hands.session, hands.session.dataset
    if dataset is None or dataset.health is None or session.loading is not None or session.health_progress is not None:
        return False
    told = [one.remedy for one in dataset.health.mended]
    fits = dataset.rows == wanted if isinstance(wanted, int) else dataset.path == wanted
    return fits and told == [*session.config.data.remedies] and dataset.data == session.config.data


def quick(hands: Hands) -> None:
    """Train a small network for a moment."""
    session = hands.session
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**{"model.hidden_size": 16, "model.embedding_size": 16, "training.epochs": 2})
    session.change(**{"training.probe_seconds": 0.5})
    session.start_training()
    hands.wait(lambda: session.training, "the run to begin")


def offered(panel: Any, name: str) -> Any:
    """The button of a remedy among the findings that are shown."""
    from lstm_studio.gui.widgets.health_panel import Finding

    found = [panel._findings.itemAt(place).widget() for place in range(panel._findings.count())]
    for one in found:
        if isinstance(one, Finding):
            for remedy, button in one.offers.items():
                if remedy.partition(":")[0] == name:
                    return button
    return None


def _note_class() -> Any:
    from lstm_studio.gui.widgets.vectors_note import VectorsNote

    return VectorsNote


def opinions(count: int, labels: tuple[str, str]) -> list[tuple[str, str]]:
    """Short texts, no two of them alike, with one of two labels in turn."""
    chance = random.Random(7)
    found: dict[str, str] = {}
    while len(found) < count:
        good = len(found) % 2 == 0
        one, other = chance.sample(GOOD if good else BAD, 2)
        thing, second, day = chance.choice(THINGS), chance.choice(THINGS), chance.choice(("Monday", "Friday", "Sunday"))
        found.setdefault(f"On {day} the {thing} was {one} and the {second} {other}", labels[not good])
    return list(found.items())


def messages() -> list[tuple[str, str]]:
    """Rows with all that a careful colleague would notice."""
    rows = opinions(200, ("good", "bad"))
    rows = [(f"{text} via promo.example/q7" if label == "bad" and place % 4 == 1 else text, label)
            for place, (text, label) in enumerate(rows)]  # fmt: skip
    rows += rows[:6]
    rows += [(rows[10][0], "bad"), (rows[10][0], "good"), (rows[12][0], "bad")]
    rows += [("the cafÃ© was lovely, trÃ¨s bien", "good"), ("dÃ©jÃ  vu: cold again", "bad")]
    rows += [("so <b>warm</b> &amp; bright a place<br>go there", "good"), ("<p>rude and slow</p>", "bad")]
    return rows + [(text, "good" if place % 2 else "bad") for place, text in enumerate((*CHINESE, *ARABIC))]


def write_rows(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A CSV file with a text and a label a row."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    return path


def vector_lines(words: Sequence[str]) -> list[str]:
    """Vectors of eight numbers for most of some words, in the text format of GloVe."""
    chance = random.Random(5)
    return [" ".join([word.lower(), *(f"{chance.gauss(0, 0.3):.4f}" for _ in range(8))])
            for place, word in enumerate(words) if place % 5]  # fmt: skip
