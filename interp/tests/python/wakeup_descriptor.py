# What cannot be written to the wakeup descriptor, masks of huge numbers, and signals nobody handles.
import _thread
import os
import resource
import signal
import sys


def shown(unraisable):
    text = unraisable.err_msg
    print(type(unraisable.exc_value).__name__, unraisable.exc_value, "|", text, unraisable.object,
          unraisable.exc_traceback is not None)


sys.unraisablehook = shown
signal.signal(signal.SIGUSR1, lambda n, frame: print("handled", n))
read, write = os.pipe()
os.set_blocking(read, False)
os.set_blocking(write, False)

signal.set_wakeup_fd(read)  # cannot be written to
signal.raise_signal(signal.SIGUSR1)

for options in {}, {"warn_on_full_buffer": False}, {"warn_on_full_buffer": True}:
    signal.set_wakeup_fd(write, **options)
    for size in 2**16, 1:
        try:
            while True:
                os.write(write, b"x" * size)
        except BlockingIOError:
            pass
    signal.raise_signal(signal.SIGUSR1)
print(signal.set_wakeup_fd(-1) == write)
os.close(read)
os.close(write)

for number in 1 << 1000, -(1 << 1000), 0, 65, 1 << 31:
    for call in lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [number]), lambda: signal.sigwait([number]):
        try:
            call()
        except Exception as e:
            print(type(e).__name__, e)
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, ["1"])
except TypeError as e:
    print(e)
try:
    signal.pthread_sigmask(1 << 40, [])
except OverflowError as e:
    print(e)

signal.signal(signal.SIGUSR1, signal.SIG_DFL)
_thread.interrupt_main(signal.SIGUSR1)
print("end")
functions = [
    signal.strsignal,
    signal.getsignal,
    lambda n: signal.signal(n, signal.SIG_DFL),
    lambda n: signal.siginterrupt(n, 1),
    lambda n: signal.raise_signal(n or 65),
    lambda n: signal.pthread_kill(_thread.get_ident(), n or 65),
]
for bad in 0, 65, 1 << 40:
    for f in functions:
        try:
            print(f(bad))
        except Exception as e:
            print(type(e).__name__, e)

# A file that grows beyond the limit is an error; limits are unsigned, and -1 is none.
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
for limit in -5, -(1 << 70), 1 << 64, 1.5, (1 << 64) - 2, -1:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, limit) if limit == -5 else (limit, hard))
        print(resource.getrlimit(resource.RLIMIT_CORE)[0] == limit or hard != -1)
    except (ValueError, OverflowError, TypeError) as e:
        print(type(e).__name__, e)
print(signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN, signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN)
