"""Ablation of all units at once: what each costs alone, on real runs of all tasks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.inspection import ablation
from lstm_studio.inspection.ablation import ablate_units
from lstm_studio.inspection.interventions import Clamp, clamped
from lstm_studio.nn.types import Direction
from lstm_studio.runs.examples import open_part
from lstm_studio.runs.predictor import Predictor
from lstm_studio.tasks import registry
from tests.inspection.test_interventions import translator, writer  # noqa: F401
from tests.runs import tagged


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tagged.run("names", tmp_path_factory)


def opened(run: Path) -> tuple[Predictor, object, object]:
    predictor = Predictor(run)
    data, _ = open_part(predictor.config, predictor._meta, "validation")
    return predictor, registry.get(predictor.config.task), data


def texts(predictor: Predictor) -> list[str]:
    """All that it was checked with."""
    prepared = registry.get(predictor.config.task).prepare(predictor.config)
    return [prepared.text("validation", place) for place in range(len(prepared.validation))]


@pytest.mark.parametrize(
    ("name", "direction", "part"),
    [("trained", "forward", ""), ("tagger", "backward", ""), ("translator", "forward", "decoder"),
     ("translator", "backward", ""), ("writer", "forward", "")],
)  # fmt: skip
def test_each_unit_costs_what_it_costs_alone(
    name: str, direction: Direction, part: str, request: pytest.FixtureRequest
) -> None:
    """The loss that the task itself finds, of one unit held by a clamp, against that of its copy among all."""
    predictor, task, data = opened(request.getfixturevalue(name))
    model, device = predictor._model, torch.device("cpu")
    found = ablate_units(task, model, predictor._meta, data, device, 0, direction, part, examples=10**6)
    assert found.losses.shape == found.values.shape == (predictor.config.model.hidden_size,)
    assert found.order[0] == found.lost.argmax()

    def by_the_task(figure: str = "loss") -> float:
        quick = name == "translator"  # few texts are written; the loss is that of all
        *_, whole = task.evaluate(model, predictor.config, data, predictor._meta, device, quick=quick)
        return whole.metrics[figure]

    assert found.loss == pytest.approx(by_the_task(), rel=1e-4)
    assert found.figure == ("f1" if name == "tagger" else "accuracy")
    unit = int(found.ranked("figure")[0])
    assert found.fallen[unit] == found.fallen.max()
    if name == "tagger":
        assert found.value == pytest.approx(by_the_task("f1"))
        for other in (0, unit):
            with clamped(model, [Clamp(0, direction, "h", 0.0, (other,), None, part)]):
                assert found.values[other] == pytest.approx(by_the_task("f1"))
    unit = int(found.order[0])
    with clamped(model, [Clamp(0, direction, "h", 0.0, (unit,), None, part)]):
        assert found.losses[unit] == pytest.approx(by_the_task(), rel=1e-4)
    assert model.recurrent.holds is None


def test_the_figures_of_texts_and_what_was_read(trained: Path) -> None:
    predictor = Predictor(trained)
    said: list[float] = []
    found = predictor.ablate(still="mean", progress=lambda share, words: said.append(share))
    assert found.what == "texts"
    assert (found.figure, found.value) == ("accuracy", found.right)
    assert found.examples == found.counted == 32
    assert 0 <= found.rights.min() <= found.right <= 1
    assert said == sorted(said)
    level = np.concatenate([predictor.trace(text).layer("layer0.forward").values["h"] for text in texts(predictor)])
    unit = int(found.order[0])
    task, data = registry.get("classification"), open_part(predictor.config, predictor._meta, "validation")[0]
    with clamped(predictor._model, [Clamp(0, "forward", "h", float(level[:, unit].mean()), (unit,))]):
        *_, whole = task.evaluate(predictor._model, predictor.config, data, predictor._meta, torch.device("cpu"))
    assert found.losses[unit] == pytest.approx(whole.metrics["loss"], rel=1e-4)
    assert predictor.ablate(examples=1).examples == 32


def test_a_batch_is_read_in_as_many_parts_as_memory_allows(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Predictor(trained).ablate()
    monkeypatch.setattr(ablation, "_NUMBERS", 1)
    np.testing.assert_allclose(Predictor(trained).ablate().losses, whole.losses, rtol=1e-6)


def test_it_can_be_called_off_and_asks_for_what_there_is(trained: Path) -> None:
    predictor = Predictor(trained)

    def stop(share: float, words: str) -> None:
        if share > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        predictor.ablate(progress=stop)
    assert predictor._model.recurrent.holds is None
    with pytest.raises(StudioError, match="no such layer"):
        predictor.ablate(7)
