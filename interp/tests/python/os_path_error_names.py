# Errors of functions that take path-like objects name the file by the text that the object gave.
import os
import pathlib

missing = pathlib.Path("/no such folder/file")
cases = [
    (os.stat, ()),
    (os.lstat, ()),
    (os.open, (os.O_RDONLY,)),
    (os.listdir, ()),
    (os.scandir, ()),
    (os.chdir, ()),
    (os.unlink, ()),
    (os.readlink, ()),
    (os.rename, (missing,)),
    (os.rename, (b"/no such folder/other",)),
    (os.truncate, (0,)),
    (os.utime, ()),
    (os.chmod, (0,)),
    (os.link, (missing,)),
    (os.rmdir, ()),
    (os.mkdir, ()),
    (os.execv, (["it"],)),
    (os.execve, (["it"], {})),
    (open, ()),
]
for function, arguments in cases:
    try:
        function(missing, *arguments)
    except OSError as error:
        print(function.__name__, repr(error.filename), repr(error.filename2), error)
for method in (missing.unlink, missing.stat, missing.read_text, missing.mkdir, missing.touch):
    try:
        method()
    except OSError as error:
        print(method.__name__, error)
