# Native functions that consume iterators do not count among the calls that the recursion limit is about.
import sys


def depth(f):
    try: f()
    except RecursionError as e:
        n=0; t=e.__traceback__
        while t: n+=1; t=t.tb_next
        return n
def walk(n):
    yield n
    yield from walk(n-2)
def walk2(n):
    yield n
    for x in walk2(n-1): yield x
l=[]
def a(): l.extend(walk(3))
def h(): max(walk2(3))
def n(): sorted([1], key=lambda x: n())
for fn in (a, h, n): print(fn.__name__, depth(fn))


def level():
    try:
        sys.setrecursionlimit(1)
    except RecursionError as e:
        return e.args[0].split()[11]


def levels():
    yield level()


print(level(), list(levels()), max(levels()), [x for x in levels()])
