"""All labelling functions, grouped in modules by what they look at.

Adding one: write a documented rule in the module of its kind and decorate it with ``labelling``.
"""

from __future__ import annotations

import importlib

from labels.weak.votes import LabellingFunction

KINDS = ("title", "offer", "people", "experience", "contrast", "career", "context", "field", "post")
"""The modules, in the order of every table."""


def load() -> tuple[LabellingFunction, ...]:
    """Return every labelling function, in the order of the modules and of their text."""
    found: list[LabellingFunction] = []
    for kind in KINDS:
        module = importlib.import_module(f"labels.weak.functions.{kind}")
        found.extend(item for item in vars(module).values() if isinstance(item, LabellingFunction))
    return tuple(found)
