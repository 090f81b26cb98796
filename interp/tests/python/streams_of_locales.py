# Encodings of the streams by locale and UTF-8 mode, and the locale of C that gives way to UTF-8.
import os
import subprocess
import sys

PROGRAM = """
import sys, os, locale
print(*[f"{s.encoding}:{s.errors}" for s in (sys.stdin, sys.stdout, sys.stderr)], sys.flags.utf8_mode)
print(locale.getencoding(), locale.getpreferredencoding(False), locale.setlocale(locale.LC_CTYPE))
print(open(os.devnull).encoding, os.environ.get("LC_CTYPE"))
try:
    print("\\xe9")
except UnicodeEncodeError as e:
    print(e.encoding, e.reason)
"""


def run(*options, **variables):
    environment = {k: v for k, v in os.environ.items() if k[:3] != "LC_" and k != "LANG"}
    environment = {k: v for k, v in environment.items() if not k.startswith(("PYTHONUTF8", "PYTHONCOERCE", "PYTHONIO"))}
    done = subprocess.run([sys.executable, *options, "-c", PROGRAM], env=environment | variables,
                          capture_output=True, stdin=subprocess.DEVNULL)
    print(*options, variables)
    print(done.stdout.decode("utf-8"), done.stderr.decode(), sep="", end="")


run(LC_ALL="C")
run(LC_ALL="C", PYTHONUTF8="0")
run("-X", "utf8=0", LC_CTYPE="C", PYTHONCOERCECLOCALE="0")
run("-X", "utf8=0", LC_CTYPE="C", PYTHONCOERCECLOCALE="warn")
run("-X", "utf8", LC_ALL="C", PYTHONCOERCECLOCALE="warn")
run(PYTHONUTF8="0", PYTHONIOENCODING=":replace", LC_ALL="C")
run()
