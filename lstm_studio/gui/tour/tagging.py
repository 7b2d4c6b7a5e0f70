"""Networks that tag each word: slots of requests, and semantic roles."""

from __future__ import annotations

from lstm_studio.gui.tour import inside
from lstm_studio.gui.tour.hands import Hands, opened

REQUEST = "please book a flight from Boston to Florence on Friday at seven"
OTHER = "please book a table in Boston for Florence on Friday at seven"
ROLES = "The teacher who broke the clock gave Maria three books yesterday ."


def slots(hands: Hands) -> None:
    """Another task, from its file to a trained network."""
    session = hands.session
    session.open_sample("requests", rows=1200)
    hands.wait(lambda: opened(hands, "requests"), "the sample of requests to open")
    hands.show("data")
    assert session.config.task == "tagging", session.config.task
    hands.picture("slots-data")
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**{"model.hidden_size": 48, "model.embedding_size": 48, "training.epochs": 8})
    session.change(**{"training.learning_rate": 0.006, "training.probe_seconds": 0.15})
    session.set_probe(REQUEST)
    hands.breathe(1.5)
    hands.picture("slots-model", both=False)
    hands.click("Start training", "model")
    hands.wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
    hands.picture("slots-train", both=False)
    hands.wait(lambda: not session.training, "the end of the run")
    f1 = session.active.finished.metrics["f1"]  # type: ignore[union-attr]
    assert f1 > 0.6, f"the tagger learned too little: {f1:.3f}"


def slots_used(hands: Hands) -> None:
    hands.show("predict")
    hands.type("predict", REQUEST)
    hands.breathe(1.8)
    hands.picture("slots-predict")
    hands.show("inspect")
    hands.type("inspect", REQUEST)
    hands.breathe(1.0)
    hands.picture("slots-inspect", both=False)
    hands.click("Results", "inspect")
    hands.breathe(1.0)
    hands.picture("slots-results")
    hands.click("One text", "inspect")
    inside.one_text(hands, "slots", OTHER)
    inside.many_texts(hands, "slots")


def roles(hands: Hands) -> None:
    """Semantic roles: the predicate is clicked, or all verbs are asked for."""
    session = hands.session
    session.open_sample("roles", rows=900)
    hands.wait(lambda: opened(hands, "roles"), "the sample of roles to open")
    hands.show("data")
    hands.picture("roles-data", both=False)
    session.start_training()
    hands.wait(lambda: not session.training, "the end of the run")
    hands.show("predict")
    hands.type("predict", ROLES)
    hands.breathe(1.0)
    hands.picture("roles-predict")
