"""Networks that tag each word: slots of requests, named entities, and semantic roles."""

from __future__ import annotations

from lstm_studio.gui.tour import inside, job
from lstm_studio.gui.tour.hands import Hands

REQUEST = "please book a flight from Boston to Florence on Friday at seven"
OTHER = "please book a table in Boston for Florence on Friday at seven"
NOTICE = "下周三上午，周涛英当选大连市银行秘书。"
ROLES = "The teacher who broke the clock gave Maria three books yesterday ."


def slots(hands: Hands) -> None:
    """Another task, from its file to a trained network."""
    job.opened(hands, "requests", 1200)
    settings: dict[str, float] = {"model.hidden_size": 48, "model.embedding_size": 48, "training.epochs": 8}
    settings |= {"training.learning_rate": 0.006, "training.probe_seconds": 0.15}
    job.learn(hands, "slots", "tagging", settings, REQUEST, 4)
    f1 = job.finish(hands)["f1"]
    assert f1 > 0.6, f"the tagger learned too little: {f1:.3f}"


def slots_used(hands: Hands) -> None:
    """Its tags, and its inside."""
    job.use(hands, "slots", REQUEST)
    inside.one_text(hands, "slots", OTHER)
    inside.many_texts(hands, "slots")


def entities(hands: Hands) -> None:
    """Named entities, in Chinese character by character."""
    job.opened(hands, "notes-zh", 900)
    settings = {"model.hidden_size": 48, "training.epochs": 4, "training.learning_rate": 0.004}
    job.learn(hands, "entities", "tagging", settings, NOTICE, 3)
    f1 = job.finish(hands)["f1"]
    assert f1 > 0.6, f"the network learned too little of names: {f1:.3f}"
    hands.show("predict")
    hands.type("predict", NOTICE)
    hands.settle(1.0)
    hands.picture("entities-predict", both=False)


def roles(hands: Hands) -> None:
    """Semantic roles: the predicate is clicked, or all verbs are asked for."""
    job.opened(hands, "roles", 900)
    hands.picture("roles-data", both=False)
    hands.session.set_probe(ROLES)
    hands.session.start_training()
    job.finish(hands)
    hands.show("train")
    hands.picture("roles-train", both=False)
    hands.show("predict")
    hands.type("predict", ROLES)
    hands.breathe(1.0)
    hands.picture("roles-predict")
