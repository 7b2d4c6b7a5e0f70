"""Networks without numbers, for those whose weights come from elsewhere.

torch can build such ones by itself, but has the drawing and the copying of tensors without storage done by modules of
its compiler, which take two seconds to load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_DRAWING = ("normal_", "uniform_", "trunc_normal_", "kaiming_uniform_", "xavier_uniform_", "xavier_normal_")


class _Blank(TorchFunctionMode):
    """Draws no numbers; makes a tensor like another one from its shape alone."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if getattr(func, "__name__", "") in _DRAWING:
            return args[0] if args else given["tensor"]
        if func is torch.empty_like:
            return torch.empty(args[0].shape, dtype=args[0].dtype, device=given.get("device", args[0].device))
        return func(*args, **given)


@contextmanager
def blank() -> Iterator[None]:
    """What is built here has shapes and no storage, and draws no random numbers, so that it takes nothing from the
    generator of a run that trains at this moment."""
    with torch.device("meta"), _Blank():
        yield


def furnish(network: nn.Module, device: torch.device | str) -> None:
    """Give a blank network storage, with whatever stands in it."""
    with _Blank():
        network.to_empty(device=device)
