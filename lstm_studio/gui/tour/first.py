"""The main job on reviews: from a file to a network that is looked into, used and compared."""

from __future__ import annotations

from lstm_studio.gui.tour import inside
from lstm_studio.gui.tour.hands import Hands

SENTENCE = "the story was not very good but the acting is wonderful"
OTHER = "the story was very good but the acting is terrible"
SEVERAL = (
    "I did not enjoy a single minute of it",
    "although the start is slow, the end is brilliant",
    "the food was hardly edible",
    "never boring, always warm",
)


def empty_pages(hands: Hands) -> None:
    for name in ("train", "inspect", "predict", "runs", "data"):
        hands.show(name)
        hands.picture(f"empty-{name}", both=name in {"data", "train"})


def data(hands: Hands) -> None:
    session = hands.session
    hands.show("data")
    hands.page("data").show_corpora()
    hands.wait(lambda: bool(session.corpora.known), "the list of corpora")
    hands.picture("corpora")
    session.open_sample("sentiment-contrast")
    hands.wait(lambda: session.dataset is not None and session.dataset.health is not None, "the sample to open")
    hands.show("data")
    hands.picture("data")


def model(hands: Hands) -> None:
    session = hands.session
    hands.click("Configure the model", "data")
    hands.wait(lambda: hands.studio.window.current_page == "model", "the Model page")
    session.apply_preset("keras_tutorial")
    hands.breathe(0.6)
    hands.picture("model-tutorial", both=False)
    session.apply_preset("recommended")
    # Small and quick, so that the tour shows a network that has learned within a minute.
    session.change(**{"model.hidden_size": 48, "model.embedding_size": 48, "model.dropout": 0.2})
    session.change(**{"model.embedding_dropout": 0.1, "model.word_dropout": 0.0, "training.epochs": 6})
    session.change(**{"training.learning_rate": 0.004, "training.probe_seconds": 0.15})
    hands.breathe(1.5)
    hands.picture("model")


def train(hands: Hands) -> None:
    session = hands.session
    session.set_probe(SENTENCE)
    hands.click("Start training", "model")
    hands.wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
    hands.picture("train-running")


def pause_and_predict(hands: Hands) -> None:
    session = hands.session
    session.pause()
    hands.wait(lambda: session.active is not None and session.active.state == "paused", "the pause")
    hands.show("train")
    hands.picture("train-paused", both=False)
    hands.show("predict")
    hands.type("predict", SENTENCE)
    hands.picture("predict-while-paused", both=False)


def resume_and_finish(hands: Hands) -> None:
    session = hands.session
    session.resume()
    hands.wait(lambda: not session.training, "the end of the run")
    active = session.active
    assert active is not None
    assert getattr(active.finished, "reason", "") == "completed", active.finished
    accuracy = active.finished.metrics["accuracy"]  # type: ignore[union-attr]
    assert accuracy > 0.6, f"the run learned too little: {accuracy:.3f}"
    hands.show("train")
    hands.picture("train-finished")


def replay(hands: Hands) -> None:
    from PySide6.QtWidgets import QSlider

    page = hands.page("train")
    sliders = [slider for slider in page.findChildren(QSlider) if slider.isVisible() and slider.maximum() > 2]
    assert sliders, "there is no replay slider"
    slider = max(sliders, key=lambda found: found.maximum())
    slider.setValue(slider.maximum() // 3)
    hands.breathe(0.3)
    hands.picture("train-replay", both=False)
    slider.setValue(slider.maximum())


def inspect(hands: Hands) -> None:
    hands.show("inspect")
    hands.type("inspect", SENTENCE)
    hands.settle(0.6)
    hands.picture("inspect")
    inside.one_text(hands, "inspect", OTHER)
    inside.many_texts(hands, "inspect")
    inside.lesson(hands)


def predict(hands: Hands) -> None:
    hands.show("predict")
    hands.type("predict", SENTENCE)
    hands.breathe(1.8)  # the answer is remembered after a pause in typing
    hands.picture("predict")
    hands.type("predict", "\n".join(SEVERAL))
    hands.picture("predict-several")


def second_run(hands: Hands) -> None:
    session = hands.session
    session.change(**{"model.cell": "rnn", "training.epochs": 2})
    session.start_training()
    hands.wait(lambda: not session.training, "the second run")


def runs(hands: Hands) -> None:
    from PySide6.QtWidgets import QTableView

    hands.show("runs")
    table = hands.page("runs").findChild(QTableView)
    assert isinstance(table, QTableView)
    hands.wait(lambda: table.model().rowCount() == 2, "both runs in the list")
    hands.breathe(0.3)
    hands.picture("runs")
    table.selectAll()
    hands.breathe(0.5)
    hands.picture("runs-compare")
    table.clearSelection()
    table.selectRow(1)
    hands.breathe(0.5)


def epochs(hands: Hands) -> None:
    """The run beside itself as it was after the first epoch."""
    hands.show("inspect")
    hands.click("Compare", "inspect")
    hands.settle(0.8)
    assert hands.page("inspect").many("compare").second_epoch.epoch == 1
    hands.picture("compare-epochs")
    hands.click("One text", "inspect")


def compare(hands: Hands) -> None:
    """Two runs beside each other."""
    hands.show("inspect")
    hands.click("Compare", "inspect")
    hands.settle(0.8)
    hands.picture("compare")
    hands.click("All examples", "inspect")
    hands.settle(0.8)
    hands.picture("compare-examples", both=False)
    hands.click("One text", "inspect")


def remarks(hands: Hands) -> None:
    """What a tutor would say of the run."""
    hands.show("train")
    hands.click("Remarks", "train")
    hands.settle(0.6)
    hands.picture("remarks")
    hands.click("Log", "train")


def report(hands: Hands) -> None:
    """A run as one page that opens without the program."""
    hands.show("runs")
    target = hands.out / "report.html"
    summary = hands.session.store.list()[-1]
    hands.page("runs").save_report(summary.path, target)
    hands.wait(target.exists, "the report")
    words = target.read_text(encoding="utf-8")
    assert "<html" in words, "the report is no page"
    assert "http://" not in words.replace("http://www.w3.org", ""), "the report asks the network"
    assert "https://" not in words, "the report asks the network"


def lab(hands: Hands) -> None:
    """Which part of an LSTM is worth what: the same run without each of two parts."""
    from lstm_studio.gui.widgets.lab_panel import LabPanel

    hands.show("runs")
    hands.click("Ablation lab", "runs")
    panel = hands.page("runs").findChild(LabPanel)
    for key, box in panel.boxes.items():
        if box.isEnabled():
            box.setChecked(key in {"no_forget_gate", "no_peepholes"})
    panel.seeds.setValue(2)
    panel.epochs.setValue(2)
    hands.breathe(0.3)
    hands.picture("lab-before", both=False)
    hands.click("Train all of them", "runs")
    room = hands.session.lab
    hands.wait(lambda: room.lab is not None and not room.working, "the lab")
    hands.show("runs")
    hands.settle()
    hands.picture("lab")
    hands.click("All runs", "runs")
