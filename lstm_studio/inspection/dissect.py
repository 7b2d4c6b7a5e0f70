"""Collects what the steps of one layer are computed from, while a text is read once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.errors import StudioError
from lstm_studio.inspection.anatomy import Anatomy
from lstm_studio.inspection.memory import Tally
from lstm_studio.nn.characters import CharacterEncoder
from lstm_studio.nn.decoder import Decoder
from lstm_studio.nn.directions import PeepholeDirection, TorchDirection
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.variants import VariantDirection
from lstm_studio.tasks.answers import Answers

Direction = PeepholeDirection | TorchDirection | VariantDirection
_GATES = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}
"""Order of the rows of torch's weights."""


@dataclass
class _Watched:
    """What went in and out of one layer and direction: [t, I], [t, H] of each call, in the order of reading."""

    inputs: list[Tensor] = field(default_factory=list)
    h: list[Tensor] = field(default_factory=list)
    c: list[Tensor] = field(default_factory=list)

    def look(self, module: nn.Module, given: tuple[Any, ...], found: tuple[Any, ...]) -> None:
        """A forward hook; only calls that keep a trace are those that the gates are shown of."""
        x, _, h0, c0, trace, _ = given
        if not trace:
            return
        h, _, _, values = found
        self.inputs.append(x[:, 0])
        self.h.append(torch.cat([h0.to(h), h[:-1, 0]]))
        if "c" in values:
            c = values["c"]
            start = torch.zeros_like(c[:1, 0]) if c0 is None else c0.to(c)
            self.c.append(torch.cat([start, c[:-1, 0]]))


def layers_of(model: nn.Module) -> dict[str, Direction]:
    """The layers and directions of a network by their names, "layer0.forward", "decoder.layer0.forward"; those that
    spell words are left out."""
    aside = {one for module in model.modules() if isinstance(module, CharacterEncoder) for one in module.modules()}
    writing = {one for module in model.modules() if isinstance(module, Decoder) for one in module.modules()}
    found: dict[str, Any] = {}
    for module in model.modules():
        if not isinstance(module, Recurrent) or module in aside:
            continue
        before = "decoder." if module in writing else ""
        for number, layer in enumerate(module.layers):
            for side, direction in enumerate(module.directions):
                found[f"{before}layer{number}.{direction}"] = layer[side]  # type: ignore[index]
    return found


def dissect(answers: Answers, model: nn.Module, reading: Any, device: torch.device, name: str) -> Anatomy:
    """Read a text and keep what the steps of one layer and direction are computed from.

    Args:
        answers: Of the run's task.
        model: In evaluation mode, on ``device``.
        reading: What ``answers.read`` made of the text.
        name: "layer0.forward" and so on.

    Raises:
        StudioError: there is no such layer, or nothing to read.
    """
    layers = layers_of(model)
    if name not in layers:
        raise StudioError(f"The network has no {name}", todo=f"It has {', '.join(layers)}")
    layer = layers[name]
    with _watching(layer) as watched:
        inside = answers.inside(model, reading, device, steps=False)
    writes = name.startswith("decoder.")
    tokens = inside.output if writes else reading.tokens
    own = name.removeprefix("decoder.")
    trace = next(one for one in (inside.decoder if writes else inside.traces) if one.name == own)
    steps = next(iter(trace.values.values())).shape[1]
    backward = name.endswith("backward")

    def kept(calls: list[Tensor]) -> np.ndarray:
        whole = torch.cat(calls)
        # Steps before those of the trace were left out of it; padding behind the text is not shown.
        shown = (whole.flip(0) if backward else whole)[len(whole) - steps :][: len(tokens)]
        return _numbers(shown)

    read = sum(map(len, watched.inputs))
    lead = read - len(tokens) > 0 if backward else read > steps
    weights = _weights(layer)
    return Anatomy(
        name,
        tuple(tokens),
        inputs=kept(watched.inputs),
        h=kept(watched.h),
        c=kept(watched.c) if watched.c else None,
        lead=lead,
        **weights,
    )


@contextmanager
def _watching(layer: nn.Module) -> Iterator[_Watched]:
    watched = _Watched()
    hook = layer.register_forward_hook(watched.look)
    try:
        yield watched
    finally:
        hook.remove()


def _weights(layer: Direction) -> dict[str, Any]:
    """Copies: a network in training moves on."""
    hidden = layer.hidden
    if isinstance(layer, TorchDirection):
        return _torch_weights(layer)
    gates = layer.gates if isinstance(layer, VariantDirection) else "ifgo"
    peepholes = None if layer.peephole is None else _numbers(layer.peephole)
    return {
        "cell": "lstm",
        "peephole": "none" if peepholes is None else "diagonal" if peepholes.ndim == 2 else "full",
        "output_gate_sees": layer.output_gate_sees,
        "variant": layer.variant if isinstance(layer, VariantDirection) else "none",
        "gates": gates,
        "weight_x": _numbers(layer.weight_x).reshape(len(gates), hidden, -1),
        "weight_h": _numbers(layer.weight_h).reshape(len(gates), hidden, hidden),
        "bias": _numbers(layer.bias).reshape(len(gates), hidden),
        "peepholes": peepholes,
    }


def _torch_weights(layer: TorchDirection) -> dict[str, Any]:
    hidden, gates = layer.hidden, _GATES[layer.cell]
    weight_x, weight_h, bias_x, bias_h = map(_numbers, layer.core.all_weights[0])
    of_x, of_h = bias_x.reshape(len(gates), hidden), bias_h.reshape(len(gates), hidden)
    bias_n = None
    if layer.cell == "gru":  # r multiplies the last one's second bias
        bias_n = of_h[2].copy()
        of_h = np.concatenate([of_h[:2], np.zeros_like(of_h[:1])])
    return {
        "cell": layer.cell,
        "peephole": "none",
        "output_gate_sees": "previous",
        "gates": gates,
        "weight_x": weight_x.reshape(len(gates), hidden, -1),
        "weight_h": weight_h.reshape(len(gates), hidden, hidden),
        "bias": of_x + of_h,
        "bias_n": bias_n,
    }


def _numbers(values: Tensor) -> np.ndarray:
    return values.detach().float().cpu().numpy().copy()


def tally(
    answers: Answers,
    model: nn.Module,
    readings: Iterable[Any],
    device: torch.device,
    name: str,
    carry_on: Callable[[], bool] = lambda: True,
) -> Tally:
    """How the gates of one layer and direction stand over many texts.

    Args:
        answers, model, device, name: As of ``dissect``.
        readings: The texts.
        carry_on: Asked before each; what was read so far counts when it says no.

    Raises:
        StudioError: there is no such layer.
    """
    layers = layers_of(model)
    if name not in layers:
        raise StudioError(f"The network has no {name}", todo=f"It has {', '.join(layers)}")
    found = Tally.empty()
    writes = name.startswith("decoder.")
    own = name.removeprefix("decoder.")
    for reading in readings:
        if not carry_on():
            break
        inside = answers.inside(model, reading, device, steps=False)
        trace = next(one for one in (inside.decoder if writes else inside.traces) if one.name == own)
        steps = len(inside.output) if writes else len(reading.tokens)
        found.add({key: _numbers(values[0, :steps]) for key, values in trace.values.items()})
    return found
