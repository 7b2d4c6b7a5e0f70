"""Indexes of what units do, of every kind of run: the same states as in one text, kept, found again, never stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from lstm_studio import Predictor
from lstm_studio.config import RunConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.inspection.index import UnitIndex, Wanted
from lstm_studio.inspection.units import react
from lstm_studio.runs.start import start
from lstm_studio.runs.unit_index import unit_key
from tests.runs import paired, running, tagged, tiny

_made: dict[str, Path] = {}


def untrained(kind: str, folder: Path) -> RunConfig:
    short = {"training.epochs": 1, "model.hidden_size": 6}
    match kind:
        case "texts":
            return tiny.config(tiny.write_csv(folder / "texts.csv", 60), **short, **{"model.layers": 2})
        case "padded":
            padded = {"data.max_length": 9, "data.pad_to_max_length": True, "model.cell": "gru"}
            return tiny.config(tiny.write_csv(folder / "texts.csv", 60), **short, **padded)
        case "roles":
            data = tagged.write_roles(folder / "roles.jsonl", tagged.roles())
            return tagged.config(data, **short, **{"model.peephole": "full"})
        case "pairs":
            data = paired.write_tsv(folder / "pairs.tsv", paired.pairs(40))
            return paired.config(data, **short, **{"model.bidirectional": True})
        case _:
            return running.config(running.write(folder / "text.txt"), **short)


def opened(kind: str, factory: pytest.TempPathFactory) -> Predictor:
    """A run that has hardly learned; trained once."""
    if kind not in _made:
        folder = factory.mktemp(kind)
        start(untrained(kind, folder), lambda event: None, folder=folder / "run", cache=folder / "cache")
        _made[kind] = folder / "run"
    return Predictor(_made[kind])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def built(predictor: Predictor, wanted: Wanted, **asked: Any) -> UnitIndex:
    found = predictor.unit_index(wanted, build=True, **asked)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["texts", "padded", "roles", "pairs"])
def test_states_are_those_of_one_text(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    predictor = opened(kind, tmp_path_factory)
    layer = predictor.reading_layers()[-1]
    index = built(predictor, Wanted("validation", layer.layer, layer.direction))
    for example in range(0, index.examples, 5):
        first, last = index.offsets[example : example + 2].tolist()
        trace = predictor.trace(**index.question(first))
        assert index.words_at(first, last) == trace.tokens
        own = next(one for one in trace.layers if one.name == layer.name and not one.part)
        for state, values in index.states.items():
            np.testing.assert_allclose(values[:, first:last].T, own.values[state], atol=2e-3)
    assert set(index.states) == ({"h"} if kind == "padded" else {"h", "c"})
    meaning = {"roles": "tag", "pairs": "place"}.get(kind, "label")
    assert index.meaning == meaning
    found = react(index, "h", 2)
    assert found.highest[0].value == pytest.approx(float(index.states["h"][2].max()))
    assert index.whole


def test_labels_are_those_of_the_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    index = built(opened("texts", tmp_path_factory), Wanted())
    for example in range(index.examples):
        place = int(index.offsets[example])
        words = index.words_at(place, int(index.offsets[example + 1]))
        good = any(word in tiny.GOOD for word in words) != ("not" in words)
        assert index.names[index.labels[place]] == ("positive" if good else "negative")


def test_the_top_context_of_a_unit_is_what_the_equations_say_of_the_saved_weights(trained: Path) -> None:
    index = built(Predictor(trained), Wanted())
    best = react(index, "c", 4).highest[0]
    example = int(index.example_of[best.start])
    first = int(index.offsets[example])
    weights = load_file(trained / "model.safetensors")
    names = json.loads((trained / "vocabulary.json").read_text(encoding="utf-8"))["tokens"]
    prefix = "recurrent.layers.0.0."
    w_x, w_h, bias, peep = (weights[prefix + name] for name in ("weight_x", "weight_h", "bias", "peephole"))

    def sigmoid(values: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-values))

    h = c = np.zeros(len(bias) // 4)
    for word in index.words_at(first, best.stop):
        x = weights["encoder.embedding.weight"][names.index(word) if word in names else 1]
        a_i, a_f, a_g, a_o = np.split(w_x @ x + w_h @ h + bias, 4)
        i, f, o = (sigmoid(a + peep[row] * c) for row, a in enumerate((a_i, a_f, a_o)))
        c = f * c + i * np.tanh(a_g)
        h = o * np.tanh(c)
    assert best.value == pytest.approx(float(c[4]), abs=2e-3)
    assert float(index.column("h", 4)[best.start]) == pytest.approx(float(h[4]), abs=2e-3)
    assert best.value == pytest.approx(float(index.column("c", 4).max()))


def test_running_text_is_read_on_and_each_token_followed_by_the_next(tmp_path_factory: pytest.TempPathFactory) -> None:
    predictor = opened("running", tmp_path_factory)
    index = built(predictor, Wanted())
    assert index.running
    assert [index.names[label] for label in index.labels[:-1]] == list(index.words_at(1, len(index)))
    ids = [predictor.answers.units.pieces.index(word) for word in index.words_at(0, len(index))]  # type: ignore[attr-defined]
    with torch.no_grad():
        traces = predictor._model.read(torch.tensor([ids]), trace=True).traces  # type: ignore[operator]
    np.testing.assert_allclose(index.states["c"].T, traces[0].values["c"][0].numpy(), atol=2e-3)


def test_an_index_is_kept_and_another_network_has_none(copied_run: Path, home: Path) -> None:
    predictor = Predictor(copied_run)
    assert predictor.unit_index(Wanted()) is None
    said: list[float] = []
    first = built(predictor, Wanted(), progress=lambda share, words: said.append(share))
    assert said == sorted(said)
    assert said[-1] == 1
    again = Predictor(copied_run).unit_index(Wanted())
    assert again is not None
    assert again.key == first.key
    np.testing.assert_array_equal(again.states["h"], first.states["h"])
    assert predictor.unit_index(Wanted("train")) is None
    assert predictor.unit_index(Wanted(direction="backward")) is None
    key = unit_key(predictor._model, predictor.config, Wanted())
    with torch.no_grad():
        next(predictor._model.parameters()).add_(0.01)
    assert unit_key(predictor._model, predictor.config, Wanted()) != key
    assert predictor.unit_index(Wanted()) is None
    damaged = home / "cache" / "units" / key / "h.npy"
    damaged.write_bytes(damaged.read_bytes()[:-4])
    assert Predictor(copied_run).unit_index(Wanted()) is None


def test_cancelling_leaves_nothing_and_trouble_is_said(copied_run: Path, reviews: Path, home: Path) -> None:
    predictor = Predictor(copied_run)

    def stop(share: float, words: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        built(predictor, Wanted(), progress=stop)
    assert not list((home / "cache" / "units").iterdir())
    with pytest.raises(StudioError, match="no layer 4"):
        built(predictor, Wanted(layer=3))
    with pytest.raises(StudioError, match="no test data"):
        built(predictor, Wanted("test"))
    other = copied_run.parent / "other.csv"
    shutil.copy(reviews, other)
    with other.open("a", encoding="utf-8") as file:
        file.write("wholly other words,positive\n" * 20)
    data = predictor.config.data.model_copy(update={"path": str(other)})
    predictor.config = predictor.config.model_copy(update={"data": data})
    with pytest.raises(StudioError, match="not those"):
        built(predictor, Wanted())
