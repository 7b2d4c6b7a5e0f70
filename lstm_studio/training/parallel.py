"""Several processes that train one network, each on its share of every batch.

All hold the same weights and take the same steps. The gradient that the optimiser sees is that of the mean over the
whole batch: each process scales its own by what its mean was divided by (``Loss.weight``), and
DistributedDataParallel adds them up (Li et al., "PyTorch Distributed: Experiences on accelerating data parallel
training", 2020). Process 0 alone reads and writes the run's folder, evaluates, and speaks.

Figures and orders go through Gloo, gradients through Gloo on CPUs and NCCL on GPUs. Only runs of several processes
import this module.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lstm_studio.config import TrainingConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.tasks.base import Evaluation, Loss
from lstm_studio.tasks.sharing import is_empty, rows_of_share, share_out
from lstm_studio.training import checkpoint
from lstm_studio.training.control import Order
from lstm_studio.training.device import MOST_THREADS, cores, resolve_device
from lstm_studio.training.place import ElsewhereError, PartnerLostError, Place

TIMEOUT = timedelta(minutes=10)
"""How long a process waits for the others at a step. One that dies is noticed at once, for its connections close."""
_PATIENCE = timedelta(days=1)
"""How long they wait while one of them reads the data."""
_LOST = re.compile(r"gloo|nccl|connection (closed|reset|refused)|timed out|timeout|broken pipe|socket", re.IGNORECASE)
_FINE, _FAILED, _CANCELLED = 0, 1, 2
T = TypeVar("T")


@dataclass(frozen=True)
class Heard:
    """What the processes have agreed on: what to do, whether to save, whether process 0 is busy with something that
    the others have no part in."""

    order: Order = Order.RUN
    save: bool = False
    busy: bool = False


class World:
    """The processes of a run, seen from one of them. All must call the same methods in the same order.

    Raises:
        StudioError: the others cannot be reached.
    """

    def __init__(self, place: Place) -> None:
        self.place, self.rank, self.size, self.leads = place, place.rank, place.size, place.leads
        self.heard = Heard()
        self._wish = Heard()
        self._begun = False
        both = torch.cuda.is_available() and dist.is_nccl_available()
        try:
            dist.init_process_group("cpu:gloo,cuda:nccl" if both else "gloo", timeout=TIMEOUT)
            self._patient = dist.new_group(backend="gloo", timeout=_PATIENCE)
        except (RuntimeError, ValueError) as error:
            raise StudioError(
                "The processes of this training cannot reach each other",
                why=_first_line(error),
                todo="Check the address that torchrun was given, or name the network in GLOO_SOCKET_IFNAME",
            ) from None

    def leave(self) -> None:
        """The end, for all."""
        dist.destroy_process_group()

    # -- before the first step -------------------------------------------------------------------------------

    def give_up(self) -> None:
        """Process 0 failed; if that was before anything was shared, the others are told, who wait for it."""
        if self.leads and not self._begun:
            with suppress(ElsewhereError, PartnerLostError):
                self.share(_nothing)

    def share(self, make: Callable[[], bytes]) -> bytes:
        """What process 0 makes, for all.

        Raises:
            ElsewhereError: it could not. What ``make`` raises there goes on there.
        """
        made: bytes = b""
        failure: BaseException | None = None
        self._begun = True
        if self.leads:
            try:
                made = make()
            except BaseException as error:  # noqa: BLE001 - is raised again when all have been told
                failure = error
        with guarded():
            size = torch.tensor([-1 if failure is not None else len(made)])
            dist.broadcast(size, 0, group=self._patient)
            if failure is not None:
                raise failure
            if int(size) < 0:
                raise ElsewhereError("Process 0 could not begin")
            if not int(size):
                return b""
            content = torch.empty(int(size), dtype=torch.uint8)
            if self.leads:
                content = torch.frombuffer(bytearray(made), dtype=torch.uint8)
            dist.broadcast(content, 0, group=self._patient)
        return content.numpy().tobytes()

    @contextmanager
    def placed(self, read: Callable[[], bytes]) -> Iterator[Path | None]:
        """The checkpoint that process 0 reads, in a folder of this machine (its own has none); None where there is
        nothing to read."""
        content = self.share(read)
        if not content or self.leads:
            yield Path() if content else None
            return
        with TemporaryDirectory(prefix="lstm-studio-") as place:
            path = checkpoint.path_of(Path(place))
            path.parent.mkdir()
            path.write_bytes(content)
            yield Path(place)

    def in_turn(self, read: Callable[[], T]) -> T:
        """Read the data: one process on each machine first, so that the others find it prepared.

        Raises:
            ElsewhereError: it failed in another process. What ``read`` raises here goes on here.
        """
        found: T | None = None
        self.heard = Heard()
        for turn in (True, False):
            failure: BaseException | None = None
            if (self.place.local_rank == 0) is turn:
                try:
                    found = read()
                except Exception as error:  # noqa: BLE001 - is raised again when all have been told
                    failure = error
            self._settle(failure)
        return found  # type: ignore[return-value]

    def compare(self, facts: str, batch_size: int) -> None:
        """Make sure that all have the same data, and enough of it in a batch.

        Raises:
            StudioError: they do not.
        """
        failure: StudioError | None = None
        if self.share(facts.encode).decode() != facts:
            failure = StudioError(
                f"The data of process {self.rank} is not that of process 0",
                todo="Put the same file at the same place on every machine",
            )
        self._settle(failure)
        if batch_size < self.size:
            raise StudioError(
                f"Batches of {batch_size} cannot be shared out over {self.size} processes",
                todo=f"Set training.batch_size to {self.size} or more, or start fewer processes",
            )

    def device(self, name: str) -> torch.device:
        """The device of this process: GPUs are counted through.

        Raises:
            StudioError: it is not there.
        """
        device = resolve_device(name)
        if device.type != "cuda":
            return device
        there, number = torch.cuda.device_count(), self.place.local_rank
        if number >= there:
            raise StudioError(
                f"There are {there} GPUs for {self.place.local_size} processes",
                todo=f"Start torchrun with --nproc-per-node {there}",
            )
        torch.cuda.set_device(number)
        return torch.device("cuda", number)

    def threads(self, config: TrainingConfig) -> int:
        """Threads of this process: what was asked for, or its share of the machine's cores."""
        if config.threads is not None:
            return config.threads
        return min(MOST_THREADS, max(1, cores() // self.place.local_size))

    def _settle(self, failure: BaseException | None) -> None:
        """Go on together or not at all."""
        state = _FINE if failure is None else _CANCELLED if isinstance(failure, Cancelled) else _FAILED
        with guarded():
            worst = torch.tensor([state])
            dist.all_reduce(worst, dist.ReduceOp.MAX, group=self._patient)
        if int(worst) == _CANCELLED:
            raise Cancelled
        if failure is not None:
            raise failure
        if int(worst) == _FAILED:
            raise ElsewhereError("Another process could not begin")

    # -- a step ----------------------------------------------------------------------------------------------

    def mine(self, handle: Any, part: Any) -> tuple[Any, bool]:
        """This process's share of a batch; and whether it counts. Where there are fewer texts than processes some read
        one that another learns from, so that all take part in the sums.

        Raises:
            StudioError: running text has fewer rows than there are processes.
        """
        shares = share_out(handle, part, self.size)
        own = shares[self.rank]
        if not is_empty(own):
            return own, True
        if isinstance(own, tuple):
            raise StudioError(
                f"The text is too short to be shared out over {self.size} processes", todo="Start fewer processes"
            )
        return handle[:1], False

    def wrapped(self, model: nn.Module, loss: Callable[..., Loss]) -> nn.Module:
        """A task's loss, whose gradients are summed while they are computed. The one before must have been let go."""
        gc.collect()  # its hooks hang on the weights until then
        with guarded():
            module = _LossOf(model, loss)
            return DistributedDataParallel(module, forward_sync_buffers=False, gradient_as_bucket_view=True)

    def guarded(self) -> AbstractContextManager[None]:
        """Around what speaks to the others: a lost connection becomes a PartnerLostError."""
        return guarded()

    def wish(self, wish: Heard) -> None:
        """What this process wants; goes out with the next figures."""
        self._wish = wish

    def weighed(self, loss: Loss, counts: bool) -> tuple[Loss, float]:
        """A loss so scaled that the mean of all gradients is that of the whole batch, with the figures of the whole
        batch; and its value there."""
        weight = loss.divisor if counts else 0.0
        value = float(loss.value.detach()) if counts else 0.0
        shown = value if loss.shown is None or not counts else float(loss.shown)
        own = [weight, weight * value, weight * shown, *((loss.examples, loss.tokens) if counts else (0, 0))]
        total, value, shown, examples, tokens = self._summed(own)
        scaled = loss.value * (weight * self.size / total)
        done = replace(
            loss, value=scaled, examples=int(examples), tokens=int(tokens), shown=torch.tensor(shown / total)
        )
        return done, value / total

    def exchange(self, wish: Heard) -> Heard:
        """Between steps: what all want together."""
        self.wish(wish)
        self._summed([])
        return self.heard

    def evaluated(
        self,
        read: Callable[[Callable[[], None]], Evaluation],
        between: Callable[[], None],
        wish: Callable[[bool], Heard],
    ) -> Evaluation:
        """Figures of a part of the data, which process 0 reads while the others wait for them.

        Args:
            read: Reads it, and calls what it is given after each batch.
            between: What each process does then; it may raise.
            wish: What this process wants; told whether it is busy.
        """
        found: Evaluation | None = None
        if self.leads:

            def told() -> None:
                self.exchange(wish(True))
                between()

            found = read(told)
            self.exchange(wish(False))
        else:
            while self.exchange(wish(False)).busy:
                between()
        figures = self.share(lambda: json.dumps(found.metrics if found else {}).encode())
        return found or Evaluation(json.loads(figures))

    def _summed(self, figures: Sequence[float]) -> list[float]:
        """Sums over all processes; what they want travels along."""
        wish = self._wish
        words = [wish.order is Order.STOP, wish.order is Order.CANCEL]
        if self.leads:
            words += [wish.order is Order.PAUSE, wish.save, wish.busy]
        else:
            words += [False] * 3
        vector = torch.tensor([*words, *figures], dtype=torch.float64)
        with guarded():
            dist.all_reduce(vector)
        stop, cancel, pause, save, busy, *sums = vector.tolist()
        order = Order.CANCEL if cancel else Order.STOP if stop else Order.PAUSE if pause else Order.RUN
        self.heard = Heard(order, bool(save), bool(busy))
        return sums

    # -- what is carried from step to step -------------------------------------------------------------------

    def gathered(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rows of all processes (axis 1), together again; for process 0, the others get what they gave."""
        found: dict[str, Tensor] = {}
        for name in sorted(tensors):
            own = tensors[name]
            with guarded():
                sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
                dist.all_gather(sizes, torch.tensor([own.shape[1]]))
                longest = max(int(size) for size in sizes)
                room = own.new_zeros(own.shape[0], longest, *own.shape[2:])
                room[:, : own.shape[1]] = own
                rooms = [torch.empty_like(room) for _ in range(self.size)]
                dist.all_gather(rooms, room)
            parts = [one[:, : int(size)] for one, size in zip(rooms, sizes, strict=True)]
            found[name] = torch.cat(parts, 1).contiguous() if self.leads else own
        return found

    def own_rows(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The rows of this process of what was gathered by any number of them."""
        return rows_of_share(tensors, self.rank, self.size)


class _LossOf(nn.Module):
    """A task's loss as the forward pass of a module, for DistributedDataParallel."""

    def __init__(self, model: nn.Module, loss: Callable[..., Loss]) -> None:
        super().__init__()
        self.model = model
        self._loss = loss

    def forward(self, batch: Any, extra: Any, done: float) -> Loss:
        """See ``Task.loss``."""
        return self._loss(self.model, batch, extra, done)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what torch says of a lost connection into a sentence."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and not _LOST.search(str(error)):
            raise
        raise PartnerLostError(
            "Another process of this training has ended, or cannot be reached any more",
            why=_first_line(error),
            todo="Go on from the checkpoint with --resume, with any number of processes",
        ) from None


def _nothing() -> bytes:
    raise ElsewhereError("There is nothing to share")


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    found = re.sub(r"^\[[^\]]*\] ", "", lines[0]) if lines else type(error).__name__  # without torch's line of source
    return found.split(". ")[0][:200]
