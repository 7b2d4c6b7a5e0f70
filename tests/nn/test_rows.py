"""Tables that learn by rows against dense gradients and torch's optimisers."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from lstm_studio.config import TrainingConfig
from lstm_studio.nn import rows
from lstm_studio.training import optimizers

compiled = pytest.mark.skipif(rows.library is None, reason="no C compiler was there")
CPU = torch.device("cpu")


class Network(nn.Module):
    def __init__(self, words: int = 50, size: int = 7) -> None:
        super().__init__()
        self.table = nn.Embedding(words, size, padding_idx=0)
        self.output = nn.Linear(size, 3)

    @property
    def tables(self) -> list[nn.Embedding]:
        return [self.table]

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.output(torch.tanh(self.table(ids)).sum(1))


def pair(**options: object) -> tuple[Network, Network, list[torch.optim.Optimizer]]:
    """The same network twice, the second one by rows, each with its optimiser."""
    torch.manual_seed(0)
    dense = Network()
    sparse = copy.deepcopy(dense)
    config = TrainingConfig(learning_rate=0.01, **options)
    assert optimizers.learn_by_rows(sparse, config) == [sparse.table.weight]
    return dense, sparse, [optimizers.make(one.parameters(), config, CPU) for one in (dense, sparse)]


def batch(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 20, (4, 6), generator=generator)  # words from 20 on never occur


@compiled
def test_a_gradient_is_gathered() -> None:
    dense, sparse, _ = pair(optimizer="adam")
    for one in (dense, sparse):
        one(batch(1)).square().sum().backward()
    found = rows.gathered(sparse.table.weight.grad)
    numbers = found._indices()[0].tolist()
    assert len(set(numbers)) == len(numbers)
    assert 0 not in numbers, "padding has no gradient"
    torch.testing.assert_close(found.to_dense(), dense.table.weight.grad)
    again = rows.gathered(sparse.table.weight.grad)
    assert torch.equal(found._values(), again._values())
    mixed = rows.mixed(found, sparse.table.weight.grad, 0.25)
    torch.testing.assert_close(mixed.to_dense(), dense.table.weight.grad)


@compiled
@pytest.mark.parametrize("options", [{"optimizer": "adam"}, {"optimizer": "adam", "weight_decay": 0.1}])
@pytest.mark.parametrize("decoupled", [False, True])
def test_a_step_is_that_of_the_dense_gradient(options: dict[str, object], decoupled: bool) -> None:
    if decoupled:
        options = {**options, "optimizer": "adamw"}
    dense, sparse, steps = pair(**options)
    for seed in range(60):
        for one, optimizer in zip((dense, sparse), steps, strict=True):
            optimizer.zero_grad(set_to_none=True)
            one(batch(seed)).square().sum().backward()
            for group in optimizer.param_groups:
                group["lr"] = 0.01 / (1 + seed)
            optimizer.step()
    for one, other in zip(dense.state_dict().values(), sparse.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    kept = [optimizer.state_dict()["state"] for optimizer in steps]
    for number, state in kept[0].items():
        for name, value in state.items():
            torch.testing.assert_close(kept[1][number][name], value, rtol=1e-4, atol=1e-5)


@compiled
def test_what_is_remembered_serves_the_other_way() -> None:
    """A run goes on where the functions are missing, and the other way round."""
    dense, sparse, steps = pair(optimizer="adam")
    for one, optimizer in zip((dense, sparse), steps, strict=True):
        one(batch(1)).square().sum().backward()
        optimizer.step()
    steps[0].load_state_dict(copy.deepcopy(steps[1].state_dict()))
    dense.load_state_dict(sparse.state_dict())
    for one, optimizer in zip((dense, sparse), steps, strict=True):
        optimizer.zero_grad()
        one(batch(2)).square().sum().backward()
        optimizer.step()
    torch.testing.assert_close(dense.table.weight, sparse.table.weight, rtol=1e-5, atol=1e-6)


@compiled
def test_only_where_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert optimizers.learn_by_rows(Network(), TrainingConfig(optimizer="sgd")) == []
    assert optimizers.learn_by_rows(nn.Linear(2, 2), TrainingConfig()) == []
    assert not rows.serves(torch.zeros(3, 2, dtype=torch.float64))
    assert not rows.serves(torch.zeros(3, 2, device="meta"))
    monkeypatch.setattr(rows, "library", None)
    network = Network()
    assert optimizers.learn_by_rows(network, TrainingConfig()) == []
    assert network.table.sparse is False


@compiled
def test_a_table_that_stands_still_stays() -> None:
    _, sparse, (_, optimizer) = pair(optimizer="adam")
    sparse.table.weight.requires_grad_(False)
    before = sparse.table.weight.clone()
    sparse(batch(1)).square().sum().backward()
    optimizer.step()
    assert torch.equal(sparse.table.weight, before)
    assert sparse.table.weight not in optimizer.state
