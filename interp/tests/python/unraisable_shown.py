# How exceptions that nobody can catch are shown, and what exits and streams do with surrogates.
import atexit
import contextvars
import io
import os
import sys


class Named(Exception):
    pass


class Broken(Exception):
    def __str__(self):
        raise KeyError("no text")


Named.__module__ = "elsewhere"


def noted():
    try:
        1 / 0
    except ZeroDivisionError:
        e = Named("two\nlines")
        e.add_note("a note")
        raise e


def silent():
    raise ValueError


def broken():
    raise Broken


def deep(n=8):
    return deep(n - 1) + 1 if n else 1 + [][0]


def grouped():
    raise ExceptionGroup("several", [ValueError(1)])


def shown(action, hook=sys.__unraisablehook__):
    before, sys.stderr, sys.unraisablehook = sys.stderr, io.StringIO(), hook
    try:
        atexit.register(action)
        atexit._run_exitfuncs()
        text = sys.stderr.getvalue()
    finally:
        sys.stderr, sys.unraisablehook = before, sys.__unraisablehook__
    for line in text.replace(__file__, "FILE").splitlines():
        print("   ", line.partition(" at 0x")[0])


for action in (noted, silent, broken, deep, grouped):
    print(action.__name__)
    shown(action)


def failing_hook(args):
    raise Named("the hook fails")


shown(silent, failing_hook)
shown(silent, 5)

for cls in (type(sys.flags), type(sys.version_info)):
    for make in (cls, lambda: cls.__new__(cls, ())):
        try:
            make()
        except TypeError as e:
            print(e)


class Unhashable(str):
    __hash__ = None


try:
    contextvars.ContextVar(Unhashable("name"))
except TypeError as e:
    print(e)

sys.stdout.flush()
for code, environment in (
        (r"import sys; sys.exit('gone \udcff')", "LC_ALL=C.UTF-8"),
        (r"import sys; print(sys.stdin.errors, sys.stdout.errors, sys.stderr.errors)", "LC_ALL=C.UTF-8"),
        (r"import sys; print(sys.stdin.errors, sys.stdout.errors)", "PYTHONIOENCODING=:replace"),
        (r"import sys; print(sys.stdout.encoding, sys.stdout.errors)", "PYTHONIOENCODING=ascii")):
    print(os.system(f'{environment} "{sys.executable}" -S -c "{code}" 2>&1'), flush=True)
