"""The texts behind encoded rows, left in the table they come from: one is read when somebody asks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_studio.data.cache import linked
from lstm_studio.data.mending import rewriter


class LargeTexts:
    """N texts of a table on disk.

    Args:
        file: The Arrow file.
        column: Where the texts stand in it.
        rows: Row of each text: int64 [N].
        remedies: Those that rewrite texts.
        keep: Held as long as this is.
    """

    def __init__(
        self, file: Path, column: int, rows: np.ndarray, remedies: Sequence[str] = (), keep: object = None
    ) -> None:
        self._file, self._column, self._rows, self._remedies = file, column, rows, tuple(remedies)
        self._keep = keep
        self._rewrite = rewriter(self._remedies)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> str:
        row = int(self._rows[range(len(self))[index]])
        block = int(np.searchsorted(self._ends, row, side="right"))
        start = int(self._ends[block - 1]) if block else 0
        text = str(self._cells.chunk(block)[row - start].as_py())
        return text if self._rewrite is None else self._rewrite(text)

    @cached_property
    def _cells(self) -> Any:
        with pa.memory_map(str(self._file)) as source:
            return pa.ipc.open_file(source).read_all().column(self._column)

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum([len(chunk) for chunk in self._cells.chunks], dtype=np.int64)

    def save(self, folder: Path, name: str) -> None:
        """Write ``NAME.json`` and ``NAME_rows.npy``, and the table itself unless another part has."""
        table = f"{self._file.parent.name}.arrow" if self._file.parent != folder else self._file.name
        if not (folder / table).exists():
            linked(self._file, folder / table)
        np.save(folder / f"{name}_rows.npy", self._rows, allow_pickle=False)
        told = {"table": table, "column": self._column, "remedies": self._remedies}
        (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> LargeTexts | None:
        """Map what ``save`` wrote; None where nothing was.

        Raises:
            OSError, ValueError, KeyError, TypeError: it is damaged.
        """
        path = folder / f"{name}.json"
        if not path.exists():
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        table = folder / Path(str(told["table"])).name
        rows = np.load(folder / f"{name}_rows.npy", allow_pickle=False)
        texts = cls(table, int(told["column"]), rows, [str(one) for one in told["remedies"]])
        if len(rows) and int(rows.max()) >= int(texts._ends[-1]):
            raise ValueError(name)
        return texts
