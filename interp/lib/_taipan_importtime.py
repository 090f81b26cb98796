"""``-X importtime``: how long each import takes, in microseconds, without and with what it imports."""

import sys
import time

_inner = [0]


def install(cached_too):
    """Watch imports from now on; also those of modules that are there, if ``cached_too``."""
    import builtins
    importlib = sys.modules["_frozen_importlib"]
    import_ = builtins.__import__
    print("import time: self [us] | cumulative | imported package", file=sys.stderr)

    def timed(name, globals=None, locals=None, fromlist=(), level=0):
        full = name
        if level and isinstance(globals, dict):
            try:
                full = importlib._resolve_name(name, importlib._calc___package__(globals), level)
            except (ImportError, TypeError, ValueError):
                pass
        if full in sys.modules:
            if cached_too:
                print(f"import time: {'cached':<8} | {'cached':<10} | {'  ' * (len(_inner) - 1)}{full}",
                      file=sys.stderr)
            return import_(name, globals, locals, fromlist, level)
        _inner.append(0)
        start = time.perf_counter_ns()
        try:
            return import_(name, globals, locals, fromlist, level)
        finally:
            whole = time.perf_counter_ns() - start
            inner = _inner.pop()
            _inner[-1] += whole
            print(f"import time: {(whole - inner) // 1000:9} | {whole // 1000:10} | "
                  f"{'  ' * (len(_inner) - 1)}{full}", file=sys.stderr)

    builtins.__import__ = timed
