"""Events of sys.settrace and sys.setprofile: calls, lines, returns, exceptions, generators, native functions."""
import sys
def f(n):
    t = 0
    for i in range(n):
        t += i
    try:
        raise ValueError
    except ValueError:
        pass
    return t
def g():
    yield 1
    yield 2
def h():
    return sum(g())
def tr(fr, ev, arg):
    if fr.f_code.co_filename != __file__: return None
    print(ev, fr.f_code.co_name, fr.f_lineno - fr.f_code.co_firstlineno, arg if ev != 'exception' else arg[0].__name__)
    return tr
sys.settrace(tr)
f(2); h()
[x for x in f.__name__[:1]]
sys.settrace(None)
f(1)
def pr(fr, ev, arg):
    print(ev, fr.f_code.co_name, getattr(arg,'__name__',arg))
sys.setprofile(pr)
f(1); h(); len([1]); [].append(3)
try: int('x')
except ValueError: pass
sys.setprofile(None)
def bad(fr, ev, arg): raise RuntimeError('bad')
sys.settrace(bad)
try: f(1)
except RuntimeError as e: print(e, sys.gettrace())


def quiet(fr, ev, arg): raise ValueError
raised = 0
for i in range(1500):
    sys.settrace(quiet)
    try: f(1)
    except ValueError: raised += 1
print(raised, sys.gettrace())
