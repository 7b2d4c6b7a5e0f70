"""Figures of the texts that a network wrote for a part of the data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from lstm_studio.config import TranslationData
from lstm_studio.data.encoded_pairs import EncodedPairs
from lstm_studio.data.languages import script_of
from lstm_studio.data.prepare_pairs import PairUnits
from lstm_studio.data.width import narrow
from lstm_studio.data.written import Sample
from lstm_studio.tasks.base import Evaluation
from lstm_studio.tasks.text_figures import BleuTokenizer, bleu, bootstrap, chrf, rouge, sentence_chrf
from lstm_studio.tasks.worst import MOST

SAMPLES = 8
"""Texts that are shown while a network learns."""
_BARS = 12
_LONGEST = 20_000
"""Characters of a text that are kept."""
_LOOKED_AT = 200
_TOKENIZERS: dict[str, BleuTokenizer] = {"CJK": "zh", "HIRAGANA": "char", "KATAKANA": "char"}
"""How BLEU counts the words of writing without spaces."""
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+[^a-z\s])|[。！？]+[”’」』）]*")
_UNSPACED_END = re.compile(r"[。！？!?]+[”’」』）]*|\.(?!\d)")


class WrittenTexts:
    """Collects what is written for texts of a part, in any order.

    Figures of writing without spaces (Chinese, Japanese) count characters; with ``data.lowercase`` capitals count for
    nothing, since none are written; with ``data.normalize_width`` right answers are read in half width, too.
    """

    def __init__(self, part: EncodedPairs, units: PairUnits, data: TranslationData) -> None:
        self._part, self._lowercase, self._summaries = part, data.lowercase, data.purpose == "summary"
        self._narrow = data.normalize_width
        self._texts: dict[int, str] = {}

    def see(self, place: int, text: str) -> None:
        """What was written for one source."""
        self._texts[place] = text

    def evaluation(self, plain: dict[str, float], thorough: bool) -> Evaluation:
        """All figures.

        Details: "examples", "written" (how many texts the figures are of), "watched" (the telling one), "signature" of
        BLEU and chrF, "worst" (those with the lowest chrF), "lengths" (mean chrF by the length of the source) and,
        ``thorough``, "intervals": where BLEU and ROUGE-L lie in 95 of 100 samples of the texts. For summaries also
        "baseline": what the first sentence of each text reaches, which is hard to beat (Nenkova 2005, "Automatic text
        summarization of newswire").

        Args:
            plain: Figures that are known already; they come last.
            thorough: Also compute what takes time.
        """
        places = sorted(self._texts)
        written = [self._texts[place] for place in places]
        references = [self._part.references(place) for place in places]
        if self._narrow:
            references = [tuple(map(narrow, several)) for several in references]
        script = script_of([several[0] for several in references[:_LOOKED_AT] if several])
        tokenize = _TOKENIZERS.get(script, "13a")
        spelled = script in _TOKENIZERS
        lower = self._lowercase
        blue = bleu(written, references, lowercase=lower, tokenize=tokenize)
        characters = chrf(written, references, lowercase=lower)
        red = rouge(written, references, characters=spelled)
        scores = np.array(sentence_chrf(written, references, lowercase=lower))
        metrics = {
            "bleu": blue.bleu,
            "chrf": characters.chrf,
            "rouge1": red.rouge1.f1,
            "rouge2": red.rouge2.f1,
            "rougeL": red.rougeL.f1,
            **plain,
        }
        details: dict[str, Any] = {
            "examples": len(self._part),
            "written": len(places),
            "watched": "rougeL" if self._summaries else "bleu",
            "signature": {"bleu": blue.signature, "chrf": characters.signature},
            "worst": self._worst(places, written, references, scores),
            "lengths": self._by_length(places, scores),
        }
        if thorough:
            details["intervals"] = {
                name: list(bootstrap(written, references, name, lowercase=lower, tokenize=tokenize, characters=spelled))
                for name in ("bleu", "rougeL")
            }
        if self._summaries and thorough:
            firsts = [first_sentence(self._part.source(place), spelled) for place in places]
            of_first = rouge(firsts, references, characters=spelled)
            figures = {name: getattr(of_first, name).f1 for name in ("rouge1", "rouge2", "rougeL")}
            details["baseline"] = {"title": "The first sentence", "metrics": figures}
        chosen = (
            np.unique(np.linspace(0, len(places) - 1, SAMPLES).astype(np.int64)) if places else np.zeros(0, np.int64)
        )
        samples = [
            Sample(
                self._part.source(places[row])[:_LONGEST],
                written[row],
                tuple(text[:_LONGEST] for text in references[row]),
                round(float(scores[row]), 2),
            )
            for row in chosen
        ]
        return Evaluation(metrics, details, tuple(samples))

    def _worst(
        self, places: list[int], written: list[str], references: list[tuple[str, ...]], scores: np.ndarray
    ) -> list[dict[str, Any]]:
        order = np.argsort(scores, kind="stable")[:MOST]
        return [
            {
                "index": places[row],
                "source": self._part.source(places[row])[:_LONGEST],
                "references": [text[:_LONGEST] for text in references[row]],
                "written": written[row],
                "score": round(float(scores[row]), 2),
            }
            for row in order
        ]

    def _by_length(self, places: Sequence[int], scores: np.ndarray) -> dict[str, list[float]]:
        """Bars with about as many texts each."""
        lengths = self._part.source_lengths[np.asarray(places, np.int64)]
        if not len(lengths):
            return {"edges": [], "scores": [], "counts": []}
        edges = np.unique(np.quantile(lengths, np.linspace(0, 1, _BARS + 1), method="lower"))
        edges[-1:] += 1
        if len(edges) < 2:
            edges = np.array([lengths.min(), lengths.max() + 1])
        bar = np.searchsorted(edges, lengths, side="right") - 1
        counts = np.bincount(bar, minlength=len(edges) - 1)
        means = np.bincount(bar, scores, len(edges) - 1) / np.maximum(counts, 1)
        return {"edges": edges.tolist(), "scores": np.round(means, 2).tolist(), "counts": counts.tolist()}


def first_sentence(text: str, unspaced: bool = False) -> str:
    """Up to the first full stop, question or exclamation mark that ends a sentence; the whole text where there is none.

    Args:
        text: Any text.
        unspaced: Whether it is written without spaces, where a full stop ends a sentence unless a digit follows.
    """
    text = text.strip()
    found = (_UNSPACED_END if unspaced else _END).search(text)
    return text if found is None else text[: found.end()]
