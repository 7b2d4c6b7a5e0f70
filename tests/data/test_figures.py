"""Figures are called and written alike everywhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lstm_studio.data.figures import FIGURES, figure, shown
from lstm_studio.tasks import registry
from lstm_studio.tasks.base import MetricInfo


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("accuracy", 0.8125, "81.2 %"),
        ("test_f1", 1.0, "100.0 %"),
        ("rougeL", 0.3808, "38.1 %"),
        ("bleu", 31.24, "31.2"),
        ("test_chrf", 55.0, "55.0"),
        ("perplexity", 7.1412, "7.1"),
        ("perplexity", 1234567.0, "1.2e+06"),
        ("loss", 0.43119, "0.4312"),
        ("loss", 0.0000031, "3.1e-06"),
        ("loss", 0.0, "0.0000"),
        ("loss", float("nan"), "–"),
        ("perplexity", float("inf"), "–"),
        ("something_new", 0.5, "50.0 %"),
    ],
)
def test_how_figures_are_written(name: str, value: float, words: str) -> None:
    assert shown(name, value) == words


def test_titles() -> None:
    assert [figure(name).title for name in ("test_bleu", "chrf", "something_new")] == ["BLEU", "chrF", "Something new"]


@pytest.mark.parametrize("metric", [metric for task in registry.TASKS.values() for metric in task.metrics])
def test_tasks_agree(metric: MetricInfo) -> None:
    known = FIGURES[metric.name]
    assert metric.share == (known.kind == "share")
    assert metric.higher_is_better == known.higher_is_better
    assert metric.shown(0.5) == known.shown(0.5)


def test_figures_of_a_task_alone() -> None:
    assert MetricInfo("error", "Error", higher_is_better=False, share=False).shown(0.5) == "0.5000"
    assert MetricInfo("hits", "Hits").shown(0.5) == "50.0 %"


def test_torch_is_not_needed() -> None:
    code = "import sys, lstm_studio.data.figures; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
