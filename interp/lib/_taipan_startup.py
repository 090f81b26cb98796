"""What start-up does in Python: streams, the search path, ``site``.

The ``run_*`` functions return the exit status, or code and namespace for the
machine to run, so that nothing of ours stands below a program's own frames.
"""

import sys


def _open_streams():
    import _io
    encoding, errors = "utf-8", "surrogateescape"
    if not sys.flags.utf8_mode:
        encoding, errors = _locale_encoding()
    setting = "" if sys.flags.ignore_environment else _environ("PYTHONIOENCODING")
    if setting:
        first, _, second = setting.partition(":")
        errors = second or ("strict" if first else errors)
        if first:
            import codecs
            try:
                encoding = codecs.lookup(first).name
            except LookupError as e:
                _fatal("init_stdio_encoding: failed to get the Python codec name of the stdio encoding",
                       f"core initialized\nLookupError: {e}")
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        try:
            stream = _open_stream(_io, name, fd, mode, encoding, errors)
        except OSError:
            stream = None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _open_stream(_io, name, fd, mode, encoding, errors):
    raw = _io.FileIO(fd, mode, False)
    unbuffered = name != "stdin" and sys._unbuffered
    if mode == "r":
        buffered = _io.BufferedReader(raw)
    elif unbuffered:
        buffered = raw
    else:
        buffered = _io.BufferedWriter(raw)
    line_buffering = name == "stderr" or unbuffered or raw.isatty()
    if name == "stderr":
        errors = "backslashreplace"
    stream = _io.TextIOWrapper(buffered, encoding, errors, "\n" if mode == "w" else None,
                               line_buffering, unbuffered)
    raw.name = f"<{name}>"
    stream.mode = mode
    return stream


def _fatal(message, state):
    """End the program before it began, as no stream could tell of an exception yet."""
    import posix
    posix.write(2, f"Fatal Python error: {message}\nPython runtime state: {state}\n".encode())
    posix._exit(1)


def _locale_encoding():
    """The encoding that the locale has for the streams, and what becomes of other bytes: where the
    locale is that of C, or one that stands for it, texts may be in any encoding."""
    import _locale
    encoding = _locale.getencoding()
    if encoding == "UTF-8":
        encoding = "utf-8"
    else:
        import codecs
        encoding = codecs.lookup(encoding).name
    any_text = _locale.setlocale(_locale.LC_CTYPE, None) in ("C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8")
    return encoding, "surrogateescape" if any_text else "strict"


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


def _library():
    """Let the importer of the embedded library keep to ``sys.path``, and tell sources."""
    import _imp
    importer = sys.modules["_frozen_importlib"].FrozenImporter
    find_embedded = importer.find_spec.__func__
    library_first = _imp._library_first

    def find_spec(cls, fullname, path=None, target=None):
        """Return the spec of an embedded module that nothing before it on the search path hides."""
        if library_first(fullname, path):
            return find_embedded(cls, fullname, path, target)
        return None

    def get_source(cls, fullname):
        """Return the source text of an embedded module, for tracebacks and ``inspect``."""
        return _imp._get_frozen_source(fullname)

    def get_filename(cls, fullname):
        """Return what ``__file__`` of an embedded module is."""
        if not _imp.is_frozen(fullname):
            raise ImportError(f"No such frozen object named {fullname}", name=fullname)
        tail = "/__init__.py" if _imp.is_frozen_package(fullname) else ".py"
        return f"{sys._stdlib_dir}/{fullname.replace('.', '/')}{tail}"

    importer.find_spec = classmethod(find_spec)
    importer.get_source = classmethod(get_source)
    importer.get_filename = classmethod(get_filename)

    class LibraryFinder:
        """Finds modules in a folder of the embedded library, where ``sys.path`` has come to it.

        A folder of that name may exist: files in it are found after the embedded modules.
        """

        def __init__(self, path):
            if path != sys._stdlib_dir and not path.startswith(sys._stdlib_dir + "/"):
                raise ImportError("not a folder of the embedded library", path=path)
            self.path = path
            self._package = path[len(sys._stdlib_dir) + 1:].replace("/", ".")
            external = sys.modules["_frozen_importlib_external"]
            self._files = external.FileFinder(path, *external._get_supported_file_loaders())

        def __repr__(self):
            return f"LibraryFinder({self.path!r})"

        def find_spec(self, fullname, target=None):
            package, _, _ = fullname.rpartition(".")
            embedded = find_embedded(importer, fullname) if package == self._package else None
            return embedded or self._files.find_spec(fullname, target)

        def invalidate_caches(self):
            self._files.invalidate_caches()

        def iter_modules(self, prefix=""):
            """Yield names, with ``prefix`` before, and whether they are packages, for ``pkgutil``."""
            for name in _imp._frozen_module_names():
                package, _, tail = name.rpartition(".")
                if package == self._package and not tail.startswith("_taipan"):
                    yield prefix + tail, _imp.is_frozen_package(name)

    sys.path_hooks.insert(0, LibraryFinder)


def _zip_hook(path):
    """Stand in for ``zipimport.zipimporter`` on ``sys.path_hooks`` until there is a file on the path."""
    import posix
    entry = path if isinstance(path, str) else ""
    while entry:
        try:
            mode = posix.stat(entry).st_mode
        except (OSError, ValueError):
            # Perhaps a folder inside of an archive.
            entry = entry.rpartition("/")[0]
            continue
        if mode & 0o170000 == 0o100000:
            break
        entry = ""
    if not entry:
        raise ImportError(f"not a Zip file: {path!r}", path=path)
    from zipimport import zipimporter
    sys.path_hooks[:] = [zipimporter if hook is _zip_hook else hook for hook in sys.path_hooks]
    return zipimporter(path)


def run():
    _library()
    _search_path()
    sys.path_hooks.insert(0, _zip_hook)
    import encodings
    _open_streams()
    import builtins
    import io
    builtins.open = io.open
    if sys._faulthandler and sys.stderr is not None:
        import faulthandler
        faulthandler.enable()
    if sys._import_time:
        import _taipan_importtime
        _taipan_importtime.install(sys._import_time > 1)
    if sys.warnoptions:
        import warnings  # which complains of those that are none


def _main_namespace(**names):
    import builtins
    module = type(sys)("__main__")
    module.__dict__.update(__builtins__=builtins, **names)
    sys.modules["__main__"] = module
    return module.__dict__


def _site():
    if not sys.flags.no_site:
        import site  # which runs its ``main``


def _first_path(entry):
    if not sys.flags.safe_path:
        sys.path.insert(0, entry)
        sys._set_script_path(entry)


def run_command(source):
    """``-c source``."""
    try:
        source.encode()
    except UnicodeEncodeError as e:
        print("Unable to decode the command from the command line:", f"{type(e).__name__}: {e}",
              sep="\n", file=sys.stderr)
        return 1
    namespace = _main_namespace()
    _site()
    _first_path("")
    source = _dedent(source)
    code = compile(source, "<string>", "exec", dont_inherit=True)
    # For tracebacks.
    import linecache
    linecache._register_code(code, source, "<string>")
    return code, namespace


def _dedent(source):
    """Remove the indentation that all lines share, as ``-c`` does since 3.14."""
    if source[:1] not in (" ", "\t", "\n"):
        return source
    # Not with ``textwrap``, which needs ``re``: start-up imports no more than CPython's.
    lines = source.split("\n")
    margin = None
    for line in lines:
        text = line.lstrip(" \t")
        if not text:
            continue
        indent = line[:len(line) - len(text)]
        if margin is None:
            margin = indent
        while not indent.startswith(margin):
            margin = margin[:-1]
    if not margin:
        return source
    return "\n".join([line[len(margin):] if line.strip(" \t") else "" for line in lines])


def run_module(name):
    """``-m name``."""
    _main_namespace()
    _site()
    import posix
    _first_path(posix.getcwd())
    import runpy
    runpy._run_module_as_main(name)
    return 0


def run_file(path, skip_first_line):
    """A script, or a folder or zip file with ``__main__``."""
    _site()
    import os
    script = path
    try:
        path = os.path.join(os.getcwd(), path)
    except OSError:
        pass
    importer = _importer(path)
    if importer is not None:
        _main_namespace()
        sys.path.insert(0, path)
        import runpy
        runpy._run_module_as_main("__main__", False)
        return 0
    _first_path(os.path.dirname(os.path.realpath(script)))
    import io
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as e:
        print(f"{sys.executable}: can't open file {path!r}: [Errno {e.errno}] {e.strerror}", file=sys.stderr)
        return 2
    if path.endswith(".pyc"):
        return _compiled(source), _main_namespace(
            __file__=path, __cached__=None,
            __loader__=sys.modules["_frozen_importlib_external"].SourcelessFileLoader("__main__", path))
    if skip_first_line:
        source = b"\n" + source.partition(b"\n")[2]
    loader = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
    namespace = _main_namespace(__file__=path, __cached__=None, __loader__=loader)
    return _program(source, path), namespace


def _program(source, name):
    """The code of a program that is read from a file, whose errors show its lines."""
    if b"\0" in source:
        before = source[:source.index(b"\0")]
        line = before.count(b"\n") + 1
        text = before[before.rfind(b"\n") + 1:]
        if not _is_utf8(text):
            if b"coding" not in before:
                # No text at all, such as UTF-16: the first byte that is not UTF-8 is told of.
                compile(before, name, "exec", dont_inherit=True)
            # The text is for people; whatever the encoding, it is to show.
            text = text.decode("latin-1")
        else:
            text = text.decode()
        raise SyntaxError("source code cannot contain null bytes", (name, line, 0, text, line, 0))
    return compile(source, name, "exec", dont_inherit=True)


def _is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _compiled(data):
    """The code in the bytes of a ``.pyc`` file."""
    import _imp
    import marshal
    if len(data) < 16:
        raise EOFError("EOF read where not expected")
    if int.from_bytes(data[:4], "little") != _imp.pyc_magic_number_token:
        raise RuntimeError("Bad magic number in .pyc file")
    code = marshal.loads(data[16:])
    if not isinstance(code, type(_compiled.__code__)):
        raise RuntimeError("Bad code object in .pyc file")
    return code


def _importer(path):
    """A finder for ``path`` as an entry of ``sys.path``, if it can hold ``__main__``."""
    import os
    if not os.path.isdir(path):
        if not os.path.isfile(path):
            return None
        with io_open(path) as file:
            if file.read(2) != b"PK":
                # An archive may follow other data, such as a line that names an interpreter: at
                # the end it has a record that a comment of up to 64 KiB may follow.
                file.seek(max(0, file.seek(0, 2) - 65557))
                if b"PK\5\6" not in file.read():
                    return None
    from pkgutil import get_importer
    return get_importer(path)


def io_open(path):
    """Open a file for reading its bytes."""
    import io
    return io.open(path, "rb")


def run_stdin():
    """Standard input: the prompt on a terminal, else a program."""
    namespace = _main_namespace()
    _site()
    _first_path("")
    if sys.stdin is not None and (sys.stdin.isatty() or sys.flags.interactive):
        return _interact(namespace)
    source = sys.stdin.buffer.read() if sys.stdin is not None else b""
    namespace["__file__"] = "<stdin>"
    return _program(source, "<stdin>"), namespace


def _interact(namespace):
    if not sys.flags.quiet:
        print(f"Taipan {sys.version} on {sys.platform}\n"
              'Type "help", "copyright", "credits" or "license" for more information.', file=sys.stderr)
    if not _edits():
        _run_startup_file(namespace)
    _call_hook()
    return _prompt(namespace, startup=True)


def _call_hook():
    hook = getattr(sys, "__interactivehook__", None)
    if hook is not None and not sys.flags.isolated:
        # Reads the history, and has it written at exit.
        try:
            hook()
        except Exception:
            print("Failed calling sys.__interactivehook__", file=sys.stderr)
            sys.excepthook(*sys.exc_info())


def _edits():
    """Whether the prompt that edits lines is to be used."""
    if not sys.flags.ignore_environment and _environ("PYTHON_BASIC_REPL") or not _on_terminal():
        return False
    from _pyrepl import main
    if not main.CAN_USE_PYREPL:
        print(main.FAIL_REASON, file=sys.stderr)
    return main.CAN_USE_PYREPL


def _prompt(namespace, startup):
    if not _edits():
        return _basic_prompt(namespace)
    from _pyrepl import main
    main.interactive_console(sys.modules["__main__"],
                             pythonstartup=startup and not sys.flags.ignore_environment)
    return 0


def _on_terminal():
    """Whether the prompt can move the cursor."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty()
    except (AttributeError, ValueError):
        return False


def _basic_prompt(namespace):
    """The prompt without editing and history."""
    import _taipan_prompt
    _taipan_prompt.run(namespace)
    return 0


def _run_startup_file(namespace):
    """Run the file that ``PYTHONSTARTUP`` names; what goes wrong there does not end the prompt."""
    path = "" if sys.flags.ignore_environment else _environ("PYTHONSTARTUP")
    if not path:
        return
    import io
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError:
        print("Could not open PYTHONSTARTUP", file=sys.stderr)
        sys.excepthook(*sys.exc_info())
        return
    try:
        exec(_program(source, path), namespace)
    except SystemExit:
        raise
    except BaseException:
        kind, value, trace = sys.exc_info()
        while trace is not None and trace.tb_frame.f_globals is globals():
            trace = trace.tb_next
        sys.excepthook(kind, value.with_traceback(trace), trace)


def inspect():
    """``-i``: the prompt behind a program."""
    namespace = sys.modules["__main__"].__dict__
    _call_hook()
    return _prompt(namespace, startup=False)


def finish():
    """What is done at exit: threads joined, ``atexit``."""
    threading = sys.modules.get("threading")
    if threading is not None:
        try:
            threading._shutdown()
        except BaseException:
            sys.excepthook(*sys.exc_info())
    atexit = sys.modules.get("atexit")
    if atexit is not None:
        atexit._run_exitfuncs()


def flush():
    """Flush the streams and all files; whether stdout could be."""
    ok = True
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is None or getattr(stream, "closed", False):
            continue
        try:
            stream.flush()
        except BaseException as e:
            if name == "stdout":
                ok = False
                try:
                    sys.unraisablehook(sys.UnraisableHookArgs((type(e), e, e.__traceback__,
                                       "Exception ignored while flushing sys.stdout", None)))
                except BaseException:
                    pass
    flush_all = getattr(sys.modules.get("_io"), "_flush_all", None)
    if flush_all is not None:
        flush_all()
    return ok
