#! /usr/bin/env python3
"""Measures where a program spends its time: the interface of ``profile`` on the profiler of ``_lsprof``."""

import _lsprof
import importlib.machinery
import importlib.util
import profile as _profile

__all__ = ["run", "runctx", "Profile"]


def run(statement, filename=None, sort=-1):
    """Runs a statement under a profiler; prints the figures, or writes them to a file."""
    return _profile._Utils(Profile).run(statement, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    """As run(), with these namespaces."""
    return _profile._Utils(Profile).runctx(statement, globals, locals, filename, sort)


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    A profiler with the figures in the form that ``pstats`` takes.
    """

    def print_stats(self, sort=-1):
        """Prints the figures, in order of what `sort` names."""
        import pstats

        keys = sort if isinstance(sort, tuple) else (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file):
        """Writes the figures to a file, for ``pstats.Stats``."""
        import marshal

        with open(file, "wb") as f:
            self.create_stats()
            marshal.dump(self.stats, f)

    def create_stats(self):
        """Ends collecting, and makes `stats`."""
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        """Makes `stats` of the figures so far: by function (file, line, name) the calls that do not
        recur, all calls, own and total time, and of the calls by each caller all of them, those that
        do not recur, and the times."""
        entries = self.getstats()
        self.stats = {}
        callers_of = {}
        for entry in entries:
            callers = callers_of[entry.code] = {}
            self.stats[label(entry.code)] = (*_numbers(entry), callers)
        for entry in entries:
            caller = label(entry.code)
            for sub in entry.calls or ():
                callers = callers_of.get(sub.code)
                if callers is None:
                    # It has not returned yet.
                    continue
                # All calls come first here.
                once, every, *times = _numbers(sub)
                numbers = (every, once, *times)
                if caller in callers:
                    numbers = tuple(a + b for a, b in zip(numbers, callers[caller]))
                callers[caller] = numbers

    def run(self, cmd):
        """Profiles a statement in the namespace of `__main__`."""
        import __main__

        space = __main__.__dict__
        return self.runctx(cmd, space, space)

    def runctx(self, cmd, globals, locals):
        """Profiles a statement in these namespaces."""
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        """Profiles one call, whose result it returns."""
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *exc_info):
        self.disable()


def _numbers(entry):
    return (entry.callcount - entry.reccallcount, entry.callcount, entry.inlinetime, entry.totaltime)


def label(code):
    """A function's file, line and name."""
    if isinstance(code, str):
        return ("~", 0, code)
    return (code.co_filename, code.co_firstlineno, code.co_name)


def main():
    import io
    import os
    import pstats
    import runpy
    import sys
    from optparse import OptionParser

    parser = OptionParser(usage="cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ...")
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", dest="outfile", help="Save stats to <outfile>", default=None)
    orders = sorted(pstats.Stats.sort_arg_dict_default)
    parser.add_option("-s", "--sort", dest="sort", default=2, choices=orders,
                      help="Sort order when printing to stdout, based on pstats.Stats class")
    parser.add_option("-m", dest="module", action="store_true", default=False, help="Profile a library module")
    if not sys.argv[1:]:
        parser.print_usage()
        sys.exit(2)
    options, args = parser.parse_args()
    sys.argv[:] = args
    if options.outfile is not None:
        # The script may change the folder.
        options.outfile = os.path.abspath(options.outfile)
    if not args:
        parser.print_usage()
        return parser
    if options.module:
        code = "run_module(modname, run_name='__main__')"
        space = {"run_module": runpy.run_module, "modname": args[0]}
        main_module = None
    else:
        script = args[0]
        sys.path.insert(0, os.path.dirname(script))
        with io.open_code(script) as f:
            code = compile(f.read(), script, "exec")
        spec = importlib.machinery.ModuleSpec(name="__main__", loader=None, origin=script)
        main_module = importlib.util.module_from_spec(spec)
        main_module.__file__ = script
        sys.modules["__main__"] = main_module
        space = main_module.__dict__
        space["__builtins__"] = __builtins__
    try:
        runctx(code, space, None, options.outfile, options.sort)
    except BrokenPipeError as error:
        # Nobody reads what would be printed at exit either.
        sys.stdout = None
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
