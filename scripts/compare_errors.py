"""Compares the errors of Taipan's compiler with those of CPython 3.14.

Run with python3.14: compare_errors.py ERRORS TESTS where ERRORS is the `errors`
example of taipan-compiler and TESTS the directory of CPython's tests. The wrong
programs are those of test_syntax.py and test_exceptions.py, cut short or
mangled ones made from them, and files given after TESTS.
"""

import ast
import doctest
import os
import subprocess
import sys
import warnings


def expected(source):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, "f", "exec", dont_inherit=True, optimize=0)
        except SyntaxError as e:
            return "%s: %s %s %s %s %s" % (type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset)
        except Exception as e:
            return "%s: %s" % (type(e).__name__, e)
    return "ok " + " / ".join("%s %s" % (w.lineno, str(w.message).replace("\n", "\\n")) for w in caught)


def strings(path):
    with open(path) as f:
        tree = ast.parse(f.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 1 < len(node.value) < 2000:
            yield node.value


def corpus(tests, files):
    out = []
    with open(os.path.join(tests, "test_syntax.py")) as f:
        doc = ast.get_docstring(ast.parse(f.read()), clean=False)
    for example in doctest.DocTestParser().get_examples(doc):
        out.append(example.source)
    for name in ("test_syntax.py", "test_exceptions.py", "test_fstring.py", "test_tstring.py", "test_grammar.py",
                 "test_named_expressions.py", "test_patma.py", "test_type_params.py", "test_positional_only_arg.py",
                 "test_except_star.py", "test_global.py", "test_eof.py", "test_unpack_ex.py"):
        path = os.path.join(tests, name)
        if os.path.exists(path):
            out.extend(strings(path))
    for path in files:
        with open(path) as f:
            text = f.read()
        lines = text.splitlines(True)
        for i in range(0, len(lines), 7):
            # Programs with a piece missing, which break in all sorts of places.
            chunk = lines[max(0, i - 12):i + 8]
            out.append("".join(chunk[:6]) + "".join(chunk[7:]))
            out.append("".join(chunk)[:-5])
            out.append("".join(chunk).replace(":", "", 1))
            out.append("".join(chunk).replace(")", "", 1))
            out.append("".join(chunk).replace(",", " ", 1))
            out.append("".join(chunk).replace("(", "[", 1))
            out.append("".join(chunk).replace("=", "==", 1))
            out.append("".join(chunk).replace("==", "=", 1))
            out.append("".join(chunk).replace('"', "", 1))
    seen = set()
    for s in out:
        if "\0" in s or "\r" in s or s in seen:
            continue
        try:
            s.encode()
        except UnicodeError:
            continue
        seen.add(s)
        yield s


def main():
    errors, tests, *files = sys.argv[1:]
    limit = int(os.environ.get("LIMIT", "40"))
    sources = list(corpus(tests, files))
    run = subprocess.run([errors], input="\0".join(sources), capture_output=True, text=True)
    ours = run.stdout.split("\n")[:-1]
    if len(ours) != len(sources):
        print("answers:", len(ours), "of", len(sources), run.stderr[-300:])
    words = places = 0
    for source, got in zip(sources, ours):
        want = expected(source)
        if got.strip() == want.strip():
            continue
        same_words = got.rsplit(" ", 4)[0] == want.rsplit(" ", 4)[0]
        if same_words:
            places += 1
        else:
            words += 1
        if limit > 0:
            limit -= 1
            print("-----", repr(source[-300:]))
            print("   ours  ", got[:300])
            print("   theirs", want[:300])
    print(len(sources), "sources;", words, "differ in words,", places, "in place only")


main()
