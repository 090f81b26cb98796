"""``Profiler``: how often each function is called, and the time spent in it, by profile events.

Figures are kept for each function and, with `subcalls`, for each pair of caller and callee. Time
counts as a function's own (`inlinetime`) unless something that it calls has it; `totaltime` has that
too, and of calls that recur only the outermost.
"""

import _imp
import sys
from collections import namedtuple
from time import perf_counter
from types import ModuleType

_FIELDS = ("code", "callcount", "reccallcount", "totaltime", "inlinetime")
profiler_entry = namedtuple("profiler_entry", (*_FIELDS, "calls"))
profiler_subentry = namedtuple("profiler_subentry", _FIELDS)
profiler_entry.__module__ = profiler_subentry.__module__ = "_lsprof"


class _Figures:
    """What is known of a function, or of its calls by another."""

    __slots__ = ("code", "level", "calls", "recursive", "total", "inline", "callees")

    def __init__(self, code):
        self.code = code
        self.level = self.calls = self.recursive = 0
        self.total = self.inline = 0
        self.callees = {}

    def left(self, total, inline):
        """A call has ended that took `total`, of it `inline` outside of other functions."""
        self.level -= 1
        self.calls += 1
        self.inline += inline
        if self.level == 0:
            self.total += total
        else:
            self.recursive += 1

    def numbers(self, unit):
        return (self.calls, self.recursive, self.total * unit, self.inline * unit)


def _name_of(function):
    """How a native function is called in listings."""
    name = getattr(function, "__name__", "?")
    owner = getattr(function, "__self__", None)
    if owner is None or isinstance(owner, ModuleType):
        module = getattr(function, "__module__", None)
        return f"<built-in method {module}.{name}>" if module else f"<built-in method {name}>"
    for cls in type(owner).__mro__:
        if name in cls.__dict__:
            return repr(cls.__dict__[name])
    return f"<built-in method {name}>"


@_imp._as_native
class Profiler:
    """Profiler(timer=None, timeunit=0.0, subcalls=True, builtins=True)

    Collects figures while it is enabled. `timer` gives the time, in units of `timeunit` seconds if it
    gives integers; `builtins` asks for native functions, too.
    """

    __slots__ = ("_timer", "_unit", "_subcalls", "_builtins", "_found", "_stack", "_enabled", "__dict__", "__weakref__")

    def __init__(self, timer=None, timeunit=0.0, subcalls=True, builtins=True):
        self._timer = timer or perf_counter
        self._unit = timeunit if timer is not None and timeunit > 0 else 1.0
        self._subcalls, self._builtins = bool(subcalls), bool(builtins)
        self._found, self._stack, self._enabled = {}, [], False

    def enable(self, subcalls=True, builtins=True):
        """Begins to collect figures."""
        if not self._enabled:
            sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "cProfile")
        self._subcalls, self._builtins = bool(subcalls), bool(builtins)
        self._enabled = True
        sys.setprofile(self._event)

    def disable(self):
        """Ends it."""
        if not self._enabled:
            return
        sys.setprofile(None)
        try:
            # The call of this very function, which is native elsewhere.
            self._enter(_DISABLE, _DISABLE)
            # A timer may do anything, even enable the profiler.
            for _ in range(len(self._stack)):
                self._leave()
        finally:
            sys.setprofile(None)
            sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)
            self._stack.clear()
            self._enabled = False

    def clear(self):
        """Forgets all figures."""
        self._found.clear()
        self._stack.clear()

    def getstats(self):
        """A list of a `profiler_entry` for each function: code (a string for a native one), calls, those of
        them that recur, total and own time in seconds, and None or a list of a `profiler_subentry` for
        each function that it calls."""
        unit = self._unit
        entries = []
        for figures in self._found.values():
            if not figures.calls:
                continue
            callees = [profiler_subentry(c.code, *c.numbers(unit)) for c in figures.callees.values() if c.calls]
            entries.append(profiler_entry(figures.code, *figures.numbers(unit), callees or None))
        return entries

    def _enter(self, key, code):
        figures = self._found.get(key)
        if figures is None:
            figures = self._found[key] = _Figures(code)
        figures.level += 1
        pair = None
        if self._subcalls and self._stack:
            callees = self._stack[-1][0].callees
            pair = callees.get(key)
            if pair is None:
                pair = callees[key] = _Figures(code)
            pair.level += 1
        # The last is the time that callees have.
        self._stack.append([figures, pair, self._timer(), 0])

    def _leave(self):
        figures, pair, begin, elsewhere = self._stack.pop()
        total = self._timer() - begin
        figures.left(total, total - elsewhere)
        if pair is not None:
            pair.left(total, total - elsewhere)
        if self._stack:
            self._stack[-1][3] += total

    def _event(self, frame, event, arg):
        if event == "call":
            code = frame.f_code
            if code not in _OWN:
                self._enter(code, code)
        elif event == "return":
            # What was called before there is no account of.
            if self._stack and self._stack[-1][0].code is frame.f_code:
                self._leave()
        elif self._builtins:
            if arg is sys.setprofile:
                # How disable() ends it: the call has no end that would be seen.
                return
            if event == "c_call":
                name = _name_of(arg)
                self._enter(name, name)
            elif self._stack and self._stack[-1][0].code.__class__ is str:
                self._leave()


_DISABLE = "<method 'disable' of '_lsprof.Profiler' objects>"
_OWN = {Profiler.enable.__code__, Profiler.disable.__code__}
