"""The prompt where nothing moves the cursor: statements read line by line from standard input."""

import sys


def run(namespace):
    """Read and run statements until standard input ends."""
    for name, text in (("ps1", ">>> "), ("ps2", "... ")):
        if not hasattr(sys, name):
            setattr(sys, name, text)
    from codeop import CommandCompiler
    compiler = CommandCompiler()
    while True:
        try:
            if not _statement(compiler, namespace):
                return
        except KeyboardInterrupt:
            _tell("\nKeyboardInterrupt\n")


def _statement(compiler, namespace):
    """Read one statement and run it; false at the end of the input."""
    lines = []
    ended = False
    while True:
        line = _read(sys.ps2 if lines else sys.ps1)
        if not line:
            _tell("\n")
            ended = True
            if not lines:
                return False
        elif not lines and (not line.strip() or line.lstrip()[0] == "#"):
            # Nothing to run.
            return True
        else:
            lines.append(line.removesuffix("\n"))
        source = "\n".join(lines)
        try:
            if ended:
                code = compile(source + "\n", "<stdin>", "single", compiler.compiler.flags)
            else:
                code = compiler(source, "<stdin>", "single")
        except (SyntaxError, OverflowError, ValueError, MemoryError):
            _report()
            return not ended
        if code is not None:
            _run(code, source, namespace)
            return not ended


def _read(prompt):
    """A line with its end; nothing if there is no more."""
    prompt = str(prompt)
    if sys.stdin.isatty() and sys.stdout.isatty():
        try:
            return input(prompt) + "\n"
        except EOFError:
            return ""
    _tell(prompt)
    return sys.stdin.readline()


def _tell(text):
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _run(code, source, namespace):
    # For tracebacks.
    import linecache
    linecache._register_code(code, source, "<stdin>")
    try:
        exec(code, namespace)
    except SystemExit:
        raise
    except BaseException:
        _report()
    if sys.stdout is not None:
        sys.stdout.flush()


def _report():
    """Tell of the exception that is being handled, without the frames of this module."""
    kind, value, trace = sys.exc_info()
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    if isinstance(value, SyntaxError):
        # What compiled it is not the program's.
        trace = None if trace is None or trace.tb_frame.f_globals.get("__name__") == "codeop" else trace
    value = value.with_traceback(trace)
    sys.last_exc = sys.last_value = value
    sys.last_type, sys.last_traceback = kind, trace
    sys.excepthook(kind, value, trace)
