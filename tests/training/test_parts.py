"""Schedules, optimisers, checkpoints, the record and the random numbers, each alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lstm_studio.config import TrainingConfig, parse
from lstm_studio.errors import StudioError
from lstm_studio.training import checkpoint, optimizers, randomness
from lstm_studio.training.checkpoint import Position
from lstm_studio.training.device import cores, resolve_threads
from lstm_studio.training.events import RunFailed, StepEnded
from lstm_studio.training.record import Record, from_json, read
from lstm_studio.training.schedules import Schedule
from lstm_studio.training.stepper import half_precision


def rates(total=1000, **options):
    schedule = Schedule(TrainingConfig(learning_rate=0.1, **options), total)
    return [schedule.rate(step) for step in range(total)]


def test_constant_and_warm_up():
    assert set(rates(schedule="constant")) == {0.1}
    warm = rates(schedule="constant", warmup_fraction=0.1)
    assert warm[0] == pytest.approx(0.001)
    assert warm[49] == pytest.approx(0.05)
    assert warm[99:] == pytest.approx([0.1] * 901)


def test_cosine_goes_down_to_zero():
    found = rates(schedule="cosine")
    assert found[0] == 0.1
    assert found[500] == pytest.approx(0.05)
    assert found[250] == pytest.approx(0.05 * (1 + math.cos(math.pi / 4)))
    assert 0 < found[-1] < 1e-5
    assert found == sorted(found, reverse=True)
    warm = rates(schedule="cosine", warmup_fraction=0.2)
    assert max(warm) == warm[200] == pytest.approx(0.1)


def test_one_cycle_goes_up_and_down():
    found = rates(schedule="one_cycle")
    assert found[0] == pytest.approx(0.1 / 25)
    assert max(found) == found[300] == pytest.approx(0.1)
    assert found[:301] == sorted(found[:301])
    assert found[300:] == sorted(found[300:], reverse=True)
    assert found[-1] < 1e-4


def test_plateau_lowers_after_its_patience():
    schedule = Schedule(
        TrainingConfig(learning_rate=0.1, schedule="plateau", plateau_factor=0.5, plateau_patience=1), 10
    )
    seen = []
    for improved in (True, False, False, False, True, False, False):
        schedule.epoch_ended(improved)
        seen.append(schedule.rate(5))
    assert seen == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025])
    other = Schedule(schedule.config, 10)
    other.restore(schedule.state())
    assert other.rate(0) == schedule.rate(0)


@pytest.mark.parametrize(
    ("name", "kind", "decay"),
    [("adam", torch.optim.Adam, 0.01), ("adamw", torch.optim.AdamW, 0.01), ("rmsprop", torch.optim.RMSprop, 0.01)],
)
def test_optimisers_get_their_options(name, kind, decay):
    config = TrainingConfig(optimizer=name, learning_rate=0.02, weight_decay=decay)
    made = optimizers.make([nn.Parameter(torch.ones(2))], config, torch.device("cpu"))
    assert isinstance(made, kind)
    assert (made.param_groups[0]["lr"], made.param_groups[0]["weight_decay"]) == (0.02, decay)


def test_sgd_has_momentum():
    config = TrainingConfig(optimizer="sgd", learning_rate=0.5, momentum=0.9)
    weight = nn.Parameter(torch.zeros(1))
    made = optimizers.make([weight], config, torch.device("cpu"))
    for _ in range(2):
        weight.grad = torch.ones(1)
        made.step()
    assert weight.item() == pytest.approx(-(0.5 + 0.5 * 1.9))


def made(seed=0, optimizer="adam"):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 2))
    taken = optimizers.make(model.parameters(), TrainingConfig(optimizer=optimizer), torch.device("cpu"))
    model(torch.tensor([1, 2])).sum().backward()
    taken.step()
    return model, taken


def test_a_checkpoint_keeps_every_bit(tmp_path):
    model, optimizer = made()
    position = Position(
        step=7,
        loss_sum=0.1 + 0.2,
        best=1 / 3,
        best_metrics={"loss": math.pi},
        schedule={"factor": 0.5, "waited": 1},
        data_key="k",
    )
    carried = {"h": torch.rand(2, 3, 4)}
    checkpoint.save(tmp_path, model, optimizer, position, carried)
    other, taken = made(seed=1)
    found, again = checkpoint.load(tmp_path, other, taken, "k")
    assert found == position
    assert torch.equal(again["h"], carried["h"])
    for one, two in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    states = optimizer.state_dict()["state"], taken.state_dict()["state"]
    assert states[0].keys() == states[1].keys()
    for index, state in states[0].items():
        assert all(torch.equal(value, states[1][index][key]) for key, value in state.items())
    with pytest.raises(StudioError, match="has changed"):
        checkpoint.load(tmp_path, other, taken, "other")


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    model, optimizer = made()
    checkpoint.save(tmp_path, model, optimizer, Position())
    other = nn.Sequential(nn.Embedding(6, 3), nn.Linear(3, 2))
    with pytest.raises(StudioError, match="does not fit"):
        checkpoint.load(tmp_path, other, torch.optim.Adam(other.parameters()))


def test_the_record_is_cut_where_the_run_goes_on(tmp_path):
    path = tmp_path / "metrics.jsonl"
    record = Record(path)
    record.write(StepEnded(1, 1, 0.5, 0.1, 1.0, 4, 20, 0.01))
    kept = record.sync()
    record.write(StepEnded(2, 1, 0.4, 0.1, math.inf, 4, 20, 0.01))
    record.close()
    events = list(read(path, parse({})))
    assert [event.step for event in events] == [1, 2]
    assert math.isnan(events[1].gradient_norm), "what JSON cannot say is no number"
    record = Record(path, keep=kept)
    record.write(RunFailed("No", "input"))
    record.close()
    events = list(read(path, parse({})))
    assert [type(event) for event in events] == [StepEnded, RunFailed]
    assert from_json({"event": "something newer"}, parse({})) is None
    assert from_json({"event": "step_ended"}, parse({})) is None


def test_the_random_numbers_of_a_step_are_its_own():
    cpu = torch.device("cpu")

    def drawn(seed, step):
        randomness.begin(cpu, seed, step)
        return tuple(torch.rand(4).tolist())

    first = drawn(0, 5)
    torch.rand(100)
    assert drawn(0, 5) == first
    seen = {drawn(seed, step) for seed in range(20) for step in range(-1, 100)}
    assert len(seen) == 20 * 101
    seeds = {randomness.step_seed(seed, step) for seed in (0, 1, 2**31 - 1) for step in range(-1, 5000)}
    assert len(seeds) == 3 * 5001
    assert max(seeds) < 2**63


def test_threads_and_precision():
    assert resolve_threads(TrainingConfig(threads=3)) == 3
    assert 1 <= resolve_threads(TrainingConfig()) <= max(1, cores() - 1)
    assert half_precision(TrainingConfig(mixed_precision=True), torch.device("cpu")) is None
