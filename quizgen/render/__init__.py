"""Printers: one document tree, drawn as a page, as LaTeX, in the terminal and as Markdown."""
