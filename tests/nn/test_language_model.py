"""Language models: the loss, stretches of text with a carried state, tied weights."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch.nn import functional

from lstm_studio.config import ModelConfig
from lstm_studio.nn.language_model import LanguageModel, LanguageModelOptions, detached, forget, select

CELLS = [("lstm", "none"), ("lstm", "diagonal"), ("lstm", "full"), ("gru", "none"), ("rnn", "none")]
WORDS = 11


def make(options=None, words=WORDS, **config) -> LanguageModel:
    torch.manual_seed(0)
    given = {"hidden_size": 6, "embedding_size": 6, "embedding_range": 1.0}
    given |= {"embedding_dropout": 0.0, "word_dropout": 0.0, "dropout": 0.0}
    return LanguageModel(words, ModelConfig(**given | config), options).double().eval()


def text(rows=3, steps=12, seed=1):
    ids = torch.randint(2, WORDS, (rows, steps + 1), generator=torch.Generator().manual_seed(seed))
    return ids[:, :-1], ids[:, 1:]


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
@pytest.mark.parametrize("tied", [False, True])
def test_the_loss_is_the_cross_entropy_of_each_step(cell, peephole, tied):
    network = make(LanguageModelOptions(tied=tied), cell=cell, peephole=peephole)
    ids, targets = text()
    found = network.loss(ids, targets)
    state, each = None, []
    for word, right in zip(ids.unbind(1), targets.unbind(1), strict=True):
        scores, state = network.step(word, state)
        each.append(functional.cross_entropy(scores, right, reduction="none").detach())
    torch.testing.assert_close(found.each, torch.stack(each, 1), atol=1e-10, rtol=0)
    torch.testing.assert_close(found.total.detach(), found.each.sum(), atol=1e-10, rtol=0)
    torch.testing.assert_close(found.state.h, state.h, atol=1e-10, rtol=0)
    assert found.words == 36
    assert not found.each.requires_grad


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_stretches_with_a_carried_state_give_the_whole(cell, peephole, layers):
    network = make(cell=cell, peephole=peephole, layers=layers)
    ids, targets = text()
    whole = network.loss(ids, targets)
    state, each = None, []
    for start, stop in ((0, 5), (5, 6), (6, 12)):
        part = network.loss(ids[:, start:stop], targets[:, start:stop], state)
        state = part.state
        each.append(part.each)
    torch.testing.assert_close(torch.cat(each, 1), whole.each, atol=1e-10, rtol=0)
    for one, two in zip(state, whole.state, strict=True):
        if one is not None:
            torch.testing.assert_close(one, two, atol=1e-10, rtol=0)
    assert (state.c is not None) == (cell == "lstm")


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_gradients_stop_where_a_stretch_begins(cell, peephole):
    network = make(cell=cell, peephole=peephole, layers=2)
    ids, targets = text()
    first = network.loss(ids[:, :5], targets[:, :5])
    assert not any(part.requires_grad for part in first.state if part is not None)
    live = network.read(ids[:, :5]).state  # one through which gradients could flow
    results = []
    for state in (live, first.state, type(live)(*(None if p is None else p.clone() for p in first.state))):
        network.zero_grad()
        network.loss(ids[:, 5:], targets[:, 5:], state).total.backward()
        results.append([parameter.grad.clone() for parameter in network.parameters()])
    for one, two, three in zip(*results, strict=True):
        torch.testing.assert_close(one, two, atol=1e-12, rtol=0)
        assert torch.equal(two, three)
    read = network.read(ids[:, 5:], live)  # reading alone is not truncated
    assert torch.autograd.grad(read.outputs.sum(), live.h)[0].abs().sum() > 0


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_padding_has_no_influence_on_loss_state_or_gradient(cell, peephole):
    options = LanguageModelOptions(activation=2.0, change=1.0)
    network = make(options, cell=cell, peephole=peephole).train()
    ids, targets = text()
    lengths = torch.tensor([4, 12, 1])
    results = []
    for filling in (0, 7):
        gone = torch.arange(12) >= lengths.unsqueeze(1)
        network.zero_grad()
        found = network.loss(ids.masked_fill(gone, filling), targets.masked_fill(gone, filling), None, lengths)
        found.total.backward()
        assert found.words == 17
        assert (found.each[gone] == 0).all()
        gradients = [parameter.grad.clone() for parameter in network.parameters()]
        results.append([found.total.detach(), found.each, found.state.h, *gradients])
    for one, two in zip(*results, strict=True):
        torch.testing.assert_close(one, two, atol=1e-10, rtol=0)
    costs, each = 0.0, []
    for row, length in enumerate(lengths.tolist()):
        alone = network.loss(ids[row : row + 1, :length], targets[row : row + 1, :length])
        torch.testing.assert_close(found.each[row, :length], alone.each[0], atol=1e-10, rtol=0)
        torch.testing.assert_close(found.state.h[:, row], alone.state.h[:, 0], atol=1e-10, rtol=0)
        each.append(network.read(ids[row : row + 1, :length]).outputs[0].detach())
    costs = 2.0 * torch.cat(each).square().mean()
    costs += torch.cat([part[1:] - part[:-1] for part in each]).square().mean()
    torch.testing.assert_close(found.total.detach(), found.each.sum() + 17 * costs, atol=1e-10, rtol=0)


@pytest.mark.parametrize("hidden", [6, 9])
def test_tied_weights_are_one_parameter(hidden):
    network = make(LanguageModelOptions(tied=True), hidden_size=hidden)
    assert network.output is network.encoder.embedding.weight
    names = set(network.state_dict())
    assert ("project.weight" in names) == (hidden != 6)
    assert "output_weight" not in names
    assert len(names) == len(list(network.parameters()))
    ids, targets = text()
    network.loss(ids, targets).total.backward()
    # Both uses add to one gradient: word 1 is never read, but scored at each step.
    assert network.encoder.embedding.weight.grad[1].abs().sum() > 0
    other = copy.deepcopy(network)
    assert other.output is other.encoder.embedding.weight
    with torch.device("meta"):
        empty = LanguageModel(WORDS, ModelConfig(hidden_size=hidden, embedding_size=6), network.options)
    empty = empty.to_empty(device="cpu").double().eval()
    empty.load_state_dict(network.state_dict())
    assert torch.equal(empty.loss(ids, targets).each, network.loss(ids, targets).each)
    own = make(hidden_size=hidden)
    assert own.output is own.output_weight
    assert own.output.shape == (WORDS, hidden)


def test_tied_weights_need_an_embedding():
    with pytest.raises(ValueError, match="trained embedding"):
        make(LanguageModelOptions(tied=True), encoding="one_hot")


@pytest.mark.parametrize("encoding", ["one_hot", "index"])
def test_other_encodings_can_be_read(encoding):
    torch.manual_seed(0)
    network = LanguageModel(WORDS, ModelConfig(hidden_size=4, encoding=encoding, cell="gru"))
    found = network.loss(*text())
    found.total.backward()
    assert math.isfinite(float(found.total.detach()))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_no_word_sees_what_comes_after_it(bidirectional):
    network = make(bidirectional=bidirectional, layers=2)
    ids, targets = text()
    other = ids.clone()
    other[:, 6:] = 3
    torch.testing.assert_close(network.loss(ids, targets).each[:, :6], network.loss(other, targets).each[:, :6])


def test_traces_and_vectors():
    network = make(layers=2)
    ids, _ = text()
    plain = network.read(ids, trace=True)
    assert [trace.name for trace in plain.traces] == ["layer0.forward", "layer1.forward"]
    torch.testing.assert_close(plain.traces[1].values["h"], plain.outputs)
    assert torch.equal(network.read_vectors(network.vectors(ids)).outputs, plain.outputs)
    assert network.read(ids).traces is None
    torch.testing.assert_close(network.scores(plain.outputs)[:, -1], network.step(ids[:, -1], _before(network, ids))[0])


def _before(network, ids):
    return network.read(ids[:, :-1]).state


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_states_by_row(cell):
    network = make(cell=cell, layers=2)
    ids, targets = text()
    state = detached(network.read(ids).state)
    rows = torch.tensor([2, 0, 0])
    picked = select(state, rows)
    assert torch.equal(picked.h, state.h[:, rows])
    fresh = forget(state, torch.tensor([False, True, False]))
    found = network.loss(ids, targets, fresh)
    torch.testing.assert_close(found.each[1], network.loss(ids, targets).each[1], atol=1e-12, rtol=0)
    torch.testing.assert_close(found.each[0], network.loss(ids, targets, state).each[0], atol=1e-12, rtol=0)
    assert (state.h[:, 1] != 0).any()
    assert (fresh.c is None) == (cell == "gru")


@pytest.mark.parametrize(
    "wrong", [{"output_dropout": 1.0}, {"row_dropout": -0.1}, {"weight_drop": 1.0}, {"activation": -1}, {"change": -1}]
)
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        LanguageModelOptions(**wrong)


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("lstm", LanguageModelOptions()),
        ("gru", LanguageModelOptions(tied=True)),
        ("lstm", LanguageModelOptions(True, True, 0.1, 0.05, 0.1, 0.01, 0.01)),
    ],
)
def test_it_learns_a_rhythm_longer_than_a_stretch(cell, options):
    """After 2 comes 3, after 4 comes 5; which of 2 and 4 comes depends on the two pairs before. Stretches of 7."""
    torch.manual_seed(0)
    config = ModelConfig(
        hidden_size=24, embedding_size=16, cell=cell, dropout=0.0, word_dropout=0.0, embedding_dropout=0.0
    )
    network = LanguageModel(8, config, options)
    line = torch.tensor([2, 3, 2, 3, 4, 5]).repeat(100)
    ids, targets = line[:480].view(4, 120), line[1:481].view(4, 120)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(12):
        state = None
        for start in range(0, 120, 7):
            optimizer.zero_grad()
            found = network.loss(ids[:, start : start + 7], targets[:, start : start + 7], state)
            state = found.state
            (found.total / found.words).backward()
            optimizer.step()
    network.eval()
    last = network.loss(ids, targets).each[:, 20:]
    assert float(last.mean()) < 0.1  # by the last pair alone: 0.23
