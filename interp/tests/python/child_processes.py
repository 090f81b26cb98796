# What a child process is given: signals, descriptors, identity, and how failures before it are told.
import _posixsubprocess
import os
import signal
import subprocess


def run(command, **options):
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, **options).stdout.strip()


for restore in True, False:
    ignored = int(run("grep SigIgn /proc/self/status | cut -f2", restore_signals=restore), 16)
    print([n.name for n in (signal.SIGPIPE, signal.SIGXFSZ) if ignored >> (n - 1) & 1])

read, write = os.pipe()
os.set_inheritable(write, True)
look = f"test -e /proc/self/fd/{write} && echo open || echo closed"
print(run(look), run(look, close_fds=False), run(look, pass_fds=[write]))
os.close(read)
os.close(write)

print(run("umask", umask=0o027), run("pwd", cwd="/"), run("echo $A-$B", env={"A": "1", "B": "x=y"}))
print(run("cut -d' ' -f5 /proc/$$/stat", process_group=0) != str(os.getpgrp()))
print(run("cut -d' ' -f6 /proc/$$/stat", start_new_session=True) != str(os.getsid(0)))
print(run("pwd", preexec_fn=lambda: os.chdir("/usr")))


def bad():
    raise ZeroDivisionError


cases = [
    dict(args=["/nonexistent/program"]),
    dict(args=["no-such-program-anywhere"]),
    dict(args=["true"], cwd="/nonexistent/folder"),
    dict(args=["/etc/passwd"]),
    dict(args=["true"], preexec_fn=bad),
    dict(args=["true"], process_group=2**22 + 5),
]
for case in cases:
    try:
        subprocess.run(case.pop("args"), **case)
    except OSError as e:
        print(type(e).__name__, e.errno, e.filename)
    except subprocess.SubprocessError as e:
        print(type(e).__name__, e)


def direct(**changed):
    given = dict(args=[b"x"], programs=[b"/x"], close=True, keep=(5,), cwd=None, env=None, p2cread=-1, p2cwrite=-1,
                 c2pread=-1, c2pwrite=-1, errread=-1, errwrite=-1, pipe_read=3, pipe_write=5, signals=True,
                 session=False, group=-1, gid=None, groups=None, uid=None, umask=-1, preexec=None)
    given.update(changed)
    try:
        _posixsubprocess.fork_exec(*given.values())
    except (TypeError, ValueError, OverflowError) as e:
        print(changed, type(e).__name__, e)


for changed in [
    dict(pipe_write=2), dict(keep=(1, 0)), dict(keep=("a",)), dict(keep=[5]), dict(keep=(-1,)), dict(args=1),
    dict(args=["\0"]), dict(args=[1]), dict(programs=1), dict(programs=["x"]), dict(env=1), dict(env=["x"]),
    dict(env=[b"a\0"]), dict(groups=1), dict(groups=["a"]), dict(groups=()), dict(gid="a"), dict(gid=1 << 40),
    dict(cwd=1), dict(cwd="a\0b"), dict(umask="a"), dict(p2cread="a"), dict(groups=[-5]),
]:
    direct(**changed)
