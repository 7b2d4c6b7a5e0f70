"""Networks that write: translations, and summaries."""

from __future__ import annotations

from lstm_studio.gui.tour import inside, job
from lstm_studio.gui.tour.hands import Hands

GERMAN = "Weil es gestern zu spät war, hat mein alter Bruder den Arzt nicht angerufen."
REPORT = "The team from Stanton beat Norwood 4 to 3 on Wednesday evening. The next match is against Milbrook."
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
    """Summaries: short reports, and a headline for each."""
    job.opened(hands, "headlines", 3000)
    dataset = hands.session.dataset
    assert dataset is not None
    assert dataset.guess.task_title == "Summaries", dataset.guess.task_title
    settings: dict[str, float] = {"model.hidden_size": 96, "model.embedding_size": 96, "training.epochs": 5}
    settings |= {"training.batch_size": 32, "training.learning_rate": 0.005, "training.probe_seconds": 0.5}
    job.learn(hands, "headlines", "translation", settings, REPORT, 4)
    rouge = job.finish(hands)["rougeL"]
    assert rouge > 0.3, f"the network learned too little of summaries: {rouge:.3f}"
    hands.show("predict")
    hands.type("predict", REPORT)
    hands.settle(1.8)
    hands.picture("headlines-predict", both=False)
