"""The task that writes: what is learned, how it is measured, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lstm_studio.errors import StudioError
from lstm_studio.nn.beam import SearchOptions, translate
from lstm_studio.nn.decoder import START
from lstm_studio.nn.parameters import Sizes, count, memory
from lstm_studio.runs.start import start
from lstm_studio.tasks.text_figures import bleu, chrf, rouge, sentence_chrf
from lstm_studio.tasks.translation import QUICK, Teaching, TranslationTask
from lstm_studio.training.events import EpochEnded
from tests.runs import paired

TASK = TranslationTask()
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data file that is not changed."""
    return paired.write_tsv(tmp_path_factory.mktemp("data") / "animals.tsv", paired.pairs(60))


def made(config):
    """Prepared data, what is kept of it, and a fresh network that computes exactly."""
    prepared = TASK.prepare(config)
    meta = TASK.meta(prepared)
    torch.manual_seed(0)
    return prepared, meta, TASK.build_model(prepared.config, meta).double().eval()


def final(model, config, part, meta, **how):
    """The last of what an evaluation yields."""
    *waits, evaluation = TASK.evaluate(model, config, part, meta, CPU, **how)
    assert waits
    assert not any(waits)
    return evaluation


def test_a_small_language_is_learned(data, tmp_path):
    events = []
    finished = start(paired.config(data), events.append, folder=tmp_path / "run")
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert finished.metrics["bleu"] > 60
    assert epochs[0].monitor == "bleu"
    assert epochs[-1].metrics["chrf"] > epochs[0].metrics["chrf"]
    assert [sample.source for sample in epochs[0].samples] == [sample.source for sample in epochs[-1].samples]
    assert any(sample.written in sample.references for sample in epochs[-1].samples)


@pytest.mark.parametrize(
    "changes",
    [
        {"model.attention": "bahdanau", "model.input_feeding": True, "model.tied": "none"},
        {"model.attention": "none", "model.cell": "gru", "model.layers": 2},
        {"model.attention": "luong_dot", "model.bidirectional": False, "model.cell": "rnn", "model.peephole": "none"},
        {"model.tied": "all", "data.vocabularies": "joint", "training.teacher_forcing": 0.5, "model.peephole": "full"},
        {"model.encoding": "one_hot", "data.source_units": "character", "data.target_units": "bpe"},
    ],
)
def test_all_kinds_of_networks_learn(data, changes):
    prepared, meta, _ = made(paired.config(data, **changes))
    model = TASK.build_model(prepared.config, meta)
    extra = TASK.start(prepared.config, prepared, CPU)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for step, handle in enumerate(TASK.batches(prepared.train, 16, 0, 1, True) * 3):
        optimizer.zero_grad()
        loss = TASK.loss(model, TASK.collate(prepared.train, handle, CPU), extra, step / 12)
        loss.value.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
        losses.append(float(loss.value.detach()))
    assert losses[-1] < losses[0]


def test_uneven_batches_change_nothing(data):
    prepared, _, model = made(paired.config(data))
    part = prepared.train
    assert len(set(part.source_lengths.tolist())) > 1
    together = TASK.collate(part, np.arange(8), CPU)
    whole = TASK.loss(model, together, Teaching())
    total = 0.0
    for place in range(8):
        one = TASK.loss(model, TASK.collate(part, np.array([place]), CPU), Teaching())
        total += float(one.value.detach()) * one.tokens
    assert float(whole.value.detach()) == pytest.approx(total / whole.tokens, abs=1e-10)
    assert whole.tokens == int(part.target_lengths[:8].sum()) + 8, "the end mark counts"


def test_figures_are_those_of_what_is_written(data):
    prepared, meta, model = made(paired.config(data))
    part = prepared.validation
    found = final(model, prepared.config, part, meta)
    units = prepared.units
    written, references, total, tokens = [], [], 0.0, 0
    for place in range(len(part)):
        batch = TASK.collate(part, np.array([place]), CPU)
        options = SearchOptions(beams=2, length_penalty=1.0, unknown=True, length_ratio=2.0, length_extra=10)
        best = translate(model, batch.source, batch.source_lengths, options)[0][0]
        most = (prepared.config.data.max_target_length or 99) + 10
        assert len(best.words) <= most
        written.append(units.target.decode(best.words))
        references.append(part.references(place))
        loss = TASK.loss(model, batch, Teaching())
        total, tokens = total + float(loss.value.detach()) * loss.tokens, tokens + loss.tokens
    assert found.metrics["loss"] == pytest.approx(total / tokens)
    assert found.metrics["perplexity"] == pytest.approx(math.exp(total / tokens))
    assert found.metrics["bleu"] == pytest.approx(bleu(written, references).bleu)
    assert found.metrics["chrf"] == pytest.approx(chrf(written, references).chrf)
    assert found.metrics["rougeL"] == pytest.approx(rouge(written, references).rougeL.f1)
    scores = sentence_chrf(written, references)
    worst = found.details["worst"]
    assert [one["score"] for one in worst] == sorted(round(score, 2) for score in scores)
    assert {one["source"] for one in worst} == set(part.sources)
    assert found.details["examples"] == found.details["written"] == len(part)
    assert sum(found.details["lengths"]["counts"]) == len(part)
    assert (
        found.details["intervals"]["bleu"][0] <= found.metrics["bleu"] <= found.details["intervals"]["bleu"][1] + 1e-9
    )
    assert "case:mixed" in found.details["signature"]["bleu"]


def test_a_quick_look_writes_some_and_takes_the_likeliest_word(data, monkeypatch):
    monkeypatch.setattr("lstm_studio.tasks.translation.QUICK", 3)
    assert QUICK > 3
    prepared, meta, model = made(paired.config(data))
    found = final(model, prepared.config, prepared.validation, meta, quick=True)
    assert (found.details["examples"], found.details["written"]) == (len(prepared.validation), 3)
    assert "intervals" not in found.details
    whole = final(model, prepared.config, prepared.validation, meta)
    assert found.metrics["loss"] == pytest.approx(whole.metrics["loss"])


def test_summaries_are_watched_by_rouge(tmp_path):
    config = paired.config(paired.write_tsv(tmp_path / "a.tsv", paired.pairs(40)), **{"data.purpose": "summary"})
    assert TASK.watched(config) == "rougeL"
    assert TASK.watched(config.replace(**{"data.purpose": "rewriting"})) == "bleu"


def test_teacher_forcing_comes_down():
    falling = Teaching(0.0, 0.4, True)
    assert [falling.at(done) for done in (0.0, 0.5, 1.0)] == pytest.approx([1.0, 0.7, 0.4])
    assert Teaching(0.0, 0.4, False).at(0.0) == 0.4


def test_vectors_are_shared_only_within_one_vocabulary(data):
    config = paired.config(data, **{"model.tied": "all", "data.purpose": "translation"})
    prepared = TASK.prepare(config)
    with pytest.raises(StudioError, match="a vocabulary each.*joint"):
        TASK.build_model(prepared.config, TASK.meta(prepared))
    joint = TASK.prepare(config.replace(**{"data.vocabularies": "joint"}))
    assert joint.units.joint
    assert TASK.meta(joint).vocabulary_size == len(joint.units.source)
    again = TASK.load_meta(TASK.meta(joint).to_json())
    assert again.units.joint
    assert again.units.source.pieces == joint.units.source.pieces


@pytest.mark.parametrize(
    "text", ["", "[]", '{"source": {}}', '{"source": {"format": 1, "kind": "word"}, "target": null}']
)
def test_a_damaged_vocabulary_is_told(text):
    with pytest.raises(StudioError, match="damaged|another version"):
        TASK.load_meta(text)


def test_counted_and_rehearsed():
    base = paired.config("x").replace(**{"training.batch_size": 3, "model.hidden_size": 6, "model.embedding_size": 4})
    for changes in (
        {},
        {"model.layers": 2, "model.input_feeding": True, "model.attention": "bahdanau"},
        {"model.cell": "gru", "model.tied": "none", "model.attention": "none", "model.bidirectional": False},
        {"model.cell": "rnn", "model.tied": "all", "model.peephole": "none"},
        {
            "model.encoding": "index",
            "model.peephole": "full",
            "model.attention": "luong_dot",
            "model.bidirectional": False,
        },
    ):
        config = base.replace(**changes)
        sizes = Sizes(30, 20, 5)
        network, batch, extra = TASK.rehearse(config, sizes)
        assert count("translation", config.model, sizes) == sum(p.numel() for p in network.parameters()), changes
        assert memory("translation", config.model, sizes, 3) > 16 * count("translation", config.model, sizes)
        loss = TASK.loss(network, batch, extra)
        assert (loss.examples, loss.tokens) == (3, 18)


def test_an_empty_target_and_an_unreadable_source_are_no_trouble(data):
    prepared, _, model = made(paired.config(data))
    part = prepared.validation
    part.target_ids, part.target_offsets = part.target_ids[:0], np.zeros(len(part) + 1, np.int64)
    part.__post_init__()
    batch = TASK.collate(part, np.arange(2), CPU)
    assert batch.target.shape == (2, 0)
    found = model.loss(batch.source, batch.source_lengths, batch.target, batch.target_lengths)
    assert found.words == 2
    assert START not in batch.target
