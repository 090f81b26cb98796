"""What start-up does in Python: streams, the search path, ``site``."""

import sys


def _open_streams():
    import _io
    encoding, errors = "utf-8", "surrogateescape"
    setting = "" if sys.flags.ignore_environment else _environ("PYTHONIOENCODING")
    if setting:
        first, _, second = setting.partition(":")
        encoding, errors = first or encoding, second or "strict"
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        try:
            stream = _open_stream(_io, name, fd, mode, encoding, errors)
        except OSError:
            stream = None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _open_stream(_io, name, fd, mode, encoding, errors):
    raw = _io.FileIO(fd, mode, False)
    unbuffered = name != "stdin" and sys._taipan_unbuffered
    if mode == "r":
        buffered = _io.BufferedReader(raw)
    elif unbuffered:
        buffered = raw
    else:
        buffered = _io.BufferedWriter(raw)
    line_buffering = name == "stderr" or unbuffered or raw.isatty()
    if name == "stderr":
        errors = "backslashreplace"
    elif not raw.isatty() and errors == "surrogateescape" and _utf8_locale():
        errors = "strict"
    stream = _io.TextIOWrapper(buffered, encoding, errors, "\n" if mode == "w" else None,
                               line_buffering, unbuffered)
    raw.name = f"<{name}>"
    stream.mode = mode
    return stream


def _utf8_locale():
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = _environ(name)
        if value:
            return value.upper().replace("-", "").endswith("UTF8")
    return False


def _environ(name):
    import posix
    return posix.environ.get(name.encode(), b"").decode("utf-8", "surrogateescape")


def _search_path():
    path = []
    if not sys.flags.ignore_environment:
        extra = _environ("PYTHONPATH")
        if extra:
            path.extend(extra.split(":"))
    path.append(f"{sys.prefix}/lib/python314.zip")
    path.append(sys._stdlib_dir)
    sys.path[:] = path


def _give_sources():
    """Let loaders of embedded modules tell their source, for tracebacks and ``inspect``."""
    import _imp
    importer = sys.modules["_frozen_importlib"].FrozenImporter

    def get_source(cls, fullname):
        """Return the source text of an embedded module."""
        return _imp._get_frozen_source(fullname)

    importer.get_source = classmethod(get_source)


def run():
    _give_sources()
    _search_path()
    import encodings
    _open_streams()
    import builtins
    import io
    builtins.open = io.open
