"""Functions to call when the program ends, last registered first."""

import sys

_callbacks = []


def register(func, /, *args, **kwargs):
    """Register a function to be executed upon normal program termination."""
    if not callable(func):
        raise TypeError("the first argument must be callable")
    _callbacks.append((func, args, kwargs))
    return func


def unregister(func, /):
    """Unregister an exit function which was previously registered."""
    _callbacks[:] = [entry for entry in _callbacks if not entry[0] == func]


def _clear():
    """Clear the list of previously registered exit functions."""
    _callbacks.clear()


def _ncallbacks():
    """Return the number of registered exit functions."""
    return len(_callbacks)


def _run_exitfuncs():
    """Run all registered exit functions; what they raise is reported."""
    while _callbacks:
        func, args, kwargs = _callbacks.pop()
        try:
            func(*args, **kwargs)
        except BaseException as e:
            message = f"Exception ignored in atexit callback {func!r}"
            sys.unraisablehook(sys.UnraisableHookArgs((type(e), e, e.__traceback__, message, None)))
