"""What happens at exit: threads are waited for, finalisers run with everything still there."""
import sys
import threading
import time


def late():
    time.sleep(0.05)
    print("thread ends", threading.main_thread().is_alive())


class Finalised:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("finalised", self.name, sys.is_finalizing(), len([1, 2]))


def suspended():
    try:
        yield
    finally:
        print("generator closed")


first, second = Finalised("first"), Finalised("second")
here = sys.modules[__name__]
generator = suspended()
next(generator)
threading.Thread(target=late).start()
print("main ends")
