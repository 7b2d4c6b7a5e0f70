"""Tokens, their places in the text, and texts meant to break a tokenizer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from lstm_studio.data.tokenize import NAMES, tokenizer
from lstm_studio.errors import StudioError

SENTENCES = [
    "Good muffins cost $3.88 (roughly 3,36 euros) in New York.",
    "I can't say that it isn't \"fine\", but I'm gonna try; cannot fail.",
    "They'll call: at 10:30, won't they?!",
    "a stirring , funny and finally transporting re imagining",
    "Well -- that's that... isn't it [maybe]?",
    "@user loved #lstm :-) http://example.org/a?b=1 <3 sooo coool",
    "C'est l'été à Paris, n'est-ce pas ?",
    "U.S. stocks fell 3.5% today.",
]
AWKWARD = {
    "empty": "",
    "spaces": " \t\r\n\u3000\u00a0 ",
    "one word of 200,000": "a" * 200_000,
    "digits": "1" * 100_000,
    "dots": "." * 100_000,
    "quotes": "'\"" * 15_000,
    "opened": "(" * 30_000,
    "tags": "<" * 30_000,
    "addresses": "a@b." * 10_000,
    "links": "http://a.b/(" * 4_000,
    "entities": "&amp;" * 6_000,
    "bad entities": "&nothing; &#0; &#x110000; &#99999999999999999999;",
    "spaced dots": ". " * 50_000,
    "dashes": "a-" * 60_000,
    "controls and bidi": "".join(map(chr, range(1, 32))) + "\u202eabc\u202c\u200b\ufeff\x00" * 500,
    "lone surrogates": "x\ud800 \udc00y \ud83d",
    "combining": "e\u0301" * 5_000,
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd",
    "Chinese": "很好吃，便宜。送餐也快！" * 2_000,
    "dotted I": "İSTANBUL İİ",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_has_the_tokens_that_nltk_makes(text: str) -> None:
    from nltk.tokenize import ToktokTokenizer, TweetTokenizer, WordPunctTokenizer
    from nltk.tokenize.destructive import NLTKWordTokenizer

    assert tokenizer("treebank")(text) == NLTKWordTokenizer().tokenize(text)
    assert tokenizer("toktok")(text) == ToktokTokenizer().tokenize(text)
    assert tokenizer("tweet")(text) == TweetTokenizer(match_phone_numbers=False).tokenize(text)
    assert tokenizer("wordpunct")(text) == WordPunctTokenizer().tokenize(text)


def test_real_sentences_have_the_tokens_that_nltk_makes(shared_data: Path) -> None:
    from nltk.tokenize import ToktokTokenizer, TweetTokenizer
    from nltk.tokenize.destructive import NLTKWordTokenizer

    lines = (shared_data / "sst2" / "dev.tsv").read_text(encoding="utf-8").replace("\t", " ").splitlines()[:400]
    pairs = {
        "treebank": NLTKWordTokenizer(),
        "toktok": ToktokTokenizer(),
        "tweet": TweetTokenizer(match_phone_numbers=False),
    }
    for name, theirs in pairs.items():
        ours = tokenizer(name)
        assert [ours(line) for line in lines] == [theirs.tokenize(line) for line in lines]


def test_words_with_hyphens_have_the_tokens_that_nltk_makes() -> None:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    for word in ("well-known", "1950-51", "up-to-date", "can-not", "cannot-do", "semi-cannot", "gimme-a", "a--b", "x-"):
        for text in (word, f"{word}?", f"{word}; so", f"a {word}, b"):
            assert tokenizer("treebank")(text) == NLTKWordTokenizer().tokenize(text)


def test_counting_many_texts_is_cutting_each() -> None:
    texts = [*SENTENCES, "", "The end.", "Mr. X left. The end."]
    for name in ("treebank", "toktok", "tweet"):
        cut = tokenizer(name, lowercase=True)
        assert cut.count(texts) == Counter(token for text in texts for token in cut(text))  # type: ignore[attr-defined]


def test_full_stops_inside_a_text_are_split_where_sentences_end() -> None:
    text = 'Mr. Smith left the U.S. in Jan. 1990. He said "no." It cost 3.50 euros. Fine.'
    tokens = tokenizer("treebank")(text)
    assert [token for token in tokens if "." in token] == ["Mr.", "U.S.", "Jan.", ".", ".", "3.50", ".", "."]
    assert tokens.count(".") == 4


def test_characters_keep_their_marks_and_runs_of_space_are_one_token() -> None:
    cut = tokenizer("character")
    assert cut(" 很好  吃\n") == ["很", "好", " ", "吃"]
    assert cut("e\u0301a") == ["e\u0301", "a"]
    assert cut("\U0001f468\u200d\U0001f469 \U0001f44d\U0001f3fd") == [
        "\U0001f468\u200d\U0001f469",
        " ",
        "\U0001f44d\U0001f3fd",
    ]
    assert cut.join(cut("好 吃")) == "好 吃"


@pytest.mark.parametrize("name", NAMES)
def test_lower_case_changes_the_tokens_and_not_their_places(name: str) -> None:
    text = 'The FOOD Wasn\'t "Good" AT ALL.'
    as_is, lower = tokenizer(name), tokenizer(name, lowercase=True)
    assert lower(text) == [token.lower() for token in as_is(text)]
    assert lower.spans(text) == as_is.spans(text)


def test_the_tweet_tokenizer_spares_emoticons() -> None:
    assert tokenizer("tweet", lowercase=True)("GREAT :D") == ["great", ":D"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", SENTENCES)
def test_spans_cut_the_tokens_out_of_the_text(name: str, text: str) -> None:
    cut = tokenizer(name)
    quotes = {"``": '"', "''": '"'}
    found = [text[start:end] for start, end in cut.spans(text)]
    assert found == [quotes.get(token, token) for token in cut(text)]


def test_changed_tokens_cover_what_they_came_from() -> None:
    cut = tokenizer("tweet")
    text = "R&amp;B wow!!!!!!!"
    assert cut(text) == ["R", "&", "B", "wow", "!", "!", "!"]
    spans = cut.spans(text)
    assert text[slice(*spans[1])] == "&amp;"
    assert spans[-1][1] == len(text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
def test_no_text_is_too_much(name: str, text: str) -> None:
    cut = tokenizer(name, lowercase=True)
    began = time.process_time()
    tokens, spans = cut(text), cut.spans(text)
    assert time.process_time() - began < 2.5
    assert len(tokens) == len(spans)
    assert bool(tokens) == bool(text.strip())
    assert all(tokens)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans) if before != after)
    "".join(tokens).encode("utf-8")  # nothing that a file could not hold


@pytest.mark.parametrize("name", NAMES)
def test_a_book_takes_linear_time(name: str) -> None:
    text = " ".join(SENTENCES) + " "
    cut = tokenizer(name)
    cut(text)
    began = time.process_time()
    tokens = cut(text * 1500)  # about 690,000 characters
    assert time.process_time() - began < 5
    assert len(tokens) > 90_000


def test_joined_tokens_read_well() -> None:
    cut = tokenizer("treebank")
    assert (
        cut.join(cut('He said "it isn\'t good (really)." I paid $5.'))
        == 'He said "it isn\'t good (really)." I paid $5.'
    )


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(StudioError, match="treebank"):
        tokenizer("spacy")


def test_nltk_is_imported_only_when_a_text_needs_it() -> None:
    code = (
        "import sys; from lstm_studio.data.tokenize import tokenizer; import lstm_studio.data.prepare; "
        "cut = tokenizer('treebank'); assert 'nltk' not in sys.modules; cut(\"isn't\"); assert 'nltk' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
