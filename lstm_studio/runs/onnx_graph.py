"""Putting an ONNX graph together, node by node, and the body of a Scan like any other graph.

Operators are those of opset 17 (https://onnx.ai/onnx/operators), which every ONNX Runtime since 1.12 knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import numpy as np
import torch

from lstm_studio.errors import StudioError

try:
    from onnx import TensorProto, checker, helper, numpy_helper

    THERE = True
except ImportError:
    THERE = False

OPSET, FORMAT = 17, 8
MOST_BYTES = 2_000_000_000
"""No ONNX file without further files beside it can be larger."""
FLOAT, INT, BOOL = np.float32, np.int64, np.bool_

Value = str
"""A value inside a graph, by its name."""
Body = Callable[["Graph", list[Value], list[Value]], tuple[Sequence[Value], Sequence[Value]]]
"""Of a Scan: (graph, states, slices of this step) -> states after the step, and what is put down of it."""


class Graph:
    """Nodes in the order in which they are computed.

    Args:
        outer: Of a Scan's body, the graph that it stands in; constants are kept there.

    Attributes:
        inputs, outputs: Name, type, dimensions (numbers, or the names of those that are free) and what it is.

    Raises:
        StudioError: the package onnx is not installed.
    """

    def __init__(self, outer: Graph | None = None) -> None:
        if not THERE:
            raise StudioError(
                "ONNX files need the package onnx", why="It is not installed", todo="Run: pip install onnx"
            )
        self._root: Graph = self if outer is None else outer._root
        self.nodes: list[Any] = []
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self._constants: dict[Any, tuple[Value, Any]] = {}
        self._count = 0

    # -- values ----------------------------------------------------------------------------------------------

    def name(self, like: str) -> Value:
        """A name that nothing has yet, in no graph of the file."""
        root = self._root
        root._count += 1
        return f"{like}_{root._count}"

    def constant(self, value: Any, kind: Any = None, name: str = "") -> Value:
        """Numbers that are kept in the file; equal ones once. Floats become float32.

        Args:
            value: A tensor, an array or numbers.
            kind: Type of the numbers, for those that have none of their own.
            name: As it is called in the file.
        """
        array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value, kind)
        if array.dtype.kind == "f":
            array = np.ascontiguousarray(array, FLOAT)
        constants = self._root._constants
        key = (array.dtype.str, array.shape, array.tobytes()) if array.size <= 16 else (id(value), array.size)
        if key not in constants:
            # The value is kept, so that no other one can come to have its id.
            own = name or self.name("constant")
            constants[key] = (
                own,
                (value, numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), own)),
            )
        return constants[key][0]

    def ints(self, *values: int) -> Value:
        """int64 [N]."""
        return self.constant(np.array(values, INT))

    def input(self, name: str, kind: Any, dims: Sequence[int | str], help: str = "") -> Value:
        """Something that is given to the graph."""
        self.inputs.append(Port(name, kind, tuple(dims), help))
        return name

    def output(self, name: str, value: Value, kind: Any, dims: Sequence[int | str], help: str = "") -> None:
        """Something that the graph gives back."""
        self.nodes.append(helper.make_node("Identity", [value], [name], self.name("Identity")))
        self.outputs.append(Port(name, kind, tuple(dims), help))

    # -- nodes -----------------------------------------------------------------------------------------------

    @overload
    def op(self, kind: str, *inputs: Value, outputs: Literal[1] = 1, **attributes: Any) -> Value: ...

    @overload
    def op(self, kind: str, *inputs: Value, outputs: int, **attributes: Any) -> Any: ...

    def op(self, kind: str, *inputs: Value, outputs: int = 1, **attributes: Any) -> Any:
        """One operator; an input "" is left out. Returns its output, or a list of several."""
        own = self.name(kind)
        names = [own if outputs == 1 else f"{own}.{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, own, **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, x: Value, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Value:
        """x [..., I] times the transpose of weight [O, I], plus bias [O] -> [..., O]."""
        # Kept as it is and turned by the runtime when it loads the file: a tied matrix then stands in it once.
        product = self.op("MatMul", x, self.op("Transpose", self.constant(weight), perm=[1, 0]))
        return product if bias is None else self.op("Add", product, self.constant(bias))

    def split(self, x: Value, parts: int, axis: int = -1) -> list[Value]:
        """Equal parts along an axis."""
        return [x] if parts == 1 else self.op("Split", x, outputs=parts, axis=axis)

    def size(self, x: Value, axis: int) -> Value:
        """How long an axis is, int64 [1]."""
        return self.op("Shape", x, start=axis, end=axis + 1)

    def squeeze(self, x: Value, axis: int) -> Value:
        """Without an axis of length 1."""
        return self.op("Squeeze", x, self.ints(axis))

    def unsqueeze(self, x: Value, axis: int) -> Value:
        """With one more axis."""
        return self.op("Unsqueeze", x, self.ints(axis))

    def zeros(self, *sizes: Value | int) -> Value:
        """float32 of a shape whose parts are numbers or int64 [1]."""
        parts = [self.ints(size) if isinstance(size, int) else size for size in sizes]
        shape = self.op("Concat", *parts, axis=0)
        return self.op("ConstantOfShape", shape, value=helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]))

    def scan(
        self,
        states: Sequence[Value],
        slices: Sequence[Value],
        body: Body,
        *,
        kinds: Sequence[Any],
        backward: bool = False,
    ) -> tuple[list[Value], list[Value]]:
        """Run a body over the first axis of ``slices``, at least one step.

        Args:
            states: What the first step begins with; at least one.
            slices: [T, ...] each.
            kinds: Types of the states, the slices and what is put down, in this order.
            backward: From the last step to the first; what is put down keeps its place all the same.

        Returns:
            The states after the last step, and what was put down, [T, ...] each.
        """
        inner = Graph(self)
        given = [inner.name("in") for _ in (*states, *slices)]
        after, told = body(inner, given[: len(states)], given[len(states) :])
        ends = [inner.op("Identity", value) for value in (*after, *told)]
        count = len(states)
        types = [*kinds[:count], *kinds[count + len(slices) :]]
        graph = helper.make_graph(
            inner.nodes,
            self.name("body"),
            [_info(name, kind) for name, kind in zip(given, kinds[: len(given)], strict=True)],
            [_info(name, kind) for name, kind in zip(ends, types, strict=True)],
        )
        turn = int(backward)
        found = self.op(
            "Scan",
            *states,
            *slices,
            outputs=len(ends),
            body=graph,
            num_scan_inputs=len(slices),
            scan_input_directions=[turn] * len(slices),
            scan_output_directions=[turn] * len(told),
        )
        return found[:count], found[count : count + len(told)]

    # -- the file --------------------------------------------------------------------------------------------

    def model(self, title: str, facts: dict[str, str], readme: str, version: str) -> Any:
        """The whole as an ``onnx.ModelProto``.

        Args:
            title: Of the graph.
            facts: Metadata by name.
            readme: For people.
            version: Of this program.

        Raises:
            StudioError: it would be larger than an ONNX file can be.
        """
        tensors = [tensor for _, (_, tensor) in self._constants.values()]
        if sum(len(tensor.raw_data) for tensor in tensors) > MOST_BYTES:
            raise StudioError("The network is too large for an ONNX file", why="One file holds at most 2 GB")
        graph = helper.make_graph(
            self.nodes,
            title,
            [port.info() for port in self.inputs],
            [port.info() for port in self.outputs],
            tensors,
        )
        found = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=FORMAT,
            producer_name="LSTM Studio",
            producer_version=version,
            doc_string=readme,
        )
        helper.set_model_props(found, facts)
        checker.check_model(found)
        return found


class Port:
    """An input or output of a whole graph."""

    def __init__(self, name: str, kind: Any, dims: tuple[int | str, ...], help: str) -> None:
        self.name, self.kind, self.dims, self.help = name, kind, dims, help

    def info(self) -> Any:
        """As ONNX writes it."""
        return helper.make_tensor_value_info(self.name, _number(self.kind), self.dims)

    def words(self) -> str:
        """A line that says what it is."""
        shape = ", ".join(map(str, self.dims))
        return f"{self.name}: {np.dtype(self.kind).name} [{shape}] {self.help}".rstrip()


def _info(name: str, kind: Any) -> Any:
    return helper.make_tensor_value_info(name, _number(kind), None)


def _number(kind: Any) -> int:
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(kind)))
