"""Language models that write on: tales, and poems in Chinese."""

from __future__ import annotations

from lstm_studio.gui.tour import inside, job
from lstm_studio.gui.tour.hands import Hands

TALE = "# Juno and the Silver Key\nOnce there lived"


def tales(hands: Hands) -> None:
    """A network that writes on: tales, character by character."""
    job.opened(hands, "tales", 200)
    settings = {"model.hidden_size": 192, "training.epochs": 6, "training.probe_seconds": 0.5}
    job.learn(hands, "tales", "generation", settings, TALE, 4)
    bits = job.finish(hands)["bits_per_character"]
    assert bits < 2, f"the language model learned too little: {bits:.2f} bits per character"


def tales_used(hands: Hands) -> None:
    """What it writes, and its inside."""
    job.use(hands, "tales", TALE, "Write")
    inside.one_text(hands, "tales", TALE.replace("Juno", "Mara"))


def quatrains(hands: Hands) -> None:
    """Poems, each a text of its own."""
    job.opened(hands, "quatrains-zh", 500)
    assert hands.session.config.data.documents == "paragraphs"  # type: ignore[attr-defined]
    hands.picture("quatrains-data", both=False)
