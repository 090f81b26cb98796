"""Threads that switch, and finalisers that run, where functions and loops are just becoming hot."""
import gc
import sys
import threading
import time


def main(seconds):
    def sleeps():
        try:
            yield
        finally:
            time.sleep(0.000001)

    class Nested(list):
        made = []
        finalised = []

        def __init__(self, items):
            self[:] = items
            Nested.made.append(None)

        def __del__(self):
            Nested.finalised.append(None)
            g = sleeps()
            next(g)

    def nest():
        x = Nested([])
        for i in range(60):
            x = [Nested([x])]
        del x

    def work():
        while not ended:
            nest()

    ended = []
    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    time.sleep(seconds)
    ended.append(1)
    for t in threads:
        t.join()
    gc.collect()
    return len(Nested.made) == len(Nested.finalised) > 0


before = sys.getswitchinterval()
sys.setswitchinterval(1e-5)
print(main(0.3))
sys.setswitchinterval(before)
