"""Language models that write on: tales, and poems in Chinese."""

from __future__ import annotations

from lstm_studio.gui.tour import inside
from lstm_studio.gui.tour.hands import Hands, opened

TALE = "# Juno and the Silver Key\nOnce there lived"


def tales(hands: Hands) -> None:
    """A network that writes on: tales, character by character."""
    session = hands.session
    session.open_sample("tales", rows=200)
    hands.wait(lambda: opened(hands, "tales"), "the sample of tales to open")
    assert session.config.task == "generation", session.config.task
    hands.show("data")
    hands.picture("tales-data")
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**{"model.hidden_size": 192, "training.epochs": 6, "training.probe_seconds": 0.5})
    session.set_probe(TALE)
    hands.breathe(1.5)
    hands.picture("tales-model")
    hands.click("Start training", "model")
    hands.wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
    hands.picture("tales-train")
    hands.wait(lambda: not session.training, "the end of the run")
    bits = session.active.finished.metrics["bits_per_character"]  # type: ignore[union-attr]
    assert bits < 2, f"the language model learned too little: {bits:.2f} bits per character"


def tales_used(hands: Hands) -> None:
    hands.show("predict")
    hands.type("predict", TALE)
    hands.click("Write", "predict")
    hands.breathe(2.5)
    hands.picture("tales-predict")
    hands.show("inspect")
    hands.type("inspect", TALE)
    hands.breathe(1.0)
    hands.picture("tales-inspect", both=False)
    hands.click("Results", "inspect")
    hands.breathe(1.0)
    hands.picture("tales-results")
    hands.click("One text", "inspect")
    inside.one_text(hands, "tales", TALE.replace("Juno", "Mara"))


def quatrains(hands: Hands) -> None:
    """Poems, each a text of its own."""
    session = hands.session
    session.open_sample("quatrains-zh", rows=500)
    hands.wait(lambda: opened(hands, "quatrains-zh"), "the sample of poems to open")
    assert session.config.data.documents == "paragraphs"  # type: ignore[attr-defined]
    hands.show("data")
    hands.picture("quatrains-data", both=False)
