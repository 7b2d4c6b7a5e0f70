"""A text while it is written on another thread."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Job
    from lstm_studio.tasks.continued import WrittenToken


class Writing:
    """Tokens come in on the thread that writes and are taken out on the window's; ``halt`` goes the other way.

    Args:
        asked: How it was asked for.

    Attributes:
        job: The work that writes, as soon as it is known.
        count: How many tokens were taken out.
    """

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.job: Job | None = None
        self.count = 0
        self._come: deque[WrittenToken] = deque()
        self._halted = threading.Event()

    def put(self, token: WrittenToken) -> bool:
        """On the thread that writes: True where it should end."""
        self._come.append(token)
        return self._halted.is_set() or (self.job is not None and self.job.cancelled.is_set())

    def take(self) -> list[WrittenToken]:
        """What has come since."""
        found = []
        while self._come:
            found.append(self._come.popleft())
        self.count += len(found)
        return found

    @property
    def halted(self) -> bool:
        """Whether it was told to end."""
        return self._halted.is_set()

    def halt(self) -> None:
        """Have it end after the next token; what was written is the answer."""
        self._halted.set()
