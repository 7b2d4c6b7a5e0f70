"""Language models: what is learned, how it is measured, what is written, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lstm_studio.data.units import END_ID, SPECIAL, UNKNOWN_ID
from lstm_studio.errors import StudioError
from lstm_studio.nn.parameters import Sizes, count, memory
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.start import start
from lstm_studio.tasks.generation import GenerationTask
from lstm_studio.tasks.text_writer import beginnings
from lstm_studio.training.events import EpochEnded
from tests.runs import running

TASK = GenerationTask()
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A text that is not changed."""
    return running.write(tmp_path_factory.mktemp("data") / "rhymes.txt")


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """The folder of a finished run, and its events."""
    events = []
    folder = tmp_path_factory.mktemp("runs") / "run"
    start(
        running.config(data, **{"training.epochs": 8, "training.steps": 20, "training.learning_rate": 0.03}),
        events.append,
        folder=folder,
    )
    return folder, events


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


def test_a_small_language_is_learned(trained):
    _, events = trained
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert epochs[0].monitor == "perplexity"
    # Four names, things, numbers and places are open in each sentence: 2.1 to 2.2 at best by words.
    assert epochs[-1].metrics["perplexity"] < 2.6 < epochs[0].metrics["perplexity"]
    assert [sample.source for sample in epochs[0].samples] == [sample.source for sample in epochs[-1].samples]
    assert any(sample.written.endswith("glad.") for sample in epochs[-1].samples)


@pytest.mark.parametrize(
    "changes",
    [
        {"model.tied": "none", "model.cell": "gru", "data.units": "character"},
        {"model.dropout": 0.3, "model.weight_drop": 0.3, "model.row_dropout": 0.1, "model.layers": 2,
         "model.peephole": "none", "training.vary_steps": True, "training.activation_cost": 2.0},
        {"model.encoding": "one_hot", "model.cell": "rnn", "model.dropout_masks": "each_step", "model.dropout": 0.2},
        {"data.units": "bpe", "data.documents": "whole", "model.peephole": "full", "training.change_cost": 1.0},
    ],
)  # fmt: skip
def test_all_kinds_of_networks_learn(data, changes):
    prepared, meta, _ = made(running.config(data, **changes))
    model = TASK.build_model(prepared.config, meta).train()
    TASK.initialise(model, prepared)
    assert model.output_bias.abs().sum() > 0, "it begins with the tokens' frequencies"
    extra = TASK.start(prepared.config, prepared, CPU)
    part = TASK.parts(prepared)["train"]
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for handle in TASK.batches(part, 8, 0, 1, True)[:24]:
        optimizer.zero_grad()
        loss = TASK.loss(model, TASK.collate(part, handle, CPU), extra)
        loss.value.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
        losses.append(float(loss.shown))
    assert losses[-1] < losses[0]
    sizes = Sizes(len(meta.units), len(meta.units), 10)
    assert count("generation", prepared.config.model, sizes) == sum(p.numel() for p in model.parameters())
    assert memory("generation", prepared.config.model, sizes, 8) > 4 * count("generation", prepared.config.model, sizes)
    network, batch, carried = TASK.rehearse(prepared.config, sizes)
    assert TASK.loss(network, batch, carried).value.isfinite()


def test_every_token_is_learned_from_once_and_the_state_is_carried(data):
    prepared, _, model = made(running.config(data, **{"training.batch_size": 1}))
    part = TASK.parts(prepared)["train"]
    extra = TASK.start(prepared.config, prepared, CPU)
    total, tokens = 0.0, 0
    with torch.no_grad():
        for handle in TASK.batches(part, 1, 0, 1, True):
            loss = TASK.loss(model, TASK.collate(part, handle, CPU), extra)
            total, tokens = total + float(loss.shown) * loss.tokens, tokens + loss.tokens
        ids = torch.from_numpy(np.concatenate([[END_ID], part.stream.ids]).astype(np.int64)).unsqueeze(0)
        whole = model.loss(ids[:, :-1], ids[:, 1:])
    assert tokens == len(part) == len(part.stream.ids)
    assert total == pytest.approx(float(whole.total), rel=1e-12), "one long reading, cut into stretches"


def test_uneven_rows_change_nothing(data):
    """The last stretch of an epoch has rows of two lengths."""
    prepared, _, model = made(running.config(data))
    part = TASK.parts(prepared)["train"]
    for rows in range(5, 9):
        handle = TASK.batches(part, rows, 0, 1, True)[-1]
        batch = TASK.collate(part, handle, CPU)
        if batch.lengths is not None:
            break
    assert batch.lengths is not None
    with torch.no_grad():
        whole = model.loss(batch.inputs, batch.targets, None, batch.lengths)
        for row, length in enumerate(batch.lengths.tolist()):
            alone = model.loss(batch.inputs[row : row + 1, :length], batch.targets[row : row + 1, :length])
            torch.testing.assert_close(whole.each[row, :length], alone.each[0], rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(whole.state.h[:, row], alone.state.h[:, 0], rtol=1e-12, atol=1e-12)
    assert whole.words == int(batch.lengths.sum())


def test_figures_are_those_of_the_text(data):
    prepared, meta, model = made(running.config(data, **{"data.test_fraction": 0.1}))
    part = TASK.parts(prepared)["test"]
    found = final(model, prepared.config, part, meta)
    with torch.no_grad():
        ids = torch.from_numpy(np.concatenate([[END_ID], part.stream.ids]).astype(np.int64)).unsqueeze(0)
        nats = float(model.loss(ids[:, :-1], ids[:, 1:]).each.mean())
    assert found.metrics["loss"] == pytest.approx(nats, rel=1e-6)
    assert found.metrics["perplexity"] == pytest.approx(math.exp(nats), rel=1e-6)
    characters = int(part.stream.characters.sum())
    assert found.metrics["bits_per_character"] == pytest.approx(nats / math.log(2) * len(part) / characters, rel=1e-6)
    assert found.details["examples"] == len(part)
    assert not found.samples
    quick = final(model, prepared.config, part, meta, quick=True)
    assert quick.metrics == found.metrics
    assert all(sample.source and not sample.references for sample in quick.samples)


def test_a_beginning_is_gone_on_with(trained):
    folder, _ = trained
    predictor = Predictor(folder)
    seen = []
    found = predictor.write("Anna has", seen.append, temperature=0.5, seed=4)
    assert found.whole.startswith("Anna has ")
    assert found.whole.endswith("glad.")
    assert found.ended == "stop"
    assert [token.token for token in seen] == list(found.output)
    assert seen[-1].text == found.written
    assert [token.probability for token in seen] == pytest.approx(found.probabilities)
    assert len(found.given) == len(found.tokens) == 2
    assert found == predictor.write("Anna has", temperature=0.5, seed=4), "the same seed writes the same"
    assert found == predictor.predict(["Anna has"], temperature=0.5, seed=4)[0]
    texts = {predictor.write("Anna has", seed=seed).written for seed in range(6)}
    assert len(texts) > 1
    greedy = {predictor.write("Anna has", temperature=0.0, seed=seed).written for seed in range(3)}
    assert len(greedy) == 1


def test_what_ends_a_text(trained):
    predictor = Predictor(trained[0])
    found = predictor.write("Ben has", until="never", longest=40, seed=1)
    assert (found.ended, len(found.output)) == ("longest", 40)
    assert "\n" in found.written, "the next line begins"
    assert found.written.split("\n")[1].split(" ")[0] in running.NAMES
    stopped = predictor.write("Ben has", stop=" by", seed=1)
    assert stopped.ended == "stop"
    assert stopped.written.endswith("by")
    halted = predictor.write("Ben has", lambda token: True, seed=1)
    assert (halted.ended, len(halted.output)) == ("halted", 1)
    assert len(predictor.write("Ben has", longest=3, seed=1).output) == 3
    alone = predictor.write("", seed=1)
    assert alone.whole.split(" ")[0] in running.NAMES, "a text begins by itself"


def test_unknown_words_are_read_and_never_written(trained):
    predictor = Predictor(trained[0])
    found = predictor.write("Zoe has", temperature=3.0, seed=2, until="never", longest=200)
    assert found.unknown == (True, False)
    assert "<unk>" not in found.written
    assert "unknown to the network: Zoe" in found.notes()


def test_a_copied_stretch_is_told(trained, data):
    predictor = Predictor(trained[0])
    writer = predictor.answers
    text = data.read_text(encoding="utf-8").splitlines()
    ids = [number for line in text[3:7] for number in [*writer.units.encode(line), END_ID]]
    copied = writer.copied(ids)
    assert (copied.start, copied.length, copied.long) == (0, len(ids), True)
    usual = writer.copied(writer.units.encode(text[-1]))
    assert usual.length <= usual.usual + 1
    assert not usual.long


def test_looking_inside_and_explaining(trained):
    predictor = Predictor(trained[0])
    trace = predictor.trace("Anna has 4 cats by the lake, and")
    assert len(trace.tokens) == 9
    likeliest = trace.verdict.split(" · ")[0].split(" ")[0]
    assert likeliest in running.NAMES, "a name follows"
    why = predictor.attribution("Anna has 4 cats by the lake, and")
    assert why.label == likeliest
    assert len(why.weights) == 9
    assert predictor.attribution("Anna has 4", word=1).label == "has"
    with pytest.raises(StudioError, match="no token 9"):
        predictor.attribution("Anna has 4", word=9)
    with pytest.raises(StudioError, match="empty"):
        predictor.trace(" ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"temperature": -1.0}, "temperature must be a number from 0 to 5"),
        ({"top_k": -1}, "top_k must be a whole number"),
        ({"top_p": 0.0}, "top_p must be above 0"),
        ({"longest": 0}, "longest must be"),
        ({"seed": 1.5}, "seed must be"),
        ({"until": "soon"}, "until must be end, line or never"),
        ({"beams": 3}, "cannot be told the beams"),
    ],
)
def test_what_cannot_be_asked(trained, asked, said):
    with pytest.raises(StudioError, match=said):
        Predictor(trained[0]).write("Anna", **asked)


def test_files_are_evaluated_and_filled(trained, tmp_path):
    predictor = Predictor(trained[0])
    other = running.write(tmp_path / "other.txt", 30, seed=9)
    assert predictor.evaluate(other)["perplexity"] < 4
    target = tmp_path / "out.jsonl"
    assert predictor.predict_file(other, target, seed=1, longest=2) == 30
    assert '"prediction"' in target.read_text(encoding="utf-8")


def test_a_run_without_its_training_text_still_writes(trained, tmp_path):
    import shutil

    folder = tmp_path / "moved"
    shutil.copytree(trained[0], folder)
    (folder / "training_text" / "ids.npy").write_bytes(b"damaged")
    assert Predictor(folder).write("Anna", seed=1).copied is None


def test_beginnings_of_one_long_text_stand_behind_line_ends(tmp_path):
    path = running.write(tmp_path / "whole.txt", 80)
    prepared = TASK.prepare(running.config(path, **{"data.documents": "whole", "data.units": "character"}))
    found = beginnings(prepared.validation, prepared.units, 3)
    assert len(found) == 3
    assert [prepared.units.decode(ids).split(" ")[0] in running.NAMES for ids in found[1:]] == [True, True]
    assert UNKNOWN_ID not in found[0]
    assert len(prepared.units) > len(SPECIAL)
