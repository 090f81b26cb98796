# Where built-in objects refuse: the proxy of a frame's variables, its flags, iterators at the end of numbers.
import os
import sys


def function():
    variable = 1
    frame = sys._getframe()
    proxy = type(frame.f_locals)
    for arguments in (), (1,), (frame, frame):
        try:
            proxy(*arguments)
        except TypeError as e:
            print(e)
    try:
        proxy(frame, frame=frame)
    except TypeError as e:
        print(e)
    view = proxy(frame)
    view["variable"] = 2
    print(variable, view == frame.f_locals, "proxy" in list(reversed(view)))
    try:
        del frame.f_trace_lines
    except TypeError as e:
        print(e)


function()


class Numbers:
    def __getitem__(self, index):
        return index


iterator = iter(Numbers())
iterator.__setstate__(sys.maxsize - 1)
print(next(iterator) == sys.maxsize - 1)
for _ in range(2):
    try:
        next(iterator)
    except OverflowError as e:
        print(e)
print(iterator.__reduce__()[2] == sys.maxsize)
try:
    os.stat("/").__replace__(st_mode=1)
except TypeError as e:
    print(e)

# Paths that no file can have are looked at all the same.
for path in "a\0/../b//c", b"a\0/./b", "\ud800/./x", "//\udc80/..", "":
    print(ascii(os.path.normpath(path)), ascii(os.path.splitroot(path)))

import io

for stream, state in (io.BytesIO(), (b"", 0, None)), (io.StringIO(), ("", "\n", 0, None)):
    stream.__setstate__(state)
    stream.close()
    try:
        stream.__setstate__(state)
    except ValueError as e:
        print(e)
