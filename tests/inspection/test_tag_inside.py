"""Inside of a network that tags: traces, and what speaks for a tag."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.config import TaggingData
from lstm_studio.data.prepare_tags import TagInventory
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.inspection import attribution as module
from lstm_studio.inspection.attribution import attribute
from lstm_studio.inspection.trace import trace_text
from lstm_studio.tasks.registry import get
from lstm_studio.tasks.tagging import TaggingMeta
from tests.runs import tagged

CPU = torch.device("cpu")
TASK = get("tagging")


def network(seed: int = 0, **model: object):
    """Answers and an untrained network with weights that matter."""
    vocabulary = Vocabulary(["<pad>", "<unk>", *"abcdefgh"])
    tags = ("O", "B-X", "I-X", "B-Y", "I-Y")
    inventory = TagInventory(vocabulary, tags, "IOB2", "IOB2", tuple("abcdefgh"), True, None)
    changes = {f"model.{name}": value for name, value in {"hidden_size": 6, "embedding_range": 1.0, **model}.items()}
    config = tagged.config("unused", **changes)
    config = config.model_copy(update={"data": TaggingData(tokenizer="whitespace")})
    torch.manual_seed(seed)
    meta = TaggingMeta(inventory)
    return TASK.answers(config, meta), TASK.build_model(config, meta).eval()


@pytest.mark.parametrize(("cell", "names"), [("lstm", "ifgoch"), ("gru", "rznh"), ("rnn", "h")])
def test_gates_of_every_layer_and_direction(cell, names):
    answers, model = network(cell=cell, layers=2)
    found = trace_text(answers, model, answers.read("a b c d"), CPU)
    assert [layer.name for layer in found.layers] == [
        f"layer{layer}.{direction}" for layer in (0, 1) for direction in ("forward", "backward")
    ]
    for layer in found.layers:
        assert set(layer.values) == set(names)
        assert all(values.shape == (4, 6) and values.dtype == np.float32 for values in layer.values.values())


@pytest.mark.parametrize("crf", [True, False])
def test_each_word_has_a_verdict_of_its_own(crf):
    answers, model = network(crf=crf)
    reading = answers.read("a b zzz c e")
    found = trace_text(answers, model, reading, CPU)
    assert found.meaning == "token"
    assert found.classes == ("X", "Y", "O")
    assert found.probabilities is None
    assert found.attention is None
    assert found.marked is None
    assert found.known == (True, True, False, True, True)
    assert found.prefix_probabilities.shape == (5, 3)
    assert found.prefix_probabilities.dtype == np.float32
    np.testing.assert_allclose(found.prefix_probabilities.sum(1), 1, atol=1e-5)
    batch = answers.batch(model, [(reading, -1)], CPU)
    emissions = model(batch.ids, batch.lengths, batch.spelling).emissions
    shares = model.probabilities(emissions, batch.lengths)[0].detach().numpy()
    np.testing.assert_allclose(found.prefix_probabilities[:, 0], shares[:, [1, 2]].sum(1), atol=1e-6)
    np.testing.assert_allclose(found.prefix_probabilities[:, 2], shares[:, 0], atol=1e-6)


def test_the_arrays_are_free_of_torch():
    answers, model = network()
    found = trace_text(answers, model, answers.read("a b"), CPU)
    found.layers[0].values["h"][0, 0] = 5.0  # an inference tensor's memory could not be written
    found.prefix_probabilities[0, 0] = 5.0


@pytest.mark.parametrize("spelling", ["none", "lstm"])
@pytest.mark.parametrize("word", [0, 2, 4])
def test_contributions_sum_to_the_difference_of_the_log_odds(spelling, word):
    answers, model = network(spelling=spelling)
    reading = answers.read("a b c d e")
    found = attribute(answers.question(model, reading, CPU, "Y", word), reading.tokens)
    assert found.method == "integrated gradients"
    assert (found.label, found.target, found.word) == ("Y", 1, word)
    assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=1e-3)
    assert np.abs(found.weights).sum() == pytest.approx(1, abs=1e-5)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("encoding", ["one_hot", "index"])
def test_without_an_embedding_words_are_hidden_one_by_one(encoding):
    answers, model = network(encoding=encoding, spelling="none")
    reading = answers.read("a b c zzz")
    found = attribute(answers.question(model, reading, CPU, "X", 1), reading.tokens)
    assert found.method == "occlusion"
    ids = torch.from_numpy(reading.ids.copy())[None]
    ids[0, 2] = 1
    with torch.no_grad():
        here = model(ids, torch.tensor([4])).emissions[0, 1].double()
    odds = float(here[[1, 2]].logsumexp(0) - here[[0, 3, 4]].logsumexp(0))
    assert found.contributions[2] == pytest.approx(found.odds - odds, abs=1e-4)
    assert found.contributions[3] == pytest.approx(0, abs=1e-6), "it was unknown before"


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("names", tmp_path_factory))


@pytest.fixture(scope="module")
def roles(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("roles", tmp_path_factory))


def test_a_trained_network_says_what_it_found(names):
    found = names.trace("Anna met Fred Hill in New York")
    assert found.verdict == "PER: Anna · PER: Fred Hill · LOC: New York"
    best = [found.classes[column] for column in found.prefix_probabilities.argmax(1)]
    assert best == ["PER", "O", "PER", "PER", "O", "LOC", "LOC"]
    assert names.trace("it rains again").verdict == ""


def test_a_trained_network_explains_any_type_at_any_word(names):
    text = "Anna met Fred Hill in New York"
    found = names.attribution(text)
    assert (found.label, found.word) == ("PER", 0)
    for label, word in ((None, 5), ("LOC", 3), ("O", 1)):
        found = names.attribution(text, label, word)
        assert found.word == word
        assert found.label == (label or "LOC")
        assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=1e-3)
    assert names.attribution(text, "LOC", 5).odds > names.attribution(text, "PER", 5).odds
    assert len(names.explain(text)) == 7


def test_the_predicate_is_marked_and_chosen(roles, monkeypatch):
    monkeypatch.setattr(module, "_NODES", 64)  # sharp weights: the quadrature needs them for three digits
    text = "the dog chased the cat and the bird slept"
    first, last = roles.trace(text), roles.trace(text, predicate=8)
    assert (first.marked, last.marked) == (2, 8)
    assert "A0: the dog" in first.verdict
    assert "A0: the bird" in last.verdict
    assert roles.trace("the cat and the dog").marked == 0, "without a verb the first word is taken"
    found = roles.attribution(text, predicate=8)
    assert (found.label, found.word) == ("A0", 6)
    assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=1e-3)
    with pytest.raises(StudioError, match="There is no word 20"):
        roles.trace(text, predicate=20)


def test_characters_are_put_together_without_spaces(tmp_path_factory):
    predictor = Predictor(tagged.run("chinese", tmp_path_factory))
    found = predictor.trace("小明去了香港岛。")
    assert found.tokens == tuple("小明去了香港岛。")
    assert found.verdict == "PER: 小明 · LOC: 香港岛"


def test_gates_as_arrays(names, tmp_path):
    from lstm_studio.runs.export import save_gates

    save_gates(names.trace("Anna met Ella"), tmp_path / "g.npz")
    with np.load(tmp_path / "g.npz", allow_pickle=False) as found:
        assert found["layer0.forward.i"].shape == found["layer0.backward.c"].shape == (3, 12)
        assert found["prefix_probabilities"].shape == (3, 3)
        assert found["classes"].tolist() == ["LOC", "PER", "O"]
        assert "probabilities" not in found.files
