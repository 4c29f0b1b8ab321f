"""Python's garbage collector, at rest while many questions are made.

Questions hold no cycles: they go as soon as nobody holds them. A collector that looks through thousands of them again
and again, and through all that PyTorch has loaded, takes half the time and finds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """No collection inside; for as many questions as go into a batch, not for a stream without end."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
