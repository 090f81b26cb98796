# In the child of a fork no thread runs but the one that forked; waiting for others ends at once.
import os
import sys
import threading
import warnings

warnings.simplefilter("ignore")


def in_child(report):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        report()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


stop = threading.Event()
waiting = threading.Thread(target=stop.wait)
waiting.start()
later = threading.Thread(target=lambda: print("started in the child"))


def report():
    print(waiting.is_alive(), threading.active_count(), waiting in threading.enumerate())
    waiting.join()
    later.start()
    later.join()
    print(later.is_alive(), threading.main_thread().is_alive())


in_child(report)
print(waiting.is_alive(), threading.active_count(), later.is_alive())


def report_of_thread():
    me = threading.current_thread()
    print(me is threading.main_thread(), me.is_alive(), threading.enumerate() == [me])
    other = threading.Thread(target=lambda: print(me.is_alive(), me.ident != threading.get_ident()))
    other.start()
    other.join()


forking = threading.Thread(target=in_child, args=[report_of_thread])
forking.start()
forking.join()
stop.set()
waiting.join()
print(waiting.is_alive(), forking.is_alive())
