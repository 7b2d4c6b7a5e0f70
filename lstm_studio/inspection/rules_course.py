"""Rules over the course of a run: losses, gradients, epochs."""

from __future__ import annotations

import numpy as np

from lstm_studio.data.figures import figure as known
from lstm_studio.inspection.evidence import Evidence, Finding, Words, figure, percent, rounded

FEW_STEPS = 20
"""Too few to say anything."""
WILD = 1.5
"""A step's loss of so many times the first one, which a fresh network that knows nothing has, is a setback: chance in
the choice of the batch moves it by a few percent."""
WILD_SHARE = 0.05
"""Share of such steps: more than the odd unlucky batch."""
STILL = 0.03
"""A loss that has fallen by a smaller share over a whole run has as good as not moved."""
CLEAR = 0.1
"""Ten points are more than chance makes of some dozens of validation texts."""
GENTLE = {"adam": 3e-4, "adamw": 3e-4, "rmsprop": 3e-4, "sgd": 0.02}
"""Learning rates below which a network that does not move is likely to be held back by them: a third of what is usual
for Adam (Kingma & Ba, 2015: 0.001), a fifth of the usual 0.1 for SGD with momentum."""
USUAL = {"adam": 0.002, "adamw": 0.002, "rmsprop": 0.001, "sgd": 0.1}
FAR = 10.0
"""Gradients of so many times the length to which they are clipped: their direction is kept, and nothing of how steep it
is. Pascanu, Mikolov & Bengio 2013 propose to clip at half to ten times the usual length."""
GROWN = 3.0
"""Times by which they have grown; not asked for where they are so many times beyond ``FAR``."""
STRONG = 0.01
"""Weight decay that is felt; usual is 0 to 0.01 (Loshchilov & Hutter, "Decoupled weight decay", 2019)."""
FADED = 1e-3
"""A whole gradient shorter than this moves nothing; that of a network that learns is between 0.01 and 10."""
RISEN = 1.05
"""A validation loss of so many times the best one is worse beyond the noise of some hundred texts."""
PATIENCE = 2
"""Epochs since the best one; one alone may be chance."""
GAIN = 0.005
"""Half a point in the last epoch alone promises more."""
LOSS_GAIN = 0.02

BROKEN = Words(
    "The numbers ran out of bounds",
    "After {steps} steps the loss was no longer a number; the last gradient before had a norm of {norm}.",
    "Lower the learning rate to {rate} and clip gradients at {clip}",
)
EXPLODING = Words(
    "Gradients explode",
    "Over the last third of the steps the gradient's norm was {norm} in the middle, {times} times what it was in the "
    "first third; gradients are clipped at {clip}.",
    "Lower the learning rate to {rate} and clip gradients at {new}",
)
VANISHING = Words(
    "Gradients vanish",
    "Over the last third of the steps the gradient's norm was {norm} in the middle, while the loss is still {loss}, "
    "{share} of what it was at first: nothing moves any more.",
    "Go back to the usual start: weight decay 0, learning rate {rate}",
)
TOO_HIGH = Words(
    "The learning rate is too high",
    "In {share} of the steps the loss was more than 1.5 times that of the first step, {first}; it reached {most}.",
    "Lower the learning rate from {old} to {rate}",
)
TOO_LOW = Words(
    "The learning rate is too low",
    "The training loss moved from {first} to {last} in {steps} steps at a learning rate of {old}.",
    "Raise the learning rate to {rate}",
)
NOT_LEARNING = Words(
    "It does not learn",
    "The training loss moved from {first} to {last} in {steps} steps, at a usual learning rate. Perhaps the labels do "
    "not follow from the texts, or the network is too small or held back too much.",
)
HELD_BACK = Words(NOT_LEARNING.title, NOT_LEARNING.sentence, "Turn weight decay off; it is {decay}")
OVERFITTING = Words(
    "It over-fits since epoch {epoch}",
    "The validation loss has risen from {best} to {now} since, while the training loss fell from {before} to {after}: "
    "it learns the training texts by heart.",
    "Stop after {patience} epochs without improvement, with dropout {dropout}",
)
TOO_SOON = Words(
    "It was still getting better",
    "In the last epoch, {epoch}, {metric} went from {before} to {after}, the validation loss from {first} to {last}.",
    "Train for {epochs} epochs",
)


def broken(evidence: Evidence) -> Finding | None:
    """The loss or the gradient became infinite or no number."""
    if not evidence.broken and np.isfinite(evidence.losses).all():
        return None
    training = evidence.config.training
    norms = evidence.norms[np.isfinite(evidence.norms)]
    rate, clip = rounded(training.learning_rate / 10), training.clip_norm or 1.0
    values = {
        "steps": f"{len(evidence.losses):,}",
        "norm": figure(float(norms[-1])) if len(norms) else "–",
        "rate": f"{rate:g}",
        "clip": f"{clip:g}",
    }
    return Finding(
        "broken", "fault", BROKEN, values, remedy={"training.learning_rate": rate, "training.clip_norm": clip}
    )


def exploding(evidence: Evidence) -> Finding | None:
    """The norms of the last third are far beyond the clip (1 where that is less or none), and have grown."""
    first, last = evidence.thirds
    if len(evidence.norms) < FEW_STEPS or not len(first) or not len(last):
        return None
    training = evidence.config.training
    before, now = float(np.median(first)), float(np.median(last))
    beyond = now / max(training.clip_norm, 1.0)
    if beyond < FAR or (now < GROWN * before and beyond < GROWN * FAR):
        return None
    rate, clip = rounded(training.learning_rate / 3), min(training.clip_norm or 1.0, 1.0)
    values = {
        "norm": figure(now),
        "times": figure(now / max(before, 1e-12)),
        "clip": f"{training.clip_norm:g}" if training.clip_norm else "–",
        "rate": f"{rate:g}",
        "new": f"{clip:g}",
    }
    remedy = {"training.learning_rate": rate, "training.clip_norm": clip}
    return Finding("exploding", "fault", EXPLODING, values, remedy=remedy)


def vanishing(evidence: Evidence) -> Finding | None:
    """The whole gradient is as good as nothing, and the loss is not."""
    _, last = evidence.thirds
    if len(evidence.norms) < FEW_STEPS or not len(last) or float(np.median(last)) > FADED:
        return None
    start, end = _start(evidence), _end(evidence)
    if not end > 0.5 * start:  # a network that has learned all there is has no gradient either
        return None
    training = evidence.config.training
    rate = USUAL[training.optimizer]
    values = {
        "norm": figure(float(np.median(last))),
        "loss": figure(end),
        "share": percent(end / start),
        "rate": f"{rate:g}",
    }
    remedy = {"training.weight_decay": 0.0, "training.learning_rate": rate}
    return Finding("vanishing", "fault", VANISHING, values, remedy=remedy)


def too_high(evidence: Evidence) -> Finding | None:
    """The loss keeps jumping above where it began."""
    losses = evidence.losses[np.isfinite(evidence.losses)]
    if len(losses) < FEW_STEPS:
        return None
    wild = losses > WILD * losses[0]
    share = float(wild.mean())
    if share < WILD_SHARE:
        return None
    old = evidence.config.training.learning_rate
    rate = rounded(old / (10 if share > 0.3 else 3))
    values = {
        "share": percent(share),
        "first": figure(float(losses[0])),
        "most": figure(float(losses.max())),
        "old": f"{old:g}",
        "rate": f"{rate:g}",
    }
    remedy = {"training.learning_rate": rate} | (
        {} if evidence.config.training.clip_norm else {"training.clip_norm": 1.0}
    )
    return Finding("too_high", "fault", TOO_HIGH, values, remedy=remedy)


def too_low(evidence: Evidence) -> Finding | None:
    """The loss has hardly moved in two epochs or more: held back by the learning rate, or nothing is to be learned."""
    if len(evidence.epochs) < 2 or len(evidence.losses) < FEW_STEPS or evidence.broken:
        return None
    start, end = _start(evidence), evidence.epochs[-1].train_loss
    checked = [epoch.validation_loss for epoch in (evidence.epochs[0], evidence.epochs[-1])]
    # The loss of training is a rough one where dropout is strong; that of validation is not.
    if not np.isfinite(end) or abs(start - end) > STILL * start or checked[0] - checked[1] > STILL * checked[0]:
        return None
    if _gain(evidence) > CLEAR:  # answers may get better long before the loss shows it
        return None
    training = evidence.config.training
    values = {
        "first": figure(start),
        "last": figure(end),
        "steps": f"{len(evidence.losses):,}",
        "old": f"{training.learning_rate:g}",
    }
    if training.learning_rate >= GENTLE[training.optimizer]:
        decay = training.weight_decay
        if decay > STRONG:
            values["decay"] = f"{decay:g}"
            return Finding("not_learning", "fault", HELD_BACK, values, remedy={"training.weight_decay": 0.0})
        return Finding("not_learning", "fault", NOT_LEARNING, values)
    rate = USUAL[training.optimizer]
    remedy = {"training.learning_rate": rate}
    return Finding("too_low", "fault", TOO_LOW, {**values, "rate": f"{rate:g}"}, remedy=remedy)


def overfitting(evidence: Evidence) -> Finding | None:
    """The validation loss rises since an epoch while the training loss falls (Prechelt, "Early stopping - but when?",
    1998)."""
    epochs = [epoch for epoch in evidence.epochs if np.isfinite(epoch.validation_loss)]
    if len(epochs) <= PATIENCE:
        return None
    place = int(np.argmin([epoch.validation_loss for epoch in epochs]))
    best, last = epochs[place], epochs[-1]
    if len(epochs) - 1 - place < PATIENCE or last.validation_loss < RISEN * best.validation_loss:
        return None
    if last.train_loss > 0.9 * best.train_loss:
        return None
    model = evidence.config.model
    dropout = round(min(0.7, max(0.5, model.dropout + 0.2)), 2)
    values = {
        "epoch": str(best.epoch + 1),
        "best": figure(best.validation_loss),
        "now": figure(last.validation_loss),
        "before": figure(best.train_loss),
        "after": figure(last.train_loss),
        "patience": str(PATIENCE),
        "dropout": f"{dropout:g}",
    }
    remedy = {"training.early_stopping": PATIENCE, "model.dropout": dropout}
    return Finding("overfitting", "warning", OVERFITTING, values, remedy=remedy)


def too_soon(evidence: Evidence) -> Finding | None:
    """All epochs are over, and the last one brought more than a little, in the watched figure and in the loss."""
    epochs = evidence.epochs
    if evidence.reason != "completed" or len(epochs) < 2:
        return None
    name, last, before = epochs[-1].monitor, epochs[-1], epochs[-2]
    now, then = last.metrics.get(name), before.metrics.get(name)
    if now is None or then is None or not last.best:
        return None
    about = known(name)
    gain = (now - then) * (1 if about.higher_is_better else -1)
    least = GAIN if about.kind == "share" else 0.01 * abs(then)
    if gain < least or last.validation_loss > (1 - LOSS_GAIN) * before.validation_loss:
        return None
    more = 2 * evidence.config.training.epochs
    values = {
        "epoch": str(last.epoch),
        "metric": about.title,
        "before": about.shown(then),
        "after": about.shown(now),
        "first": figure(before.validation_loss),
        "last": figure(last.validation_loss),
        "epochs": str(more),
    }
    return Finding("too_soon", "hint", TOO_SOON, values, ("metric",), {"training.epochs": more})


def _gain(evidence: Evidence) -> float:
    """How much the watched figure, if it is a share, has gained from the first epoch to the last."""
    name = evidence.epochs[-1].monitor
    then, now = evidence.epochs[0].metrics.get(name), evidence.epochs[-1].metrics.get(name)
    return now - then if then is not None and now is not None and known(name).kind == "share" else 0.0


def _start(evidence: Evidence) -> float:
    """Loss of a network that knows nothing yet: over the first few steps, at most a tenth of an epoch."""
    count = max(1, min(10, evidence.steps_per_epoch // 10))
    return float(np.nanmean(evidence.losses[:count]))


def _end(evidence: Evidence) -> float:
    """Loss over the last tenth of the steps."""
    return float(np.nanmean(evidence.losses[-max(1, len(evidence.losses) // 10) :]))
