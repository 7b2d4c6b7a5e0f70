"""Pretrained vectors in the network of any task: laid, learned, waited with, kept; refused where units are no words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.torch import load_file

from lstm_studio import Predictor
from lstm_studio.config.together import idle
from lstm_studio.data.start_vectors import READ, WRITTEN
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.nn.parameters import Sizes, count
from lstm_studio.tasks import registry
from lstm_studio.training import kept
from lstm_studio.training.events import StepEnded
from lstm_studio.training.loop import train
from tests.runs import paired, running, tagged, tiny
from tests.training.steering import of, quiet, weights
from tests.training.test_resume import broken_at

SIZE = 6
MADE = {
    "classification": lambda place: tiny.config(tiny.write_csv(place / "a.csv", 48)),
    "tagging": lambda place: tagged.config(tagged.write_conll(place / "a.conll", tagged.sentences(32))),
    "translation": lambda place: paired.config(paired.write_tsv(place / "a.tsv", paired.pairs(32))),
    "generation": lambda place: running.config(running.write(place / "a.txt", 40)),
}
WORDS = "the was film great Anna in Rome two red cat sleeps has by hill birdo ruga kato elsewhere".split()
ENCODER, DECODER = "encoder.embedding.weight", "decoder.embedding.embedding.weight"


def write_vectors(path, words, size=SIZE, seed=0):
    """A GloVe file; returns its path and word -> vector."""
    chance = np.random.default_rng(seed)
    given = {word: chance.normal(size=size).round(4).astype(np.float32) for word in words}
    lines = [f"{word} {' '.join(f'{number:.4f}' for number in values)}" for word, values in given.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, given


def tokens_of(folder, side=READ):
    """The tokens of a run's vocabulary, read off its file."""
    content = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    content = content.get("source" if side == READ else "target", content)
    if "units" not in content:
        return content["tokens"]
    return content["units"]["units"]["tokens"]


def rows(weight, tokens, given):
    """Which rows of an embedding are those of the file, for the words that it holds."""
    there = [(number, given[token]) for number, token in enumerate(tokens) if token in given]
    assert len(there) >= 3
    return [bool(np.array_equal(weight[number].numpy(), values)) for number, values in there]


def with_vectors(task, tmp_path, **changes):
    path, given = write_vectors(tmp_path / "glove.txt", [word.lower() for word in WORDS] + ["Anna", "Rome"])
    small = {"model.hidden_size": 8, "training.epochs": 2, "training.keep_epochs": "all", "model.vectors": str(path)}
    if task == "translation":
        small["model.target_vectors"] = str(path)
    return MADE[task](tmp_path).replace(**{**small, **changes}), given


@pytest.mark.parametrize("task", MADE)
def test_words_start_with_vectors_wait_with_them_and_resume(task, tmp_path):
    config, given = with_vectors(task, tmp_path, **{"model.vectors_learn": "later", "model.vectors_after": 1})
    events = []
    train(config, events.append, folder=tmp_path / "run")
    assert config.model.embedding_size != SIZE
    first, second = (load_file(kept.path_of(tmp_path / "run", epoch)) for epoch in (1, 2))
    sides = {READ: ENCODER, WRITTEN: DECODER} if task == "translation" else {READ: ENCODER}
    for side, name in sides.items():
        tokens = tokens_of(tmp_path / "run", side)
        assert first[name].shape[1] == SIZE
        assert all(rows(first[name], tokens, given)), "they wait"
        assert rows(second[name], tokens, given).count(False) >= 3, "they learn"
    # Words that are only read join the vocabulary; what is written is not asked to choose among more.
    assert ("elsewhere" in tokens_of(tmp_path / "run")) is (task != "generation")
    if task == "translation":
        assert "elsewhere" not in tokens_of(tmp_path / "run", WRITTEN)
    notes = events[0].notes
    assert any(note.startswith("glove.txt: ") and "have a vector" in note for note in notes)
    steps = of(events, StepEnded)
    broken_at(config, tmp_path / "broken", len(steps) // 2 + 1)
    train(config, quiet, folder=tmp_path / "broken", resume=True)
    assert weights(tmp_path / "broken") == weights(tmp_path / "run")


@pytest.mark.parametrize("task", MADE)
def test_frozen_vectors_stay_and_tuned_ones_do_not(task, tmp_path):
    config, given = with_vectors(task, tmp_path, **{"training.epochs": 1, "training.weight_decay": 0.1})
    for learn in ("frozen", "tuned"):
        folder = tmp_path / learn
        own = config.replace(**{"model.vectors_learn": learn})
        train(own, quiet, folder=folder, cache=tmp_path / "cache")
        found = load_file(folder / "model.safetensors")
        same = rows(found[ENCODER], tokens_of(folder), given)
        assert all(same) if learn == "frozen" else same.count(False) >= 3
        writes = "output_weight" if task == "generation" else "decoder.output_weight"
        if task in {"translation", "generation"}:
            assert (writes in found) is (learn == "frozen"), "what is written with must learn"
        prepared = registry.get(task).prepare(own, cache=tmp_path / "cache")
        model = registry.get(task).build_model(prepared.config, registry.get(task).meta(prepared))
        if task != "tagging":  # the window's arithmetic knows of that too
            outputs = {"classification": 2, "translation": len(tokens_of(folder, WRITTEN))}.get(task, 0)
            sizes = Sizes(len(found[ENCODER]), outputs, 5)
            weights_ = sum(weight.numel() for weight in model.parameters())
            assert count(task, prepared.config.model, sizes) == weights_
    prepared = registry.get(task).prepare(config, cache=tmp_path / "cache")
    again = registry.get(task).prepare(config)
    assert prepared.config.model.embedding_size == SIZE
    for side, start in again.starts.items():
        assert np.array_equal(start.matrix, prepared.starts[side].matrix), "the cache gives the same"
    write_vectors(tmp_path / "glove.txt", WORDS, seed=1)
    assert registry.get(task).prepare(config, cache=tmp_path / "cache").key != prepared.key


def test_a_row_that_is_no_vector_is_told_with_its_line(tmp_path):
    config, _ = with_vectors("classification", tmp_path)
    (tmp_path / "glove.txt").write_text("the 1 2\nwas 1 nan\n" + "x 1 2\n" * 500, encoding="utf-8")
    notes = " ".join(registry.get("classification").prepare(config).notes)
    assert "(line 2): number 2 is" in notes


def test_all_sides_can_share_them(tmp_path):
    config, given = with_vectors("translation", tmp_path, **{"model.tied": "all", "data.vocabularies": "joint"})
    train(config.replace(**{"model.vectors_learn": "frozen"}), quiet, folder=tmp_path / "run")
    found = load_file(tmp_path / "run" / "model.safetensors")
    assert DECODER not in found
    assert all(rows(found[ENCODER], tokens_of(tmp_path / "run"), given))
    assert Predictor(tmp_path / "run").predict(["two red cat sleeps"])


def test_what_has_no_whole_words_has_no_vectors(tmp_path):
    for task, field, unit in (
        ("generation", "data.units", "character"),
        ("translation", "data.source_units", "bpe"),
        ("translation", "data.target_units", "character"),
    ):
        config, _ = with_vectors(task, tmp_path, **{field: unit})
        with pytest.raises(StudioError, match="whole words only") as caught:
            registry.get(task).prepare(config)
        assert "glove.txt" in caught.value.where
        assert set(idle(task, config.data)) & {"vectors", "target_vectors"}
    assert not idle("classification", with_vectors("classification", tmp_path)[0].data)


def test_both_sides_have_vectors_of_one_length(tmp_path):
    other, _ = write_vectors(tmp_path / "other.txt", ["kato"], size=4)
    config, _ = with_vectors("translation", tmp_path, **{"model.target_vectors": str(other)})
    with pytest.raises(StudioError, match="have 6 and 4 numbers"):
        registry.get("translation").prepare(config)


def test_reading_can_be_cancelled(tmp_path):
    config, _ = with_vectors("classification", tmp_path)

    def stop(share, words):
        if "vectors" in words:
            raise Cancelled

    with pytest.raises(Cancelled):
        registry.get("classification").prepare(config, stop)
