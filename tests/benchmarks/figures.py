"""What the measurements have in common: turns, medians, rows with goals, one JSON file each, one table of all.

A measurement times its sides in turns (``in_turns``), makes rows of them (``ratio``, ``single``) and hands them to
``keep``, which writes out/bench/NAME.json. As a script this module puts the files together:

    python tests/benchmarks/figures.py [--only NAME ...] [--markdown]     the table, and out/bench/bench.json
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ALL = "bench"
"""Name of the file that holds the rows of all."""
DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        point: Of the list of goals, 1 to 8; 0 for what is measured besides.
        what: The thing measured, in a few words.
        figure, unit: The studio's own, a median.
        least, most: The goal: what ``ratio`` must reach or may reach, or ``figure`` where there is no peer.
        peer, peer_figure: What it is compared with, in the same unit.
        ratio: As the goal states it: own by peer where less is asked for, else peer by own (of times).
        repetitions: Measurements behind each figure.
        spread: Half the distance of the quartiles by the median, of the side where it is larger.
        note: What must be known to read it.
    """

    point: int
    what: str
    figure: float
    unit: str
    least: float | None = None
    most: float | None = None
    peer: str = ""
    peer_figure: float | None = None
    ratio: float | None = None
    repetitions: int = 1
    spread: float = 0.0
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        value = self.figure if self.ratio is None else self.ratio
        if self.least is None and self.most is None:
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def goal(self) -> str:
        """The goal in words."""
        unit = "x" if self.ratio is not None else f" {self.unit}"
        words = [f"{word} {_short(value)}{unit}" for word, value in (("≥", self.least), ("≤", self.most)) if value]
        return ", ".join(words)


def spread(values: Sequence[float]) -> float:
    """Half the distance between the quartiles, as a share of the median; 0 for fewer than three."""
    if len(values) < 3:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / middle if middle else 0.0


def single(point: int, what: str, values: Iterable[float], unit: str, *, scale: float = 1.0, **more: Any) -> Row:
    """A figure that has no peer: the median of ``values``, times ``scale``."""
    found = list(values)
    figure = scale * statistics.median(found)
    return Row(point, what, figure, unit, repetitions=len(found), spread=spread(found), **more)


def ratio(
    point: int,
    what: str,
    own: Sequence[float],
    peer: Sequence[float],
    name: str,
    unit: str,
    *,
    scale: float = 1.0,
    **more: Any,
) -> Row:
    """Times of the studio against those of a peer, in seconds, shown times ``scale``.

    With a goal ``least`` ("so many times faster") the ratio is peer by own, else own by peer.
    """
    mine, other = statistics.median(own), statistics.median(peer)
    return Row(
        point,
        what,
        scale * mine,
        unit,
        peer=name,
        peer_figure=scale * other,
        ratio=other / mine if more.get("least") is not None else mine / other,
        repetitions=min(len(own), len(peer)),
        spread=max(spread(own), spread(peer)),
        **more,
    )


def in_turns(sides: Mapping[str, Callable[[], float]], repeats: int, *, warm_up: int = 1) -> dict[str, list[float]]:
    """Seconds that each side says it took, ``repeats`` times, taken in turns so that a slow minute of the machine hits
    all alike; every second turn runs the other way round."""
    for side in sides.values():
        for _ in range(warm_up):
            side()
    taken: dict[str, list[float]] = {name: [] for name in sides}
    gc.collect()
    for turn in range(repeats):
        for name in list(sides)[:: -1 if turn % 2 else 1]:
            taken[name].append(sides[name]())
    return taken


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> Callable[[], float]:
    """Work as a side of ``in_turns``: its seconds."""

    def side() -> float:
        began = clock()
        work()
        return clock() - began

    return side


def memory(process: int) -> tuple[int, int]:
    """kB that a process and its children hold in all (proportional set size), and of it what is not backed by files;
    zeros where the system does not tell."""
    held = own = 0
    for number in (process, *children(process)):
        try:
            lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        values = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:]) if rest}
        held += values.get("Pss", 0)
        own += values.get("Pss_Anon", 0)
    return held, own


def children(process: int) -> list[int]:
    """Processes that it started, and those that they did."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    except OSError:
        return found
    return [*found, *(inner for child in found for inner in children(child))]


# -- files and the table ----------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where the files lie; LSTM_STUDIO_BENCH names another place."""
    return Path(os.environ.get("LSTM_STUDIO_BENCH") or ROOT / "out" / "bench")


def keep(name: str, rows: Sequence[Row], more: Any = None) -> Path:
    """Write NAME.json: when, on what machine, the rows with what follows from them, and ``more`` of the measurement."""
    told = [{**asdict(row), "met": row.met} for row in rows]
    return _write(name, {"date": _now(), "machine": machine(), "rows": told, "more": more})


def read(name: str) -> tuple[dict[str, Any], list[Row]]:
    """What ``keep`` wrote: all of it, and its rows."""
    told = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
    rows = [Row(**{key: value for key, value in row.items() if key != "met"}) for row in told["rows"]]
    return told, rows


def names() -> list[str]:
    """Measurements whose figures are there."""
    return sorted(path.stem for path in folder().glob("*.json") if path.stem != ALL and _is_ours(path))


def gather(only: Sequence[str] = ()) -> list[tuple[str, Row]]:
    """Rows of all measurements, or of some, by points of the list; bench.json holds them all."""
    found: list[tuple[str, Row]] = []
    parts = {}
    for name in names():
        told, rows = read(name)
        parts[name] = told
        if not only or name in only:
            found += [(name, row) for row in rows]
    _write(ALL, {"date": _now(), "machine": machine(), "parts": parts})
    return sorted(found, key=lambda one: (one[1].point or 99, one[0]))


def table(rows: Sequence[Row], markdown: bool = False) -> str:
    """The rows below each other; * where a goal is missed."""
    head = ("point", "what", "figure", "peer", "its figure", "ratio", "goal", "met", "n", "spread")
    lines = [head]
    notes = list(dict.fromkeys(row.note for row in rows if row.note))
    for row in rows:
        other = "" if row.peer_figure is None else f"{_short(row.peer_figure)} {row.unit}"
        lines.append(
            (
                str(row.point or ""),
                row.what + (f" [{notes.index(row.note) + 1}]" if row.note else ""),
                f"{_short(row.figure)} {row.unit}",
                row.peer,
                other,
                "" if row.ratio is None else f"{row.ratio:.2f}x",
                row.goal,
                {None: "", True: "yes", False: "no *"}[row.met],
                str(row.repetitions),
                f"{row.spread:.0%}" if row.spread else "",
            )
        )
    below = [f"[{number}] {note}" for number, note in enumerate(notes, 1)]
    if markdown:
        lines.insert(1, ("---",) * len(head))
        return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), *(f"\n{note}" for note in below)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*text, *below])


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    facts = {"cpu": _processor(), "cores": cores, "system": platform.platform(), "python": platform.python_version()}
    facts["torch"] = _version("torch")
    facts["load"] = [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else None
    return facts


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _short(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _write(name: str, content: dict[str, Any]) -> Path:
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{name}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def _is_ours(path: Path) -> bool:
    try:
        return "rows" in json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help="measurements by name; all that are there otherwise")
    parser.add_argument("--markdown", action="store_true")
    chosen = parser.parse_args(arguments)
    rows = [row for _, row in gather(chosen.only)]
    facts = machine()
    sys.stdout.write(
        f"{table(rows, chosen.markdown)}\n\n{facts['cpu']}, {facts['cores']} cores, torch {facts['torch']}"
    )
    sys.stdout.write(f"; {folder() / ALL}.json\n")


if __name__ == "__main__":
    main()
