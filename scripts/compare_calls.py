"""Makes wrong calls of everything native, in Taipan and in CPython 3.14, and compares the answers.

Run with python3.14: compare_calls.py TAIPAN [--only REGEX] [--groups N] [--out FILE]

Cases are expressions: methods and dunders of every built-in type and of the native types of the
library, called with too few, too many, wrong, out of range and named arguments; the same for
functions; attributes read, set and deleted on instances and types; operators between pairs of
types. An answer is the type and the text of the exception, or the result's representation.
Differences are grouped by what the two said, names and numbers taken out, the largest group first.

What differs on purpose is in `EXPECTED` and `UNSEEN` with the reason.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import importlib
import marshal
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import types
import warnings

# Differences that stay: pattern of the case, reason.
EXPECTED = [
    (r"\*\*\{1: 2\}", "keywords that are no strings are told of before anything else of the call"),
    (r"\bhashlib\.(?!blake2)", "CPython's hashlib calls OpenSSL, whose functions have names of their own"),
    (r"(Error|Exception|Exit|Iteration|Group)\(.*\.__new__\(", "exceptions share the constructor of BaseException"),
    (r"^operator\.setitem\(.*2\*\*100, 1\)$", "CPython takes every type made at run time for a sequence"),
    (r"iter\('a'\)", "iterators of strings have one type, also for ASCII"),
    (r"decimal\.Context\(\)\.flags", "CPython has freed the context that the flags are of, and they with it"),
    (r"\.(now|today|utcnow)\(\)$|\.buffer_info\(\)$|getweakref|get_cache_token|_create_environ", "clocks, addresses and what else the process has done"),
    (r"^c?math\.(asinh|cbrt|erfc)\(", "the system's C library and the one beside CPython differ in the last digit"),
]

# Differences that stay: what is taken out of both answers, what stands for it, reason.
UNSEEN = [
    (r"\b(fd|name)=\d+", r"\1=", "which descriptors are free"),
    (r"os\.stat\w*_result\(.*", "stat", "two files in two folders"),
    (r"micro=\d+|\b3, 14, \d+|'?cpython(-314)?'?|'?taipan(-314)?'?", "", "the name and the release"),
    (r"(descriptor|slot wrapper|method-wrapper) '(__\w+__)' of '[\w.]+' object", r"\1 '\2'",
     "CPython declares slots anew in types that only inherit them"),
    (r"\b[\w.]+\.(__\w+__)\(\) argument after", r"\1() argument after", "CPython declares slots anew in types that only inherit them"),
    (r"^ok b'\\\\x[ef](.)", r"ok b'", "CPython marks in marshalled objects that there are more references to them"),
]


def unseen(a, b):
    """Why two answers that differ are taken for the same, or None."""
    for pattern, by, reason in UNSEEN:
        if re.sub(pattern, by, a) == re.sub(pattern, by, b):
            return reason
    if a.startswith("Late"):
        return "CPython takes too long"
    if a.startswith("ok") and "{" in a and sorted(a) == sorted(b):
        return "sets of strings go by hashes, which are others"
    return None

PRELUDE = '''
import sys, types, collections, operator, weakref, array, struct, re, datetime, decimal, random, io
import itertools, functools, threading, contextvars, csv, json, math, cmath, string.templatelib, typing
import _queue, _io, _thread, _struct, _csv, _random, _operator, _functools, _collections, _datetime, _heapq, _bisect
import select, socket, zlib, binascii, hashlib, time, unicodedata, errno, signal, gc, marshal, pickle, _pickle
import _json, _sre, _codecs, _asyncio, _contextvars, _weakref, _abc, _typing, _string, _stat, _locale, atexit
import builtins, itertools, _statistics, _signal, _socket, copy, posix, fcntl, _symtable, _imp, _warnings
import _tokenize, _opcode, _md5, _sha2, _sha3
class Plain: pass
class Slots: __slots__ = ('x', 'y')
class Meta(type): pass
def function(a, b=1, *c, d, **e): pass
def generator(): yield 1
async def coroutine(): pass
async def async_generator(): yield 1
def some_traceback():
    try: 1/0
    except Exception as e: return e.__traceback__
def some_frame(): return sys._getframe()
def some_cell():
    x = 1
    return (lambda: x).__closure__[0]
def closed_coroutine():
    c = coroutine(); c.close(); return c
type Alias[T] = list[T]
K = Plain
kept = Plain()
CELL = some_cell(); FRAME = some_frame(); TB = some_traceback()
loop_future = None
'''

# Receivers: one expression or more a type, each making a fresh object.
RECEIVERS = """
5|True|(2**70)|1.5|1j|'ab'|b'ab'|bytearray(b'ab')|[1, 2]|(1, 2)|{'k': 1}|{1}|frozenset({1})|range(3)|slice(1, 2)
memoryview(b'ab')|object()|None|...|NotImplemented|int|type|Plain|Plain()|Slots()|Meta|property()|staticmethod(len)
classmethod(len)|super(Plain, Plain())|function|len|[].append|str.upper|int.__add__|(1).__add__
dict.__dict__['fromkeys']|int.__dict__['real']|Slots.x|types.FunctionType.__globals__|types.MappingProxyType({'k': 1})
types.ModuleType('m')|function.__code__|FRAME|TB|CELL|generator()|closed_coroutine()|async_generator()
(int | str)|list[int]|Alias|Alias[int]|typing.TypeVar('T')|typing.ParamSpec('P')|typing.TypeVarTuple('Ts')
typing.ParamSpec('P').args|typing.NoDefault|t'{1}'|t'{1}'.interpolations[0]|iter(t'a{1}')
iter([1])|reversed([1])|iter((1,))|iter({1: 2})|iter({1: 2}.values())|iter({1: 2}.items())|reversed({1: 2})|iter({1})|iter('a')|iter(b'a')
iter(bytearray(b'a'))|iter(range(3))|iter(range(2**70))|iter(memoryview(b'a'))|enumerate([1])|zip([1])|map(abs, [1])|filter(None, [1])
reversed('ab')|iter(int, 0)|{'k': 1}.keys()|{'k': 1}.values()|{'k': 1}.items()|types.SimpleNamespace(a=1)
weakref.ref(kept)|weakref.proxy(kept)|Plain().__init__|types.MethodType(len, [])|async_generator().__anext__()
async_generator().asend(None)|async_generator().athrow(ValueError)|async_generator().aclose()|coroutine.__code__.co_lines()|function.__code__.co_positions()
Exception('a')|BaseException()|ValueError(1)|OSError(2, 'x')|StopIteration(1)|SystemExit(1)|KeyError('k')|ImportError('x', name='n')|AttributeError('x')
NameError('x')|SyntaxError('x')|UnicodeDecodeError('utf-8', b'a', 0, 1, 'r')|UnicodeEncodeError('utf-8', 'a', 0, 1, 'r')
UnicodeTranslateError('a', 0, 1, 'r')|ExceptionGroup('g', [ValueError(1)])|BaseExceptionGroup('g', [ValueError(1)])
collections.deque([1])|iter(collections.deque([1]))|reversed(collections.deque([1]))|collections.defaultdict(int)|collections.OrderedDict(a=1)
iter(collections.OrderedDict(a=1))|collections.OrderedDict(a=1).keys()|collections.OrderedDict(a=1).items()|collections.namedtuple('N', 'a b').a
array.array('i', [1])|array.array('d', [1.0])|array.array('w', 'a')|iter(array.array('i', [1]))|struct.Struct('i')|struct.iter_unpack('i', b'1234')
re.compile('a')|re.match('a', 'a')|re.compile('a').scanner('a')|re.compile(b'a')
datetime.date(2020, 1, 2)|datetime.time(1, 2)|datetime.datetime(2020, 1, 2)|datetime.timedelta(1)|datetime.timezone.utc|datetime.tzinfo()|datetime.date(2020, 1, 2).isocalendar()
decimal.Decimal(1)|decimal.Context()|decimal.Context().flags|random.Random(1)|_random.Random(1)
io.StringIO('a')|io.BytesIO(b'a')|io.TextIOWrapper(io.BytesIO(b'a'))|io.BufferedReader(io.BytesIO(b'a'))|io.BufferedWriter(io.BytesIO())
io.BufferedRandom(io.BytesIO(b'a'))|io.BufferedRWPair(io.BytesIO(b'a'), io.BytesIO())|_io._IOBase()|_io._RawIOBase()|_io._BufferedIOBase()|_io._TextIOBase()|io.IncrementalNewlineDecoder(None, False)
io.BytesIO(b'a').getbuffer()|io.FileIO('/dev/null')
itertools.count()|itertools.cycle([1])|itertools.repeat(1, 2)|itertools.accumulate([1])|itertools.batched([1], 1)|itertools.chain([1])
itertools.combinations([1, 2], 1)|itertools.combinations_with_replacement([1], 1)|itertools.compress([1], [1])|itertools.dropwhile(bool, [1])
itertools.filterfalse(None, [0])|itertools.groupby([1])|itertools.islice([1], 1)|itertools.pairwise([1, 2])|itertools.permutations([1])|itertools.product([1])
itertools.starmap(pow, [(1, 2)])|itertools.takewhile(bool, [1])|itertools.zip_longest([1])|itertools.tee([1])[0]
functools.partial(len)|functools.partial(len).__call__|functools.lru_cache(None)(abs)|functools.cmp_to_key(max)|functools.cmp_to_key(max)(1)|functools.Placeholder
operator.itemgetter(1)|operator.attrgetter('a')|operator.methodcaller('a')
threading.Lock()|threading.RLock()|_thread._local()|_thread._ThreadHandle()|_queue.SimpleQueue()
contextvars.ContextVar('v')|contextvars.Context()|contextvars.ContextVar('v').set(1)|contextvars.Token.MISSING|iter(contextvars.Context())
csv.reader(['a'])|csv.writer(io.StringIO())|_csv.Dialect()|_pickle.Pickler(io.BytesIO())|_pickle.Unpickler(io.BytesIO(b'N.'))|_pickle.Pickler(io.BytesIO()).memo|_pickle.Unpickler(io.BytesIO(b'N.')).memo
_json.make_scanner(json.JSONDecoder())|_json.make_encoder(None, None, str, None, ':', ',', False, False, True)
select.poll()|select.epoll()|socket.socket()|zlib.compressobj()|zlib.decompressobj()|zlib._ZlibDecompressor()|_md5.md5()|_sha2.sha256()|_sha3.sha3_256()|hashlib.blake2b()|_sha3.shake_128()
time.gmtime(0)|sys.flags|sys.version_info|sys.float_info|sys.int_info|sys.hash_info|sys.thread_info|sys.implementation|posix.terminal_size((1, 2))
unicodedata.ucd_3_2_0|types.GenericAlias(list, int)|_asyncio.Future.__new__(_asyncio.Future)|types.DynamicClassAttribute()|_weakref.ReferenceType(kept)
""".strip().replace("\n", "|")
RECEIVERS = re.split(r"(?<! )\|(?! )", RECEIVERS)

# Iterators that never end.
ENDLESS = {"iter(range(2**70))", "itertools.count()", "itertools.cycle([1])", "iter(int, 0)"}

# Types that operators are tried between.
OPERANDS = """5|True|(2**70)|1.5|1j|'ab'|b'ab'|bytearray(b'ab')|[1, 2]|(1, 2)|{'k': 1}|{1}|frozenset({1})|range(3)|slice(1, 2)|memoryview(b'ab')|object()|None|...|int|Plain()|len|{'k': 1}.keys()|{'k': 1}.values()|{'k': 1}.items()|types.MappingProxyType({'k': 1})|(int | str)|list[int]|Alias|typing.TypeVar('T')|t'{1}'|types.SimpleNamespace(a=1)|generator()|CELL|weakref.ref(kept)|weakref.proxy(kept)|Exception('a')|collections.deque([1])|collections.defaultdict(int)|collections.OrderedDict(a=1)|collections.Counter('a')|array.array('i', [1])|datetime.date(2020, 1, 2)|datetime.time(1, 2)|datetime.datetime(2020, 1, 2)|datetime.timedelta(1)|datetime.timezone.utc|decimal.Decimal(1)|re.compile('a')|functools.partial(len)|property()|function|types.ModuleType('m')|contextvars.ContextVar('v')|functools.cmp_to_key(max)(1)|sys.flags"""
OPERANDS = re.split(r"(?<! )\|(?! )", OPERANDS)

VALUES = ["None", "1", "-1", "'a'", "b'a'", "1.5", "[]", "(1, 2)", "{}", "2**100", "-2**100", "object()", "len", "int", "''"]
PAIRS = [("1", "2"), ("'a'", "'b'"), ("1", "'a'"), ("'a'", "1"), ("None", "1"), ("1", "None"), ("b'a'", "b'b'"), ("[]", "[]"),
         ("object()", "object()"), ("2**100", "1"), ("1", "2**100"), ("int", "1"), ("len", "[]"), ("(1, 2)", "1"), ("'a'", "None"),
         ("'a'", "object()"), ("b'a'", "object()"), ("[]", "object()"), ("len", "object()"), ("1.5", "'a'")]
TRIPLES = [("1", "2", "3"), ("'a'", "'b'", "'c'"), ("'a'", "1", "2"), ("b'a'", "1", "2"), ("'a'", "'b'", "1.5"), ("1", "2", "object()"), ("None", "None", "None"),
           ("ValueError", "None", "1"), ("int", "1", "2"), ("'a'", "1.5", "None"), ("b'a'", "b'b'", "'c'"), ("[]", "1", "2**100")]
BINARY = "+ - * / // % ** @ << >> & | ^ < <= > >= == != in is".split()
INPLACE = "iadd isub imul itruediv ifloordiv imod ipow imatmul ilshift irshift iand ior ixor".split()

MODULES = """builtins math cmath itertools functools operator collections _heapq _bisect array struct binascii zlib
errno gc sys time _thread _random random _json json _csv _codecs codecs _io io re _sre datetime decimal _operator _functools _collections
unicodedata _weakref weakref _contextvars _abc marshal _pickle pickle _struct _statistics select signal _signal _socket posix fcntl
_string _typing typing _queue atexit _asyncio _warnings _imp _symtable _tokenize _opcode _stat _locale hashlib _md5 _sha1 _sha2 _sha3 _blake2 types string.templatelib
faulthandler _datetime _decimal _uuid _posixsubprocess""".split()

# Calls that end, block or change the process, or whose answer depends on it.
UNSAFE = re.compile(r"""^(posix\.(abort|fork|forkpty|_exit|wait\w*|set\w*|kill|killpg|pause|openpty|login_tty|nice|close\w*|dup\w*|chroot|sync|unshare|sched_yield|tcset\w*|pipe\w*|getrandom|urandom|times|getlo\w+|nice|lockf|plock|posix_spawn\w*|exec\w*|chdir|fchdir|umask|remove|unlink|rmdir|cpu_count|eventfd\w*|timerfd\w*|memfd_create|lseek|read\w*|write\w*|pread\w*|pwrite\w*|fsync|fdatasync|ftruncate|fchmod|fchown|sendfile|splice|copy_file_range|get_blocking|isatty|ttyname|ptsname|unlockpt|grantpt|posix_openpt|listdir|scandir|system|popen|register_at_fork|getgroups|initgroups|getpgid|getsid|_inputhook|uname|getcwd\w*|getp\w+|get_terminal_size|fstat\w*|fpathconf|inotify\w*|pidfd_open)
|builtins\.(breakpoint|input|exit|quit|copyright|credits|license|help|print|open|__import__|__build_class__|vars|locals|globals|dir|id|hash)|time\.(sleep|pthread\w+|clock_settime\w*|time\w*|monotonic\w*|perf_counter\w*|process_time\w*|thread_time\w*|localtime|gmtime|ctime|asctime|strftime|tzset|clock_get\w+|get_clock_info)
|sys\.(_\w+|exit|set\w+|_clear\w+|_current\w+|_debug\w+|_getframe\w*|breakpointhook|displayhook|excepthook|unraisablehook|addaudithook|activate\w*|deactivate\w*|remote_exec|_dump\w*|_stats\w*|getallocatedblocks|getunicodeinternedsize|getrefcount|getsizeof|exc\w+|call_tracing|_get\w+|_is_\w+|get\w+|_jit|intern|is_\w+|_is\w+|_baserepl|settrace|setprofile)
|gc\.(collect|disable|enable|freeze|unfreeze|get_\w+|set_\w+|is_\w+)|_thread\.(exit|interrupt_main|start_\w+|stack_size|get_\w+|_get\w*|_count|_shutdown|_make\w*|_is\w*|daemon\w*|allocate\w*|_excepthook)|signal\.\w+|_signal\.\w+|select\.select|_socket\.(sethostname|gethost\w*|getaddrinfo|getnameinfo|close|if_\w*|getserv\w*|getproto\w*|setdefaulttimeout|dup|socketpair)
|atexit\.\w+|_io\.open|io\.open|faulthandler\.\w+|_imp\.\w+|_posixsubprocess\.fork_exec|_asyncio\.(_\w*loop|_\w*task\w*|current_task|all_tasks|future\w*)|fcntl\.(ioctl|flock|lockf|fcntl)|_warnings\.\w+|_locale\.setlocale|random\.\w+|_uuid\.generate\w*|marshal\.loads?|pickle\.loads?|_pickle\.loads?|_pickle\.dumps?|pickle\.dumps?|_codecs\.(register\w*|unregister)|_weakref\.getweak\w*|_string\.\w+_iter|_io\.text_encoding|io\.text_encoding)$""".replace("\n", ""), re.X)

# Members whose answer says nothing: it depends on addresses, hashes or the implementation.
SKIP_MEMBERS = {"__hash__", "__sizeof__", "__dir__", "__init_subclass__", "__subclasshook__", "__doc__", "__class__", "__dict__",
                "__subclasses__", "__builtins__", "__globals__", "__loader__", "__spec__", "f_back", "tb_frame", "f_builtins", "f_globals", "co_code",
                "gi_frame", "__basicsize__", "__dictoffset__", "__weakrefoffset__", "__itemsize__", "__flags__", "__text_signature__", "_co_code_adaptive",
                "__weakref__", "__base__", "exec_module", "gettrace"}
NO_CALL = {"__del__", "fileno", "detach"}


def native(cls):
    return isinstance(cls, type) and "__firstlineno__" not in cls.__dict__ and not any(
        isinstance(v, types.FunctionType) for v in cls.__dict__.values())


def parameter_names(f):
    """The names in a function's text signature."""
    text = getattr(f, "__text_signature__", None) or ""
    return [n for n in re.findall(r"(\w+)(?==|,|\)| ,)", text) if n not in ("self", "type", "module") and not n[0].isdigit() and n not in ("None", "True", "False")][:6]


def calls(f, names):
    """Calls of an expression with wrong arguments of all sorts."""
    yield f + "()"
    for v in VALUES:
        yield "%s(%s)" % (f, v)
    for pair in PAIRS + TRIPLES:
        yield "%s(%s)" % (f, ", ".join(pair))
    for n in range(4, 8):
        yield "%s(%s)" % (f, ", ".join(["1"] * n))
        yield "%s(%s)" % (f, ", ".join(["'a'"] * n))
    yield f + "(xyz=1)"
    yield f + "(1, xyz=1)"
    yield f + "('a', xyz=1)"
    yield f + "(1, 2, xyz=1, zyx=2)"
    yield f + "(*1)"
    yield f + "(**1)"
    yield f + "(**{1: 2})"
    for name in names:
        if name.isidentifier() and name not in ("lambda", "from", "in", "is", "if", "class"):
            for v in ("1", "'a'", "None", "object()"):
                yield "%s(%s=%s)" % (f, name, v)
                yield "%s(1, %s=%s)" % (f, name, v)
                yield "%s('a', %s=%s)" % (f, name, v)
            yield "%s(1, 2, %s=3)" % (f, name)


def cases():
    scope = {}
    exec(PRELUDE, scope)
    seen_types, seen_functions = set(), set()

    def fresh(f):
        key = id(f)
        if key in seen_functions:
            return False
        seen_functions.add(key)
        keep.append(f)
        return True
    keep = []
    for r in RECEIVERS:
        try:
            value = eval(r, scope)
        except Exception as e:
            print("bad receiver", r, repr(e), file=sys.stderr)
            continue
        keep.append(value)
        cls = type(value)
        yield "dir(type(%s))" % r
        yield "type(%s).__mro__" % r
        yield "repr(%s)" % r
        yield "str(%s)" % r
        for u in ("-%s", "+%s", "~%s", "abs(%s)", "len(%s)", "next(%s)", "int(%s)", "float(%s)", "complex(%s)", "bytes(%s)", "round(%s)",
                  "iter(%s)", "reversed(%s)", "list(%s)", "%s[0]", "%s['k']", "%s[0:1]", "%s[None]", "%s[2**100]", "%s[1.5]", "%s()", "%s.nope", "%s[0:1:0]", "%s[object():1]",
                  "setattr(%s, 'nope', 1)", "delattr(%s, 'nope')", "operator.setitem(%s, 0, 1)", "operator.setitem(%s, 'x', object())", "operator.delitem(%s, 0)",
                  "operator.delitem(%s, 'x')", "operator.setitem(%s, slice(0, 1), 1)", "operator.delitem(%s, slice(0, 1))", "operator.setitem(%s, slice(0, 2, 2), (1,2,3))",
                  "operator.setitem(%s, 2**100, 1)", "operator.setitem(%s, 0, 'a')", "operator.setitem(%s, 0, 2**100)", "operator.setitem(%s, 0, -1)",
                  "operator.setitem(%s, 9, 1)", "operator.index(%s)", "math.floor(%s)", "math.ceil(%s)", "math.trunc(%s)", "type(%s).nope", "setattr(type(%s), 'nope', 1)", "delattr(type(%s), 'nope')",
                  "format(%s, 'd')", "format(%s, 'q')", "format(%s, '>10')", "'%%d' %% (%s,)", "'%%c' %% (%s,)", "'%%x' %% (%s,)", "'%%f' %% (%s,)", "b'%%s' %% (%s,)", "b'%%c' %% (%s,)", "b'%%d' %% (%s,)",
                  "''.join(%s)", "b''.join(%s)", "dict(%s)", "[].extend(%s)", "isinstance(1, %s)", "issubclass(int, %s)", "memoryview(%s)", "copy.copy(%s)", "pickle.dumps(%s) and 1",
                  "copy.deepcopy(%s)", "marshal.dumps(%s) and 1", "type('X', (type(%s),), {}) and 1", "type('X', (type(%s),), {'__slots__': ['a']}) and 1", "type('X', (%s,), {})", "weakref.ref(%s) and 1",
                  "{%s: 1} and 1", "hash(%s) and 1", "[*%s]", "f(*%s)", "f(**%s)", "{**%s}", "a_exec('a, b = X', %s)", "a_exec('for a in X: pass', %s)", "a_exec('with X: pass', %s)", "a_exec('raise X', %s)",
                  "a_exec('raise ValueError from X', %s)", "a_exec('import X.y', %s)", "a_exec('del X.nope', %s)", "a_exec('@X\\ndef f(): pass', %s)", "a_exec('class A(X): pass', %s)",
                  "a_exec('class A(metaclass=X): pass', %s)", "a_exec('try: 1/0\\nexcept X: pass', %s)", "a_exec('try: 1/0\\nexcept* X: pass', %s)", "a_exec('match 1:\\n case X(): pass', %s)", "a_exec('match 1:\\n case X(1): pass', %s)",
                  "a_exec('async def f():\\n await X\\nf().send(None)', %s)", "a_exec('async def f():\\n async for a in X: pass\\nf().send(None)', %s)", "a_exec('async def f():\\n async with X: pass\\nf().send(None)', %s)",
                  "a_exec('def f():\\n yield from X\\nnext(f())', %s)", "a_exec('f\"{X!r:q}\"', %s)"):
            if r not in ENDLESS or u[:6] in ("-%s", "len(%s", "%s[0]", "%s()"):
                yield u % r
        new_type = cls not in seen_types
        seen_types.add(cls)
        for name in sorted(set(dir(value))):
            if name in SKIP_MEMBERS or not name.isidentifier():
                continue
            if native(cls):
                yield "repr(getattr(type(%s), %r))" % (r, name)
            yield "repr(getattr(%s, %r))" % (r, name)
            # Where that changes nothing that later cases use.
            if r not in ("Plain", "Meta", "function"):
                for v in ("1", "'a'", "None", "()", "object()"):
                    yield "setattr(%s, %r, %s)" % (r, name, v)
                yield "delattr(%s, %r)" % (r, name)
            if new_type and cls.__flags__ & (1 << 8) and name in cls.__dict__:
                yield "setattr(type(%s), %r, 1)" % (r, name)
                yield "delattr(type(%s), %r)" % (r, name)
            try:
                member = getattr(value, name)
            except Exception:
                continue
            if not callable(member) or isinstance(member, type) or name in NO_CALL:
                continue
            if getattr(cls, name, 0) is getattr(object, name, 1) and r not in ("object()", "Plain()", "5"):
                continue
            names = parameter_names(member)
            yield from calls("%s.%s" % (r, name), names)
            if new_type and name in cls.__dict__ and native(cls):
                yield "type(%s).%s()" % (r, name)
                yield "type(%s).%s(object())" % (r, name)
                yield "type(%s).%s(1, 2)" % (r, name)
                yield "type(%s).%s(xyz=1)" % (r, name)
        if new_type and native(cls) and cls not in (types.FunctionType, types.CodeType):
            yield from calls("type(%s)" % r, parameter_names(cls))
            yield from calls("type(%s).__new__" % r, [])
            yield "type(%s).__new__(type(%s))" % (r, r)
            yield "type(%s).__new__(int)" % r
    for module in MODULES:
        try:
            m = importlib.import_module(module)
        except ImportError:
            continue
        yield "__import__(%r)" % module + " and 1"
        for name in sorted(vars(m)):
            v = getattr(m, name)
            path = module + "." + name
            if UNSAFE.match(path) or name.startswith("__") and module != "builtins" or name in ("_debugmallocstats",):
                continue
            if isinstance(v, (types.BuiltinFunctionType, types.FunctionType)) and (isinstance(v, types.BuiltinFunctionType)):
                if fresh(v) and isinstance(getattr(v, "__self__", m), (types.ModuleType, type(None))):
                    yield from calls("__import__(%r, fromlist=['x']).%s" % (module, name) if module not in scope else path, parameter_names(v))
            elif isinstance(v, type) and native(v):
                target = "__import__(%r, fromlist=['x']).%s" % (module, name) if module not in scope else path
                yield "repr(%s)" % target
                if v in seen_types:
                    continue
                seen_types.add(v)
                yield "dir(%s)" % target
                yield "%s.__mro__" % target
                yield from calls(target, parameter_names(v))
    for a in OPERANDS:
        for b in OPERANDS:
            for op in BINARY:
                if op in ("**", "<<", "*") and "2**70" in b:
                    yield "type(%s %s %s)" % (a, op, b) if "'" not in a and "[" not in a and "5" not in a and "True" not in a and "2**70" not in a else "1"
                    continue
                yield "%s %s %s" % (a, op, b)
            for op in INPLACE:
                if op in ("ipow", "ilshift", "imul") and "2**70" in b:
                    continue
                yield "operator.%s(%s, %s)" % (op, a, b)
            yield "divmod(%s, %s)" % (a, b)
            yield "pow(%s, %s, 5)" % (a, b) if "2**70" not in b else "1"
            yield "(%s)[%s]" % (a, b)
            yield "isinstance(%s, %s)" % (a, b)
            yield "'%%s' %% %s" % a


WORKER = r'''
import sys, re, signal, warnings, io, mmap, struct
warnings.simplefilter("ignore")
source, start, out, prelude, place, skip = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "a"), sys.argv[4], open(sys.argv[5], "r+b"), set(eval(sys.argv[6]))
place = mmap.mmap(place.fileno(), 8)
scope = {}
exec(open(prelude).read(), scope)
def a_exec(text, value): exec(text, dict(scope, X=value))
def f(*args, **names): return 1
scope["a_exec"] = a_exec; scope["f"] = f
class Late(BaseException): pass
seen = -1
def late(*a):
    # Raised where the same case runs at two ticks in a row.
    global seen
    was, seen = seen, n
    if was == n: raise Late()
signal.signal(signal.SIGALRM, late)
address = re.compile(r"0x[0-9a-f]+")
sys.stdout = sys.stderr = io.StringIO()
sys.unraisablehook = lambda *a: None
sys.stdin = io.StringIO("")
def answer(text):
    try:
        value = eval(text, scope)
        if text.startswith("dir("): value = [v for v in value]
        said = "ok " + repr(value)
    except BaseException as e:
        try: said = type(e).__name__ + ": " + str(e)
        except BaseException as e2: said = type(e).__name__ + " (str fails: %r)" % e2
    said = address.sub("0x", said)
    try: return said.encode("unicode_escape").decode()[:400]
    except Exception: return "?"
lines = open(source).read().splitlines()
pending = []
pack, put = struct.pack_into, out.write
signal.setitimer(signal.ITIMER_REAL, 1.5, 1.5)
n = start
while n < len(lines):
    pack("q", place, 0, n)
    if n not in skip:
        try: pending.append("%d=%s\n" % (n, answer(eval(lines[n]))))
        except Late: pending.append("%d=Late\n" % n)
    n += 1
    if n % 500 == 0 or n == len(lines):
        put("".join(pending)); out.flush(); pending.clear()
'''


def run(interpreter, cases_path, prelude, worker, count):
    """The answers of an interpreter, those of crashed and hanging cases among them."""
    folder = tempfile.mkdtemp()
    out, place = os.path.join(folder, "out"), os.path.join(folder, "place")
    work = os.path.join(folder, "work")
    os.mkdir(work)
    answers, start = {}, 0
    open(out, "w").close()
    env = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
    while start < count:
        with open(place, "wb") as f:
            f.write(struct.pack("q", -1))
        dead = [i for i, a in answers.items() if a.startswith("DIED")]
        try:
            p = subprocess.run([interpreter, worker, cases_path, str(start), out, prelude, place, repr(dead)], cwd=work, env=env, timeout=900,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            status, problem = p.returncode, p.stderr[-300:]
        except subprocess.TimeoutExpired:
            status, problem = "timeout", b""
        with open(out, errors="replace") as f:
            for line in f:
                number, _, said = line.partition("=")
                if number.isdigit() and said.endswith("\n"):
                    start = int(number) + 1
                    answers[int(number)] = said[:-1]
        if start == count or all(i in answers for i in range(start, count)):
            break
        with open(place, "rb") as f:
            last = struct.unpack("q", f.read())[0]
        if last < 0:
            sys.exit("%s does not run: %s %s" % (interpreter, status, problem.decode(errors="replace")))
        print("%s died at case %d with %s" % (interpreter, last, status), file=sys.stderr)
        answers[last] = "DIED %s" % (status,)
    shutil.rmtree(folder)
    return answers


def shape(said):
    said = re.sub(r"'[^']*'", "'_'", said)
    said = re.sub(r"\b\d+\b", "N", said)
    said = re.sub(r"\b\w+(\.\w+)*\(\)", "F()", said)
    return said[:110]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("taipan")
    parser.add_argument("--only")
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--out", help="write all differences here")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    folder = tempfile.mkdtemp()
    everything = list(dict.fromkeys(cases()))
    if options.only:
        everything = [c for c in everything if re.search(options.only, c)]
    path = os.path.join(folder, "cases")
    with open(path, "w") as f:
        f.writelines(repr(c) + "\n" for c in everything)
    prelude = os.path.join(folder, "prelude.py")
    with open(prelude, "w") as f:
        f.write(PRELUDE)
    worker = os.path.join(folder, "worker.py")
    with open(worker, "w") as f:
        f.write(WORKER)
    count = len(everything)
    # CPython's answers to the same cases are kept from run to run.
    with open(path, "rb") as f:
        digest = hashlib.file_digest(f, "sha256").hexdigest()[:16]
    kept = os.path.join(tempfile.gettempdir(), "compare_calls-%s" % digest)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours = pool.submit(run, os.path.abspath(options.taipan), path, prelude, worker, count)
        if os.path.exists(kept):
            with open(kept, "rb") as f:
                theirs = marshal.load(f)
        else:
            theirs = run(sys.executable, path, prelude, worker, count)
            with open(kept, "wb") as f:
                marshal.dump(theirs, f)
        ours = ours.result()
    groups, expected = collections.defaultdict(list), collections.Counter()
    for i, case in enumerate(everything):
        a, b = theirs.get(i, "missing"), ours.get(i, "missing")
        if a == b:
            continue
        for pattern, reason in EXPECTED:
            if re.search(pattern, case):
                expected[reason] += 1
                break
        else:
            if reason := unseen(a, b):
                expected[reason] += 1
                continue
            groups[shape(a), shape(b)].append((case, a, b))
    total = sum(map(len, groups.values()))
    ordered = sorted(groups.values(), key=len, reverse=True)
    if options.out:
        with open(options.out, "w") as f:
            for group in ordered:
                for case, a, b in group:
                    f.write("%s\n  < %s\n  > %s\n" % (case, a, b))
    for group in ordered[:options.groups]:
        print("%d cases" % len(group))
        step = max(1, len(group) // 3)
        for case, a, b in group[::step][:3]:
            print("   %s\n      CPython: %s\n      Taipan:  %s" % (case, a[:200], b[:200]))
    for reason, n in expected.items():
        print("%d on purpose: %s" % (n, reason))
    print("%d of %d cases differ, in %d groups" % (total, count, len(groups)))
    return total != 0


if __name__ == "__main__":
    sys.exit(main())
