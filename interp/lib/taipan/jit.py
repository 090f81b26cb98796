"""What the JIT does, and its parameters.

    >>> import taipan.jit
    >>> taipan.jit.set_param("threshold", 100)
    >>> taipan.jit.stats()["loops"]
    0
"""
from _taipan_jit import is_enabled, loops, set_param, stats

__all__ = ["is_enabled", "loops", "set_param", "stats"]
