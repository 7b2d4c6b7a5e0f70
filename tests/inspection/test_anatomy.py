"""Anatomy of a step: it is what the network computed, by the weights on disk, and its numbers add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from lstm_studio import Predictor
from lstm_studio.config import ClassificationData, ModelConfig, RunConfig
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.inspection.anatomy import Anatomy, adding_up, decimals_for
from lstm_studio.inspection.dissect import dissect
from lstm_studio.inspection.trace import TextTrace, trace_text
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.tasks.registry import get
from lstm_studio.tasks.text_answers import TextAnswers
from tests.runs import paired, running

CPU = torch.device("cpu")
WORDS = Vocabulary(["<pad>", "<unk>", *"abcdefgh"])
CELLS: list[dict[str, Any]] = [
    {"peephole": "none"},
    {"peephole": "diagonal"},
    {"peephole": "diagonal", "output_gate_sees": "current"},
    {"peephole": "full"},
    {"peephole": "full", "output_gate_sees": "current"},
    {"cell": "gru"},
    {"cell": "rnn"},
    *({"variant": name} for name in ("no_input_gate", "no_forget_gate", "no_output_gate", "no_output_activation")),
    {"variant": "no_input_activation", "peephole": "none"},
    {"variant": "coupled", "peephole": "full", "output_gate_sees": "current"},
]


def classifier(seed: int = 0, padded: bool = False, **model: object) -> tuple[TextAnswers, TextClassifier]:
    torch.manual_seed(seed)
    data = ClassificationData(tokenizer="whitespace", max_length=8, pad_to_max_length=padded)
    network = TextClassifier(
        len(WORDS), 2, ModelConfig(**{"hidden_size": 5, "embedding_size": 4, "embedding_range": 1.0, **model})
    )
    with torch.no_grad():
        for name, values in network.named_parameters():
            if "bias" in name:
                values.uniform_(-1, 1)
    return TextAnswers(RunConfig(data=data), WORDS, ("x", "y")), network.eval()


def same(found: Anatomy, trace: TextTrace) -> None:
    """Every unit and step of the anatomy is what the trace has."""
    layer = trace.layer(found.name)
    assert found.tokens == trace.tokens_of(layer)
    for unit in range(found.units):
        for token in range(len(found.tokens)):
            step = found.step(unit, token)
            for key, values in layer.values.items():
                assert step.values[key] == pytest.approx(float(values[token, unit]), abs=1e-5), (key, unit, token)
            for one in step.activations:
                assert one.total == pytest.approx(sum(part.value for part in one.parts), abs=1e-12)
                for part in one.parts:
                    assert [abs(v) for _, v in part.largest] == sorted((abs(v) for _, v in part.largest), reverse=True)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell.values()))
def test_every_step_is_what_the_network_computed(cell: dict[str, Any]) -> None:
    answers, model = classifier(layers=2, bidirectional=True, **cell)
    reading = answers.read("a b zzz c h")
    trace = trace_text(answers, model, reading, CPU, prefixes=False)
    for layer in trace.layers:
        found = dissect(answers, model, reading, CPU, layer.name)
        same(found, trace)
        assert found.start(0) == (0.0, None if cell.get("cell") in ("gru", "rnn") else 0.0)
        assert not found.handed_over
        assert [equation.gate for equation in found.equations][-1] == "h"
        gate = found.gates[0]
        total = sum(found.contributions(gate).values())
        assert total[2, 3] == pytest.approx(found.step(3, 2).activation(gate).total, abs=1e-9)
        assert found.reach(1) > 0


def test_padding_that_is_read_comes_before_the_text_when_it_is_read_from_its_end() -> None:
    answers, model = classifier(padded=True, bidirectional=True)
    reading = answers.read("a b c")
    trace = trace_text(answers, model, reading, CPU, prefixes=False)
    for name, lead in (("layer0.forward", False), ("layer0.backward", True)):
        found = dissect(answers, model, reading, CPU, name)
        same(found, trace)
        assert found.lead is lead
        assert (found.start(0)[1] != 0) is lead
    with pytest.raises(StudioError, match="It has layer0.forward, layer0.backward"):
        dissect(answers, model, reading, CPU, "layer3.forward")
    with pytest.raises(IndexError):
        found.step(5, 0)


@pytest.mark.parametrize("feeding", [False, True])
def test_a_writer_starts_from_what_was_read(tmp_path: Path, feeding: bool) -> None:
    task = get("translation")
    config = paired.config(
        paired.write_tsv(tmp_path / "a.tsv", paired.pairs(40)), **{"model.input_feeding": feeding, "model.layers": 2}
    )
    answers, model, config = untrained(task, config)
    reading = answers.read("two red cat sleeps")
    trace = trace_text(answers, model, reading, CPU)
    for layer in trace.layers:
        same(dissect(answers, model, reading, CPU, layer.name), trace)
    written = dissect(answers, model, reading, CPU, "decoder.layer1.forward")
    assert written.handed_over
    h, c = written.start(2)
    first = trace.layer("decoder.layer1.forward").values
    assert first["c"][0, 2] == pytest.approx(first["f"][0, 2] * c + first["i"][0, 2] * first["g"][0, 2], abs=1e-5)
    assert h != 0
    told = trace.foretold
    assert told is not None
    assert not told.ahead
    assert len(told.words) == len(told.came) == len(trace.output)
    for words, shares, came, token in zip(told.words, told.shares, told.came, trace.output, strict=True):
        if token in words:
            assert shares[words.index(token)] == pytest.approx(came, abs=1e-6)


@pytest.mark.parametrize("documents", ["lines", "whole"])
def test_a_language_model_reads_a_mark_before_the_text_and_foretells_each_token(tmp_path: Path, documents: str) -> None:
    config = running.config(running.write(tmp_path / "a.txt"), **{"data.documents": documents})
    answers, model, config = untrained(get("generation"), config)
    reading = answers.read("Anna has 3 boats")
    trace = trace_text(answers, model, reading, CPU)
    found = dissect(answers, model, reading, CPU, "layer0.forward")
    same(found, trace)
    assert found.handed_over is (found.start(0)[0] != 0) is answers.ends
    told = trace.foretold
    assert told is not None
    assert told.ahead
    given = answers.answer(model, [reading], CPU)[0].given
    np.testing.assert_allclose(told.came[1:], given[1:], atol=1e-6)
    assert np.isnan(told.came[0]) == (not answers.ends)
    assert told.words[-1][0] == trace.verdict.split()[0]


def untrained(task: Any, config: RunConfig) -> tuple[Any, Any, RunConfig]:
    prepared = task.prepare(config)
    torch.manual_seed(3)
    meta = task.meta(prepared)
    return task.answers(prepared.config, meta), task.build_model(prepared.config, meta).eval(), prepared.config


def test_by_hand_from_the_weights_on_disk(trained: Path) -> None:
    text, unit = "the film was not good", 4
    found = Predictor(trained).anatomy(text, "layer0.forward")
    weights = load_file(trained / "model.safetensors")
    vocabulary = json.loads((trained / "vocabulary.json").read_text(encoding="utf-8"))["tokens"]
    pre = "recurrent.layers.0.0."
    names = ("weight_x", "weight_h", "bias", "peephole")
    w_x, w_h, b, peep = (weights[pre + name].astype(np.float64) for name in names)
    size = w_h.shape[1]
    h = c = np.zeros(size)

    def sigmoid(a: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-a))

    for token, word in enumerate(text.split()):
        x = weights["encoder.embedding.weight"][vocabulary.index(word)].astype(np.float64)
        from_x, from_h = (w_x @ x).reshape(4, size), (w_h @ h).reshape(4, size)
        from_c = np.stack([peep[0] * c, peep[1] * c, np.zeros(size), peep[2] * c])
        step = found.step(unit, token)
        for row, gate in enumerate("ifgo"):
            parts = {part.source: part.value for part in step.activation(gate).parts}
            by_hand = {"x": from_x, "h": from_h, "c": from_c, "b": b.reshape(4, size)}
            for source, value in parts.items():
                assert value == pytest.approx(by_hand[source][row, unit], abs=1e-6), (gate, source)
            assert ("c" in parts) is (gate != "g")
        i, f, g, o = from_x + from_h + from_c + b.reshape(4, size)
        before = c
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        assert step.kept == pytest.approx(sigmoid(f)[unit] * before[unit], abs=1e-6)
        assert step.values["c"] == pytest.approx(c[unit], abs=1e-6)
        assert step.values["h"] == pytest.approx(h[unit], abs=1e-6)


def test_shown_parts_add_up_and_none_is_off_by_a_whole_digit() -> None:
    chance = np.random.default_rng(0)
    for count in range(1, 6):
        for parts in chance.normal(scale=chance.choice([0.001, 1, 30]), size=(200, count)):
            shown, total = adding_up(parts)
            assert sum(shown) == total
            assert abs(total / 1000 - parts.sum()) <= 0.0005 + 1e-9
            assert np.abs(np.array(shown) / 1000 - parts).max() < 0.001 + 1e-9
    assert adding_up([0.0004, 0.0004, 0.0004]) == ([1, 0, 0], 1)
    assert adding_up([0.25, -0.25]) == ([250, -250], 0)
    with pytest.raises(ValueError, match="numbers"):
        adding_up([float("nan"), 1.0])
    assert [decimals_for([value]) for value in (2.0, 4000.0, 2e6)] == [3, 1, 0]
