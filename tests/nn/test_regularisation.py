"""Masks that hold over time, and costs of large states."""

from __future__ import annotations

import copy

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.language_model import LanguageModel, LanguageModelOptions
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.regularisation import (
    LockedDropout,
    RowDropout,
    activation_cost,
    change_cost,
    drop_weights,
    run_with,
)

CELLS = [("lstm", "none"), ("lstm", "diagonal"), ("lstm", "full"), ("gru", "none"), ("rnn", "none")]


def make(options, **config) -> LanguageModel:
    torch.manual_seed(0)
    given = {"hidden_size": 6, "embedding_size": 5, "embedding_range": 1.0, "layers": 2}
    given |= {"embedding_dropout": 0.0, "word_dropout": 0.0, "dropout": 0.0}
    return LanguageModel(11, ModelConfig(**given | config), options).double().train()


def text(rows=3, steps=12):
    ids = torch.randint(2, 11, (rows, steps + 1), generator=torch.Generator().manual_seed(1))
    return ids[:, :-1], ids[:, 1:]


@pytest.mark.parametrize(("shape", "steps"), [((40, 9, 50), 1), ((9, 40, 50), 0)])
def test_a_locked_mask_holds_over_time_and_differs_between_rows(shape, steps):
    torch.manual_seed(0)
    dropout = LockedDropout(0.25, steps).train()
    values = dropout(torch.ones(shape, dtype=torch.float64)).movedim(steps, 0)
    assert (values == values[:1]).all()
    mask = values[0]
    assert set(mask.unique().tolist()) == {0.0, 1 / 0.75}
    assert len({tuple(row.tolist()) for row in mask}) == 40
    assert float(mask.mean()) == pytest.approx(1, abs=5 * (0.25 / 0.75 / 2000) ** 0.5)
    assert not torch.equal(dropout(torch.ones(shape)), dropout(torch.ones(shape)))


def test_nothing_is_masked_or_drawn_where_nothing_is_asked_for():
    x, ids = torch.randn(3, 4, 5), torch.ones(3, 4, dtype=torch.int64)
    before = torch.get_rng_state()
    assert LockedDropout(0.5, 1).eval()(x) is x
    assert LockedDropout(0.0, 1).train()(x) is x
    assert RowDropout(7, 0.5).eval()(x, ids) is x
    assert RowDropout(7, 0.0).train()(x, ids) is x
    network = make(LanguageModelOptions())
    before = torch.get_rng_state()
    network.loss(*text())
    assert torch.equal(before, torch.get_rng_state())


def test_a_silenced_word_is_silent_wherever_it_stands():
    torch.manual_seed(0)
    dropout = RowDropout(1000, 0.3).train()
    ids = torch.arange(1000).repeat(2, 2)
    kept = dropout(torch.ones(2, 2000, 3, dtype=torch.float64), ids)
    assert (kept == kept[:1, :, :1]).all()
    assert torch.equal(kept[0, :1000], kept[0, 1000:])
    assert set(kept.unique().tolist()) == {0.0, 1 / 0.7}
    assert float(kept.mean()) == pytest.approx(1, abs=5 * (0.3 / 0.7 / 1000) ** 0.5)
    # The same as dropping rows of the matrix.
    weight = torch.randn(1000, 3, dtype=torch.float64)
    matrix = weight * kept[0, :1000, :1]
    torch.manual_seed(0)
    torch.testing.assert_close(dropout(weight[ids], ids), matrix[ids])


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_weights_are_dropped_and_stay_what_they_are(cell, peephole):
    torch.manual_seed(0)
    network = Recurrent(4, 30, cell=cell, peephole=peephole, layers=2).double()
    before = copy.deepcopy(network.state_dict())
    own = dict(network.named_parameters())
    found = drop_weights(network, 0.4)
    assert len(found) == 2
    for name, masked in found.items():
        assert own[name].shape[1] == 30
        kept = masked != 0
        torch.testing.assert_close(masked[kept], own[name][kept] / 0.6)
        share = float(kept.double().mean())
        assert share == pytest.approx(0.6, abs=5 * (0.24 / kept.numel()) ** 0.5)
    x, lengths = torch.randn(3, 7, 4, dtype=torch.float64), torch.full((3,), 7)
    plain = network(x, lengths)[0]
    outputs = run_with(network, found, x, lengths)[0]
    assert not torch.allclose(plain, outputs)
    # Afterwards the parameters stand where they stood, and nothing of the masks is left.
    assert {name: id(value) for name, value in network.named_parameters()} == {n: id(v) for n, v in own.items()}
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert torch.equal(network(x, lengths)[0], plain)
    assert torch.equal(copy.deepcopy(network)(x, lengths)[0], plain)


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
@pytest.mark.parametrize("ragged", [False, True])
def test_the_gradient_goes_through_the_mask(cell, peephole, ragged):
    """Against a second network whose W_h is the masked matrix itself: dW = dM * mask."""
    torch.manual_seed(0)
    network = Recurrent(4, 6, cell=cell, peephole=peephole, layers=2).double()
    twin = copy.deepcopy(network)
    x = torch.randn(3, 7, 4, dtype=torch.float64)
    lengths = torch.tensor([3, 7, 1]) if ragged else torch.full((3,), 7)
    weight = torch.randn(3, 7, 6, dtype=torch.float64)
    torch.manual_seed(5)
    found = drop_weights(network, 0.5)
    masks = {name: (value != 0).double() / 0.5 for name, value in found.items()}
    with torch.no_grad():
        for name, value in twin.named_parameters():
            if name in masks:
                value.mul_(masks[name])
    inputs = [x.clone().requires_grad_(), x.clone().requires_grad_()]
    results = []
    for outputs, state, _ in (run_with(network, found, inputs[0], lengths), twin(inputs[1], lengths)):
        results.append(outputs.detach())
        ((outputs * weight).sum() + state.h.square().sum() + (0 if state.c is None else state.c.sum())).backward()
    torch.testing.assert_close(*results, atol=1e-10, rtol=0)
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad, atol=1e-10, rtol=0)
    theirs = dict(twin.named_parameters())
    for name, value in network.named_parameters():
        expected = theirs[name].grad * masks[name] if name in masks else theirs[name].grad
        torch.testing.assert_close(value.grad, expected, atol=1e-10, rtol=0)
    assert all(float(network.get_parameter(name).grad.abs().sum()) > 0 for name in masks)


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_the_same_random_numbers_give_the_same_step_and_others_another(cell, peephole):
    options = LanguageModelOptions(True, True, 0.3, 0.2, 0.4, 2.0, 1.0)
    network = make(options, cell=cell, peephole=peephole, dropout=0.3, embedding_dropout=0.3, word_dropout=0.1)
    results = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        network.zero_grad()
        found = network.loss(*text())
        found.total.backward()
        gradients = [parameter.grad.clone() for parameter in network.parameters()]
        results.append([found.total.detach(), found.each, found.state.h, *gradients])
    assert all(torch.equal(one, two) for one, two in zip(*results[:2], strict=True))
    assert not any(torch.equal(one, two) for one, two in zip(*results[1:], strict=True))
    network.eval()
    assert torch.equal(network.loss(*text()).each, network.loss(*text()).each)


def test_locked_dropout_lies_on_inputs_between_layers_and_on_outputs():
    ids = torch.full((4, 9), 5)
    network = make(LanguageModelOptions(locked=True), embedding_dropout=0.5)
    vectors = network.vectors(ids)
    assert (vectors == vectors[:, :1]).all()
    assert not torch.equal(vectors[0], vectors[1])
    seen = []
    network = make(LanguageModelOptions(locked=True, output_dropout=0.25), dropout=0.5)
    for module in (network.recurrent.dropout, network.dropout):
        module.register_forward_hook(lambda _, given, after: seen.append((given[0], after)))
    network.loss(ids, ids)
    (between, after), (outputs, dropped) = seen
    assert between.shape == (9, 4, 6)
    assert outputs.shape == (4, 9, 6)
    mask = after / between
    torch.testing.assert_close(mask, mask[:1].expand_as(mask))
    mask = dropped / outputs
    torch.testing.assert_close(mask, mask[:, :1].expand_as(mask))
    kept = mask[mask != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / 0.75))


def test_locked_masks_stay_with_their_rows_where_rows_are_unequal():
    """The layers sort rows by length; a mask is one row's all the same."""
    network = make(LanguageModelOptions(locked=True), dropout=0.5)
    ids = torch.full((3, 8), 4)
    seen = []
    network.recurrent.dropout.register_forward_hook(lambda _, given, after: seen.append(after / given[0]))
    network.loss(ids, ids, None, torch.tensor([2, 8, 5]))
    (mask,) = seen  # rows sorted: 8, 5 and 2 steps
    for row, length in enumerate((8, 5, 2)):
        assert torch.isfinite(mask[:length, row]).all()
        torch.testing.assert_close(mask[:length, row], mask[:1, row].expand(length, -1))


def test_without_locking_each_step_has_its_own_mask():
    network = make(LanguageModelOptions(), embedding_dropout=0.5)
    vectors = network.vectors(torch.full((4, 9), 5))
    assert not torch.equal(vectors[:, 0], vectors[:, 1])
    assert type(network.dropout) is Dropout


def test_costs_of_activations_and_of_their_changes():
    outputs = torch.randn(2, 5, 3, dtype=torch.float64)
    assert float(activation_cost(outputs.flatten(0, 1), 2.0)) == pytest.approx(2 * float((outputs**2).mean()))
    change = ((outputs[:, 1:] - outputs[:, :-1]) ** 2).mean()
    assert float(change_cost(outputs, 3.0)) == pytest.approx(3 * float(change))
    assert float(change_cost(outputs[:, :1], 3.0)) == 0
    there = torch.tensor([[True] * 5, [True, True, False, False, False]])
    parts = torch.cat([outputs[0, 1:] - outputs[0, :-1], outputs[1, 1:2] - outputs[1, :1]])
    assert float(change_cost(outputs, 3.0, there)) == pytest.approx(3 * float((parts**2).mean()))
    assert float(change_cost(outputs, 3.0, there & False)) == 0
    assert activation_cost(outputs.half(), 2.0).dtype == torch.float32
    assert change_cost(outputs.half(), 2.0).dtype == torch.float32


def test_costs_are_counted_while_training_only_and_with_the_mask_of_the_outputs():
    options = LanguageModelOptions(locked=True, output_dropout=0.5, activation=2.0, change=1.0)
    network, (ids, targets) = make(options), text()
    seen = []
    network.dropout.register_forward_hook(lambda _, given, after: seen.append((given[0], after)))
    found = network.loss(ids, targets)
    outputs, dropped = seen[0]
    change = outputs[:, 1:] - outputs[:, :-1]
    costs = 2 * dropped.square().mean() + change.square().mean()
    torch.testing.assert_close(found.total, found.each.sum() + 36 * costs)
    network.eval()
    found = network.loss(ids, targets)
    torch.testing.assert_close(found.total.detach(), found.each.sum())


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_only_algorithms_that_repeat_are_needed(cell, peephole):
    """Training on a processor asks torch for these, so that a resumed run has the same bits."""
    options = LanguageModelOptions(True, True, 0.3, 0.2, 0.4, 2.0, 1.0)
    network = make(options, cell=cell, peephole=peephole, dropout=0.3, word_dropout=0.1)
    torch.use_deterministic_algorithms(True)
    try:
        network.loss(*text(), None, torch.tensor([12, 3, 1])).total.backward()
    finally:
        torch.use_deterministic_algorithms(False)
    assert all(bool(parameter.grad.isfinite().all()) for parameter in network.parameters())
