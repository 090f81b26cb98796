# A signal ends a wait however shortly before it comes, and whichever thread the system gives it to.
import os
import select
import signal
import socket
import threading
import time


class Woken(Exception):
    pass


def handler(number, frame):
    raise Woken


signal.signal(signal.SIGALRM, handler)


def sleep():
    time.sleep(20)


def wait_for_poll():
    select.poll().poll(20_000)


def wait_for_select():
    select.select([], [], [], 20)


def wait_for_epoll():
    with select.epoll() as epoll:
        epoll.poll(20)


def wait_for_socket():
    one.recv(1)


one, other = socket.socketpair()
one.settimeout(20)
waits = [sleep, wait_for_poll, wait_for_select, wait_for_epoll, wait_for_socket, signal.pause]


def round(wait, delay):
    """Whether the wait was ended early."""
    started = time.monotonic()
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, delay)
            wait()
        except Woken:
            pass
    except Woken:
        pass
    return time.monotonic() - started < 15


for wait in waits:
    woken = 0
    i = 0
    while i < 60:
        i += 1
        try:
            woken += round(wait, i * 1e-6)
        except Woken:
            woken += 1
    print(wait.__name__, woken)

# Another thread, which the system may choose while the main one holds signals back.
done = threading.Event()
busy = threading.Thread(target=done.wait)
busy.start()
print(sum(round(sleep, i * 1e-6) for i in range(5, 65)))
done.set()
busy.join()

# What is sent to this process itself has arrived when the call returns.
signal.signal(signal.SIGUSR1, handler)
for send in (
    lambda: os.kill(os.getpid(), signal.SIGUSR1),
    lambda: signal.raise_signal(signal.SIGUSR1),
    lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR1),
    lambda: signal.pidfd_send_signal(os.pidfd_open(os.getpid()), signal.SIGUSR1),
):
    try:
        send()
    except Woken:
        print("at once")

# Limits that are none.
poll = select.poll()
poll.register(1)
for f, values in (
    (poll.poll, (1 << 64, 1 << 40, -(2**70), 1e300, float("nan"), "x")),
    (lambda v: select.select([], [], [], v), (1 << 64, float("nan"), "x", -1e-10)),
    (select.epoll().poll, (1 << 64, 1 << 40, 1e300, float("nan"), "x")),
    (lambda v: poll.modify(1, v), (-1, 65536, 1 << 64, "x")),
    (time.sleep, (1 << 64, -1, "x")),
):
    for value in values:
        try:
            print(f(value))
        except (TypeError, ValueError, OverflowError) as e:
            print(type(e).__name__, e)


class Shrinking:
    def fileno(self):
        del files[-1]
        return 1


files = []
files[:] = [Shrinking() for _ in range(10)]
print(len(select.select([], files, [], 0)[1]), len(files))
