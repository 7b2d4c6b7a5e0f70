"""The lab's plan, what it makes of its runs, and its file."""

from __future__ import annotations

import pytest

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.runs import ablation
from lstm_studio.runs.ablation import VARIANTS, Lab, outcomes, plan
from lstm_studio.runs.start import start
from lstm_studio.runs.store import RunStore
from tests.runs import tiny


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def config(**changes) -> RunConfig:
    return RunConfig().replace(**{"data.path": "/somewhere/reviews.csv", "training.seed": 7, **changes})


def test_a_plan_names_each_run_and_changes_one_thing(store):
    lab = plan(config(), ["no_forget_gate", "rnn"], 2, 3, store)
    assert [(trial.variant, trial.seed) for trial in lab.trials] == [
        ("whole", 7), ("no_forget_gate", 7), ("rnn", 7), ("whole", 8), ("no_forget_gate", 8), ("rnn", 8),
    ]  # fmt: skip
    assert lab.name_of(lab.trials[4]) == "reviews lab 1: no forget gate, seed 8"
    own = lab.config_of(lab.trials[4])
    assert own.model.variant == "no_forget_gate"
    assert own.training.seed == 8
    assert own.training.epochs == 3
    assert own.replace(**{"model.variant": "none", "training.seed": 7}) == lab.config


def test_every_variant_is_another_network(store):
    lab = plan(config(), [variant.key for variant in VARIANTS], 1, 1, store)
    assert len({str(lab.config_of(trial).model) for trial in lab.trials}) == len(VARIANTS)
    bare = plan(config(**{"model.peephole": "none"}), [variant.key for variant in VARIANTS], 1, 1, store)
    assert "no_peepholes" not in [trial.variant for trial in bare.trials]
    other = plan(config(**{"model.cell": "gru"}), ["rnn"], 1, 1, store)
    assert other.config.model.cell == "lstm"


def test_bad_orders_are_refused_in_a_sentence(store):
    with pytest.raises(StudioError, match="Nothing is left out"):
        plan(config(), ["whole"], 3, 1, store)
    with pytest.raises(StudioError, match="no variant called"):
        plan(config(), ["no_luck"], 3, 1, store)
    with pytest.raises(StudioError, match="seeds"):
        plan(config(), ["rnn"], 0, 1, store)
    with pytest.raises(StudioError, match="epochs"):
        plan(config(), ["rnn"], 1, 0, store)


def filled(store, whole, other) -> Lab:
    lab = plan(config(), ["rnn"], len(whole), 1, store)
    for place, trial in enumerate(lab.trials):
        value = (whole if trial.variant == "whole" else other)[trial.seed - 7]
        if value is not None:
            lab = lab.with_trial(place, state="done", value=value, seconds=2.0, parameters=10)
    return lab


def test_outcomes_have_mean_spread_and_difference(store):
    whole, rnn = outcomes(filled(store, [0.8, 0.9, 0.85], [0.5, 0.6, None]))
    assert whole.mean == pytest.approx(0.85)
    assert whole.spread == pytest.approx(0.05)
    assert whole.difference is None
    assert rnn.mean == pytest.approx(0.55)
    assert rnn.spread == pytest.approx(0.0707, abs=1e-3)
    assert rnn.difference == pytest.approx(-0.3)
    assert (rnn.waiting, rnn.apart) == (1, -1)
    assert outcomes(filled(store, [0.8, 0.9], [0.5, 0.85]))[1].apart == 0
    assert outcomes(filled(store, [3.0, 4.0], [1.0, 2.0]), higher_is_better=False)[1].apart == 1
    assert outcomes(filled(store, [0.8], [0.5]))[1].apart == 0, "one seed proves nothing"


def test_a_lab_is_kept_and_follows_its_runs(store, tmp_path):
    lab = plan(tiny.config(tiny.write_csv(tmp_path / "reviews.csv", 60)), ["coupled"], 1, 1, store)
    ablation.save(lab, store)
    assert ablation.labs(store) == [lab]
    assert plan(lab.config, ["rnn"], 1, 1, store).title == "reviews lab 2"
    run = start(lab.config_of(lab.trials[1]), lambda event: None, store=store, name=lab.name_of(lab.trials[1])).run
    lab = lab.with_trial(1, run=run.name).told(1, store)
    assert lab.trials[1].state == "done"
    assert lab.metric == "accuracy"
    assert 0 <= lab.trials[1].value <= 1
    assert lab.next() == 0
    ablation.save(lab, store)
    assert ablation.labs(store) == [lab]
    assert [run.name for run in store.list()] == ["reviews lab 1: coupled gates, seed 0"]
    store.delete(run)
    assert lab.told(1, store).trials[1].state == "waiting"
    (store.folder / ablation.FOLDER / "broken.json").write_text("{")
    assert len(ablation.labs(store)) == 1
    ablation.remove(lab, store)
    assert ablation.labs(store) == []
