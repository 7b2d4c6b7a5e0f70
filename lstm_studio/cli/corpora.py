"""``corpora``: what there is, and fetching it."""

from __future__ import annotations

import argparse
from pathlib import Path

from lstm_studio.cli.console import ProgressLine, say, say_json
from lstm_studio.data import corpora
from lstm_studio.data.corpora_catalogue import CATALOGUE, Corpus, named
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.places import corpus_path


def list_corpora(given: argparse.Namespace) -> int:
    """``corpora [list] [--folder DIR] [--json]``."""
    folder = Path(given.folder).expanduser() if given.folder else None
    for corpus in CATALOGUE:
        here, rows = corpora.is_here(corpus, folder), corpora.rows_of(corpus)
        if given.json:
            say_json(
                {
                    "name": corpus.name,
                    "title": corpus.title,
                    "task": corpus.task,
                    "language": corpus.language,
                    "rows": rows,
                    "parts": list(corpus.parts),
                    "bytes": corpus.size,
                    "licence": corpus.licence,
                    "here": here,
                }
            )
            continue
        count = f"{rows:,} {corpus.row[rows != 1]}, " if rows is not None else ""
        say(f"{corpus.name}{'  (here)' if here else ''}")
        say(f"    {corpus.title}. {corpus.help}")
        say(
            f"    {KINDS[corpus.task].title}; {corpus.language}; {count}{', '.join(corpus.parts)}; "
            f"{corpus.size / 1e6:.1f} MB; licence: {_lowered(corpus.licence)}"
        )
    if not given.json:
        say(f"\nGet one: lstm-studio corpora get NAME   It goes to {folder or corpora.folder()}")
    return 0


def get_corpus(given: argparse.Namespace) -> int:
    """``corpora get NAME [--mirror URL] [--folder DIR] [--again] [--json]``."""
    from lstm_studio.data.corpora_download import download

    found = named(given.name)
    line = ProgressLine()
    folder = corpora.folder()
    if given.folder or given.again or not all(corpora.is_here(corpus) for corpus in found):
        try:
            folder = download(
                found[0], line.progress, mirror=given.mirror, folder=given.folder or None, again=given.again
            )
        finally:
            line.clear()
    elsewhere = folder not in [Path(name).resolve() for name in corpora.folders()]
    for corpus in found:
        if given.json:
            say_json({"name": corpus.name, "folder": str(folder), "data": corpus_path(corpus.name)})
        else:
            say(f"{corpus.title}: {_where(corpus, folder)}")
            say(f"  lstm-studio train --data {corpus_path(corpus.name)}")
    if elsewhere:
        line.keep(f"To have it found there, set NLTK_DATA={folder}, or choose the folder in the window's Settings.")
    return 0


def _where(corpus: Corpus, folder: Path) -> str:
    place = corpora.package_place(corpus.packages[-1], folder)
    return f"{corpus.size / 1e6:.1f} MB in {place.parent if place is not None else folder}"


def _lowered(licence: str) -> str:
    return licence if licence[:2].isupper() else licence[:1].lower() + licence[1:]
