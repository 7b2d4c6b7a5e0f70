"""The main job, the same for every task: a sample, a network that learns it, and its use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_studio.gui.tour.hands import Hands


def opened(hands: Hands, sample: str, rows: int) -> None:
    """Open a sample of so many rows, and wait until it has been looked through."""
    session = hands.session
    session.open_sample(sample, rows=rows)

    def there() -> bool:
        dataset = session.dataset
        return dataset is not None and dataset.sample == sample and dataset.health is not None

    hands.wait(there, f"the sample {sample} to open")
    hands.show("data")


def learn(hands: Hands, name: str, task: str, settings: Mapping[str, Any], probe: str, epoch: int) -> None:
    """Configure a network for the data that are open, and train it until it has come to an epoch."""
    session = hands.session
    assert session.config.task == task, session.config.task
    hands.picture(f"{name}-data")
    hands.show("model")
    session.apply_preset("recommended")
    session.change(**settings)
    session.set_probe(probe)
    hands.breathe(1.5)
    hands.picture(f"{name}-model")
    hands.click("Start training", "model")
    hands.wait(lambda: session.active is not None and session.active.epoch >= epoch, f"epoch {epoch}")
    hands.picture(f"{name}-train")


def finish(hands: Hands) -> Mapping[str, float]:
    """Wait for the end of the run; its figures."""
    session = hands.session
    hands.wait(lambda: not session.training, "the end of the run")
    found: Mapping[str, float] = session.active.finished.metrics  # type: ignore[union-attr]
    return found


def use(hands: Hands, name: str, text: str, ask: str = "") -> None:
    """Ask the network about a text, with a click where it takes one; look inside, and at its results."""
    hands.show("predict")
    hands.type("predict", text)
    if ask:
        hands.click(ask, "predict")
    hands.settle(1.8)
    hands.picture(f"{name}-predict")
    hands.show("inspect")
    hands.type("inspect", text)
    hands.settle(0.6)
    hands.picture(f"{name}-inspect", both=False)
    hands.click("Results", "inspect")
    hands.settle(0.8)
    hands.picture(f"{name}-results")
    hands.click("One text", "inspect")
    hands.settle()
