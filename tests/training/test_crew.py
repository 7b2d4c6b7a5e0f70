"""Threads that share out a batch take the steps that one takes, of every task."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from lstm_studio.config import ModelConfig, RunConfig
from lstm_studio.data.stretches import Stretch
from lstm_studio.nn import chance
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.dropout import mask
from lstm_studio.nn.parameters import Sizes
from lstm_studio.tasks import registry
from lstm_studio.tasks.base import Loss
from lstm_studio.tasks.sharing import size_of
from lstm_studio.training import crew
from lstm_studio.training.events import RunStarted, StepEnded
from lstm_studio.training.loop import train
from lstm_studio.training.rehearsal import seconds_a_step
from tests.runs import running
from tests.training.steering import of, quiet, weights
from tests.training.test_resume import broken_at
from tests.training.together import KINDS, STILL, assert_equal_runs, config_of


@pytest.fixture
def eager(monkeypatch):
    """Batches of next to nothing are shared out too; the numbers of threads that were used."""
    monkeypatch.setattr(crew, "LEAST_WORK", 0)
    monkeypatch.setattr(crew, "TABLES", 0)
    monkeypatch.setattr(crew, "LEAST_ROWS", 2)
    used = []
    made = crew.Crew.__init__

    def watched(self, *given):
        made(self, *given)
        used.append(self.size)

    monkeypatch.setattr(crew.Crew, "__init__", watched)
    return used


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_threads_take_the_steps_of_one(kind, threads, tmp_path, eager):
    """With weights that wait for an epoch, class weights, costs of states, and stretches of unequal length."""
    config = config_of(kind, tmp_path)
    train(config, quiet, folder=tmp_path / "one")
    assert eager == []
    events = []
    before = torch.get_num_threads()
    train(config.replace(**{"training.threads": threads}), events.append, folder=tmp_path / "several")
    assert eager == [threads]
    assert of(events, RunStarted)[0].threads == threads
    assert torch.get_num_threads() == before
    assert_equal_runs(tmp_path / "one", tmp_path / "several")


def test_what_is_drawn_depends_on_seed_and_threads_alone(tmp_path, eager):
    drawn = {name: 0.3 for name in STILL if name != "training.threads"}
    config = config_of("classification", tmp_path).replace(**drawn)
    found = []
    for number, (threads, seed) in enumerate([(2, 0), (2, 0), (1, 0), (2, 1)]):
        torch.randn(number)
        config = config.replace(**{"training.threads": threads, "training.seed": seed})
        train(config, quiet, folder=tmp_path / str(number))
        found.append(weights(tmp_path / str(number)))
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert eager == [2, 2, 2]


def test_a_broken_run_resumes_exactly(tmp_path, eager):
    """Running text: the states that the threads carry on are kept together, and dealt out again."""
    more = {"model.dropout": 0.2, "model.weight_drop": 0.2, "training.vary_steps": True, "training.threads": 2}
    config = running.config(running.write(tmp_path / "rhymes.txt", 40), **more)
    straight, resumed = [], []
    train(config, straight.append, folder=tmp_path / "straight")
    broken_at(config, tmp_path / "broken", 6)
    train(config, resumed.append, folder=tmp_path / "broken", resume=True)
    assert of(resumed, StepEnded)[0].step == 6
    assert weights(tmp_path / "broken") == weights(tmp_path / "straight")
    assert eager == [2, 2, 2]


def test_small_batches_are_not_shared_out():
    config = ModelConfig(hidden_size=128, embedding_size=100, layers=1, bidirectional=False)
    assert crew.threads_for(TextClassifier(50_000, 2, config), 32, 32 * 60, 2) == 1, "each would fill a large gradient"
    model = TextClassifier(2000, 2, config)
    assert crew.threads_for(model, 32, 32 * 60, 2) == 2
    assert crew.threads_for(model, 32, 32 * 20, 2) == 1
    assert crew.threads_for(model, 6, 6 * 400, 4) == 1
    assert crew.threads_for(model, 12, 12 * 400, 4) == 3


def test_sizes_of_batches():
    class Part:
        lengths = np.arange(10)

    assert size_of(np.array([2, 5, 9]), Part) == (3, 16)
    stretch = Stretch(np.arange(5) * 10, np.full(5, 7), first=True)
    assert size_of((stretch, 0.5), Part) == (5, 35)
    assert size_of(np.array([1]), object()) == size_of("a batch", Part) == size_of((1, 2), Part) == (0, 0)


def test_a_failure_in_any_thread_is_raised_when_all_have_ended():
    class Task:
        working = threading.Lock()

        def loss(self, model, batch, extra, done):
            if batch == "bad":
                raise ValueError("bad")
            with self.working:
                torch.randn(300, 300) @ torch.randn(300, 300)
            return Loss(model(torch.ones(1, 3)).sum(), 1, 1)

    model = torch.nn.Linear(3, 2)
    together = crew.Crew(Task(), model, [None] * 3, 0)
    for place in range(3):
        batches = ["good"] * 3
        batches[place] = "bad"
        with pytest.raises(ValueError, match="bad"):
            together.gradients([lambda batch=batch: batch for batch in batches], 0)
        assert not Task.working.locked()
    loss = together.gradients([lambda: "good"] * 2, 0)
    assert (loss.examples, loss.tokens) == (2, 2)
    torch.testing.assert_close(model.weight.grad, torch.ones(2, 3))


def test_weights_are_followed_wherever_they_go():
    """Another memory for a weight, and one that does not learn."""
    task = registry.get("classification")
    still = {name.removeprefix("model."): value for name, value in STILL.items() if name.startswith("model.")}
    model = TextClassifier(9, 2, ModelConfig(hidden_size=4, embedding_size=3, **still))
    _, batch, _ = task.rehearse(RunConfig().replace(**{"training.batch_size": 3}), Sizes(9, 2, 5))
    together = crew.Crew(task, model, [(None, 0.0)] * 2, 0)
    for parameter in model.parameters():
        parameter.data = parameter.data.clone() * 1.5
    model.encoder.embedding.weight.requires_grad_(False)
    together.gradients([lambda: batch, lambda: batch], 0)
    found = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert found.pop("encoder.embedding.weight") is None
    model.zero_grad()
    task.loss(model, batch, (None, 0.0)).value.backward()
    for name, grad in found.items():
        torch.testing.assert_close(grad, dict(model.named_parameters())[name].grad, msg=name)


def test_a_thread_draws_from_its_own_generator():
    like, own = torch.zeros(1), torch.Generator()
    torch.manual_seed(3)
    first = mask(like, [40], 0.5)
    own.manual_seed(3)
    state = torch.get_rng_state()
    with chance.drawn_from(own):
        assert torch.equal(mask(like, [40], 0.5), first)
        others = []
        thread = threading.Thread(target=lambda: others.append(chance.generator()))
        thread.start()
        thread.join()
    assert others == [None]
    assert chance.generator() is None
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_rehearsed_as_it_would_be_taken(kind, tmp_path, eager):
    config = config_of(kind, tmp_path).replace(**{"training.threads": 2})
    state, before = torch.get_rng_state(), torch.get_num_threads()
    assert 0 < seconds_a_step(config, Sizes(30, 3, 6, 20, 2)) < 5
    assert eager == [2]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == before
