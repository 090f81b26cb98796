# What `subprocess` does in the child between fork and exec.
import os
import subprocess
import sys


def output(code, **options):
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, **options).stdout.strip()


# Descriptors that children may inherit are closed all the same, but for those to pass.
one, two = os.pipe()
os.set_inheritable(one, True)
os.set_inheritable(two, True)
IS_OPEN = f"import os; print([os.path.exists(f'/proc/self/fd/{{n}}') for n in ({one}, {two})])"
print(output(IS_OPEN), output(IS_OPEN, pass_fds=[two]), output(IS_OPEN, close_fds=False))

print(output("import os; print(os.getpgrp() == os.getpid())", process_group=0))
print(output("import os; print(os.getpgrp() == os.getpid())"))
print(output("import os; print(os.getsid(0) == os.getpid())", start_new_session=True))
print(output("import os; print(oct(os.umask(0)))", umask=0o27))
for restore in (True, False):
    out = subprocess.run(["grep", "SigIgn", "/proc/self/status"], capture_output=True, restore_signals=restore).stdout
    print(restore, hex(int(out.split()[1], 16) & 0x1000))

for options in [
    {"cwd": "/no such folder"},
    {"args": ["/no such program"]},
    {"preexec_fn": lambda: os.chdir("/no such folder")},
    {"preexec_fn": lambda: 1 // 0},
    {"group": 1 << 64},
    {"user": 1 << 64},
    {"extra_groups": [1 << 64]},
    {"process_group": 1 << 22},
]:
    try:
        subprocess.Popen(**{"args": ["true"], **options}).wait()
    except Exception as e:
        print(type(e).__name__, e, getattr(e, "filename", None))
if os.getuid() == 0:
    command = ["grep", "-E", "^(Uid|Gid|Groups)", "/proc/self/status"]
    lines = subprocess.run(command, capture_output=True, user=1, group=2, extra_groups=[3]).stdout.split()
    assert lines == b"Uid: 1 1 1 1 Gid: 2 2 2 2 Groups: 3".split(), lines
