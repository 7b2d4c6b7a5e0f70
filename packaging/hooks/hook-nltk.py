# Only the code of the tokenizers: corpora are the user's own downloads and live in the user's data folder.
datas = []
