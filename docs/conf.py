"""Configuration of the documentation. Nothing is fetched while it is built."""

import os

import reconcile

project = "reconcile"
author = "The reconcile developers"
copyright = "The reconcile developers, Apache License 2.0"
version = release = reconcile.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build", "generated"]

# Pages. The changelog is included from the root of the repository.
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"

# Notebooks run at every build: a cache would not notice that the library has changed.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True
nb_merge_streams = True

# The API is documented on a few pages that name every object, so nothing is generated.
autosummary_generate = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pymc_sphinx_theme"
html_title = "reconcile"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["reconcile.css"]
html_sidebars = {"**": []}
# The theme is made for PyMC's own sites: leave out its account for visitor statistics, its links
# to social networks and donations, and its search across all of those sites.
html_theme_options = {
    "analytics": {},
    "google_analytics_id": "",
    "icon_links": [],
    "navbar_start": ["navbar-logo", "navbar-version"],
    "navbar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "use_search_override": False,
    "use_edit_page_button": False,
}
html_context = {"default_mode": "light"}

# Kernels inherit this: plots are drawn without a display.
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def setup(app):
    """Read pages that run or quote the library's code again at every build."""
    shown = {
        "add_term",
        "api",
        "claims",
        "constants",
        "design/2026-11-errors",
        "learn_priors",
        "meta_analysis",
    }
    shown |= {"method", "quantities", "radford", "speed", "track_record", "tutorial", "validation"}
    kinds = {"index", "point", "about", "at_least", "at_most", "between", "interval", "confirmed"}
    kinds |= {"vague", "ratio", "truth", "periods", "add"}
    shown |= {f"kinds/{name}" for name in kinds}
    app.connect("env-get-outdated", lambda app, env, *_: sorted(shown & env.found_docs))
