"""Networks that write: translation, and what summaries look like."""

from __future__ import annotations

from lstm_studio.gui.tour import inside, job
from lstm_studio.gui.tour.hands import Hands

GERMAN = "Weil es gestern zu spät war, hat mein alter Bruder den Arzt nicht angerufen."
OTHER = "Weil es gestern zu spät war, hat meine junge Schwester den Arzt angerufen."


def pairs(hands: Hands) -> None:
    """A network that writes: German in, English out."""
    job.opened(hands, "german-english", 6000)
    settings = {"model.hidden_size": 192, "model.embedding_size": 192, "training.schedule": "constant"}
    settings |= {"training.epochs": 4, "training.batch_size": 48, "training.probe_seconds": 0.5}
    settings |= {"data.validation_fraction": 0.05}
    job.learn(hands, "pairs", "translation", settings, GERMAN, 3)
    hands.click("Gates", "train")
    hands.breathe(0.6)
    hands.picture("pairs-train-gates", both=False)
    bleu = job.finish(hands)["bleu"]
    assert bleu > 40, f"the translator learned too little: {bleu:.1f}"


def pairs_used(hands: Hands) -> None:
    """Its translations, and its inside, attention among it."""
    job.use(hands, "pairs", GERMAN)
    inside.one_text(hands, "pairs", OTHER)
    inside.many_texts(hands, "pairs")


def headlines(hands: Hands) -> None:
    """Summaries: what the file looks like."""
    job.opened(hands, "headlines", 1000)
    dataset = hands.session.dataset
    assert dataset is not None
    assert dataset.guess.task_title == "Summaries", dataset.guess.task_title
    hands.picture("headlines-data", both=False)
