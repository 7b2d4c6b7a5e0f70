"""Networks that write: translation, and what summaries look like."""

from __future__ import annotations

from lstm_studio.gui.tour import inside
from lstm_studio.gui.tour.hands import Hands, opened

GERMAN = "Weil es gestern zu spät war, hat mein alter Bruder den Arzt nicht angerufen."
OTHER = "Weil es gestern zu spät war, hat meine junge Schwester den Arzt angerufen."


def pairs(hands: Hands) -> None:
    """A network that writes: German in, English out."""
    session = hands.session
    session.open_sample("german-english", rows=6000)
    hands.wait(lambda: opened(hands, "german-english"), "the sample of pairs to open")
    assert session.config.task == "translation", session.config.task
    hands.show("data")
    hands.picture("pairs-data")
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**{"model.hidden_size": 192, "model.embedding_size": 192, "training.schedule": "constant"})
    session.change(**{"training.epochs": 4, "training.batch_size": 48, "training.probe_seconds": 0.5})
    session.change(**{"data.validation_fraction": 0.05})
    session.set_probe(GERMAN)
    hands.breathe(1.5)
    hands.picture("pairs-model")
    hands.click("Start training", "model")
    hands.wait(lambda: session.active is not None and session.active.epoch >= 3, "the third epoch")
    hands.picture("pairs-train")
    hands.click("Gates", "train")
    hands.breathe(0.6)
    hands.picture("pairs-train-gates", both=False)
    hands.wait(lambda: not session.training, "the end of the run")
    bleu = session.active.finished.metrics["bleu"]  # type: ignore[union-attr]
    assert bleu > 40, f"the translator learned too little: {bleu:.1f}"


def pairs_used(hands: Hands) -> None:
    hands.show("predict")
    hands.type("predict", GERMAN)
    hands.breathe(1.8)
    hands.picture("pairs-predict")
    hands.show("inspect")
    hands.type("inspect", GERMAN)
    hands.breathe(1.0)
    hands.picture("pairs-inspect", both=False)
    hands.click("Attention", "inspect")
    hands.breathe(0.6)
    hands.picture("pairs-attention")
    hands.click("Gates", "inspect")
    hands.click("Results", "inspect")
    hands.breathe(1.0)
    hands.picture("pairs-results")
    hands.click("One text", "inspect")
    inside.one_text(hands, "pairs", OTHER)
    inside.many_texts(hands, "pairs")


def headlines(hands: Hands) -> None:
    """Summaries: what the file looks like."""
    session = hands.session
    session.open_sample("headlines", rows=1000)
    hands.wait(lambda: opened(hands, "headlines"), "the sample of reports to open")
    assert session.dataset is not None
    assert session.dataset.guess.task_title == "Summaries", session.dataset.guess.task_title
    hands.show("data")
    hands.picture("headlines-data", both=False)
