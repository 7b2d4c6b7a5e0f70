"""Section [model]: the network."""

from __future__ import annotations

from typing import Literal

from lstm_studio.config.section import Section, option

Cell = Literal["lstm", "gru", "rnn"]
Peephole = Literal["none", "diagonal", "full"]
Variant = Literal[
    "none",
    "no_input_gate",
    "no_forget_gate",
    "no_output_gate",
    "coupled",
    "no_input_activation",
    "no_output_activation",
]
WEIGHTLESS = {"no_input_gate": "i", "no_forget_gate": "f", "no_output_gate": "o", "coupled": "i"}
"""Variant -> the gate that has no weights in it: it is not there, or another one gives it."""


class ModelConfig(Section):
    """Encoding, recurrent layers, pooling. Equations: docs/equations.md."""

    cell: Cell = option(
        "lstm",
        "Cell",
        "What happens at each token: an LSTM with a protected memory, or a simpler cell to compare with.",
        level="essential",
        labels={"lstm": "LSTM", "gru": "GRU", "rnn": "Plain RNN (tanh)"},
    )
    peephole: Peephole = option(
        "diagonal",
        "Peepholes",
        "Whether the gates see the memory cell itself, and not only what it let out.",
        level="essential",
        labels={"none": "None (standard LSTM)", "diagonal": "Diagonal", "full": "Full matrices"},
        when={"cell": ("lstm",)},
    )
    hidden_size: int = option(
        128,
        "Hidden units",
        "How many memory cells each layer and direction has.",
        unit="units",
        level="essential",
        ge=1,
        le=4096,
        step=16,
    )
    layers: int = option(1, "Layers", "Recurrent layers stacked on each other.", level="essential", ge=1, le=8)
    bidirectional: bool = option(
        True,
        "Both directions",
        "A second network reads the text from its end; each token then knows what follows it.",
        level="essential",
        tasks=("classification", "tagging", "translation"),
    )
    dropout: float = option(
        0.5,
        "Dropout",
        "Share of the values that are silenced at random between layers and before the output while training, "
        "so that the network cannot rely on any single one.",
        level="essential",
        ge=0.0,
        le=0.95,
        step=0.05,
    )
    embedding_size: int = option(
        100,
        "Embedding size",
        "How many numbers describe a token.",
        unit="numbers",
        level="essential",
        ge=1,
        le=4096,
        step=10,
        when={"encoding": ("embedding",)},
    )
    encoding: Literal["embedding", "one_hot", "index"] = option(
        "embedding",
        "Input encoding",
        "How a token enters the network: a trained vector, a 1 at its place in a row of zeros, or its bare number.",
        labels={"embedding": "Trained embedding", "one_hot": "One-hot", "index": "Bare token number"},
    )
    pooling: Literal["last", "mean", "max", "attention"] = option(
        "max",
        "Summary of the text",
        "How the states at all tokens become one vector to decide on.",
        labels={
            "last": "State at the last token",
            "mean": "Mean over tokens",
            "max": "Maximum over tokens",
            "attention": "Learned attention",
        },
        tasks=("classification",),
    )
    attention: Literal["luong_general", "luong_dot", "bahdanau", "none"] = option(
        "luong_general",
        "Attention",
        "How each written word looks back at the words that were read; without, all must pass through one state.",
        level="essential",
        labels={
            "luong_general": "Luong, general",
            "luong_dot": "Luong, dot product",
            "bahdanau": "Bahdanau (additive)",
            "none": "None",
        },
        tasks=("translation",),
    )
    input_feeding: bool = option(
        False,
        "Input feeding",
        "Each step also reads where the step before has looked, so that nothing is said twice; slower to train.",
        tasks=("translation",),
    )
    tied: Literal["none", "output", "all"] = option(
        "output",
        "Tied embeddings",
        "Whether words are written with the vectors that they are read with: fewer weights, better rare words.",
        labels={
            "none": "Each its own",
            "output": "Written words and output",
            "all": "Source, target and output",
        },
        when={"encoding": ("embedding",)},
        tasks=("translation", "generation"),
    )
    dropout_masks: Literal["each_step", "whole_stretch"] = option(
        "whole_stretch",
        "What dropout silences",
        "Whether other values are silenced at each token, or the same ones over a whole stretch (variational dropout).",
        labels={"each_step": "Anew at each token", "whole_stretch": "The same over a stretch"},
        tasks=("generation",),
    )
    weight_drop: float = option(
        0.0,
        "Weight-drop",
        "Share of the recurrent weights that are silenced in each stretch, as AWD-LSTM does.",
        ge=0.0,
        le=0.9,
        step=0.05,
        tasks=("generation",),
    )
    row_dropout: float = option(
        0.0,
        "Vocabulary dropout",
        "Share of the words that are not read in a stretch, each wherever it stands, as AWD-LSTM does.",
        ge=0.0,
        le=0.9,
        step=0.05,
        tasks=("generation",),
    )
    temperature: float = option(
        0.8,
        "Temperature",
        "How daring it writes: below 1 likely words become likelier, above 1 less so; 0 always takes the likeliest.",
        level="essential",
        ge=0.0,
        le=5.0,
        step=0.1,
        tasks=("generation",),
    )
    top_k: int = option(
        0,
        "Likeliest words (top-k)",
        "Each word is drawn from so many of the likeliest; 0 for all of them.",
        unit="words",
        ge=0,
        le=1_000_000,
        tasks=("generation",),
    )
    top_p: float = option(
        1.0,
        "Nucleus (top-p)",
        "Each word is drawn from the fewest whose probabilities come to this share; 1 for all of them.",
        gt=0.0,
        le=1.0,
        step=0.05,
        tasks=("generation",),
    )
    longest: int = option(
        200,
        "Longest continuation",
        "Writing ends after so many tokens at the latest.",
        unit="tokens",
        ge=1,
        le=10_000,
        step=50,
        tasks=("generation",),
    )
    beams: int = option(
        5,
        "Beams",
        "How many beginnings are followed at once while a text is written; 1 takes the likeliest word each time.",
        level="essential",
        ge=1,
        le=64,
        tasks=("translation",),
    )
    length_penalty: float = option(
        1.0,
        "Length penalty",
        "How much long texts are made up for having more words to go wrong; 0 prefers short ones.",
        ge=0.0,
        le=5.0,
        step=0.1,
        tasks=("translation",),
    )
    no_repeat: int = option(
        0,
        "Never twice",
        "So many tokens in a row are never written twice in one text; 0 allows it.",
        unit="tokens",
        ge=0,
        le=20,
        tasks=("translation",),
    )
    replace_unknown: bool = option(
        True,
        "Copy unknown words",
        "Where an unknown word would be written, the source word that was looked at most is copied.",
        tasks=("translation",),
    )
    crf: bool = option(
        True,
        "Tags as a whole (CRF)",
        "Scores whole sequences of tags, so that none follows another that it cannot follow.",
        level="essential",
        tasks=("tagging",),
    )
    spelling: Literal["auto", "lstm", "none"] = option(
        "auto",
        "Spelling of words",
        "A small network of its own reads the characters of each word, so that unknown words still say something.",
        level="essential",
        labels={"auto": "Read in longer words", "lstm": "Read", "none": "Not read"},
        tasks=("tagging",),
    )
    spelling_size: int = option(
        25,
        "Spelling units",
        "How many memory cells read the characters of a word, in each direction.",
        unit="units",
        ge=1,
        le=512,
        step=5,
        when={"spelling": ("auto", "lstm")},
        tasks=("tagging",),
    )
    mark_size: int = option(
        16,
        "Predicate mark",
        "How many numbers say whether a word is the predicate whose roles are asked for.",
        unit="numbers",
        ge=1,
        le=512,
        tasks=("tagging",),
    )
    vectors: str | None = option(
        None,
        "Pretrained vectors",
        "A file of word vectors (GloVe, word2vec, fastText, safetensors) with which known words start.",
        automatic="none",
        when={"encoding": ("embedding",)},
        file=True,
    )
    target_vectors: str | None = option(
        None,
        "Vectors of the target",
        "A file of word vectors with which the words that are written start; its vectors are as long as the others.",
        automatic="none",
        when={"encoding": ("embedding",), "tied": ("none", "output")},
        file=True,
        tasks=("translation",),
    )
    vectors_learn: Literal["tuned", "later", "frozen"] = option(
        "tuned",
        "Vectors while training",
        "Whether training may move the word vectors.",
        labels={"tuned": "Go on learning", "later": "Learn after some epochs", "frozen": "Stay as they are"},
        when={"encoding": ("embedding",)},
    )
    vectors_after: int = option(
        2,
        "Vectors wait",
        "For so many epochs the word vectors stay as they are; then they learn with the rest.",
        unit="epochs",
        ge=1,
        le=10_000,
        when={"encoding": ("embedding",), "vectors_learn": ("later",)},
    )
    embedding_dropout: float = option(
        0.4,
        "Embedding dropout",
        "Share of the embedding's values that are silenced while training.",
        ge=0.0,
        le=0.95,
        step=0.05,
        when={"encoding": ("embedding",)},
    )
    word_dropout: float = option(
        0.1,
        "Word dropout",
        "Share of the tokens that are replaced by the unknown word while training, so that unknown words "
        "are no surprise later.",
        ge=0.0,
        le=0.9,
        step=0.05,
    )
    embedding_range: float = option(
        0.1,
        "Embedding start range",
        "Embeddings start as random numbers between minus and plus this value.",
        gt=0.0,
        le=2.0,
        step=0.05,
        when={"encoding": ("embedding",)},
    )
    output_gate_sees: Literal["previous", "current"] = option(
        "previous",
        "Output gate sees",
        "Whether the output gate's peephole looks at the memory before or after this step's update.",
        labels={"previous": "Memory before the step", "current": "Memory after the step"},
        when={"cell": ("lstm",), "peephole": ("diagonal", "full")},
    )
    variant: Variant = option(
        "none",
        "Left out",
        "A part of the LSTM that is left out or tied to another, to find out what it is good for; slower to train.",
        labels={
            "none": "Nothing",
            "no_input_gate": "Input gate",
            "no_forget_gate": "Forget gate",
            "no_output_gate": "Output gate",
            "coupled": "Input gate is 1 − forget gate",
            "no_input_activation": "tanh of the candidate",
            "no_output_activation": "tanh of the memory",
        },
        when={"cell": ("lstm",)},
    )
    forget_bias: float = option(
        1.0,
        "Forget-gate bias",
        "Where the forget gate's bias starts; 1 lets a fresh network remember.",
        ge=-10.0,
        le=10.0,
        step=0.5,
        when={"cell": ("lstm",)},
    )

    @property
    def vector_files(self) -> dict[str, str]:
        """Field -> the file of pretrained vectors that it names, for those that an embedding starts with."""
        fields = ["vectors"] if self.tied == "all" else ["vectors", "target_vectors"]
        named = {field: getattr(self, field) for field in fields if self.encoding == "embedding"}
        return {field: path for field, path in named.items() if path is not None}

    def frozen(self, field: str) -> bool:
        """Whether the embedding that starts with the file of a field stays as it is: then words are not written with
        it, for what they are written with must learn."""
        return field in self.vector_files and self.vectors_learn == "frozen"
