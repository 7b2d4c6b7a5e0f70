"""Sphinx: the handbook as HTML. Build it with `python3 packaging/dev.py docs`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "_ext"))

from lstm_studio.version import __version__

project = "LSTM Studio"
author = "The LSTM Studio authors"
copyright = "The LSTM Studio authors"
version = release = __version__
extensions = ["myst_parser", "handbook"]
root_doc = "index"
exclude_patterns = ["zh", "examples", "pictures", "_ext", "_static", "Thumbs.db"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["attrs_inline", "deflist"]
myst_heading_anchors = 3
myst_url_schemes = {"http": None, "https": None, "en": {"url": "../en/{{path}}.html#{{fragment}}"}}

smartquotes = False  # commands are printed as they are typed
html_theme = "furo"
html_title = f"LSTM Studio {__version__}"
html_static_path = ["_static"]
html_css_files = ["handbook.css"]
html_js_files = ["live.js"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True}
# Grey on both looks of the theme, and nothing that asks for more than it needs.
pygments_style = "friendly"
pygments_dark_style = "github-dark"
highlight_language = "none"
