"""Gates as numbers and as a picture."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_studio import Predictor
from lstm_studio.errors import StudioError
from lstm_studio.runs.export import save_gates


@pytest.fixture(scope="module")
def predictor(trained: Path) -> Predictor:
    return Predictor(trained)


def test_npz_is_as_the_contract_says(predictor: Predictor, tmp_path: Path) -> None:
    trace = predictor.trace("the 电影 was not good .")
    save_gates(trace, tmp_path / "g.npz")
    with np.load(tmp_path / "g.npz", allow_pickle=False) as found:
        assert found["tokens"].tolist() == ["the", "电影", "was", "not", "good", "."]
        wanted = {f"layer0.{side}.{gate}" for side in ("forward", "backward") for gate in "ifgoch"}
        assert {name for name in found.files if name.startswith("layer")} == wanted
        assert all(found[name].shape == (6, 12) and found[name].dtype == np.float32 for name in wanted)
        assert found["probabilities"].sum() == pytest.approx(1, abs=1e-5)
        assert found["prefix_probabilities"].shape == (6, 2)


def test_png_needs_no_screen_and_shows_every_panel(predictor: Predictor, trained: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from lstm_studio.cli.main import main\n"
        "assert main(['gates', sys.argv[1], '--text', 'the film was not good', '--output', sys.argv[2]]) == 0\n"
        "assert 'PySide6.QtWidgets' in sys.modules or 'PySide6.QtGui' in sys.modules"
    )
    target = tmp_path / "g.png"
    done = subprocess.run([sys.executable, "-c", code, str(trained), str(target)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert target.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_picture_shows_the_values(qapp: object, predictor: Predictor) -> None:
    from PySide6.QtGui import QColor

    from lstm_studio.gui import gate_picture
    from lstm_studio.gui.theme import Theme

    trace = predictor.trace("the film was good .")
    layer = trace.layers[0]
    full = {name: np.ones_like(values) for name, values in layer.values.items()}
    look = Theme("light")
    image = gate_picture.draw(replace(trace, layers=(replace(layer, values=full),)), theme=look)
    top = int((gate_picture.MARGIN + 72 + 40 + gate_picture.TITLE + 60) * gate_picture.SCALE)
    left = int((gate_picture.MARGIN + 60) * gate_picture.SCALE)
    assert QColor(image.pixel(left, top)) == QColor(*look.sequential()[255][:3].tolist())
    both = gate_picture.draw(trace, theme=look)
    assert both.height() > image.height()


@pytest.mark.parametrize("text", ["good", "the film was good " * 12, "电影不好看，我不喜欢"])
def test_pictures_of_short_long_and_chinese_texts(
    qapp: object, predictor: Predictor, tmp_path: Path, text: str
) -> None:
    save_gates(predictor.trace(text), tmp_path / "g.png", layer="layer0.backward")
    assert (tmp_path / "g.png").stat().st_size > 5_000


def test_what_cannot_be_written_is_a_sentence(predictor: Predictor, tmp_path: Path) -> None:
    trace = predictor.trace("good")
    with pytest.raises(StudioError, match=r"\.npz .* or \.png"):
        save_gates(trace, tmp_path / "g.jpg")
    (tmp_path / "file").write_text("x")
    with pytest.raises(StudioError, match="cannot be written"):
        save_gates(trace, tmp_path / "file" / "g.npz")
    with pytest.raises(StudioError, match="The network has no layer9"):
        save_gates(trace, tmp_path / "g.png", layer="layer9.forward")
