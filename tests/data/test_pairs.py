"""Rows as pairs, pairs set apart, and which files hold pairs at all."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.data.guess_pairs import REWRITING, SUMMARIES, TRANSLATION, guess_pairs, likely_pairs
from lstm_studio.data.languages import language_of, script_of
from lstm_studio.data.pairs import Pairs, grouped, joined, lists_words, pairs_of, split_pairs, target_texts
from lstm_studio.data.table import Table, open_table
from lstm_studio.errors import StudioError

NOUNS = "dog cat man woman child horse bird teacher doctor farmer".split()
VERBS = "sees likes follows hears meets".split()
HUNDE = "Hund Katze Mann Frau Kind Pferd Vogel Lehrer Arzt Bauer".split()
SIEHT = "sieht mag verfolgt hört trifft".split()
ZH_NOUNS = "狗 猫 男人 女人 孩子 马 鸟 老师 医生 农民".split()
ZH_VERBS = "看见 喜欢 跟着 听见 遇见".split()


def _sentences(count: int = 40, seed: int = 0) -> list[tuple[str, str, str]]:
    """The same in English, German and Chinese, of different lengths."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        parts = [(chance.randrange(10), chance.randrange(5), chance.randrange(10)) for _ in range(chance.randint(1, 5))]
        found.append(
            (
                " and ".join(f"the {NOUNS[a]} {VERBS[v]} the {NOUNS[b]}" for a, v, b in parts),
                " und ".join(f"der {HUNDE[a]} {SIEHT[v]} den {HUNDE[b]}" for a, v, b in parts),
                "，".join(f"{ZH_NOUNS[a]}{ZH_VERBS[v]}{ZH_NOUNS[b]}" for a, v, b in parts),
            )
        )
    return found


def _articles(count: int = 30) -> list[tuple[str, str]]:
    """Texts and their titles."""
    chance = random.Random(1)
    words = [a + b for a in "ban cor dil fen gar hul".split() for b in "ado ine oth ulat ering ish".split()]
    texts = [" ".join(chance.choices(words, k=30)) + "." for _ in range(count)]
    return [(text, " ".join(text.split()[3:8])) for text in texts]


def _tsv(path: Path, rows: list[tuple[str, ...]], name: str = "a.tsv", header: bool | None = None) -> Table:
    file = path / name
    file.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return open_table(file, header=header)


def _jsonl(path: Path, rows: list[dict]) -> Table:
    file = path / "a.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return open_table(file)


def _pairs(sources: list[str], path: Path) -> Pairs:
    return pairs_of(_jsonl(path, [{"a": text, "b": f"t {n}"} for n, text in enumerate(sources)]), "a", "b", [])


# -- pairs -----------------------------------------------------------------------------------------------------


def test_rows_become_pairs(tmp_path):
    table = _tsv(
        tmp_path,
        [("de", "en"), ("Ein Hund", "A dog"), ("", "A cat"), ("Ein Mann", "  "), ("Ja !", " Yes ")],
        header=True,
    )
    notes: list[str] = []
    pairs = pairs_of(table, "de", "en", notes)
    assert pairs.sources == ["Ein Hund", "Ja !"]
    assert pairs.targets == [("A dog",), ("Yes",)]
    assert pairs.firsts == ["A dog", "Yes"]
    assert pairs.rows.tolist() == [0, 3]
    assert notes == ["a.tsv: 2 rows with an empty side were left out (the first is line 3)."]
    assert pairs.where(1).endswith("a.tsv, line 5")
    assert pairs.take([1]).sources == ["Ja !"]
    assert len(pairs_of(table, 1, 0, [])) == 2


def test_one_row_left_out_is_told_with_its_line(tmp_path):
    notes: list[str] = []
    pairs_of(_tsv(tmp_path, [("de", "en"), ("Ein Hund", "A dog"), ("x", "")], header=True), 0, 1, notes)
    assert notes == ["a.tsv: one row with an empty side was left out (line 3)."]


def test_lists_are_sentences_on_one_side_and_answers_on_the_other(tmp_path):
    rows = [
        {"source": ["It rains.", " ", "It pours."], "target": ["Wet day.", "Much rain fell."]},
        {"source": ["下雨了。", "很大。"], "target": "大雨。"},
        {"source": [], "target": ["nothing"]},
        {"source": ["Sun."], "target": ["", " "]},
        {"source": '["half', "target": "[1, 2]"},
    ]
    notes: list[str] = []
    pairs = pairs_of(_jsonl(tmp_path, rows), "source", "target", notes)
    assert pairs.sources == ["It rains. It pours.", "下雨了。很大。", '["half']
    assert pairs.targets == [("Wet day.", "Much rain fell."), ("大雨。",), ("[1, 2]",)]
    assert notes == ["a.jsonl: 2 rows with an empty side were left out (the first is line 3)."]


def test_lists_of_words_are_texts(tmp_path):
    rows = [{"src": ["Ein", "Hund", "."], "tgt": ["A", "dog", "."]}, {"src": ["Ja", "!"], "tgt": ["Yes", "I", "do"]}]
    pairs = pairs_of(_jsonl(tmp_path, rows), "src", "tgt", [])
    assert pairs.sources == ["Ein Hund .", "Ja !"]
    assert pairs.targets == [("A dog .",), ("Yes I do",)]
    assert lists_words(['["我", "喜欢", "你"]'])
    assert not lists_words(['["我喜欢你。", "他不喜欢你。", "她来了吗？"]', '["One sentence.", "Two."]'])
    assert target_texts("[]") == ("",)
    assert joined([]) == ""


def test_columns_that_cannot_be_pairs(tmp_path):
    table = _tsv(tmp_path, [("de", "en"), ("Ein Hund", ""), ("", "A cat")], header=True)
    with pytest.raises(StudioError, match="two columns"):
        pairs_of(table, "de", 0, [])
    with pytest.raises(StudioError, match="no column 'fr'"):
        pairs_of(table, "de", "fr", [])
    with pytest.raises(StudioError, match="both a source and a target"):
        pairs_of(table, "de", "en", [])


def test_each_source_once_with_all_its_targets(tmp_path):
    table = _tsv(
        tmp_path,
        [("en", "zh"), ("Hi there.", "嗨。"), ("Run now!", "跑！"), ("hi  there.", "你好。"), ("Hi there.", "嗨。")],
    )
    found = grouped(pairs_of(table, "en", "zh", []))
    assert found.sources == ["Hi there.", "Run now!"]
    assert found.targets == [("嗨。", "你好。"), ("跑！",)]
    assert found.rows.tolist() == [0, 1]


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.5, 0.9])
def test_no_source_is_on_both_sides(tmp_path, fraction):
    chance = random.Random(0)
    sources = [f"{'S' if chance.random() < 0.5 else 's'}ource {chance.randrange(80)}" for _ in range(300)]
    pairs = _pairs(sources, tmp_path)
    train, aside = split_pairs(pairs, fraction, 3)
    assert sorted([*train, *aside]) == list(range(300))
    assert train.dtype == aside.dtype == np.int64
    assert not {sources[place].lower() for place in train} & {sources[place].lower() for place in aside}
    assert abs(len(aside) - 300 * fraction) <= 8
    assert (np.diff(train) > 0).all()
    assert (np.diff(aside) > 0).all()


def test_the_seed_decides_what_is_set_aside(tmp_path):
    pairs = _pairs([f"text {n}" for n in range(100)], tmp_path)
    first, again, other = (split_pairs(pairs, 0.1, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 10
    # The same in later versions, or old runs would be judged on what they learned.
    assert first == FROZEN


FROZEN = [5, 6, 14, 15, 21, 36, 41, 55, 69, 92]


def test_few_sources(tmp_path):
    assert [part.tolist() for part in split_pairs(_pairs(["a", "a"], tmp_path), 0.5, 0)] == [[0, 1], []]
    for fraction in (0.0001, 0.9999):
        train, aside = split_pairs(_pairs(["a", "a", "b"], tmp_path), fraction, 0)
        assert len(train)
        assert len(aside)
    skewed = _pairs(["a"] * 98 + ["b", "c"], tmp_path)
    assert len(split_pairs(skewed, 0.02, 0)[0])


# -- guesses ---------------------------------------------------------------------------------------------------


def test_two_languages_without_names(tmp_path):
    german = guess_pairs(_tsv(tmp_path, [row[:2] for row in _sentences()]))
    assert (german.source, german.target, german.title) == ("column 1", "column 2", TRANSLATION)
    assert german.sure >= 0.7
    chinese = guess_pairs(_tsv(tmp_path, [(row[2], row[0]) for row in _sentences()], "b.tsv"))
    assert (chinese.source, chinese.target, chinese.title) == ("column 1", "column 2", TRANSLATION)
    assert chinese.sure >= 0.8
    assert chinese.reasons == {
        "source": "'column 1' holds the sources: the first of the two.",
        "target": "'column 2' holds the targets: the same in another language.",
        "task": "The sources are written in Chinese, the targets in English.",
    }


def test_licences_and_numbers_beside_the_pair_are_passed_over(tmp_path):
    rows = [
        (str(n), row[0], row[2], f"CC-BY 2.0 (France) Attribution: tatoeba.org #{n} by user{n}")
        for n, row in enumerate(_sentences())
    ]
    found = guess_pairs(_tsv(tmp_path, rows))
    assert (found.source, found.target, found.title) == ("column 2", "column 3", TRANSLATION)
    assert found.sure >= 0.8


def test_summaries_without_names_in_either_order(tmp_path):
    for place, order in enumerate((1, -1)):
        rows = [("to title", *row[::order]) for row in _articles()]
        found = guess_pairs(_tsv(tmp_path, rows, f"{place}.tsv"))
        assert found.title == SUMMARIES
        assert found.sure >= 0.7
        assert (found.source, found.target) == (("column 2", "column 3") if order > 0 else ("column 3", "column 2"))
        assert "longer" in found.reasons["source"]


@pytest.mark.parametrize(
    ("source", "target"),
    [("source", "target"), ("src", "tgt"), ("article", "summary"), ("document", "headline"), ("text", "title")],
)
def test_names_of_summaries(tmp_path, source, target):
    rows = [{"id": n, target: short, source: long} for n, (long, short) in enumerate(_articles())]
    found = guess_pairs(_jsonl(tmp_path, rows))
    assert (found.source, found.target, found.title) == (source, target, SUMMARIES)
    assert found.sure >= 0.7
    assert set(found.reasons) == {"source", "target", "task"}


@pytest.mark.parametrize(("one", "other"), [("en", "de"), ("English", "German"), ("src", "tgt"), ("input", "output")])
def test_names_of_translations(tmp_path, one, other):
    found = guess_pairs(_jsonl(tmp_path, [{one: row[0], other: row[1]} for row in _sentences()]))
    assert (found.source, found.target, found.title) == (one, other, TRANSLATION)
    assert found.sure >= 0.9


def test_translations_inside_of_objects(tmp_path):
    rows = [{"id": str(n), "translation": {"de": row[1], "en": row[0]}} for n, row in enumerate(_sentences())]
    found = guess_pairs(_jsonl(tmp_path, rows))
    assert (found.source, found.target, found.title) == ("translation.de", "translation.en", TRANSLATION)


def test_a_handful_of_rows(tmp_path):
    rows = [{"source": row[1], "target": row[0]} for row in _sentences(3)]
    assert guess_pairs(_jsonl(tmp_path, rows)).title == TRANSLATION
    rows = [{"text": long, "summary": short} for long, short in _articles(3)]
    assert guess_pairs(_jsonl(tmp_path, rows)).title == SUMMARIES


def test_lists_as_cells(tmp_path):
    rows = [
        {"source": long.split(" f"), "labels": [0] * len(long.split(" f")), "target": [short, short + " too"]}
        for long, short in _articles()
    ]
    found = guess_pairs(_jsonl(tmp_path, rows))
    assert (found.source, found.target, found.title) == ("source", "target", SUMMARIES)


def test_parallel_files(tmp_path):
    for name, column in (("a.en", 0), ("a.de", 1)):
        lines = "".join(row[column] + "\n" for row in _sentences())
        (tmp_path / name).write_text(lines, encoding="utf-8")
    found = guess_pairs(open_table(tmp_path / "a.de", parallel=tmp_path / "a.en"))
    assert (found.source, found.target, found.title) == ("source", "target", TRANSLATION)
    assert found.sure > 0.9


def test_answers_in_the_language_of_the_questions_are_no_translations(tmp_path):
    rows = [
        {"question": f"What is the {a}{b} of this?", "answer": f"It is {b}{a} and that is all."}
        for a in NOUNS
        for b in VERBS
    ]
    assert guess_pairs(_jsonl(tmp_path, rows)).title == REWRITING


def test_one_language_and_one_length_is_not_sure(tmp_path):
    rows = [(row[0], row[0].replace("sees", "watches")) for row in _sentences()]
    found = guess_pairs(_tsv(tmp_path, rows))
    assert found.title == REWRITING
    assert found.sure < 0.5


def test_texts_with_labels_are_no_pairs(tmp_path):
    labels = ["good", "bad", "very good indeed"]
    chance = random.Random(0)
    rows = [{"text": row[0], "label": chance.choice(labels), "target": chance.choice(labels)} for row in _sentences()]
    assert likely_pairs(_jsonl(tmp_path, rows)) == 0
    assert guess_pairs(_jsonl(tmp_path, rows)).reasons["task"] == "Fewer than two of its columns hold texts."
    few = [{"text": row[0], "target": label} for row, label in zip(_sentences(3), ["pos", "neg", "pos"], strict=True)]
    assert likely_pairs(_jsonl(tmp_path, few)) == 0


def test_titles_beside_a_label_are_there_for_the_label(tmp_path):
    rows = [(str(n % 4), short, long) for n, (long, short) in enumerate(_articles())]
    found = guess_pairs(_tsv(tmp_path, rows))
    assert (found.sure, found.source, found.target, found.title) == (0.0, None, None, "")
    assert "'column 1' looks like labels" in found.reasons["task"]
    named = [{"label": n % 4, "title": short, "text": long} for n, (long, short) in enumerate(_articles())]
    assert likely_pairs(_jsonl(tmp_path, named)) < 0.5
    summary = [{"topic": n % 4, "text": long, "summary": short} for n, (long, short) in enumerate(_articles())]
    assert likely_pairs(_jsonl(tmp_path, summary)) >= 0.9


def test_premises_and_authors_are_no_pairs(tmp_path):
    rows = [
        {"premise": row[0], "hypothesis": row[0].split(" and ")[0], "label": n % 3}
        for n, row in enumerate(_sentences())
    ]
    assert likely_pairs(_jsonl(tmp_path, rows)) < 0.5
    authors = [
        {"author": f"{NOUNS[n % 10].title()} {VERBS[n % 5].title()}son{n}", "text": long}
        for n, (long, _) in enumerate(_articles())
    ]
    assert likely_pairs(_jsonl(tmp_path, authors)) < 0.5


def test_words_with_tags_are_no_pairs(tmp_path):
    words = [row[0].split() for row in _sentences()]
    bio = [{"tokens": row, "tags": ["B-A" if n % 5 == 1 else "O" for n in range(len(row))]} for row in words]
    assert likely_pairs(_jsonl(tmp_path, bio)) == 0
    folder = tmp_path / "tags"
    folder.mkdir()
    varied = [[f"{word}{n % 7}" for n, word in enumerate(row)] for row in words]
    (folder / "a.src").write_text("".join(" ".join(row) + "\n" for row in varied), encoding="utf-8")
    chance = random.Random(0)
    tags = [chance.choices(["DET", "NOUN", "VERB", "ADP"], k=len(row)) for row in varied]
    (folder / "a.tgt").write_text("".join(" ".join(row) + "\n" for row in tags), encoding="utf-8")
    found = guess_pairs(open_table(folder / "a.src"))
    assert found.sure == 0
    assert found.reasons["task"] == "'target' holds a tag for each word."


def test_one_column_is_no_pair(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("".join(row[0] + "\n" for row in _sentences()), encoding="utf-8")
    assert likely_pairs(open_table(file)) == 0


@pytest.mark.parametrize(
    ("text", "script", "language"),
    [
        ("The man is on the horse and it runs.", "LATIN", "English"),
        ("Der Mann ist auf dem Pferd und es läuft nicht.", "LATIN", "German"),
        ("L'homme est sur le cheval et il court dans la rue.", "LATIN", "French"),
        ("El hombre está en el caballo y no se cae.", "LATIN", "Spanish"),
        ("Mies istuu hevosen selässä.", "LATIN", ""),
        ("那个男人骑着马去 New York。", "CJK", "Chinese"),
        ("男は馬に乗っています。", "HIRAGANA", "Japanese"),
        ("남자는 말을 타고 있다.", "HANGUL", "Korean"),
        ("Мужчина едет на лошади.", "CYRILLIC", ""),
        ("123 !", "", ""),
    ],
)
def test_languages(text, script, language):
    assert script_of([text]) == script
    assert language_of([text], script) == language


# -- real files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "columns", "title"),
    [
        ("tatoeba_eng_cmn/cmn.txt", ("column 1", "column 2"), TRANSLATION),
        ("csl_title/dev.tsv", ("column 2", "column 3"), SUMMARIES),
        ("scitldr_a/dev.jsonl", ("source", "target"), SUMMARIES),
        ("multi30k/val.de", ("source", "target"), TRANSLATION),
    ],
)
def test_real_pairs(shared_data, name, columns, title):
    path = shared_data / name
    if not path.exists():
        pytest.skip("the real data is not here")
    table = open_table(path, parallel=path.with_suffix(".en") if path.suffix == ".de" else None)
    found = guess_pairs(table)
    assert ((found.source, found.target), found.title) == (columns, title)
    assert found.sure >= 0.8
    notes: list[str] = []
    pairs = pairs_of(table, found.source, found.target, notes)
    assert len(pairs) == table.num_rows
    assert not notes
    train, aside = split_pairs(pairs, 0.1, 0)
    assert abs(len(aside) - 0.1 * len(pairs)) <= 3
    assert not {pairs.sources[place] for place in train} & {pairs.sources[place] for place in aside}
    if "scitldr" in name:
        assert max(map(len, pairs.targets)) > 1
        assert not any(text.startswith("[") for text in pairs.sources)


@pytest.mark.parametrize(
    "name",
    [
        "sst2/dev.tsv",
        "trec_qc/test.txt",
        "sms_spam/sms.tsv",
        "ag_news/test.csv",
        "ag_news/derived/dev.csv",
        "waimai_10k/waimai_10k.csv",
        "conll2003_en/test.bio",
        "atis/valid",
        "resume_ner/dev.char.bmes",
        "thucnews_titles/dev.txt",
        "up_english_ewt/en_ewt-up-dev.conllu",
        "tinyshakespeare/input.txt",
    ],
)
def test_other_real_files_are_no_pairs(shared_data, name):
    path = shared_data / name
    if not path.exists():
        pytest.skip("the real data is not here")
    found = guess_pairs(open_table(path))
    assert found.sure == 0
    assert found.reasons["task"]
