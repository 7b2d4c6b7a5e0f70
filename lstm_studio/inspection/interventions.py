"""What if: a text is read with some gates or states held at a value, and the answer is set beside the usual one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from lstm_studio.errors import StudioError
from lstm_studio.inspection.clamps import Clamp
from lstm_studio.inspection.trace import TextTrace, trace_text
from lstm_studio.nn.clamping import Hold, Holds
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.tasks.answers import Answers

__all__ = ["Clamp", "Intervention", "Spoken", "clamped", "intervene", "spoken"]

WRITTEN = 24
"""Tokens that a network which writes on and on writes here, each time the likeliest, so that one can compare."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """What a network says about a text, ``answer`` as the task puts it, and what happened inside."""

    trace: TextTrace
    answer: Any


@dataclass(frozen=True, eq=False)
class Intervention:
    """One text read as usual and with clamps."""

    clamps: tuple[Clamp, ...]
    before: Spoken
    after: Spoken


def spoken(answers: Answers, model: nn.Module, reading: Any, device: torch.device) -> Spoken:
    """Read a text, answer, and keep what happened inside. Of texts that are written on freely the first ``WRITTEN``
    tokens are taken, each time the likeliest.

    Args:
        answers: Of the run's task.
        model: In evaluation mode, on ``device``.
        reading: What ``answers.read`` made of the text.
    """
    trace = trace_text(answers, model, reading, device, prefixes=False)
    told = getattr(answers, "told", None)
    if told is not None and trace.probabilities is not None:  # the answer lies in what was seen
        return Spoken(trace, told(reading, trace.probabilities))
    if hasattr(answers, "write"):
        reading = replace(reading, temperature=0.0, longest=min(WRITTEN, reading.longest))
    return Spoken(trace, answers.answer(model, [reading], device)[0])


def intervene(
    answers: Answers, model: nn.Module, reading: Any, device: torch.device, clamps: Sequence[Clamp]
) -> Intervention:
    """Read a text as usual, then with clamps; arguments as of ``spoken``.

    Raises:
        StudioError: there is no such layer, gate, unit or token, or a value is not a number.
    """
    before = spoken(answers, model, reading, device)
    if not clamps:
        return Intervention((), before, before)
    for clamp in clamps:
        _check(clamp, before.trace)
    with clamped(model, clamps, lead=lead_of(answers)):
        after = spoken(answers, model, reading, device)
    return Intervention(tuple(clamps), before, after)


def lead_of(answers: Answers) -> int:
    """How many marks a network reads before the tokens that are shown."""
    return 1 if getattr(answers, "ends", False) else 0


@contextmanager
def clamped(model: nn.Module, clamps: Sequence[Clamp], *, lead: int = 0) -> Iterator[None]:
    """While inside, the model's layers run with these clamps; nobody else may use it meanwhile.

    Args:
        model: With a stack ``recurrent`` and perhaps ``decoder.recurrent``, in evaluation mode.
        clamps: Of two that meet, the later one counts.
        lead: How many steps the layers that read take before token 0.
    """
    stacks = stacks_of(model)
    handles = []
    held = {part: Holds(_holds(stack, clamps, part), 0 if part else lead) for part, stack in stacks.items()}
    if "decoder" in stacks:
        # A decoder is always given a state, and so cannot tell itself when another text begins: when one has been
        # read, and when a whole target is read again.
        def begin(*_: Any) -> None:
            held["decoder"].clock = 0

        handles = [
            stacks[""].register_forward_hook(begin),
            model.get_submodule("decoder").register_forward_pre_hook(begin),
        ]
    try:
        for part, stack in stacks.items():
            stack.holds = held[part] if held[part].holds else None
        yield
    finally:
        for stack in stacks.values():
            stack.holds = None
        for handle in handles:
            handle.remove()


def stacks_of(model: nn.Module) -> dict[str, Recurrent]:
    """The recurrent layers that traces tell of, by part: those that read, and those that write."""
    found = {name.rpartition("recurrent")[0].rstrip("."): part for name, part in model.named_modules()
             if isinstance(part, Recurrent)}  # fmt: skip
    return {part: found[part] for part in ("", "decoder") if part in found}


def _holds(stack: Recurrent, clamps: Sequence[Clamp], part: str) -> list[Hold]:
    device = next(stack.parameters()).device
    found = []
    for clamp in clamps:
        if clamp.part != part:
            continue
        units = torch.ones(stack.hidden_size, dtype=torch.bool)
        if clamp.units is not None:
            units = torch.zeros_like(units)
            units[list(clamp.units)] = True
        first, last = clamp.tokens if clamp.tokens is not None else (None, None)
        value = torch.tensor(clamp.value, device=device)
        found.append(Hold(clamp.layer, clamp.direction, clamp.gate, units.to(device), value, first, last))
    return found


def _check(clamp: Clamp, trace: TextTrace) -> None:
    where = (clamp.part, clamp.layer, clamp.direction)
    layer = next((own for own in trace.layers if (own.part, own.layer, own.direction) == where), None)
    if layer is None:
        raise StudioError(
            f"The network has no layer {clamp.layer} that runs {clamp.direction}",
            todo=f"It has {', '.join(own.name for own in trace.layers)}",
        )
    if clamp.gate not in layer.values:
        raise StudioError(f"The cell has no gate or state {clamp.gate}", todo=f"It has {', '.join(layer.values)}")
    steps, units = next(iter(layer.values.values())).shape
    if not math.isfinite(clamp.value):
        raise StudioError("A gate can only be held at a number")
    for unit in clamp.units or ():
        if not 0 <= unit < units:
            raise StudioError(f"There is no unit {unit}", todo=f"Name one from 0 to {units - 1}")
    if clamp.tokens is not None and not 0 <= clamp.tokens[0] < clamp.tokens[1] <= steps:
        first, last = clamp.tokens
        raise StudioError(f"There are no tokens {first} to {last - 1}", todo=f"Name some from 0 to {steps - 1}")
