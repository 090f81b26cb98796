# Tracebacks when a signal asks for them, and names of built-in types.
import faulthandler
import os
import signal
import types


def tell(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as e:
        print(type(e).__name__, e)


def ask(number):
    os.kill(os.getpid(), number)


def asked(number, **options):
    reading, writing = os.pipe()
    faulthandler.register(number, file=writing, **options)
    ask(number)
    print(faulthandler.unregister(number))
    os.close(writing)
    with open(reading) as file:
        for line in file:
            # Neither folders nor addresses.
            place = line.replace(os.path.dirname(__file__) + os.sep, "")
            print(" ".join(word for word in place.split() if word[:2] != "0x" and word[0] != "["))


asked(signal.SIGUSR1, all_threads=False)
asked(signal.SIGUSR1)
signal.signal(signal.SIGUSR2, lambda *_: print("handled"))
asked(signal.SIGUSR2, chain=True, all_threads=False)
ask(signal.SIGUSR2)
print(faulthandler.unregister(signal.SIGUSR2))
register = faulthandler.register
for wrong in (0, 99999, signal.SIGSEGV, "x", signal.SIGKILL):
    tell(register, wrong)
tell(register)
tell(register, signal.SIGUSR1, -1)
tell(register, signal.SIGUSR1, "x")
tell(faulthandler.unregister, 0)
for wrong in (0, -1, "x", float("nan")):
    tell(faulthandler.dump_traceback_later, wrong)

print(types.CapsuleType, [name for name in types.__all__ if name.endswith("Type")])
tell(types.CapsuleType)
