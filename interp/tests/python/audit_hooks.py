# Audit hooks (PEP 578): what they are told, how they forbid, and that tracing does not see them.
import gc
import marshal
import os
import pickle
import sys
import tempfile
import time

seen = []
listening = False
forbidden = set()


def hook(event, args):
    if listening:
        seen.append((event, args))
        if event in forbidden:
            raise RuntimeError("not " + event)


def heard(f, *args, **keywords):
    """What the hook was told while `f` ran, and what came of it."""
    global listening
    seen.clear()
    listening = True
    try:
        f(*args, **keywords)
        outcome = "fine"
    except BaseException as e:
        outcome = f"{type(e).__name__}: {e}"
    finally:
        listening = False
    return list(seen), outcome


def show(f, *args, **keywords):
    events, outcome = heard(f, *args, **keywords)
    for event, about in events:
        print("   ", event, [v if isinstance(v, (int, str, bytes, type(None))) or v == (1, 2) else type(v).__name__ for v in about])
    print("   ", outcome)


for wrong in [(), (1,), ("a\0b",)]:
    try:
        sys.audit(*wrong)
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
sys.audit("nobody listens", 1, 2)
sys.addaudithook(hook)

print("own events")
show(sys.audit, "mine")
show(sys.audit, "mine", 1, "two", None)

print("code")
show(compile, "a = 1", "name", "exec")
show(eval, "1 + 1")
show(exec, "b = 2")
show(exec, compile("c = 3", "name", "exec"))

print("files")
folder = tempfile.mkdtemp()
os.chdir(folder)
show(lambda: open("file", "w").close())
show(lambda: open("file", "ab").close())
show(lambda: open("file", "rb+").close())
show(lambda: os.close(os.open("file", os.O_RDONLY)))
show(os.chmod, "file", 0o600)
show(os.utime, "file", (1, 2))
show(os.utime, "file", ns=(1, 2))
show(os.truncate, "file", 0)
show(os.rename, "file", "other")
show(os.link, "other", "linked")
show(os.symlink, "other", b"symbolic")
show(os.unlink, "linked")
show(os.remove, "symbolic")
show(os.remove, "other")
show(os.remove, "other")
show(os.mkdir, "inner", 0o700)
show(os.listdir)
show(os.listdir, "inner")
show(lambda: list(os.scandir("inner")))
show(os.chdir, "inner")
show(os.chdir, "..")
show(os.rmdir, "inner")
os.chdir("/")
os.rmdir(folder)

print("the process")
show(os.putenv, "AUDITED", "yes")
show(os.unsetenv, "AUDITED")
show(os.system, "true")
show(os.kill, os.getpid() * 0, 0)
show(os.execv, "/no such program", ["it"])

print("the interpreter")
show(time.sleep, 0)
show(time.sleep, -1)
show(sys._getframemodulename, 0)
show(sys._getframe)
show(sys.settrace, None)
show(sys.setprofile, None)
show(sys.monitoring.register_callback, 1, 2, None)
show(gc.get_objects, generation=1)
show(gc.get_referrers, 1)
show(gc.get_referents, 1)
show(marshal.dumps, (1, 2))
show(marshal.loads, b"N")
show(pickle.loads, b"cos\nsep\n.")


class A:
    pass


class B:
    pass


class C(A):
    pass


def change():
    C.__name__ = "D"
    C.__bases__ = (B,)
    A().__class__ = B
    C.other = 1


show(change)

print("forbidden")
forbidden |= {"open", "time.sleep", "mine", "exec"}
show(open, "/etc/hostname")
show(open, 0, closefd=False)
show(time.sleep, 10)
show(sys.audit, "mine")
show(exec, "print('ran')")
forbidden.clear()

print("hooks for hooks")
others = []
forbidden.add("sys.addaudithook")
show(sys.addaudithook, lambda event, args: others.append(event))
sys.audit("second")
print(others)
forbidden.clear()
show(sys.addaudithook, hook=lambda event, args: others.append(event))
sys.audit("third")
print(others)

print("tracing")
calls = []


class Traceable:
    def __call__(self, event, args):
        calls_inside.append(event)


calls_inside = []
traceable = Traceable()
sys.addaudithook(traceable)


def trace(frame, event, arg):
    if frame.f_code is Traceable.__call__.__code__:
        calls.append(event)


sys.settrace(trace)
sys.audit("one")
traceable.__cantrace__ = True
sys.audit("two")
traceable.__cantrace__ = False
sys.audit("three")
sys.settrace(None)
print(calls, [event for event in calls_inside if event in ("one", "two", "three")])

print("imports")
for name in ("colorsys", "os", "xml.dom.minidom"):
    events, outcome = heard(__import__, name)
    print(name, [about[0] for event, about in events if event == "import"][:2], outcome)
