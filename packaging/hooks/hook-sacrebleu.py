# Its tokenizers are imported by name; those of Japanese and Korean need dictionaries that the program does not bring.
hiddenimports = [f"sacrebleu.tokenizers.tokenizer_{name}" for name in ("13a", "base", "char", "none", "re", "zh")]
