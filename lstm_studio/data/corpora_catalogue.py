"""Corpora of NLTK that suit the tasks: what each is, as NLTK's index and the corpus' own README say."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from lstm_studio.errors import StudioError

_CC_BY = "Creative Commons Attribution 4.0 International"
_CC_BY_NC_SA = "Creative Commons Attribution-NonCommercial-ShareAlike 2.5"
_TREEBANK = (
    "A fragment of the Penn Treebank, (C) LDC 1995, made available under fair use for the purposes of illustrating "
    "NLTK tools for tokenizing, tagging, chunking and parsing; for non-commercial use only"
)
_BROWN = "May be used for non-commercial purposes"
_REUTERS = (
    "The copyright resides with Reuters Ltd.; distribution is free for research purposes only. Who publishes results "
    "acknowledges its use and refers to it as 'Reuters-21578, Distribution 1.0'"
)


@dataclass(frozen=True)
class Corpus:
    """A corpus as one task reads it. Several may be made of the same package.

    Attributes:
        name: In ``nltk:NAME``.
        title: What it is, in a few words.
        help: What its rows and its labels are.
        task: Whose data it is.
        kind: What its labels are, or what is written, in a word or two.
        language: Of its texts, as a person reads it.
        packages: NLTK's names of what is downloaded.
        size: Bytes of all packages as they are downloaded.
        licence: In a few words; "Not stated" where neither index nor README state one.
        terms: The licence in NLTK's words; "" where there is no more to say.
        parts: Its own parts -> rows, None where that is not known before it is here.
        page: Where it is described.
        row: What is counted, one and many.
    """

    name: str
    title: str
    help: str
    task: str
    kind: str
    language: str
    packages: tuple[str, ...]
    size: int
    licence: str
    terms: str
    parts: dict[str, int | None]
    page: str
    row: tuple[str, str] = field(default=("text", "texts"))

    @property
    def rows(self) -> int | None:
        """Of all parts; None where one is not known."""
        counts = [count for count in self.parts.values() if count is not None]
        return sum(counts) if len(counts) == len(self.parts) else None


_SENTENCES, _PAIRS, _PREDICATES = ("sentence", "sentences"), ("pair", "pairs"), ("predicate", "predicates")
_PANG_LEE = "https://www.cs.cornell.edu/people/pabo/movie-review-data/"

CATALOGUE: tuple[Corpus, ...] = (
    Corpus(
        "sentence_polarity",
        "Sentences of film reviews",
        "Sentences of film reviews by Bo Pang and Lillian Lee (2005), each from a positive or a negative review.",
        "classification",
        "Sentiment",
        "English",
        ("sentence_polarity",),
        490_256,
        "CC BY 4.0",
        _CC_BY,
        {"train": 10_662},
        _PANG_LEE,
        _SENTENCES,
    ),
    Corpus(
        "movie_reviews",
        "Film reviews",
        "Whole film reviews by Bo Pang and Lillian Lee (2004), positive or negative. The texts are long.",
        "classification",
        "Sentiment",
        "English",
        ("movie_reviews",),
        4_004_848,
        "CC BY 4.0",
        _CC_BY,
        {"train": None},
        _PANG_LEE,
    ),
    Corpus(
        "subjectivity",
        "Opinion or plot",
        "5,000 subjective sentences of film reviews and 5,000 objective ones of plot summaries, by Bo Pang and "
        "Lillian Lee (2004).",
        "classification",
        "Subjectivity",
        "English",
        ("subjectivity",),
        521_628,
        "CC BY 4.0",
        _CC_BY,
        {"train": 10_000},
        _PANG_LEE,
        _SENTENCES,
    ),
    Corpus(
        "qc",
        "Question types",
        "What a question asks for: six types, and in the column 'fine' fifty finer ones, by Xin Li and Dan Roth.",
        "classification",
        "Question types",
        "English",
        ("qc",),
        125_456,
        "Not stated",
        "",
        {"train": 5_452, "test": 500},
        "http://l2r.cs.uiuc.edu/~cogcomp/Data/QA/QC/",
        ("question", "questions"),
    ),
    Corpus(
        "reuters",
        "Topics of news",
        "News agency reports with the topic of each (Reuters-21578, ApteMod). Reports with several topics are left "
        "out.",
        "classification",
        "Topics",
        "English",
        ("reuters",),
        6_378_691,
        "Research only",
        _REUTERS,
        {"train": None, "test": None},
        "http://kdd.ics.uci.edu/databases/reuters21578/reuters21578.html",
    ),
    Corpus(
        "conll2000",
        "Chunks",
        "Noun, verb and other groups of words in the Wall Street Journal: the shared task of CoNLL 2000.",
        "tagging",
        "Chunks",
        "English",
        ("conll2000",),
        756_607,
        "Not stated",
        "",
        {"train": 8_936, "test": 2_012},
        "http://www.cnts.ua.ac.be/conll2000/chunking/",
        _SENTENCES,
    ),
    Corpus(
        "conll2002-es",
        "Entities in Spanish",
        "Persons, places, organisations and other names in Spanish news: the shared task of CoNLL 2002.",
        "tagging",
        "Entities",
        "Spanish",
        ("conll2002",),
        1_867_449,
        "Not stated",
        "",
        {"train": None, "validation": None, "test": None},
        "http://www.cnts.ua.ac.be/conll2002/ner/",
        _SENTENCES,
    ),
    Corpus(
        "conll2002-nl",
        "Entities in Dutch",
        "Persons, places, organisations and other names in Dutch news: the shared task of CoNLL 2002.",
        "tagging",
        "Entities",
        "Dutch",
        ("conll2002",),
        1_867_449,
        "Not stated",
        "",
        {"train": None, "validation": None, "test": None},
        "http://www.cnts.ua.ac.be/conll2002/ner/",
        _SENTENCES,
    ),
    Corpus(
        "treebank",
        "Parts of speech, Treebank",
        "A sample of the Penn Treebank: sentences of the Wall Street Journal with the part of speech of each word.",
        "tagging",
        "Parts of speech",
        "English",
        ("treebank",),
        1_740_034,
        "Non-commercial",
        _TREEBANK,
        {"train": 3_914},
        "http://www.cis.upenn.edu/~treebank/home.html",
        _SENTENCES,
    ),
    Corpus(
        "brown-tags",
        "Parts of speech, Brown",
        "500 American English texts of 15 genres (1961) with the part of speech of each word, finely divided.",
        "tagging",
        "Parts of speech",
        "English",
        ("brown",),
        3_314_357,
        "Non-commercial",
        _BROWN,
        {"train": 57_340},
        "http://www.hit.uib.no/icame/brown/bcm.html",
        _SENTENCES,
    ),
    Corpus(
        "sinica_treebank",
        "Parts of speech in Chinese",
        "A sample of the Sinica Treebank: sentences in traditional Chinese, divided into words, each with its part of "
        "speech.",
        "tagging",
        "Parts of speech",
        "Chinese",
        ("sinica_treebank",),
        906_706,
        "CC BY-NC-SA 2.5",
        _CC_BY_NC_SA,
        {"train": 10_000},
        "http://rocling.iis.sinica.edu.tw/CKIP/engversion/treebank.htm",
        _SENTENCES,
    ),
    Corpus(
        "propbank",
        "Semantic roles",
        "Who does what to whom: the roles of the Proposition Bank in the sentences of the Penn Treebank sample. Both "
        "are downloaded.",
        "tagging",
        "Semantic roles",
        "English",
        ("treebank", "propbank"),
        1_740_034 + 5_323_498,
        "Non-commercial",
        f"Proposition Bank: distributed with permission. Treebank: {_TREEBANK[0].lower()}{_TREEBANK[1:]}",
        {"train": None},
        "http://verbs.colorado.edu/~mpalmer/projects/ace.html",
        _PREDICATES,
    ),
    *(
        Corpus(
            f"comtrans-{source}-{target}",
            f"{names[0]} to {names[1]}",
            f"Sentences in {names[0]} and what they are in {names[1]}: the ComTrans sample by Reinhard Rapp.",
            "translation",
            "Translation",
            f"{names[0]}, {names[1]}",
            ("comtrans",),
            11_904_518,
            "Not stated",
            "",
            {"train": None},
            "http://www.fask.uni-mainz.de/user/rapp/comtrans/",
            _PAIRS,
        )
        for source, target, names in (
            ("de", "en", ("German", "English")),
            ("en", "fr", ("English", "French")),
            ("de", "fr", ("German", "French")),
        )
    ),
    Corpus(
        "gutenberg",
        "Books of Project Gutenberg",
        "Whole books from Jane Austen to Walt Whitman, each a text.",
        "generation",
        "Running text",
        "English",
        ("gutenberg",),
        4_251_829,
        "Public domain",
        "",
        {"train": None},
        "https://gutenberg.org/",
        ("book", "books"),
    ),
    Corpus(
        "brown",
        "Brown Corpus",
        "500 American English texts of 15 genres, from the press to science fiction (1961), as running text.",
        "generation",
        "Running text",
        "English",
        ("brown",),
        3_314_357,
        "Non-commercial",
        _BROWN,
        {"train": 500},
        "http://www.hit.uib.no/icame/brown/bcm.html",
    ),
)
BY_NAME = {corpus.name: corpus for corpus in CATALOGUE}


def find(name: str) -> Corpus:
    """A corpus by its name.

    Raises:
        StudioError: there is none; names those that are meant most likely.
    """
    found = BY_NAME.get(name)
    if found is not None:
        return found
    known = "Corpora: lstm-studio corpora list, or the Data page"
    several = [corpus.name for corpus in CATALOGUE if name in corpus.packages or corpus.name.startswith(f"{name}-")]
    close = several or difflib.get_close_matches(name, BY_NAME, 3, 0.5)
    todo = f"Did you mean {' or '.join(close)}?" if close else known
    raise StudioError(f"There is no corpus called {name!r}", todo=todo)


def named(name: str) -> list[Corpus]:
    """The corpora of a name, which may be that of a package, as conll2002. Raises StudioError as ``find``."""
    if name in BY_NAME:
        return [BY_NAME[name]]
    return [corpus for corpus in CATALOGUE if name in corpus.packages] or [find(name)]
