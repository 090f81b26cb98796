# A signal that comes while native code waits: its handler runs, and the call goes on (PEP 475).
import os
import signal
import time

seen = []


def note(number, frame):
    seen.append(number == signal.SIGUSR1)


signal.signal(signal.SIGUSR1, note)


def signalled_by_child(wait):
    """A child that signals us while we wait in `wait`, and ends some time later."""
    del seen[:]
    parent = os.getpid()
    child = os.fork()
    if not child:
        time.sleep(0.02)
        os.kill(parent, signal.SIGUSR1)
        time.sleep(0.02)
        os._exit(3)
    result = wait(child)
    print(seen, result)


signalled_by_child(lambda child: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
signalled_by_child(lambda child: os.waitstatus_to_exitcode(os.wait()[1]))
signalled_by_child(lambda child: os.waitstatus_to_exitcode(os.wait4(child, 0)[1]))
signalled_by_child(lambda child: os.waitid(os.P_PID, child, os.WEXITED).si_status)


def system():
    del seen[:]
    status = os.system(f"kill -USR1 {os.getpid()}")
    print(status, seen)


system()


def fail(number, frame):
    raise KeyError("from the handler")


signal.signal(signal.SIGUSR1, fail)
try:
    os.system(f"kill -USR1 {os.getpid()}")
    print("not reached")
except KeyError as e:
    print(e)
for _ in range(20):
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        print("not reached")
    except KeyError:
        pass
