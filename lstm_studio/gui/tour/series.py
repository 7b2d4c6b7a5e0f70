"""More than one run, what is measured before one, and runs that leave the program and come back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.gui.tour import job
from lstm_studio.gui.tour.hands import Hands

if TYPE_CHECKING:
    from lstm_studio.gui.session_sweep import SweepRoom
    from lstm_studio.gui.widgets.sweep_panel import SweepPanel

ROWS = 800
TRIALS, SEEDS = 6, 3
RATE, SIZE = "training.learning_rate", "model.hidden_size"


def rate(hands: Hands) -> None:
    """A learning rate is measured, and taken over."""
    _requests(hands)
    found = _measured(hands, RATE, "find-rate")
    assert hands.session.config.training.learning_rate == found, "the suggestion was not taken over"


def batch(hands: Hands) -> None:
    """So is a batch size."""
    found = _measured(hands, "training.batch_size", "find-batch")
    assert hands.session.config.training.batch_size == found, "the suggestion was not taken over"


def sweep(hands: Hands) -> None:
    """Two settings are varied; what the trials tell is shown in both charts."""
    from lstm_studio.gui.widgets.sweep_panel import SweepPanel
    from lstm_studio.runs.sweep import available

    _requests(hands)
    hands.session.change(**{SIZE: 16, "training.epochs": 4, RATE: 0.006})
    hands.show("model")
    hands.click("Sweep", "model")
    hands.breathe(0.5)
    panel: SweepPanel = hands.page("runs").findChild(SweepPanel)
    _vary(panel, RATE, 0.0005, 0.05)
    _vary(panel, SIZE, 4, 32)
    panel.setup.runs.setValue(TRIALS)
    panel.setup.pruner.setChecked(False)  # so few trials must all end to tell what matters
    hands.breathe(0.3)
    hands.picture("sweep-before", both=False)
    if not available():
        return  # the panel says what is missing
    hands.click("Start the sweep", "runs")
    room = hands.session.sweeps
    hands.wait(lambda: room.working, "the sweep to begin")
    for number in range(TRIALS):  # patience is for one of them
        hands.wait(lambda n=number: not room.working or _over(room) > n, f"trial {number + 1}")  # type: ignore[misc]
    hands.wait(lambda: not room.working, "the end of the sweep")
    ended = [row for row in room.rows if row.state == "done"]
    assert len(ended) == TRIALS, [row.state for row in room.rows]
    hands.settle(0.5)
    best = max(ended, key=lambda row: row.value or 0.0)
    panel.results.table.select_number(best.number)
    hands.picture("sweep")
    hands.click("One setting at a time", "runs")
    hands.settle(0.5)
    hands.picture("sweep-slices", both=False)
    hands.click("All settings together", "runs")
    hands.click("All runs", "runs")


def seeds(hands: Hands) -> None:
    """The same settings from several seeds."""
    from lstm_studio.gui.widgets.seeds_panel import SeedsPanel

    hands.show("runs")
    hands.click("Several seeds", "runs")
    panel: SeedsPanel = hands.page("runs").findChild(SeedsPanel)
    panel.count.setValue(SEEDS)
    hands.click(f"Train with {SEEDS} seeds", "runs")
    room = hands.session.seeds
    hands.wait(lambda: room.lab is not None and not room.working, "the seeds")
    assert room.lab is not None
    assert all(trial.state == "done" for trial in room.lab.trials), room.lab.trials
    hands.settle(0.5)
    hands.picture("seeds")
    hands.click("All runs", "runs")


def moved(hands: Hands) -> None:
    """A run goes out as a network for other programs and as one file, and comes back from that file."""
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QTableView

    hands.show("runs")
    table = hands.page("runs").findChild(QTableView)
    table.selectRow(0)
    hands.breathe(0.3)
    button = hands.page("runs").moves
    button.menu_.popup(button.mapToGlobal(QPoint()))
    # A screen that is smaller than the window has pushed it aside.
    button.menu_.move(button.mapToGlobal(QPoint(0, -button.menu_.height())))
    hands.breathe(0.3)
    hands.picture("export")
    button.menu_.close()
    session = hands.session
    run = session.selected_run
    assert run is not None
    network, whole = hands.out / "requests.onnx", hands.out / "requests.zip"
    session.moves.export_network(run, network)
    _written(hands, network)
    session.moves.pack(run, whole)
    _written(hands, whole)
    before = {one.path for one in session.store.list()}
    session.moves.unpack(whole)
    hands.wait(lambda: session.moves.moving is None, "the packed run to be opened")
    come = [one for one in session.store.list() if one.path not in before]
    assert len(come) == 1, come
    assert come[0].has_weights, "the packed run came without its weights"
    hands.settle(0.5)
    hands.picture("imported")


# -- what the steps have in common -----------------------------------------------------------------------------


def _requests(hands: Hands) -> None:
    """A few requests, and a small network for them."""
    session = hands.session
    job.opened(hands, "requests", ROWS)
    session.apply_preset("recommended")
    session.change(**{SIZE: 48, "model.embedding_size": 48})


def _measured(hands: Hands, field: str, name: str) -> float | int:
    """Measure a value for a setting, take a picture, and take the value over."""
    from lstm_studio.gui.widgets.find_dialog import FindDialog

    hands.show("model")
    hands.page("model").finders[field].click()
    dialog: Any = next(one for one in hands.studio.window.findChildren(FindDialog) if one.isVisible())
    hands.wait(lambda: dialog._job is None, "the measurement")
    hands.breathe(0.3)
    hands.picture(name)
    found: float | int | None = dialog.suggestion
    assert found is not None, dialog.words.text()
    dialog.use.click()
    hands.breathe(0.2)
    return found


def _vary(panel: SweepPanel, field: str, low: float, high: float) -> None:
    """Press the plus beside a setting, and write both ends."""
    row = panel.setup.fields.rows[field]
    row.button.click()
    for edit, value in ((row.low, low), (row.high, high)):
        assert edit is not None
        edit.lineEdit().setText(str(value))
        edit._flush()
    assert not row.error_words, row.error_words


def _over(room: SweepRoom) -> int:
    """How many trials of the sweep have ended."""
    return sum(row.state == "done" for row in room.rows)


def _written(hands: Hands, path: Path) -> None:
    hands.wait(lambda: hands.session.moves.moving is None, f"{path.name} to be written")
    assert path.is_file(), f"{path.name} was not written"
