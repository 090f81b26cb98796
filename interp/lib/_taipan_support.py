"""Parts of built-in functions that are clearest in Python."""


async def _anext_default(awaitable, default):
    try:
        return await awaitable
    except StopAsyncIteration:
        return default


def anext_default(awaitable, default):
    """What ``anext(iterator, default)`` returns."""
    return _anext_default(awaitable, default)


# The same line is shown so often in a row.
_MOST_REPEATED = 3


def _places(tb):
    """The lines of a traceback without markers of what in a line was being done."""
    import linecache
    import sys
    entries = []
    while tb is not None:
        code = tb.tb_frame.f_code
        entries.append((code.co_filename, tb.tb_lineno, code.co_name, tb.tb_frame.f_globals))
        tb = tb.tb_next
    limit = getattr(sys, "tracebacklimit", 1000)
    entries = entries[-limit:] if limit > 0 else []
    last, count = None, 0

    def repeated():
        more = count - _MOST_REPEATED
        if more > 0:
            yield f"  [Previous line repeated {more} more time{'s' if more > 1 else ''}]\n"

    for name, number, function, names in entries:
        if (name, number, function) != last:
            yield from repeated()
            last, count = (name, number, function), 0
        count += 1
        if count > _MOST_REPEATED:
            continue
        yield f'  File "{name}", line {number}, in {function}\n'
        if line := linecache.getline(name, number, names).strip():
            yield f"    {line}\n"
    yield from repeated()


def unraisable_text(kind, value, tb):
    """How ``sys.unraisablehook`` shows an exception: its own traceback without markers, and what
    it says, but neither notes nor other exceptions.
    """
    lines = []
    if tb is not None:
        lines.append("Traceback (most recent call last):\n")
        lines += _places(tb)
    module = getattr(kind, "__module__", None)
    if not isinstance(module, str):
        lines.append("<unknown>.")
    elif module not in ("builtins", "__main__"):
        lines.append(module + ".")
    lines.append(kind.__qualname__)
    if value is not None:
        try:
            lines.append(": " + str(value))
        except BaseException:
            lines.append(": <exception str() failed>")
    lines.append("\n")
    return "".join(lines)
