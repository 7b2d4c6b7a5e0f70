"""Figures of running text agree with counting by hand and with what training makes of the same settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import GenerationData, RunConfig
from lstm_studio.data import text_rows
from lstm_studio.data.health_texts import examine
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.kinds import KINDS, complete
from lstm_studio.data.prepare_texts import prepare_texts
from lstm_studio.data.progress import silent
from lstm_studio.data.table import open_table
from lstm_studio.data.text_rows import row_as_read
from lstm_studio.errors import Cancelled, StudioError

WORDS = "the a cat dog sat ran on under house tree and but quickly slowly red green here now".split()


def lines(count: int, seed: int = 0, length: int = 9) -> list[str]:
    """Sentences of a few words, drawn by chance."""
    drawn = np.random.default_rng(seed).integers(0, len(WORDS), (count, length))
    return [" ".join(WORDS[place] for place in row) for row in drawn]


def written(folder: Path, text: str, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def settings(path: Path, **given: Any) -> GenerationData:
    data, _ = complete(GenerationData(path=str(path), **given), open_table(path))
    assert isinstance(data, GenerationData)
    return data


def looked_at(path: Path, validation: Path | None = None, **given: Any) -> tuple[Health, GenerationData]:
    data = settings(path, validation=str(validation) if validation else None, **given)
    other = open_table(validation) if validation else None
    return examine(open_table(path), data, silent, other), data


def one(health: Health, words: str) -> HealthWarning:
    """The warning that says so; there is one."""
    found = [warning for warning in health.warnings if words in warning.text]
    assert len(found) == 1, [warning.text for warning in health.warnings]
    return found[0]


@pytest.mark.parametrize(
    "given",
    [
        {"documents": "whole", "units": "character"},
        {"documents": "lines", "units": "word", "tokenizer": "whitespace", "test_fraction": 0.2},
        {"documents": "paragraphs", "units": "bpe", "vocabulary_size": 80, "lowercase": True},
    ],
)
def test_training_has_the_same_figures(tmp_path, given):
    path = written(tmp_path, "\n\n".join("\n".join(lines(5, seed)) for seed in range(30)) + "\n")
    health, data = looked_at(path, **given)
    prepared = prepare_texts(RunConfig(task="generation", data=data))
    assert (health.train_rows, health.validation_rows) == (len(prepared.train), len(prepared.validation))
    assert health.tokens == sum(map(len, prepared.parts().values()))
    assert health.vocabulary_size + health.special[0] == health.outputs == len(prepared.units)
    assert health.special == (4, 0)
    assert health.counts.sum() == {"whole": 1, "lines": 150, "paragraphs": 30}[given["documents"]]
    assert health.coverage == 1.0
    assert (health.rows, health.used_rows, health.classes) == (150, 150, [])


def test_counting_by_hand(tmp_path):
    health, _ = looked_at(written(tmp_path, "ab\nabcd\n" * 10), documents="lines", units="character")
    assert health.quantiles == {0.5: 4, 0.9: 4, 0.99: 4, 1.0: 4}
    assert health.tokens == 10 * (2 + 4) + 20
    assert health.vocabulary_size == 4
    whole, _ = looked_at(tmp_path / "a.txt", documents="whole", units="character")
    assert whole.quantiles[1.0] == whole.tokens == 80
    assert health.duplicate_rows == 0, "short lines may well stand there twice"


def test_of_long_texts_a_part_is_looked_at(tmp_path, monkeypatch):
    path = written(tmp_path, "\n".join(lines(2_000)) + "\n")
    exact = [looked_at(path, units="word", documents=cut)[0] for cut in ("lines", "whole")]
    monkeypatch.setattr(text_rows, "LOOKED_AT", 20_000)
    for before, cut in zip(exact, ("lines", "whole"), strict=True):
        health, _ = looked_at(path, units="word", documents=cut)
        assert health.train_rows == pytest.approx(before.train_rows, rel=0.02)
        assert health.counts.sum() == before.counts.sum()
        assert one(health, "characters were looked at").severity == "info"
        assert "looked at" not in " ".join(warning.text for warning in before.warnings)
        assert health.vocabulary_size == pytest.approx(before.vocabulary_size, abs=1), "a word may be cut in two"


def test_little_text_and_less_than_a_step(tmp_path):
    health, _ = looked_at(written(tmp_path, "\n".join(lines(200))), units="word")
    assert one(health, "soon know the text by heart").fix == {"units": "character"}
    health, _ = looked_at(written(tmp_path, "\n".join(lines(9))), units="character")
    assert one(health, "fewer than a single step").fix is None


def test_texts_that_stand_in_both_parts(tmp_path):
    rows = lines(300)
    path = written(tmp_path, "\n".join([*rows, *rows[:40]]) + "\n")
    health, _ = looked_at(path, documents="lines", units="word")
    assert (health.duplicate_rows, health.duplicate_lines[:2]) == (40, (301, 302))
    assert health.leaked_rows == 34
    assert one(health, "34 validation texts stand in the training part too (lines 307, 308, 309, ...)")
    assert one(health, "40 texts repeat an earlier one").severity == "info"
    other = written(tmp_path, "\n".join([rows[7].upper(), *lines(30, 5)]), "b.txt")
    health, data = looked_at(path, other, documents="lines", units="word")
    assert (health.leaked_rows, health.leaked_lines) == (1, (1,))
    assert one(health, "1 validation text stands").severity == "info", "they are few"
    assert health.validation_rows == len(prepare_texts(RunConfig(task="generation", data=data)).validation)


def test_a_text_that_repeats_itself(tmp_path):
    text = "\n".join(lines(300)) + "\n"
    health, _ = looked_at(written(tmp_path, text * 2), documents="whole", units="character")
    assert one(health, "of the validation text stand word for word").severity == "warning"
    assert "copy" in one(health, "of the text stand there more than once").todo
    health, _ = looked_at(written(tmp_path, text), documents="whole", units="character")
    assert not [warning for warning in health.warnings if "stand" in warning.text]


def test_unknown_words(tmp_path):
    text = "\n".join(lines(300)) + "\n" + "\n".join(f"new{n} words{n} only{n}" for n in range(30))
    path = written(tmp_path, text)
    health, _ = looked_at(path, units="word", documents="whole")
    assert health.unknown_share > 0.05
    assert one(health, "not in the vocabulary").fix == {"units": "bpe"}
    marked = written(tmp_path, "\n".join(lines(300)).replace("cat", "<unk>"))
    health, _ = looked_at(marked, units="word", tokenizer="whitespace")
    assert health.unknown_share > 0.03
    assert one(health, "are <unk> in the file already").severity == "info"
    chinese = written(
        tmp_path, "\n".join("".join(chr(0x4E00 + n * 37 % 900 + m) for m in range(9)) for n in range(300))
    )
    health, _ = looked_at(chinese, units="character", vocabulary_size=300)
    assert one(health, "Only the 300 most frequent characters").fix == {"vocabulary_size": 600}


def test_odd_characters_and_lines(tmp_path):
    text = "\n".join(lines(200)) + "\nlost \ufffd here\n\f new page\nCafÃ© au lait\n" + "x" * 30_000
    health, _ = looked_at(written(tmp_path, text + "\n"), documents="whole", units="character")
    assert "(line 201)" in one(health, "1 character was lost before").text
    assert "U+000C (line 202)" in one(health, "cannot be seen").text
    assert "Ã© (line 203)" in one(health, "another encoding").text
    assert "30,000 characters (line 204)" in one(health, "One line has").text
    mixed = written(tmp_path, "\n".join(lines(50) + ["天地玄黄宇宙洪荒" * 20] * 5))
    assert one(looked_at(mixed, units="character")[0], "The text mixes Latin and Chinese letters")
    path = tmp_path / "b.txt"
    path.write_bytes(("\n".join(lines(200)) + "\n").encode() + b"caf\xe9 bar\n")
    assert "not valid UTF-8" in looked_at(path, units="character")[0].warnings[0].text


@pytest.mark.parametrize("text", ["Hello.\n", "ab", "x"])
def test_what_training_would_refuse(tmp_path, text):
    health, data = looked_at(written(tmp_path, text))
    assert health.warnings[0].severity == "error"
    with pytest.raises(StudioError):
        prepare_texts(RunConfig(task="generation", data=data))


def test_tables_folders_and_rows_without_text(tmp_path):
    rows = [f'{{"id": {n}, "verses": ["{line}", "and more"]}}' for n, line in enumerate(lines(40))]
    path = written(tmp_path, "\n".join([*rows, '{"id": 99, "verses": ""}']), "a.jsonl")
    health, data = looked_at(path)
    assert data.text == "verses"
    assert (health.rows, health.used_rows, health.empty_lines) == (41, 40, (41,))
    assert health.counts.sum() == 40
    folder = tmp_path / "novels"
    folder.mkdir()
    for name in "abc":
        written(folder, "\n".join(lines(100, ord(name))), f"{name}.txt")
    health, data = looked_at(folder)
    assert (health.rows, health.counts.sum(), data.documents) == (3, 3, "whole")
    assert health.train_rows == len(prepare_texts(RunConfig(task="generation", data=data)).train)


def test_it_can_be_cancelled(tmp_path):
    path = written(tmp_path, "\n".join(lines(60)))
    told: list[float] = []
    examine(open_table(path), settings(path), lambda share, text: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(share: float, text: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        examine(open_table(path), settings(path), stop)


def test_a_row_as_it_is_read(tmp_path):
    path = written(tmp_path, "def f(x):\n\n\treturn  x\n" * 50)
    table = open_table(path)
    data = settings(path, units="character", documents="whole")
    (before,) = row_as_read(table, data, 1)
    assert "".join(before.tokens) == "⇥return▁▁x↵"
    assert before.count == 11
    examine(table, data)
    assert row_as_read(table, data, 1) == (before,)
    (line,) = row_as_read(table, settings(path, units="character", documents="lines"), 1)
    assert line.tokens == before.tokens[:-1]
    words = settings(path, units="word", tokenizer="whitespace", min_count=1, vocabulary_size=10)
    assert row_as_read(table, words, 1)[0].tokens == ("return", "x", "↵")
    bpe = settings(path, units="bpe", vocabulary_size=20)
    examine(table, bpe)
    assert row_as_read(table, bpe, 1)[0].tokens[0].startswith("▁")
    assert KINDS["generation"].reads is not None
    verses = written(tmp_path, '{"a": ["one two", "three"]}\n', "a.jsonl")
    (found,) = row_as_read(open_table(verses), settings(verses, units="word"), 0)
    assert found.tokens == ("one", "two", "↵", "three")


def test_a_long_row_is_not_cut_to_its_end(tmp_path):
    path = written(tmp_path, "word " * 30_000 + "\n")
    (found,) = row_as_read(open_table(path), settings(path, units="word"), 0)
    assert (found.count, len(found.tokens)) == (-1, 200)
