"""Sentences at the top of the page: errors that can be mended, and good news. At most three at a time."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.gui.accessible import announce
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.theme import S1, S3
from lstm_studio.gui.widgets.basic import Banner

MOST = 3
SECONDS: dict[str, float] = {"info": 8, "success": 6}


class Notices(QWidget):
    """A stack of banners. News of the same key replaces what was said; mere information goes by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(S3, S1, S3, 0)
        self._column.setSpacing(S1)
        self._shown: list[tuple[Notice, Banner]] = []
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show a sentence."""
        for old in [pair for pair in self._shown if notice.key and pair[0].key == notice.key]:
            self._remove(old[1])
        if any(old.text == notice.text for old, _ in self._shown):
            return
        banner = Banner(notice.severity, notice.text, notice.action_text, closable=True)

        def act() -> None:
            self._remove(banner)
            if notice.action is not None:
                notice.action()

        banner.show_message(notice.severity, notice.text, notice.action_text, act)
        banner.closed.connect(lambda: self._remove(banner))
        self._shown.append((notice, banner))
        self._column.addWidget(banner)
        announce(banner, notice.text)
        while len(self._shown) > MOST:
            self._remove(self._shown[0][1])
        self.show()
        seconds = SECONDS.get(notice.severity)
        if seconds and not notice.action_text:
            timer = QTimer(banner)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._remove(banner))
            timer.start(round(seconds * 1000))

    def texts(self) -> list[str]:
        """What is being said."""
        return [notice.text for notice, _ in self._shown]

    def clear(self, key: str = "") -> None:
        """Take back what was said, all of it or under one key."""
        for notice, banner in list(self._shown):
            if not key or notice.key == key:
                self._remove(banner)

    def _remove(self, banner: Banner) -> None:
        for pair in list(self._shown):
            if pair[1] is banner:
                self._shown.remove(pair)
                self._column.removeWidget(banner)
                banner.hide()
                banner.deleteLater()
        self.setVisible(bool(self._shown))
