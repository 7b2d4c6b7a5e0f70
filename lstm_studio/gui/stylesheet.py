"""The global style sheet, generated from a palette. All standard widgets are styled here and nowhere else."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from lstm_studio.gui import icons
from lstm_studio.gui.folders import folders

if TYPE_CHECKING:
    from lstm_studio.gui.theme import Theme


class _Template(string.Template):
    delimiter = "@"


def build(theme: Theme) -> str:
    """Style sheet of a palette. Writes the few coloured icons that style sheets can only name by file."""
    values = {role: theme.hex(role) for role in theme.roles}
    place = folders().cache / "style"
    for key, name, role in (
        ("down", "chevron_down", "text_muted"),
        ("down_off", "chevron_down", "text_disabled"),
        ("up", "chevron_up", "text_muted"),
        ("up_off", "chevron_up", "text_disabled"),
        ("right", "chevron_right", "text_muted"),
        ("check", "check", "accent_text"),
        ("check_off", "check", "text_disabled"),
        ("check_menu", "check", "accent"),
        ("minus", "minus", "accent_text"),
        ("close", "close", "text_muted"),
    ):
        values[f"icon_{key}"] = icons.write_colored(name, theme.hex(role), place)
    return _Template(_SHEET).substitute(values)


_SHEET = """
* { outline: none; }
QWidget { color: @text; }
QMainWindow, QDialog, QWidget#page, QWidget#window { background: @background; }
QLabel { background: transparent; }
QLabel[tone="muted"] { color: @text_muted; }
QLabel[tone="small"] { color: @text_muted; font-size: 12px; }
QLabel[tone="danger"] { color: @danger; }
QLabel[tone="warning"] { color: @warning; }
QLabel[tone="success"] { color: @success; }
QLabel[tone="accent"] { color: @accent; }
QLabel:disabled { color: @text_disabled; }
QToolTip { background: @surface_raised; color: @text; border: 1px solid @border; padding: 6px 8px; font-size: 12px; }

QFrame#card { background: @surface; border: 1px solid @border; border-radius: 8px; }
QFrame#rail { background: @surface; border: none; border-right: 1px solid @border; }
QFrame#header { background: @surface; border: none; border-bottom: 1px solid @border; }
QFrame#runbar { background: @surface; border: none; border-top: 1px solid @border; }
QFrame#line { background: @border; border: none; max-height: 1px; min-height: 1px; }
QFrame#vline { background: @border; border: none; max-width: 1px; min-width: 1px; }
QFrame#banner { border-radius: 8px; border: 1px solid @border; background: @surface; }
QFrame#banner[severity="info"] { background: @accent_soft; border-color: @accent_soft; }
QFrame#banner[severity="success"] { background: @success_soft; border-color: @success_soft; }
QFrame#banner[severity="warning"] { background: @warning_soft; border-color: @warning_soft; }
QFrame#banner[severity="error"] { background: @danger_soft; border-color: @danger_soft; }
QLabel#chip { border-radius: 10px; padding: 0 8px; min-height: 20px; max-height: 20px; font-size: 12px;
  background: @surface_raised; color: @text_muted; }
QLabel#chip[role="accent"] { background: @accent_soft; color: @accent; }
QLabel#chip[role="success"] { background: @success_soft; color: @success; }
QLabel#chip[role="warning"] { background: @warning_soft; color: @warning; }
QLabel#chip[role="danger"] { background: @danger_soft; color: @danger; }

QPushButton { background: @surface; color: @text; border: 1px solid @border; border-radius: 8px;
  padding: 0 12px; min-height: 30px; }
QPushButton:hover { background: @surface_raised; }
QPushButton:pressed { background: @border; }
QPushButton:checked { background: @accent_soft; border-color: @accent; color: @accent; }
QPushButton:focus { border: 1px solid @focus; }
QPushButton:disabled { color: @text_disabled; background: @background; border-color: @border; }
QPushButton:default { border-color: @accent; }
QPushButton#primary { background: @accent; color: @accent_text; border: 1px solid @accent; padding: 0 16px;
  min-height: 34px; font-weight: 600; }
QPushButton#primary:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton#primary:pressed { background: @accent_hover; }
QPushButton#primary:focus { border: 2px solid @text; }
QPushButton#primary:disabled { background: @surface_raised; border-color: @border; color: @text_disabled; }
QPushButton#danger { color: @danger; }
QPushButton#danger:hover { background: @danger_soft; border-color: @danger; }
QPushButton#link { background: transparent; border: 1px solid transparent; color: @accent; padding: 0 4px;
  min-height: 24px; text-align: left; }
QPushButton#link:hover { text-decoration: underline; }
QPushButton#link:focus { border-color: @focus; }
QPushButton#link:disabled { color: @text_disabled; }
QPushButton::menu-indicator { image: url(@icon_down); width: 14px; height: 14px; subcontrol-position: right center;
  right: 8px; }
QPushButton[menu="true"] { padding-right: 28px; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 8px; padding: 5px; }
QToolButton:hover { background: @surface_raised; }
QToolButton:pressed { background: @border; }
QToolButton:checked { background: @accent_soft; color: @accent; }
QToolButton:focus { border-color: @focus; }
QToolButton:disabled { color: @text_disabled; }
QToolButton::menu-indicator { image: none; }
QToolButton#rail { padding: 6px 2px; border-radius: 8px; font-size: 12px; color: @text_muted; }
QToolButton#rail:hover { background: @surface_raised; color: @text; }
QToolButton#rail:checked { background: @accent_soft; color: @accent; font-weight: 600; }
QToolButton#rail:focus { border-color: @focus; }

QFrame#segmented { background: @surface_raised; border: 1px solid @border; border-radius: 8px; }
QFrame#segmented QToolButton { border-radius: 6px; padding: 3px 12px; color: @text_muted; min-height: 20px; }
QFrame#segmented QToolButton:hover { color: @text; background: transparent; }
QFrame#segmented QToolButton:checked { background: @surface; color: @text; border: 1px solid @border_strong; }
QFrame#segmented QToolButton:focus { border: 1px solid @focus; }
QFrame#segmented QToolButton:disabled { color: @text_disabled; }

QLineEdit, QTextEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit {
  background: @surface; color: @text; border: 1px solid @border_strong; border-radius: 8px;
  selection-background-color: @selection; selection-color: @text; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 30px; padding: 0 8px; }
QTextEdit, QPlainTextEdit { padding: 6px 8px; }
QPlainTextEdit#cell { padding: 2px 3px; border-radius: 4px; border-color: @focus; }
QListView#choices { border: 1px solid @border; padding: 4px; }
QLineEdit#cell { min-height: 0; padding: 0 6px; border-radius: 4px; border-color: @focus; }
QTextEdit#written { background: transparent; border-color: transparent; padding: 2px; }
QTextEdit#written:focus { border-color: @focus; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover, QTextEdit:hover, QPlainTextEdit:hover {
  border-color: @text_muted; }
QLineEdit:focus, QTextEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QComboBox:on { border: 1px solid @focus; }
QLineEdit[invalid="true"], QSpinBox[invalid="true"], QDoubleSpinBox[invalid="true"], QComboBox[invalid="true"],
QTextEdit[invalid="true"] { border: 1px solid @danger; }
QLineEdit:disabled, QTextEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled,
QComboBox:disabled { color: @text_disabled; background: @background; border-color: @border; }
QLineEdit[readOnly="true"] { background: @background; }
QSpinBox, QDoubleSpinBox { padding-right: 24px; max-height: 30px; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 22px;
  height: 15px; border: none; background: transparent; margin: 1px 1px 0 0; border-top-right-radius: 7px; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right;
  width: 22px; height: 15px; border: none; background: transparent; margin: 0 1px 1px 0;
  border-bottom-right-radius: 7px; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: @surface_raised; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(@icon_up); width: 12px; height: 12px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(@icon_down); width: 12px; height: 12px; }
QSpinBox::up-arrow:disabled, QSpinBox::up-arrow:off, QDoubleSpinBox::up-arrow:disabled,
QDoubleSpinBox::up-arrow:off { image: url(@icon_up_off); }
QSpinBox::down-arrow:disabled, QSpinBox::down-arrow:off, QDoubleSpinBox::down-arrow:disabled,
QDoubleSpinBox::down-arrow:off { image: url(@icon_down_off); }
QComboBox { padding-right: 26px; combobox-popup: 0; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { image: url(@icon_down); width: 14px; height: 14px; }
QComboBox::down-arrow:disabled { image: url(@icon_down_off); }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @border; padding: 4px; outline: none;
  selection-background-color: @accent_soft; selection-color: @text; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 6px; border: none; border-radius: 6px; }
QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover {
  background: @accent_soft; color: @text; }
QComboBox QAbstractItemView::item:disabled { color: @text_disabled; }
QComboBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 20px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; min-height: 24px; }
QCheckBox:disabled, QRadioButton:disabled { color: @text_disabled; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid @border_strong;
  background: @surface; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @accent; }
QCheckBox:focus { color: @accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 1px solid @focus; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@icon_check); }
QCheckBox::indicator:indeterminate { background: @accent; border-color: @accent; image: url(@icon_minus); }
QRadioButton::indicator:checked { background: @surface; border: 5px solid @accent; width: 8px; height: 8px; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: @background; border-color: @border; }
QCheckBox::indicator:checked:disabled { image: url(@icon_check_off); background: @surface_raised; }

QSlider { min-height: 22px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: @surface;
  border: 1px solid @border_strong; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:pressed { border-color: @accent; }
QSlider::handle:horizontal:focus { border: 2px solid @focus;
  width: 12px; height: 12px; }
QSlider::handle:horizontal:disabled { background: @surface_raised; border-color: @border; }
QSlider::sub-page:horizontal:disabled { background: @border; }

QProgressBar { background: @surface_raised; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }
QProgressBar::chunk { background: @accent; border-radius: 4px; }
QProgressBar[paused="true"]::chunk { background: @border_strong; }

QTableView, QTreeView, QListView { background: @surface; alternate-background-color: @background;
  border: 1px solid transparent; border-radius: 4px; gridline-color: @grid;
  selection-background-color: @selection; selection-color: @text; }
QTableView::item, QTreeView::item, QListView::item { padding: 2px 8px; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @selection; color: @text; }
QTableView:focus, QTreeView:focus, QListView:focus { border-color: @focus; }
QListView::item { min-height: 28px; border-radius: 6px; }
QListView::item:hover { background: @surface_raised; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @text_muted; border: none; border-bottom: 1px solid @border;
  padding: 4px 8px; min-height: 24px; font-size: 12px; font-weight: 600; }
QHeaderView::section:hover { color: @text; background: @surface_raised; }
QHeaderView::up-arrow { image: url(@icon_up); width: 12px; height: 12px; subcontrol-position: center right;
  right: 6px; }
QHeaderView::down-arrow { image: url(@icon_down); width: 12px; height: 12px; subcontrol-position: center right;
  right: 6px; }
QTableCornerButton::section { background: @surface; border: none; }

QScrollArea { border: none; background: transparent; }
QScrollArea[reachable="true"] { border: 1px solid transparent; border-radius: 4px; }
QScrollArea[reachable="true"]:focus { border-color: @focus; }
QScrollArea > QWidget > QWidget#content { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @border_strong; border-radius: 4px; border: 2px solid transparent; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @text_muted; }
QScrollBar::handle:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenu { background: @surface; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 6px; min-height: 20px; }
QMenu::item:selected { background: @accent_soft; color: @text; }
QMenu::item:disabled { color: @text_disabled; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QMenu::indicator { width: 16px; height: 16px; left: 6px; }
QMenu::indicator:checked { image: url(@icon_check_menu); }

QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @text_muted; padding: 8px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QTabBar::tab:disabled { color: @text_disabled; }

QSplitter { background: transparent; }
QSplitter::handle { background: transparent; }
QSplitter::handle:horizontal { width: 8px; }
QSplitter::handle:vertical { height: 8px; }
QSplitter::handle:hover { background: @surface_raised; }
QGroupBox { border: 1px solid @border; border-radius: 8px; margin-top: 20px; padding: 8px; background: @surface; }
QGroupBox::title { subcontrol-origin: margin; left: 0; color: @text_muted; }
QStatusBar { background: @surface; color: @text_muted; }
QMessageBox, QFileDialog { background: @background; }
QDialogButtonBox QPushButton { min-width: 72px; }
"""
