"""``lstm-studio``: the window, and everything the window can do, without it.

Nothing heavy is imported before it is known what is wanted.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lstm_studio.cli import console
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.version import __version__

DONE, BUG, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

Command = Callable[[argparse.Namespace], int]


def run() -> NoReturn:
    """The program's entry point."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say.

    Returns:
        0 done; 2 the input is bad, one line on standard error; 130 interrupted; 1 a bug.
    """
    console.set_up()
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments))
    except StudioError as error:
        return _complain(error.message())
    except (KeyboardInterrupt, Cancelled):
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        console.abandon_output()
        return DONE
    except Exception:  # noqa: BLE001 - told as what it is
        traceback.print_exc()
        return _complain("This is a bug in LSTM Studio. Please report it with the lines above.", BUG)


def _main(arguments: list[str]) -> int:
    parser, names = _parser()
    if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
        return _window(arguments, names)
    try:
        given = parser.parse_args(arguments)
    except SystemExit as leaving:  # help, version, or a wrong argument
        return int(leaving.code or 0)
    command: Command = given.command
    return command(given)


def _window(arguments: list[str], commands: list[str]) -> int:
    file: Path | None = None
    if arguments:
        from lstm_studio.data.places import is_there

        file = Path(arguments[0])
        if not is_there(file):
            close = difflib.get_close_matches(arguments[0], commands, 1, 0.7)
            hint = f"Did you mean lstm-studio {close[0]}?" if close else "Check the name, or see lstm-studio --help"
            raise StudioError("There is no such file or command", where=arguments[0], todo=hint)
        if len(arguments) > 1:
            raise StudioError(
                "The window opens one file at a time", why=f"{len(arguments)} were given", todo="Name one of them"
            )
    need_window()
    from lstm_studio.gui.app import run as run_window

    return run_window(file)


def need_window() -> None:
    """Whether the window's parts are installed.

    Raises:
        StudioError: says how to get them.
    """
    missing = [name for name in ("PySide6", "pyqtgraph") if not _installed(name)]
    if missing:
        raise StudioError(
            "The window is not installed",
            why=f"There is no {' and no '.join(missing)} here; the commands do without (lstm-studio --help)",
            todo="Install it with: pip install 'lstm-studio[gui]'",
        )


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    try:
        return package in sys.modules or find_spec(package) is not None
    except ImportError:
        return False


def _complain(message: str, code: int = BAD_INPUT) -> int:
    print(" ".join(message.split()), file=sys.stderr)  # noqa: T201
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as for any other bad input."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser() -> tuple[argparse.ArgumentParser, list[str]]:
    parser = _Parser(
        prog="lstm-studio",
        description="Load text, train an LSTM, watch its gates, understand it, use it. "
        "Without a command the window opens, with FILE in it if one is named: lstm-studio [FILE].",
        epilog="Exit status: 0 done, 2 the input is bad, 130 interrupted (after a checkpoint), 1 a bug.",
    )
    parser.add_argument("--version", action="version", version=f"lstm-studio {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    train = _add(
        commands,
        "train",
        _train,
        "train a network",
        "Trains from a configuration file, from a data file alone, or goes on with an interrupted run. "
        "What is left open is guessed from the data; the guesses are told. Ctrl+C ends after a checkpoint.",
    )
    train.add_argument(
        "config", nargs="?", metavar="CONFIG.toml", help="sections data, model, training; may be left out"
    )
    train.add_argument("--data", metavar="FILE", help="the texts, instead of data.path of the configuration")
    train.add_argument(
        "--set",
        dest="settings",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="change a setting: model.hidden_size=256",
    )
    train.add_argument("--out", metavar="RUN_DIR", help="where the run goes; the program's own folder when left out")
    train.add_argument("--resume", metavar="RUN_DIR", help="go on with this run from its last checkpoint")
    train.add_argument("--json", action="store_true", help="one JSON object a line on standard output")

    train.add_argument(
        "--seeds", metavar="N", type=int, help="train N runs that differ in their seed; mean and spread at the end"
    )
    train.add_argument("--tensorboard", metavar="DIR", help="also tell TensorBoard: event files in a folder of DIR")
    train.add_argument("--mlflow", metavar="URI", help="also tell an MLflow server, or a store such as sqlite:///m.db")
    train.add_argument("--experiment", metavar="NAME", help="where the run stands in MLflow; LSTM Studio if left out")

    for name, do, what, more in (
        ("find-rate", _find_rate, "a learning rate for a run", "Rates rise step by step until the loss runs away."),
        ("find-batch", _find_batch, "a batch size for a run", "Batches are doubled until the memory is short."),
    ):
        find = _add(commands, name, do, what, f"{more} Nothing of the run is written or changed.")
        find.add_argument("config", nargs="?", metavar="CONFIG.toml", help="as for train; may be left out with --data")
        find.add_argument("--data", metavar="FILE", help="the texts, instead of data.path of the configuration")
        find.add_argument(
            "--set", dest="settings", action="extend", nargs="+", default=[], metavar="NAME=VALUE", help="as for train"
        )
        if do is _find_rate:
            find.add_argument("--from", dest="first", metavar="R", type=float, help="the lowest rate; 1e-6")
            find.add_argument("--to", dest="last", metavar="R", type=float, help="the highest rate; 2")
            find.add_argument("--steps", metavar="N", type=int, help="rates that are tried; 150")
        find.add_argument("--json", action="store_true", help="one JSON object a line on standard output")

    sweep = _add(
        commands,
        "sweep",
        _sweep,
        "try settings of a run, and find the best",
        "SWEEP.toml names a run and ranges for some of its settings; each trial is an ordinary run. Several processes "
        "may work on one sweep. Optuna proposes the settings; where it is missing: pip install 'lstm-studio[sweeps]'.",
    )
    sweep.add_argument("file", metavar="SWEEP.toml", help="the sweep; trials are kept in a journal beside it")
    sweep.add_argument("--storage", metavar="URL", help="any storage of Optuna instead of the journal")
    sweep.add_argument("--runs", metavar="N", type=int, help="trials in all, instead of what the file says")
    sweep.add_argument("--minutes", metavar="M", type=float, help="begin no trial after so long")
    sweep.add_argument("--out", metavar="FOLDER", help="where the runs go; the program's own folder when left out")
    sweep.add_argument("--json", action="store_true", help="one JSON object a line on standard output")

    evaluate = _add(commands, "evaluate", _evaluate, "figures of a run over a file with labels")
    evaluate.add_argument("run", metavar="RUN_DIR", help="the run's folder")
    evaluate.add_argument("file", metavar="FILE", help="laid out like the training file")
    _add_epoch(evaluate)
    evaluate.add_argument("--json", action="store_true", help="one JSON object on standard output")

    predict = _add(
        commands,
        "predict",
        _predict,
        "what a run says about texts",
        "A text that begins with a dash is given as --text='- a text'.",
    )
    predict.add_argument("run", metavar="RUN_DIR", help="the run's folder")
    predict.add_argument("--text", nargs="+", action="extend", metavar="T", help="one or several texts")
    predict.add_argument("--input", metavar="FILE", help="a file of texts in any format that can be trained on")
    predict.add_argument("--output", metavar="FILE", help="the same rows with predictions: .csv, .tsv or .jsonl")
    predict.add_argument("--column", metavar="NAME", help="which column of FILE holds the texts, if it cannot be told")
    predict.add_argument(
        "--predicate", metavar="N", type=int, help="semantic roles: the word, counted from 0, whose roles are asked for"
    )
    predict.add_argument(
        "--beams", metavar="N", type=int, help="runs that write: how many beginnings are followed at once; 1 is fastest"
    )
    _add_epoch(predict)
    writing = predict.add_argument_group("runs that write on")
    writing.add_argument("--temperature", metavar="T", type=float, help="how daring; 0 takes the likeliest each time")
    writing.add_argument("--top-k", metavar="N", type=int, help="draw from the N likeliest tokens; 0: from all")
    writing.add_argument("--top-p", metavar="P", type=float, help="draw from the fewest tokens that come to P")
    writing.add_argument("--longest", metavar="N", type=int, help="most tokens that are written")
    writing.add_argument("--seed", metavar="N", type=int, help="the same number writes the same text")
    writing.add_argument(
        "--until", choices=("end", "line", "never"), help="end with the text, with a line, or at the longest only"
    )
    writing.add_argument("--stop", metavar="TEXT", help="end as soon as this has been written")
    predict.add_argument("--json", action="store_true", help="one JSON object a text on standard output")

    gates = _add(commands, "gates", _gates, "gates and states of a run over one text")
    gates.add_argument("run", metavar="RUN_DIR", help="the run's folder")
    gates.add_argument("--text", required=True, metavar="T", help="the text")
    gates.add_argument("--output", required=True, metavar="FILE", help=".npz for numbers, .png for a picture")
    gates.add_argument("--layer", metavar="NAME", help="only this one in the picture: layer0.forward")
    _add_epoch(gates)

    report = _add(
        commands,
        "report",
        _report,
        "a run as one HTML file",
        "Settings, curves, figures and examples; the file needs no network and no program.",
    )
    report.add_argument("run", metavar="RUN_DIR", help="the run's folder")
    report.add_argument("file", metavar="FILE.html", help="the file to write")
    report.add_argument("--language", choices=("en", "zh_CN"), default="en", help="of its words; en when left out")

    leave = _add(
        commands,
        "export",
        _export,
        "a run for another program or another machine",
        "FILE.onnx: the network for ONNX Runtime, with its tokens and labels. FILE.zip: the whole run in one file.",
    )
    leave.add_argument("run", metavar="RUN_DIR", help="the run's folder")
    leave.add_argument("file", metavar="FILE", help="the file to write: .onnx or .zip")
    _add_epoch(leave)
    leave.add_argument(
        "--all", action="store_true", help=".zip: also the checkpoint, kept epochs and the text that was learned"
    )
    leave.add_argument("--json", action="store_true", help="one JSON object on standard output")

    bring = _add(commands, "import", _import, "a run that was packed elsewhere", "Nothing in the file is ever run.")
    bring.add_argument("file", metavar="FILE.zip", help="what export has written")
    bring.add_argument("--out", metavar="RUN_DIR", help="where the run goes; the program's own folder when left out")
    bring.add_argument("--json", action="store_true", help="one JSON object on standard output")

    ready = _add(
        commands,
        "prepare",
        _prepare,
        "a run for a machine without a screen",
        "Settings, data and vocabulary in one folder or ZIP file with relative paths; nothing is trained.",
    )
    ready.add_argument("config", nargs="?", metavar="CONFIG.toml", help="as for train; may be left out with --data")
    ready.add_argument("--data", metavar="FILE", help="the texts, instead of data.path of the configuration")
    ready.add_argument(
        "--set", dest="settings", action="extend", nargs="+", default=[], metavar="NAME=VALUE", help="as for train"
    )
    ready.add_argument("--out", metavar="FOLDER", help="a new folder")
    ready.add_argument("--zip", metavar="FILE", help="the same as one file")
    ready.add_argument("--json", action="store_true", help="one JSON object on standard output")

    samples = _add(commands, "samples", _samples_list, "the data that comes with the program")
    inner = samples.add_subparsers(metavar="list | export", parser_class=_Parser)
    _add(inner, "list", _samples_list, "what there is")
    export = _add(inner, "export", _samples_export, "write one as CSV")
    export.add_argument("name", metavar="NAME")
    export.add_argument("file", metavar="FILE")

    corpora = _add(commands, "corpora", _corpora_list, "corpora of NLTK, fetched when they are asked for")
    _add_corpora(corpora)
    inner = corpora.add_subparsers(metavar="list | get", parser_class=_Parser)
    _add_corpora(_add(inner, "list", _corpora_list, "what there is, and what is on this computer"), inner=True)
    get = _add(inner, "get", _corpora_get, "download one", "Then: lstm-studio train --data nltk:NAME")
    get.add_argument("name", metavar="NAME")
    get.add_argument("--mirror", metavar="URL", help="address of another index, instead of NLTK's own")
    get.add_argument("--again", action="store_true", help="download it even if it is here")
    _add_corpora(get, inner=True)

    tour = _add(commands, "tour", _tour, "drive the window through the whole job and leave pictures")
    tour.add_argument("folder", metavar="OUT_DIR", help="where the pictures go")
    return parser, list(commands.choices)


def _add(commands: argparse._SubParsersAction, name: str, do: Command, help: str, more: str = "") -> _Parser:
    description = f"{help[0].upper()}{help[1:]}. {more}".strip()
    parser: _Parser = commands.add_parser(name, help=help, description=description)
    parser.set_defaults(command=do)
    return parser


def _add_epoch(command: _Parser) -> None:
    command.add_argument(
        "--epoch", metavar="N", type=int, help="the weights after this epoch, if the run has kept them; else the best"
    )


def _add_corpora(command: _Parser, *, inner: bool = False) -> None:
    """Options of all that is said of corpora; behind the inner command they win."""
    left_out: dict[str, Any] = {"default": argparse.SUPPRESS} if inner else {}
    command.add_argument(
        "--folder", metavar="DIR", help="where they are kept, instead of NLTK_DATA or the program's own", **left_out
    )
    command.add_argument("--json", action="store_true", help="one JSON object a line on standard output", **left_out)


def _train(given: argparse.Namespace) -> int:
    from lstm_studio.cli.train import train

    return train(given)


def _find_rate(given: argparse.Namespace) -> int:
    from lstm_studio.cli.find import find_rate

    return find_rate(given)


def _find_batch(given: argparse.Namespace) -> int:
    from lstm_studio.cli.find import find_batch

    return find_batch(given)


def _sweep(given: argparse.Namespace) -> int:
    from lstm_studio.cli.sweep import sweep

    return sweep(given)


def _evaluate(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import evaluate

    return evaluate(given)


def _predict(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import predict

    return predict(given)


def _gates(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import gates

    return gates(given)


def _report(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import report

    return report(given)


def _export(given: argparse.Namespace) -> int:
    from lstm_studio.cli.move import export

    return export(given)


def _import(given: argparse.Namespace) -> int:
    from lstm_studio.cli.move import bring_in

    return bring_in(given)


def _prepare(given: argparse.Namespace) -> int:
    from lstm_studio.cli.move import prepare

    return prepare(given)


def _samples_list(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import list_samples

    return list_samples()


def _samples_export(given: argparse.Namespace) -> int:
    from lstm_studio.cli.use import export_sample

    return export_sample(given)


def _corpora_list(given: argparse.Namespace) -> int:
    from lstm_studio.cli.corpora import list_corpora

    return list_corpora(given)


def _corpora_get(given: argparse.Namespace) -> int:
    from lstm_studio.cli.corpora import get_corpus

    return get_corpus(given)


def _tour(given: argparse.Namespace) -> int:
    need_window()
    from lstm_studio.gui.tour import run_tour

    return int(run_tour(given.folder) or 0)
