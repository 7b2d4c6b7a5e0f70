"""Remedies do what they say to rows of every task, are counted, and leave the file as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_studio.config import RunConfig
from lstm_studio.config.files import dumps, load
from lstm_studio.config.remedies import REMEDIES
from lstm_studio.config.run import assign_text, parse
from lstm_studio.data.documents import Documents
from lstm_studio.data.kinds import section_for
from lstm_studio.data.mending import rewriter, without_garbled, without_markup
from lstm_studio.data.prepare import prepare_classification
from lstm_studio.data.prepare_pairs import prepare_pairs
from lstm_studio.data.prepare_tags import prepare_tagging
from lstm_studio.data.prepare_texts import prepare_texts
from lstm_studio.data.progress import silent
from lstm_studio.data.remedies import mend_documents
from lstm_studio.data.table import open_table
from lstm_studio.errors import StudioError
from lstm_studio.tasks.reading import Reader
from lstm_studio.tasks.text_answers import TextAnswers

PLAIN = [(f"plain words number {n} of a long list of them", "yes" if n % 2 else "no") for n in range(40)]
LONG = "this is a rather long sentence about the weather of last week"


def table(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), encoding="utf-8")
    return path


def prepared(path: Path, *remedies: str, **data):
    values = {"path": str(path), "text": "text", "label": "label", "remedies": remedies, **data}
    return prepare_classification(RunConfig(data=values))


def texts_of(ready) -> list[str]:
    parts = [("train", ready.train), ("validation", ready.validation)]
    return [ready.text(name, place) for name, part in parts for place in range(len(part))]


@pytest.mark.parametrize(
    ("remedy", "rows", "kept", "note"),
    [
        ("fix_mojibake", [("a cafÃ© â€“ nice", "yes")], ["a café – nice"], "In 1 row garbled letters were mended."),
        ("strip_html", [("so <b>good</b><br/>&amp; cheap", "yes")], ["so good & cheap"], "From 1 row HTML markup"),
        ("strip_invisible", [("go\u200bod\x07", "yes")], ["good"], "From 1 row invisible characters"),
        ("remove_token:XQ", [("xq found it", "yes"), ("xqs go", "no")], [" found it", "xqs go"], "From 1 row a"),
        ("drop_damaged", [("lost \ufffd one", "yes"), ("锟斤拷", "no")], [], "2 rows were dropped: characters"),
        ("drop_short:3", [("ok", "yes"), ("fine", "no")], ["fine"], "1 row was dropped: its text is too short."),
        ("drop_long:50", [(LONG, "yes")], [], "1 row was dropped: its text is too long."),
        ("keep_script:latin", [("这是中文", "yes"), ("123", "no")], ["123"], "1 row was dropped: it is written"),
        ("merge_conflicts", [(LONG, "yes"), (LONG, "yes"), (LONG, "no")], [LONG] * 3, "1 row of a text with several"),
        ("drop_conflicts", [(LONG, "yes"), (LONG, "no")], [], "2 rows were dropped: the same text"),
        ("drop_duplicates", [(LONG, "yes"), (LONG, "yes"), (LONG, "no")], [LONG] * 2, "One duplicate row was dropped."),
        ("drop_near_duplicates", [(LONG, "yes"), (f"{LONG}!?", "yes")], [LONG], "1 row was dropped: it nearly"),
        ("drop_rare_classes:3", [("one", "rare"), ("two", "odd")], [], "2 rows were dropped: their class is rare."),
        ("merge_rare_classes:3", [("one", "rare"), ("two", "odd"), ("six", "odd")], ["one", "two", "six"], "3 rows"),
        ("merge_label_case", [("one", "Yes"), ("two", "NO")], ["one", "two"], "2 rows got the label"),
    ],
)  # fmt: skip
def test_what_each_does_and_says(tmp_path, remedy, rows, kept, note):
    path = table(tmp_path / "a.csv", [*PLAIN, *rows])
    before = path.read_bytes()
    # The plain rows are near one another.
    plain = PLAIN[:1] if remedy == "drop_near_duplicates" else PLAIN
    if remedy == "drop_near_duplicates":
        table(path, [*((word * 9, "yes" if n % 2 else "no") for n, word in enumerate("abcdefgh")), *rows])
        before, plain = path.read_bytes(), [(word * 9, "") for word in "abcdefgh"]
    ready = prepared(path, remedy, validation_fraction=0.4)
    assert sorted(texts_of(ready)) == sorted([*(text for text, _ in plain), *kept])
    assert any(one.startswith(note) for one in ready.notes), ready.notes
    assert path.read_bytes() == before
    if "class" in remedy or "label" in remedy:
        assert set(ready.classes) == ({"yes", "no", "other"} if remedy.startswith("merge_rare") else {"yes", "no"})


def test_every_remedy_is_tried_above_or_below():
    tried = test_what_each_does_and_says.pytestmark[0].args[1]
    assert {case[0].partition(":")[0] for case in tried} | {"drop_leaked"} == set(REMEDIES)


def test_rows_of_the_other_files_are_not_dropped_but_rewritten(tmp_path):
    train = table(tmp_path / "a.csv", [*PLAIN, (LONG, "yes"), (f"{LONG} .", "no"), ("only one", "rare")])
    other = table(
        tmp_path / "b.csv", [(LONG, "yes"), ("cafÃ©", "no"), ("cafÃ©", "no"), ("gone with its class", "rare")]
    )
    wanted = ["drop_near_duplicates", "fix_mojibake", "drop_duplicates", "drop_rare_classes:2", "drop_leaked"]
    ready = prepared(train, *wanted, validation=str(other))
    assert [ready.text("validation", place) for place in range(len(ready.validation))] == [LONG, "café", "café"]
    assert not {LONG, f"{LONG} .", "only one"} & {ready.text("train", place) for place in range(len(ready.train))}


def test_order_is_fixed_and_part_of_the_cache_key(tmp_path):
    path = table(tmp_path / "a.csv", PLAIN)
    one = prepared(path, "drop_short:3", "fix_mojibake")
    other = prepared(path, "fix_mojibake", "drop_short:3", "fix_mojibake")
    assert one.config.data.remedies == other.config.data.remedies == ("fix_mojibake", "drop_short:3")
    assert one.key == other.key != prepared(path).key


def test_the_command_line_and_files_repeat_them(tmp_path):
    config = assign_text(RunConfig(), 'data.remedies=["strip_html", "remove_token:#ad"]')
    (tmp_path / "run.toml").write_text(dumps(config), encoding="utf-8")
    assert load(tmp_path / "run.toml").data.remedies == ("strip_html", "remove_token:#ad")
    tagging = section_for("tagging", RunConfig(data={"remedies": ["strip_html", "fix_mojibake"]}).data)
    assert tagging.remedies == ("fix_mojibake",)


@pytest.mark.parametrize(
    ("task", "remedy", "words"),
    [
        ("classification", "drop_shrt:3", "did you mean drop_short?"),
        ("classification", "drop_short", "needs a whole number of characters"),
        ("classification", "drop_short:0", "at least 1, not '0'"),
        ("classification", "strip_html:x", "takes nothing behind it"),
        ("classification", "remove_token:two words", "without spaces"),
        ("classification", "keep_script:latn", "cyrillic"),
        ("translation", "drop_rare_classes:3", "is not for translation"),
    ],
)
def test_what_is_wrong_is_said(task, remedy, words):
    with pytest.raises(StudioError, match="data.remedies") as caught:
        parse({"task": task, "data": {"remedies": [remedy]}})
    assert words in str(caught.value)


def test_nothing_left_is_said(tmp_path):
    with pytest.raises(StudioError, match="leave no row"):
        prepared(table(tmp_path / "a.csv", PLAIN), "drop_long:3")


def test_a_text_that_is_asked_later_is_rewritten_alike(tmp_path):
    ready = prepared(table(tmp_path / "a.csv", PLAIN), "strip_html", "fix_mojibake", "drop_short:30")
    assert Reader(ready.config.data, ready.vocabulary).read("<i>cafÃ©</i>").tokens == ("café",)


def test_mending_is_steady():
    rewrite = rewriter(["fix_mojibake", "strip_html"])
    assert rewrite is not None
    for text in ("&amp;lt;b&amp;gt;x", "a < b > c", "cafÃƒÂ©", "CAFÉ” É“", "R&D <3 AT&T;", "naïve Ãµ"):
        assert rewrite(rewrite(text)) == rewrite(text)
    assert without_garbled("CAFÉ” naïve Ä°") == "CAFÉ” naïve Ä°"
    assert without_garbled("Ð¿Ñ€Ð¸ ä¸\xadæ–‡ ðŸ˜€") == "при 中文 😀"
    assert without_markup("1 < 2 <3 <tag> R&D") == "1 < 2 <3 <tag> R&D"
    assert rewriter(["drop_short:3"]) is None


def test_tagged_sentences(tmp_path):
    plain = [f"word{n} O\nin O\nParis B-LOC\n" for n in range(20)]
    odd = [
        "cafÃ© O\nhere O\n",
        "same O\nwords O\n",
        "same B-LOC\nwords O\n",
        "twice O\ntwice O\n",
        "twice O\ntwice O\n",
    ]
    path = tmp_path / "a.conll"
    path.write_text("\n".join([*plain, *odd]), encoding="utf-8")
    wanted = ["fix_mojibake", "drop_conflicts", "drop_duplicates"]
    ready = prepare_tagging(RunConfig(task="tagging", data={"path": str(path), "remedies": wanted}))
    texts = [ready.text(name, place) for name, part in ready.parts().items() for place in range(len(part))]
    assert len(texts) == 22
    assert sum("café" in text for text in texts) == sum("twice" in text for text in texts) == 1
    assert "2 rows were dropped: the same text has different answers." in ready.notes


def test_pairs(tmp_path):
    rows = [(f"eine Zeile Nummer {n}", f"a line number {n}") for n in range(30)]
    rows += [("cafÃ©", "<b>coffee</b>"), ("<p> </p>", "nothing"), ("doppelt", "twice"), ("Doppelt", "twice")]
    path = tmp_path / "a.tsv"
    path.write_text("source\ttarget\n" + "".join(f"{one}\t{other}\n" for one, other in rows), encoding="utf-8")
    data = {"path": str(path), "remedies": ["fix_mojibake", "strip_html", "drop_duplicates"]}
    ready = prepare_pairs(RunConfig(task="translation", data=data))
    sides = {
        part.sources[place]: part.answers[place]
        for part in ready.parts().values()
        for place in range(len(part.sources))
    }
    assert len(sides) == 32
    assert sides["café"] == '["coffee"]'


def test_running_text(tmp_path):
    lines = [f"line {n} says <b>this</b> &amp; that" for n in range(60)]
    path = tmp_path / "a.txt"
    path.write_text("\n".join([*lines, lines[0], "cafÃ©"]) + "\n", encoding="utf-8")
    remedies = ["strip_html", "drop_duplicates", "fix_mojibake"]
    data = {"path": str(path), "documents": "lines", "units": "character", "remedies": remedies}
    ready = prepare_texts(RunConfig(task="generation", data=data))
    assert sum(len(part.offsets) - 1 for part in ready.parts().values()) == 61
    assert "From 61 rows HTML markup was taken out." in ready.notes
    assert ready.text("train", 0).startswith("line 0 says this & that")


def test_mended_documents_know_their_lines():
    documents = Documents.of(["gone", "one two", "gone", "three"], "a.txt")
    data = RunConfig(task="generation", data={"remedies": ["drop_duplicates"]}).data
    found, (told,) = mend_documents(documents, data)  # type: ignore[arg-type]
    assert (list(found), told.count) == (["gone", "one two", "three"], 1)
    assert list(found.at(found.spans[1:])) == ["one two", "three"]
    assert found[1:].where(1) == documents.where(3)


def test_evaluating_a_file_leaves_out_what_training_did_not_learn(tmp_path):
    remedies = ["fix_mojibake", "drop_rare_classes:3", "drop_duplicates"]
    ready = prepared(table(tmp_path / "a.csv", [*PLAIN, ("cafÃ©", "rare")]), *remedies)
    answers = TextAnswers(ready.config, ready.vocabulary, ready.classes)
    other = open_table(table(tmp_path / "b.csv", [("cafÃ©", "yes"), ("cafÃ©", "yes"), ("gone", "rare")]))
    notes: list[str] = []
    part = answers.part(other, notes, silent)
    assert list(part.texts) == ["café", "café"]
    assert notes == ["One row was left out by the remedies of the run."]
