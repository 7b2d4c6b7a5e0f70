"""Pages that are written by the program itself: every setting, and every command. Plain text out, no Sphinx in."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lstm_studio import resources
from lstm_studio.cli.main import _parser
from lstm_studio.config.data import SECTIONS, DataConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.model import ModelConfig
from lstm_studio.config.section import Section
from lstm_studio.config.training import TrainingConfig
from lstm_studio.data.kinds import KINDS

Words = Mapping[str, str]
WORDS: Words = {
    "default": "默认",
    "values": "取值",
    "tasks": "任务",
    "counts where": "仅在以下条件下起作用",
    "above": "大于",
    "at least": "至少",
    "below": "小于",
    "at most": "至多",
    "empty": "空",
    " and ": "，且 ",
    " or ": " 或 ",
    "In [data], for every task": "[data]：所有任务都有的设置",
    "In [data]": "[data]",
    "In [model]": "[model]",
    "In [training]": "[training]",
    ", ": "、",
    ": ": "：",
}
"""What the page itself says, in Chinese; titles and sentences of settings come from the window's catalogues."""


def catalogue(language: str) -> dict[str, str]:
    """English text -> text in the language; empty for English."""
    if language == "en":
        return {}
    found: dict[str, str] = dict(WORDS)
    for path in sorted(resources.find("translations").glob(f"{language}*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def anchor(section: str, name: str) -> str:
    """Where a setting stands on its page: "model-hidden-size"."""
    return f"{section}-{name}".replace("_", "-")


def settings(language: str = "en") -> str:
    """The page of all settings, as Markdown: a heading and a short list for each."""
    words = catalogue(language)

    def say(text: str) -> str:
        return words.get(text, text)

    lines: list[str] = []
    for place, title, section, left_out in _sections():
        found = [option for option in options(section) if option.name not in left_out]
        if not found:
            continue
        head = f"{say('In [data]')}{say(': ')}{say(title)}" if title in _titles() else say(title)
        lines += [f"## {head}", ""]
        for option in found:
            task = next((name for name, kind in SECTIONS.items() if kind is section), "")
            at = anchor(place if not task or place != "data" else f"data-{task}", option.name)
            lines += [f"({at})=", "", f"### {say(option.title)}", "", *_about(place, task, option, say), ""]
    return "\n".join(lines)


def _sections() -> Iterator[tuple[str, str, type[Section], frozenset[str]]]:
    """Name in the file, heading, declaration, and the settings that were told already."""
    yield "data", "In [data], for every task", DataConfig, frozenset()
    for name, section in SECTIONS.items():
        same = {option.name: option for option in options(DataConfig)}
        told = frozenset(option.name for option in options(section) if same.get(option.name) == option)
        yield "data", KINDS[name].title, section, told
    yield "model", "In [model]", ModelConfig, frozenset()
    yield "training", "In [training]", TrainingConfig, frozenset()


def _titles() -> set[str]:
    return {kind.title for kind in KINDS.values()}


def _about(section: str, task: str, option: OptionInfo, say: Any) -> list[str]:
    lines = [f"`{section}.{option.name}`", "", _plain(say(option.help)), ""]
    facts = [(say("default"), _default(option, say))]
    if bounds := _bounds(option, say):
        facts.append((say("values"), bounds))
    if option.tasks and not task:
        facts.append((say("tasks"), say(", ").join(say(KINDS[name].title) for name in option.tasks)))
    if option.when:
        needs = [
            f"`{section}.{name}` = {say(' or ').join(f'`{_value(value)}`' for value in values)}"
            for name, values in option.when.items()
        ]
        facts.append((say("counts where"), say(" and ").join(needs)))
    return [*lines, *(f"- {name}{say(': ')}{text}" for name, text in facts)]


def _default(option: OptionInfo, say: Any) -> str:
    if option.default is None:
        return _plain(say(option.automatic)) if option.automatic else "`none`"
    if option.default in ("", ()):
        return str(say("empty"))
    unit = f" {say(option.unit)}" if option.unit else ""
    label = option.label(option.default)
    told = f" ({_plain(say(label))})" if option.labels and label != str(option.default) else ""
    return f"`{_value(option.default)}`{unit}{told}"


def _bounds(option: OptionInfo, say: Any) -> str:
    if option.kind == "choice":
        return ", ".join(
            f"`{_value(choice)}`"
            + (f" ({_plain(say(option.label(choice)))})" if option.label(choice) != str(choice) else "")
            for choice in option.choices
        )
    unit = f" {say(option.unit)}" if option.unit else ""
    low, high = option.minimum, option.maximum
    parts = []
    if low is not None:
        parts.append(f"{say('above' if option.minimum_open else 'at least')} {_value(low)}")
    if high is not None:
        parts.append(f"{say('below' if option.maximum_open else 'at most')} {_value(high)}")
    if parts:
        return f"{say(', ').join(parts)}{unit}"
    return ""


def _value(value: Any) -> str:
    """As TOML writes it, but texts without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return str(value)


def _plain(text: str) -> str:
    """A sentence in which nothing is taken for Markdown."""
    for mark in "\\`*_[]<>":
        text = text.replace(mark, f"\\{mark}")
    return text


# -- the command line ------------------------------------------------------------------------------------------


def commands() -> str:
    """The page of all commands, as Markdown: usage and arguments of each, from the parsers."""
    lines: list[str] = []
    for name, parser in parsers():
        usage = _usage(parser)
        lines += [f"(command-{name.replace(' ', '-')})=", "", f"## {name}", "", parser.description or "", ""]
        lines += ["```text", usage, "```", ""]
        rows = [_row(action) for action in arguments(parser)]
        if rows:
            lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command with its name, those of two words behind the first of them."""

    def walk(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for word, inner in action.choices.items():
                    full = f"{name} {word}".strip()
                    yield full, inner
                    yield from walk(inner, full)

    yield from walk(_parser()[0], "")


def arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What a command takes, help and inner commands left out."""
    skipped = (argparse._HelpAction, argparse._SubParsersAction)
    return [action for action in parser._actions if not isinstance(action, skipped)]


def _usage(parser: argparse.ArgumentParser) -> str:
    parser.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=100)
    return parser.format_usage().removeprefix("usage: ").replace("\n" + " " * len("usage: "), "\n").strip()


def _row(action: argparse.Action) -> str:
    shown = str(action.metavar or action.dest)
    if action.option_strings:
        name = ", ".join(action.option_strings)
        if action.choices:
            name += f" {{{','.join(map(str, action.choices))}}}"
        elif action.nargs != 0:
            name += f" {shown}{' ...' if action.nargs == '+' else ''}"
    else:
        name = shown
    return f"| `{name}` | {_plain(action.help or '')} |"


def every_setting() -> list[str]:
    """Dotted names of all settings of all tasks: "data.tagging.word" for those that only one task has."""
    found = []
    for place, _, section, told in _sections():
        task = next((name for name, kind in SECTIONS.items() if kind is section), "")
        found += [
            f"{place}.{task}.{option.name}" if task else f"{place}.{option.name}"
            for option in options(section)
            if option.name not in told
        ]
    return found
