from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from lstm_studio.config import ClassificationData, ModelConfig, RunConfig
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.inspection.attribution import Attribution
from lstm_studio.inspection.attribution import attribute as explain
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.inspection.trace import trace_text as look_inside
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.tasks.answers import Question
from lstm_studio.tasks.reading import Reader, Reading
from lstm_studio.tasks.text_answers import TextAnswers

WORDS = Vocabulary(["<pad>", "<unk>", *"abcdefgh"])


def network(seed: int = 0, classes: int = 3, **model: object) -> TextClassifier:
    torch.manual_seed(seed)
    config = ModelConfig(**{"hidden_size": 6, "embedding_size": 5, "embedding_range": 1.0, **model})
    return TextClassifier(len(WORDS), classes, config).eval()


def read(text: str, **section: object) -> Reading:
    data = ClassificationData(**{"tokenizer": "whitespace", "max_length": 12, **section})
    return Reader(data, WORDS).read(text)


def answers(classes: tuple[str, ...] = ("x", "y", "z")) -> TextAnswers:
    data = ClassificationData(tokenizer="whitespace", max_length=12)
    return TextAnswers(RunConfig(data=data), WORDS, classes)


def attribute(model: TextClassifier, reading: Reading, target: int | None = None) -> Attribution:
    names = ("x", "y", "z")[: model.output.out_features]
    label = None if target is None else names[target]
    question = answers(names).question(model, reading, torch.device("cpu"), label, None)
    return explain(question, reading.tokens)


def trace_text(
    model: TextClassifier, reading: Reading, classes: tuple[str, ...], *, prefixes: bool = True
) -> TextTrace:
    return look_inside(answers(classes), model, reading, torch.device("cpu"), prefixes=prefixes)


@pytest.mark.parametrize("pooling", ["last", "mean", "attention"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_contributions_sum_to_the_difference_of_the_log_odds(cell: str, pooling: str) -> None:
    found = attribute(network(cell=cell, pooling=pooling), read("a b c d e"))
    assert found.method == "integrated gradients"
    assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=1e-4)


def test_max_pooling_sums_too_but_for_its_kinks() -> None:
    found = attribute(network(pooling="max"), read("a b c d e f"))
    assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=0.05)


def test_weights_are_the_contributions_scaled() -> None:
    found = attribute(network(), read("a b c"))
    assert np.abs(found.weights).sum() == pytest.approx(1.0, abs=1e-5)
    assert (np.sign(found.weights) == np.sign(found.contributions)).all()
    assert found.tokens == ("a", "b", "c")


def test_the_predicted_class_is_explained_unless_another_is_asked_for() -> None:
    model, reading = network(), read("a b c d")
    probabilities = trace_text(model, reading, ("x", "y", "z")).probabilities
    found = attribute(model, reading)
    assert found.target == int(probabilities.argmax())
    share = probabilities[found.target]
    assert found.odds == pytest.approx(np.log(share / (1 - share)), abs=1e-4)
    assert attribute(model, reading, 2).target == 2


def test_with_two_classes_one_speaks_against_what_the_other_speaks_for() -> None:
    model, reading = network(classes=2), read("a b c d")
    first, second = attribute(model, reading, 0), attribute(model, reading, 1)
    np.testing.assert_allclose(first.contributions, -second.contributions, atol=1e-6)


@pytest.mark.parametrize("encoding", ["one_hot", "index"])
def test_without_an_embedding_words_are_taken_away_one_by_one(encoding: str) -> None:
    model, reading = network(encoding=encoding), read("a b c")
    found = attribute(model, reading)
    assert found.method == "occlusion"
    ids = reading.ids.copy()
    ids[1] = 1
    with torch.no_grad():
        logits = model(torch.from_numpy(ids)[None], torch.tensor([3])).logits[0].double()
    target = found.target
    others = torch.cat([logits[:target], logits[target + 1 :]]).logsumexp(0)
    assert found.contributions[1] == pytest.approx(found.odds - float(logits[target] - others), abs=1e-4)


def test_an_unknown_word_has_no_weight_under_occlusion() -> None:
    found = attribute(network(encoding="one_hot"), read("a zzz c"))
    assert found.contributions[1] == pytest.approx(0.0, abs=1e-6)


def test_padding_that_is_read_gets_no_weight_of_its_own() -> None:
    found = attribute(network(pooling="last", bidirectional=False), read("a b", pad_to_max_length=True))
    assert len(found.weights) == 2


def test_no_gradient_is_left_at_the_weights() -> None:
    model = network()
    attribute(model, read("a b c"))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_both_methods_for_every_encoding_and_what_they_come_to() -> None:
    for encoding in ("embedding", "one_hot", "index"):
        model, reading = network(encoding=encoding), read("a b c d")
        question = answers().question(model, reading, torch.device("cpu"), None, None)
        walked, hidden = explain(question, reading.tokens, "integrated gradients"), explain(
            question, reading.tokens, "occlusion"
        )  # fmt: skip
        assert (walked.method, hidden.method) == ("integrated gradients", "occlusion")
        if encoding != "index":  # bare numbers are so large that the way along them is anything but smooth
            assert walked.total == pytest.approx(walked.difference, abs=1e-3)
        unknown = torch.ones(1, 4, dtype=torch.bool)
        with torch.no_grad():
            assert hidden.baseline == pytest.approx(float(question.hide(unknown)), abs=1e-5)
        assert hidden.total == pytest.approx(float(hidden.contributions.sum()), abs=1e-5)
        assert walked.odds == pytest.approx(hidden.odds, abs=1e-5)
    with pytest.raises(StudioError, match="There is no method"):
        explain(question, reading.tokens, "guess")  # type: ignore[arg-type]


def test_padding_with_a_vector_of_its_own_is_told_apart() -> None:
    model, reading = network(encoding="one_hot", pooling="last"), read("a b", pad_to_max_length=True)
    question = answers().question(model, reading, torch.device("cpu"), None, None)
    found = explain(question, reading.tokens, "integrated gradients")
    assert len(found.contributions) == 2
    assert abs(found.padding) > 1e-4
    assert found.total == pytest.approx(found.difference, abs=2e-3)


def test_integrated_gradients_against_a_long_riemann_sum() -> None:
    """Midpoints of 2,000 pieces of the way, in double precision."""
    model, reading = network(embedding_range=2.0, pooling="attention").double(), read("a b c d e f")
    lengths, target = torch.tensor([6]), 1
    vectors = model.encoder(torch.from_numpy(reading.ids)[None]).detach()

    def odds(points: torch.Tensor) -> torch.Tensor:
        logits = model.classify(points, lengths.expand(len(points))).logits
        return logits[:, target] - torch.cat([logits[:, :target], logits[:, target + 1 :]], 1).logsumexp(1)

    steps = (torch.arange(2_000, dtype=torch.float64) + 0.5) / 2_000
    points = (vectors * steps.view(-1, 1, 1)).requires_grad_(True)
    (slopes,) = torch.autograd.grad(odds(points).sum(), points)
    expected = (slopes.mean(0) * vectors[0]).sum(1).numpy()
    found = attribute(model.float(), reading, target)
    np.testing.assert_allclose(found.contributions, expected, atol=2e-4)


def test_a_quick_answer_says_whether_it_is_too_rough() -> None:
    vectors = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))

    def asked(score: Callable[[Tensor], Tensor]) -> Question:
        return Question(vectors, score, score, True, "a", 0)

    smooth = asked(lambda x: x.tanh().sum((1, 2)))
    found = explain(smooth, ("a",) * 4, quick=True)
    assert found.quick
    assert not found.rough
    abrupt = asked(lambda x: torch.sigmoid(400 * (x.norm(dim=(1, 2)) - 0.61)) * 5)
    found = explain(abrupt, ("a",) * 4, quick=True)
    assert found.rough
    assert not explain(abrupt, ("a",) * 4).rough, "with all nodes there is nothing more to be done"


@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_occluded_texts_have_in_common_changes_nothing(bidirectional: bool) -> None:
    model, reading = network(layers=2, bidirectional=bidirectional), read("a b zzz c d e f")
    question = answers().question(model, reading, torch.device("cpu"), None, None)
    shared = explain(question, reading.tokens, "occlusion", model=model)
    alone = explain(question, reading.tokens, "occlusion")
    np.testing.assert_allclose(shared.contributions, alone.contributions, atol=1e-6)
    assert (shared.odds, shared.baseline) == (pytest.approx(alone.odds), pytest.approx(alone.baseline))
    assert shared.contributions[2] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("encoding", ["embedding", "one_hot"])
def test_a_first_look_at_a_long_text_is_coarse(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr("lstm_studio.inspection.attribution.WORK", 1.0)
    model, reading = network(encoding=encoding, embedding_range=1e-3, pooling="mean"), read("a b c d e")
    question = answers().question(model, reading, torch.device("cpu"), "y", None)
    for method in ("integrated gradients", "occlusion"):
        found = explain(question, reading.tokens, method, quick=True, model=model)
        whole = explain(question, reading.tokens, method, model=model)
        assert found.rough
        assert not whole.rough
        assert (found.odds, found.baseline) == (pytest.approx(whole.odds), pytest.approx(whole.baseline))
        if encoding == "embedding":  # words so small that all is almost linear
            np.testing.assert_allclose(found.contributions, whole.contributions, rtol=0.02, atol=1e-7)
    vectors = [model.encoder(torch.tensor([ids])).detach() for ids in (reading.ids.tolist(), [1] * 5)]
    points = vectors[0].clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(question.score(points).sum(), points)
    expected = (slope * (vectors[0] - vectors[1])).sum(2)[0].numpy()
    np.testing.assert_allclose(found.contributions, expected, atol=1e-6)


def test_integrated_gradients_against_captum() -> None:
    captum = importlib.import_module("captum.attr")  # a second of imports, for this test alone
    model, reading = network(), read("a b c d e")
    question = answers().question(model, reading, torch.device("cpu"), "y", None)
    told = captum.IntegratedGradients(question.score).attribute(question.vectors, n_steps=200)
    expected = told[0].sum(1).detach().numpy()
    np.testing.assert_allclose(explain(question, reading.tokens).contributions, expected, atol=1e-3)
