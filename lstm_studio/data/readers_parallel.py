"""Two files that belong together line by line: words and their tags, or sentences and their translations."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lstm_studio.data.decode import Decoded, decode
from lstm_studio.data.partners import TAGS, WORDS, label_of, other_languages, partner_like, partner_of, words_file
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import Note, Raw
from lstm_studio.data.source import SourceFormat, read_bytes
from lstm_studio.errors import StudioError

__all__ = ["partner_like", "partner_of", "read_parallel"]


def read_parallel(
    path: Path, parallel: Path | None, encoding: str | None, progress: Progress
) -> tuple[Raw, SourceFormat, str, list[Decoded]]:
    """One row a line: "source" and "target", or "words", "tags" and "intent" for seq.in, seq.out and label.

    Args:
        path: The first file, or a folder that holds seq.in and seq.out.
        parallel: The second file; found by its name when None.
        encoding: Of all files; found out when None.
        progress: Told how far it is.

    Returns:
        The rows, the layout, the SHA-256 of all bytes that were read, and the decoded files.

    Raises:
        StudioError: there is no second file, a file cannot be read, or they have different numbers of lines.
    """
    first = words_file(path)
    second = parallel if parallel is not None else partner_of(path)
    if second is None:
        read_bytes(first)
        several = ", ".join(file.name for file in other_languages(first)[:5])
        raise StudioError(
            "No second file was found whose lines belong to this one",
            where=path,
            why=f"Several could: {several}"
            if several
            else "Its name would be seq.out beside seq.in, or end in .tgt beside .src, or in .en beside .de",
            todo="Name it in data.parallel",
        )
    if second.is_dir():
        second = second / TAGS
    if first.resolve() == second.resolve():
        raise StudioError("The two parallel files are one and the same", where=path, todo="Choose two files")
    tagged = first.name.endswith(WORDS) and second.name.endswith(TAGS)
    intents = label_of(first) if tagged else None
    files = [first, second, *([intents] if intents is not None else [])]
    names = ["words", "tags", "intent"][: len(files)] if tagged else ["source", "target"]
    whole = hashlib.sha256()
    decoded = []
    for number, file in enumerate(files):
        progress(number / len(files), f"Reading {file.name}")
        content = read_bytes(file)
        whole.update(hashlib.sha256(content).digest())
        decoded.append(decode(content, file, encoding))
        del content
    columns = _even([_lines(found.text) for found in decoded], files)
    raw, empty = _rows(names, columns)
    if empty:
        which = f"Line {empty[0]} is" if len(empty) == 1 else f"{len(empty):,} lines (the first is line {empty[0]}) are"
        raw.notes.append(Note("warning", f"{which} empty in one of the parallel files.", empty[0]))
    encodings = {found.encoding for found in decoded}
    why = [f"Its lines belong to those of {second.name}{', which was chosen' if parallel is not None else ''}."]
    if intents is not None:
        why.append(f"The intents stand in {intents.name}.")
    encoding = encodings.pop() if len(encodings) == 1 else ""
    layout = SourceFormat("parallel", encoding, why=tuple(why), second=str(second))
    return raw, layout, whole.hexdigest(), decoded


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.strip() for line in lines]


def _even(columns: list[list[str]], files: list[Path]) -> list[list[str]]:
    """Columns of one length; blank lines at the end of a file count only where the others have lines there."""
    used = []
    for column in columns:
        length = len(column)
        while length and not column[length - 1]:
            length -= 1
        used.append(length)
    most = max(used)
    for column, file in zip(columns, files, strict=True):
        if len(column) < most:
            longer = files[used.index(most)]
            raise StudioError(
                "The parallel files have different numbers of lines",
                where=f"{file}, line {len(column)}",
                why=f"{longer.name} has {most:,} lines, {file.name} ends at line {len(column):,}",
                todo="Choose files whose lines belong together",
            )
    return [column[:most] for column in columns]


def _rows(names: list[str], columns: list[list[str]]) -> tuple[Raw, list[int]]:
    """The rows, without lines that are blank everywhere, and the lines that are blank in one of the two files."""
    lines = range(1, len(columns[0]) + 1)
    if all(all(column) for column in columns):
        return Raw(names, [*columns], list(lines)), []
    kept = [place for place in range(len(columns[0])) if columns[0][place] or columns[1][place]]
    empty = [place + 1 for place in kept if not (columns[0][place] and columns[1][place])]
    cells = [[column[place] for place in kept] for column in columns]
    return Raw(names, [*cells], [place + 1 for place in kept]), empty
