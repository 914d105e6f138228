"""Errors of retrieval; the tree begins in ``indexer.errors``."""

from indexer.errors import SightlineError


class GeneratorUnavailable(SightlineError):
    """A generator that is not there or does not answer."""


class UnknownThing(SightlineError):
    """A thing that a detector was never taught to see."""
