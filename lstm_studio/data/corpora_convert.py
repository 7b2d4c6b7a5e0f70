"""Corpora as NLTK's readers read them, written as plain files that the program reads like any other.

Only readers of text, trees and columns are used; none of them loads a pickle, and sentences are never cut by a model
that would have to be downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lstm_studio.data.corpora_catalogue import Corpus

VERSION = 1
"""Counted up when the same corpus comes to give other files."""
Root = Callable[[str], Any]
"""Gives NLTK's pointer to a folder inside of a package: "treebank/combined"."""
Told = Callable[[int], None]
"""Is told how many rows are written; may raise ``Cancelled``."""
_EVERY = 500
_COMTRANS = {"de-en": "alignment-de-en.txt", "en-fr": "alignment-en-fr.txt", "de-fr": "alignment-de-fr.txt"}
_CONLL2002 = {
    "es": {"train": "esp.train", "validation": "esp.testa", "test": "esp.testb"},
    "nl": {"train": "ned.train", "validation": "ned.testa", "test": "ned.testb"},
}


def convert(corpus: Corpus, part: str, root: Root, folder: Path, told: Told) -> tuple[str, int]:
    """Write a part of a corpus into a folder.

    Args:
        corpus: Which one.
        part: "train", "validation" or "test"; one that it has.
        root: Where its packages are.
        folder: Is there and empty of this part.
        told: How far it is.

    Returns:
        Name of the file or folder that was written, and how many rows are in it.

    Raises:
        OSError, ValueError, KeyError, LookupError, zipfile.BadZipFile: the corpus is damaged, or the disk is full.
    """
    if corpus.task == "generation":
        return part, _documents(folder / part, _TEXTS[corpus.name](root), told)
    if corpus.name == "propbank":
        return f"{part}.jsonl", _json_lines(folder / f"{part}.jsonl", _roles(root), told)
    if corpus.task == "tagging":
        return f"{part}.conll", _columns(folder / f"{part}.conll", _tagged(corpus.name, part, root), told)
    rows = _pairs(corpus.name, root) if corpus.task == "translation" else _LABELLED[corpus.name](root, part)
    return f"{part}.jsonl", _json_lines(folder / f"{part}.jsonl", rows, told)


# -- files ---------------------------------------------------------------------------------------------------


def _json_lines(path: Path, rows: Iterable[dict[str, Any]], told: Told) -> int:
    """A JSON object a line."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if count % _EVERY == 0:
                told(count)
    return count


def _columns(path: Path, sentences: Iterable[Sequence[tuple[str, str]]], told: Told) -> int:
    """A word and its tag a line, an empty line behind each sentence."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences:
            words = [(_one(word), _one(tag)) for word, tag in sentence if word.strip() and tag]
            if not words:
                continue
            file.writelines(f"{word}\t{tag}\n" for word, tag in words)
            file.write("\n")
            count += 1
            if count % _EVERY == 0:
                told(count)
    return count


def _documents(folder: Path, texts: Iterable[tuple[str, str]], told: Told) -> int:
    """A file for each text."""
    folder.mkdir()
    count = 0
    for count, (name, text) in enumerate(texts, 1):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
        told(count)
    return count


def _one(text: str) -> str:
    """Without the white space that would divide a column."""
    return "_".join(text.split())


# -- texts with labels ---------------------------------------------------------------------------------------


def _sentence_polarity(root: Root, part: str) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import CategorizedSentencesCorpusReader

    files = r"rt-polarity\.(neg|pos)"
    reader = CategorizedSentencesCorpusReader(root("sentence_polarity"), files, cat_pattern=files, encoding="utf-8")
    return _lines_of(reader)


def _subjectivity(root: Root, part: str) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import CategorizedSentencesCorpusReader

    categories = {"quote.tok.gt9.5000": ["subj"], "plot.tok.gt9.5000": ["obj"]}
    files = r"(quote.tok.gt9|plot.tok.gt9)\.5000"
    return _lines_of(
        CategorizedSentencesCorpusReader(root("subjectivity"), files, cat_map=categories, encoding="latin-1")
    )


def _lines_of(reader: Any) -> Iterator[dict[str, Any]]:
    """The sentences of all categories. One of each in turn, so that the beginning shows both."""
    of_all = [(label, iter(reader.sents(categories=label))) for label in reader.categories()]
    while of_all:
        for label, sentences in list(of_all):
            words = next(sentences, None)
            if words is None:
                of_all.remove((label, sentences))
            elif words:
                yield {"text": " ".join(words), "label": label}


def _movie_reviews(root: Root, part: str) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import CategorizedPlaintextCorpusReader

    reader = CategorizedPlaintextCorpusReader(
        root("movie_reviews"), r"(?!\.).*\.txt", cat_pattern=r"(neg|pos)/.*", encoding="ascii"
    )
    for fileid in reader.fileids():
        yield {"text": " ".join(reader.raw(fileid).split()), "label": reader.categories(fileid)[0]}


def _reuters(root: Root, part: str) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import CategorizedPlaintextCorpusReader

    reader = CategorizedPlaintextCorpusReader(
        root("reuters"), "(training|test).*", cat_file="cats.txt", encoding="ISO-8859-2"
    )
    wanted = "training/" if part == "train" else "test/"
    for fileid in reader.fileids():
        topics = reader.categories(fileid)
        if fileid.startswith(wanted) and len(topics) == 1:
            yield {"text": " ".join(reader.raw(fileid).split()), "label": topics[0]}


def _questions(root: Root, part: str) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import StringCategoryCorpusReader

    file = f"{part}.txt"
    reader = StringCategoryCorpusReader(root("qc"), [file], encoding="ISO-8859-2")
    for fine, text in reader.tuples(file):
        yield {"text": text, "label": fine.partition(":")[0], "fine": fine}


_LABELLED: dict[str, Callable[[Root, str], Iterator[dict[str, Any]]]] = {
    "sentence_polarity": _sentence_polarity,
    "subjectivity": _subjectivity,
    "movie_reviews": _movie_reviews,
    "reuters": _reuters,
    "qc": _questions,
}

# -- words with tags -----------------------------------------------------------------------------------------


def _tagged(name: str, part: str, root: Root) -> Iterable[Sequence[tuple[str, str]]]:
    from nltk.corpus.reader import CategorizedTaggedCorpusReader, ConllChunkCorpusReader, SinicaTreebankCorpusReader

    if name == "conll2000":
        reader = ConllChunkCorpusReader(root("conll2000"), [f"{part}.txt"], ("NP", "VP", "PP"), encoding="ascii")
        return ([(word, chunk) for word, _, chunk in sentence] for sentence in reader.iob_sents())
    if name.startswith("conll2002-"):
        file = _CONLL2002[name.removeprefix("conll2002-")][part]
        reader = ConllChunkCorpusReader(root("conll2002"), [file], ("LOC", "PER", "ORG", "MISC"), encoding="utf-8")
        return ([(word, entity) for word, _, entity in sentence] for sentence in reader.iob_sents())
    if name == "brown-tags":
        brown = CategorizedTaggedCorpusReader(root("brown"), r"c[a-z]\d\d", cat_file="cats.txt", encoding="ascii")
        return brown.tagged_sents()
    if name == "sinica_treebank":
        return SinicaTreebankCorpusReader(root("sinica_treebank"), ["parsed"], encoding="utf-8").tagged_sents()
    trees = _treebank(root)
    return ([(word, tag) for word, tag in sentence if tag != "-NONE-"] for sentence in trees.tagged_sents())


def _treebank(root: Root) -> Any:
    from nltk.corpus.reader import BracketParseCorpusReader

    return BracketParseCorpusReader(root("treebank/combined"), r"wsj_.*\.mrg", encoding="ascii")


def _roles(root: Root) -> Iterator[dict[str, Any]]:
    """A predicate a row: words without the treebank's traces, and a span for each argument that is made of words."""
    from nltk.corpus.reader import PropbankCorpusReader

    trees = _treebank(root)
    files = set(trees.fileids())
    reader = PropbankCorpusReader(
        root("propbank"), "prop.txt", [], "verbs.txt", lambda name: name.rpartition("/")[2], trees
    )
    opened: tuple[str, Sequence[Any]] = ("", ())
    for found in reader.instances():
        if found.fileid not in files:
            continue
        if found.fileid != opened[0]:
            opened = (found.fileid, list(trees.parsed_sents(found.fileid)))
        row = role_row(opened[1][found.sentnum], found)
        if row is not None:
            yield row


def role_row(tree: Any, found: Any) -> dict[str, Any] | None:
    """Words, predicate and BIO tags of an instance; None where its predicate is no word of the sentence.

    Pieces of a chain or of a split argument each become a span of the same role; where arguments overlap, the first
    one stays.
    """
    leaves = tree.treepositions("leaves")
    place: dict[Any, int] = {}
    for leaf in leaves:
        if tree[leaf[:-1]].label() != "-NONE-":
            place[leaf] = len(place)
    words = [tree[leaf] for leaf in place]
    tags = ["O"] * len(words)
    verb = [place[leaf] for leaf in _leaves(tree, leaves, found.predicate) if leaf in place]
    if not verb:
        return None
    _mark(tags, verb, "V")
    for pointer, name in found.arguments:
        # "ARGM-TMP" stays; of "ARG2-to" the preposition is left out.
        parts = name.split("-")
        role = name if parts[0] == "ARGM" else parts[0]
        for one in _single(pointer):
            _mark(tags, [place[leaf] for leaf in _leaves(tree, leaves, one) if leaf in place], role)
    return {"tokens": words, "predicate": verb[0], "sense": found.roleset, "tags": tags}


def _single(pointer: Any) -> list[Any]:
    """The constituents that a pointer is made of."""
    pieces = getattr(pointer, "pieces", None)
    return [pointer] if pieces is None else [one for piece in pieces for one in _single(piece)]


def _leaves(tree: Any, leaves: Sequence[Any], pointer: Any) -> list[Any]:
    """Positions of the words below a pointer."""
    found = []
    for one in _single(pointer):
        top = one.treepos(tree)
        found += [leaf for leaf in leaves if leaf[: len(top)] == top]
    return found


def _mark(tags: list[str], places: Sequence[int], role: str) -> None:
    """Set a span of each run of neighbours, where nothing is marked yet."""
    free = sorted(place for place in places if tags[place] == "O")
    for number, place in enumerate(free):
        goes_on = number > 0 and free[number - 1] == place - 1
        tags[place] = f"{'I' if goes_on else 'B'}-{role}"


# -- pairs and running text ----------------------------------------------------------------------------------


def _pairs(name: str, root: Root) -> Iterator[dict[str, Any]]:
    from nltk.corpus.reader import AlignedCorpusReader

    file = _COMTRANS[name.removeprefix("comtrans-")]
    for pair in AlignedCorpusReader(root("comtrans"), [file]).aligned_sents(file):
        yield {"source": " ".join(pair.words), "target": " ".join(pair.mots)}


def _books(root: Root) -> Iterator[tuple[str, str]]:
    from nltk.corpus.reader import PlaintextCorpusReader

    reader = PlaintextCorpusReader(root("gutenberg"), r"(?!\.).*\.txt", encoding="latin1")
    for fileid in reader.fileids():
        yield fileid.rpartition("/")[2].removesuffix(".txt"), reader.raw(fileid)


def _brown(root: Root) -> Iterator[tuple[str, str]]:
    from nltk.corpus.reader import CategorizedTaggedCorpusReader

    reader = CategorizedTaggedCorpusReader(root("brown"), r"c[a-z]\d\d", cat_file="cats.txt", encoding="ascii")
    for fileid in reader.fileids():
        paragraphs = (" ".join(word for words in sentences for word in words) for sentences in reader.paras(fileid))
        yield fileid, "\n\n".join(paragraphs) + "\n"


_TEXTS: dict[str, Callable[[Root], Iterator[tuple[str, str]]]] = {"gutenberg": _books, "brown": _brown}
