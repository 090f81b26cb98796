"""Native types outside of builtins go by their full names in messages, and by short ones elsewhere."""
import collections
import contextvars
import csv
import datetime
import io
import itertools
import operator
import pickle
import random
import re
import signal
import struct
import types
import zlib


def attempt(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as error:
        print(type(error).__name__, error)


def plain(text):
    return re.sub("0x[0-9a-f]+", "0x0", text)


day = datetime.date(2020, 2, 3)
deque = collections.deque()
attempt(operator.add, day, 1)
attempt(operator.lt, datetime.timedelta(1), 1)
attempt(operator.neg, deque)
attempt(operator.getitem, [1], day)
attempt(operator.getitem, day, 1)
attempt(operator.setitem, itertools.count(), 0, 1)
attempt(len, itertools.chain())
attempt(int, datetime.timedelta(1))
attempt("".join, [contextvars.Context()])
attempt(setattr, day, "year", 1)
attempt(setattr, day, "nothing", 1)
attempt(delattr, day, "nothing")
attempt(delattr, object(), "nothing")
attempt(lambda: datetime.date.nothing)
attempt(lambda: deque.nothing)
attempt(lambda: random._random.Random().nothing)
attempt(deque)
attempt(collections.deque.append)
attempt(collections.deque.append, 1)
attempt(collections.deque.__len__)
attempt(collections.deque.__len__, 1)
attempt(datetime.date.year.__get__, 1)
attempt(deque.append)
attempt(deque.append, 1, k=2)
attempt(object.__new__, collections.deque)
attempt(hash, deque)
attempt(next, csv.reader([]).dialect)
attempt(pickle.dumps, io.TextIOWrapper(io.BytesIO()))
attempt(pickle.dumps, csv.get_dialect("excel"))
attempt(operator.add, struct.error(), 1)
attempt(operator.add, zlib.error(), 1)
print(signal.ItimerError)
for value in (collections.deque.append, collections.deque.__len__, collections.deque.maxlen, datetime.date.year):
    print(value, value.__qualname__)
print(plain(repr(deque.append)), deque.append.__qualname__)
for value in (deque, collections.OrderedDict(a=1), collections.defaultdict(int), itertools.count(3)):
    print(value, type(value).__name__, type(value).__qualname__)


class Deque(collections.deque):
    pass


attempt(operator.neg, Deque())
print(Deque([1]), repr(struct.error("x")), [t.__name__ for t in Deque.__mro__])


# Descriptors of a native type are of no use in another class.
class Foreign:
    real = complex.real
    code = types.FunctionType.__code__
    context = BaseException.__context__


for name in ("real", "code", "context"):
    attempt(getattr, Foreign(), name)
    attempt(setattr, Foreign(), name, 1)
    attempt(delattr, Foreign(), name)


def real_parts(values):
    total = 0
    for value in values:
        total += value.real
    return total


print(real_parts([1j, 2 + 0j, 3, 4.5, True] * 20))
attempt(real_parts, [1j, 2] * 10 + [Foreign()])


# Types that this library has in Python.
import os
import queue

for make in (lambda: types.SimpleNamespace(a=1), queue.SimpleQueue, lambda: os.sched_param(3),
             lambda: os.terminal_size((1, 2)), lambda: csv.Error("x")):
    value = make()
    attempt(operator.add, 1.5, value)
    attempt(lambda: value.nothing)
    attempt(operator.lt, value, 1)
    attempt(int, value)
    attempt("".join, [value])
attempt(setattr, types.SimpleNamespace, "nothing", 1)
attempt(setattr, queue.SimpleQueue, "nothing", 1)
print(os.sched_param(3), os.sched_param(sched_priority=4))

line = queue.SimpleQueue()
line.put(1)
line.put_nowait(2)
print(line.qsize(), line.empty(), line.get(), line.get_nowait(), line.empty())
attempt(line.get, False)
attempt(line.get, True, 0.01)
attempt(line.get, timeout=-1)
print(queue.Empty is __import__("_queue").Empty, queue.Empty.__module__)
